//! `conductor audit`: what plugins did and what they were refused, newest last.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::args::{AuditCall, Form, Since};
use crate::audit::{self, Decision, Operation, Outcome, Record, Text, What};
use crate::error::Error;
use crate::manifest::Effect;
use crate::render::Render;
use crate::visible;

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.audit/1";
/// The most characters of what was done in a line; `--json` has more of it.
const SHOWN: usize = 160;

/// The data of `--json`, published as `docs/schema/audit.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Listing<'a> {
    schema: &'static str,
    /// The records, newest last. The files hold the same, one a line.
    records: &'a [Record],
    /// How many lines of the files could not be read.
    damaged: usize,
}

/// Shows the log; the exit code.
pub(super) fn show(render: &Render, call: &AuditCall) -> u8 {
    let form = if call.json { Form::Json } else { Form::Terminal };
    let render = render.in_form(form);
    let found = match audit::records() {
        Ok(found) => found,
        Err(error) => {
            let error = Error::failed("audit", format!("the audit log can't be read: {error:#}"))
                .hinted("it is read only where nobody but you can have written it");
            return render.error(&error, &[]);
        }
    };
    let all = found.records.len();
    let records = chosen(found.records, call, Timestamp::now());
    if call.json {
        let listing = Listing {
            schema: SCHEMA,
            records: &records,
            damaged: found.damaged,
        };
        return render.data(&listing, &[]);
    }
    if found.damaged > 0 {
        render.note(&format!("lines of the audit log that can't be read: {}", found.damaged));
    }
    render.text(&match records.is_empty() {
        true => nothing(all),
        false => lines(&records),
    })
}

fn chosen(mut records: Vec<Record>, call: &AuditCall, now: Timestamp) -> Vec<Record> {
    let since = match call.since {
        Some(Since::At(time)) => time,
        // Longer ago than times go back is everything.
        Some(Since::Ago(ago)) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        None => Timestamp::MIN,
    };
    let is_of = |record: &Record| call.plugin.as_ref().is_none_or(|plugin| *plugin == record.plugin);
    records.retain(|record| record.time >= since && is_of(record));
    records
}

/// What it means that there is nothing to show; `all` is how many records there are beside those that were asked for.
fn nothing(all: usize) -> String {
    match all {
        0 => "no records: no plugin has changed anything, started a program or been refused anything\n".to_owned(),
        all => format!("no such records: there are {all}, and `conductor audit` shows them\n"),
    }
}

/// The records as a table: time, plugin, effect, what, outcome.
fn lines(records: &[Record]) -> String {
    let plugin = |record: &Record| visible::line(&record.plugin, SHOWN);
    let width = records
        .iter()
        .map(|record| plugin(record).chars().count())
        .max()
        .unwrap_or_default();
    records
        .iter()
        .map(|record| {
            format!(
                "{}  {:width$}  {:7}  {}   {}\n",
                record.time.strftime("%Y-%m-%d %H:%M:%SZ"),
                plugin(record),
                effect(&record.what),
                visible::line(&what(&record.what), SHOWN),
                visible::line(&outcome(&record.what), SHOWN)
            )
        })
        .collect()
}

fn effect(what: &What) -> &'static str {
    match what {
        What::Command {
            effect: Effect::Read, ..
        } => "reads",
        What::Command {
            effect: Effect::Write, ..
        }
        | What::File { .. } => "WRITES",
        What::Decision { .. } => "you",
        What::Refusal { .. } => "refused",
        What::Run { .. } => "ended",
    }
}

fn what(what: &What) -> String {
    match what {
        What::Command { argv, .. } => argv.iter().map(word).collect::<Vec<_>>().join(" "),
        What::File {
            grant, path, operation, ..
        } => format!("{} {path} (grant `{grant}`)", verb(*operation)),
        What::Refusal { message, .. } => message.to_string(),
        What::Decision { decision, grants, .. } => decided(*decision, grants),
        What::Run {
            arguments, unlisted: 0, ..
        } => format!("a run with {arguments}"),
        What::Run {
            arguments, unlisted, ..
        } => {
            format!("a run with {arguments}, {unlisted} more commands that only read")
        }
    }
}

/// An argument as it would be typed.
fn word(argument: &Text) -> String {
    match argument {
        Text::Whole(text) => visible::word(text),
        Text::Cut { .. } => argument.to_string(),
    }
}

fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creates",
        Operation::Replace => "replaces",
        Operation::Remove => "removes",
    }
}

fn decided(decision: Decision, grants: &[String]) -> String {
    let grants = match grants {
        [] => "no grant".to_owned(),
        grants => format!("`{}`", grants.join("`, `")),
    };
    match decision {
        Decision::Install => format!("installed it, it holds {grants}"),
        Decision::Remove => "removed it".to_owned(),
        Decision::Allow => format!("granted {grants}"),
        Decision::Revoke => format!("took back {grants}"),
    }
}

fn outcome(what: &What) -> String {
    match what {
        What::Command {
            outcome,
            duration_ms: Some(duration),
            ..
        } => format!("{}   {}", came(outcome), length(*duration)),
        What::Command { outcome, .. } => came(outcome),
        What::Decision { outcome, .. } => came(outcome),
        What::File { outcome, bytes, .. } => format!("{}   {bytes} bytes", came(outcome)),
        What::Refusal { count: 1, .. } => "once".to_owned(),
        What::Refusal { count, .. } => format!("{count} times"),
        What::Run { exit, .. } => format!("exit {exit}"),
    }
}

fn length(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", Duration::from_millis(milliseconds).as_secs_f64()),
    }
}

fn came(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Begun => "its end is not recorded".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Exit(code) => format!("exit {code}"),
        Outcome::Signal(signal) => format!("ended by signal {signal}"),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::Refused(code) => format!("refused: {code}"),
        Outcome::NotStarted(code) => format!("not started: {code}"),
        Outcome::Failed(code) => format!("failed: {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Listing<'static>>("audit");
    }
}
