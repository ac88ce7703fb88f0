//! Workers that end, fail, are lost, or are in the way of others.

use conductor_plugin::testing::FakeHost;

use crate::world::{SHA, TRACK, World, data, names, printed};

#[test]
fn a_worker_of_another_session_is_asked_about() {
    let mut world = World::new();
    world.begin();
    let elsewhere = |world: &World| {
        let host = FakeHost::new().session("s2");
        world
            .files
            .iter()
            .fold(host, |host, (path, text)| host.file("conductor", path, text.as_str()))
    };
    let failure = world.run(elsewhere(&world)).expect_err("a choice");
    assert_eq!((failure.code.as_str(), failure.choices.len()), ("lost-workers", 2));
    assert_eq!(failure.choices[0].args, [TRACK, "--lost=worker_1_table,worker_2_login"]);
    // What was typed beside it stays so with each of them, and what a choice says itself wins.
    let typed = elsewhere(&world)
        .argument("task", "1.1")
        .argument("max-workers", 1)
        .argument("per-task", true);
    let failure = world.run(typed).expect_err("a choice");
    for (choice, own) in failure
        .choices
        .iter()
        .zip(["--lost=worker_1_table,worker_2_login", "--keep"])
    {
        assert_eq!(choice.args, [TRACK, own, "--task=1.1", "--max-workers=1", "--per-task"]);
    }
    let kept = data(
        &world
            .run(elsewhere(&world).argument("keep", true))
            .expect("it is shown"),
    );
    assert_eq!(kept["what"], "nothing");
    let host = elsewhere(&world).argument("lost", "worker_1_table,worker_2_login");
    let offered = data(&world.run(host).expect("they are given up"));
    assert_eq!(names(&offered, "begins", "item"), ["1.1", "1.2"]);
    // A late report of a worker that was given up is still its work.
    world.report("worker_1_table", SHA);
    assert!(world.file("plan.md").contains("- [x] Task 1: Table"));
}

#[test]
fn workers_whose_session_is_over_are_given_up_without_a_question() {
    let mut world = World::new();
    world.begin();
    let before = world.clone();
    let later = |world: &World| world.host().over("s1");
    let shown = data(&world.run(later(&world).dry()).expect("it is shown"));
    assert_eq!(names(&shown, "begins", "item"), ["1.1", "1.2"]);
    assert_eq!(before.files, world.files, "a dry run writes nothing");
    let offered = data(&world.run(later(&world)).expect("it is shown"));
    assert_eq!(
        names(&offered, "begins", "worker"),
        ["worker_3_table", "worker_4_login"]
    );
    assert!(!world.file("parallel_state.json").contains("in_progress"));
    // What one of them had done before is still its work.
    world.report("worker_1_table", SHA);
    assert!(world.file("plan.md").contains("- [x] Task 1: Table"));
}

#[test]
fn workers_of_another_tool_are_its_own() {
    let mut world = World::new();
    let theirs = r#"{"workers": [{"worker_id": "worker_1_x", "status": "in_progress", "task": "x"}]}"#;
    world
        .files
        .push((format!("tracks/{TRACK}/parallel_state.json"), theirs.to_owned()));
    let before = world.clone();
    let failure = world.run(world.host()).expect_err("a choice");
    assert_eq!(failure.code, "lost-workers");
    assert_eq!(before.files, world.files);
}

#[test]
fn a_failed_worker_and_a_rejected_phase_come_again() {
    let mut world = World::new();
    world.begin();
    let host = world
        .host()
        .argument("report", "worker_1_table=failed")
        .argument("reason", "no database here");
    // Under a yes for all that follows too it is asked about anew.
    let outcome = world
        .run(host.consent(&format!("track:{TRACK}")))
        .expect("it is taken in");
    let next = data(&outcome);
    assert_eq!(
        (next["what"].as_str(), names(&next, "begins", "item")),
        (Some("plan"), vec!["1.1".to_owned()])
    );
    let begun = data(
        &world
            .run(world.host().applying(&outcome.plan.expect("a plan").digest))
            .expect("it is begun"),
    );
    let brief = begun["begins"][0]["brief"].as_str().expect("a brief");
    assert!(
        brief.contains("A worker before you failed on it:\n> no database here\n"),
        "{brief}"
    );
    let host = world
        .host()
        .argument("reject", "1")
        .argument("reason", "the form\nhas no label");
    world.run(host).expect("it is taken in");
    let plan = world.file("plan.md");
    assert!(
        plan.contains("- [ ] Task 4: Fix: the form has no label\n- [ ] Task: Conductor - User Manual"),
        "{plan}"
    );
}

#[test]
fn a_worker_ends_once() {
    let mut world = World::new();
    world.begin();
    world.report("worker_1_table", SHA);
    let before = world.clone();
    let other = SHA.replace('1', "2");
    let host = world
        .host()
        .argument("report", "worker_1_table=completed")
        .argument("sha", other.as_str());
    let host = host.command("commit", &[("sha", &[&other])], printed(&format!("{other}\n")));
    assert_eq!(world.run(host).expect_err("it has reported another").code, "reported");
    let host = world
        .host()
        .argument("report", "worker_1_table=failed")
        .argument("reason", "no");
    assert_eq!(world.run(host).expect_err("it has completed").code, "reported");
    assert_eq!(before.files, world.files);
}

#[test]
fn a_file_of_a_worker_of_another_track_is_waited_for() {
    let mut world = World::new();
    let state = r#"{"workers": [{"worker_id": "worker_1_x", "status": "in_progress", "files": ["form.rs"]},
        {"worker_id": "worker_2_y", "status": "completed", "files": ["db.rs"]}]}"#;
    world.files.push((
        "tracks/cart_20260101/plan.md".to_owned(),
        "# P\n\n## Phase 1: A\n- [~] Task 1: a\n".to_owned(),
    ));
    world
        .files
        .push(("tracks/cart_20260101/parallel_state.json".to_owned(), state.to_owned()));
    let host = world.host().argument("track", TRACK);
    let shown = data(&world.run(host).expect("it is shown"));
    assert_eq!(names(&shown, "begins", "item"), ["1.1"]);
    assert_eq!(shown["held_back"][0]["why"], "form.rs is worker_1_x of cart_20260101's");
}

#[test]
fn a_track_that_another_holds_back_is_a_choice() {
    let mut world = World::new();
    for (path, text) in &mut world.files {
        if path.ends_with("metadata.json") {
            *text = text.replace("\"own\": 1", "\"depends_on\": [\"cart_20260101\"]");
        }
    }
    world.files.push((
        "tracks/cart_20260101/plan.md".to_owned(),
        "# P\n\n## Phase 1: A\n- [ ] Task 1: a\n".to_owned(),
    ));
    let before = world.clone();
    let failure = world.run(world.host().argument("track", TRACK)).expect_err("a choice");
    assert_eq!((failure.code.as_str(), failure.choices.len()), ("open-dependency", 2));
    assert_eq!(failure.choices[0].args, [TRACK, "--anyway"]);
    assert_eq!(failure.choices[1].args, ["cart_20260101"]);
    let host = world.host().argument("track", TRACK).argument("anyway", true);
    assert!(world.run(host).expect("it is shown").plan.is_some());
    assert_eq!(before.files, world.files);
}
