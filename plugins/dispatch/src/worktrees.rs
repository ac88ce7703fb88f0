//! `--worktrees`: each worker has a checkout of its own, and what it reports is merged into the project's.
//!
//! They lie in `.worktrees`, as Conductor's do, which keeps itself out of git by a `.gitignore` of its own. Nothing is removed that is
//! not merged: `git worktree remove` and `git branch --delete` refuse that by themselves.

use conductor_beads::{Call, Error, Kind, answer, ask};
use conductor_common::width::one_line;
use conductor_plugin::{Failure, Host, Output};

use crate::ask::choice;
use crate::ground::Ground;
use crate::workers::Worker;

/// The grant of the folder that they lie in.
const GRANT: &str = "worktrees";
/// That folder, below the project.
const FOLDER: &str = ".worktrees";
/// How long git may take over one checkout of a large repository; hooks of the person's run in it.
const TIMEOUT_MS: u64 = 120_000;

/// Makes a worktree on a new branch, from what is checked out.
pub const ADD: Call = Call {
    name: "worktree-add",
    argv: &[
        "git",
        "worktree",
        "add",
        "--quiet",
        "-b",
        "<branch:ref>",
        "<path:path in project>",
        "HEAD",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Makes a worktree of a branch that is there, also where git remembers one that was deleted by hand.
pub const AGAIN: Call = Call {
    name: "worktree-again",
    argv: &[
        "git",
        "worktree",
        "add",
        "--quiet",
        "--force",
        "<path:path in project>",
        "<branch:ref>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Removes a worktree that has nothing of its own any more.
pub const REMOVE: Call = Call {
    name: "worktree-remove",
    argv: &["git", "worktree", "remove", "<path:path in project>"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Removes a branch that is merged.
pub const FORGET: Call = Call {
    name: "branch-remove",
    argv: &["git", "branch", "--quiet", "--delete", "<branch:ref>"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Whether a commit is in what is checked out.
pub const IS_MERGED: Call = Call {
    name: "is-merged",
    argv: &[
        "git",
        "--no-optional-locks",
        "merge-base",
        "--is-ancestor",
        "<sha:sha>",
        "HEAD",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Whether all of a branch is in a commit.
pub const IS_WHOLE: Call = Call {
    name: "is-whole",
    argv: &[
        "git",
        "--no-optional-locks",
        "merge-base",
        "--is-ancestor",
        "<own:ref>",
        "<sha:sha>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// What a merge would come to, without making it. It leaves objects in git's store.
pub const TRY: Call = Call {
    name: "merge-try",
    argv: &[
        "git",
        "-c",
        "core.quotePath=false",
        "merge-tree",
        "--write-tree",
        "--name-only",
        "--no-messages",
        "HEAD",
        "<sha:sha>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Merges a commit into what is checked out.
pub const MERGE: Call = Call {
    name: "merge",
    argv: &["git", "merge", "--quiet", "--message=<subject:text>", "<sha:sha>"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The folder and the branch of a worker to come: of none that an earlier one has left.
#[must_use]
pub fn names(host: &dyn Host, track: &str, worker: &str) -> (String, String) {
    // The branch is one of git's names: what a track may be called and a branch may not is left out of it.
    let kept: String = track
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .collect();
    let name = format!("{}_{worker}", kept.trim_matches(['-', '_']));
    let name = name.trim_start_matches('_').to_owned();
    let is_free = |name: &String| host.read(GRANT, &format!("{name}/.git")).is_err();
    let tries = std::iter::once(name.clone()).chain((2..100).map(|number| format!("{name}_{number}")));
    let name = tries.into_iter().find(is_free).unwrap_or(name);
    (format!("{FOLDER}/{name}"), name)
}

/// Makes a worker's worktree, if it has one that is not there.
///
/// # Errors
/// What git says.
pub fn ensure(ground: &Ground<'_>, worker: &Worker) -> Result<(), Failure> {
    let (Some(path), Some(branch)) = (&worker.worktree, &worker.branch) else {
        return Ok(());
    };
    let host = ground.host;
    if host.dry_run() {
        return Ok(());
    }
    if host.read(GRANT, &format!("{}/.git", inside(path))).is_ok() {
        return Ok(());
    }
    match host.create(GRANT, ".gitignore", b"*\n") {
        Err(error) if error.code != "exists" => return Err(error.into()),
        _ => {}
    }
    let values = [("path", path.as_str()), ("branch", branch.as_str())];
    let made = ask(host, ADD, &values, said).wait();
    // A run before this one has made the branch.
    made.or_else(|_| ask(host, AGAIN, &values, said).wait())
        .map_err(|error| {
            Failure::new("no-worktree", error.message).hinted("`git worktree list` shows those that there are")
        })
}

/// Why a commit was not merged.
#[derive(Debug)]
pub enum NotMerged {
    /// These files would have conflicts in them; nothing was changed.
    Conflict(Vec<String>),
    /// Git refuses, as it does when the checkout has changes of its own in the same files.
    Refused(Failure),
}

/// Merges what a worker reports, if it has a worktree. What was changed.
///
/// # Errors
/// As of [`NotMerged`].
pub fn merge(ground: &Ground<'_>, worker: &Worker, sha: &str) -> Result<Option<String>, NotMerged> {
    let (Some(path), Some(branch)) = (&worker.worktree, &worker.branch) else {
        return Ok(None);
    };
    let host = ground.host;
    // A branch that is gone was merged and removed by the same report before.
    let is_whole = ask(host, IS_WHOLE, &[("own", branch), ("sha", sha)], is_so).wait();
    let is_there = ground.host.read(GRANT, &format!("{}/.git", inside(path))).is_ok();
    if is_there && !is_whole.map_err(failed)? {
        return Err(NotMerged::Refused(
            Failure::new(
                "not-whole",
                format!(
                    "`{branch}` has commits that are not in the one that {} names",
                    worker.worker_id
                ),
            )
            .hinted(format!("report its last one: `git rev-parse {branch}` shows it")),
        ));
    }
    if ask(host, IS_MERGED, &[("sha", sha)], is_so).wait().map_err(failed)? {
        return Ok(None);
    }
    let files = ask(host, TRY, &[("sha", sha)], conflicts).wait().map_err(failed)?;
    if !files.is_empty() {
        return Err(NotMerged::Conflict(files));
    }
    let name = &worker.worker_id;
    let subject = format!("Merge {name} of {}", one_line(&ground.track.id));
    ask(host, MERGE, &[("subject", &subject), ("sha", sha)], said)
        .wait()
        .map_err(|error| {
            NotMerged::Refused(Failure::new("not-merged", error.message).hinted(format!(
                "its work is on `{branch}` in `{path}`; commit or put away what you have changed, then report again"
            )))
        })?;
    Ok(Some(format!("{branch} merged")))
}

/// Removes what a merged worker leaves. What was changed; what stays is said too.
#[must_use]
pub fn remove(ground: &Ground<'_>, worker: &Worker) -> Option<String> {
    let (path, branch) = (worker.worktree.as_deref()?, worker.branch.as_deref()?);
    let removed = ask(ground.host, REMOVE, &[("path", path)], said).wait();
    let removed = removed.and_then(|()| ask(ground.host, FORGET, &[("branch", branch)], said).wait());
    Some(match removed {
        Ok(()) => format!("{path} removed"),
        Err(error) => format!("{path} stays: {}", error.message),
    })
}

/// The files in which a worker's commit conflicts, as they are kept with it.
#[must_use]
pub fn reason(files: &[String]) -> String {
    const MOST: usize = 10;
    let shown: Vec<&str> = files.iter().take(MOST).map(String::as_str).collect();
    let more = if files.len() > MOST { " and more" } else { "" };
    format!("conflicts in {}{more}", shown.join(", "))
}

/// What is asked about a conflict: its choices.
#[must_use]
pub fn conflict(ground: &Ground<'_>, worker: &Worker, files: &[String]) -> Failure {
    let (track, name) = (&ground.track.id, &worker.worker_id);
    let branch = worker.branch.as_deref().unwrap_or_default();
    Failure::new("merge-conflict", format!("{name} can't be merged: {}", reason(files)))
        .choice(choice(
            "A",
            "The worker mends it",
            "its brief again, for a sub-agent: it merges what is checked out into its branch, and reports again",
            &[track, &format!("--brief={name}")],
        ))
        .choice(choice(
            "B",
            "You mend it",
            &format!("`git merge {branch}` in your checkout, mend and commit; then the same report once more"),
            &[track],
        ))
        .choice(choice(
            "C",
            "Give it up",
            "its tasks can be begun again; its branch and worktree stay",
            &[track, &format!("--lost={name}")],
        ))
}

/// A worktree's path below the folder that they lie in.
fn inside(path: &str) -> &str {
    path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/')
}

fn failed(error: Error) -> NotMerged {
    NotMerged::Refused(Failure::new("git", error.message))
}

/// Git has done it.
fn said(output: &Output) -> Result<(), Error> {
    answer::text(output).map(drop)
}

/// 1 is a no.
fn is_so(output: &Output) -> Result<bool, Error> {
    answer::text_if_any(output).map(|yes| yes.is_some())
}

/// The tree's id first, then a file a line; exit code 1 says that there are some.
fn conflicts(output: &Output) -> Result<Vec<String>, Error> {
    if output.status != Some(1) {
        return answer::text(output).map(|_| Vec::new());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let files: Vec<String> = text
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| one_line(line).into_owned())
        .collect();
    match files.is_empty() {
        true => Err(Error::new(
            Kind::NotUnderstood,
            "names no files of a conflict (it has to be 2.38 or newer)",
        )),
        false => Ok(files),
    }
}
