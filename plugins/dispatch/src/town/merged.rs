//! The commit under which a piece of work came to the target.
//!
//! A refinery rebases: the worker's own commit is on the target only after a fast-forward. Else it is the one that makes the same
//! change, else the one whose message names the bead; else nobody knows, and no commit is written into the plan.

use std::collections::BTreeMap;

use conductor_beads::{Call, Error, answer, ask};
use conductor_gastown::reads::RIG;
use conductor_gastown::repository::{self, Side};
use conductor_plugin::Host;

use super::look::Look;
use super::pieces::Piece;
use super::ready;
use crate::commits;

/// How long git may take: it looks at some hundred commits.
const TIMEOUT_MS: u64 = 20_000;

/// The last commits up to one, with their subjects, as far as they were made since a moment: what is older is other tasks', which may have
/// the same names.
pub const SUBJECTS: Call = Call {
    name: "rig-subjects",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "-c",
        "log.showSignature=false",
        "log",
        "--max-count=200",
        "--since=<since:text>",
        "--format=%H %s",
        "<sha:sha>",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The last commit on the target whose message has a bead's id in parentheses.
pub const NAMING: Call = Call {
    name: "rig-naming",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "-c",
        "log.showSignature=false",
        "log",
        "--max-count=1",
        "--format=%H %s",
        "--fixed-strings",
        "--grep=(<bead:id>)",
        "refs/remotes/origin/<target:ref>",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The commits of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// The last one.
    pub last: Option<String>,
    /// Those whose subject ends in a task's key, by the key.
    pub keys: BTreeMap<String, String>,
}

/// Finds the commits of a piece that is merged. What git can't tell is left open: it is no reason not to mark the work done.
#[must_use]
pub fn find(host: &dyn Host, look: &Look, piece: &Piece) -> Merged {
    let of_request = piece.request.as_ref().map(|request| request.target.clone());
    let target = of_request
        .filter(|target| !target.is_empty())
        .or_else(|| ready::target(host, look).ok())
        .unwrap_or_else(|| "main".to_owned());
    let target = target.as_str();
    let found = match piece.commit().filter(|sha| is_sha(sha)) {
        Some(own) => of_worker(host, look, own, target, &piece.since),
        None => Merged::default(),
    };
    match found.last {
        Some(_) => found,
        None => named(host, look, &piece.bead, target),
    }
}

/// What a worker has left in its worktree for a bead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its last commit there.
    pub last: String,
    /// Whether its worktree is on the bead's branch still.
    pub is_there: bool,
    /// That branch.
    pub branch: Option<String>,
    /// Whether it has committed anything for the bead.
    pub has_commits: bool,
}

/// What whoever had a piece has left; nothing where the worktree is gone, or was never on the bead's branch.
///
/// # Errors
/// What git says.
pub fn left(host: &dyn Host, look: &Look, piece: &Piece) -> Result<Option<Left>, Error> {
    let Some((_, name)) = piece.assignee.split_once("/polecats/") else {
        return Ok(None);
    };
    let trees = repository::worktrees(host, &look.rig).wait()?;
    let Some(tree) = trees.iter().find(|tree| tree.polecat() == Some(name)) else {
        return Ok(None);
    };
    let moves = repository::reflog(host, &look.rig, name).wait()?;
    let is_there = tree.bead() == Some(&piece.bead);
    let last = match is_there {
        true => Some(tree.head.as_str()),
        false => repository::last_on_branch(&moves, name, &piece.bead),
    };
    Ok(last.map(|last| Left {
        last: last.to_owned(),
        is_there,
        branch: match is_there {
            true => tree.branch.clone(),
            false => repository::branch_for(&moves, name, &piece.bead).map(str::to_owned),
        },
        has_commits: repository::has_commits_on_branch(&moves, name, &piece.bead),
    }))
}

/// The commits of a piece that Gas Town takes for given up, where they are on the target: a refinery was quicker than the worker's `gt done`,
/// and the merge request is cleared away. Nothing where they are not.
#[must_use]
pub fn although_given_up(host: &dyn Host, look: &Look, piece: &Piece) -> Option<Merged> {
    let left = left(host, look, piece).ok()??;
    let target = ready::target(host, look).ok()?;
    let own = piece.commit().filter(|sha| is_sha(sha)).unwrap_or(&left.last);
    match left
        .has_commits
        .then(|| there(host, look, own, &target, &piece.since))?
    {
        There::All(merged) => Some(merged),
        There::Part | There::Nothing => None,
    }
}

/// The commits of a piece that a person or a crew member has brought to the target, which the rig has fetched: all of the worker's own, as
/// they are or as the same changes, else those up to the one whose message names the bead. Nothing where they are not there.
#[must_use]
pub fn by_git(host: &dyn Host, look: &Look, piece: &Piece, target: &str) -> Option<Merged> {
    let left = left(host, look, piece).ok().flatten();
    if let Some(left) = left.filter(|left| left.has_commits) {
        match there(host, look, &left.last, target, &piece.since) {
            There::All(merged) => return Some(merged),
            There::Part => return None,
            There::Nothing => {}
        }
    }
    let last = named(host, look, &piece.bead, target).last?;
    Some(up_to(host, look, &last, &piece.since))
}

/// How much of a worker's commits the target has.
enum There {
    /// All of them.
    All(Merged),
    /// Some: a part that somebody has picked is not the work.
    Part,
    /// None.
    Nothing,
}

fn there(host: &dyn Host, look: &Look, own: &str, target: &str, since: &str) -> There {
    let is_there = repository::is_on_target(host, &look.rig, own, target).wait();
    if is_there.unwrap_or(false) {
        return There::All(up_to(host, look, own, since));
    }
    let all = repository::since(host, &look.rig, own, target)
        .wait()
        .unwrap_or_default();
    let has = |side: Side| all.iter().any(|commit| commit.side == side);
    match (has(Side::Both), has(Side::Worker)) {
        (true, false) => There::All(same_changes(&all, own)),
        (true, true) => There::Part,
        (false, _) => There::Nothing,
    }
}

/// Where the commits of a worker are on the target, whose work Gas Town knows to be merged.
fn of_worker(host: &dyn Host, look: &Look, own: &str, target: &str, since: &str) -> Merged {
    let is_there = repository::is_on_target(host, &look.rig, own, target).wait();
    match is_there.unwrap_or(false) {
        // After a fast-forward the worker's commits are the target's own.
        true => up_to(host, look, own, since),
        false => rebased(host, look, own, target),
    }
}

/// A commit of the target, and the tasks' that came before it.
fn up_to(host: &dyn Host, look: &Look, last: &str, since: &str) -> Merged {
    let values = [("rig", look.rig.as_str()), ("sha", last), ("since", since)];
    let log = ask(host, SUBJECTS, &values, answer::text_if_any).wait();
    Merged {
        last: Some(last.to_owned()),
        keys: commits::keys(&log.ok().flatten().unwrap_or_default()),
    }
}

/// What of the target makes the same changes as a worker's commits up to `own`.
fn rebased(host: &dyn Host, look: &Look, own: &str, target: &str) -> Merged {
    let all = repository::since(host, &look.rig, own, target)
        .wait()
        .unwrap_or_default();
    same_changes(&all, own)
}

fn same_changes(all: &[repository::Commit], own: &str) -> Merged {
    let of_both = all.iter().filter(|commit| commit.side == Side::Both);
    let same: Vec<_> = of_both
        .filter_map(|commit| repository::merged_as(all, own, &commit.sha))
        .collect();
    let log: String = same
        .iter()
        .map(|commit| format!("{} {}\n", commit.sha, commit.subject))
        .collect();
    Merged {
        last: same.first().map(|commit| commit.sha.clone()),
        keys: commits::keys(&log),
    }
}

/// The last commit on the target whose message names the bead.
fn named(host: &dyn Host, look: &Look, bead: &str, target: &str) -> Merged {
    let values = [("rig", look.rig.as_str()), ("bead", bead), ("target", target)];
    let log = ask(host, NAMING, &values, answer::text).wait().unwrap_or_default();
    Merged {
        last: log.split_whitespace().next().map(str::to_owned),
        keys: BTreeMap::new(),
    }
}

fn is_sha(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
