//! What is typed behind the name of a plugin: its own arguments, from its manifest, and the host's flags for a run.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, Str, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value};

use crate::manifest::{Argument, ArgumentType, Manifest};
use crate::{question, visible};

use super::{Form, PluginCall, flag, text};

/// The command of a plugin: its own arguments, then the host's.
#[must_use]
pub fn of_plugin(manifest: &Manifest) -> Command {
    Command::new(Str::from(manifest.name.clone()))
        .about(visible::line(&manifest.summary, SHOWN))
        .args(manifest.arguments.iter().map(of_argument))
        .next_help_heading("Output and project")
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORM")
                .value_parser(["terminal", "claude", "json"])
                .default_value("terminal")
                .help("For whom: a person, Claude (Markdown, always exit code 0), or a program"),
        )
        .arg(flag("json", "The same as --format json").conflicts_with("format"))
        .arg(
            Arg::new("project")
                .long("project")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .value_hint(clap::ValueHint::DirPath)
                .help("The folder that holds conductor/ (otherwise the nearest one, up to the git root)"),
        )
        .arg(
            flag("watch", "Show it again whenever something changes, until Ctrl-C")
                .conflicts_with_all(["format", "json"]),
        )
        .args(manifest.writes().then(|| {
            flag(
                "dry-run",
                "Change nothing: no command that writes is started, and no file is written",
            )
        }))
        .args(manifest.plans.then(|| {
            Arg::new("apply")
                .long("apply")
                .value_name("PLAN")
                .value_parser(digest)
                .conflicts_with("watch")
                .conflicts_with_all(manifest.writes().then_some("dry-run"))
                .help("Carry out the plan with this digest, once you have agreed to it")
        }))
        .args(manifest.plans.then(|| {
            flag(
                "yes",
                "Carry out the plan without asking, where you have agreed to all of its kind",
            )
            .conflicts_with_all(["apply", "choose"])
            .conflicts_with_all(manifest.writes().then_some("dry-run"))
        }))
        .arg(
            Arg::new("choose")
                .long("choose")
                .value_name("CODE=KEY")
                .value_parser(choice)
                .conflicts_with("watch")
                .conflicts_with_all(manifest.writes().then_some("dry-run"))
                .help("Answer the choice of this code with this key; any other is shown"),
        )
}

/// The beginning of a plan's digest, in any case of letters.
fn digest(typed: &str) -> Result<String, String> {
    let typed = typed.to_ascii_lowercase();
    match question::is_digest(&typed) {
        true => Ok(typed),
        false => Err(format!(
            "a plan is named by the first {} digits of its digest, or more",
            question::SHOWN
        )),
    }
}

fn choice(typed: &str) -> Result<(String, String), String> {
    let (code, key) = typed
        .split_once('=')
        .ok_or("it is `CODE=KEY`: the choice that is meant, and the answer")?;
    match code.is_empty() || key.is_empty() {
        true => Err("it is `CODE=KEY`: the choice that is meant, and the answer".to_owned()),
        false => Ok((code.to_owned(), key.to_owned())),
    }
}

fn of_argument(argument: &Argument) -> Arg {
    let name = Str::from(argument.name.clone());
    let arg = Arg::new(name.clone())
        .help(help_of(argument))
        .required(argument.required);
    let arg = if argument.positional { arg } else { arg.long(name) };
    let arg = match &argument.kind {
        ArgumentType::Flag => return arg.action(ArgAction::SetTrue),
        ArgumentType::Text => arg.value_parser(ValueParser::string()),
        ArgumentType::Int => arg.value_parser(value_parser!(i64)).allow_negative_numbers(true),
        ArgumentType::OneOf(words) => arg.value_parser(PossibleValuesParser::new(words.iter().cloned().map(Str::from))),
    };
    let arg = arg.value_name(argument.name.to_uppercase());
    match &argument.complete {
        Some(complete) => arg.add(crate::completion::folders(complete.folders.clone())),
        None => arg,
    }
}

/// The most characters of a line of help that is an author's.
const SHOWN: usize = 400;

/// The author's line, with the default behind it as the host's own flags have it.
fn help_of(argument: &Argument) -> String {
    let default = argument.default.as_ref().map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    match default {
        Some(default) => format!(
            "{} [default: {}]",
            visible::line(&argument.help, SHOWN),
            visible::line(&default, SHOWN)
        ),
        None => visible::line(&argument.help, SHOWN),
    }
}

/// Reads what is typed behind `--` of `plugin run`, or behind a slash command: `called` is what stands before it.
///
/// # Errors
/// As of [`parse`].
pub fn parse_of_plugin(manifest: &Manifest, typed: Vec<OsString>, called: &str) -> Result<PluginCall, clap::Error> {
    let command = of_plugin(manifest).no_binary_name(true).bin_name(called.to_owned());
    Ok(plugin_call(manifest, &command.try_get_matches_from(typed)?))
}

/// Reads arguments that are the plugin's own and no others: those of a choice that it offers.
///
/// # Errors
/// As of [`parse`].
pub fn parse_own(manifest: &Manifest, typed: &[String]) -> Result<Map<String, Value>, clap::Error> {
    let command = Command::new(Str::from(manifest.name.clone()))
        .no_binary_name(true)
        .args(manifest.arguments.iter().map(of_argument));
    Ok(arguments(manifest, &command.try_get_matches_from(typed)?))
}

/// The plugin's own arguments that were given, or have a default.
fn arguments(manifest: &Manifest, matches: &ArgMatches) -> Map<String, Value> {
    let given = manifest.arguments.iter().filter_map(|argument| {
        let value = value(argument, matches).or_else(|| argument.default.clone());
        Some((argument.name.clone(), value?))
    });
    given.collect()
}

pub(super) fn plugin_call(manifest: &Manifest, matches: &ArgMatches) -> PluginCall {
    let form = match (matches.get_flag("json"), text(matches, "format")) {
        (true, _) | (_, Some("json")) => Form::Json,
        (_, Some("claude")) => Form::Claude,
        _ => Form::Terminal,
    };
    PluginCall {
        arguments: arguments(manifest, matches),
        form,
        project: matches.get_one("project").cloned(),
        watch: matches.get_flag("watch"),
        dry_run: manifest.writes() && matches.get_flag("dry-run"),
        apply: manifest
            .plans
            .then(|| text(matches, "apply").map(str::to_owned))
            .flatten(),
        yes: manifest.plans && matches.get_flag("yes"),
        choose: matches.get_one("choose").cloned(),
        tape: None,
    }
}

fn value(argument: &Argument, matches: &ArgMatches) -> Option<Value> {
    match argument.kind {
        ArgumentType::Flag => matches.get_flag(&argument.name).then_some(Value::Bool(true)),
        ArgumentType::Int => matches.get_one::<i64>(&argument.name).map(|&int| int.into()),
        ArgumentType::Text | ArgumentType::OneOf(_) => text(matches, &argument.name).map(Value::from),
    }
}
