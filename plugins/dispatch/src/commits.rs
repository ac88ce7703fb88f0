//! What git knows of a worker's commits.

use std::collections::BTreeMap;

use conductor_beads::{Call, Error, Kind, answer, ask, ask_lists};
use conductor_plugin::{Failure, Host, Output};

/// How long git may take: these look at a few hundred commits.
const TIMEOUT_MS: u64 = 5000;

/// A commit runs the hooks of the person's repository.
const HOOKS_MS: u64 = 60_000;

/// The whole name of a commit.
pub const COMMIT: Call = Call {
    name: "commit",
    argv: &[
        "git",
        "--no-optional-locks",
        "rev-parse",
        "--verify",
        "--quiet",
        "<sha:sha>^{commit}",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The commit that is checked out.
pub const HEAD: Call = Call {
    name: "head",
    argv: &[
        "git",
        "--no-optional-locks",
        "rev-parse",
        "--verify",
        "--quiet",
        "HEAD^{commit}",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The commits up to one, with their subjects.
pub const SUBJECTS: Call = Call {
    name: "subjects",
    argv: &[
        "git",
        "--no-optional-locks",
        "-c",
        "log.showSignature=false",
        "log",
        "--max-count=200",
        "--format=%H %s",
        "<sha:sha>",
        "--",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Which of some files differ from the last commit.
pub const DIFFERENT: Call = Call {
    name: "different",
    argv: &[
        "git",
        "--no-optional-locks",
        "status",
        "--porcelain",
        "--no-renames",
        "--",
        "<paths…:path in project>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Takes files up that are new.
pub const ADD: Call = Call {
    name: "add-files",
    argv: &["git", "add", "--", "<paths…:path in project>"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Commits exactly these files.
pub const COMMIT_FILES: Call = Call {
    name: "commit-files",
    argv: &[
        "git",
        "commit",
        "--quiet",
        "--only",
        "--message=<subject:text>",
        "--",
        "<paths…:path in project>",
    ],
    cwd: "project",
    timeout_ms: HOOKS_MS,
};

/// How many digits of a commit stand in a plan.
const DIGITS: usize = 7;

/// As much of a commit's name as stands in a plan.
#[must_use]
pub fn short(sha: &str) -> String {
    sha.chars().take(DIGITS).collect()
}

/// The whole name of a commit that a worker has named.
///
/// # Errors
/// `unknown-commit` where the project's repository has it not; what git says where it is none.
pub fn whole(host: &dyn Host, sha: &str) -> Result<String, Failure> {
    let found = ask(host, COMMIT, &[("sha", sha)], one).wait().map_err(failure)?;
    found.ok_or_else(|| {
        Failure::new("unknown-commit", format!("this repository has no commit `{sha}`"))
            .hinted("`git log` in the project shows them; a worker in a worktree commits to the same repository")
    })
}

/// The commit that is checked out; nothing where there is none yet.
///
/// # Errors
/// What git says where this is no repository.
pub fn head(host: &dyn Host) -> Result<Option<String>, Failure> {
    ask(host, HEAD, &[], one).wait().map_err(failure)
}

/// The commits that name a task's key at the end of their subject, `… (phase2/task1)`: the newest of each key.
///
/// # Errors
/// What git says.
pub fn by_key(host: &dyn Host, sha: &str) -> Result<BTreeMap<String, String>, Failure> {
    ask(host, SUBJECTS, &[("sha", sha)], |output| {
        answer::text(output).map(|log| keys(&log))
    })
    .wait()
    .map_err(failure)
}

/// Commits exactly these files, where any of them differs.
///
/// # Errors
/// What git says.
pub fn files(host: &dyn Host, paths: &[String], subject: &str) -> Result<(), Failure> {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let run =
        |call: Call, values: &[(&str, &[&str])]| ask_lists(host, call, values, answer::text).wait().map_err(failure);
    if run(DIFFERENT, &[("paths", &paths)])?.is_empty() {
        return Ok(());
    }
    run(ADD, &[("paths", &paths)])?;
    run(COMMIT_FILES, &[("subject", &[subject]), ("paths", &paths)]).map(drop)
}

/// The keys of tasks in the lines of a log, each a commit and its subject: the first of each.
#[must_use]
pub fn keys(log: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for line in log.lines() {
        let key = line.split_once(' ').and_then(|(sha, subject)| {
            let (_, key) = subject.trim_end().strip_suffix(')')?.rsplit_once('(')?;
            Some((key, sha))
        });
        if let Some((key, sha)) = key {
            keys.entry(key.to_owned()).or_insert_with(|| sha.to_owned());
        }
    }
    keys
}

/// git answers with nothing and 1 where there is no such commit, and with 128 and a reason where there is no repository.
fn one(output: &Output) -> Result<Option<String>, Error> {
    Ok(answer::text_if_any(output)?.map(|text| text.trim().to_owned()))
}

fn failure(error: Error) -> Failure {
    let code = match error.kind {
        Kind::NotGranted => "denied",
        Kind::NotInstalled => "no-program",
        _ => "git",
    };
    Failure::new(code, error.message).hinted("a native dispatch needs a git repository with at least one commit")
}

#[cfg(test)]
mod tests {
    use super::{keys, short};

    #[test]
    fn the_newest_commit_of_a_key_is_meant() {
        let log = "aaaaaaaaa add (phase1/task2)\nbbbbbbbbb fix: x (again) \nccccccccc api (phase1/task1)\nddddddddd api (phase1/task1)\neeeeeeeee (\n";
        let keys = keys(log);
        assert_eq!(keys["phase1/task1"], "ccccccccc");
        assert_eq!(keys["phase1/task2"], "aaaaaaaaa");
        assert_eq!(keys.len(), 3, "{keys:?}");
        assert_eq!(short("0123456789"), "0123456");
    }
}
