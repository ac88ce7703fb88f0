//! The one-line comments that steer a plan: `<!-- execution: parallel -->`, `<!-- depends: phase1 -->`,
//! `<!-- files: src/a.rs, src/b.rs -->`.

use crate::{Span, Text};

/// `execution` of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// One task after the other.
    Sequential,
    /// Tasks without `depends` may run at once.
    Parallel,
}

/// A comment of the form `<!-- key: value -->`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// As written, without spaces around it.
    pub key: Text<'a>,
    /// As written, without spaces around it. May be empty.
    pub value: Text<'a>,
    /// The line, 1-based.
    pub line: u32,
    /// The whole comment, from `<!--` to `-->`.
    pub span: Span,
}

/// `depends` of a phase or a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Depends<'a> {
    /// No such annotation: a phase follows the one before it, a task follows its phase's `execution`.
    #[default]
    Absent,
    /// An empty one: depends on nothing.
    Empty,
    /// Only on these.
    On(Vec<Target<'a>>),
}

impl<'a> Depends<'a> {
    /// The targets, none when absent or empty.
    pub fn targets(&self) -> &[Target<'a>] {
        match self {
            Self::On(targets) => targets,
            _ => &[],
        }
    }
}

/// What one item of `depends` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// As written.
    pub text: Text<'a>,
    /// Phase, task, or neither.
    pub kind: TargetKind,
    /// The number in lower case without spaces: `1` of `Phase 1`, `2.3` of `task2.3`; the whole text when neither.
    pub number: String,
    /// The line of the annotation, 1-based.
    pub line: u32,
}

/// What a target says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// `phase1`, `Phase 1`, `phaseA`
    Phase,
    /// `task2`, `Task 2.3`, a bare `2.3`, `phase1_task2` (number `1.2` by ordinals)
    Task,
    /// Anything else.
    Other,
}

/// `files` of a task: the paths it claims for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files<'a> {
    /// The paths in order; may be empty.
    pub claims: Vec<Claim<'a>>,
    /// Parts that are no path but a sentence, as written. They claim nothing.
    pub prose: Vec<Text<'a>>,
    /// The line of the annotation, 1-based.
    pub line: u32,
}

/// One claimed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Relative to the repository, without a leading `./` and without backticks. A folder's ends with `/`.
    pub path: Text<'a>,
    /// What stood in parentheses or after a dash: `new`, `delete`.
    pub remark: Option<Text<'a>>,
    /// Whether it holds `*`, `?`, `[` or `{` and names many files.
    pub glob: bool,
}
