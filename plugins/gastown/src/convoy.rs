//! Convoys: what `gt` shows a person of pieces of work that belong together. Nothing is decided by what a convoy says of them.
//!
//! A convoy closes with work unmerged, and with some pairs of `gt` and `bd` it counts nothing at all. A staged one is left alone by
//! Gas Town's daemon; an open one is fed to workers, whatever its tasks wait for.

use conductor_beads::answer::{self, or_default};
use conductor_beads::{Asked, Call, ask, ask_lists};
use conductor_plugin::Host;
use serde::Deserialize;

/// How long a list may take: half a second in a small town.
const SLOW_MS: u64 = 20_000;

/// How long a change may take: to close sends mail.
const TIMEOUT_MS: u64 = 120_000;

/// How long it may take to stage: up to half a second a task.
const STAGE_MS: u64 = 600_000;

/// The convoys that are not closed, staged ones too. With `--all` it takes longer with each that was ever closed.
pub const LIST: Call = Call {
    name: "convoys",
    argv: &["gt", "convoy", "list", "--json"],
    cwd: "town",
    timeout_ms: SLOW_MS,
};

/// Makes a convoy over beads without letting anyone begin, or changes the one over them so that it has these and no others.
pub const STAGE: Call = Call {
    name: "convoy-stage",
    argv: &["gt", "convoy", "stage", "<beads…:id>", "--json", "--title=<title:text>"],
    cwd: "town",
    timeout_ms: STAGE_MS,
};

/// Adds beads to a convoy.
pub const ADD: Call = Call {
    name: "convoy-add",
    argv: &["gt", "convoy", "add", "<convoy:id>", "<beads…:id>"],
    cwd: "town",
    timeout_ms: STAGE_MS,
};

/// Lets somebody have mail when a convoy is closed: `mayor/`, `gastown/crew/mel`.
pub const WATCH: Call = Call {
    name: "convoy-watch",
    argv: &["gt", "convoy", "watch", "<convoy:id>", "--addr=<address:text>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Closes a convoy, whatever is open in it: a staged one closes in no other way.
pub const CLOSE: Call = Call {
    name: "convoy-close",
    argv: &[
        "gt",
        "convoy",
        "close",
        "<convoy:id>",
        "--force",
        "--reason=<reason:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Lets `gt` give out what of a staged convoy is ready as far as it sees, and what follows as each is closed. It starts the rig's witness
/// and refinery with it. One that was launched already is launched as a second convoy.
pub const LAUNCH: Call = Call {
    name: "convoy-launch",
    argv: &["gt", "convoy", "launch", "<convoy:id>", "--force"],
    cwd: "town",
    timeout_ms: 600_000,
};

/// A convoy. What `gt` does not say is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Convoy {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// Its title.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// `staged_ready`, `staged_warnings`, `open`, `closed`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// What belongs to it.
    #[serde(default, deserialize_with = "or_default")]
    pub tracked: Vec<Tracked>,
    /// How much of it is closed.
    #[serde(default, deserialize_with = "or_default")]
    pub completed: usize,
    /// How much belongs to it. 0 where this `gt` can't read what this `bd` keeps of it.
    #[serde(default, deserialize_with = "or_default")]
    pub total: usize,
}

impl Convoy {
    /// Whether nobody was let begin with it yet: one that was launched would be launched as a second convoy.
    #[must_use]
    pub fn is_staged(&self) -> bool {
        self.status.starts_with("staged")
    }
}

/// A bead of a convoy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Tracked {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// Its title; empty where `gt` can't find it.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// As in the bead, or `unknown`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
}

/// What came of staging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Staged {
    /// The convoy. Without it it is no answer of Gas Town's.
    pub convoy_id: String,
    /// `staged_ready`, `staged_warnings`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// Whether it was there already.
    #[serde(default, deserialize_with = "or_default")]
    pub restaged: bool,
    /// What keeps it from being launched.
    #[serde(default, deserialize_with = "or_default")]
    pub errors: Vec<Finding>,
    /// What `gt` finds odd in it.
    #[serde(default, deserialize_with = "or_default")]
    pub warnings: Vec<Finding>,
    /// What can be done at once, the first first, as far as `gt` sees: it knows nothing of merges.
    #[serde(default, deserialize_with = "or_default")]
    pub waves: Vec<Wave>,
}

/// Something that `gt` finds in what it stages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// `orphan`, `capacity`, `cycle`, ….
    #[serde(default, deserialize_with = "or_default")]
    pub category: String,
    /// One sentence.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    /// The beads that it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub bead_ids: Vec<String>,
}

/// Beads that can be done at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Wave {
    /// From 1.
    #[serde(default, deserialize_with = "or_default")]
    pub number: usize,
    /// The beads.
    #[serde(default, deserialize_with = "or_default")]
    pub tasks: Vec<WaveTask>,
}

/// A bead of a wave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct WaveTask {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// The rig that it is routed to.
    #[serde(default, deserialize_with = "or_default")]
    pub rig: String,
    /// What it waits for.
    #[serde(default, deserialize_with = "or_default")]
    pub blocked_by: Vec<String>,
}

/// `gt convoy list`: every convoy.
pub fn list(host: &dyn Host) -> Asked<Vec<Convoy>> {
    ask(host, LIST, &[], answer::list)
}

/// `gt convoy stage`. The same beads again are the same convoy; fewer make it smaller.
pub fn stage(host: &dyn Host, beads: &[&str], title: &str) -> Asked<Staged> {
    ask_lists(host, STAGE, &[("beads", beads), ("title", &[title])], answer::object)
}

/// `gt convoy add`. A closed one is opened by it.
pub fn add(host: &dyn Host, convoy: &str, beads: &[&str]) -> Asked<()> {
    ask_lists(host, ADD, &[("convoy", &[convoy]), ("beads", beads)], answer::done)
}

/// `gt convoy watch`.
pub fn watch(host: &dyn Host, convoy: &str, address: &str) -> Asked<()> {
    ask(host, WATCH, &[("convoy", convoy), ("address", address)], answer::done)
}

/// `gt convoy launch`. It starts agents.
pub fn launch(host: &dyn Host, convoy: &str) -> Asked<()> {
    ask(host, LAUNCH, &[("convoy", convoy)], answer::done)
}

/// `gt convoy close`. One that is closed stays so.
pub fn close(host: &dyn Host, convoy: &str, reason: &str) -> Asked<()> {
    ask(host, CLOSE, &[("convoy", convoy), ("reason", reason)], answer::done)
}
