//! The calls of `bd` that change a project's beads. Each is one process, and each can be made again: what is so already stays so.

use std::collections::BTreeMap;

use conductor_plugin::{Host, Output};
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::bead::Bead;
use crate::call::{Asked, Call, ask};
use crate::error::Error;

/// How long a change may take: ten beads with their links take a second, and an embedded database is waited for.
pub const TIMEOUT_MS: u64 = 60_000;

/// How long it may take to make many: 200 tasks are half a minute on an idle machine, and several on a busy one.
const MANY_MS: u64 = 600_000;

/// Makes many beads at once: all of them or none.
pub const CREATE: Call = Call {
    name: "beads-create",
    argv: &["bd", "create", "--graph", "<graph:tempfile>", "--json"],
    cwd: "project",
    timeout_ms: MANY_MS,
};

/// Sets a bead's status.
pub const STATUS: Call = Call {
    name: "beads-status",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--status",
        "<status:one of open|in_progress|blocked>",
        "--json",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Says in a bead which task of a plan it is.
pub const NAME: Call = Call {
    name: "beads-name",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--add-label",
        "conductor",
        "--title=<title:text>",
        "--set-metadata=conductor_track=<track:text>",
        "--set-metadata=conductor_key=<key:text>",
        "--set-metadata=conductor_phase=<phase:text>",
        "--set-metadata=conductor_title=<title:text>",
        "--json",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Closes a bead, whatever `bd` holds against it: the plan says that it is done.
pub const CLOSE: Call = Call {
    name: "beads-close",
    argv: &[
        "bd",
        "close",
        "<bead:id>",
        "--force",
        "--reason=<reason:text>",
        "--json",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Makes a workspace that touches nothing else of the repository: no hooks, no agents' files, no commit.
pub const INIT: Call = Call {
    name: "beads-init",
    argv: &[
        "bd",
        "init",
        "--prefix",
        "<prefix:id>",
        "--stealth",
        "--skip-agents",
        "--skip-hooks",
        "--quiet",
        "--non-interactive",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Beads to make, with what links them: what `bd create --graph` reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// What Beads' history says of it.
    pub commit_message: String,
    /// The beads.
    pub nodes: Vec<Node>,
    /// What waits for what.
    pub edges: Vec<Edge>,
}

/// A bead to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name in this graph.
    pub key: String,
    /// Its title.
    pub title: String,
    /// `epic`, `task`, `gate`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// 0 (first) to 4.
    pub priority: u8,
    /// Its labels.
    pub labels: Vec<String>,
    /// What is attached to it.
    pub metadata: BTreeMap<String, String>,
    /// The epic that it belongs to, by its name in this graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_key: Option<String>,
    /// The epic that it belongs to, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
}

/// One bead that waits for another. Each end is named in this graph, or is there already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Who waits, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_key: Option<String>,
    /// Who waits, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_id: Option<String>,
    /// What it waits for, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_key: Option<String>,
    /// What it waits for, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_id: Option<String>,
    /// `blocks`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl Graph {
    /// As `bd create --graph` reads it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("these types are JSON")
    }
}

#[derive(Deserialize)]
struct Created {
    #[serde(default, deserialize_with = "answer::or_default")]
    ids: BTreeMap<String, String>,
}

/// `bd create --graph`: the ids of the beads that were made, by their names in the graph.
pub fn create(host: &dyn Host, graph: &Graph) -> Asked<BTreeMap<String, String>> {
    ask(host, CREATE, &[("graph", &graph.to_json())], created)
}

/// `bd update --status`.
pub fn status(host: &dyn Host, bead: &str, status: &str) -> Asked<()> {
    ask(host, STATUS, &[("bead", bead), ("status", status)], changed)
}

/// `bd update --set-metadata`: says which task of a plan a bead is, and gives it that task's title.
pub fn name(host: &dyn Host, bead: &str, track: &str, key: &str, phase: &str, title: &str) -> Asked<()> {
    let values = [
        ("bead", bead),
        ("track", track),
        ("key", key),
        ("phase", phase),
        ("title", title),
    ];
    ask(host, NAME, &values, changed)
}

/// `bd close`. One that is closed already stays as it is.
pub fn close(host: &dyn Host, bead: &str, reason: &str) -> Asked<()> {
    ask(host, CLOSE, &[("bead", bead), ("reason", reason)], changed)
}

/// `bd init`: a workspace for the project.
pub fn init(host: &dyn Host, prefix: &str) -> Asked<()> {
    ask(host, INIT, &[("prefix", prefix)], |output| match output.success() {
        true => Ok(()),
        false => Err(answer::failed(output)),
    })
}

/// What `bd create --graph` answers.
///
/// # Errors
/// What `bd` said of its failure.
pub fn created(output: &Output) -> Result<BTreeMap<String, String>, Error> {
    answer::object::<Created>(output).map(|created| created.ids)
}

/// What a change answers: the beads as they are now. None is a failure that `bd` told on stderr only.
///
/// # Errors
/// What `bd` said of its failure.
pub fn changed(output: &Output) -> Result<(), Error> {
    let beads: Vec<Bead> = answer::list(output)?;
    if beads.is_empty() {
        return Err(answer::failed(output));
    }
    Ok(())
}
