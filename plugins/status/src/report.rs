//! The facts that `conductor status` shows: one typed report, the same for terminal, Markdown and JSON, in one order.
//!
//! Its JSON form is the published schema `conductor.status/1` (docs/schema/status.json). Fields may be added under
//! that name; none is renamed or removed, and none changes its meaning. Paths are relative to `conductor/`, lines 1-based.

use conductor_tracks::{Counts, State};
use serde::Serialize;

use crate::live::report::{Beads, Elsewhere, Gastown, TrackGastown};

/// The name and version of this shape.
pub const SCHEMA: &str = "conductor.status/1";

/// Where every track of a project stands, or one of them. Paths are relative to `conductor/`, lines count from 1.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report<'a> {
    /// `conductor.status/1`.
    pub schema: &'static str,
    /// The name of the project's folder.
    pub project: &'a str,
    /// The id of the one track that was asked for; `null` when all were.
    pub selected: Option<&'a str>,
    /// Whether archived tracks are among `tracks` (`--all`).
    pub all: bool,
    /// How many tracks and tasks there are in the whole project.
    pub totals: Totals,
    /// What waits for the person, what closes a track first. Only of the selected track, if there is one.
    pub waiting: Vec<Waiting<'a>>,
    /// What waits for the person in Beads and Gas Town. A verification that is in `waiting` is not here too.
    pub waiting_elsewhere: Vec<&'a Elsewhere>,
    /// In progress, then blocked, pending, done, removed; within each by priority, then in the order of `tracks.md`.
    /// Archived ones only with `--all`, or when selected.
    pub tracks: Vec<TrackStatus<'a>>,
    /// The project's own beads; `null` where Beads is not used, and with `--offline`.
    pub beads: Option<&'a Beads>,
    /// The town that tracks were dispatched to; `null` where none was, and with `--offline`.
    pub gastown: Option<&'a Gastown>,
    /// What to do next, most useful first.
    pub next: Vec<Action<'a>>,
    /// How many problems there are: something lost, wrong, or stopping work.
    pub problems: usize,
    /// How many notes there are: worth knowing, never trouble.
    pub notes: usize,
    /// The problems and then the notes; `null` without `--diagnostics`.
    pub diagnostics: Option<Vec<Finding<'a>>>,
}

impl<'a> Report<'a> {
    /// The tracks that have a block of their own: the one that was asked for, else those of an overview.
    pub fn blocks(&self) -> impl Iterator<Item = &TrackStatus<'a>> {
        let shown = |track: &&TrackStatus| self.selected.is_some() || track.has_block();
        self.tracks.iter().filter(shown)
    }
}

/// The numbers of a whole project.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Totals {
    /// All tracks, archived ones included.
    pub tracks: usize,
    /// Begun and not done.
    pub in_progress: usize,
    /// Something stands in the way.
    pub blocked: usize,
    /// Not begun.
    pub pending: usize,
    /// Done, archived ones included.
    pub done: usize,
    /// Taken out of the plan (`[-]`).
    pub removed: usize,
    /// How many of the done ones lie in the archive.
    pub archived: usize,
    /// The tasks of the tracks that are neither archived nor removed.
    pub tasks: Tasks,
}

/// How many tasks stand where. Removed ones (`[-]`) are not in the total.
#[derive(Debug, Default, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tasks {
    /// All but the removed ones.
    pub total: u32,
    /// `[x]`
    pub done: u32,
    /// `[~]`, `[/]`
    pub in_progress: u32,
    /// `[ ]`
    pub pending: u32,
    /// `[!]`
    pub blocked: u32,
    /// `[?]` and other characters: not done.
    pub unknown: u32,
    /// `[-]`
    pub removed: u32,
    /// Done of total, rounded down: 100 only when all are done. `null` when there is nothing to count.
    pub percent: Option<u32>,
}

impl From<Counts> for Tasks {
    fn from(counts: Counts) -> Self {
        Self {
            total: counts.total(),
            done: counts.done,
            in_progress: counts.in_progress,
            pending: counts.pending,
            blocked: counts.blocked,
            unknown: counts.unknown,
            removed: counts.removed,
            percent: counts.percent(),
        }
    }
}

/// Where a track or a task stands, or a phase as its tasks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Pending,
    /// Begun.
    InProgress,
    /// Done.
    Done,
    /// Something stands in the way.
    Blocked,
    /// Taken out of the plan.
    Removed,
    /// The marker is none of the known ones; counts as not done.
    Unknown,
}

impl From<State> for Status {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::InProgress => Self::InProgress,
            State::Done => Self::Done,
            State::Blocked => Self::Blocked,
            State::Removed => Self::Removed,
            State::Unknown => Self::Unknown,
        }
    }
}

impl Status {
    /// The checkbox that is written for it.
    #[must_use]
    pub fn checkbox(self) -> &'static str {
        match self {
            Self::Pending => "[ ]",
            Self::InProgress => "[~]",
            Self::Done => "[x]",
            Self::Blocked => "[!]",
            Self::Removed => "[-]",
            Self::Unknown => "[?]",
        }
    }
}

/// The part of the report in which a track stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Begun and not done.
    InProgress,
    /// Marked `[!]`.
    Blocked,
    /// Not begun, or with a marker that is not known.
    Pending,
    /// Done, or in the archive.
    Done,
    /// Marked `[-]`.
    Removed,
}

/// One track.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TrackStatus<'a> {
    /// The folder's name.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Where it stands: `tracks.md` first, then the plan.
    pub status: Status,
    /// The part of the report it stands in.
    pub group: Group,
    /// Whether it lies in the archive.
    pub archived: bool,
    /// `critical`, `high`, `medium`, `low`, or another word, in lower case.
    pub priority: Option<String>,
    /// The tracks that have to be done first.
    pub depends_on: Vec<Dependency<'a>>,
    /// Its plan; `null` when it has none.
    pub plan: Option<&'a str>,
    /// Whether there is a plan that can't be read. A problem says why.
    pub plan_unreadable: bool,
    /// Where its tasks stand.
    pub tasks: Tasks,
    /// The phases in the plan's order.
    pub phases: Vec<PhaseStatus<'a>>,
    /// The tasks that are being worked on (`[~]`), without those that wait for the person.
    pub current: Vec<TaskStatus<'a>>,
    /// The tasks that are blocked (`[!]`), each with its reason where one is given.
    pub blockers: Vec<TaskStatus<'a>>,
    /// The workers of a parallel phase; `null` when there are none.
    pub parallel: Option<Parallel<'a>>,
    /// How it stands in Gas Town; `null` where it was not dispatched to one, and with `--offline`.
    pub gastown: Option<&'a TrackGastown>,
    /// The last done tasks that name a commit, the last one first; at most three.
    pub last_done: Vec<LastDone<'a>>,
    /// Boxes that stand outside phases; `null` when there are none. They are counted nowhere else.
    pub outside: Option<Boxes>,
}

impl TrackStatus<'_> {
    /// The tracks it waits for.
    pub fn waits_for(&self) -> impl Iterator<Item = &str> {
        self.depends_on
            .iter()
            .filter(|dependency| !dependency.done)
            .map(|dependency| dependency.id)
    }

    /// Whether it has a block of its own in an overview, and not only a line.
    #[must_use]
    pub fn has_block(&self) -> bool {
        matches!(self.group, Group::InProgress | Group::Blocked) || self.gastown.is_some()
    }
}

/// A track that another one depends on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dependency<'a> {
    /// Its id, as the dependent track writes it.
    pub id: &'a str,
    /// Whether it is done. A track that is not there is not done.
    pub done: bool,
}

/// One phase of a plan.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PhaseStatus<'a> {
    /// What stands after `Phase`: `1`, `2a`; `null` when it has no number.
    pub number: Option<&'a str>,
    /// Its place in the plan, from 1.
    pub ordinal: u32,
    /// Its name.
    pub title: &'a str,
    /// The line of its heading.
    pub line: u32,
    /// Whether the plan has no heading for it.
    pub implicit: bool,
    /// Where it stands; `null` when it has no tasks.
    pub status: Option<Status>,
    /// Whether two or more of its tasks may run at once.
    pub parallel: bool,
    /// `[checkpoint: …]` of its heading.
    pub checkpoint: Option<&'a str>,
    /// Where its tasks stand.
    pub tasks: Tasks,
    /// The open phases that it waits for; empty once it is begun.
    pub waiting_for: Vec<PhaseName<'a>>,
    /// Whether all that is left of it is the person's verification.
    pub waits_for_person: bool,
    /// Its tasks; `null` unless this track was asked for by name.
    pub task_list: Option<Vec<TaskStatus<'a>>>,
    /// The boxes that stand in it and below no task, as under `### Verification`. They are counted nowhere.
    pub checks: Vec<Check<'a>>,
}

impl<'a> PhaseStatus<'a> {
    /// How other parts of the report refer to it.
    #[must_use]
    pub fn name(&self) -> PhaseName<'a> {
        PhaseName {
            number: self.number,
            title: self.title,
            ordinal: self.ordinal,
        }
    }
}

/// How a phase is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PhaseName<'a> {
    /// What stands after `Phase`; `null` when it has no number.
    pub number: Option<&'a str>,
    /// Its name.
    pub title: &'a str,
    /// Its place in the plan, from 1.
    pub ordinal: u32,
}

/// One task.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaskStatus<'a> {
    /// How a person names it: `2.3`.
    pub label: String,
    /// Its text.
    pub title: &'a str,
    /// Where it stands.
    pub status: Status,
    /// Its line in the plan.
    pub line: u32,
    /// Whether it is a verification by the person.
    pub verification: bool,
    /// Its commits.
    pub shas: Vec<&'a str>,
    /// The reason it gives for being blocked, removed or skipped.
    pub remark: Option<&'a str>,
    /// Boxes below it; `null` when there are none. They are not counted as tasks.
    pub boxes: Option<Boxes>,
}

/// A checkbox of a phase that is no task.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check<'a> {
    /// Its text.
    pub text: &'a str,
    /// Where it stands.
    pub status: Status,
    /// Its line in the plan.
    pub line: u32,
}

/// Checkboxes that are no tasks.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Boxes {
    /// How many, without removed ones.
    pub total: u32,
    /// How many of them are ticked.
    pub done: u32,
    /// The line of the first.
    pub first_line: u32,
    /// The line of the last.
    pub last_line: u32,
}

/// The workers of a parallel phase, as `parallel_state.json` has them. Counts are computed here.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Parallel<'a> {
    /// The phase, as that file writes it.
    pub phase: Option<&'a str>,
    /// How many workers are done.
    pub done: usize,
    /// In that file's order.
    pub workers: Vec<WorkerStatus<'a>>,
    /// Which worker holds which path.
    pub locks: Vec<Lock<'a>>,
}

/// One worker.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkerStatus<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it works on; the bead's id where the file says nothing more.
    pub title: Option<&'a str>,
    /// Where it stands; `null` when the file's word is missing or not known.
    pub status: Option<Status>,
    /// The file's word.
    pub said: Option<&'a str>,
    /// Its commits.
    pub commits: Vec<&'a str>,
}

/// A path that a worker has to itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lock<'a> {
    /// The path.
    pub path: &'a str,
    /// The worker's id; empty where the file does not say who holds it.
    pub worker: &'a str,
}

/// A done task and its commit.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LastDone<'a> {
    /// The task's number or name.
    pub task: String,
    /// The commit.
    pub sha: &'a str,
    /// Its line in the plan; `null` when only `implement_state.json` names the commit.
    pub line: Option<u32>,
}

/// A verification that only the person can do, and that can be done now.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waiting<'a> {
    /// The track's id.
    pub track: &'a str,
    /// The phase whose verification it is.
    pub phase: PhaseName<'a>,
    /// The plan.
    pub file: &'a str,
    /// The line of the verification.
    pub line: u32,
    /// The boxes to set; `null` when the line has its own.
    pub boxes: Option<Boxes>,
    /// The phases that wait for this one.
    pub holds: Vec<PhaseName<'a>>,
    /// How many tasks those have.
    pub held_tasks: u32,
    /// Whether it is the last open task of the track.
    pub closes_track: bool,
}

/// Something to do next.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action<'a> {
    /// The person checks a phase, and sets its box or boxes.
    Check {
        /// The track's id.
        track: &'a str,
        /// The phase to check.
        phase: PhaseName<'a>,
        /// The plan.
        file: &'a str,
        /// The first line to set `[x]` on.
        first_line: u32,
        /// The last one.
        last_line: u32,
        /// Whether that closes the track.
        closes_track: bool,
    },
    /// All tasks of a track are done: its own box is left.
    Close {
        /// The track's id.
        track: &'a str,
        /// The registry.
        file: &'a str,
        /// The line to set `[x]` on.
        line: u32,
    },
    /// A track in progress goes on.
    Continue {
        /// The track's id.
        track: &'a str,
        /// The next task's label.
        task: String,
        /// What to type in Claude Code.
        command: String,
    },
    /// A pending track can be started.
    Start {
        /// The track's id.
        track: &'a str,
        /// What to type in Claude Code.
        command: String,
    },
    /// A blocked task has to be freed by the person.
    Unblock {
        /// The track's id.
        track: &'a str,
        /// The task's label.
        task: String,
        /// The plan.
        file: &'a str,
        /// The line to set `[ ]` on.
        line: u32,
    },
    /// A blocked track has to be freed by the person.
    UnblockTrack {
        /// The track's id.
        track: &'a str,
        /// The registry.
        file: &'a str,
        /// The line to set `[~]` on.
        line: u32,
    },
    /// A track in progress or pending has no plan that can be worked on.
    WritePlan {
        /// The track's id.
        track: &'a str,
        /// Where the plan belongs.
        file: String,
    },
    /// Nothing can go on: a track, or a phase of it, waits for others that no action moves.
    Wait {
        /// The track's id.
        track: &'a str,
        /// The phase that waits; `null` when the track as a whole does.
        phase: Option<PhaseName<'a>>,
        /// The tracks it waits for, as its `depends_on` names them.
        tracks: Vec<&'a str>,
        /// The phases that the phase waits for.
        phases: Vec<PhaseName<'a>>,
    },
    /// Nothing can go on: what was found in the files tells why.
    Look {
        /// The id of the first open track.
        track: &'a str,
        /// What to type at a terminal.
        command: String,
    },
    /// Every track is done, or there is none.
    NewTrack {
        /// What to type in Claude Code.
        command: String,
    },
    /// The folder holds nothing of Conductor's yet.
    SetUp {
        /// What to type in Claude Code.
        command: String,
    },
}

/// A problem or a note, with its place.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding<'a> {
    /// `problem` or `note`.
    pub severity: &'static str,
    /// What kind, for programs; an open list.
    pub code: &'static str,
    /// The file; a folder's ends with `/`.
    pub file: &'a str,
    /// The lines it is about; empty for the file as a whole.
    pub lines: Vec<LineRun>,
    /// A second place that takes part in it.
    pub also: Option<Place<'a>>,
    /// One sentence.
    pub reason: &'a str,
}

/// A run of lines, both ends included.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LineRun {
    /// The first line.
    pub first: u32,
    /// The last one.
    pub last: u32,
}

/// A line of a file.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place<'a> {
    /// The file.
    pub file: &'a str,
    /// The line.
    pub line: u32,
}
