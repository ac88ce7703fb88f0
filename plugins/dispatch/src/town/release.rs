//! What a person decides about a piece of work: it is taken back from a polecat that does not do it, so that it can be given out anew, or
//! it is merged already. Nothing that a polecat has made is lost.

use conductor_common::width::one_line;
use conductor_gastown::work::State;
use conductor_gastown::{polecat, repository, rig_beads, rigs};
use conductor_plugin::{Failure, Host};

use super::look::{Look, failure};
use super::pieces::{self, Piece};
use super::{escalation, merged, ready};
use crate::beads::Beads;
use crate::ground::Ground;
use crate::identity::task_name;

/// Takes it back. `wanted` is a bead's id, or a task's name (`2.1`). What was changed.
///
/// # Errors
/// `unknown-bead`; `at-work` where somebody does it, or it is merged or waits to be; `not-saved` where a worktree has files that are not
/// committed; what a tool says.
pub fn release(ground: &Ground<'_>, look: &Look, wanted: &str) -> Result<Vec<String>, Failure> {
    take_back(ground, look, wanted, false)
}

/// The same; with `ends_sessions` also from a polecat that is at work, whose session ends.
///
/// # Errors
/// As of [`release`].
pub fn take_back(ground: &Ground<'_>, look: &Look, wanted: &str, ends_sessions: bool) -> Result<Vec<String>, Failure> {
    let host = ground.host;
    let piece = find(ground, look, wanted)?;
    let mut changed = Vec::new();
    let (bead, rig) = (&piece.bead, &look.rig);
    match piece.state {
        State::Stalled | State::Deferred | State::Working if ends_sessions || piece.state != State::Working => {
            if let Some((_, name)) = piece.assignee.split_once("/polecats/") {
                // One that was removed by hand has nothing left to save.
                let trees = repository::worktrees(host, rig).wait().map_err(failure)?;
                if !trees.iter().any(|tree| tree.polecat() == Some(name)) {
                    polecat::release(host, bead, "given out anew").wait().map_err(failure)?;
                    return Ok(vec![format!(
                        "{bead} is open again; {} is not there any more",
                        piece.assignee
                    )]);
                }
                saved(host, rig, name)?;
                polecat::release(host, bead, "given out anew").wait().map_err(failure)?;
                // Commits that were not pushed are pushed by it before.
                changed.push(nuked(host, rig, name)?);
            } else {
                polecat::release(host, bead, "given out anew").wait().map_err(failure)?;
            }
        }
        State::Escalated | State::Rejected | State::ClosedByHand | State::NoQueue => {
            changed.extend(rescue_all(host, look, &piece)?);
            changed.extend(escalation::pass_on(ground, look, &piece)?);
            rig_beads::reopen(host, rig, bead, "given out anew")
                .wait()
                .map_err(failure)?;
        }
        state => {
            return Err(Failure::new(
                "at-work",
                format!(
                    "{bead} is {}: there is nothing to take back",
                    state.as_str().replace('_', " ")
                ),
            )
            .hinted("`gt release` in the town takes it from a worker that has it"));
        }
    }
    changed.push(format!("{bead} is open again"));
    Ok(changed)
}

/// Ends a polecat whose work was taken back by a run that was stopped before it did that. What was changed.
///
/// # Errors
/// `not-saved`; what `gt` says.
pub fn remove(host: &dyn Host, rig: &str, name: &str) -> Result<String, Failure> {
    saved(host, rig, name)?;
    nuked(host, rig, name)
}

fn nuked(host: &dyn Host, rig: &str, name: &str) -> Result<String, Failure> {
    polecat::nuke(host, rig, name).wait().map_err(failure)?;
    Ok(format!(
        "{rig}/polecats/{name} removed; its commits are on its branch at the remote"
    ))
}

/// Refuses where a worktree has what no branch has.
fn saved(host: &dyn Host, rig: &str, polecat: &str) -> Result<(), Failure> {
    let state = polecat::git_state(host, rig, polecat).wait().map_err(failure)?;
    if state.uncommitted_files.is_empty() && state.stash_count == 0 {
        return Ok(());
    }
    let files = state.uncommitted_files.join(", ");
    Err(Failure::new(
        "not-saved",
        format!("{rig}/polecats/{polecat} has files that are not committed: {files}"),
    )
    .hinted(format!(
        "commit them in `{rig}/polecats/{polecat}` of the town, or put them away; then the same again"
    )))
}

/// Gives the commits of one who gave up a branch at the remote: they are only in its worktree, and there no longer on any branch once it
/// has other work. What was changed.
///
/// # Errors
/// What git says.
pub fn rescue(host: &dyn Host, look: &Look, piece: &Piece) -> Result<Option<String>, Failure> {
    match merged::left(host, look, piece).map_err(failure)? {
        Some(left) => pushed(host, look, piece, left),
        None => Ok(None),
    }
}

/// The same before its work goes to another: nothing may be left that is not committed.
fn rescue_all(host: &dyn Host, look: &Look, piece: &Piece) -> Result<Option<String>, Failure> {
    let Some(left) = merged::left(host, look, piece).map_err(failure)? else {
        return Ok(None);
    };
    if left.is_there
        && let Some((_, name)) = piece.assignee.split_once("/polecats/")
    {
        saved(host, &look.rig, name)?;
    }
    pushed(host, look, piece, left)
}

fn pushed(host: &dyn Host, look: &Look, piece: &Piece, left: merged::Left) -> Result<Option<String>, Failure> {
    let (bead, rig) = (&piece.bead, &look.rig);
    let last = left.last;
    let target = ready::target(host, look)?;
    let is_there = repository::is_on_target(host, rig, &last, &target).wait();
    if is_there.map_err(failure)? {
        return Ok(None);
    }
    repository::rescue(host, rig, bead, &last).wait().map_err(failure)?;
    Ok(Some(format!(
        "what {} has committed for {bead} is on the branch `rescued/{bead}-{last}` at the remote",
        piece.assignee
    )))
}

/// Ends the merge request of work that is on the target: a refinery that stopped in between has not done that. What was changed.
///
/// # Errors
/// `unknown-bead`; `not-merged` where it waits in no queue, or the target does not have it; what a tool says.
pub fn merged(ground: &Ground<'_>, look: &Look, wanted: &str) -> Result<Vec<String>, Failure> {
    let piece = find(ground, look, wanted)?;
    let request = piece
        .request
        .as_ref()
        .filter(|_| is_on_target(ground.host, look, &piece));
    let Some(request) = request else {
        return Err(Failure::new(
            "not-merged",
            format!(
                "what was handed in for {} is not on its target, as far as the rig knows",
                piece.bead
            ),
        )
        .hinted("`git fetch` in the rig's repository lets it know more"));
    };
    rigs::post_merge(ground.host, &look.rig, &request.id)
        .wait()
        .map_err(failure)?;
    Ok(vec![format!("{} is merged, and {} closed", piece.bead, request.id)])
}

/// Whether work that waits in the merge queue is on its target already.
#[must_use]
pub fn is_on_target(host: &dyn Host, look: &Look, piece: &Piece) -> bool {
    let request = piece.request.as_ref().filter(|_| piece.state == State::Submitted);
    let commit = request.and_then(|request| Some((request.commit.as_deref()?, request.target.as_str())));
    commit.is_some_and(|(commit, target)| {
        repository::is_on_target(host, &look.rig, commit, target)
            .wait()
            .unwrap_or(false)
    })
}

/// A piece, by its bead's id or its task's name.
fn find(ground: &Ground<'_>, look: &Look, wanted: &str) -> Result<Piece, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let is_wanted = |piece: &Piece| piece.bead == wanted || task_name(ground.plan, piece.at) == wanted;
    let mut pieces = pieces::of(look, &beads).into_iter();
    pieces.find(is_wanted).ok_or_else(|| {
        Failure::new(
            "unknown-bead",
            format!("no work of `{}` has the bead `{}`", ground.track.id, one_line(wanted)),
        )
        .hinted(format!(
            "`conductor dispatch {}` names those that were given out",
            ground.track.id
        ))
    })
}
