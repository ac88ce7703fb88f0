//! What is wrong or odd in a formula, and where.

use std::fmt;

/// One thing that is wrong or odd.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// Whether it has to be mended: a tool refuses the formula for it, or text is lost. Else it is only worth knowing.
    pub wrong: bool,
    /// What it is, and what to do, without a final period.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

/// The findings of a file while it is read.
pub(crate) struct Findings<'t> {
    text: &'t str,
    found: Vec<Finding>,
}

impl<'t> Findings<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let found = Vec::new();
        Self { text, found }
    }

    /// The text that is read.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// What has to be mended, at this byte.
    pub(crate) fn wrong(&mut self, at: usize, message: String) {
        self.add(at, true, message);
    }

    /// What is worth knowing, at this byte.
    pub(crate) fn note(&mut self, at: usize, message: String) {
        self.add(at, false, message);
    }

    fn add(&mut self, at: usize, wrong: bool, message: String) {
        let before = self.text.as_bytes().iter().take(at);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        self.found.push(Finding { line, wrong, message });
    }

    /// All of them, by line.
    pub(crate) fn sorted(mut self) -> Vec<Finding> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
