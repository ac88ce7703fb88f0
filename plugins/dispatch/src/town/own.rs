//! The project's own beads of a track that polecats carry out: they follow the plan as the rig's do.

use conductor_beads::{reads, writes};
use conductor_plugin::Failure;
use conductor_tracks::Phase;

use super::look::failure;
use crate::beads::{Beads, project_bead, reason};
use crate::ground::Ground;

/// Closes those whose work is done in the plan, unless `beads.json` says that they are not to follow (`autoSyncOnComplete`). What was
/// changed.
///
/// # Errors
/// What `bd` says.
pub fn close(ground: &Ground<'_>, beads: &Beads) -> Result<Vec<String>, Failure> {
    let config = ground.project.beads.as_ref();
    if config.and_then(|config| config.auto_sync_on_complete) == Some(false) {
        return Ok(Vec::new());
    }
    let done = done(ground, beads);
    if done.is_empty() || !ground.has_beads() {
        return Ok(Vec::new());
    }
    // The rig's bead does not say whether its own was closed: a merge closes it without us.
    let ids: Vec<&str> = done.iter().map(|(own, _)| own.as_str()).collect();
    let there = reads::by_id(ground.host, &ids).wait().map_err(failure)?;
    let mut changed = Vec::new();
    for (own, why) in done {
        if there.iter().any(|bead| bead.id == own && !bead.is_closed()) {
            writes::close(ground.host, &own, &why).wait().map_err(failure)?;
            changed.push(format!("{own} closed"));
        }
    }
    Ok(changed)
}

/// The tasks' beads, and the epics that metadata.json names, each with why it is closed.
fn done(ground: &Ground<'_>, beads: &Beads) -> Vec<(String, String)> {
    let tasks = beads.tasks().filter(|(at, _)| ground.task(*at).state.is_closed());
    let of_tasks = tasks.filter_map(|(at, bead)| Some((project_bead(bead)?.to_owned(), reason(ground.task(at)))));
    let Some(metadata) = &ground.track.metadata else {
        return of_tasks.collect();
    };
    let is_done = |phase: &Phase<'_>| phase.tasks.iter().all(|task| task.state.is_closed());
    let phases = ground.plan.phases.iter().filter(|phase| is_done(phase));
    let of_phases = phases.filter_map(|phase| {
        let key = phase.key();
        let (_, id) = metadata.beads_tasks.iter().find(|(known, _)| *known == key)?;
        Some((id.clone(), "every task of the phase is done".to_owned()))
    });
    let of_track = metadata
        .beads_epic
        .iter()
        .filter(|_| ground.plan.phases.iter().all(is_done));
    let of_track = of_track.map(|id| (id.clone(), "the track is done".to_owned()));
    let all = of_tasks.chain(of_phases).chain(of_track);
    // What a hand has written there need not be an id.
    all.filter(|(id, _)| is_id(id)).collect()
}

fn is_id(id: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !id.is_empty() && !id.starts_with('-') && id.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use conductor_plugin::Output;
    use conductor_plugin::testing::FakeHost;

    use super::*;
    use crate::folder::GRANT;
    use crate::ground;

    #[test]
    fn they_follow_unless_the_project_says_that_they_do_not() {
        let empty = Output {
            status: Some(0),
            stdout: b"[]".to_vec(),
            ..Output::default()
        };
        for (config, unasked) in [
            ("{}", 0),
            (r#"{"autoSyncOnComplete": true}"#, 0),
            (r#"{"autoSyncOnComplete": false}"#, 1),
        ] {
            let registry = "# Tracks\n\n## [~] Track: Shop\n*Link: [./tracks/shop_1/](./tracks/shop_1/)*\n";
            let host = FakeHost::new()
                .file(GRANT, "tracks.md", registry)
                .file(
                    GRANT,
                    "tracks/shop_1/plan.md",
                    "# P\n\n## Phase 1: A\n- [x] Task 1: api\n",
                )
                .file(GRANT, "tracks/shop_1/metadata.json", r#"{"beads_epic": "own-1"}"#)
                .file(GRANT, "beads.json", config)
                .file("beads", "", "{}")
                .command("beads-by-id", &[("ids", &["own-1"])], empty.clone());
            let closed = ground::on(&host, Some("shop_1"), |ground| close(ground, &Beads::default()));
            assert_eq!(closed.expect("it goes well"), Vec::<String>::new());
            assert_eq!(host.calls_left(), unasked, "{config}");
        }
    }
}
