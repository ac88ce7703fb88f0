//! What is shown of a run: facts first, then one of three forms of them.

pub mod facts;
mod graph;
mod markdown;
mod terminal;

use conductor_plugin::{Format, Host, Outcome, Plan, Style, Text};

use facts::Facts;

pub use graph::graph;

/// The outcome of a run in the form that was asked for.
#[must_use]
pub fn outcome(host: &dyn Host, facts: &Facts, plan: Option<Plan>) -> Outcome {
    let mut outcome = Outcome {
        text: Vec::new(),
        json: serde_json::to_string(facts).expect("these types are JSON"),
        plan,
    };
    match host.presentation() {
        Format::Terminal(columns) => outcome.text = Outcome::from(terminal::text(facts, columns)).text,
        Format::Markdown(_) => {
            let mut text = Text::default();
            text.push(Style::Plain, &markdown::text(facts));
            outcome.text = Outcome::from(text).text;
        }
        Format::Json => {}
    }
    outcome
}
