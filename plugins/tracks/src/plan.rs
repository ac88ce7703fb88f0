//! A track's `plan.md`: phases, the tasks in them, and what stands under the tasks.

use crate::annotation::{Annotation, Depends, Execution, Files};
use crate::marker::{Counts, Marker, State};
use crate::{Span, Text};

/// A plan as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan<'a> {
    /// The text of the first level-1 heading.
    pub title: Option<Text<'a>>,
    /// In the order of the file. Tasks of a plan without phase headings are in one implicit phase.
    pub phases: Vec<Phase<'a>>,
    /// Boxes and list items outside phases: shown, never counted, never dispatched.
    pub outside: Vec<Item<'a>>,
    /// How many lines the file has.
    pub lines: u32,
}

impl<'a> Plan<'a> {
    /// The tasks of all phases, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task<'a>> {
        self.phases.iter().flat_map(|phase| &phase.tasks)
    }

    /// The first task that is neither done nor removed.
    pub fn first_open(&self) -> Option<&Task<'a>> {
        self.tasks().find(|task| !task.state.is_closed())
    }

    /// Where the tasks stand.
    pub fn counts(&self) -> Counts {
        self.tasks().map(|task| task.state).collect()
    }
}

/// A phase and its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phase<'a> {
    /// What stands after `Phase`: `1`, `2a`, `A`. `None` for `## Phase: name` and for an implicit phase.
    pub number: Option<Text<'a>>,
    /// Its place among the plan's phases, from 1.
    pub ordinal: u32,
    /// The name, without number, marker, checkpoint and `✅`.
    pub title: Text<'a>,
    /// The heading's line, 1-based; that of the first task for an implicit phase.
    pub line: u32,
    /// Where the heading's text ends, before the line's end: where a checkpoint is appended. 0 for an implicit phase.
    pub line_end: usize,
    /// Whether the file has no heading for it: the tasks stand outside any phase.
    pub implicit: bool,
    /// The heading's own checkbox (`### [x] Phase 1: …`).
    pub marker: Option<Marker>,
    /// Whether the heading says so in words or signs (`✅`, `(COMPLETED)`). The tasks are what counts.
    pub said_done: bool,
    /// `[checkpoint: …]` of the heading.
    pub checkpoint: Option<Checkpoint<'a>>,
    /// `<!-- execution: … -->`; `None` when absent (or neither word), which means sequential.
    pub execution: Option<Execution>,
    /// `<!-- depends: … -->` of the phase.
    pub depends: Depends<'a>,
    /// Every annotation of the phase, known or not, with its place.
    pub annotations: Vec<Annotation<'a>>,
    /// In the order of the file.
    pub tasks: Vec<Task<'a>>,
    /// What else is listed in the phase: boxes under `### Verification` (checks) and list items that are no tasks.
    pub items: Vec<Item<'a>>,
}

impl Phase<'_> {
    /// Where the tasks stand.
    pub fn counts(&self) -> Counts {
        self.tasks.iter().map(|task| task.state).collect()
    }

    /// Whether its tasks may run at once.
    pub fn is_parallel(&self) -> bool {
        self.execution == Some(Execution::Parallel)
    }

    /// How a person names it: its number, else its place.
    pub fn label(&self) -> String {
        self.number
            .as_ref()
            .map_or_else(|| self.ordinal.to_string(), ToString::to_string)
    }

    /// The name by which `beads_tasks` and `depends` know it: `phase1`. Number first, ordinal second.
    pub fn key(&self) -> String {
        match &self.number {
            Some(number) => format!("phase{}", number.to_ascii_lowercase()),
            None => format!("phase{}", self.ordinal),
        }
    }
}

/// What makes a line a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskForm {
    /// `- [ ] …` (also with `*`, `+` or a number) at its section's smallest indent.
    #[default]
    Box,
    /// A heading such as `### Task 1.1: …`; boxes under it are checks.
    Heading,
}

/// A task of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<'a> {
    /// `1` or `1.2`, from `Task 1.2: …` or `1.2 …`; `None` when it has no number.
    pub number: Option<Text<'a>>,
    /// Its place among the phase's tasks, from 1; verifications and removed tasks included.
    pub ordinal: u32,
    /// The text without marker, label, number, SHA, checkpoint and comments.
    pub title: Text<'a>,
    /// Box or heading.
    pub form: TaskForm,
    /// The line, 1-based.
    pub line: u32,
    /// Where the text starts: after bullet and box, or after a heading's number signs.
    pub text_start: usize,
    /// Where the line's text ends, before the line's end and spaces: where a SHA is appended.
    pub line_end: usize,
    /// The last line that belongs to it, 1-based.
    pub last_line: u32,
    /// Its checkbox; a heading task may have none.
    pub marker: Option<Marker>,
    /// Where it stands. A heading task: its marker, else `✅`, else done when all its checks are.
    pub state: State,
    /// Whether its line says so in words or signs (`✅`, `(COMPLETED)`), which counts only for a heading without marker.
    pub said_done: bool,
    /// The `SHA`s of its commits, in order.
    pub shas: Vec<Sha<'a>>,
    /// `[checkpoint: …]` of the task line. (Few tasks have one, and there may be a million tasks.)
    pub checkpoint: Option<Box<Checkpoint<'a>>>,
    /// Whether it is a verification by the person (`Conductor - User Manual Verification …`).
    pub verification: bool,
    /// The reason of `[BLOCKED: …]`, `[REMOVED: …]`, `(SKIPPED…)`.
    pub remark: Option<Text<'a>>,
    /// `<!-- depends: … -->` of the task.
    pub depends: Depends<'a>,
    /// `<!-- files: … -->`; `None` when absent.
    pub files: Option<Box<Files<'a>>>,
    /// Every annotation of the task, known or not, with its place.
    pub annotations: Vec<Annotation<'a>>,
    /// Sub-tasks, checks and plain list items under it, in order.
    pub items: Vec<Item<'a>>,
}

impl Task<'_> {
    /// How a person names it in the whole plan: `4.2`, from its own number, or from the phase's and its own.
    pub fn name(&self, phase: &Phase<'_>) -> String {
        match &self.number {
            Some(number) if number.contains('.') || phase.implicit => number.to_string(),
            Some(number) => format!("{}.{number}", phase.label()),
            None if phase.implicit => self.ordinal.to_string(),
            None => format!("{}.{}", phase.label(), self.ordinal),
        }
    }

    /// Its boxes with these states counted: sub-tasks of a box, checks of a heading.
    pub fn item_counts(&self) -> Counts {
        self.items.iter().filter_map(Item::state).collect()
    }
}

/// What a list item under a task or a phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A box under a box.
    SubTask,
    /// A box under a heading task, under `### Verification`, or outside phases: shown, never counted.
    Check,
    /// A list item without a box.
    Plain,
}

/// A list item that is not a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// Sub-task, check or plain.
    pub kind: ItemKind,
    /// The line, 1-based.
    pub line: u32,
    /// Where the line's text ends.
    pub line_end: usize,
    /// Columns before the bullet; a tab counts to the next multiple of four.
    pub indent: u32,
    /// Its checkbox, `None` for a plain item.
    pub marker: Option<Marker>,
    /// The text after bullet and box.
    pub text: Text<'a>,
}

impl Item<'_> {
    /// Where its box stands; `None` without a box.
    pub fn state(&self) -> Option<State> {
        self.marker.map(Marker::state)
    }
}

/// A commit named on a task line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha<'a> {
    /// 7 to 40 hexadecimal digits.
    pub sha: Text<'a>,
    /// The digits' bytes: what an edit replaces.
    pub span: Span,
}

/// `[checkpoint: 1a2b3c4]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint<'a> {
    /// What stands after the colon; may be empty or a word such as `pending`.
    pub text: Text<'a>,
    /// Whether that is a commit.
    pub is_sha: bool,
    /// The bytes of the value: what an edit replaces. Empty after `[checkpoint: ]`.
    pub span: Span,
}
