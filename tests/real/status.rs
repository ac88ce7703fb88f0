//! What `conductor status` says of the real tools, beside what a test knows that it brought about.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::town::{BeadsProject, RIG, Town, said, status};

/// Says in a track's metadata that it was dispatched to Gas Town with this convoy.
pub(crate) fn dispatched(project: &Path, track: &str, convoy: &str) {
    let path = project.join(format!("conductor/tracks/{track}/metadata.json"));
    let mut metadata: Value = serde_json::from_slice(&fs::read(&path).expect("the metadata")).expect("JSON");
    metadata["execution_mode"] = json!("gastown");
    metadata["gastown_convoy"] = json!(convoy);
    fs::write(&path, metadata.to_string()).expect("written");
}

/// Each bead of a track has to stand where it was brought to: one of the words beside it.
pub(crate) fn check_town(town: &Town, track: &str, convoy: &str, expected: &[(&str, &[&str])], in_conflict: &str) {
    let data = status(|| town.conductor(&["status", "--json"]));
    assert_eq!(data["gastown"]["rig"], RIG, "{}", data["gastown"]);
    assert_eq!(data["gastown"]["troubles"], json!([]));
    assert_eq!(data["gastown"]["refinery_running"], false);
    assert_eq!(data["beads"], Value::Null, "the project has no database of its own");

    let tracks = data["tracks"].as_array().expect("tracks");
    let of_track = tracks.iter().find(|shown| shown["id"] == track).expect("the track");
    let gastown = &of_track["gastown"];
    assert_eq!(gastown["convoy"]["id"], convoy);
    assert!(gastown["convoy"]["status"].is_string(), "{gastown}");
    let work = gastown["work"].as_array().expect("work");
    for (bead, states) in expected {
        let line = work.iter().find(|line| line["bead"] == *bead).expect("each bead");
        let state = line["state"].as_str().expect("a state");
        assert!(states.contains(&state), "{states:?} was brought about: {line}");
    }
    assert_eq!(gastown["total"], expected.len());
    let working = expected.iter().filter(|(_, states)| *states == ["working"]).count();
    assert_eq!(
        (&gastown["active"], &gastown["conflicts"]),
        (&json!(working), &json!(1)),
        "{gastown}"
    );

    let conflict = work
        .iter()
        .find(|line| line["bead"] == in_conflict)
        .expect("it is there");
    let files = conflict["files"].as_array().expect("files");
    assert_eq!(files.len(), 1, "{conflict}");
    let workers = files[0]["workers"].as_array().expect("workers");
    assert!(workers.len() >= 2 && workers[0] == conflict["worker"], "{conflict}");

    let waiting = data["waiting_elsewhere"].to_string();
    for kind in ["conflict", "escalated", "mail"] {
        assert!(waiting.contains(&format!(r#""kind":"{kind}""#)), "{kind}: {waiting}");
    }
    let text = said(&town.conductor(&["status"]));
    assert!(text.contains("\n### Gastown Status\n"), "{text}");
    let offline = said(&town.conductor(&["status", "--offline"]));
    assert!(!offline.contains("Gastown"), "{offline}");
}

/// What it says of a track's work in Gas Town, which is without trouble.
pub(crate) fn of_track(town: &Town, track: &str) -> Value {
    let data = status(|| town.conductor(&["status", "--json"]));
    assert_eq!(data["gastown"]["troubles"], json!([]), "{}", data["gastown"]);
    let mut tracks = data["tracks"].as_array().expect("tracks").iter();
    let of_track = tracks.find(|shown| shown["id"] == track).expect("the track");
    of_track["gastown"].clone()
}

/// With its database down the town knows nothing of the work, and that is what is said.
pub(crate) fn check_down(town: &Town) {
    let data = status(|| town.conductor(&["status", "--json"]));
    let troubles = &data["gastown"]["troubles"];
    assert_eq!(troubles[0]["code"], "server-down", "{troubles}");
    assert_eq!(troubles.as_array().map(Vec::len), Some(1), "{troubles}");
    assert!(!data["tracks"].to_string().contains(r#""state""#));
}

/// What it says of the project's own beads.
pub(crate) fn beads(project: &BeadsProject) -> Value {
    status(|| project.conductor(&["status", "--json"]))["beads"].clone()
}

/// The project's own beads, as `bd` has them.
pub(crate) fn check_beads(project: &BeadsProject, in_progress: &str) {
    let data = status(|| project.conductor(&["status", "--json"]));
    let beads = &data["beads"];
    assert_eq!(beads["troubles"], json!([]), "{beads}");
    let ids = |list: &Value| -> Vec<String> {
        let lines = list.as_array().expect("a list").iter();
        lines
            .map(|line| line["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let ready = project.bd_json(&["ready", "--exclude-type", "epic", "--limit", "0", "--json"]);
    assert_eq!(ids(&beads["ready"]), ids(&ready));
    assert_eq!(ids(&beads["in_progress"]), [in_progress]);
    assert_eq!(beads["epics"][0]["total"], 2, "{beads}");
    assert_eq!(data["gastown"], Value::Null);
}

/// A database that is damaged answers as an empty one does; the status must not take that for the truth.
pub(crate) fn check_corrupt(project: &BeadsProject) {
    let data = status(|| project.conductor(&["status", "--json"]));
    assert_eq!(data["beads"]["troubles"][0]["code"], "damaged", "{}", data["beads"]);
    assert_eq!(data["beads"]["ready"], Value::Null);
}

/// What a clone brings is a wish: no town of its own, not even one that the environment names, no dispatch, and no hook is run.
pub(crate) fn check_wishes_of_a_clone(project: &BeadsProject) {
    let root = project.project();
    let marker = project.home().join("hook-ran");
    let hook = format!("#!/bin/sh\ntouch {}\n", marker.display());
    let files = [
        (".beads/hooks/on_update", hook.as_str()),
        (".beads/hooks/on_list", &hook),
        (".git/hooks/post-checkout", &hook),
        (".git/hooks/fsmonitor", &hook),
        (
            "mayor/town.json",
            r#"{"type": "town", "version": 2, "name": "brought"}"#,
        ),
        (
            "mayor/rigs.json",
            r#"{"version": 1, "rigs": {"brought": {"git_url": "https://example.invalid/shop.git"}}}"#,
        ),
        (
            "conductor/beads.json",
            r#"{"enabled": true, "gastown": {"enabled": true, "auto_dispatch": true}}"#,
        ),
    ];
    for (path, content) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    }
    project.git(&["config", "core.fsmonitor", ".git/hooks/fsmonitor"]);
    let asked = || {
        let mut command = project.conductor_command();
        command.args(["status", "--json"]).env("GT_TOWN_ROOT", &root);
        command.output().expect("conductor starts")
    };
    let data = status(asked);
    assert!(!data["gastown"].to_string().contains("brought"), "{}", data["gastown"]);
    assert_eq!(data["beads"]["troubles"], json!([]), "{}", data["beads"]);
    assert!(!marker.exists(), "a hook of the clone has run");
}
