//! `--auto` and `auto_dispatch`: work begins without a question only for a person who has agreed to that at their own terminal.

use std::fs;

use serde_json::Value;

use crate::scene::{Scene, TRACK};
use crate::script::Terminal;

/// The person agrees to every plan of the project, or does not; nothing where there is no `script`.
fn agrees(scene: &Scene, answer: &str) -> Option<Option<i32>> {
    let Some(mut terminal) = Terminal::start(&scene.project(), &scene.home(), &[], "consent add dispatch") else {
        eprintln!("skipped: `script` of util-linux is not here");
        return None;
    };
    terminal.wait_for("[y/N]");
    terminal.keys(&format!("{answer}\n"));
    Some(terminal.end().0)
}

fn auto(scene: &Scene) -> Value {
    let output = scene.run(&["dispatch", "--auto", "--json"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// One more track, that depends on the first or on none.
fn second_track(scene: &Scene, depends_on: &str) {
    let conductor = scene.project().join("conductor");
    let track = conductor.join("tracks/mail_20260102");
    fs::create_dir_all(&track).expect("made");
    fs::write(
        track.join("plan.md"),
        "# Plan: Mail\n\n## Phase 1: All\n\n- [ ] Task 1: Send it\n",
    )
    .expect("written");
    let metadata =
        format!("{{\"track_id\": \"mail_20260102\", \"status\": \"new\", \"depends_on\": [{depends_on}]}}\n");
    fs::write(track.join("metadata.json"), metadata).expect("written");
    let registry = fs::read_to_string(conductor.join("tracks.md")).expect("the registry");
    let entry = "\n---\n\n- [ ] **Track: Mail**\n  *Link: [./tracks/mail_20260102/](./tracks/mail_20260102/)*\n";
    fs::write(conductor.join("tracks.md"), registry + entry).expect("written");
}

#[test]
fn every_track_that_can_be_is_begun_once_the_person_has_agreed_to_all() {
    let scene = Scene::new();
    second_track(&scene, "");
    assert_eq!(auto(&scene)["error"]["code"], "no-consent");
    let Some(exit) = agrees(&scene, "n") else { return };
    assert_eq!(exit, Some(3));
    assert_eq!(auto(&scene)["error"]["code"], "no-consent");
    agrees(&scene, "y");
    let begun = auto(&scene);
    let tracks: Vec<(&str, usize)> = begun["data"]["tracks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|facts| {
            (
                facts["track"].as_str().expect("text"),
                facts["begins"].as_array().map_or(0, Vec::len),
            )
        })
        .collect();
    assert_eq!(tracks, [(TRACK, 2), ("mail_20260102", 1)], "{begun}");
    // Once more: all are at work.
    let again = auto(&scene);
    assert!(!again.to_string().contains("\"begun\""), "{again}");
    // Taken back, the person is asked again.
    scene.run(&["consent", "remove", "dispatch", "project"]);
    assert_eq!(auto(&scene)["error"]["code"], "no-consent");
}

#[test]
fn a_track_that_waits_for_another_or_asks_holds_none_of_the_others() {
    let scene = Scene::new();
    second_track(&scene, &format!("\"{TRACK}\""));
    if agrees(&scene, "y").is_none() {
        return;
    }
    let begun = auto(&scene);
    assert_eq!(begun["data"]["tracks"].as_array().map(Vec::len), Some(1), "{begun}");
    let state = scene
        .project()
        .join("conductor/tracks")
        .join(TRACK)
        .join("parallel_state.json");
    fs::write(state, "no JSON").expect("written");
    let held = auto(&scene);
    assert_eq!(held["data"]["held"][0]["track"], TRACK, "{held}");
}

#[test]
fn a_wish_of_the_repository_begins_nothing_by_itself() {
    let scene = Scene::new();
    let config = scene.project().join("conductor/beads.json");
    fs::write(
        config,
        r#"{"enabled": false, "gastown": {"enabled": false, "auto_dispatch": true}}"#,
    )
    .expect("written");
    assert_eq!(scene.data(&[])["what"], "plan");
    if agrees(&scene, "y").is_none() {
        return;
    }
    assert_eq!(scene.data(&["--dry-run"])["what"], "plan");
    assert_eq!(scene.data(&[])["what"], "begun");
}

#[test]
fn what_is_beside_it_is_told() {
    let scene = Scene::new();
    for arguments in [&["--auto", "--abort"][..], &["--auto"]] {
        assert_eq!(scene.code(arguments), "usage", "{arguments:?}");
    }
    let output = scene.run(&["consent", "add", "dispatch"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("for a person at a terminal to decide"), "{said}");
}
