//! What is shown of a run: facts first, then one of three forms of them.

pub mod facts;
mod graph;
mod holders;
mod markdown;
mod terminal;

use conductor_plugin::{Format, Host, Outcome, Plan, Style, Text};

use facts::{All, Facts};

pub use graph::graph;
pub use holders::holders;

/// The outcome of a run in the form that was asked for.
#[must_use]
pub fn outcome(host: &dyn Host, facts: &Facts, plan: Option<Plan>) -> Outcome {
    let json = serde_json::to_string(facts).expect("these types are JSON");
    in_form(
        host,
        json,
        plan,
        |columns| terminal::text(facts, columns),
        || markdown::text(facts),
    )
}

/// The outcome of a run on all tracks.
#[must_use]
pub fn all(host: &dyn Host, all: &All) -> Outcome {
    let json = serde_json::to_string(all).expect("these types are JSON");
    in_form(
        host,
        json,
        None,
        |columns| terminal::all(all, columns),
        || markdown::all(all),
    )
}

fn in_form(
    host: &dyn Host,
    json: String,
    plan: Option<Plan>,
    terminal: impl FnOnce(u16) -> Text,
    markdown: impl FnOnce() -> String,
) -> Outcome {
    let text = match host.presentation() {
        Format::Terminal(columns) => Outcome::from(terminal(columns)).text,
        Format::Markdown(_) => {
            let mut text = Text::default();
            text.push(Style::Plain, &markdown());
            Outcome::from(text).text
        }
        Format::Json => Vec::new(),
    };
    Outcome { text, json, plan }
}
