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
/// The other branches with work of it, between spaces, which no name of a branch has: one item of the plan may have been several workers'.
const ALSO: &str = "conductor_base_also";

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

/// Says on a bead of a rig which other branches its worker takes in.
pub const KEEP_ALSO: Call = Call {
    name: "rig-base-also",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--set-metadata=conductor_base_also=<branches:text>",
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

/// The other branches that a bead's worker takes in.
pub fn also(bead: &Bead) -> impl Iterator<Item = &str> {
    bead.metadata(ALSO).unwrap_or_default().split_whitespace()
}

/// `bd update --set-metadata` in a rig.
pub fn keep_also(host: &dyn Host, rig: &str, bead: &str, branches: &[&str]) -> Asked<()> {
    let branches = branches.join(" ");
    let values = [("rig", rig), ("bead", bead), ("branches", branches.as_str())];
    ask(host, KEEP_ALSO, &values, writes::changed)
}

/// What the worker is told, behind its brief; nothing where it begins anew. A crew member (`is_crew`) has a clone of its own, which begins
/// nowhere else than it stands.
#[must_use]
pub fn told(bead: &Bead, is_crew: bool) -> String {
    let Some(branch) = of(bead) else { return String::new() };
    let many = bead
        .metadata(COMMITS)
        .map_or_else(String::new, |commits| format!(" ({})", one_line(commits)));
    let begins = match is_crew {
        true => format!("take it in first (`git fetch`, then `git merge origin/{branch}`)"),
        false => "your branch begins there".to_owned(),
    };
    let mut told = format!(
        "Continue from `{branch}`{many}: {begins}, and what is on it was done for this. Look at it before you write anything.\n"
    );
    for other in also(bead) {
        told.push_str(&format!(
            "Then take in `origin/{other}`, on which another worker has begun a part of the same (`git merge origin/{other}`).\n"
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_worker_is_told_of_each_branch() {
        let bead =
            |metadata| -> Bead { serde_json::from_value(json!({"id": "sp-1", "metadata": metadata})).expect("a bead") };
        assert_eq!(told(&bead(json!({})), false), "");
        let of_one = bead(json!({"conductor_base": "w1", "conductor_base_commits": "2 commits"}));
        assert!(told(&of_one, true).contains("`git merge origin/w1`"));
        let one = told(&of_one, false);
        assert!(
            one.starts_with("Continue from `w1` (2 commits)") && !one.contains("origin/"),
            "{one}"
        );
        let two = told(
            &bead(json!({"conductor_base": "w1", "conductor_base_also": "w2 w3"})),
            false,
        );
        assert!(
            two.contains("`git merge origin/w2`") && two.contains("`git merge origin/w3`"),
            "{two}"
        );
    }
}
