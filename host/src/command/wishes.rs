//! What a plugin wants, as rows for a person and as data for a program.

use jiff::Timestamp;
use serde::Serialize;

use crate::grant::{Wish, WishKind};
use crate::manifest::Effect;
use crate::visible;

/// The most characters that are shown of a text of the author's.
pub(super) const SHOWN: usize = 160;

/// One thing that it wants.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Wanted<'a> {
    /// The name of the grant.
    grant: &'a str,
    granted: bool,
    effect: Effect,
    /// `files` or `start`.
    kind: &'static str,
    /// A folder or file, or the command line with its holes.
    what: &'a str,
    /// The place or folder that it is in.
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_bytes: Option<u64>,
    /// What the program gets of the environment beside what every one gets.
    environment: &'a [String],
    /// Why it may run anything, where it is known to.
    #[serde(skip_serializing_if = "Option::is_none")]
    unbounded: Option<&'a str>,
    reason: &'a str,
    /// Another digest is another wish.
    digest: &'a str,
    /// When a command of it was last started or a file changed by it, in UTC (RFC 3339), as far as the audit log goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
}

/// A wish as data; `last_used` is when the audit log has it.
pub(super) fn wanted<'a>(wish: &'a Wish, last_used: Option<&Timestamp>) -> Wanted<'a> {
    let (kind, timeout_ms, max_output_bytes) = match wish.kind {
        WishKind::Files => ("files", None, None),
        WishKind::Start {
            timeout_ms,
            max_output_bytes,
        } => ("start", Some(timeout_ms), Some(max_output_bytes)),
    };
    Wanted {
        grant: &wish.name,
        granted: wish.granted,
        effect: wish.effect,
        kind,
        what: &wish.what,
        place: &wish.place,
        timeout_ms,
        max_output_bytes,
        environment: &wish.environment,
        unbounded: wish.unbounded.as_deref(),
        reason: &wish.reason,
        digest: &wish.digest,
        last_used: last_used.map(ToString::to_string),
    }
}

/// A row of the table.
pub(super) struct Row<'a> {
    pub(super) wish: &'a Wish,
    /// What stands in the second column.
    pub(super) lead: String,
    /// The wish that it has taken the place of.
    pub(super) was: Option<&'a Wish>,
}

impl<'a> Row<'a> {
    /// A wish, and whether it is granted.
    pub(super) fn granted(wish: &'a Wish) -> Self {
        Self {
            wish,
            lead: if wish.granted { "yes" } else { "no" }.to_owned(),
            was: None,
        }
    }
}

/// The title of the second column where it says whether a wish is granted.
pub(super) const GRANTED: &str = "granted";

/// A row for each wish, with the reason and what else belongs to it below; `lead` is the title of the second column.
pub(super) fn table(lead: &str, rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return "  It wants nothing.\n\n".to_owned();
    }
    let names = rows.iter().map(|row| row.wish.name.len());
    let width = names.max().unwrap_or_default().max("grant".len());
    let second = lead.len();
    let mut table = format!("  effect  {lead}  {:width$}  what, and the author's reason\n", "grant");
    let below = " ".repeat(2 + 6 + 2 + second + 2 + width + 2 + 7);
    for (index, Row { wish, lead, was }) in rows.iter().enumerate() {
        table.push_str(&format!(
            "  {:6}  {lead:second$}  {:width$}  {}\n",
            wish.shown_effect(),
            wish.name,
            what(wish)
        ));
        table.push_str(&format!("{below}{}\n", visible::line(&wish.reason, SHOWN)));
        if !wish.environment.is_empty() {
            let has_the_same = |row: &&Row<'_>| row.wish.environment == wish.environment;
            let told = match rows[..index].iter().find(has_the_same) {
                Some(row) => format!("with what `{}` has", row.wish.name),
                None => environment(wish),
            };
            table.push_str(&format!("{below}{told}\n"));
        }
        if let Some(was) = was {
            table.push_str(&format!("{below}was: {} {}\n", was.shown_effect(), what(was)));
            if was.environment != wish.environment {
                table.push_str(&format!("{below}     {}\n", environment(was)));
            }
        }
        if let Some(why) = &wish.unbounded {
            table.push_str(&format!(
                "{below}UNBOUNDED, runs anything: {}\n",
                visible::line(why, SHOWN)
            ));
        }
    }
    table.push('\n');
    table
}

fn what(wish: &Wish) -> String {
    match wish.kind {
        WishKind::Files => format!("files  {} of the {}", visible::line(&wish.what, SHOWN), wish.place),
        WishKind::Start {
            timeout_ms,
            max_output_bytes,
        } => format!(
            "start  {}   in {}, {} s, {} KiB",
            visible::text(&wish.what),
            wish.place,
            timeout_ms as f64 / 1000.0,
            max_output_bytes >> 10
        ),
    }
}

fn environment(wish: &Wish) -> String {
    match wish.environment.as_slice() {
        [] => "with nothing of the environment".to_owned(),
        some => format!("with {}", visible::line(&some.join(" "), SHOWN)),
    }
}
