//! Plan, registry and beads follow what has happened in Gas Town. Each change is a fact, so nobody is asked.

use std::cell::OnceCell;

use conductor_gastown::work::State as Stands;
use conductor_gastown::{convoy, rig_beads};
use conductor_plugin::{Failure, Host};
use conductor_tracks::State;

use super::look::{Look, failure};
use super::pieces::{self, Piece};
use super::{escalation, learnings, merged, own, ready};
use crate::beads::{Beads, reason};
use crate::choose::Mode;
use crate::commits::short;
use crate::ground::Ground;
use crate::identity::{At, Name};
use crate::settle::{Mark, Marks};

/// What is to be marked in the plan: work that is merged is done, and what a polecat has is in progress. Empty where the plan says so.
#[must_use]
pub fn marks(ground: &Ground<'_>, look: &Look) -> Marks {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let mut marks = Marks::default();
    // Whoever pushed it was not the rig: it looks once for all of them.
    let target = OnceCell::new();
    let by_git = |piece: &Piece| {
        let target = target.get_or_init(|| fetched(ground.host, look));
        merged::by_git(ground.host, look, piece, target.as_deref()?)
    };
    for piece in pieces::of(look, &beads) {
        match piece.state {
            Stands::Merged => done(ground, &merged::find(ground.host, look, &piece), &piece, &mut marks),
            Stands::NoChange => done(ground, &merged::Merged::default(), &piece, &mut marks),
            Stands::Escalated | Stands::NoQueue | Stands::ClosedByHand if !is_open(ground, &piece) => {}
            Stands::NoQueue => match by_git(&piece) {
                Some(merged) => done(ground, &merged, &piece, &mut marks),
                None => begun(ground, piece.tasks(), &mut marks),
            },
            Stands::ClosedByHand => {
                if let Some(merged) = by_git(&piece) {
                    done(ground, &merged, &piece, &mut marks);
                }
            }
            Stands::Escalated => match merged::although_given_up(ground.host, look, &piece) {
                Some(merged) => done(ground, &merged, &piece, &mut marks),
                None => begun(ground, piece.tasks(), &mut marks),
            },
            Stands::Open => {}
            _ => begun(ground, piece.tasks(), &mut marks),
        }
    }
    marks
}

/// The target, as the remote has it now.
fn fetched(host: &dyn Host, look: &Look) -> Option<String> {
    let target = ready::target(host, look).ok()?;
    ready::fetched(host, look, &target).ok()?;
    Some(target)
}

fn done(ground: &Ground<'_>, merged: &merged::Merged, piece: &Piece, marks: &mut Marks) {
    let open: Vec<_> = piece.tasks().filter(|&at| !ground.task(at).state.is_closed()).collect();
    let Some(&last) = open.last() else { return };
    for at in open {
        let name = Name::of(ground.plan, at);
        let of_last = merged.last.as_deref().filter(|_| at == last);
        let sha = merged.keys.get(&name.key).map(String::as_str).or(of_last).map(short);
        marks.marks.push(Mark {
            name,
            state: State::Done,
            sha,
        });
    }
    if let Some(sha) = &merged.last {
        marks.checkpoint = Some(short(sha));
    }
}

/// Whether the plan has any of it open.
fn is_open(ground: &Ground<'_>, piece: &Piece) -> bool {
    piece.tasks().any(|at| !ground.task(at).state.is_closed())
}

/// Marks what is open of some tasks as begun.
pub fn begun(ground: &Ground<'_>, tasks: impl IntoIterator<Item = At>, marks: &mut Marks) {
    let pending = tasks.into_iter().filter(|&at| ground.task(at).state == State::Pending);
    marks.marks.extend(pending.map(|at| Mark {
        name: Name::of(ground.plan, at),
        state: State::InProgress,
        sha: None,
    }));
}

/// Makes the rig's beads agree with the plan, and the registry and the metadata with both. What was changed.
///
/// # Errors
/// What a tool says, or why a file can't be changed.
pub fn follow(ground: &Ground<'_>, look: &Look) -> Result<Vec<String>, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let host = ground.host;
    let mut changed = Vec::new();
    if beads.epic().is_none() {
        return Ok(changed);
    }
    for (at, bead) in beads.tasks() {
        let task = ground.task(at);
        if bead.is_closed() || !task.state.is_closed() {
            continue;
        }
        // A worker that has it still is let finish: what it hands in is merged, and the plan says so already.
        match bead.is_under_way() {
            true => changed.push(format!(
                "{} is closed in the plan, and {} has it still",
                bead.id, bead.assignee
            )),
            false => beads.close(host, bead, &reason(task), &mut changed)?,
        }
    }
    changed.extend(own::close(ground, &beads)?);
    for bead in beads.spare().iter().filter(|bead| !bead.is_under_way()) {
        beads.close(host, bead, crate::beads::GONE, &mut changed)?;
    }
    beads.close_epics(ground, &mut changed)?;
    let pieces = pieces::of(look, &beads);
    for piece in &pieces {
        keep_commit(host, look, piece)?;
        if is_open(ground, piece) {
            changed.extend(escalation::escalate(ground, look, piece)?);
        }
    }
    let is_begun = pieces.iter().any(Piece::is_taken);
    let is_done = ground.plan.tasks().next().is_some() && ground.plan.tasks().all(|task| task.state.is_closed());
    let is_free = !pieces.iter().any(Piece::is_at_work) && !beads.loose().any(conductor_beads::Bead::is_under_way);
    if is_done && is_free {
        // The registry may have no marker for it, and the plan says so already.
        let metadata = ground.track.metadata.as_ref();
        if metadata.and_then(conductor_tracks::metadata::Metadata::state) != Some(State::Done) {
            changed.extend(learnings::keep(ground, &beads)?);
            changed.extend(close_convoy(ground, "the track is done")?);
        }
        changed.extend(ground.settle_done()?);
    } else if is_begun {
        changed.extend(ground.settle_begun(Mode::GasTown)?);
    }
    Ok(changed)
}

/// Notes on a bead which commit was handed in for it, as long as its merge request says so.
fn keep_commit(host: &dyn Host, look: &Look, piece: &Piece) -> Result<(), Failure> {
    let handed_in = piece.request.as_ref().and_then(|request| request.commit.as_deref());
    match handed_in.filter(|commit| piece.kept.as_deref() != Some(commit)) {
        Some(commit) if matches!(piece.state, Stands::Submitted | Stands::Conflict) => {
            rig_beads::keep(host, &look.rig, &piece.bead, crate::beads::COMMIT, commit)
                .wait()
                .map_err(failure)
        }
        _ => Ok(()),
    }
}

/// A convoy that nobody has launched ends only so. It is known by its title alone: what the metadata names could be another's.
///
/// # Errors
/// What `gt` says.
pub fn close_convoy(ground: &Ground<'_>, why: &str) -> Result<Option<String>, Failure> {
    let title = format!("Conductor: {}", ground.track.id);
    let convoys = convoy::list(ground.host).wait().map_err(failure)?;
    let ours = convoys.iter().find(|convoy| convoy.title == title);
    let Some(convoy) = ours else { return Ok(None) };
    convoy::close(ground.host, &convoy.id, why).wait().map_err(failure)?;
    Ok(Some(format!("{} closed", convoy.id)))
}
