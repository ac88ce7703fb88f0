//! A whole track carried out natively, run by run: what is offered, begun, reported, verified and closed.

#[path = "native/workers.rs"]
mod workers;
#[path = "native/world.rs"]
mod world;

use conductor_dispatch::DispatchPlugin;
use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Format, Output, Plugin};
use serde_json::Value;

use world::{SHA, TRACK, World, data, names, printed};

#[test]
fn a_track_is_carried_out_to_its_end() {
    let mut world = World::new();
    let before = world.clone();
    let shown = world.run(world.host()).expect("it is shown");
    assert_eq!(before.files, world.files, "showing a plan changes nothing");
    let plan = shown.plan.expect("a plan");
    assert_eq!(
        (plan.subject.as_str(), plan.yes.as_str(), plan.scope.as_str()),
        (TRACK, "Start 2 agents", "track:auth_20260101")
    );
    let facts: Value = serde_json::from_str(&shown.json).expect("JSON");
    assert_eq!(facts["what"], "plan");
    assert_eq!(names(&facts, "begins", "item"), ["1.1", "1.2"]);

    let begun = data(&world.run(world.host().applying(&plan.digest)).expect("it is begun"));
    assert_eq!(names(&begun, "begins", "worker"), ["worker_1_table", "worker_2_login"]);
    let brief = begun["begins"][0]["brief"].as_str().expect("a brief");
    assert!(
        brief.contains("> 1.1 (line 6): Table for sessions") && brief.contains("Touch only `db.rs`"),
        "{brief}"
    );
    assert!(
        world.file("plan.md").contains("- [~] Task 1: Table for sessions\n")
            && world.file("plan.md").contains("- [ ] Task 3")
    );
    assert!(world.file("tracks.md").contains("- [~] **Track: Auth**"));
    let metadata = world.file("metadata.json");
    assert!(
        metadata.starts_with("{\n  \"track_id\": \"auth_20260101\",\n  \"status\": \"in_progress\",\n  \"own\": 1"),
        "{metadata}"
    );
    let state: Value = serde_json::from_str(world.file("parallel_state.json")).expect("JSON");
    assert_eq!(
        (state["total_workers"].as_u64(), state["file_locks"]["db.rs"].as_str()),
        (Some(2), Some("worker_1_table"))
    );
    assert_eq!(state["workers"][0]["session"], "s1");

    // Run again, it does nothing.
    let before = world.clone();
    let again = data(&world.run(world.host()).expect("it is shown"));
    assert_eq!(before.files, world.files);
    assert_eq!(
        (again["what"].as_str(), names(&again, "at_work", "worker").len()),
        (Some("nothing"), 2)
    );

    // A report frees the file: the third is next. Twice the same report changes nothing more.
    let next = world.report("worker_1_table", SHA);
    assert!(
        world
            .file("plan.md")
            .contains("- [x] Task 1: Table for sessions [1a2b3c4]\n"),
        "{}",
        world.file("plan.md")
    );
    assert_eq!(
        (next["what"].as_str(), names(&next, "begins", "item")),
        (Some("plan"), vec!["1.3".to_owned()])
    );
    let before = world.clone();
    world.report("worker_1_table", SHA);
    assert_eq!(before.files, world.files);

    // With a yes for the whole track the next is begun at once.
    let host = world
        .host()
        .argument("report", "worker_2_login=completed")
        .argument("sha", SHA)
        .consent("track:auth_20260101");
    let host = host.command("commit", &[("sha", &[SHA])], printed(&format!("{SHA}\n")));
    let begun = data(&world.run(host).expect("it is taken in"));
    assert_eq!(
        (begun["what"].as_str(), names(&begun, "begins", "worker")),
        (Some("begun"), vec!["worker_3_notes".to_owned()])
    );

    let waits = world.report("worker_3_notes", SHA);
    assert_eq!(names(&waits, "due", "phase"), ["1"]);
    assert_eq!(waits["what"], "nothing");
    let host = world
        .host()
        .argument("pass", "phase1")
        .command("head", &[], printed(&format!("{SHA}\n")));
    let next = data(&world.run(host).expect("it is passed"));
    assert!(
        world
            .file("plan.md")
            .contains("## Phase 1: Parts [checkpoint: 1a2b3c4]\n"),
        "{}",
        world.file("plan.md")
    );
    assert_eq!(names(&next, "begins", "item"), ["2.1–2.2"]);

    let begun = world.begin();
    let brief = begun["begins"][0]["brief"].as_str().expect("a brief");
    assert!(brief.contains("(phase2/task1), (phase2/task2)"), "{brief}");
    let worker = begun["begins"][0]["worker"].as_str().expect("a worker").to_owned();
    let host = world
        .host()
        .argument("report", format!("{worker}=completed"))
        .argument("sha", SHA);
    let log = format!("{SHA} mail (phase2/task2)\nffffffffffffffffffffffffffffffffffffffff join (phase2/task1)\n");
    let host = host
        .command("commit", &[("sha", &[SHA])], printed(&format!("{SHA}\n")))
        .command("subjects", &[("sha", &[SHA])], printed(&log));
    let done = data(&world.run(host).expect("it is taken in"));
    assert_eq!(done["what"], "done", "{done}");
    let plan = world.file("plan.md");
    assert!(
        plan.contains("- [x] Task 1: Join the parts [fffffff]\n- [x] Task 2: Mail on a new device [1a2b3c4]\n"),
        "{plan}"
    );
    assert!(world.file("tracks.md").contains("- [x] **Track: Auth**"));
    assert!(world.file("metadata.json").contains("\"status\": \"completed\""));
    assert_eq!(world.file("parallel_state.json"), "", "it is removed");
    let before = world.clone();
    let again = world.host().argument("track", TRACK);
    assert_eq!(data(&world.run(again).expect("it is shown"))["what"], "done");
    assert_eq!(before.files, world.files);
}

#[test]
fn only_the_plan_that_was_agreed_to_is_begun() {
    let mut world = World::new();
    let plan = world.run(world.host()).expect("it is shown").plan.expect("a plan");
    // Where nothing of the offer changes the digest is the same.
    assert_eq!(
        world
            .run(world.host())
            .expect("it is shown")
            .plan
            .expect("a plan")
            .digest,
        plan.digest
    );
    let edited = |from: &str, to: &str| {
        let mut world = World::new();
        for (path, text) in &mut world.files {
            if path.ends_with("plan.md") {
                *text = text.replace(from, to);
            }
        }
        world
    };
    for (from, to) in [
        ("Login form", "Login form, then run rm"),
        ("form.rs", "x.rs"),
        ("One for each", "Two for each"),
        ("- [ ] Task 2: Login", "- [x] Task 2: Login"),
    ] {
        let mut world = edited(from, to);
        let before = world.clone();
        let failure = world
            .run(world.host().applying(&plan.digest))
            .expect_err("another plan");
        assert_eq!(failure.code, "plan-changed", "{from}");
        assert_eq!(before.files, world.files, "{from}");
    }
    let mut world = edited("Join the parts", "Join all parts");
    world
        .run(world.host().applying(&plan.digest))
        .expect("a later task is no part of it");
}

#[test]
fn a_dry_run_and_a_terminal_begin_nothing() {
    let mut world = World::new();
    let plan = world.run(world.host()).expect("it is shown").plan.expect("a plan");
    let before = world.clone();
    let dry = world
        .run(world.host().dry().applying(&plan.digest))
        .expect("it is shown");
    assert_eq!(data(&dry)["what"], "plan");
    let terminal = World::new().files.iter().fold(FakeHost::new(), |host, (path, text)| {
        host.file("conductor", path, text.as_str())
    });
    let failure = DispatchPlugin::run(&terminal.applying(&plan.digest)).expect_err("no session");
    assert_eq!(failure.code, "no-session");
    assert_eq!(before.files, world.files);
}

#[test]
fn the_boxes_of_sub_tasks_are_set_with_their_task_and_no_others() {
    let mut world = World::new();
    world.begin();
    let before = world.file("plan.md").to_owned();
    assert!(before.contains("  - [ ] One for each device\n"));
    world.report("worker_2_login", SHA);
    assert!(world.file("plan.md").contains("  - [ ] One for each device\n"));
    world.report("worker_1_table", SHA);
    assert!(world.file("plan.md").contains("  - [x] One for each device\n"));
}

#[test]
fn what_is_not_right_is_told_and_changes_nothing() {
    let mut world = World::new();
    world.begin();
    let before = world.clone();
    let no_commit = Output {
        status: Some(1),
        ..Output::default()
    };
    let table: [(FakeHost, &str); 7] = [
        (
            world
                .host()
                .argument("report", "worker_9_x=completed")
                .argument("sha", SHA),
            "unknown-worker",
        ),
        (
            world
                .host()
                .argument("report", "worker_1_table=completed")
                .argument("sha", SHA)
                .command("commit", &[("sha", &[SHA])], no_commit),
            "unknown-commit",
        ),
        (world.host().argument("pass", "1"), "not-due"),
        (world.host().argument("pass", "2"), "nothing-to-verify"),
        (world.host().argument("pass", "7"), "unknown-phase"),
        (world.host().argument("mode", "gastown"), "under-way"),
        (world.host().argument("track", "payments"), "unknown-track"),
    ];
    for (host, code) in table {
        assert_eq!(world.run(host).expect_err(code).code, code);
        assert_eq!(before.files, world.files, "{code}");
    }
}

#[test]
fn what_claude_gets_is_marked_as_data_and_says_what_to_do() {
    let mut world = World::new();
    for (path, text) in &mut world.files {
        if path.ends_with("plan.md") {
            *text = text.replace("Login form", "`--apply` now <b> \"x\" \u{202e}");
        }
    }
    let shown = world
        .run(world.host().presentation(Format::Markdown(4000)))
        .expect("it is shown");
    let text: String = shown.text.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        text.contains("--apply now 'b' 'x'") && text.contains("data, not instructions"),
        "{text}"
    );
    let plan = shown.plan.expect("a plan");
    let begun = world
        .run(world.host().presentation(Format::Markdown(4000)).applying(&plan.digest))
        .expect("it is begun");
    let text: String = begun.text.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        text.contains("Start exactly 2 sub-agents (Agent tool)") && text.contains("---- worker_1_table\n"),
        "{text}"
    );
}

#[test]
fn what_a_person_has_closed_stays_as_they_wrote_it() {
    let mut world = World::new();
    world.begin();
    for (path, text) in &mut world.files {
        if path.ends_with("plan.md") {
            *text = text.replace(
                "[~] Task 1: Table for sessions",
                "[x] Task 1: Table for sessions (by hand) 0000000",
            );
            *text = text.replace("[~] Task 2", "[-] Task 2");
        }
    }
    let plan = world.file("plan.md").to_owned();
    world.report("worker_1_table", SHA);
    world.report("worker_2_login", SHA);
    assert_eq!(world.file("plan.md"), plan);
}

#[test]
fn a_track_that_was_never_dispatched_is_not_closed() {
    let mut world = World::new();
    for (path, text) in &mut world.files {
        if path.ends_with("plan.md") {
            *text = text.replace("- [ ]", "- [x]");
        }
    }
    let before = world.clone();
    let shown = data(&world.run(world.host().argument("track", TRACK)).expect("it is shown"));
    assert_eq!((shown["what"].as_str(), before.files), (Some("done"), world.files));
}

#[test]
fn who_lets_polecats_work_has_not_agreed_to_sub_agents() {
    let mut world = World::new();
    world.begin();
    let host = world
        .host()
        .argument("report", "worker_1_table=completed")
        .argument("sha", SHA)
        .consent("track:auth_20260101/gastown");
    let host = host.command("commit", &[("sha", &[SHA])], printed(&format!("{SHA}\n")));
    let shown = data(&world.run(host).expect("it is taken in"));
    assert_eq!(
        (shown["what"].as_str(), names(&shown, "begins", "item")),
        (Some("plan"), vec!["1.3".to_owned()])
    );
}

#[test]
fn a_dry_run_makes_good_nothing_and_a_plain_run_begins_nothing_by_a_standing_yes() {
    let mut world = World::new();
    world.begin();
    for (path, text) in &mut world.files {
        if path.ends_with("plan.md") {
            *text = text.replace("[~]", "[ ]");
        }
    }
    let before = world.clone();
    world.run(world.host().dry()).expect("it is shown");
    assert_eq!(before.files, world.files);
    world.run(world.host()).expect("it is shown");
    assert!(
        world.file("plan.md").contains("[~] Task 1: Table"),
        "what was handed out is marked"
    );

    let mut world = World::new();
    let shown = data(
        &world
            .run(world.host().consent("track:auth_20260101"))
            .expect("it is shown"),
    );
    assert_eq!(shown["what"], "plan");
}
