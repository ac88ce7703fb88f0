//! The host, or a tool of the town, is killed in the middle of a change, and the next run goes on: nothing is there twice, and
//! nothing is nobody's.

use serde_json::Value;

use crate::between::{disturbed_in, nothing_is_twice_or_nobodys};
use crate::given::Given;
use crate::town::{Act, until};

/// A bead for the track, each phase, each task and each verification.
const BEADS: usize = 10;

/// Each of the changes that begin a track and end it, with the host killed while it is made.
#[test]
fn a_run_that_is_killed_in_a_change_is_gone_on_with() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.consent();
    let yes = ["--yes"];
    for (pattern, when) in [
        ("bd create --graph*", "during"),
        ("gt convoy stage*", "during"),
        ("gt sling*", "during"),
    ] {
        killed(&given, pattern, when, &yes);
    }
    let next = given.data(&["--although", "refinery", "--yes"]);
    assert_ne!(next["what"], "plan", "{next}");
    nothing_is_twice_or_nobodys(&given, BEADS);
    let plan = given.plan();
    assert_eq!(plan.matches("- [~] Task").count(), 2, "{plan}");

    for key in ["phase1/task1", "phase1/task2"] {
        let bead = given.id(key);
        given.town.let_go(&bead);
        given.town.until_submitted(&bead);
    }
    killed(&given, "bd update*conductor_commit=*", "during", &yes);
    given.data(&["--although", "refinery", "--yes"]);
    for key in ["phase1/task1", "phase1/task2"] {
        let bead = given.bead(key);
        assert!(bead["metadata"]["conductor_commit"].is_string(), "{bead}");
    }
    given.merged(&["phase1/task1", "phase1/task2"]);
    given.data(&["--although", "refinery", "--yes"]);
    given.finish(&["phase1/task3"]);
    given.data(&["--although", "refinery", "--yes"]);
    given.data(&["--although", "refinery", "--pass", "1"]);
    given.finish(&["phase2/task1"]);
    given.data(&[]);
    // The end: beads, convoy, registry.
    killed(&given, "bd close*", "during", &["--pass", "2"]);
    killed(&given, "gt convoy close*", "during", &[]);
    let done = given.data(&[]);
    assert_eq!(done["what"], "done", "{done}");
    nothing_is_twice_or_nobodys(&given, BEADS);
    let plan = given.plan();
    assert!(!plan.contains("- [ ]") && !plan.contains("- [~]"), "{plan}");
    for line in plan.lines().filter(|line| line.starts_with("- [x] Task 1: Count")) {
        assert_eq!(line.matches('[').count(), 2, "one marker and one commit: {line}");
    }
}

/// `gt` leaves a polecat without a session behind, and the bead open.
#[test]
#[ignore = "one of `just real-all`"]
fn a_sling_that_is_killed_leaves_no_polecat_behind() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.consent();
    killed(&given, "gt sling*", "tool", &["--yes"]);
    let next = given.data(&["--although", "refinery", "--yes"]);
    // Killed after it had hooked the bead, and before the session began, it is a worker that is not there: the person's.
    match next["begins"].as_array().map(Vec::len) {
        Some(2) => assert!(next["changed"].to_string().contains("an interrupted sling"), "{next}"),
        _ => {
            assert_eq!(next["asks"][0]["item"], "1.1", "{next}");
            given.data(&["--although", "refinery", "--release", "1.1"]);
            given.data(&["--although", "refinery", "--yes"]);
        }
    }
    assert_eq!(given.plan().matches("- [~] Task").count(), 2, "{}", given.plan());
    let at_work = given.data(&["--although", "refinery"]);
    let working = at_work["at_work"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|at| at["state"] == "working");
    assert_eq!(working.count(), 2, "{at_work}");
    nothing_is_twice_or_nobodys(&given, BEADS);
}

/// Before and after each of these calls.
#[test]
#[ignore = "one of `just real-all`"]
fn a_run_that_is_killed_before_or_after_a_change_is_gone_on_with() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.consent();
    for (pattern, when) in [
        ("bd create --graph*", "before"),
        ("bd create --graph*", "after"),
        ("gt convoy stage*", "before"),
        ("gt convoy stage*", "after"),
        ("gt sling*", "before"),
        ("gt sling*", "after"),
        ("gt sling*", "before"),
        ("gt sling*", "after"),
    ] {
        killed(&given, pattern, when, &["--yes"]);
    }
    given.data(&["--although", "refinery", "--yes"]);
    nothing_is_twice_or_nobodys(&given, BEADS);
    assert_eq!(given.plan().matches("- [~] Task").count(), 2, "{}", given.plan());
}

/// The Mayor is told at most once of each: it is noted before, and the person is asked in any case.
#[test]
#[ignore = "one of `just real-all`"]
fn a_run_that_is_killed_while_it_tells_the_mayor_does_not_tell_it_twice() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.agree("--although refinery");
    for key in ["phase1/task1", "phase1/task2"] {
        let bead = given.id(key);
        given.town.let_give_up(&bead);
        given.until_closed(&bead);
    }
    killed(&given, "gt escalate*", "during", &[]);
    killed(&given, "gt escalate*", "before", &[]);
    let seen = given.data(&["--although", "refinery"]);
    assert_eq!(seen["asks"].as_array().map(Vec::len), Some(2), "{seen}");
    let told = given.town.gt_json(&["escalate", "list", "--json"]);
    // The mail about an escalation is listed with it.
    let is_mail = |bead: &Value| bead["labels"].to_string().contains("gt:message");
    let titles = told.as_array().expect("a list").iter().filter(|bead| !is_mail(bead));
    let titles: Vec<&str> = titles.filter_map(|bead| bead["title"].as_str()).collect();
    let many = |name: &str| {
        titles
            .iter()
            .filter(|title| title.contains(&format!("gave up {name} of")))
            .count()
    };
    assert_eq!(
        (many("1.1"), many("1.2")),
        (1, 0),
        "the first call was let run, the second never began: {told}"
    );
    nothing_is_twice_or_nobodys(&given, BEADS);
}

/// `gt` makes a second convoy when it is to launch one again.
#[test]
#[ignore = "one of `just real-all`"]
fn a_launch_that_is_killed_is_gone_on_with() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.one_wave();
    given.consent_to("--launch");
    for when in ["before", "during"] {
        disturbed_in(&given, "dispatch", "gt convoy launch*", when, &["--launch", "--yes"]);
    }
    // What the killed run has started goes on for a while.
    until("both are given out", || {
        let mut keys = ["phase1/task1", "phase1/task2"].iter();
        keys.all(|key| given.bead(key)["status"] != "open").then_some(())
    });
    let next = given.data(&["--launch", "--yes"]);
    assert_eq!(next["at_work"].as_array().map(Vec::len), Some(2), "{next}");
    // The track, its phase, two tasks.
    nothing_is_twice_or_nobodys(&given, 4);
    assert_eq!(given.plan().matches("- [~] Task").count(), 2, "{}", given.plan());
}

/// A dispatch with a wish for the program between.
fn killed(given: &Given, pattern: &str, when: &str, arguments: &[&str]) {
    disturbed_in(
        given,
        "dispatch",
        pattern,
        when,
        &[&["--although", "refinery"], arguments].concat(),
    );
}
