//! Whatever a plan says: no panic, each open task is in exactly one node, and nothing stands before what it waits for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use conductor_dispatch::graph::{Kind, Problem};
use conductor_dispatch::{Graph, Options};
use conductor_tracks::Plan;
use proptest::prelude::*;

fn plan() -> impl Strategy<Value = String> {
    let target = prop_oneof![
        (1..6u32).prop_map(|n| format!("phase{n}")),
        (1..6u32, 1..5u32).prop_map(|(phase, task)| format!("{phase}.{task}")),
        (1..5u32).prop_map(|task| format!("task{task}")),
        Just(String::new()),
        Just("the API".to_owned()),
    ];
    let depends = proptest::option::weighted(0.4, proptest::collection::vec(target, 0..3));
    let task = (
        prop_oneof![Just(' '), Just(' '), Just('~'), Just('x'), Just('!'), Just('-')],
        depends.clone(),
        proptest::option::of(proptest::collection::vec(
            prop_oneof![Just("a.rs"), Just("b.rs"), Just("src/"), Just("src/c.rs"), Just("*.rs")],
            0..3,
        )),
        proptest::bool::weighted(0.2),
    );
    let phase = (any::<bool>(), depends, proptest::collection::vec(task, 0..5));
    proptest::collection::vec(phase, 0..6).prop_map(|phases| {
        let mut text = "# Plan\n".to_owned();
        for (at, (parallel, depends, tasks)) in phases.into_iter().enumerate() {
            let execution = if parallel { "parallel" } else { "sequential" };
            write!(text, "\n## Phase {}: P\n<!-- execution: {execution} -->\n", at + 1).expect("written");
            if let Some(depends) = depends {
                writeln!(text, "<!-- depends: {} -->", depends.join(", ")).expect("written");
            }
            for (at, (marker, depends, files, gate)) in tasks.into_iter().enumerate() {
                let title = if gate {
                    "Conductor - User Manual Verification 'P'"
                } else {
                    "t"
                };
                writeln!(text, "- [{marker}] Task {}: {title}", at + 1).expect("written");
                if let Some(depends) = depends {
                    writeln!(text, "  <!-- depends: {} -->", depends.join(", ")).expect("written");
                }
                if let Some(files) = files {
                    writeln!(text, "  <!-- files: {} -->", files.join(", ")).expect("written");
                }
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn a_graph_holds_all_open_tasks_once_and_in_order(text in plan(), per_task: bool) {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let graph = Graph::of(&plan, Options { per_task });
        let mut seen = BTreeSet::new();
        for node in &graph.nodes {
            for &task in &node.tasks {
                prop_assert!(seen.insert((node.phase, task)), "a task is in two nodes");
            }
        }
        let open = plan.phases.iter().enumerate().flat_map(|(at, phase)| {
            phase.tasks.iter().enumerate().filter(|(_, task)| !task.state.is_closed()).map(move |(task, _)| (at, task))
        });
        prop_assert_eq!(seen, open.collect::<BTreeSet<_>>());
        for node in &graph.nodes {
            for &before in &node.after {
                let before = &graph.nodes[before];
                match (before.wave, node.wave) {
                    (Some(early), Some(late)) => prop_assert!(early < late || early == late && node.kind != Kind::Item),
                    (None, wave) => prop_assert_eq!(wave, None),
                    (Some(_), None) => {}
                }
            }
        }
        // Whatever can't be done has a reason: its own, or that of something before it.
        let mut kept: BTreeSet<usize> = graph.problems.iter().flat_map(|problem| match problem {
            Problem::Blocked { node } | Problem::Lost { node, .. } => vec![*node],
            Problem::Circle { nodes } => nodes.clone(),
        }).collect();
        let mut grown = true;
        while grown {
            let more: Vec<usize> = (0..graph.nodes.len())
                .filter(|at| !kept.contains(at) && graph.nodes[*at].after.iter().any(|before| kept.contains(before)))
                .collect();
            grown = !more.is_empty();
            kept.extend(more);
        }
        let without: BTreeSet<usize> =
            graph.nodes.iter().enumerate().filter(|(_, node)| node.wave.is_none()).map(|(at, _)| at).collect();
        prop_assert_eq!(without, kept);
    }

    #[test]
    fn two_workers_at_once_never_claim_one_file(text in plan()) {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let graph = Graph::of(&plan, Options::default());
        let mut claimed = BTreeSet::new();
        for (_, node) in graph.items() {
            let Some(wave) = node.wave else { continue };
            let tasks = node.tasks.iter().map(|&task| &plan.phases[node.phase].tasks[task]);
            let paths: BTreeSet<String> = tasks
                .flat_map(|task| task.files.iter().flat_map(|files| &files.claims))
                .map(|claim| claim.path.to_string())
                .collect();
            for path in paths {
                prop_assert!(claimed.insert((wave, path)), "two of wave {} claim one file", wave);
            }
        }
    }
}
