//! `conductor dispatch` through the real Gas Town: real `bd`, `gt`, Dolt, tmux and git, with a script in place of every agent.
//!
//! Needs what tests/town.rs needs, and skips or fails as it does.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "a test starts the program and makes files")]

#[path = "real/between.rs"]
mod between;
#[path = "plans/events.rs"]
mod events;
#[path = "real/given.rs"]
mod given;
#[path = "real/killed_in_town.rs"]
mod killed_in_town;
#[path = "real/town/mod.rs"]
mod town;
#[path = "real/trouble_in_town.rs"]
mod trouble_in_town;

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
    given.write("conductor/workflow.md", "# Workflow\n\nnot pushed\n");
    assert_eq!(given.code(&["--although", "refinery"]), "not-pushed");
    assert_eq!(given.data(&["--although", "refinery,unpushed"])["what"], "plan");
    given.town.git(&["checkout", "--quiet", "--", "conductor/workflow.md"]);
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
        let mut spans = runs
            .into_iter()
            .max_by_key(|spans| spans.first().copied())
            .expect("a run");
        spans.sort_unstable();
        let (mut in_tools, mut until) = (0, i64::MIN);
        for (from, to) in spans {
            in_tools += (to - from.max(until)).max(0);
            until = until.max(to);
        }
        println!(
            "a dispatch with nothing to do: {whole} ms, in tools {in_tools} ms, ours {} ms",
            i128::try_from(whole).expect("small") - i128::from(in_tools)
        );
    }
}
