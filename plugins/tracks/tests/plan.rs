//! One small plan for each thing that the reader takes and each oddity met in real files.

mod common;

use common::said;
use conductor_tracks::annotation::{Depends, Execution, TargetKind};
use conductor_tracks::plan::{ItemKind, TaskForm};
use conductor_tracks::{Plan, State};

fn plan(text: &str) -> (Plan<'_>, Vec<String>) {
    let (plan, found) = Plan::read("plan.md", text.as_bytes());
    let found = said(&found);
    (plan, found)
}

/// `phase: number state title` of each task.
fn tasks(plan: &Plan<'_>) -> Vec<String> {
    let of = |phase: &conductor_tracks::Phase<'_>| {
        let tasks = phase
            .tasks
            .iter()
            .map(|task| format!("{} {} {}", task.name(phase), task.state.as_str(), task.title));
        tasks.collect::<Vec<_>>()
    };
    plan.phases.iter().flat_map(of).collect()
}

#[test]
fn phases_tasks_and_sub_tasks() {
    let (plan, found) = plan(
        "# Plan: a shop\n\n## Phase 1: Basics [checkpoint: 1a2b3c4]\n\n- [x] Task 1: Cart 0a1b2c3\n  - [x] tests\n  - [ ] code\n    a note\n- [~] Task 2: Pay\n\n## Phase 2: More\n- [ ] Task: Ship\n",
    );
    assert_eq!(plan.title.as_deref(), Some("Plan: a shop"));
    assert_eq!(
        tasks(&plan),
        ["1.1 done Cart", "1.2 in_progress Pay", "2.1 pending Ship"]
    );
    assert_eq!(plan.phases[0].checkpoint.as_ref().map(|c| &*c.text), Some("1a2b3c4"));
    let cart = &plan.phases[0].tasks[0];
    assert_eq!((cart.line, cart.last_line, &*cart.shas[0].sha), (5, 8, "0a1b2c3"));
    let items: Vec<_> = cart
        .items
        .iter()
        .map(|item| (item.kind, item.state(), &*item.text))
        .collect();
    assert_eq!(
        items,
        [
            (ItemKind::SubTask, Some(State::Done), "tests"),
            (ItemKind::SubTask, Some(State::Pending), "code")
        ]
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn markers_and_counting() {
    let (plan, found) =
        plan("- [ ] a\n- [x] b\n- [X] c\n- [~] d\n- [/] e\n- [!] f\n- [-] g\n- [?] h\n1. [x] i\n* [ ] j\n");
    let counts = plan.counts();
    assert_eq!(
        (counts.total(), counts.done, counts.in_progress, counts.blocked),
        (9, 3, 2, 1)
    );
    assert_eq!(
        (counts.removed, counts.unknown, counts.pending, counts.percent()),
        (1, 1, 2, Some(33))
    );
    assert_eq!(found, ["note unknown-marker 8"]);
}

#[test]
fn heading_tasks_hold_checks() {
    let (plan, found) = plan(
        "## Phase 1: A\n### Task 1.1: a ✅\n- [x] one\n- [ ] two\n### [~] Task 1.2 — b\n### Task 1.3: c\n- [x] one\n### Task 1.4: d\n- [x] one\n- [ ] two\n### Task 1.5: e\nprose\n### Task 1.6: f [x]\n",
    );
    assert_eq!(
        tasks(&plan),
        [
            "1.1 done a",
            "1.2 in_progress b",
            "1.3 done c",
            "1.4 in_progress d",
            "1.5 pending e",
            "1.6 done f"
        ]
    );
    assert!(plan.tasks().all(|task| task.form == TaskForm::Heading));
    assert_eq!(plan.phases[0].tasks[0].items[1].kind, ItemKind::Check);
    assert_eq!(found, ["note open-checks 4"]);
}

#[test]
fn annotations() {
    let (plan, found) = plan(
        "## Phase 1: A\n<!-- execution: parallel -->\n<!-- depends: -->\n- [ ] Task 1: a\n  <!-- files: src/a.rs, b.rs (new) -->\n- [ ] Task 2: b <!-- depends: task1 -->\n  <!-- files:\n    c.rs,\n    d.rs\n  -->\n- [ ] Task 3: c\n## Phase 2: B\n<!-- depends: Phase 1, phase1_task2 -->\n- [ ] Task: d\n",
    );
    let phase = &plan.phases[0];
    assert_eq!(
        (phase.execution, &phase.depends),
        (Some(Execution::Parallel), &Depends::Empty)
    );
    let files = |at: usize| {
        phase.tasks[at]
            .files
            .as_ref()
            .map(|f| f.claims.iter().map(|c| &*c.path).collect::<Vec<_>>())
    };
    assert_eq!(
        (files(0), files(1), files(2)),
        (Some(vec!["src/a.rs", "b.rs"]), Some(vec!["c.rs", "d.rs"]), None)
    );
    assert_eq!(phase.tasks[1].depends.targets()[0].number, "1");
    let targets: Vec<_> = plan.phases[1]
        .depends
        .targets()
        .iter()
        .map(|t| (t.kind, &*t.number))
        .collect();
    assert_eq!(targets, [(TargetKind::Phase, "1"), (TargetKind::Task, "1.2")]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn annotations_that_do_not_fit() {
    let (plan, found) = plan(
        "<!-- depends: phase1 -->\n## Phase 1: A\n<!-- execution: both -->\n- [ ] Task 1: a\n  <!-- depends: phase9, the API, task7 -->\n",
    );
    assert_eq!(plan.phases[0].execution, None);
    let depends = "problem unknown-depends 5";
    assert_eq!(
        found,
        [
            "note unused-annotation 1",
            "note unused-annotation 3",
            depends,
            depends,
            depends
        ]
    );
}

#[test]
fn claims() {
    let (_, found) = plan(
        "## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n  <!-- files: x.rs -->\n- [ ] Task 2: b\n  <!-- files: x.rs, y.rs -->\n- [ ] Task 3: c\n  <!-- files: y.rs -->\n  <!-- depends: task2 -->\n- [ ] Task 4: d\n  <!-- files: (as found) -->\n## Phase 2: B\n- [ ] Task 1: a\n  <!-- files: x.rs -->\n## Phase 3: C\n<!-- execution: parallel -->\n<!-- depends: phase1 -->\n- [ ] Task 1: a\n  <!-- files: z.rs -->\n- [ ] Task: Conductor - User Manual Verification 'C'\n## Phase 4: D\n<!-- depends: -->\n- [ ] Task 1: a\n  <!-- files: z.rs -->\n",
    );
    // x.rs: 1.1 and 1.2 only (phase 2 comes after phase 1); y.rs is ordered by `depends`; z.rs: phase 4 waits for nothing.
    assert_eq!(
        found,
        [
            "note shared-file 4 6",
            "note files-prose 11",
            "note parallel-one-task 16",
            "note shared-file 19 24"
        ]
    );
}

#[test]
fn boxes_that_are_no_tasks() {
    let (plan, found) = plan(
        "- [ ] before\n## Phase 1: A\n### Tasks\n- [ ] Task 1.1: a\n### Verification\n- [ ] it works\n## Final Verification\n- [ ] all\n- [x] good\n",
    );
    assert_eq!(tasks(&plan), ["1.1 pending a"]);
    assert_eq!(plan.phases[0].items[0].kind, ItemKind::Check);
    assert_eq!(plan.outside.iter().map(|item| item.line).collect::<Vec<_>>(), [1, 8, 9]);
    assert_eq!(found, ["note outside-boxes 1", "note outside-boxes 8-9"]);
}

#[test]
fn odd_boxes_are_named() {
    let (plan, found) = plan(
        "## Phase 1: A\n- [ ] a\n[x] bare\n> - [ ] quoted\n| [ ] | cell |\n- [done] word\n```\n- [ ] code\n```\n<!--\n- [ ] hidden\n-->\n",
    );
    assert_eq!(plan.tasks().count(), 1);
    assert_eq!(
        found,
        [
            "note bare-box 3 4",
            "note table-box 5",
            "note word-box 6",
            "note hidden-boxes 7-9",
            "note hidden-boxes 10-12"
        ]
    );
}

#[test]
fn nothing_unclosed_hides_the_rest() {
    let (plan, found) = plan("## Phase 1: A\n```\n- [ ] a\n<!-- note\n- [ ] b\n");
    assert_eq!(tasks(&plan), ["1.1 pending a", "1.2 pending b"]);
    assert_eq!(found, ["problem unclosed-fence 2", "problem unclosed-comment 4"]);
}

#[test]
fn an_unclosed_fence_is_closed_by_its_own_sign() {
    for (fence, close) in [("~~~", "with `~~~`"), ("```", "with three backticks")] {
        let text = format!("## Phase 1: A\n{fence}\n- [ ] a\n");
        let (_, found) = Plan::read("plan.md", text.as_bytes());
        assert!(found[0].reason.ends_with(close), "{found:?}");
    }
}

#[test]
fn plans_without_tasks_say_why() {
    for (text, wanted) in [
        (&b""[..], "problem empty-plan"),
        (b"\xef\xbb\xbf \n", "problem empty-plan"),
        (b"\xff\xfe#\0 \0", "problem utf-16"),
        (br"# Plan\n\n## Phase 1: A\n- [ ] a", "problem escaped-newlines"),
        (b"# Plan\n\n## Steps\n- do it\n", "problem no-tasks"),
        (b"## Phase 1: A\n1. do it\n", "problem no-tasks 1"),
        (b"## Success Criteria\n- [ ] good\n", "problem no-tasks"),
    ] {
        let (plan, found) = Plan::read("plan.md", text);
        assert_eq!(plan.tasks().count(), 0);
        assert!(
            said(&found).iter().any(|found| found == wanted),
            "{wanted}: {:?}",
            said(&found)
        );
    }
}

#[test]
fn a_plan_without_phases_is_one_phase() {
    let (plan, found) =
        plan("# Plan\n## Tasks\n### 1.1 One\n- [x] a\n### 1.2 Two\n- [ ] b\n## Success Criteria\n- [ ] good\n");
    assert_eq!((plan.phases.len(), plan.phases[0].implicit), (1, true));
    assert_eq!(tasks(&plan), ["1 done a", "2 pending b"]);
    assert_eq!(found, ["note outside-boxes 8"]);
}

#[test]
fn line_ends_and_bytes() {
    let text = b"\xef\xbb\xbf## Phase 1: A\r\n- [x] caf\xe9\r- [ ] b\n";
    let (plan, found) = Plan::read("plan.md", text);
    assert_eq!(tasks(&plan), ["1.1 done caf\u{fffd}", "1.2 pending b"]);
    assert_eq!(said(&found), ["note not-utf8 2"]);
    assert_eq!(plan.phases[0].line, 1);
}

#[test]
fn numbers() {
    let (plan, found) = plan(
        "## Phase 0: A\n- [ ] a\n## Phase 2a: B\n<!-- depends: phase0 -->\n- [ ] Task 1: a\n- [ ] Task 1: b\n## Phase 2a: Checkpoint\n- [ ] look\n## Phase 2a: C\n- [ ] c\n## Phase 4-6: D\n- [ ] d\n## Phase 7: E\n<!-- depends: phase5 -->\n- [ ] e\n",
    );
    let labels: Vec<_> = plan.phases.iter().map(|phase| phase.label()).collect();
    assert_eq!(labels, ["0", "2a", "2a", "4-6", "7"]);
    assert_eq!(plan.phases[1].items.len(), 1);
    assert_eq!(found, ["note same-number 3 9", "note same-number 5 6"]);
}

#[test]
fn boxes_in_an_annotation_are_named_too() {
    let (plan, found) = plan("- [ ] a\n<!-- files: a.rs,\n- [ ] b -->\n- [ ] c\n");
    assert_eq!(tasks(&plan), ["1 pending a", "2 pending c"]);
    // `- [ ] b` is no path either.
    assert_eq!(found, ["note files-prose 2", "note hidden-boxes 2-3"]);
}

#[test]
fn what_waits_for_itself_is_a_problem() {
    let (_, found) = plan(
        "## Phase 1: A\n<!-- depends: phase2 -->\n- [ ] a <!-- depends: task2 -->\n- [ ] b <!-- depends: task1 -->\n## Phase 2: B\n- [ ] c\n",
    );
    assert_eq!(found, ["problem depends-cycle 1 5", "problem depends-cycle 3 4"]);
}
