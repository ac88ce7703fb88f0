//! What a move would do, and the digest that stands for it: the person agrees to exactly this.

use conductor_plugin::{Failure, Host, digest};

use crate::facts::Facts;

/// A move that could be made.
#[derive(Debug)]
pub struct Prepared {
    /// What there is to say.
    pub facts: Facts,
    /// How many agents it starts.
    pub starts: usize,
}

impl Prepared {
    /// One that says what it comes to: a plan where it does something and nothing has to come before.
    #[must_use]
    pub fn of(mut facts: Facts, starts: usize, parts: &[String]) -> Self {
        facts.what = match (facts.asks.is_empty(), facts.does.is_empty()) {
            (false, _) => "waits",
            (true, true) => "nothing",
            (true, false) => "plan",
        };
        if facts.what == "plan" {
            let head = ["conductor migrate, 1", &facts.track, facts.to.unwrap_or_default()];
            let all = head
                .into_iter()
                .chain(facts.does.iter().map(String::as_str))
                .chain(parts.iter().map(String::as_str));
            // Each part with its length before it: no words of a plan can pass for another part.
            let text: String = all.map(|part| format!("{} {part}\n", part.len())).collect();
            facts.digest = Some(digest(text.as_bytes()));
        }
        Self { facts, starts }
    }
}

/// What a failure asks for, in one line, where it is shown beside the rest: in a dry run, and where it has no choices. Otherwise it is the
/// answer.
///
/// # Errors
/// The failure.
pub fn asked(host: &dyn Host, failure: Failure, track: &str) -> Result<String, Failure> {
    if !host.dry_run() && !failure.choices.is_empty() {
        return Err(here(failure));
    }
    let failure = here(failure);
    let choices: Vec<String> = failure
        .choices
        .iter()
        .map(|choice| {
            let words: Vec<&str> = choice
                .args
                .iter()
                .map(String::as_str)
                .filter(|word| *word != track)
                .collect();
            format!("{}: `conductor migrate {track} {}`", choice.label, words.join(" ")).replace(" `)", "`)")
        })
        .collect();
    let hint = failure.hint.into_iter().chain(choices).collect::<Vec<_>>().join("; ");
    Ok(match hint.is_empty() {
        true => failure.message,
        false => format!("{} ({hint})", failure.message),
    })
}

/// Without what only a dispatch has: its mode, and the choices of another one.
fn here(mut failure: Failure) -> Failure {
    for choice in &mut failure.choices {
        choice.args.retain(|word| word != "--mode=gastown");
    }
    failure
        .choices
        .retain(|choice| !choice.args.iter().any(|word| word.starts_with("--mode")));
    failure
}
