//! What a plan means for its workers: one small plan for each rule.

use std::fmt::Write as _;

use conductor_dispatch::graph::{Kind, Problem};
use conductor_dispatch::{Graph, Options};
use conductor_tracks::Plan;

/// The graph as text: a line for each node with its wave and what it waits for, then the chains.
fn shown(text: &str, per_task: bool) -> String {
    let (plan, _) = Plan::read("plan.md", text.as_bytes());
    let graph = Graph::of(&plan, Options { per_task });
    let name = |at: usize| graph.nodes[at].name(&plan);
    let mut out = String::new();
    for node in &graph.nodes {
        let sign = match node.kind {
            Kind::Item => "",
            Kind::Gate => "you ",
            Kind::Blocked => "! ",
            Kind::Joint => "joint ",
        };
        let wave = node.wave.map_or_else(|| "-".to_owned(), |wave| wave.to_string());
        let after: Vec<String> = node.after.iter().map(|&at| name(at)).collect();
        writeln!(out, "{sign}{} w{wave} after {}", node.name(&plan), after.join(" ")).expect("written");
    }
    for chain in &graph.chains {
        let nodes: Vec<String> = chain.nodes.iter().map(|&at| name(at)).collect();
        writeln!(out, "{}: {}", nodes.join(" -> "), chain.paths.join(" ")).expect("written");
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn a_sequential_phase_is_one_item_and_with_per_task_a_chain() {
    let plan =
        "# P\n\n## Phase 1: A\n- [x] Task 1: a\n- [ ] Task 2: b\n- [ ] Task 3: c\n\n## Phase 2: B\n- [ ] Task 1: d\n";
    assert_eq!(
        lines(&shown(plan, false)),
        ["1.2–1.3 w1 after ", "2.1 w2 after 1.2–1.3"]
    );
    assert_eq!(
        lines(&shown(plan, true)),
        ["1.2 w1 after ", "1.3 w2 after 1.2", "2.1 w3 after 1.3"]
    );
}

#[test]
fn the_tasks_of_a_parallel_phase_wait_only_for_what_they_name() {
    let plan = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n- [ ] Task 2: b\n\
                - [ ] Task 3: c\n  <!-- depends: task1, task2 -->\n";
    assert_eq!(
        lines(&shown(plan, false)),
        ["1.1 w1 after ", "1.2 w1 after ", "1.3 w2 after 1.1 1.2"]
    );
}

#[test]
fn a_verification_stands_between_what_is_before_and_what_is_behind_it() {
    let plan = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n- [ ] Task 2: b\n\
                - [ ] Task: Conductor - User Manual Verification 'A'\n\n## Phase 2: B\n- [ ] Task 1: c\n";
    assert_eq!(
        lines(&shown(plan, false)),
        [
            "1.1 w1 after ",
            "1.2 w1 after ",
            "you 1.3 w1 after 1.1 1.2",
            "2.1 w2 after 1.3"
        ]
    );
}

#[test]
fn phases_wait_for_those_they_name_for_none_or_for_the_one_before() {
    let plan = "# P\n\n## Phase 1: A\n- [ ] Task 1: a\n\n## Phase 2: B\n<!-- depends: -->\n- [ ] Task 1: b\n\n\
                ## Phase 3: C\n<!-- depends: phase1, phase2 -->\n- [ ] Task 1: c\n\n## Phase 4: D\n\n\
                ## Phase 5: E\n- [ ] Task 1: e\n";
    assert_eq!(
        lines(&shown(plan, false)),
        [
            "1.1 w1 after ",
            "2.1 w1 after ",
            "3.1 w2 after 1.1 2.1",
            "5.1 w3 after 3.1"
        ],
        "a phase without tasks stands for the one before it"
    );
}

#[test]
fn two_that_claim_one_file_are_chained_and_two_that_are_ordered_anyway_are_not() {
    let plan = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n  <!-- files: src/a.rs, x.md -->\n\
                - [ ] Task 2: b\n  <!-- files: src/a.rs -->\n- [ ] Task 3: c\n  <!-- files: src/ -->\n\n\
                ## Phase 2: B\n- [ ] Task 1: d\n  <!-- files: x.md -->\n";
    assert_eq!(
        lines(&shown(plan, false)),
        [
            "1.1 w1 after ",
            "1.2 w2 after 1.1",
            "1.3 w3 after 1.2",
            "2.1 w4 after 1.1 1.2 1.3",
            "1.1 -> 1.2 -> 1.3: src/a.rs"
        ]
    );
}

#[test]
fn what_is_blocked_keeps_back_what_is_behind_it_and_nothing_else() {
    let plan = "# P\n\n## Phase 1: A\n- [ ] Task 1: a\n- [!] Task 2: b\n- [ ] Task 3: c\n- [-] Task 4: d\n\n\
                ## Phase 2: B\n<!-- depends: -->\n- [ ] Task 1: e\n";
    assert_eq!(
        lines(&shown(plan, false)),
        [
            "1.1 w1 after ",
            "! 1.2 w- after 1.1",
            "1.3 w- after 1.2",
            "2.1 w1 after "
        ]
    );
}

#[test]
fn tests_and_what_they_are_for_are_one_item() {
    let plan = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: Write tests for the parser\n\
                - [ ] Task 2: Implement the parser\n- [ ] Task 3: Docs\n  <!-- depends: task2 -->\n";
    assert_eq!(
        lines(&shown(plan, false)),
        ["1.1–1.2 w1 after ", "1.3 w2 after 1.1–1.2"]
    );
}

#[test]
fn what_waits_for_itself_or_for_nothing_of_the_plan_is_a_problem_and_the_rest_goes_on() {
    let text = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n  <!-- depends: task2 -->\n\
                - [ ] Task 2: b\n  <!-- depends: task1 -->\n- [ ] Task 3: c\n  <!-- depends: task9 -->\n\
                - [ ] Task 4: d\n- [ ] Task 5: e\n  <!-- depends: task1 -->\n";
    let (plan, _) = Plan::read("plan.md", text.as_bytes());
    let graph = Graph::of(&plan, Options::default());
    let expected = [
        Problem::Lost {
            node: 2,
            target: "task9".to_owned(),
            line: 10,
        },
        Problem::Circle { nodes: vec![0, 1] },
    ];
    assert_eq!(graph.problems, expected);
    let ready: Vec<usize> = graph.ready().map(|(at, _)| at).collect();
    assert_eq!(ready, [3]);
}

#[test]
fn thousands_of_tasks_on_both_sides_of_a_border_are_thousands_of_edges_not_millions() {
    let mut text = "# P\n".to_owned();
    for phase in 1..=2 {
        write!(text, "\n## Phase {phase}: A\n<!-- execution: parallel -->\n").expect("written");
        for task in 1..=2_500 {
            write!(
                text,
                "- [ ] Task {task}: t{task}\n  <!-- files: src/{}.rs -->\n",
                task % 700
            )
            .expect("written");
        }
    }
    let (plan, _) = Plan::read("plan.md", text.as_bytes());
    let graph = Graph::of(&plan, Options::default());
    assert_eq!(graph.items().count(), 5_000);
    let edges: usize = graph.nodes.iter().map(|node| node.after.len()).sum();
    assert!(edges < 12_000, "{edges}");
    // Each file is claimed four times in a phase, so that many waves a phase has.
    assert_eq!(graph.waves(), 8);
}
