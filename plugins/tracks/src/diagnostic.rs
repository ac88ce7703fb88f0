//! What the reader has to say about a file: where, how bad, and why.

use std::collections::BTreeMap;
use std::fmt;

use crate::Text;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is lost, wrong, or stops a dispatch.
    Problem,
    /// Worth knowing, never trouble.
    Note,
}

impl Severity {
    /// `problem` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Note => "note",
        }
    }
}

/// A run of lines of one file, both ends 1-based and included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lines {
    /// The first line.
    pub first: u32,
    /// The last line, the same as `first` for one line.
    pub last: u32,
}

impl Lines {
    /// One line.
    pub fn one(line: u32) -> Self {
        Self {
            first: line,
            last: line,
        }
    }
}

impl fmt::Display for Lines {
    /// `15`, or `481-489`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last > self.first {
            write!(f, "-{}", self.last)?;
        }
        Ok(())
    }
}

/// A line of a file that a finding points to besides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path, relative to `conductor/`.
    pub file: Text<'a>,
    /// The line, 1-based.
    pub line: u32,
}

/// One finding of the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// Problem or note.
    pub severity: Severity,
    /// What kind, for programs: lower-case words joined by `-`, an open list.
    pub code: &'static str,
    /// The path, relative to `conductor/`. A folder's ends with `/`.
    pub file: Text<'a>,
    /// The lines it is about, in order; empty when it is about the file as a whole.
    pub lines: Vec<Lines>,
    /// A second place that takes part in it.
    pub also: Option<Place<'a>>,
    /// The reason in one sentence, without a final period and without the place. May quote text of the file.
    pub reason: String,
}

impl<'a> Diagnostic<'a> {
    /// A problem of a whole file. Add lines with [`Self::at`].
    pub fn problem(code: &'static str, file: impl Into<Text<'a>>, reason: impl Into<String>) -> Self {
        Self::new(Severity::Problem, code, file.into(), reason.into())
    }

    /// A note about a whole file. Add lines with [`Self::at`].
    pub fn note(code: &'static str, file: impl Into<Text<'a>>, reason: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, file.into(), reason.into())
    }

    fn new(severity: Severity, code: &'static str, file: Text<'a>, reason: String) -> Self {
        Self {
            severity,
            code,
            file,
            lines: Vec::new(),
            also: None,
            reason,
        }
    }

    /// The same, about one more line.
    #[must_use]
    pub fn at(self, line: u32) -> Self {
        self.span(line, line)
    }

    /// The same, about one more run of lines.
    #[must_use]
    pub fn span(mut self, first: u32, last: u32) -> Self {
        self.lines.push(Lines { first, last });
        self
    }

    /// The same, pointing to a second place.
    #[must_use]
    pub fn also(mut self, file: impl Into<Text<'a>>, line: u32) -> Self {
        self.also = Some(Place {
            file: file.into(),
            line,
        });
        self
    }
}

/// At most so many diagnostics of one code are kept of one file.
const MOST_OF_A_CODE: usize = 100;

/// Keeps the first of each code of a file and says how many more there were.
pub(crate) fn cap<'a>(file: &Text<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let mut by_code: BTreeMap<&str, usize> = BTreeMap::new();
    found.retain(|diagnostic| {
        let seen = by_code.entry(diagnostic.code).or_default();
        *seen += 1;
        *seen <= MOST_OF_A_CODE
    });
    for (code, seen) in by_code.into_iter().filter(|(_, seen)| *seen > MOST_OF_A_CODE) {
        let reason = format!("{} more of `{code}` are not listed", seen - MOST_OF_A_CODE);
        found.push(Diagnostic::note("more", file.clone(), reason));
    }
}

impl fmt::Display for Diagnostic<'_> {
    /// `note tracks/a/plan.md:15 :23: reason (tracks.md:3)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity.as_str(), self.file)?;
        for (index, lines) in self.lines.iter().enumerate() {
            write!(f, "{}:{lines}", if index == 0 { "" } else { " " })?;
        }
        write!(f, ": {}", self.reason)?;
        match &self.also {
            Some(place) => write!(f, " ({}:{})", place.file, place.line),
            None => Ok(()),
        }
    }
}
