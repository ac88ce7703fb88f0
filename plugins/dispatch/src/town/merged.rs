//! The commit under which a piece of work came to the target.
//!
//! A refinery rebases: the worker's own commit is on the target only after a fast-forward. Else it is the one that makes the same
//! change, else the one whose message names the bead; else nobody knows, and no commit is written into the plan.

use conductor_beads::{Call, Error, ask};
use conductor_gastown::repository::{self, Side};
use conductor_plugin::{Host, Output};

use super::look::Look;
use super::pieces::{Piece, Request};

/// How long git may take: it looks at some hundred commits.
const TIMEOUT_MS: u64 = 20_000;

/// The last commits up to one, with their subjects.
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
        "--format=%H %s",
        "<sha:sha>",
        "--",
    ],
    cwd: "town/<rig:id>",
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
    cwd: "town/<rig:id>",
    timeout_ms: TIMEOUT_MS,
};

/// The commits of a piece: one for each of its tasks whose key a subject ends in, and the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// The last commit.
    pub last: Option<String>,
    /// Subjects with their commits on the target, the last first.
    pub subjects: Vec<(String, String)>,
}

impl Merged {
    /// The commit whose subject ends in a task's key.
    #[must_use]
    pub fn of_key(&self, key: &str) -> Option<&str> {
        let end = format!("({key})");
        let found = self
            .subjects
            .iter()
            .find(|(subject, _)| subject.trim_end().ends_with(&end));
        found.map(|(_, sha)| sha.as_str())
    }
}

/// Finds the commits of a piece that is merged. What git can't tell is left open: it is no reason not to mark the work done.
#[must_use]
pub fn find(host: &dyn Host, look: &Look, piece: &Piece) -> Merged {
    let Some(request) = &piece.request else {
        return Merged::default();
    };
    let Some(own) = request.commit.as_deref().filter(|sha| is_sha(sha)) else {
        return named(host, look, piece, request);
    };
    let target = target(request);
    if repository::is_on_target(host, &look.rig, own, target)
        .wait()
        .unwrap_or(false)
    {
        // After a fast-forward the worker's commits are the target's own.
        let subjects = ask(host, SUBJECTS, &[("rig", &look.rig), ("sha", own)], lines).wait();
        return Merged {
            last: Some(own.to_owned()),
            subjects: subjects.unwrap_or_default(),
        };
    }
    let commits = repository::since(host, &look.rig, own, target)
        .wait()
        .unwrap_or_default();
    let mut merged = Merged::default();
    let on_target = commits.iter().filter(|commit| commit.side != Side::Target);
    for commit in on_target {
        if let Some(same) = repository::merged_as(&commits, own, &commit.sha) {
            if merged.last.is_none() {
                merged.last = Some(same.sha.clone());
            }
            merged.subjects.push((same.subject.clone(), same.sha.clone()));
        }
    }
    match merged.last {
        Some(_) => merged,
        None => named(host, look, piece, request),
    }
}

/// The last commit on the target whose message names the bead.
fn named(host: &dyn Host, look: &Look, piece: &Piece, request: &Request) -> Merged {
    let values = [
        ("rig", look.rig.as_str()),
        ("bead", piece.bead.as_str()),
        ("target", target(request)),
    ];
    let found = ask(host, NAMING, &values, lines).wait().unwrap_or_default();
    Merged {
        last: found.into_iter().next().map(|(_, sha)| sha),
        subjects: Vec::new(),
    }
}

/// Lines of a commit and its subject, turned round.
fn lines(output: &Output) -> Result<Vec<(String, String)>, Error> {
    if !output.success() {
        return Err(Error::said(&String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    Ok(lines
        .map(|(sha, subject)| (subject.to_owned(), sha.to_owned()))
        .collect())
}

fn target(request: &Request) -> &str {
    match request.target.as_str() {
        "" => "main",
        target => target,
    }
}

fn is_sha(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
