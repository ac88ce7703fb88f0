//! What polecats have, for a track that is carried out natively beside them: two must not write one file, and none does what another has.
//!
//! They may be of another track, or of this one where the person goes on natively with what no polecat has.

use std::collections::{BTreeMap, BTreeSet};

use conductor_plugin::{Choice, Failure};
use conductor_tracks::{State, Track};

use super::look::{Look, Missing, RigLock, look};
use super::{pieces, settle};
use crate::ask::{although, choice};
use crate::beads::Beads;
use crate::ground::Ground;

/// What the person accepts who goes on natively while polecats have work of the track.
pub const POLECATS: &str = "polecats";

/// The choice to do that.
#[must_use]
pub fn natively(key: &str, ground: &Ground<'_>) -> Choice {
    choice(
        key,
        "Go on natively",
        "Claude's own sub-agents, with what no polecat has; polecats go on by themselves, and what they get merged is taken in",
        &[&ground.track.id, "--mode=native", &although(ground, POLECATS)],
    )
}

/// Marks in the plan what polecats have and what they got merged, of a track that goes on natively beside them. What was changed; nothing
/// where the town can't be seen.
///
/// # Errors
/// Why the plan can't be changed.
pub fn take_in(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    if !ground.is_in_town() && ground.with_polecats().is_empty() {
        return Ok(Vec::new());
    }
    let Ok(look) = look(ground.host, &ground.track.id) else {
        return Ok(Vec::new());
    };
    let marks = settle::marks(ground, &look);
    match marks.marks.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(crate::settle::mark(ground.host, ground.plan_path()?, &marks)?.lines),
    }
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Beside {
    /// Files that polecats have to themselves, with who has them.
    pub locks: BTreeMap<String, String>,
    /// The nodes of this track that somebody in Gas Town has, where that could be seen.
    pub own: Option<BTreeSet<usize>>,
    /// Why it is not known.
    pub note: Option<String>,
    /// Nobody else gives out work of the rig as long as it is there.
    pub lock: RigLock,
}

/// Looks, if another track is in Gas Town and not done, or polecats have some of this one. Nothing is asked otherwise.
#[must_use]
pub fn look_beside(ground: &Ground<'_>) -> Beside {
    let ours = &ground.track.id;
    let is_there = |track: &&Track<'_>| {
        let metadata = track.metadata.as_ref();
        let mode = metadata.and_then(|metadata| metadata.execution_mode.as_deref());
        let is_others = mode == Some("gastown") && track.id != *ours;
        let is_own = track.id == *ours && metadata.is_some_and(|metadata| !metadata.gastown_tasks.is_empty());
        !track.archived && track.state != State::Done && (is_others || is_own)
    };
    let Some(other) = ground.project.tracks.iter().find(is_there) else {
        return Beside::default();
    };
    let unknown = |why: &str| Beside {
        note: Some(format!(
            "`{}` is in Gas Town, and which files polecats have of it is not known: {why}",
            other.id
        )),
        ..Beside::default()
    };
    match look(ground.host, ours) {
        Ok(look) => Beside {
            locks: pieces::locks(ground, &look),
            own: Some(own(ground, &look)),
            note: None,
            lock: look.lock,
        },
        Err(Missing::Town) => unknown("there is no Gas Town here that you have confirmed"),
        Err(Missing::Step(Failure { message, .. }) | Missing::Silence(Failure { message, .. })) => unknown(&message),
    }
}

fn own(ground: &Ground<'_>, look: &Look) -> BTreeSet<usize> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    pieces::taken(ground, &beads, &pieces::of(look, &beads))
}
