//! The calls that only read: of `gt` and `bd` in the town, of `bd` in a rig, and of `git` for what neither tells. Each is one process.

use conductor_beads::{Asked, Call, Error, answer, ask};
use conductor_plugin::{Host, Output};

use crate::notices::Notices;
use crate::overlap::{self, Overlap};
use crate::rig_work::RigWork;
use crate::town::Town;

/// How long each may take: `gt` answers in 0.4 s, `bd` in 0.1 s, and a status is waited for.
pub const TIMEOUT_MS: u64 = 2000;

/// The folder of a rig, to which a plugin gives the name.
pub const RIG: &str = "town/<rig:id>";

/// What runs in the town. Without `--fast` it takes 3 s.
pub const STATUS: Call = Call {
    name: "town-status",
    argv: &["gt", "status", "--json", "--fast"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// The convoys of the town, the messages and escalations in it, those too that are closed, and merge requests that are kept there.
pub const NOTICES: Call = Call {
    name: "town-beads",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--all",
        "--label-any",
        "gt:convoy,gt:message,gt:escalation,gt:merge-request",
        // Without it bd 1.1.0 leaves out what is ephemeral, as mail and merge requests are.
        "--include-infra",
        "--limit",
        "0",
        "--json",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// What a rig's database holds of the work of tracks, closed beads too, in one process. Beads that `conductor` made have its label.
pub const WORK: Call = Call {
    name: "rig-work",
    argv: &[
        "bd",
        "--readonly",
        "query",
        "label=conductor OR label=gt:merge-request OR label=gt:sling-context OR title=\"Resolve merge conflicts\"",
        "--all",
        "--limit",
        "0",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Who changed which files on a worker's branch, and on its target, since they parted.
pub const CHANGES: Call = Call {
    name: "rig-changes",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "-c",
        "core.quotePath=false",
        "-c",
        "log.showSignature=false",
        "log",
        "--left-right",
        "--no-merges",
        "--name-only",
        "--format=%x00%m%an",
        "--max-count=500",
        "origin/<target:ref>...origin/<branch:ref>",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The addresses of the project's own repository.
pub const REMOTES: Call = Call {
    name: "remotes",
    argv: &[
        "git",
        "--no-optional-locks",
        "config",
        "--get-regexp",
        r"^remote\..*\.url$",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// `gt status --fast`: what runs.
pub fn town(host: &dyn Host) -> Asked<Town> {
    ask(host, STATUS, &[], answer::object)
}

/// `bd list` in the town: its convoys, messages, escalations and merge requests.
pub fn notices(host: &dyn Host) -> Asked<Notices> {
    ask(host, NOTICES, &[], |output| answer::list(output).map(Notices::of))
}

/// `bd query` in a rig: the tracks' beads, the merge requests, the conflicts and what the scheduler holds.
pub fn work(host: &dyn Host, rig: &str) -> Asked<RigWork> {
    ask(host, WORK, &[("rig", rig)], |output| {
        answer::list(output).map(RigWork::of)
    })
}

/// `git log` in a rig: the files that a branch and its target have both changed.
pub fn changes(host: &dyn Host, rig: &str, target: &str, branch: &str) -> Asked<Vec<Overlap>> {
    let values = [("rig", rig), ("target", target), ("branch", branch)];
    ask(host, CHANGES, &values, overlap::read)
}

/// `git log` in a rig: the files that a branch has changed since it parted from its target.
pub fn changed(host: &dyn Host, rig: &str, target: &str, branch: &str) -> Asked<Vec<String>> {
    let values = [("rig", rig), ("target", target), ("branch", branch)];
    ask(host, CHANGES, &values, overlap::read_branch)
}

/// `git config`: where the project's repository is fetched from, `origin` first.
pub fn remotes(host: &dyn Host) -> Asked<Vec<String>> {
    ask(host, REMOTES, &[], read_remotes)
}

/// Reads the addresses that `git config` prints, `origin` first.
///
/// # Errors
/// What git said, where this is no repository.
pub fn read_remotes(output: &Output) -> Result<Vec<String>, Error> {
    let text = answer::text_if_any(output)?.unwrap_or_default();
    let mut remotes: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    remotes.sort_by_key(|(name, _)| *name != "remote.origin.url");
    Ok(remotes.into_iter().map(|(_, url)| url.to_owned()).collect())
}
