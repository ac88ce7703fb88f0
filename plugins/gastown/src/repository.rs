//! The rig's own repository and the project's remote: who has which worktree, and under which commits work has come to the target.
//!
//! A refinery rebases what it merges, so that the commits on the target are others than those that a worker has handed in. Git
//! finds which are the same change (`--cherry-mark`); author, time and subject, which a rebase keeps, tell which of them belong
//! together.

use conductor_beads::{Asked, Call, Error, Kind, answer, ask};
use conductor_plugin::Host;

use crate::reads::RIG;

/// How long a look at the repository may take.
const TIMEOUT_MS: u64 = 20_000;

/// How long the remote may take to answer.
const REMOTE_MS: u64 = 60_000;

/// The worktrees of the rig.
pub const WORKTREES: Call = Call {
    name: "rig-worktrees",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "worktree",
        "list",
        "--porcelain",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The commit that a branch of the project's remote has now.
pub const REMOTE_TIP: Call = Call {
    name: "remote-tip",
    argv: &[
        "git",
        "--no-optional-locks",
        "ls-remote",
        "--exit-code",
        "--",
        "<remote:text>",
        "refs/heads/<branch:ref>",
    ],
    cwd: "project",
    timeout_ms: REMOTE_MS,
};

/// Whether a commit is on the rig's target as it is.
pub const IS_ON_TARGET: Call = Call {
    name: "rig-is-on-target",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "merge-base",
        "--is-ancestor",
        "<sha:sha>",
        "refs/remotes/origin/<target:ref>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The commits of a worker and those of the target since they parted, with which of them are the same change.
pub const SINCE: Call = Call {
    name: "rig-commits",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "-c",
        "log.showSignature=false",
        "log",
        "--left-right",
        "--cherry-mark",
        "--no-merges",
        "--max-count=500",
        "--format=%m%x00%H%x00%P%x00%an%x00%at%x00%s%x00%B%x00",
        "<sha:sha>...refs/remotes/origin/<target:ref>",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Removes a branch from the rig's remote.
pub const DELETE_BRANCH: Call = Call {
    name: "rig-delete-branch",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "push",
        "--quiet",
        "--no-verify",
        "origin",
        "--delete",
        "refs/heads/<branch:ref>",
    ],
    cwd: RIG,
    timeout_ms: REMOTE_MS,
};

/// What was checked out in a polecat's worktree, the last first. A worker that gives up leaves its commits only there.
pub const REFLOG: Call = Call {
    name: "polecat-reflog",
    argv: &[
        "git",
        "-C",
        "polecats/<polecat:id>/<rig:id>",
        "--no-optional-locks",
        "-c",
        "log.showSignature=false",
        "log",
        "--walk-reflogs",
        "--max-count=500",
        "--format=%H%x00%gs",
        "HEAD",
        "--",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Gives a commit a branch of its own at the rig's remote.
pub const RESCUE: Call = Call {
    name: "rig-rescue",
    argv: &[
        "git",
        "--git-dir=.repo.git",
        "push",
        "--quiet",
        "--no-verify",
        "origin",
        "<sha:sha>:refs/heads/rescued/<bead:id>-<sha:sha>",
    ],
    cwd: RIG,
    timeout_ms: REMOTE_MS,
};

/// A worktree of a rig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worktree {
    /// Where it is.
    pub path: String,
    /// The commit that is checked out.
    pub head: String,
    /// The branch that is checked out; nothing where none is.
    pub branch: Option<String>,
}

impl Worktree {
    /// The polecat whose worktree it is.
    #[must_use]
    pub fn polecat(&self) -> Option<&str> {
        let mut parts = self.path.rsplit('/').skip(1);
        let name = parts.next()?;
        (parts.next()? == "polecats").then_some(name)
    }

    /// The bead that it was made for: its branch is `polecat/NAME/BEAD@…`.
    #[must_use]
    pub fn bead(&self) -> Option<&str> {
        let rest = self.branch.as_deref()?.strip_prefix("polecat/")?;
        let (_, bead) = rest.split_once('/')?;
        Some(bead.split_once('@').map_or(bead, |(bead, _)| bead))
    }
}

/// A commit on one side since worker and target parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its whole name.
    pub sha: String,
    /// The commit that it comes after.
    pub parent: String,
    /// Who wrote it.
    pub author: String,
    /// When, in seconds since 1970. A rebase keeps it.
    pub at: i64,
    /// The first line of its message.
    pub subject: String,
    /// Its whole message, trailers too.
    pub message: String,
    /// Where it is.
    pub side: Side,
}

/// Where a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Only with the worker.
    Worker,
    /// Only on the target.
    Target,
    /// It makes the same change as one on the other side. On which side it is itself git does not say: see [`merged_as`].
    Both,
}

/// `git worktree list` in a rig: those that have something checked out.
pub fn worktrees(host: &dyn Host, rig: &str) -> Asked<Vec<Worktree>> {
    ask(host, WORKTREES, &[("rig", rig)], |output| {
        answer::text(output).map(|text| read_worktrees(&text))
    })
}

/// `git ls-remote` in the project: the commit of a branch; nothing where the remote has no such branch.
pub fn remote_tip(host: &dyn Host, remote: &str, branch: &str) -> Asked<Option<String>> {
    ask(host, REMOTE_TIP, &[("remote", remote), ("branch", branch)], |output| {
        // 2: there is no such branch.
        if output.status == Some(2) {
            return Ok(None);
        }
        let text = answer::text(output)?;
        match text.split_once('\t') {
            Some((sha, _)) => Ok(Some(sha.to_owned())),
            None => Err(Error::new(Kind::NotUnderstood, "names no commit of the branch")),
        }
    })
}

/// `git merge-base --is-ancestor` in a rig: whether a commit is on the target as it is.
pub fn is_on_target(host: &dyn Host, rig: &str, sha: &str, target: &str) -> Asked<bool> {
    let values = [("rig", rig), ("sha", sha), ("target", target)];
    ask(host, IS_ON_TARGET, &values, |output| match output.status {
        Some(1) => Ok(false),
        _ => answer::text(output).map(|_| true),
    })
}

/// `git log` in a rig: what is only with a worker whose last commit is `sha`, only on the target, or on both in two forms.
pub fn since(host: &dyn Host, rig: &str, sha: &str, target: &str) -> Asked<Vec<Commit>> {
    let values = [("rig", rig), ("sha", sha), ("target", target)];
    ask(host, SINCE, &values, |output| read_commits(&answer::text(output)?))
}

/// The commit on the target that makes the same change as one of a worker. `last` is the worker's last commit, for which these
/// were asked.
#[must_use]
pub fn merged_as<'c>(commits: &'c [Commit], last: &str, sha: &str) -> Option<&'c Commit> {
    let by_sha = |sha: &str| commits.iter().find(|commit| commit.sha == sha);
    let of_worker: Vec<&str> = std::iter::successors(by_sha(last), |commit| by_sha(&commit.parent))
        .map(|commit| commit.sha.as_str())
        .collect();
    let own = by_sha(sha).filter(|own| own.side == Side::Both)?;
    let kept = |commit: &'c Commit| (commit.author.as_str(), commit.at, commit.subject.as_str());
    // More than one where a worker makes commits of the same words within a second; a rebase keeps their order.
    let (of_worker, on_target): (Vec<&Commit>, Vec<&Commit>) = commits
        .iter()
        .filter(|commit| commit.side == Side::Both && kept(commit) == kept(own))
        .partition(|commit| of_worker.contains(&commit.sha.as_str()));
    let place = of_worker.iter().position(|commit| commit.sha == sha)?;
    on_target.get(place).copied()
}

/// `git push --delete` in a rig. One that the remote has not is as good as removed.
pub fn delete_branch(host: &dyn Host, rig: &str, branch: &str) -> Asked<()> {
    ask(host, DELETE_BRANCH, &[("rig", rig), ("branch", branch)], |output| {
        answer::text(output).map(drop)
    })
}

/// What was done in a worktree, and the commit that was checked out then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The commit.
    pub sha: String,
    /// What git calls it: `commit: …`, `checkout: moving from A to B`.
    pub by: String,
}

/// `git log --walk-reflogs` in a polecat's worktree: what was done there, the last first.
pub fn reflog(host: &dyn Host, rig: &str, polecat: &str) -> Asked<Vec<Moved>> {
    ask(host, REFLOG, &[("polecat", polecat), ("rig", rig)], |output| {
        let text = answer::text(output)?;
        let lines = text.lines().filter_map(|line| line.split_once('\0'));
        let moves = lines.map(|(sha, by)| Moved {
            sha: sha.to_owned(),
            by: by.to_owned(),
        });
        Ok(moves.collect())
    })
}

/// The last commit that a worktree had on the branch that was made for a bead, before it was put on another; nothing where it was on
/// none.
#[must_use]
pub fn last_on_branch<'m>(reflog: &'m [Moved], polecat: &str, bead: &str) -> Option<&'m str> {
    let left = format!("checkout: moving from polecat/{polecat}/{bead}@");
    let mut moves = reflog.iter();
    moves.find(|moved| moved.by.starts_with(&left))?;
    moves.next().map(|moved| moved.sha.as_str())
}

/// The branch that a worktree was on for a bead, before it was put on another.
#[must_use]
pub fn branch_for<'m>(reflog: &'m [Moved], polecat: &str, bead: &str) -> Option<&'m str> {
    let branch = format!("polecat/{polecat}/{bead}@");
    reflog.iter().find_map(|moved| {
        let (from, _) = moved.by.strip_prefix("checkout: moving from ")?.split_once(" to ")?;
        from.starts_with(&branch).then_some(from)
    })
}

/// Whether anything was committed in a worktree while it was on the branch that was made for a bead.
#[must_use]
pub fn has_commits_on_branch(reflog: &[Moved], polecat: &str, bead: &str) -> bool {
    let branch = format!("polecat/{polecat}/{bead}@");
    let mut is_on = !reflog
        .iter()
        .any(|moved| moved.by.starts_with("checkout: moving from "));
    let was_made_on_it = reflog
        .iter()
        .rev()
        .find_map(|moved| moved.by.strip_prefix("checkout: moving from "))
        .is_some_and(|first| first.starts_with(&branch));
    is_on |= was_made_on_it;
    // The oldest first: on which branch each was done is what the last move before it says.
    for moved in reflog.iter().rev() {
        match moved
            .by
            .strip_prefix("checkout: moving from ")
            .and_then(|moved| moved.split_once(" to "))
        {
            Some((_, to)) => is_on = to.starts_with(&branch),
            None if is_on && moved.by.starts_with("commit") => return true,
            None => {}
        }
    }
    false
}

/// `git push` in a rig: a commit gets the branch `rescued/BEAD-COMMIT`: one bead can be given up several times.
pub fn rescue(host: &dyn Host, rig: &str, bead: &str, sha: &str) -> Asked<()> {
    let values = [("rig", rig), ("sha", sha), ("bead", bead)];
    ask(host, RESCUE, &values, |output| answer::text(output).map(drop))
}

/// What `git worktree list --porcelain` prints.
#[must_use]
pub fn read_worktrees(text: &str) -> Vec<Worktree> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let trees = blocks.map(|block| {
        let mut tree = Worktree::default();
        for line in block.lines() {
            match line.split_once(' ') {
                Some(("worktree", path)) => path.clone_into(&mut tree.path),
                Some(("HEAD", head)) => head.clone_into(&mut tree.head),
                Some(("branch", branch)) => {
                    tree.branch = Some(branch.strip_prefix("refs/heads/").unwrap_or(branch).to_owned());
                }
                _ => {}
            }
        }
        tree
    });
    // The repository itself is in the list, with nothing checked out.
    trees.filter(|tree| !tree.head.is_empty()).collect()
}

/// Seven fields each, and a line break behind the last.
fn read_commits(text: &str) -> Result<Vec<Commit>, Error> {
    let fields: Vec<&str> = text.split('\0').collect();
    let not_understood = || Error::new(Kind::NotUnderstood, "lists commits in another form");
    let commits = fields.chunks_exact(7).map(|fields| {
        let side = match fields[0].trim() {
            "<" => Side::Worker,
            ">" => Side::Target,
            "=" => Side::Both,
            _ => return Err(not_understood()),
        };
        Ok(Commit {
            sha: fields[1].to_owned(),
            parent: fields[2].split(' ').next().unwrap_or_default().to_owned(),
            author: fields[3].to_owned(),
            at: fields[4].parse().map_err(|_| not_understood())?,
            subject: fields[5].to_owned(),
            message: fields[6].trim_end().to_owned(),
            side,
        })
    });
    commits.collect()
}

#[cfg(test)]
mod tests {
    use super::{Commit, Side, Worktree, merged_as};

    fn commit(sha: &str, parent: &str, subject: &str, side: Side) -> Commit {
        Commit {
            sha: sha.to_owned(),
            parent: parent.to_owned(),
            author: "furiosa".to_owned(),
            at: 1_795_662_472,
            subject: subject.to_owned(),
            message: subject.to_owned(),
            side,
        }
    }

    #[test]
    fn commits_of_the_same_words_are_told_apart_by_their_order() {
        let commits = [
            commit("t3", "t2", "wip", Side::Both),
            commit("t2", "t1", "wip", Side::Both),
            commit("t1", "base", "other", Side::Target),
            commit("w3", "w2", "not merged", Side::Worker),
            commit("w2", "w1", "wip", Side::Both),
            commit("w1", "base", "wip", Side::Both),
        ];
        let merged = |sha: &str| merged_as(&commits, "w3", sha).map(|commit| commit.sha.as_str());
        assert_eq!(merged("w2"), Some("t3"));
        assert_eq!(merged("w1"), Some("t2"));
        assert_eq!(merged("w3"), None);
        assert_eq!(merged("t2"), None, "it is not the worker's");
    }

    #[test]
    fn a_worktree_that_is_no_polecats_names_none() {
        let tree = |path: &str, branch: Option<&str>| Worktree {
            path: path.to_owned(),
            branch: branch.map(str::to_owned),
            ..Worktree::default()
        };
        let detached = tree("/t/shop/polecats/nux/shop", None);
        assert_eq!((detached.polecat(), detached.bead()), (Some("nux"), None));
        let refinery = tree("/t/shop/refinery/rig", Some("main"));
        assert_eq!((refinery.polecat(), refinery.bead()), (None, None));
        let other = tree("/t/shop/polecats/nux/shop", Some("polecat/nux-mwwz"));
        assert_eq!((other.polecat(), other.bead()), (Some("nux"), None));
    }
}
