//! The calls that only read: of `gt` in the town, of `bd` in a rig, and of `git` for what neither tells. Each is one process.

use conductor_beads::{Asked, Bead, Call, Error, answer, ask};
use conductor_plugin::{Host, Output};

use crate::convoy::Convoy;
use crate::mail::Mail;
use crate::overlap::{self, Overlap};
use crate::town::Town;

/// How long each may take: `gt` answers in 0.4 s, `bd` in 0.1 s, and a status is waited for.
const TIMEOUT_MS: u64 = 2000;

/// The folder of a rig, to which a plugin gives the name.
const RIG: &str = "town/<rig:id>";

/// What runs in the town. Without `--fast` it takes 3 s.
pub const STATUS: Call = Call {
    name: "town-status",
    argv: &["gt", "status", "--json", "--fast"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// One convoy.
pub const CONVOY: Call = Call {
    name: "town-convoy",
    argv: &["gt", "convoy", "status", "<convoy:id>", "--json"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// What the person has not read.
pub const MAIL: Call = Call {
    name: "town-mail",
    argv: &["gt", "mail", "inbox", "overseer", "--unread", "--json"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// The beads of every track that was dispatched to a rig. Gates are hidden from `--all` too.
pub const WORK: Call = Call {
    name: "rig-work",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--all",
        "--include-gates",
        "--limit",
        "0",
        "--has-metadata-key",
        "conductor_track",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The merge requests of a rig, closed ones too.
pub const MERGE_REQUESTS: Call = Call {
    name: "rig-merge-requests",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--all",
        "--limit",
        "0",
        "--label",
        "gt:merge-request",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The tasks of a rig to resolve a conflict, those that are open.
pub const CONFLICTS: Call = Call {
    name: "rig-conflicts",
    argv: &[
        "bd",
        "--readonly",
        "list",
        "--limit",
        "0",
        "--title",
        crate::work::CONFLICT,
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

/// `gt convoy status`: one convoy. One that is not there, and a database that is down, are the same failure.
pub fn convoy(host: &dyn Host, id: &str) -> Asked<Convoy> {
    ask(host, CONVOY, &[("convoy", id)], answer::object)
}

/// `gt mail inbox`: the unread messages to the person.
pub fn mail(host: &dyn Host) -> Asked<Vec<Mail>> {
    ask(host, MAIL, &[], answer::list)
}

/// `bd list` in a rig: the beads with a track's name on them.
pub fn work(host: &dyn Host, rig: &str) -> Asked<Vec<Bead>> {
    ask(host, WORK, &[("rig", rig)], answer::list)
}

/// `bd list` in a rig: its merge requests.
pub fn merge_requests(host: &dyn Host, rig: &str) -> Asked<Vec<Bead>> {
    ask(host, MERGE_REQUESTS, &[("rig", rig)], answer::list)
}

/// `bd list` in a rig: the open conflict tasks.
pub fn conflicts(host: &dyn Host, rig: &str) -> Asked<Vec<Bead>> {
    ask(host, CONFLICTS, &[("rig", rig)], answer::list)
}

/// `git log` in a rig: the files that a branch and its target have both changed.
pub fn changes(host: &dyn Host, rig: &str, target: &str, branch: &str) -> Asked<Vec<Overlap>> {
    let values = [("rig", rig), ("target", target), ("branch", branch)];
    ask(host, CHANGES, &values, overlap::read)
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
    match output.status {
        // 1: there are none.
        Some(0 | 1) => {}
        _ => return Err(Error::said(&String::from_utf8_lossy(&output.stderr))),
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut remotes: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    remotes.sort_by_key(|(name, _)| *name != "remote.origin.url");
    Ok(remotes.into_iter().map(|(_, url)| url.to_owned()).collect())
}
