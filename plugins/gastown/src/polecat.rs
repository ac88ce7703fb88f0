//! Polecats, Gas Town's workers, each with a worktree of its own: how one stands, what it has not handed in, and its end.

use conductor_beads::answer::{self, or_default};
use conductor_beads::{Asked, Call, Error, ask};
use conductor_plugin::{Host, Output};
use serde::Deserialize;

use crate::reads::RIG;

/// How long a read may take: a third of a second each.
const SLOW_MS: u64 = 20_000;

/// How long a change may take: a second, and as long as its push to the remote.
const TIMEOUT_MS: u64 = 120_000;

/// How one polecat stands.
pub const STATUS: Call = Call {
    name: "polecat-status",
    argv: &["gt", "polecat", "status", "<rig:id>/<polecat:id>", "--json"],
    cwd: "town",
    timeout_ms: SLOW_MS,
};

/// What a polecat has in its worktree that is nowhere else.
pub const GIT_STATE: Call = Call {
    name: "polecat-git-state",
    argv: &["gt", "polecat", "git-state", "<rig:id>/<polecat:id>", "--json"],
    cwd: "town",
    timeout_ms: SLOW_MS,
};

/// Keeps a polecat alive that has said nothing for a while: a fresh one that is started ends those silent for three minutes.
///
/// `gt` takes who it is from the environment, [`HEARTBEAT_ENV`], and from nowhere else.
pub const HEARTBEAT: Call = Call {
    name: "polecat-heartbeat",
    argv: &["gt", "heartbeat", "--state=working"],
    cwd: RIG,
    timeout_ms: SLOW_MS,
};

/// The variables that [`HEARTBEAT`] needs, by the names of its values.
pub const HEARTBEAT_ENV: [(&str, &str); 2] = [
    ("GT_ROLE", "<rig:id>/polecats/<polecat:id>"),
    ("GT_SESSION", "<session:id>"),
];

/// Says something to a polecat at once, as if it were typed in its session.
pub const NUDGE: Call = Call {
    name: "polecat-nudge",
    argv: &[
        "gt",
        "nudge",
        "<rig:id>/<polecat:id>",
        "--mode=immediate",
        "--message=<text:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Ends a polecat with its worktree and its branch here. Commits that were not pushed are pushed before.
pub const NUKE: Call = Call {
    name: "polecat-nuke",
    argv: &["gt", "polecat", "nuke", "<rig:id>/<polecat:id>", "--force"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Takes a bead from its worker and opens it. What a formula has attached to it stays.
pub const RELEASE: Call = Call {
    name: "release",
    argv: &["gt", "release", "<bead:id>", "--reason=<reason:text>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// How a polecat stands. What `gt` does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// Its name. Without it it is no answer of Gas Town's.
    pub name: String,
    /// `working`, `idle`, `stalled`, `review-needed`, ….
    #[serde(default, deserialize_with = "or_default")]
    pub state: String,
    /// The bead that it has.
    #[serde(default, deserialize_with = "or_default")]
    pub issue: String,
    /// The branch of its worktree.
    #[serde(default, deserialize_with = "or_default")]
    pub branch: String,
    /// Whether its session runs.
    #[serde(default, deserialize_with = "or_default")]
    pub session_running: bool,
    /// Its session: what [`heartbeat`] wants of it.
    #[serde(default, deserialize_with = "or_default")]
    pub session_id: String,
}

/// What is in a polecat's worktree and nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct GitState {
    /// Whether there is nothing.
    pub clean: bool,
    /// The files that are not committed.
    #[serde(default, deserialize_with = "or_default")]
    pub uncommitted_files: Vec<String>,
    /// How many commits are not pushed.
    #[serde(default, deserialize_with = "or_default")]
    pub unpushed_commits: usize,
    /// How many of these are not on the target in another form either.
    #[serde(default, deserialize_with = "or_default")]
    pub unpreserved_patch_count: usize,
    /// How much is stashed.
    #[serde(default, deserialize_with = "or_default")]
    pub stash_count: usize,
}

/// `gt polecat status`.
pub fn status(host: &dyn Host, rig: &str, polecat: &str) -> Asked<Status> {
    ask(host, STATUS, &[("rig", rig), ("polecat", polecat)], answer::object)
}

/// `gt polecat git-state`.
pub fn git_state(host: &dyn Host, rig: &str, polecat: &str) -> Asked<GitState> {
    ask(host, GIT_STATE, &[("rig", rig), ("polecat", polecat)], answer::object)
}

/// `gt heartbeat`, in the name of a polecat whose session is this one ([`Status::session_id`]).
pub fn heartbeat(host: &dyn Host, rig: &str, polecat: &str, session: &str) -> Asked<()> {
    let values = [("rig", rig), ("polecat", polecat), ("session", session)];
    ask(host, HEARTBEAT, &values, answer::done)
}

/// `gt nudge`: made twice it is said twice.
pub fn nudge(host: &dyn Host, rig: &str, polecat: &str, text: &str) -> Asked<()> {
    ask(
        host,
        NUDGE,
        &[("rig", rig), ("polecat", polecat), ("text", text)],
        answer::done,
    )
}

/// `gt polecat nuke --force`.
pub fn nuke(host: &dyn Host, rig: &str, polecat: &str) -> Asked<()> {
    ask(host, NUKE, &[("rig", rig), ("polecat", polecat)], answer::done)
}

/// `gt release`: the bead is open and nobody's. `reason` is added to its notes.
pub fn release(host: &dyn Host, bead: &str, reason: &str) -> Asked<()> {
    ask(host, RELEASE, &[("bead", bead), ("reason", reason)], released)
}

/// Why a bead is not released is on standard output, behind a cross; standard error only counts.
fn released(output: &Output) -> Result<(), Error> {
    let text = String::from_utf8_lossy(&output.stdout);
    let why = text.lines().find_map(|line| line.trim().strip_prefix('✗'));
    match why {
        Some(why) if !output.success() => Err(Error::said(why.trim())),
        _ => answer::done(output),
    }
}
