//! One thing that was looked at: what was found, what is needed, and what to type.

use conductor_beads::{Error, Kind};
use serde::Serialize;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It will do; somebody should look at it.
    Look,
    /// Not there, not running, too old, or not what it should be.
    Missing,
    /// It could not be found out.
    Unknown,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// For programs: `git`, `rig`, `dolt-server`, … An open list.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was found, in words, without a final period.
    pub text: String,
    /// The version that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What is needed: `2.25 or later`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<&'static str>,
    /// The version that the tests of this project run against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tested: Option<&'static str>,
    /// What to do next, with the commands to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether it is named in the one line of its area when all is well.
    #[serde(skip)]
    pub(crate) brief: bool,
    /// The program that is not installed.
    #[serde(skip)]
    pub(crate) absent: Option<&'static str>,
}

impl Check {
    pub(crate) fn new(name: &str, state: State, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            text: text.into(),
            found: None,
            needed: None,
            tested: None,
            next: None,
            brief: false,
            absent: None,
        }
    }

    pub(crate) fn ok(name: &str, text: impl Into<String>) -> Self {
        Self::new(name, State::Ok, text)
    }

    pub(crate) fn look(name: &str, text: impl Into<String>) -> Self {
        Self::new(name, State::Look, text)
    }

    pub(crate) fn missing(name: &str, text: impl Into<String>) -> Self {
        Self::new(name, State::Missing, text)
    }

    /// What could not be found out, and why: a tool that gave no answer.
    pub(crate) fn unknown(name: &str, error: &Error) -> Self {
        let check = Self::new(name, State::Unknown, error.message.clone());
        match error.kind {
            // Its message ends with the command's name in backticks.
            Kind::NotGranted => check.next("in a terminal: `conductor plugin allow doctor`"),
            Kind::Locked => check.next("end the other process that uses this database"),
            _ => check,
        }
    }

    pub(crate) fn found(mut self, found: impl ToString) -> Self {
        self.found = Some(found.to_string());
        self
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    pub(crate) fn brief(mut self) -> Self {
        self.brief = true;
        self
    }
}
