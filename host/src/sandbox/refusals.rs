//! What a plugin was refused in one run, for the person who can grant it.

use crate::grant::Denial;

/// How many different refusals are kept: a plugin that tries all it can think of says nothing new after these.
const MOST: usize = 8;

/// The refusals of one run, each once.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<String>);

impl Refusals {
    /// Adds one.
    pub(super) fn add(&mut self, denial: &Denial) {
        if self.0.len() < MOST && !self.contain(&denial.message) {
            self.0.push(denial.message.clone());
        }
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
