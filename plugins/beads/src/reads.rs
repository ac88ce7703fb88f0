//! The calls of `bd` that only read. Each is one process.
//!
//! `--readonly` keeps `bd` itself from writing; `--limit 0` is there since it cuts lists at 50, or at 20 under Claude Code.

use conductor_plugin::Host;
use serde::Deserialize;

use crate::answer;
use crate::bead::Bead;
use crate::call::{Asked, Call, ask};
use crate::error::Error;

/// How long each may take: answers come in 0.1 to 0.3 s, and a status is waited for.
const TIMEOUT_MS: u64 = 2000;

/// How long a read may take that something is done by, in milliseconds: an embedded database is waited for.
pub const PATIENCE_MS: u64 = 20_000;

/// Which workspace `bd` takes in the project.
pub const WHERE: Call = Call {
    name: "beads-where",
    argv: &["bd", "--readonly", "where", "--json"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The beads of the project that are not closed, gates too.
pub const OPEN: Call = Call {
    name: "beads-open",
    argv: &["bd", "--readonly", "list", "--include-gates", "--limit", "0", "--json"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The beads of the project that can be begun.
pub const READY: Call = Call {
    name: "beads-ready",
    argv: &[
        "bd",
        "--readonly",
        "ready",
        "--exclude-type",
        "epic",
        "--limit",
        "0",
        "--json",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The open epics of the project, with how many of their children are closed.
pub const EPICS: Call = Call {
    name: "beads-epics",
    argv: &["bd", "--readonly", "epic", "status", "--json"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The beads of a track, closed ones and gates too.
pub const OF_TRACK: Call = Call {
    name: "beads-of-track",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--all",
        "--include-gates",
        "--limit",
        "0",
        "--metadata-field=conductor_track=<track:text>",
        "--json",
    ],
    cwd: "project",
    timeout_ms: PATIENCE_MS,
};

/// Beads by their ids.
pub const BY_ID: Call = Call {
    name: "beads-by-id",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--all",
        "--include-gates",
        "--limit",
        "0",
        "--id=<ids:text>",
        "--json",
    ],
    cwd: "project",
    timeout_ms: PATIENCE_MS,
};

/// The workspace that `bd` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Workspace {
    /// The `.beads` folder.
    #[serde(default, deserialize_with = "answer::or_default")]
    pub path: String,
    /// What its ids begin with. `bd` does not say it of a workspace whose database is a server's.
    #[serde(default)]
    pub prefix: Option<String>,
    /// Where its database is: `.beads/embeddeddolt`, or `.beads/dolt` where it is a server's.
    #[serde(default, deserialize_with = "answer::or_default")]
    pub database_path: String,
}

/// An open epic.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Epic {
    /// The epic itself.
    pub epic: Bead,
    /// How many children it has.
    #[serde(default, deserialize_with = "answer::or_default")]
    pub total_children: usize,
    /// How many of them are closed.
    #[serde(default, deserialize_with = "answer::or_default")]
    pub closed_children: usize,
}

/// `bd where`: which workspace it takes. Answers also where that is damaged; look at the prefix.
pub fn workspace(host: &dyn Host) -> Asked<Workspace> {
    ask(host, WHERE, &[], answer::object)
}

/// `bd list`: every bead that is not closed.
pub fn open(host: &dyn Host) -> Asked<Vec<Bead>> {
    ask(host, OPEN, &[], answer::list)
}

/// `bd ready`: every bead, epics left out, that waits for no other.
pub fn ready(host: &dyn Host) -> Asked<Vec<Bead>> {
    ask(host, READY, &[], answer::list)
}

/// `bd list`: every bead of a track.
pub fn of_track(host: &dyn Host, track: &str) -> Asked<Vec<Bead>> {
    ask(host, OF_TRACK, &[("track", track)], answer::list)
}

/// `bd list`: the beads with these ids, as far as they are there.
pub fn by_id(host: &dyn Host, ids: &[&str]) -> Asked<Vec<Bead>> {
    ask(host, BY_ID, &[("ids", &ids.join(","))], answer::list)
}

/// `bd epic status`: the open epics.
pub fn epics(host: &dyn Host) -> Asked<Vec<Epic>> {
    ask(host, EPICS, &[], answer::list)
}

/// Checks that a workspace can be read.
///
/// # Errors
/// When it is damaged: its database is a folder in it, and has no prefix. `bd` then answers every question with an empty list.
pub fn check(workspace: &Workspace) -> Result<(), Error> {
    match workspace.prefix.as_deref() {
        Some(prefix) if !prefix.is_empty() => Ok(()),
        _ if is_of_a_server(workspace) => Ok(()),
        _ => Err(Error::damaged()),
    }
}

/// Whether a server has its database. One whose metadata.json can't be read is taken for an embedded one, by `bd` too.
fn is_of_a_server(workspace: &Workspace) -> bool {
    let path = workspace.database_path.trim_end_matches(['/', '\\']);
    !path.is_empty() && !path.ends_with("embeddeddolt")
}
