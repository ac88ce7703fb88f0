//! The survey over the state files of real projects: a table of where each worker stands, with the plan as it is there and with a plan in
//! which nothing is done.
//!
//! The files are other people's text and not in the repository. `CONDUCTOR_CORPUS` names a folder with them and their `INDEX.md`; without
//! it this test says that it skips. `BLESS=1` rewrites the table, which is keyed by a digest of each file's content and holds numbers
//! only.

mod common;

use std::fmt::Write as _;
use std::path::Path;

use common::Repository;
use conductor_migrate::seen::Seen;
use conductor_tracks::parallel_state::ParallelState;
use sha2::{Digest, Sha256};

const TABLE: &str = "tests/corpus/workers.txt";

#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// The file of another kind that is of the same track.
fn beside(index: &str, folder: &Path, file: &str, kind: &str) -> Option<String> {
    let rows = || {
        index
            .lines()
            .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
    };
    let path = |row: &[&str]| Some(((*row.get(4)?).to_owned(), (*row.get(5)?).to_owned()));
    let (project, own) = rows()
        .find(|row| row.get(1) == Some(&file))
        .and_then(|row| path(&row))?;
    let track = own.rsplit('/').nth(1)?.to_owned();
    let is_it = |row: &Vec<&str>| {
        path(row).is_some_and(|(of, path)| of == project && path.ends_with(&format!("/{track}/{kind}")))
    };
    let name = rows().find(is_it)?.get(1).map(|name| (*name).to_owned())?;
    std::fs::read_to_string(folder.join(name)).ok()
}

/// A plan with a phase for each that a file's workers tell of, where the track's own is not there.
fn made(state: &ParallelState) -> String {
    let mut plan = "# Plan\n".to_owned();
    let titles = state.workers.iter().filter_map(|worker| worker.title.as_deref());
    let phase = state.phase.as_deref().filter(|phase| !phase.contains("(parallel)"));
    let titles: Vec<&str> = phase
        .into_iter()
        .chain(titles.filter(|title| title.starts_with("Phase")))
        .collect();
    for title in titles {
        write!(plan, "\n## {title}\n\n").expect("text");
        for number in 1..=9 {
            writeln!(plan, "- [ ] Task {number}: part {number} of {title}").expect("text");
        }
    }
    plan
}

#[test]
fn every_real_state_file_gives_a_table() {
    let Some(folder) = std::env::var_os("CONDUCTOR_CORPUS") else {
        return say("skipped: CONDUCTOR_CORPUS names no folder");
    };
    let folder = Path::new(&folder);
    let index = std::fs::read_to_string(folder.join("INDEX.md")).expect("an index");
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.ends_with("-parallel_state.json"))
        .collect();
    names.sort();
    let mut table =
        "# digest, plan: each worker's number of tasks and where it stands; its branches have a commit each\n"
            .to_owned();
    for name in &names {
        let text = std::fs::read_to_string(folder.join(name)).expect("text");
        let state = ParallelState::read(&"state".into(), text.as_bytes(), &mut Vec::new()).expect("it is read");
        let digest: String = Sha256::digest(&text)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let own = beside(&index, folder, name, "plan.md");
        let opened = own
            .clone()
            .unwrap_or_else(|| made(&state))
            .replace("[x]", "[ ]")
            .replace("[~]", "[ ]");
        let metadata = beside(&index, folder, name, "metadata.json");
        for (what, plan) in own.iter().map(|plan| ("own", plan)).chain([("open", &opened)]) {
            let repository = Repository::new(&format!("{digest}-{what}"));
            repository.write(
                "conductor/tracks.md",
                "# Tracks\n\n- [~] **Track: T**\n  *Link: [./tracks/t_1/](./tracks/t_1/)*\n",
            );
            repository.write("conductor/tracks/t_1/plan.md", plan);
            repository.write("conductor/tracks/t_1/parallel_state.json", &text);
            if let Some(metadata) = &metadata {
                repository.write("conductor/tracks/t_1/metadata.json", metadata);
            }
            repository.commit("conductor");
            for branch in state.workers.iter().filter_map(|worker| worker.branch.as_deref()) {
                repository.branch(branch);
            }
            let host = repository.host();
            let survey = Seen::of(&host, Some("t_1")).expect("it is read").survey;
            assert_eq!(survey.problems, Vec::<String>::new());
            let rows = survey
                .found
                .iter()
                .map(|found| format!("{} {}", found.tasks.len(), found.stands.word()));
            writeln!(table, "{digest} {what}: {}", rows.collect::<Vec<_>>().join(", ")).expect("text");
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("BLESS").is_some() {
        common::bless(&file, &table);
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(known, table, "the workers differ from the table: BLESS=1 rewrites it");
    assert!(names.len() >= 6, "{} files", names.len());
}
