//! One set of facts in the form that was asked for: only that one is made, and what programs read goes with each.

use conductor_plugin::{Format, Host, Outcome, Plan, Style, Text};

/// The outcome: `json` in every form, since the host takes the exit code from it; beside it the text for a terminal of so many columns, or
/// Markdown for Claude.
#[must_use]
pub fn outcome(
    host: &dyn Host,
    json: String,
    plan: Option<Plan>,
    terminal: impl FnOnce(u16) -> Text,
    markdown: impl FnOnce() -> String,
) -> Outcome {
    let text = match host.presentation() {
        Format::Terminal(columns) => terminal(columns),
        Format::Markdown(_) => {
            let mut text = Text::default();
            text.push(Style::Plain, &markdown());
            text
        }
        Format::Json => Text::default(),
    };
    Outcome {
        json,
        plan,
        ..Outcome::from(text)
    }
}
