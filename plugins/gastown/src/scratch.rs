//! A worktree of its own in which a merge request that conflicts is mended: `.conductor/REQUEST` in the rig, which no worker and no person
//! has for anything else.
//!
//! A refinery rebases what it merges, so what is handed to it is rebased here too: a merge commit would be taken apart by it, and the same
//! conflict would be there again.

use conductor_beads::{Asked, Call, Error, Kind, answer, ask};
use conductor_plugin::{Host, Output};

use crate::reads::RIG;

/// How long git may take in a repository.
const TIMEOUT_MS: u64 = 60_000;
/// How long a rebase may take.
const REBASE_MS: u64 = 120_000;

/// Makes it.
pub const ADD: Call = Call {
    name: "scratch-add",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "-c",
        "core.hooksPath=/dev/null",
        "worktree",
        "add",
        "--quiet",
        "--detach",
        ".conductor/<request:id>",
        "<sha:sha>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Notes which commit of the branch it was made from: only that one may be replaced.
pub const KEEP: Call = Call {
    name: "scratch-keep",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "update-ref",
        "refs/conductor/resolve/<request:id>",
        "<sha:sha>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// What was noted.
pub const KEPT: Call = Call {
    name: "scratch-kept",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "rev-parse",
        "--verify",
        "--quiet",
        "refs/conductor/resolve/<request:id>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Puts the branch's commits on top of the target. Where both changed the same lines, `ours` are the target's and `theirs` the branch's;
/// with `histogram`, which is how git compares in any case, it stops there.
pub const REBASE: Call = Call {
    name: "scratch-rebase",
    argv: &[
        "git",
        "-C",
        ".conductor/<request:id>",
        "-c",
        "core.hooksPath=/dev/null",
        "rebase",
        "--strategy-option=<side:one of ours|theirs|histogram>",
        "refs/remotes/origin/<target:ref>",
    ],
    cwd: RIG,
    timeout_ms: REBASE_MS,
};

/// Files in it that are not committed, and those of a rebase that has stopped.
pub const STATUS: Call = Call {
    name: "scratch-status",
    argv: &[
        "git",
        "-C",
        ".conductor/<request:id>",
        "--no-optional-locks",
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The change at which a rebase has stopped, if one has. `REBASE_HEAD` says nothing: it is there after the end too.
pub const STOPPED: Call = Call {
    name: "scratch-stopped",
    argv: &[
        "git",
        "-C",
        ".conductor/<request:id>",
        "-c",
        "core.pager=cat",
        "rebase",
        "--show-current-patch",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Its commits that the target has not (`>`), and those of the target that it has not (`<`), each with its parents.
pub const COMMITS: Call = Call {
    name: "scratch-commits",
    argv: &[
        "git",
        "-C",
        ".conductor/<request:id>",
        "--no-optional-locks",
        "-c",
        "log.showSignature=false",
        "log",
        "--left-right",
        "--max-count=500",
        "--format=%m %P",
        "refs/remotes/origin/<target:ref>...HEAD",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Gives the branch what is checked out in it, if the branch is still as it was.
pub const PUSH: Call = Call {
    name: "scratch-push",
    argv: &[
        "git",
        "-C",
        ".conductor/<request:id>",
        "push",
        "--quiet",
        "--no-verify",
        "--force-with-lease=refs/heads/<branch:ref>:<lease:sha>",
        "origin",
        "HEAD:refs/heads/<branch:ref>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Removes it.
pub const REMOVE: Call = Call {
    name: "scratch-remove",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "worktree",
        "remove",
        "--force",
        ".conductor/<request:id>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Forgets what was noted of it.
pub const FORGET: Call = Call {
    name: "scratch-forget",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "update-ref",
        "-d",
        "refs/conductor/resolve/<request:id>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Whose lines are taken where both changed the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those that are merged already.
    Target,
    /// Those of the branch.
    Branch,
    /// Nobody's: it stops there, for a person.
    Neither,
}

/// What came of a rebase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebased {
    /// The branch's commits are on top of the target.
    Whole,
    /// It has stopped, and waits.
    Stopped,
}

/// How what is checked out stands to the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// How many the target has not.
    pub own: usize,
    /// How many of the target it has not.
    pub missing: usize,
    /// Whether one of its own is a merge.
    pub has_merge: bool,
}

/// `git worktree add` in a rig.
pub fn add(host: &dyn Host, rig: &str, request: &str, sha: &str) -> Asked<()> {
    ask(
        host,
        ADD,
        &[("rig", rig), ("request", request), ("sha", sha)],
        |output| answer::text(output).map(drop),
    )
}

/// `git update-ref` in a rig.
pub fn keep(host: &dyn Host, rig: &str, request: &str, sha: &str) -> Asked<()> {
    ask(
        host,
        KEEP,
        &[("rig", rig), ("request", request), ("sha", sha)],
        |output| answer::text(output).map(drop),
    )
}

/// `git rev-parse` in a rig: the commit that was noted; nothing where none was.
pub fn kept(host: &dyn Host, rig: &str, request: &str) -> Asked<Option<String>> {
    ask(host, KEPT, &[("rig", rig), ("request", request)], word)
}

/// `git rebase` in it.
pub fn rebase(host: &dyn Host, rig: &str, request: &str, side: Side, target: &str) -> Asked<Rebased> {
    let side = match side {
        Side::Target => "ours",
        Side::Branch => "theirs",
        Side::Neither => "histogram",
    };
    let values = [("rig", rig), ("request", request), ("side", side), ("target", target)];
    ask(host, REBASE, &values, |output| {
        // 1: it could not put a commit on top of the target, and waits; 128: there was nothing to begin with.
        match output.status {
            Some(1) => Ok(Rebased::Stopped),
            _ => answer::text(output).map(|_| Rebased::Whole),
        }
    })
}

/// `git status` in it: the files that are not committed.
pub fn uncommitted(host: &dyn Host, rig: &str, request: &str) -> Asked<Vec<String>> {
    ask(host, STATUS, &[("rig", rig), ("request", request)], |output| {
        let text = answer::text(output)?;
        let names = text.split('\0').filter_map(|entry| entry.get(3..));
        Ok(names.map(str::to_owned).collect())
    })
}

/// `git rebase --show-current-patch` in it: whether a rebase has stopped there.
pub fn is_stopped(host: &dyn Host, rig: &str, request: &str) -> Asked<bool> {
    ask(host, STOPPED, &[("rig", rig), ("request", request)], |output| {
        // 128: there is none.
        match output.status {
            Some(128) => Ok(false),
            _ => answer::text(output).map(|_| true),
        }
    })
}

/// `git log` in it: how it stands to the target.
pub fn commits(host: &dyn Host, rig: &str, request: &str, target: &str) -> Asked<Commits> {
    let values = [("rig", rig), ("request", request), ("target", target)];
    ask(host, COMMITS, &values, |output| {
        let mut commits = Commits::default();
        for line in answer::text(output)?.lines() {
            let (side, parents) = line.split_once(' ').unwrap_or((line, ""));
            match side {
                ">" => {
                    commits.own += 1;
                    commits.has_merge |= parents.contains(' ');
                }
                "<" => commits.missing += 1,
                _ => return Err(Error::new(Kind::NotUnderstood, "lists commits in another form")),
            }
        }
        Ok(commits)
    })
}

/// `git push` in it. What has another commit by now than `lease` stays as it is.
pub fn push(host: &dyn Host, rig: &str, request: &str, branch: &str, lease: &str) -> Asked<()> {
    let values = [("rig", rig), ("request", request), ("branch", branch), ("lease", lease)];
    ask(host, PUSH, &values, |output| answer::text(output).map(drop))
}

/// `git worktree remove` in a rig.
pub fn remove(host: &dyn Host, rig: &str, request: &str) -> Asked<()> {
    ask(host, REMOVE, &[("rig", rig), ("request", request)], |output| {
        answer::text(output).map(drop)
    })
}

/// `git update-ref -d` in a rig. What was never noted is forgotten.
pub fn forget(host: &dyn Host, rig: &str, request: &str) -> Asked<()> {
    ask(host, FORGET, &[("rig", rig), ("request", request)], |output| {
        answer::text(output).map(drop)
    })
}

/// A commit that git may have or not.
fn word(output: &Output) -> Result<Option<String>, Error> {
    let text = answer::text_if_any(output)?.unwrap_or_default();
    Ok(Some(text.trim().to_owned()).filter(|sha| !sha.is_empty()))
}
