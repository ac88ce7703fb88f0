//! Building a [`Failure`] in the order in which a person reads it.

use crate::{Choice, Error, Failure};

impl Failure {
    /// A failure of a kind (`code`, for programs) with one sentence for a person.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            choices: Vec::new(),
            details: String::new(),
        }
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

    /// Adds a way on.
    #[must_use]
    pub fn choice(mut self, choice: Choice) -> Self {
        self.choices.push(choice);
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(&error.code, error.message)
    }
}
