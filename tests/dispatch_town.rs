//! `conductor dispatch` through the real Gas Town: real `bd`, `gt`, Dolt, tmux and git, with a script in place of every agent.
//!
//! Needs what tests/town.rs needs, and skips or fails as it does.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "a test starts the program and makes files")]

#[path = "real/between.rs"]
mod between;
#[path = "real/cost_in_town.rs"]
mod cost_in_town;
#[path = "real/cross_rig_in_town.rs"]
mod cross_rig_in_town;
#[path = "plans/events.rs"]
mod events;
#[path = "real/given.rs"]
mod given;
#[path = "real/killed_in_town.rs"]
mod killed_in_town;
#[path = "real/many_in_town.rs"]
mod many_in_town;
#[path = "real/resolved_in_town.rs"]
mod resolved_in_town;
#[path = "terminal/script.rs"]
mod script;
#[path = "real/text_in_town.rs"]
mod text_in_town;
#[path = "real/tools_in_town.rs"]
mod tools_in_town;
#[path = "real/town/mod.rs"]
mod town;
#[path = "real/trouble_in_town.rs"]
mod trouble_in_town;
#[path = "real/whole_track.rs"]
mod whole_track;

use given::Given;
use town::Act;

const TRACK: &str = "pairings_20260316";

#[test]
fn a_track_is_carried_out_by_polecats_to_its_merged_end() {
    let Some(given) = Given::new(&[]) else { return };
    given.whole_track();
}

/// Each released pair of gt and bd is like this: formulas can't be applied, and convoys count nothing.
#[test]
fn the_same_without_the_bridge_between_gt_and_bd() {
    let Some(given) = Given::new(&["BRIDGE=0"]) else { return };
    given.whole_track();
}

#[test]
fn what_is_not_ready_is_a_choice_with_its_way_out() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    assert_eq!(given.code(&[]), "no-refinery");
    given.town.gt(&["rig", "park", town::RIG]);
    let parked = given.envelope(&["--although", "refinery"]);
    assert_eq!(parked["error"]["code"], "rig-parked", "{parked}");
    assert_eq!(parked["error"]["hint"], "`gt rig unpark shop` in the town");
    given.town.gt(&["rig", "unpark", town::RIG]);
    given.write("conductor/workflow.md", "# Workflow\n\nnot pushed\n");
    assert_eq!(given.code(&["--although", "refinery"]), "not-pushed");
    assert_eq!(given.data(&["--although", "refinery,unpushed"])["what"], "plan");
    given.town.git(&["checkout", "--quiet", "--", "conductor/workflow.md"]);
    // Done here, and not where polecats begin.
    let path = format!("conductor/tracks/{TRACK}/plan.md");
    let plan = given.plan();
    given.write(&path, &plan.replacen("- [ ] Task 1", "- [x] Task 1", 1));
    given.write("README.md", "other words\n");
    given
        .town
        .git(&["commit", "--quiet", "--message", "docs: words", "--", "README.md"]);
    let stopped = given.envelope(&["--although", "refinery"]);
    assert_eq!(stopped["error"]["code"], "not-pushed", "{stopped}");
    assert!(
        stopped["error"]["message"].to_string().contains("docs: words"),
        "{stopped}"
    );
    given.town.git(&["push", "--quiet"]);
    assert_eq!(given.data(&["--although", "refinery"])["what"], "plan");
    given.write(&path, &plan);
    given.town.stop_dolt();
    assert_eq!(given.code(&["--mode", "gastown"]), "dolt-down");
    // In auto mode it says why, and goes on with the next mode.
    let natively = given.data(&[]);
    assert_eq!(natively["mode"], "native-task");
    assert!(
        natively["notes"].to_string().contains("Dolt server does not run"),
        "{natively}"
    );
    given.town.start_dolt();
}

/// Whoever is given work with a formula reads its steps: as `gt prime` shows them to a polecat.
#[test]
fn a_polecat_works_by_the_formula_that_was_asked_for() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    assert_eq!(
        given.code(&["--although", "refinery", "--formula", "conductor-task"]),
        "no-formula"
    );
    given.install("conductor-task");
    // Gas Town's own ones, some of which bd refuses: where it does, so do we, and where it does not, neither do we.
    let checked = given.checked_formulas();
    assert!(checked.len() > 40, "{checked:?}");
    for one in checked {
        let findings = one["findings"].as_array().into_iter().flatten();
        let is_right = findings.filter(|found| found["wrong"] == true).count() == 0;
        assert_eq!(one["taken"], is_right, "{one}");
    }
    let begun = given.agree("--although refinery --formula conductor-task");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
    let bead = given.bead("phase1/task1");
    let text = bead["description"].as_str().unwrap_or_default();
    assert!(text.contains("attached_formula: conductor-task"), "{text}");
    assert!(!text.contains("> Step 2"), "{text}");
    let polecat = bead["assignee"].as_str().unwrap_or_default().to_owned();
    let shown = given.town.prime(&polecat);
    for part in [
        "Formula Checklist",
        "Write a test that fails",
        &format!("conductor/tracks/{TRACK}/spec.md"),
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

/// No released pair of gt and bd applies a formula: then the steps stand in the brief.
#[test]
#[ignore = "one of `just real-all`"]
fn where_no_formula_can_be_applied_its_steps_are_in_the_brief() {
    let Some(given) = Given::new(&["BRIDGE=0"]) else { return };
    given.town.tell("*", Act::Hang);
    given.install("conductor-task");
    let begun = given.agree("--although refinery --formula conductor-task");
    assert!(begun["notes"].to_string().contains("can't apply a formula"), "{begun}");
    for key in ["phase1/task1", "phase1/task2"] {
        let bead = given.bead(key);
        let text = bead["description"].as_str().unwrap_or_default();
        assert!(
            text.contains("formula `conductor-task`") && text.contains("> Step 2: Write a test that fails"),
            "{text}"
        );
        assert!(text.contains("Carry out this task of"), "{text}");
    }
    // Asked again without a formula it leaves what a worker has as it is.
    let before = given.bead("phase1/task1")["description"].clone();
    given.data(&["--although", "refinery"]);
    assert_eq!(given.bead("phase1/task1")["description"], before);
}

/// `just bench-live`: a run that finds nothing to do, and what of it is ours: all but the time in which a tool runs.
#[test]
#[ignore = "it measures"]
fn how_long_our_own_part_of_a_dispatch_is() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    given.agree("--although refinery");
    for _ in 0..5 {
        let began = std::time::Instant::now();
        given.data(&["--although", "refinery"]);
        let whole = began.elapsed().as_millis();
        let (_, runs) = given.audit();
        let spans = runs.into_iter().max_by_key(|spans| spans.first().copied());
        let in_tools = cost_in_town::in_tools(spans.into_iter().collect());
        println!(
            "a dispatch with nothing to do: {whole} ms, in tools {in_tools} ms, ours {} ms",
            i128::try_from(whole).expect("small") - i128::from(in_tools)
        );
    }
}
