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
use crate::settle::Marks;

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

/// What was seen.
#[derive(Debug, Default)]
pub struct Beside {
    /// Files that polecats have to themselves, with who has them.
    pub locks: BTreeMap<String, String>,
    /// The nodes of this track that somebody in Gas Town has, where that could be seen.
    pub own: Option<BTreeSet<usize>>,
    /// What the plan does not say yet of that: what they have, and what they got merged.
    pub marks: Marks,
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
        let is_own = track.id == *ours && is_beside(track);
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
            marks: match is_beside(ground.track) {
                true => settle::marks(ground, &look),
                false => Marks::default(),
            },
            note: None,
            lock: look.lock,
        },
        Err(Missing::Town) => unknown("there is no Gas Town here that you have confirmed"),
        Err(Missing::Step(Failure { message, .. }) | Missing::Silence(Failure { message, .. })) => unknown(&message),
    }
}

/// Whether the track was in Gas Town, or is: then polecats may have some of it.
fn is_beside(track: &Track<'_>) -> bool {
    let metadata = track.metadata.as_ref();
    metadata.is_some_and(|metadata| !metadata.gastown_tasks.is_empty())
}

fn own(ground: &Ground<'_>, look: &Look) -> BTreeSet<usize> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    pieces::taken(ground, &beads, &pieces::of(look, &beads))
}
