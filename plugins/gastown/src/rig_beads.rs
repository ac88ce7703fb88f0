//! The beads of a rig, asked for and changed by `bd` in the rig's folder: the same calls as in a project, in another database.
//!
//! What `gt` hands to workers has to be in the rig's own database, and an id that is given there is routed there.

use std::collections::BTreeMap;

use conductor_beads::reads::{self, PATIENCE_MS, Workspace};
use conductor_beads::writes::{self, Graph};
use conductor_beads::{Asked, Bead, Call, Error, answer, ask};
use conductor_plugin::{Host, Output};
use serde::Deserialize;

use crate::reads::RIG;

/// Which workspace `bd` takes in the rig. The prefix that it tells is the configuration's, not what ids get: see [`PREFIX`].
pub const WHERE: Call = Call {
    name: "rig-where",
    cwd: RIG,
    ..reads::WHERE
};

/// What the ids of new beads in the rig begin with. `gt rig add` of 1.2.1 leaves the rig's name there, and `gt` finds no such bead:
/// it has to be what the town routes ([`crate::rigs::Rig::prefix`]), and [`crate::rigs::INIT_DATABASE`] sets it right.
pub const PREFIX: Call = Call {
    name: "rig-prefix",
    argv: &["bd", "--readonly", "config", "get", "issue_prefix", "--json"],
    cwd: RIG,
    timeout_ms: PATIENCE_MS,
};

/// The beads of a track in the rig, closed ones and gates too.
pub const OF_TRACK: Call = Call {
    name: "rig-of-track",
    cwd: RIG,
    ..reads::OF_TRACK
};

/// Makes many beads in the rig at once: all of them or none.
pub const CREATE: Call = Call {
    name: "rig-create",
    cwd: RIG,
    ..writes::CREATE
};

/// Sets a bead's status. A slung bead's is `gt`'s to set.
pub const STATUS: Call = Call {
    name: "rig-status",
    cwd: RIG,
    ..writes::STATUS
};

/// Says in a bead which task of a plan it is.
pub const NAME: Call = Call {
    name: "rig-name",
    cwd: RIG,
    ..writes::NAME
};

/// Attaches a text of ours to a bead: what is known of its work that no other place keeps.
pub const KEEP: Call = Call {
    name: "rig-keep",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--set-metadata=<key:one of conductor_base|conductor_commit|conductor_escalated|conductor_project_bead|gastown_convoy|spec_path|plan_path>=<value:text>",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: writes::TIMEOUT_MS,
};

/// Adds to a bead's notes. The description of a slung bead is `gt`'s: what is written there steers it.
pub const NOTE: Call = Call {
    name: "rig-note",
    argv: &["bd", "update", "<bead:id>", "--append-notes=<note:text>", "--json"],
    cwd: RIG,
    timeout_ms: writes::TIMEOUT_MS,
};

/// Closes a bead, whatever `bd` holds against it.
pub const CLOSE: Call = Call {
    name: "rig-close",
    cwd: RIG,
    ..writes::CLOSE
};

/// Opens a bead again that is closed. It keeps what a formula has attached to it, so that it needs [`crate::sling::How::force`].
pub const REOPEN: Call = Call {
    name: "rig-reopen",
    argv: &["bd", "reopen", "<bead:id>", "--reason=<reason:text>", "--json"],
    cwd: RIG,
    timeout_ms: writes::TIMEOUT_MS,
};

/// `bd where` in a rig: which workspace it takes; look at the prefix.
pub fn workspace(host: &dyn Host, rig: &str) -> Asked<Workspace> {
    ask(host, WHERE, &[("rig", rig)], answer::object)
}

/// `bd config get issue_prefix` in a rig: what the ids of new beads begin with, without a hyphen.
pub fn prefix(host: &dyn Host, rig: &str) -> Asked<String> {
    #[derive(Deserialize)]
    struct Setting {
        value: String,
    }
    ask(host, PREFIX, &[("rig", rig)], |output| {
        answer::object::<Setting>(output).map(|setting| setting.value)
    })
}

/// `bd list` in a rig: every bead of a track.
pub fn of_track(host: &dyn Host, rig: &str, track: &str) -> Asked<Vec<Bead>> {
    ask(host, OF_TRACK, &[("rig", rig), ("track", track)], answer::list)
}

/// `bd create --graph` in a rig: the ids of the beads that were made, by their names in the graph.
pub fn create(host: &dyn Host, rig: &str, graph: &Graph) -> Asked<BTreeMap<String, String>> {
    let values = [("rig", rig), ("graph", &graph.to_json())];
    ask(host, CREATE, &values, writes::created)
}

/// `bd update --status` in a rig.
pub fn status(host: &dyn Host, rig: &str, bead: &str, status: &str) -> Asked<()> {
    let values = [("rig", rig), ("bead", bead), ("status", status)];
    ask(host, STATUS, &values, writes::changed)
}

/// `bd update --set-metadata` in a rig: says which task of a plan a bead is, and gives it that task's title.
pub fn name(host: &dyn Host, rig: &str, bead: &str, task: Task<'_>) -> Asked<()> {
    let values = [
        ("rig", rig),
        ("bead", bead),
        ("title", task.title),
        ("track", task.track),
        ("key", task.key),
        ("phase", task.phase),
    ];
    ask(host, NAME, &values, writes::changed)
}

/// Which task of a plan a bead is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task<'a> {
    /// The track.
    pub track: &'a str,
    /// The task, or the phase, or the track: `auth_20241226/phase2/task1`.
    pub key: &'a str,
    /// The phase.
    pub phase: &'a str,
    /// The task's title.
    pub title: &'a str,
}

/// `bd update --set-metadata` in a rig: `key` is one of those that [`KEEP`] lists.
pub fn keep(host: &dyn Host, rig: &str, bead: &str, key: &str, value: &str) -> Asked<()> {
    let values = [("rig", rig), ("bead", bead), ("key", key), ("value", value)];
    ask(host, KEEP, &values, writes::changed)
}

/// `bd update --append-notes` in a rig. Made twice it is there twice.
pub fn note(host: &dyn Host, rig: &str, bead: &str, note: &str) -> Asked<()> {
    let values = [("rig", rig), ("bead", bead), ("note", note)];
    ask(host, NOTE, &values, writes::changed)
}

/// `bd close` in a rig. One that is closed already stays as it is.
pub fn close(host: &dyn Host, rig: &str, bead: &str, reason: &str) -> Asked<()> {
    let values = [("rig", rig), ("bead", bead), ("reason", reason)];
    ask(host, CLOSE, &values, writes::changed)
}

/// `bd reopen` in a rig. One that is open stays as it is.
pub fn reopen(host: &dyn Host, rig: &str, bead: &str, reason: &str) -> Asked<()> {
    let values = [("rig", rig), ("bead", bead), ("reason", reason)];
    ask(host, REOPEN, &values, reopened)
}

/// Of one that is open `bd` says so in plain words, whatever it was asked for.
fn reopened(output: &Output) -> Result<(), Error> {
    let text = String::from_utf8_lossy(&output.stderr);
    match output.success() && text.trim_end().ends_with(" is already open") {
        true => Ok(()),
        false => writes::changed(output),
    }
}
