//! A track carried out natively with the real `bd`: each task is a bead in the project's own database, made once, however often and
//! at whatever call the host was killed.
//!
//! Needs `bd` (`tests/real/install.sh` builds it, `CONDUCTOR_REAL` names its folder); says that it skips where it is missing.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::killed::kill_after;
use crate::scene::{Scene, TRACK};
use crate::{STANDING, YES, bd};

/// Runs the real `bd`, notes each call, and kills the host before, during or after the one that is named in `kill`.
const WRAPPER: &str = r#"#!/bin/bash
exec 9>"$HOME/lock"; flock 9
n=$(($(wc -l <"$HOME/calls" 2>/dev/null || echo 0) + 1)); echo "$*" >>"$HOME/calls"
exec 9>&-
read -r at when <"$HOME/kill" 2>/dev/null
if [ "$n" = "$at" ]; then
    case $when in
    before) kill -9 $PPID; exit 1 ;;
    during) REAL "$@" & sleep 0.1; kill -9 $PPID; wait; exit 1 ;;
    after) REAL "$@"; kill -9 $PPID; exit 1 ;;
    esac
fi
exec REAL "$@"
"#;

/// A project with a database of its own.
struct Project {
    scene: Scene,
    bd: PathBuf,
}

impl Project {
    fn new() -> Option<Self> {
        let bd = bd::find()?;
        let mut scene = Scene::new();
        let bin = scene.home().join("bin");
        fs::create_dir_all(&bin).expect("made");
        fs::write(bin.join("bd"), WRAPPER.replace("REAL", bd.to_str().expect("text"))).expect("written");
        fs::set_permissions(bin.join("bd"), fs::Permissions::from_mode(0o755)).expect("set");
        scene
            .variables
            .push(("PATH", format!("{}:/usr/bin:/bin", bin.display())));
        Some(Self { scene, bd })
    }

    fn with_database() -> Option<Self> {
        let project = Self::new()?;
        bd::init(&project.bd, &project.scene.project(), &project.scene.home());
        Some(project)
    }

    fn bd(&self, arguments: &[&str]) -> String {
        bd::run(&self.bd, &self.scene.project(), &self.scene.home(), arguments)
    }

    /// The beads of the track by key: status and type. Two of one key are a failure.
    fn beads(&self) -> BTreeMap<String, (String, String)> {
        let list = self.bd(&["list", "--all", "--include-gates", "--limit", "0", "--json"]);
        let list: Vec<Value> = serde_json::from_str(&list).expect("JSON");
        let mut beads = BTreeMap::new();
        for bead in &list {
            let key = bead["metadata"]["conductor_key"]
                .as_str()
                .unwrap_or_else(|| panic!("{bead}"))
                .to_owned();
            let text = |name: &str| bead[name].as_str().expect("text").to_owned();
            let twin = beads.insert(key, (text("status"), text("issue_type")));
            assert!(twin.is_none(), "{list:#?}");
        }
        beads
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.scene.home().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn forget_calls(&self) {
        let _ = fs::remove_file(self.scene.home().join("calls"));
        let _ = fs::remove_file(self.scene.home().join("kill"));
    }

    /// The state of a bead.
    fn status(&self, key: &str) -> String {
        let key = if key.is_empty() {
            TRACK.to_owned()
        } else {
            format!("{TRACK}/{key}")
        };
        self.beads().remove(&key).unwrap_or_else(|| panic!("no bead `{key}`")).0
    }
}

fn is_write(call: &str) -> bool {
    !call.starts_with("--readonly")
}

#[test]
fn each_task_is_a_bead_that_follows_the_plan_to_the_end() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    scene.data(&["--dry-run"]);
    assert!(
        project.beads().is_empty() && !project.calls().iter().any(|call| is_write(call)),
        "{:?}",
        project.calls()
    );
    let agreed = scene.agree(STANDING);
    let begun = scene.data(&["--apply", &agreed]);
    assert_eq!(begun["mode"], "native-beads");
    let beads = project.beads();
    assert_eq!(beads.len(), 9, "{beads:?}");
    assert_eq!(beads[&format!("{TRACK}/phase1/task4")].1, "gate");
    assert_eq!(project.status("phase1/task1"), "in_progress");
    assert_eq!(project.status("phase1/task3"), "open");
    let metadata: Value = serde_json::from_str(&scene.file("metadata.json")).expect("JSON");
    assert_eq!(metadata["execution_mode"], "native-beads");
    assert!(
        metadata["beads_epic"].as_str().is_some_and(|id| id.starts_with("cd-")),
        "{metadata}"
    );
    assert_eq!(
        metadata["beads_tasks"].as_object().map(serde_json::Map::len),
        Some(8),
        "{metadata}"
    );
    assert!(
        begun["begins"][0]["brief"]
            .as_str()
            .expect("a brief")
            .contains("bd update cd-")
    );

    // A run with nothing to do changes nothing.
    project.forget_calls();
    let files = scene.file("plan.md");
    scene.data(&[]);
    assert!(
        !project.calls().iter().any(|call| is_write(call)),
        "{:?}",
        project.calls()
    );
    assert_eq!(scene.file("plan.md"), files);

    let sha = scene.commit("db.rs", "table");
    for worker in ["worker_1_table", "worker_2_login", "worker_3_notes"] {
        scene.data(&["--report", &format!("{worker}=completed"), "--sha", &sha]);
    }
    assert_eq!(project.status("phase1/task3"), "closed");
    assert_eq!(project.status("phase1/task4"), "open");
    let next = scene.data(&["--pass", "1"]);
    assert_eq!(project.status("phase1"), "closed");
    assert_eq!(project.status("phase2/task2"), "in_progress");
    let worker = next["begins"][0]["worker"].as_str().expect("a worker").to_owned();
    let done = scene.data(&["--report", &format!("{worker}=completed"), "--sha", &sha]);
    assert_eq!(done["what"], "done", "{done}");
    for (key, (status, _)) in project.beads() {
        assert_eq!(status, "closed", "{key}");
    }
    assert!(scene.file("tracks.md").contains("- [x] **Track: Auth**"));
}

#[test]
fn beads_that_were_there_before_are_taken_over_and_not_made_twice() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    let created = |arguments: &[&str]| -> String {
        let bead: Value =
            serde_json::from_str(&project.bd(&[&["create"], arguments, &["--json"]].concat())).expect("JSON");
        bead["id"].as_str().expect("an id").to_owned()
    };
    let epic = created(&["Auth", "--type", "epic"]);
    let task = created(&["Table for sessions", "--parent", &epic]);
    let path = scene
        .project()
        .join("conductor/tracks")
        .join(TRACK)
        .join("metadata.json");
    let metadata =
        json!({"track_id": TRACK, "status": "new", "beads_epic": epic, "beads_tasks": {"phase1_task1": task}});
    fs::write(path, metadata.to_string()).expect("written");
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    assert_eq!(project.beads().len(), 9);
    let metadata: Value = serde_json::from_str(&scene.file("metadata.json")).expect("JSON");
    assert_eq!(
        (&metadata["beads_epic"], &metadata["beads_tasks"]["phase1_task1"]),
        (&json!(epic), &json!(task))
    );
}

#[test]
fn beads_can_be_made_before_anything_begins() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    assert_eq!(scene.data(&["--prepare"])["what"], "prepared");
    assert_eq!(
        (project.beads().len(), project.status("phase1/task1")),
        (9, "open".to_owned())
    );
    assert!(scene.file("plan.md").contains("- [ ] Task 1: Table"));
    project.forget_calls();
    scene.data(&["--prepare"]);
    assert!(
        !project.calls().iter().any(|call| is_write(call)),
        "{:?}",
        project.calls()
    );
}

/// The tape holds each call of the client with what the real `bd` said; without `bd` the run comes to the same bytes.
#[test]
fn a_recorded_run_comes_to_the_same_bytes_without_bd() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    let copy = scene.beside("copy");
    let steps = [
        vec!["--apply".to_owned(), scene.agree(STANDING)],
        vec![
            "--report".to_owned(),
            "worker_1_table=completed".to_owned(),
            "--sha".to_owned(),
            scene.commit("db.rs", "table"),
        ],
    ];
    for (at, step) in steps.iter().enumerate() {
        let _ = fs::remove_dir_all(&copy);
        let done = Command::new("cp")
            .arg("-a")
            .arg(scene.project())
            .arg(&copy)
            .status()
            .expect("cp starts");
        assert!(done.success());
        fs::write(copy.join(".conductor-replay"), "").expect("written");
        let tape = scene.home().join(format!("tape-{at}.jsonl"));
        let tape = tape.to_str().expect("text");
        let step: Vec<&str> = step.iter().map(String::as_str).collect();
        let recorded = scene.run(&[&["--record", tape, "dispatch", TRACK, "--json"], &step[..]].concat());
        assert!(recorded.status.success(), "{recorded:?}");
        let asked: &[&str] = if step[0] == "--apply" { &[] } else { &step };
        let arguments = [&["--replay", tape, "dispatch", TRACK, "--json"], asked].concat();
        let replayed = scene
            .command_in("copy", &arguments)
            .env("PATH", "/nowhere")
            .output()
            .expect("it starts");
        assert_eq!(
            String::from_utf8_lossy(&replayed.stdout),
            String::from_utf8_lossy(&recorded.stdout),
            "{replayed:?}"
        );
        for name in ["plan.md", "metadata.json", "parallel_state.json"] {
            let path = copy.join("conductor/tracks").join(TRACK).join(name);
            assert_eq!(fs::read_to_string(path).expect("text"), scene.file(name), "{name}");
        }
    }
}

#[test]
fn a_database_that_is_damaged_begins_nothing() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    let agreed = scene.agree(YES);
    fs::write(scene.project().join(".beads/metadata.json"), "{").expect("written");
    let before = scene.file("plan.md");
    assert_eq!(scene.code(&["--apply", &agreed]), "beads");
    assert_eq!(scene.file("plan.md"), before);
    assert!(scene.file("parallel_state.json").is_empty());
}

#[test]
fn without_a_database_there_is_a_choice_and_each_way_goes() {
    let Some(project) = Project::new() else { return };
    let scene = &project.scene;
    assert_eq!(scene.code(&["--mode", "native-beads"]), "no-beads");
    assert!(!scene.project().join(".beads").exists());
    assert_eq!(
        scene.data(&["--mode", "native-beads", "--choose", "no-beads=B"])["mode"],
        "native-task"
    );
    assert_eq!(
        scene.data(&["--mode", "native-beads", "--choose", "no-beads=A"])["mode"],
        "native-beads"
    );
    assert!(scene.project().join(".beads/metadata.json").exists());
    assert_eq!(
        scene.git(&scene.project(), &["log", "--oneline"]).lines().count(),
        1,
        "no commit of bd's"
    );
}

/// The host is killed before, during and after each call that changes beads, and after each other one.
#[test]
fn killed_at_any_call_the_next_run_makes_no_bead_twice_and_loses_no_marker() {
    let Some(project) = Project::with_database() else {
        return;
    };
    let scene = &project.scene;
    let template = scene.home().join("template");
    let copy = |from: PathBuf, to: PathBuf| {
        let done = Command::new("cp")
            .arg("-a")
            .arg(from)
            .arg(to)
            .status()
            .expect("cp starts");
        assert!(done.success());
    };
    copy(scene.project().join(".beads"), template.clone());
    let reset = || {
        scene.reset();
        let _ = fs::remove_dir_all(scene.project().join(".beads"));
        copy(template.clone(), scene.project().join(".beads"));
        project.forget_calls();
    };
    reset();
    let agreed = scene.agree(YES);
    project.forget_calls();
    scene.data(&["--apply", &agreed]);
    let calls = project.calls();
    let whole = (project.beads(), scene.file("plan.md"), scene.file("tracks.md"));
    assert!(calls.iter().filter(|call| is_write(call)).count() >= 3, "{calls:?}");
    for (at, call) in calls.iter().enumerate() {
        let moments: &[&str] = if is_write(call) {
            &["before", "during", "after"]
        } else {
            &["after"]
        };
        for when in moments {
            reset();
            let agreed = scene.agree(YES);
            project.forget_calls();
            fs::write(scene.home().join("kill"), format!("{} {when}\n", at + 1)).expect("written");
            let output = scene.run(&["dispatch", TRACK, "--apply", &agreed]);
            assert_eq!(output.status.code(), None, "killed {when} {call}: {output:?}");
            project.forget_calls();
            let again = scene.data(&[]);
            if again["what"] == "plan" {
                let agreed = scene.agree(YES);
                scene.data(&["--apply", &agreed]);
            }
            let now = (project.beads(), scene.file("plan.md"), scene.file("tracks.md"));
            assert_eq!(now, whole, "killed {when} {call}");
            let state: Value = serde_json::from_str(&scene.file("parallel_state.json")).expect("JSON");
            assert_eq!(state["total_workers"], 2, "killed {when} {call}");
        }
    }
}

#[test]
fn killed_after_each_write_of_a_file_the_next_run_makes_no_bead_twice_and_loses_no_marker() {
    for file in ["metadata.json", "parallel_state.json", "plan.md", "tracks.md"] {
        let Some(project) = Project::with_database() else {
            return;
        };
        let scene = &project.scene;
        let agreed = scene.agree(YES);
        assert!(
            kill_after(scene, file, &["--apply", &agreed]),
            "{file}: it had ended before it was killed"
        );
        // What was agreed to was used up. What was begun goes on; what was not is agreed to again.
        let mut again = scene.data(&[]);
        if again["what"] == "plan" {
            let agreed = scene.agree(YES);
            again = scene.data(&["--apply", &agreed]);
        }
        assert_eq!(again["at_work"].as_array().map(Vec::len), Some(2), "{file}: {again}");
        assert_eq!(project.beads().len(), 9, "{file}");
        let plan = scene.file("plan.md");
        assert_eq!(plan.matches("- [~] Task").count(), 2, "{file}: {plan}");
        assert_eq!(scene.data(&[])["changed"].as_array().map(Vec::len), Some(0), "{file}");
    }
}
