//! Work that was begun before it came to Gas Town: a branch at the remote that a bead's worker goes on from.
//!
//! `conductor migrate` pushes the branch and writes its name on the bead; whoever slings that bead slings it from there.

use conductor_beads::{Asked, Bead, Call, ask, writes};
use conductor_common::count;
use conductor_common::width::one_line;
use conductor_gastown::reads::RIG;
use conductor_plugin::Host;

/// The branch, and how many commits on it are not on the target.
const BRANCH: &str = "conductor_base";
const COMMITS: &str = "conductor_base_commits";

/// Says on a bead of a rig where its worker goes on from.
pub const KEEP: Call = Call {
    name: "rig-base",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--set-metadata=conductor_base=<branch:ref>",
        "--set-metadata=conductor_base_commits=<commits:text>",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: 60_000,
};

/// Where a bead's worker goes on from, if it does.
#[must_use]
pub fn of(bead: &Bead) -> Option<&str> {
    bead.metadata(BRANCH).filter(|branch| !branch.is_empty())
}

/// `bd update --set-metadata` in a rig.
pub fn keep(host: &dyn Host, rig: &str, bead: &str, branch: &str, commits: usize) -> Asked<()> {
    // A number alone would be kept as one.
    let commits = count(commits, "commit");
    let values = [("rig", rig), ("bead", bead), ("branch", branch), ("commits", &commits)];
    ask(host, KEEP, &values, writes::changed)
}

/// What the worker is told, behind its brief; nothing where it begins anew.
#[must_use]
pub fn told(bead: &Bead) -> String {
    let Some(branch) = of(bead) else { return String::new() };
    let many = bead
        .metadata(COMMITS)
        .map_or_else(String::new, |commits| format!(" ({})", one_line(commits)));
    format!(
        "Continue from `{branch}`{many}: your branch begins there, and what is on it was done for this. Look at it before you write anything.\n"
    )
}
