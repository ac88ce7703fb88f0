//! What git knows of workers: their branches, their worktrees, and what is not committed. All of it is only looked at, but for a branch
//! that is pushed under its own name.

use conductor_beads::{Call, Error, answer, ask};
use conductor_gastown::repository::{Worktree, read_worktrees};
use conductor_plugin::{Failure, Host, Output};

/// How long git may take.
const TIMEOUT_MS: u64 = 20_000;

/// The branches of the project's repository.
pub const BRANCHES: Call = Call {
    name: "branches",
    argv: &[
        "git",
        "--no-optional-locks",
        "for-each-ref",
        "--format=%(objectname) %(refname)",
        "refs/heads",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Its worktrees.
pub const WORKTREES: Call = Call {
    name: "worktrees",
    argv: &["git", "--no-optional-locks", "worktree", "list", "--porcelain"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The commits of a branch that are not in what is checked out.
pub const AHEAD: Call = Call {
    name: "ahead",
    argv: &[
        "git",
        "--no-optional-locks",
        "-c",
        "log.showSignature=false",
        "log",
        "--max-count=1000",
        "--format=%H %s",
        "HEAD..refs/heads/<own:ref>",
        "--",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// What is not committed in a worktree.
pub const UNCOMMITTED: Call = Call {
    name: "uncommitted",
    argv: &[
        "git",
        "--no-optional-locks",
        "-C",
        "<path:path in project>",
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// What is not committed in the project's checkout.
pub const UNCOMMITTED_HERE: Call = Call {
    name: "uncommitted-here",
    argv: &[
        "git",
        "--no-optional-locks",
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Whether a commit is in another one, which the remote has.
pub const WITHIN: Call = Call {
    name: "is-within",
    argv: &[
        "git",
        "--no-optional-locks",
        "merge-base",
        "--is-ancestor",
        "<sha:sha>",
        "<tip:sha>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Puts a branch on the remote as it is: never another one in its place. What a hook would say of work that is not done is not asked.
pub const PUSH: Call = Call {
    name: "push-branch",
    argv: &[
        "git",
        "push",
        "--quiet",
        "--no-verify",
        "--",
        "<remote:text>",
        "<sha:sha>:refs/heads/<branch:ref>",
    ],
    cwd: "project",
    timeout_ms: 120_000,
};

/// A branch and its last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// Its name, without `refs/heads/`.
    pub name: String,
    /// Its last commit.
    pub head: String,
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// The branches.
    pub branches: Vec<Branch>,
    /// The worktrees, the project's own first.
    pub worktrees: Vec<Worktree>,
    /// The files that are not committed in the project's checkout.
    pub uncommitted: Vec<String>,
}

impl Repository {
    /// Looks at the project's repository.
    ///
    /// # Errors
    /// What git says where there is none.
    pub fn look(host: &dyn Host) -> Result<Self, Failure> {
        let (branches, worktrees, uncommitted) = (
            ask(host, BRANCHES, &[], branches),
            ask(host, WORKTREES, &[], |output| {
                answer::text(output).map(|text| read_worktrees(&text))
            }),
            ask(host, UNCOMMITTED_HERE, &[], files),
        );
        Ok(Self {
            branches: branches.wait().map_err(failure)?,
            worktrees: worktrees.wait().map_err(failure)?,
            uncommitted: uncommitted.wait().map_err(failure)?,
        })
    }

    /// A branch, by its name.
    #[must_use]
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// The worktree at a path below the project.
    #[must_use]
    pub fn worktree(&self, path: &str) -> Option<&Worktree> {
        let path = path.trim_start_matches("./").trim_matches('/');
        let is_it = |tree: &&Worktree| tree.path.ends_with(&format!("/{path}"));
        self.worktrees.iter().skip(1).find(is_it).filter(|_| !path.is_empty())
    }

    /// The worktree in which a branch is checked out.
    #[must_use]
    pub fn checked_out(&self, branch: &str) -> Option<&Worktree> {
        self.worktrees
            .iter()
            .skip(1)
            .find(|tree| tree.branch.as_deref() == Some(branch))
    }

    /// A worktree's path below the project; nothing where it lies elsewhere.
    #[must_use]
    pub fn below<'t>(&self, tree: &'t Worktree) -> Option<&'t str> {
        let root = &self.worktrees.first()?.path;
        tree.path.strip_prefix(root.as_str())?.strip_prefix('/')
    }
}

/// The commits of a branch that are not in what is checked out, newest first, each with its subject.
///
/// # Errors
/// What git says.
pub fn ahead(host: &dyn Host, branch: &str) -> Result<Vec<(String, String)>, Failure> {
    ask(host, AHEAD, &[("own", branch)], |output| {
        let text = answer::text(output)?;
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        Ok(lines
            .map(|(sha, subject)| (sha.to_owned(), subject.to_owned()))
            .collect())
    })
    .wait()
    .map_err(failure)
}

/// The files that are not committed in a worktree below the project.
///
/// # Errors
/// What git says.
pub fn uncommitted(host: &dyn Host, path: &str) -> Result<Vec<String>, Failure> {
    ask(host, UNCOMMITTED, &[("path", path)], files).wait().map_err(failure)
}

/// Whether a commit is in another one; nothing where this repository has not that one.
#[must_use]
pub fn is_within(host: &dyn Host, sha: &str, tip: &str) -> Option<bool> {
    let asked = ask(host, WITHIN, &[("sha", sha), ("tip", tip)], |output| {
        answer::text_if_any(output).map(|yes| yes.is_some())
    });
    asked.wait().ok()
}

/// `git push` of a commit as the head of a branch.
///
/// # Errors
/// What git says: also where the remote's branch of that name has other commits.
pub fn push(host: &dyn Host, remote: &str, branch: &Branch) -> Result<(), Failure> {
    let values = [("remote", remote), ("sha", &branch.head), ("branch", &branch.name)];
    ask(host, PUSH, &values, |output| answer::text(output).map(drop))
        .wait()
        .map_err(|error| {
            Failure::new(
                "not-pushed",
                format!("`{}` could not be pushed: {}", branch.name, error.message),
            )
            .hinted("where the remote has other commits under this name, rename the branch here; then the same again")
        })
}

fn branches(output: &Output) -> Result<Vec<Branch>, Error> {
    let text = answer::text(output)?;
    let lines = text.lines().filter_map(|line| {
        let (head, name) = line.split_once(' ')?;
        Some(Branch {
            name: name.strip_prefix("refs/heads/")?.to_owned(),
            head: head.to_owned(),
        })
    });
    Ok(lines.collect())
}

/// The paths of `git status --porcelain -z`, each behind two letters and a blank.
fn files(output: &Output) -> Result<Vec<String>, Error> {
    let text = answer::text(output)?;
    let entries = text.split('\0').filter_map(|entry| entry.get(3..));
    Ok(entries.map(str::to_owned).collect())
}

fn failure(error: Error) -> Failure {
    Failure::new("git", error.message).hinted("what is under way is told by the project's git repository")
}
