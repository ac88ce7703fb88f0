//! Plan, registry and beads follow what has happened in Gas Town. Each change is a fact, so nobody is asked.

use conductor_gastown::convoy;
use conductor_gastown::work::State as Stands;
use conductor_plugin::Failure;
use conductor_tracks::State;

use super::look::{Look, failure};
use super::pieces::{self, Piece};
use super::{learnings, merged};
use crate::beads::{Beads, project_bead, reason};
use crate::choose::Mode;
use crate::commits::short;
use crate::ground::Ground;
use crate::identity::Name;
use crate::settle::{Mark, Marks};

/// What is to be marked in the plan: work that is merged is done, and what a polecat has is in progress. Empty where the plan says so.
#[must_use]
pub fn marks(ground: &Ground<'_>, look: &Look) -> Marks {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let mut marks = Marks::default();
    for piece in pieces::of(look, &beads) {
        match piece.state {
            Stands::Merged | Stands::NoChange => done(ground, look, &piece, &mut marks),
            Stands::Open | Stands::ClosedByHand => {}
            _ => begun(ground, &piece, &mut marks),
        }
    }
    marks
}

fn done(ground: &Ground<'_>, look: &Look, piece: &Piece, marks: &mut Marks) {
    let open: Vec<_> = piece.tasks().filter(|&at| !ground.task(at).state.is_closed()).collect();
    let Some(&last) = open.last() else { return };
    let merged = match piece.state {
        Stands::Merged => merged::find(ground.host, look, piece),
        _ => merged::Merged::default(),
    };
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

fn begun(ground: &Ground<'_>, piece: &Piece, marks: &mut Marks) {
    let pending = piece.tasks().filter(|&at| ground.task(at).state == State::Pending);
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
        if let Some(own) = project_bead(bead).filter(|_| ground.has_beads()) {
            conductor_beads::writes::close(host, own, &reason(task))
                .wait()
                .map_err(failure)?;
            changed.push(format!("{own} closed"));
        }
    }
    for bead in beads.spare().iter().filter(|bead| !bead.is_under_way()) {
        beads.close(host, bead, crate::beads::GONE, &mut changed)?;
    }
    beads.close_epics(ground, &mut changed)?;
    let pieces = pieces::of(look, &beads);
    let is_begun = pieces.iter().any(Piece::is_taken);
    let is_done = ground.plan.tasks().next().is_some() && ground.plan.tasks().all(|task| task.state.is_closed());
    let is_free = !pieces.iter().any(Piece::is_at_work) && !beads.loose().any(conductor_beads::Bead::is_under_way);
    if is_done && is_free {
        // The registry may have no marker for it, and the plan says so already.
        let metadata = ground.track.metadata.as_ref();
        if metadata.and_then(conductor_tracks::metadata::Metadata::state) != Some(State::Done) {
            changed.extend(learnings::keep(ground, &beads)?);
            changed.extend(close_convoy(ground)?);
        }
        changed.extend(ground.settle_done()?);
    } else if is_begun {
        changed.extend(ground.settle_begun(Mode::GasTown)?);
    }
    Ok(changed)
}

/// A convoy that nobody has launched ends only so. It is known by its title alone: what the metadata names could be another's.
fn close_convoy(ground: &Ground<'_>) -> Result<Option<String>, Failure> {
    let title = format!("Conductor: {}", ground.track.id);
    let convoys = convoy::list(ground.host).wait().map_err(failure)?;
    let ours = convoys
        .iter()
        .find(|convoy| convoy.title == title && convoy.status != "closed");
    let Some(convoy) = ours else { return Ok(None) };
    convoy::close(ground.host, &convoy.id, "the track is done")
        .wait()
        .map_err(failure)?;
    Ok(Some(format!("{} closed", convoy.id)))
}
