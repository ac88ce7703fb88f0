//! What is said when something could not be done: a kind (which decides the exit code), one sentence, lines under it, and what
//! to type next.

use std::fmt;

use crate::sandbox::bindings::types::{Choice, Failure};

/// What kind of trouble it is. The number is the exit code of the process (README, "Exit codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for could not be done.
    Failed = 1,
    /// The command line, or a manifest, is not understood.
    Usage = 2,
    /// A person has to pick one of several ways on.
    Choice = 3,
    /// A grant is missing.
    Denied = 4,
    /// A limit of the sandbox was hit, or the plugin trapped.
    Limit = 5,
    /// Ctrl-C. (The process, and what is said of it, has [`crate::process::interrupt::exit_code`], which tells the signals apart.)
    Interrupted = 130,
    /// A fault of ours.
    Bug = 255,
}

impl Kind {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

/// Trouble, in the order in which a person reads it.
#[derive(Clone, Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: Kind,
    /// What kind of failure, for programs: the open list of the interface (`wit/types.wit`).
    pub code: String,
    /// One sentence, lower-case, without a final period.
    pub message: String,
    /// Lines under the message; may be empty.
    pub details: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The ways on.
    pub choices: Vec<Choice>,
}

/// The host's own result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn new(kind: Kind, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: message.into(),
            details: String::new(),
            hint: None,
            choices: Vec::new(),
        }
    }

    /// What was asked for could not be done.
    pub fn failed(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, code, message)
    }

    /// The command line, or a manifest, is not understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, "usage", message)
    }

    /// A grant is missing.
    pub fn denied(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Denied, code, message)
    }

    /// A person has to decide.
    pub fn choice(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Choice, code, message)
    }

    /// A limit was hit, or the plugin trapped.
    pub fn limit(code: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Limit, code, message)
    }

    /// The system does not give the memory, or the address space, that is needed even before a plugin asks for any.
    pub fn no_memory(what: &str, cause: &dyn fmt::Display) -> Self {
        Self::failed("no-memory", format!("{what}: {cause}")).hinted(
            "raise what bounds it: `ulimit -v` (unlimited, or 6000000), `ulimit -u`, or the memory of the container",
        )
    }

    /// Ctrl-C came.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted", "interrupted")
    }

    /// A fault of ours, with the chain of what was being done.
    pub fn bug(error: &anyhow::Error) -> Self {
        Self::new(Kind::Bug, "bug", format!("{error:#}"))
            .hinted("this is a fault of `conductor` itself: please report it with the command line and this message")
    }

    /// Says what to do next.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds lines under the message.
    #[must_use]
    pub fn detailed(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }
}

impl From<Failure> for Error {
    /// The codes that mean something to the host are those that `wit/types.wit` names.
    fn from(failure: Failure) -> Self {
        let kind = match failure.code.as_str() {
            "denied" | "undeclared" => Kind::Denied,
            _ if !failure.choices.is_empty() => Kind::Choice,
            _ => Kind::Failed,
        };
        Self {
            kind,
            code: failure.code,
            message: failure.message,
            details: failure.details,
            hint: failure.hint,
            choices: failure.choices,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Finds the name that is nearest to what was typed, if one is near enough to be meant.
#[must_use]
pub fn near<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(near("diagnostic", ["all", "diagnostics"]), Some("diagnostics"));
        assert_eq!(near("xyz", ["all", "diagnostics"]), None);
    }

    #[test]
    fn a_failure_of_a_plugin_keeps_its_words_and_its_code_decides_the_exit() {
        let failure = |code: &str, choices| Failure {
            code: code.to_owned(),
            message: "m".to_owned(),
            hint: Some("h".to_owned()),
            choices,
            details: "d".to_owned(),
        };
        let choice = Choice {
            key: "A".to_owned(),
            label: "l".to_owned(),
            description: String::new(),
            args: Vec::new(),
        };
        assert_eq!(Error::from(failure("denied", Vec::new())).kind.exit_code(), 4);
        assert_eq!(Error::from(failure("which-track", vec![choice])).kind.exit_code(), 3);
        let other = Error::from(failure("no-track", Vec::new()));
        assert_eq!(
            (other.kind.exit_code(), other.hint.as_deref(), other.details.as_str()),
            (1, Some("h"), "d")
        );
    }
}
