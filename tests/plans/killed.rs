//! A run that is killed right after one of its writes, or at any moment: the next run makes it good.

use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scene::{Scene, TRACK};
use crate::{STANDING, YES};

/// The files of a track that are written, as they are after a run.
const FILES: [&str; 3] = ["plan.md", "tracks.md", "metadata.json"];

fn start(scene: &Scene, arguments: &[&str]) -> Child {
    let mut command = scene.command(&[&["dispatch", TRACK], arguments].concat());
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// How often a run is tried that may end before it is killed.
const TRIES: usize = 20;

/// Kills a run as soon as it has written a file. Whether it was still running.
pub(crate) fn kill_after(scene: &Scene, file: &str, arguments: &[&str]) -> bool {
    let before = scene.file(file);
    let mut child = start(scene, arguments);
    let until = Instant::now() + Duration::from_secs(30);
    while scene.file(file) == before && child.try_wait().expect("it is ours").is_none() {
        assert!(Instant::now() < until, "{file} is never written");
    }
    let _ = child.kill();
    let status = child.wait().expect("it ends");
    assert_ne!(scene.file(file), before, "{arguments:?} does not write {file}");
    status.code().is_none()
}

/// A project in which a run was killed right after it wrote a file: made anew until the kill came before the run's end.
fn killed_after(scene: &Scene, file: &str, make: impl Fn() -> Vec<String>) -> Vec<String> {
    for _ in 0..TRIES {
        scene.reset();
        scene.run(&["consent", "remove"]);
        let arguments = make();
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if kill_after(scene, file, &words) {
            return arguments;
        }
    }
    panic!("{file}: {TRIES} runs had ended before they were killed");
}

fn owned<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// The files, without what tells the time.
fn files(scene: &Scene) -> Vec<String> {
    let text = FILES.iter().map(|file| scene.file(file));
    let lines = |text: String| {
        text.lines()
            .filter(|line| !line.contains("dispatched_at"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    text.flat_map(lines).collect()
}

fn workers(scene: &Scene) -> Vec<(String, String)> {
    let state: Value = serde_json::from_str(&scene.file("parallel_state.json")).expect("JSON");
    let text = |worker: &Value, name: &str| worker[name].as_str().expect("text").to_owned();
    let workers = state["workers"].as_array().expect("workers").iter();
    workers
        .map(|worker| (text(worker, "worker_id"), text(worker, "status")))
        .collect()
}

#[test]
fn a_run_that_begins_is_gone_on_with_after_each_of_its_writes() {
    let scene = Scene::new();
    let begin = || owned(["--apply", &scene.agree(YES)]);
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    let whole = (files(&scene), workers(&scene));
    for file in ["parallel_state.json", "plan.md", "tracks.md", "metadata.json"] {
        killed_after(&scene, file, begin);
        let again = scene.data(&[]);
        assert_eq!(again["at_work"].as_array().map(Vec::len), Some(2), "{file}: {again}");
        assert_eq!((files(&scene), workers(&scene)), whole, "{file}");
    }
}

#[test]
fn a_report_is_taken_in_again_after_each_of_its_writes() {
    let scene = Scene::new();
    let sha = scene.commit("db.rs", "table");
    let reported = || {
        let agreed = scene.agree(YES);
        scene.data(&["--apply", &agreed]);
        owned(["--report", "worker_1_table=completed", "--sha", &sha])
    };
    for file in ["plan.md", "parallel_state.json"] {
        let report = killed_after(&scene, file, reported);
        let report: Vec<&str> = report.iter().map(String::as_str).collect();
        scene.data(&report);
        let marked = format!("- [x] Task 1: Table for sessions [{}]\n", &sha[..7]);
        assert_eq!(
            scene.file("plan.md").matches(&marked).count(),
            1,
            "{file}: {}",
            scene.file("plan.md")
        );
        let expected = [("worker_1_table", "completed"), ("worker_2_login", "in_progress")];
        let expected = expected.map(|(name, status)| (name.to_owned(), status.to_owned()));
        assert_eq!(workers(&scene), expected, "{file}");
    }
}

#[test]
fn the_end_of_a_track_is_gone_on_with_after_each_of_its_writes() {
    let scene = Scene::new();
    let sha = scene.commit("db.rs", "all");
    let last = || {
        let agreed = scene.agree(STANDING);
        scene.data(&["--apply", &agreed]);
        for worker in ["worker_1_table", "worker_2_login", "worker_3_notes"] {
            scene.data(&["--report", &format!("{worker}=completed"), "--sha", &sha]);
        }
        scene.data(&["--pass", "1"]);
        owned(["--report", "worker_4_join=completed", "--sha", &sha])
    };
    for file in ["plan.md", "parallel_state.json", "tracks.md", "metadata.json"] {
        let report = killed_after(&scene, file, last);
        let report: Vec<&str> = report.iter().map(String::as_str).collect();
        // By the same report, or, where that was taken in, by a run that nobody told anything.
        scene.run(&[&["dispatch", TRACK], &report[..]].concat());
        scene.data(&[]);
        let open = ["\n- [ ]", "\n- [~]"];
        let plan = scene.file("plan.md");
        assert!(!open.iter().any(|open| plan.contains(open)), "{file}: {plan}");
        assert!(scene.file("tracks.md").contains("- [x] **Track: Auth**"), "{file}");
        assert!(scene.file("metadata.json").contains("\"completed\""), "{file}");
        assert!(scene.file("parallel_state.json").is_empty(), "{file}");
    }
}

/// At moments that have nothing to do with its writes.
#[test]
fn a_run_that_is_killed_at_any_moment_is_gone_on_with() {
    let scene = Scene::new();
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    let whole = (files(&scene), workers(&scene));
    for round in 0..24u64 {
        scene.reset();
        let agreed = scene.agree(YES);
        let mut child = start(&scene, &["--apply", &agreed]);
        thread::sleep(Duration::from_millis(8 + 4 * round));
        let _ = child.kill();
        child.wait().expect("it ends");
        // Either nothing was handed out, or all of it: then the same command marks what is missing.
        let again = scene.data(&[]);
        match again["at_work"].as_array().map(Vec::len) {
            Some(0) => {
                assert_eq!(again["what"], "plan", "{again}");
                let agreed = scene.agree(YES);
                scene.data(&["--apply", &agreed]);
            }
            at_work => assert_eq!(at_work, Some(2), "{again}"),
        }
        assert_eq!((files(&scene), workers(&scene)), whole, "round {round}");
    }
}
