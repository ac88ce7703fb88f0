//! The order of work of real plans: a table of items, waves, chains, gates and problems of each that has annotations.
//!
//! The files are other people's text and not in the repository. `CONDUCTOR_CORPUS` names a folder with them; without it this
//! test says that it skips. `BLESS=1` rewrites the table, which is keyed by a digest of each file's content.

use std::fmt::Write as _;
use std::path::Path;

use conductor_dispatch::{Graph, Options};
use conductor_tracks::annotation::Depends;
use conductor_tracks::{Plan, State, Task};
use sha2::{Digest, Sha256};

const TABLE: &str = "tests/corpus/graphs.txt";

#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn every_annotated_plan_gives_a_graph() {
    let Some(folder) = std::env::var_os("CONDUCTOR_CORPUS") else {
        return say("skipped: CONDUCTOR_CORPUS names no folder");
    };
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        if !path.to_string_lossy().ends_with("plan.md") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a readable file");
        let (plan, _) = Plan::read("plan.md", &bytes);
        if is_annotated(&plan) {
            rows.push(row(&bytes, &plan));
        }
    }
    rows.sort();
    let table = format!(
        "# digest: items and waves, then with a task an item, the widest wave, gates, chains, problems; the same with nothing done\n{}",
        rows.concat()
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("in a folder")).expect("made");
        std::fs::write(&file, &table).expect("written");
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(known, table, "the graphs differ from the table: BLESS=1 rewrites it");
    // 41 of the plans have annotations; a corpus that lacks them would make this test empty.
    assert!(rows.len() >= 41, "{} plans", rows.len());
}

fn is_annotated(plan: &Plan<'_>) -> bool {
    plan.phases.iter().any(|phase| {
        let says = |depends: &Depends<'_>| *depends != Depends::Absent;
        let of_task = |task: &Task<'_>| task.files.is_some() || says(&task.depends);
        phase.execution.is_some() || says(&phase.depends) || phase.tasks.iter().any(of_task)
    })
}

/// Most of the plans are done: the second half of a row is of the same plan with nothing done.
fn row(bytes: &[u8], plan: &Plan<'_>) -> String {
    let mut undone = plan.clone();
    for task in undone.phases.iter_mut().flat_map(|phase| &mut phase.tasks) {
        if task.state == State::Done {
            task.state = State::Pending;
        }
    }
    let digest = Sha256::digest(bytes)
        .iter()
        .take(6)
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string");
            text
        });
    format!("{digest}: {}; {}\n", numbers(plan), numbers(&undone))
}

fn numbers(plan: &Plan<'_>) -> String {
    let [whole, each] = [false, true].map(|per_task| Graph::of(plan, Options { per_task }));
    let size = |graph: &Graph| format!("{} in {}", graph.items().count(), graph.waves());
    format!(
        "{}, {}, {}, {}, {}, {}",
        size(&whole),
        size(&each),
        each.width(),
        each.gates().count(),
        each.chains.len(),
        each.problems.len()
    )
}
