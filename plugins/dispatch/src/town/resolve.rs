//! Work that the refinery can't merge: which files, whose changes, and the four ways on. Each is carried out in a worktree of its own,
//! never in a checkout of the person's or a worker's.
//!
//! The result goes to the worker's branch, if that is still as it was; then the task is closed for which the merge request waits, and the
//! refinery merges it. A run that was killed in between is gone on with by the same command.

use conductor_beads::{Bead, ask};
use conductor_gastown::overlap::Overlap;
use conductor_gastown::scratch::{self, Rebased, Side};
use conductor_gastown::work::{State, is_about};
use conductor_gastown::{MergeRequest, reads, repository, rig_beads};
use conductor_plugin::{Failure, Host};

use super::look::{Look, failure};
use super::pieces::{self, Piece};
use super::ready;
use crate::ask::choice;
use crate::beads::Beads;
use crate::ground::Ground;
use crate::identity::task_name;
use crate::report;
use crate::request::{Pick, Resolve};

/// The folder of what we work in, in the rig.
const FOLDER: &str = ".conductor";

/// A merge request that can't be merged as it is.
#[derive(Debug)]
struct Conflict {
    /// Its id.
    request: String,
    /// The worker's branch.
    branch: String,
    /// Where it is to go.
    target: String,
    /// Who handed it in.
    worker: String,
    /// The refinery's tasks about it: it makes one each time that it comes by.
    tasks: Vec<Bead>,
}

/// Resolves a conflict in the way that was chosen. What was changed.
///
/// # Errors
/// `merge-conflict` with its choices, where nothing was chosen; `no-conflict`; `at-work` where somebody is at it; `not-resolved` where
/// lines of both sides are left; `push-refused`; what a tool says.
pub fn resolve(ground: &Ground<'_>, look: &Look, resolve: &Resolve) -> Result<Vec<String>, Failure> {
    let conflict = find(ground, look, &resolve.what)?;
    if let Some(task) = conflict.tasks.iter().find(|task| task.is_under_way()) {
        let (who, task) = (&task.assignee, &task.id);
        return Err(Failure::new(
            "at-work",
            format!("{who} is at the conflict of {} ({task})", conflict.request),
        )
        .hinted(format!("`gt release {task}` in the town takes it back")));
    }
    let host = ground.host;
    let of_rig = [("rig", look.rig.as_str())];
    ask(host, ready::FETCH, &of_rig, conductor_beads::answer::text)
        .wait()
        .map_err(failure)?;
    let by_hand = Scratch::by_hand(look, &conflict);
    if resolve.done {
        return by_hand.taken_up(ground, &conflict);
    }
    let side = match resolve.pick {
        Some(Pick::MergeTool) => return by_hand.prepared(ground, &conflict),
        Some(Pick::Stop) => return stopped(ground, look, &conflict),
        Some(Pick::Target) => Side::Target,
        Some(Pick::Branch) => Side::Branch,
        None => {
            let files = files(host, look, &conflict)?;
            // What we write ourselves is right where it is merged.
            match files.iter().all(|file| file.path.starts_with("conductor/")) && !files.is_empty() {
                true => Side::Target,
                false => return Err(choices(ground, &conflict, &files)),
            }
        }
    };
    Scratch::for_us(look, &conflict).with(ground, &conflict, side)
}

/// The files that both sides have changed, and who has changed them on the target.
///
/// # Errors
/// What git says.
fn files(host: &dyn Host, look: &Look, conflict: &Conflict) -> Result<Vec<Overlap>, Failure> {
    reads::changes(host, &look.rig, &conflict.target, &conflict.branch)
        .wait()
        .map_err(failure)
}

/// The files of a piece that is in conflict, each with who has changed it on the target, for a person to read; empty where git can't tell.
#[must_use]
pub fn told(host: &dyn Host, look: &Look, piece: &Piece) -> String {
    let Some(request) = &piece.request else {
        return String::new();
    };
    let asked = reads::changes(host, &look.rig, &request.target, &request.branch).wait();
    shown(&asked.unwrap_or_default())
}

fn shown(files: &[Overlap]) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|file| match file.on_target.first() {
            Some(author) => format!("{} (also {author})", file.path),
            None => file.path.clone(),
        })
        .collect();
    files.join(", ")
}

/// The piece, by the id of its merge request, of the task about it, or of its bead, or by its task's name.
fn find(ground: &Ground<'_>, look: &Look, wanted: &str) -> Result<Conflict, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let requests: Vec<MergeRequest<'_>> = look.work.requests.iter().map(MergeRequest::of).collect();
    let conflicts = pieces::of(look, &beads)
        .into_iter()
        .filter(|piece| piece.state == State::Conflict);
    let mut known = Vec::new();
    for piece in conflicts {
        let Some(request) = &piece.request else { continue };
        let of = requests.iter().find(|of| of.id == request.id);
        let conflicts = look.work.conflicts.iter();
        let tasks: Vec<Bead> = conflicts
            .filter(|task| of.is_some_and(|of| is_about(task, of)))
            .cloned()
            .collect();
        let name = task_name(ground.plan, piece.at);
        let is_meant = [request.id.as_str(), &piece.bead, &name].contains(&wanted);
        if is_meant || tasks.iter().any(|task| task.id == wanted) {
            return Ok(Conflict {
                request: request.id.clone(),
                branch: request.branch.clone(),
                target: match request.target.as_str() {
                    "" => ready::target(ground.host, look)?,
                    target => target.to_owned(),
                },
                worker: piece.worker.clone(),
                tasks,
            });
        }
        known.push(format!("{name} ({})", request.id));
    }
    let failure = Failure::new("no-conflict", format!("`{wanted}` is no work that can't be merged"));
    Err(match known.is_empty() {
        true => failure.hinted("nothing of this track is in conflict now"),
        false => failure.hinted(format!("in conflict are {}", known.join(", "))),
    })
}

fn choices(ground: &Ground<'_>, conflict: &Conflict, files: &[Overlap]) -> Failure {
    let track = ground.track.id.to_string();
    let (request, worker, target) = (&conflict.request, &conflict.worker, &conflict.target);
    let mut others: Vec<&str> = files
        .iter()
        .flat_map(|file| &file.on_target)
        .map(String::as_str)
        .collect();
    others.sort_unstable();
    others.dedup();
    let others = match others.is_empty() {
        true => format!("origin/{target}"),
        false => others.join(", "),
    };
    let resolve = format!("--resolve={request}");
    let way = |key: &str, by: &str, label: &str, description: &str| {
        let by = format!("--by={by}");
        choice(key, label, description, &[&track, &resolve, &by])
    };
    Failure::new(
        "merge-conflict",
        format!(
            "what {worker} handed in can't be merged as it is: {}",
            match files.is_empty() {
                true => "git names no file".to_owned(),
                false => shown(files),
            }
        ),
    )
    .choice(way(
        "A",
        "hand",
        "Open a merge tool",
        "a worktree is prepared for it, and you are told what to type",
    ))
    .choice(way(
        "B",
        "target",
        &format!("Prefer {others}'s version"),
        &format!("what is merged already wins where both changed the same lines; the rest of {worker}'s work stays"),
    ))
    .choice(way(
        "C",
        "branch",
        &format!("Prefer {worker}'s version"),
        &format!("it wins where both changed the same lines; the rest of {others}'s work stays"),
    ))
    .choice(way(
        "D",
        "stop",
        "Stop the track",
        "nothing more begins; you mend the branch yourself",
    ))
}

/// Nothing more begins, and the person mends the branch in a way of their own.
fn stopped(ground: &Ground<'_>, look: &Look, conflict: &Conflict) -> Result<Vec<String>, Failure> {
    report::rest(ground, true)?;
    let Conflict {
        branch, target, tasks, ..
    } = conflict;
    let tasks: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    Ok(vec![
        "nothing more is begun by itself; who has work goes on".to_owned(),
        format!("mend it: fetch, rebase `{branch}` onto origin/{target}, and push it"),
        format!(
            "then `bd close {}` in the rig `{}` lets the refinery go on",
            tasks.join(" "),
            look.rig
        ),
    ])
}

/// A worktree in which a conflict is resolved. A person's and our own are two: what somebody has begun by hand stays.
struct Scratch<'a> {
    rig: &'a str,
    /// The address of what the branch is pushed to.
    remote: &'a str,
    /// Its name: the merge request's id, with an ending where it is a person's.
    name: String,
    /// Where it is.
    path: String,
}

impl<'a> Scratch<'a> {
    fn named(look: &'a Look, name: String) -> Self {
        Self {
            rig: &look.rig,
            remote: &look.remote,
            path: format!("{}/{}/{FOLDER}/{name}", look.town.location, look.rig),
            name,
        }
    }

    fn for_us(look: &'a Look, conflict: &Conflict) -> Self {
        Self::named(look, conflict.request.clone())
    }

    fn by_hand(look: &'a Look, conflict: &Conflict) -> Self {
        Self::named(look, format!("{}.hand", conflict.request))
    }

    /// Makes it, with the branch as the remote has it now.
    fn make(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<(), Failure> {
        let host = ground.host;
        let tip = repository::remote_tip(host, self.remote, &conflict.branch).wait();
        let Some(tip) = tip.map_err(failure)? else {
            return Err(Failure::new(
                "no-branch",
                format!("the remote has no branch `{}` any more", conflict.branch),
            )
            .hinted("`--release BEAD` gives the work out anew"));
        };
        // Noted first: without its note nobody would know what is there.
        scratch::keep(host, self.rig, &self.name, &tip)
            .wait()
            .map_err(failure)?;
        scratch::add(host, self.rig, &self.name, &tip).wait().map_err(failure)
    }

    /// Resolves it for a side, and hands it in.
    fn with(&self, ground: &Ground<'_>, conflict: &Conflict, side: Side) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        // What a killed run has left is ours, and made again in a moment.
        if scratch::kept(host, self.rig, &self.name)
            .wait()
            .map_err(failure)?
            .is_some()
        {
            drop(scratch::remove(host, self.rig, &self.name).wait());
        }
        self.make(ground, conflict)?;
        let rebased = scratch::rebase(host, self.rig, &self.name, side, &conflict.target).wait();
        if rebased.map_err(failure)? == Rebased::Stopped {
            let files = scratch::uncommitted(host, self.rig, &self.name)
                .wait()
                .map_err(failure)?;
            self.remove(host)?;
            return Err(not_resolved(ground, conflict, &files.join(", ")));
        }
        let whose = match side {
            Side::Target => format!("origin/{}'s", conflict.target),
            _ => format!("{}'s", conflict.worker),
        };
        self.hand_in(ground, conflict, &format!("{whose} lines were taken"))
    }

    /// Prepares it for a person.
    fn prepared(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        if scratch::kept(host, self.rig, &self.name)
            .wait()
            .map_err(failure)?
            .is_none()
        {
            self.make(ground, conflict)?;
            let rebased = scratch::rebase(host, self.rig, &self.name, Side::Neither, &conflict.target).wait();
            if rebased.map_err(failure)? == Rebased::Whole {
                return self.hand_in(ground, conflict, "nothing was left to resolve");
            }
        }
        let path = &self.path;
        Ok(vec![
            format!("to resolve by hand: `git -C '{path}' mergetool && git -C '{path}' rebase --continue`"),
            format!(
                "then `conductor dispatch {} --resolve {} --done`",
                ground.track.id, conflict.request
            ),
        ])
    }

    /// Takes up what a person has resolved.
    fn taken_up(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        if scratch::kept(host, self.rig, &self.name)
            .wait()
            .map_err(failure)?
            .is_none()
        {
            return self.prepared(ground, conflict);
        }
        let (stopped, files, commits) = (
            scratch::is_stopped(host, self.rig, &self.name),
            scratch::uncommitted(host, self.rig, &self.name),
            scratch::commits(host, self.rig, &self.name, &conflict.target),
        );
        let (path, target) = (&self.path, &conflict.target);
        let files = files.wait().map_err(failure)?;
        let commits = commits.wait().map_err(failure)?;
        let (why, hint) = if stopped.wait().map_err(failure)? || !files.is_empty() {
            (
                format!("it is not resolved to its end in {path}: {}", files.join(", ")),
                format!("`git -C '{path}' mergetool`, then `git -C '{path}' rebase --continue`"),
            )
        } else if commits.has_merge {
            (
                format!("{path} has a merge commit, which the refinery takes apart"),
                format!("`git -C '{path}' rebase origin/{target}` makes its commits one line"),
            )
        } else if commits.missing > 0 {
            (
                format!("{path} is not on top of origin/{target}"),
                format!("`git -C '{path}' rebase origin/{target}` puts it there"),
            )
        } else {
            return self.hand_in(ground, conflict, "as you have resolved it");
        };
        Err(Failure::new("not-resolved", why).hinted(hint))
    }

    /// Gives the worker's branch what is there, and lets the refinery go on.
    fn hand_in(&self, ground: &Ground<'_>, conflict: &Conflict, how: &str) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        let Conflict {
            request, branch, tasks, ..
        } = conflict;
        let lease = scratch::kept(host, self.rig, &self.name).wait().map_err(failure)?;
        let lease = lease.unwrap_or_default();
        if let Err(error) = scratch::push(host, self.rig, &self.name, branch, &lease).wait() {
            return Err(Failure::new(
                "push-refused",
                format!("`{branch}` could not be changed: {}", error.message),
            )
            .hinted(format!(
                "the result is in {}; if somebody else has pushed to the branch, `git worktree remove` it and resolve again",
                self.path
            )));
        }
        self.remove(host)?;
        let reason = format!("resolved for {request}: {how}");
        let mut changed = vec![format!(
            "{request}: {how}; `{branch}` was pushed, and the refinery can merge it"
        )];
        for task in tasks {
            rig_beads::close(host, self.rig, &task.id, &reason)
                .wait()
                .map_err(failure)?;
            changed.push(format!("{} closed", task.id));
        }
        Ok(changed)
    }

    fn remove(&self, host: &dyn Host) -> Result<(), Failure> {
        scratch::remove(host, self.rig, &self.name).wait().map_err(failure)?;
        scratch::forget(host, self.rig, &self.name).wait().map_err(failure)
    }
}

/// No side has lines for it: one has changed what the other has removed.
fn not_resolved(ground: &Ground<'_>, conflict: &Conflict, files: &str) -> Failure {
    let track = ground.track.id.to_string();
    let resolve = format!("--resolve={}", conflict.request);
    Failure::new(
        "not-resolved",
        format!("no side can be preferred in {files}: one has removed what the other has changed. Nothing was changed"),
    )
    .choice(choice(
        "A",
        "Open a merge tool",
        "a worktree is prepared for it, and you are told what to type",
        &[&track, &resolve, "--by=hand"],
    ))
}
