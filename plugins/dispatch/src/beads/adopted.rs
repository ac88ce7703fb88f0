//! Beads that were there before: what `/conductor-newtrack` has made, and the track's metadata.json names.

use conductor_beads::{Bead, reads, writes};
use conductor_plugin::Failure;

use super::{KEY, PHASE, TITLE, TRACK, failure};
use crate::ground::Ground;

/// Those that do not say yet which task they are. They are told, except in a dry run.
///
/// # Errors
/// What `bd` says.
pub(super) fn adopted(ground: &Ground<'_>, known: &[Bead]) -> Result<Vec<Bead>, Failure> {
    let Some(metadata) = &ground.track.metadata else {
        return Ok(Vec::new());
    };
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let keys = metadata
        .beads_tasks
        .iter()
        .map(|(key, id)| (key.replacen("_task", "/task", 1), id.as_str()));
    let keys = keys.chain(metadata.beads_epic.as_deref().map(|id| (String::new(), id)));
    let unknown: Vec<(String, &str)> = keys
        .filter(|(_, id)| is_id(id) && !known.iter().any(|bead| bead.id == *id))
        .collect();
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = unknown.iter().map(|(_, id)| *id).collect();
    let mut beads = reads::by_id(ground.host, &ids).wait().map_err(failure)?;
    beads.retain(|bead| bead.metadata(TRACK).is_none());
    for bead in &mut beads {
        let key = unknown
            .iter()
            .find(|(_, id)| *id == bead.id)
            .map(|(key, _)| key.as_str())
            .unwrap_or_default();
        let key = if key.is_empty() {
            ground.track.id.to_string()
        } else {
            format!("{}/{key}", ground.track.id)
        };
        let phase = ground
            .plan
            .phases
            .iter()
            .find(|phase| key.contains(&format!("/{}", phase.key())))
            .map(|phase| phase.title.to_string())
            .unwrap_or_default();
        if !ground.host.dry_run() {
            writes::name(ground.host, &bead.id, &ground.track.id, &key, &phase, &bead.title)
                .wait()
                .map_err(failure)?;
        }
        for (name, value) in [
            (TRACK, ground.track.id.to_string()),
            (KEY, key),
            (PHASE, phase),
            (TITLE, bead.title.clone()),
        ] {
            bead.metadata.insert(name.to_owned(), value.into());
        }
    }
    Ok(beads)
}
