//! What polecats of other tracks have, for a track that is carried out natively beside them: two must not write one file.

use std::collections::BTreeMap;

use conductor_plugin::Failure;
use conductor_tracks::{State, Track};

use super::look::{Missing, RigLock, look};
use super::pieces;
use crate::ground::Ground;

/// What was seen.
#[derive(Debug, Default)]
pub struct Beside {
    /// Files that polecats have to themselves, with who has them.
    pub locks: BTreeMap<String, String>,
    /// Why it is not known.
    pub note: Option<String>,
    /// Nobody else gives out work of the rig as long as it is there.
    pub lock: RigLock,
}

/// Looks, if another track is in Gas Town and not done. Nothing is asked otherwise.
#[must_use]
pub fn look_beside(ground: &Ground<'_>) -> Beside {
    let ours = &ground.track.id;
    let is_there = |track: &&Track<'_>| {
        let metadata = track.metadata.as_ref();
        let mode = metadata.and_then(|metadata| metadata.execution_mode.as_deref());
        track.id != *ours && !track.archived && mode == Some("gastown") && track.state != State::Done
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
            note: None,
            lock: look.lock,
        },
        Err(Missing::Town) => unknown("there is no Gas Town here that you have confirmed"),
        Err(Missing::Step(Failure { message, .. }) | Missing::Silence(Failure { message, .. })) => unknown(&message),
    }
}
