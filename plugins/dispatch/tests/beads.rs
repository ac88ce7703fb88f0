//! Which bead is which task's, when the plan is edited between two runs.

use conductor_beads::Bead;
use conductor_dispatch::beads::Beads;
use conductor_dispatch::ground::{self, Ground};
use conductor_dispatch::town::pieces;
use conductor_plugin::testing::FakeHost;
use serde_json::{Value, json};

const TRACK: &str = "auth_20260101";
const PHASE: &str = "Parts";

/// A plan of one phase with these lines.
fn on<R>(lines: &str, act: impl FnOnce(&Ground<'_>) -> R) -> R {
    let registry =
        format!("# Project Tracks\n\n---\n\n- [~] **Track: Auth**\n  *Link: [./tracks/{TRACK}/](./tracks/{TRACK}/)*\n");
    let plan = format!("# Plan: Auth\n\n## Phase 1: {PHASE}\n\n{lines}");
    let host = FakeHost::new().file("conductor", "tracks.md", registry).file(
        "conductor",
        &format!("tracks/{TRACK}/plan.md"),
        plan,
    );
    ground::on(&host, None, |ground| Ok(act(ground))).expect("it is read")
}

/// A bead of a task: its number in the phase when it was made, its title, and what is beside that.
fn bead(id: &str, number: u8, title: &str, beside: Value) -> Bead {
    let mut bead = json!({"id": id, "title": title, "status": "open", "issue_type": "task", "created_at": format!("2026-01-01T00:00:0{number}Z"),
        "labels": ["conductor"], "metadata": {"conductor_track": TRACK, "conductor_key": format!("{TRACK}/phase1/task{number}"),
            "conductor_phase": PHASE, "conductor_title": title}});
    for (name, value) in beside.as_object().expect("members") {
        match name.strip_prefix("metadata.") {
            Some(name) => bead["metadata"][name] = value.clone(),
            None => bead[name] = value.clone(),
        }
    }
    serde_json::from_value(bead).expect("a bead")
}

/// The epics, which are always there.
fn epics() -> Vec<Bead> {
    let epic = |id: &str, key: String, phase: &str| {
        let bead = json!({"id": id, "title": id, "status": "open", "issue_type": "epic",
            "metadata": {"conductor_track": TRACK, "conductor_key": key, "conductor_phase": phase, "conductor_title": id}});
        serde_json::from_value(bead).expect("a bead")
    };
    vec![
        epic("sp-track", TRACK.to_owned(), ""),
        epic("sp-phase", format!("{TRACK}/phase1"), PHASE),
    ]
}

fn all(beads: &[Bead]) -> Vec<Bead> {
    [epics(), beads.to_vec()].concat()
}

/// `--reject` puts one before a verification, which had that number.
#[test]
fn a_new_task_with_a_number_that_another_had_gets_a_bead_of_its_own() {
    let gate = "Conductor - User Manual Verification 'Parts' (Protocol in workflow.md)";
    let beads = all(&[
        bead("sp-1", 1, "Table", json!({})),
        bead("sp-2", 2, gate, json!({"issue_type": "gate"})),
    ]);
    let plan = format!("- [ ] Task 1: Table\n- [ ] Task 2: Fix: the table\n- [ ] Task: {gate}\n");
    on(&plan, |ground| {
        let found = Beads::in_rig(ground, "shop", &beads);
        assert_eq!(found.to_make(ground), [format!("{TRACK}/phase1/task2.2")]);
        assert!(found.spare().is_empty());
        // Once it is there it is no twin of the other.
        let fix = bead(
            "sp-3",
            3,
            "Fix: the table",
            json!({"metadata.conductor_key": format!("{TRACK}/phase1/task2.2")}),
        );
        let by_its_number = bead(
            "sp-3",
            3,
            "Fix: the table",
            json!({"metadata.conductor_key": format!("{TRACK}/phase1/task2")}),
        );
        for fix in [fix, by_its_number] {
            let found = Beads::in_rig(ground, "shop", &[beads.clone(), vec![fix]].concat());
            assert_eq!((found.to_make(ground).len(), found.spare().len()), (0, 0));
        }
    });
}

#[test]
fn of_two_that_are_the_same_the_older_one_stays() {
    let twin = bead("sp-2", 1, "Table", json!({"created_at": "2026-01-02T00:00:00Z"}));
    let beads = all(&[twin, bead("sp-1", 1, "Table", json!({}))]);
    on("- [ ] Task 1: Table\n", |ground| {
        let found = Beads::in_rig(ground, "shop", &beads);
        let spare: Vec<&str> = found.spare().iter().map(|bead| bead.id.as_str()).collect();
        assert_eq!((found.to_make(ground).len(), spare), (0, vec!["sp-2"]));
    });
}

/// The worker that has the first task of a sequential phase carries out the others too: by what their beads are called, not by the numbers
/// that the tasks have now.
#[test]
fn what_is_carried_out_with_a_task_is_found_again_in_a_plan_with_other_numbers() {
    let beads = all(&[
        bead("sp-1", 1, "Table", json!({"status": "closed", "close_reason": "x"})),
        bead("sp-2", 2, "Form", json!({})),
        bead("sp-3", 3, "Mail", json!({})),
    ]);
    on("- [ ] Task 1: Form\n- [ ] Task 2: Mail\n", |ground| {
        let found = Beads::in_rig(ground, "shop", &beads);
        let (covers, _) = found.work_of(ground, 0);
        assert_eq!(covers, format!("{TRACK}/phase1/task3"));
        let slung = bead("sp-2", 2, "Form", json!({"metadata.conductor_covers": covers}));
        assert_eq!(found.covered(&slung), [(0, 1)]);
    });
}

#[test]
fn what_a_polecat_has_is_given_to_nobody_though_its_task_is_gone() {
    let covers = format!("{TRACK}/phase1/task2,{TRACK}/phase1/task3");
    let hooked = json!({"status": "hooked", "assignee": "shop/polecats/nux", "metadata.conductor_covers": covers});
    let beads = all(&[
        bead("sp-1", 1, "Table", hooked),
        bead("sp-2", 2, "Form", json!({})),
        bead("sp-3", 3, "Mail", json!({})),
    ]);
    on("- [ ] Task 1: Form\n- [ ] Task 2: Mail\n", |ground| {
        let found = Beads::in_rig(ground, "shop", &beads);
        assert_eq!(pieces::taken(ground, &found, &[]).into_iter().collect::<Vec<_>>(), [0]);
    });
}

/// Two tasks of one title: which of them a bead is only a person knows.
#[test]
fn what_could_be_several_is_neither_made_again_nor_given_out() {
    let beads = all(&[bead(
        "sp-9",
        9,
        "Table",
        json!({"status": "hooked", "assignee": "shop/polecats/nux"}),
    )]);
    on("- [ ] Task 1: Table\n- [ ] Task 2: Table\n", |ground| {
        let found = Beads::in_rig(ground, "shop", &beads);
        assert!(found.to_make(ground).is_empty());
        assert_eq!(pieces::taken(ground, &found, &[]).len(), 1, "the phase is one item");
    });
}
