//! What a plugin was refused in one run, for the person who can grant it.

use super::bindings::types::Error;
use crate::grant::Denial;

/// How many different refusals are kept: a plugin that tries all it can think of says nothing new after these.
const MOST: usize = 8;

/// The refusals of one run, each once.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<String>);

impl Refusals {
    /// Adds one, and gives what the plugin is told: the same sentence.
    pub(super) fn refuse(&mut self, denial: Denial) -> Error {
        let error = Error::from(denial);
        if self.0.len() < MOST && !self.contain(&error.message) {
            self.0.push(error.message.clone());
        }
        error
    }

    /// Whether the host said this sentence.
    pub(super) fn contain(&self, message: &str) -> bool {
        self.0.iter().any(|refusal| refusal == message)
    }

    /// Whether nothing was refused.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentences, in the order in which they were said.
    pub(super) fn sentences(self) -> Vec<String> {
        self.0
    }
}
