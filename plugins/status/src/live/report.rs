//! What Beads and Gas Town say, as the report has it: part of the published schema `conductor.status/1`.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was asked of the tools, and came back.
#[derive(Debug, Default)]
pub struct Live {
    /// Of Beads; `None` where it is not used.
    pub beads: Option<Beads>,
    /// Of Gas Town; `None` where it is not used.
    pub gastown: Option<Gastown>,
    /// Of each track that was dispatched to it, by the track's id.
    pub tracks: BTreeMap<String, TrackGastown>,
    /// What waits for the person there.
    pub waiting: Vec<Elsewhere>,
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trouble {
    /// What is not known: `beads`, `rig`, `work`, `sessions`, `convoy`, `files`, `rigs`, `mail`; an open list.
    pub about: &'static str,
    /// What kind of trouble, for programs: `not-installed`, `not-granted`, `no-place`, `timed-out`, `too-much`, `no-workspace`,
    /// `server-down`, `locked`, `damaged`, `not-understood`, `failed`, `no-rig`, `not-there`; an open list.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// The project's own beads. Lists are complete.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Beads {
    /// Why some of it is not known; empty when all is.
    pub troubles: Vec<Trouble>,
    /// Those that can be begun, the first ones first; `null` when that is not known.
    pub ready: Option<Vec<BeadLine>>,
    /// Those that somebody has begun; `null` when that is not known.
    pub in_progress: Option<Vec<BeadLine>>,
    /// Those that wait for others, or are marked as blocked; `null` when that is not known.
    pub blocked: Option<Vec<BeadLine>>,
    /// The open epics; `null` when they are not known.
    pub epics: Option<Vec<EpicLine>>,
}

/// One bead.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BeadLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 (first) to 4.
    pub priority: Option<u8>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// The open beads that it waits for itself or through its epic.
    pub waits_for: Vec<String>,
}

/// An open epic.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EpicLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How many of its children are closed.
    pub done: usize,
    /// How many children it has.
    pub total: usize,
}

/// The town.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gastown {
    /// The rig that the project is; `null` when there is none.
    pub rig: Option<String>,
    /// Whether the refinery runs, which merges; `null` when that is not known.
    pub refinery_running: Option<bool>,
    /// How many messages the person has not read; `null` when that is not known.
    pub unread_mail: Option<usize>,
    /// These messages, the newest last.
    pub mail: Vec<MailLine>,
    /// What is not known, and why.
    pub troubles: Vec<Trouble>,
}

/// A message that the person has not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MailLine {
    /// Its id: `gt mail read` shows it.
    pub id: String,
    /// Who wrote it: `mayor/`, `shop/jade`.
    pub from: String,
    /// What it is about.
    pub subject: String,
}

/// A track in Gas Town. Everything is computed from beads: what a convoy counts is not used.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TrackGastown {
    /// Its convoy; `null` when the track names none.
    pub convoy: Option<ConvoyLine>,
    /// How many pieces of work it has, verifications left out.
    pub total: usize,
    /// How many of them are on the target, or needed no change.
    pub merged: usize,
    /// How many are being worked on.
    pub active: usize,
    /// How many were handed in by a worker.
    pub completed: usize,
    /// How many wait in the merge queue.
    pub queued: usize,
    /// How many can't be merged as they are.
    pub conflicts: usize,
    /// The pieces of work, by where they stand and then as they were made; `null` when they are not known.
    pub work: Option<Vec<WorkLine>>,
}

/// A convoy.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConvoyLine {
    /// Its id, as the track's metadata has it.
    pub id: String,
    /// `open`, `closed`, `staged_ready` and the like, as Gas Town says; `null` when it is not known.
    pub status: Option<String>,
}

/// A piece of work: a bead that was made for a task.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkLine {
    /// Its bead.
    pub bead: String,
    /// The bead's title.
    pub title: String,
    /// What it was made for: `TRACK/phase1/task2`.
    pub key: Option<String>,
    /// `open`, `scheduled`, `working`, `stalled`, `deferred`, `submitted`, `conflict`, `rejected`, `merged`, `no_change`,
    /// `no_queue`, `escalated`, `closed_by_hand`; an open list.
    pub state: &'static str,
    /// Who works on it or did.
    pub worker: Option<String>,
    /// Its merge request.
    pub merge_request: Option<String>,
    /// Why it was turned down or closed.
    pub reason: Option<String>,
    /// The files that its branch and the target have both changed. Only where it is in conflict.
    pub files: Vec<SharedFile>,
    /// What the Mayor was asked about it (`gt escalate`). Only where its worker gave it up.
    pub escalation: Option<EscalationLine>,
    /// What it waits for in other rigs and in the town, and is not closed. Only where nobody has begun it.
    pub waits_for: Vec<WaitsLine>,
}

/// What the Mayor was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EscalationLine {
    /// Its bead, in the town's database.
    pub id: String,
    /// `open`, `acknowledged`, `closed`.
    pub status: &'static str,
    /// What was answered by mail or at its end, with who did; `null` as long as there is nothing.
    pub answer: Option<String>,
}

/// A bead of another rig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WaitsLine {
    /// Its id, or `external:PROJECT:CAPABILITY`.
    pub bead: String,
    /// The rig, `hq` for the town itself; `null` where no rig has such ids.
    pub rig: Option<String>,
    /// Its title; `null` where it was not found.
    pub title: Option<String>,
    /// Its status; `not_merged` where its worker has closed it and no merge was seen; `null` where it was not found.
    pub status: Option<String>,
}

/// A file that two workers changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SharedFile {
    /// Its path in the repository.
    pub path: String,
    /// The worker whose work is in conflict, then those whose changes are on the target.
    pub workers: Vec<String>,
}

/// Something that waits for the person in one of the tools.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Elsewhere {
    /// A verification that nothing holds back any more.
    Gate {
        /// The track's id; `null` when the bead names none.
        track: Option<String>,
        /// The phase whose verification it is, as the plan numbers it; `null` when the bead names none.
        phase: Option<String>,
        /// The bead.
        bead: String,
        /// Its title.
        title: String,
    },
    /// Work that can't be merged as it is.
    Conflict {
        /// The track's id.
        track: String,
        /// The bead of the work.
        bead: String,
        /// Its title.
        title: String,
        /// The files that both sides have changed.
        files: Vec<SharedFile>,
    },
    /// Work that was closed without a merge request that is there: its worker gave up, or it was turned down some time ago.
    Escalated {
        /// The track's id.
        track: String,
        /// The bead.
        bead: String,
        /// Its title.
        title: String,
        /// The worker.
        worker: Option<String>,
        /// What was answered to it, with who did; `null` as long as there is nothing.
        answer: Option<String>,
    },
    /// Work that waits for a bead of another rig.
    CrossRig {
        /// The track's id.
        track: String,
        /// The bead that waits.
        bead: String,
        /// Its title.
        title: String,
        /// What it waits for.
        on: WaitsLine,
    },
    /// Work that was turned down.
    Rejected {
        /// The track's id.
        track: String,
        /// The bead.
        bead: String,
        /// Its title.
        title: String,
        /// Why.
        reason: String,
    },
    /// Messages that were not read.
    Mail {
        /// How many.
        unread: usize,
        /// The newest.
        newest: MailLine,
    },
}
