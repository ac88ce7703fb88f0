//! Work that the refinery can't merge: which files, whose changes, and the four ways on. Each is carried out in a worktree of its own,
//! never in a checkout of the person's or a worker's.
//!
//! The result goes to the worker's branch, if that is still as it was; then the task is closed for which the merge request waits, and the
//! refinery merges it. A run that was killed in between is gone on with by the same command.

use conductor_beads::{Bead, ask};
use conductor_gastown::overlap::Overlap;
use conductor_gastown::scratch::Side;
use conductor_gastown::work::{State, is_about};
use conductor_gastown::{MergeRequest, reads};
use conductor_plugin::{Failure, Host};

use super::look::{Look, failure};
use super::pieces::{self, Piece};
use super::ready;
use super::scratch::Scratch;
use crate::ask::choice;
use crate::beads::Beads;
use crate::ground::Ground;
use crate::identity::task_name;
use crate::patience::PATIENCE_MS;
use crate::report;
use crate::request::{Pick, Resolve};

/// A merge request that can't be merged as it is.
#[derive(Debug)]
pub(super) struct Conflict {
    /// Its id.
    pub(super) request: String,
    /// The worker's branch.
    pub(super) branch: String,
    /// Where it is to go.
    pub(super) target: String,
    /// Who handed it in.
    pub(super) worker: String,
    /// The refinery's tasks about it: it makes one each time that it comes by.
    pub(super) tasks: Vec<Bead>,
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
        .within(PATIENCE_MS)
        .wait()
        .map_err(failure)
}

/// The files of a piece that is in conflict, each with who has changed it on the target, for a person to read; empty where git can't tell.
#[must_use]
pub fn told(host: &dyn Host, look: &Look, piece: &Piece) -> String {
    let Some(request) = &piece.request else {
        return String::new();
    };
    let asked = reads::changes(host, &look.rig, &request.target, &request.branch)
        .within(PATIENCE_MS)
        .wait();
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

/// No side has lines for it: one has changed what the other has removed.
pub(super) fn not_resolved(ground: &Ground<'_>, conflict: &Conflict, files: &str) -> Failure {
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
