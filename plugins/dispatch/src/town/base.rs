//! Work that was begun before it came to Gas Town: a branch at the remote that a bead's worker goes on from.
//!
//! `conductor migrate` pushes the branch and writes its name on the bead; whoever slings that bead slings it from there.

use conductor_beads::{Asked, Bead, Call, ask, writes};
use conductor_common::count;
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
        "--set-metadata=conductor_base_commits=<commits:int>",
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
    let commits = commits.to_string();
    let values = [("rig", rig), ("bead", bead), ("branch", branch), ("commits", &commits)];
    ask(host, KEEP, &values, writes::changed)
}

/// What the worker is told, behind its brief; nothing where it begins anew.
#[must_use]
pub fn told(bead: &Bead) -> String {
    let Some(branch) = of(bead) else { return String::new() };
    let commits = bead.metadata(COMMITS).and_then(|commits| commits.parse().ok());
    let many = commits.map_or_else(String::new, |commits| format!(" ({})", count(commits, "commit")));
    format!(
        "Continue from `{branch}`{many}: your branch begins there, and what is on it was done for this. Look at it before you write anything.\n"
    )
}
