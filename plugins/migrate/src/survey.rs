//! Where the work of each worker stands, by the plan and by git: what a state file says of it is only where to look.

use conductor_beads::{answer, ask};
use conductor_common::count;
use conductor_common::width::one_line;
use conductor_dispatch::commits::{self, short};
use conductor_dispatch::identity::{At, Name};
use conductor_dispatch::settle::{Mark, Marks};
use conductor_dispatch::worktrees::IS_MERGED;
use conductor_plugin::{Failure, Host};
use conductor_tracks::{Plan, State, Track};
use std::time::UNIX_EPOCH;

use crate::git::{self, Branch, Repository};
use crate::states::{Said, States};
use crate::tasks;

/// Where a worker's work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It is in what is checked out, or closed in the plan.
    Done,
    /// Some of it is kept by git, or lies in a worktree.
    InFlight,
    /// Nothing of it is there: its task begins anew.
    Lost,
}

impl Stands {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::InFlight => "in flight",
            Self::Lost => "lost",
        }
    }
}

/// A worker, and what is there of its work.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file that names it.
    pub file: &'static str,
    /// Its name.
    pub worker: String,
    /// What it does, in the file's words.
    pub title: String,
    /// Its tasks.
    pub tasks: Vec<At>,
    /// Where its work stands.
    pub stands: Stands,
    /// How that is known.
    pub why: String,
    /// Its branch with commits that are not in what is checked out, and how many these are.
    pub branch: Option<(Branch, usize)>,
    /// Its commits in what is checked out.
    pub merged: Vec<String>,
    /// How many files are not committed, and where: they are left alone.
    pub uncommitted: Option<(usize, String)>,
    /// Whether it may be at work at this moment.
    pub at_work: bool,
    /// Whether the plan does not say yet that it is done.
    pub unmarked: bool,
}

/// The workers of a track.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The state files that are there.
    pub files: Vec<&'static str>,
    /// The workers.
    pub found: Vec<Found>,
    /// Why what is under way can't be told.
    pub problems: Vec<String>,
    /// Worth knowing.
    pub notes: Vec<String>,
}

impl Survey {
    /// Looks at a track with a plan.
    ///
    /// # Errors
    /// What git says where the project has no repository.
    pub fn of(host: &dyn Host, track: &Track<'_>, plan: &Plan<'_>) -> Result<Self, Failure> {
        let folder = track.folder.as_deref().unwrap_or_default();
        let states = match folder {
            "" => States::default(),
            folder => States::read(host, folder, plan),
        };
        let mut survey = Self {
            files: states.files,
            problems: states.problems,
            notes: states.notes,
            found: Vec::new(),
        };
        if !states.said.is_empty() {
            let repository = Repository::look(host)?;
            for said in &states.said {
                survey.found.push(found(host, &repository, track, plan, said)?);
            }
        }
        Ok(survey)
    }

    /// What is done and not marked in the plan yet.
    ///
    /// # Errors
    /// What git says.
    pub fn marks(&self, host: &dyn Host, plan: &Plan<'_>) -> Result<Marks, Failure> {
        let mut marks = Marks::default();
        for found in self.found.iter().filter(|found| found.unmarked) {
            let Some(last) = found.merged.last() else { continue };
            let keys = match found.tasks.len() {
                1 => Default::default(),
                _ => commits::by_key(host, last)?,
            };
            let open = found.tasks.iter().filter(|&&at| !is_closed(plan, at));
            for (&at, is_last) in open.map(|at| (at, Some(at) == found.tasks.last())) {
                let name = Name::of(plan, at);
                let sha = keys
                    .get(&name.key)
                    .or_else(|| is_last.then_some(last))
                    .map(|sha| short(sha));
                marks.marks.push(Mark {
                    name,
                    state: State::Done,
                    sha,
                });
            }
        }
        Ok(marks)
    }
}

fn is_closed(plan: &Plan<'_>, (phase, task): At) -> bool {
    plan.phases[phase].tasks[task].state.is_closed()
}

/// Classes a worker: what is in the plan counts first, then what git has.
fn found(
    host: &dyn Host,
    repository: &Repository,
    track: &Track<'_>,
    plan: &Plan<'_>,
    said: &Said,
) -> Result<Found, Failure> {
    let worker = &said.worker;
    let tasks = tasks::of(plan, track.metadata.as_ref(), said);
    let closed = !tasks.is_empty() && tasks.iter().all(|&at| is_closed(plan, at));
    let is_own = |status: Option<State>| status == Some(State::InProgress);
    let mut found = Found {
        file: said.file,
        worker: match worker.id.as_str() {
            "" => "(unnamed)".to_owned(),
            id => one_line(id).into_owned(),
        },
        title: one_line(
            worker
                .title
                .as_deref()
                .or(worker.beads_id.as_deref())
                .unwrap_or_default(),
        )
        .into_owned(),
        stands: Stands::Lost,
        why: String::new(),
        branch: None,
        merged: Vec::new(),
        uncommitted: None,
        at_work: is_own(worker.state()) && !closed && !is_over(host, said),
        unmarked: false,
        tasks,
    };
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for sha in &worker.commits {
        match is_sha(sha) {
            true => match commits::whole(host, sha) {
                Ok(whole) => known.push(whole),
                Err(failure) if failure.code == "unknown-commit" => unknown.push(one_line(sha).into_owned()),
                Err(failure) => return Err(failure),
            },
            false => unknown.push(one_line(sha).into_owned()),
        }
    }
    let mut elsewhere = Vec::new();
    for sha in known {
        match is_merged(host, &sha)? {
            true => found.merged.push(sha),
            false => elsewhere.push(sha),
        }
    }
    let branch = branch_of(repository, said, &elsewhere);
    if let Some(branch) = branch {
        let ahead = git::ahead(host, &branch.name)?.len();
        if ahead > 0 {
            found.branch = Some((branch.clone(), ahead));
        }
    }
    found.uncommitted = uncommitted(host, repository, said, branch)?;
    let is_done = worker.state() == Some(State::Done);
    let (stands, why) = if closed {
        (Stands::Done, "plan.md says so".to_owned())
    } else if let Some((branch, ahead)) = &found.branch {
        (
            Stands::InFlight,
            format!("{} on `{}`", count(*ahead, "commit"), branch.name),
        )
    } else if !elsewhere.is_empty() {
        let sha = short(&elsewhere[0]);
        (
            Stands::InFlight,
            format!("{sha} is on no branch: `git branch NAME {sha}`, and the file's `branch` names it"),
        )
    } else if is_done && unknown.is_empty() && !found.merged.is_empty() {
        found.unmarked = !found.tasks.is_empty();
        let shas: Vec<String> = found.merged.iter().map(|sha| short(sha)).collect();
        (Stands::Done, format!("{} is checked out", shas.join(", ")))
    } else if let Some((files, place)) = &found.uncommitted {
        (
            Stands::InFlight,
            format!("{} not committed in {place}", count(*files, "file")),
        )
    } else if let Some(sha) = unknown.first() {
        (Stands::Lost, format!("this repository has no commit `{sha}`"))
    } else if is_done {
        (
            Stands::Lost,
            "it names no commit, and plan.md has its task open".to_owned(),
        )
    } else {
        (Stands::Lost, "git has nothing of it".to_owned())
    };
    // What is not committed is said beside what is.
    let beside = found
        .uncommitted
        .as_ref()
        .filter(|_| found.branch.is_some() || stands == Stands::Done)
        .map_or_else(String::new, |(files, place)| {
            format!("; {} not committed in {place}", count(*files, "file"))
        });
    found.stands = stands;
    found.why = why + &beside;
    if found.tasks.is_empty() && stands != Stands::Done {
        found.why.push_str("; which task it is the plan does not tell");
    }
    Ok(found)
}

/// The branch that a file names, or that is checked out in the worktree that it names, or that a commit of the worker is the end of.
fn branch_of<'r>(repository: &'r Repository, said: &Said, elsewhere: &[String]) -> Option<&'r Branch> {
    let worker = &said.worker;
    let named = worker.branch.as_deref().and_then(|name| repository.branch(name));
    let in_worktree = || {
        let tree = repository.worktree(worker.worktree.as_deref()?)?;
        repository.branch(tree.branch.as_deref()?)
    };
    let by_commit = || {
        let ends = |branch: &&Branch| elsewhere.contains(&branch.head);
        repository.branches.iter().find(ends)
    };
    named.or_else(in_worktree).or_else(by_commit)
}

/// What is not committed: in the worker's worktree, else of its files in the project's checkout.
fn uncommitted(
    host: &dyn Host,
    repository: &Repository,
    said: &Said,
    branch: Option<&Branch>,
) -> Result<Option<(usize, String)>, Failure> {
    let worker = &said.worker;
    let by_branch = || repository.checked_out(&branch?.name);
    let tree = worker
        .worktree
        .as_deref()
        .and_then(|path| repository.worktree(path))
        .or_else(by_branch);
    let Some(tree) = tree else {
        let is_own = |path: &&String| match worker.files.is_empty() {
            // A session without files of its own works on all there is, and the plan is not its work.
            true => said.file == "implement_state.json" && !path.starts_with("conductor/"),
            false => worker.files.contains(path),
        };
        let files = repository.uncommitted.iter().filter(is_own).count();
        return Ok((files > 0).then(|| (files, "the checkout".to_owned())));
    };
    let Some(path) = repository.below(tree) else {
        return Ok(None);
    };
    let files = git::uncommitted(host, path)?.len();
    Ok((files > 0).then(|| (files, one_line(path).into_owned())))
}

/// Whether the process that a worker was begun in is gone for certain.
fn is_over(host: &dyn Host, said: &Said) -> bool {
    let began = said.worker.started_at.as_deref();
    let began = began
        .and_then(|began| humantime::parse_rfc3339_weak(began).ok())
        .and_then(|began| began.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_millis()).ok());
    match (&said.worker.session, began) {
        (Some(session), Some(began)) => host.session_over(session, began),
        _ => false,
    }
}

fn is_merged(host: &dyn Host, sha: &str) -> Result<bool, Failure> {
    ask(host, IS_MERGED, &[("sha", sha)], |output| {
        answer::text_if_any(output).map(|yes| yes.is_some())
    })
    .wait()
    .map_err(|error| Failure::new("git", error.message))
}

fn is_sha(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
