//! What is done, in flight and lost: every form of state file, whole and broken, against a real repository.

mod common;

use common::Repository;
use conductor_migrate::seen::Seen;
use conductor_migrate::survey::{Found, Survey};
use serde_json::{Value, json};

const PLAN: &str = "# Plan: Auth\n\n## Phase 1: Parts\n<!-- execution: parallel -->\n\n\
    - [~] Task 1: Table for sessions\n  <!-- files: db.rs -->\n\
    - [~] Task 2: Login form\n  <!-- files: form.rs -->\n\
    - [x] Task 3: Notes [abcdef0]\n\n\
    ## Phase 2: Whole\n\n- [ ] Task 1: Join the parts\n- [ ] Task 2: Mail on a new device\n";

const REGISTRY: &str =
    "# Project Tracks\n\n---\n\n- [~] **Track: Auth**\n  *Link: [./tracks/auth_1/](./tracks/auth_1/)*\n";

/// A track with one state file.
fn track(name: &str, file: &str, text: &str) -> Repository {
    let repository = Repository::new(name);
    repository.write("conductor/tracks.md", REGISTRY);
    repository.write("conductor/tracks/auth_1/plan.md", PLAN);
    repository.write(&format!("conductor/tracks/auth_1/{file}"), text);
    repository.commit("conductor");
    repository
}

fn survey(repository: &Repository) -> Survey {
    let host = repository.host();
    Seen::of(&host, Some("auth_1")).expect("it is read").survey
}

/// A row as a person reads it: worker, tasks by place, where it stands and why.
fn row(found: &Found) -> String {
    let tasks: Vec<String> = found
        .tasks
        .iter()
        .map(|(phase, task)| format!("{}.{}", phase + 1, task + 1))
        .collect();
    format!(
        "{} {}: {}: {}",
        found.worker,
        tasks.join(","),
        found.stands.word(),
        found.why
    )
}

fn rows(survey: &Survey) -> Vec<String> {
    survey.found.iter().map(row).collect()
}

#[test]
fn git_tells_where_work_stands_and_the_file_only_where_to_look() {
    let repository = track("states", "notes.md", "");
    let merged = repository.commit("add the table (phase1/task1)");
    let ahead = repository.branch("track_worker_2");
    repository.git(&["worktree", "add", "--quiet", ".worktrees/w2", "track_worker_2"]);
    repository.write(".worktrees/w2/form.rs", "not committed\n");
    let detached = repository.git(&["commit-tree", "-p", "HEAD", "-m", "nowhere", "HEAD^{tree}"]);
    let state = json!({"workers": [
        {"worker_id": "one", "task": "Table for sessions", "status": "completed", "commit_sha": merged[..7]},
        {"worker_id": "two", "task": "Task 2: Login form", "status": "in_progress", "worktree": ".worktrees/w2"},
        {"worker_id": "three", "task": "Notes", "status": "in_progress"},
        {"worker_id": "four", "task": "2.1 Join the parts", "status": "completed", "commit_sha": "1234567"},
        {"worker_id": "five", "task": "Mail on a new device", "status": "completed", "commit_sha": detached},
        {"worker_id": "six", "task": "Mail on a new device", "status": "completed"},
        {"worker_id": "seven", "task": "Login form", "status": "failed", "files": ["form.rs"]},
        {"worker_id": "eight", "task": "Gone from the plan", "status": "in_progress", "branch": "no-such-branch"},
        {"worker_id": "nine", "task": "Gone as well", "status": "in_progress", "branch": "track_worker_2"},
    ]});
    repository.write("conductor/tracks/auth_1/parallel_state.json", &state.to_string());
    let survey = survey(&repository);
    assert_eq!(survey.problems, Vec::<String>::new());
    let short = |sha: &str| sha[..7].to_owned();
    assert_eq!(
        rows(&survey),
        [
            format!("one 1.1: done: {} is checked out", short(&merged)),
            "two 1.2: in flight: 1 commit on `track_worker_2`; 1 file not committed in .worktrees/w2".to_owned(),
            "three 1.3: done: plan.md says so".to_owned(),
            "four 2.1: lost: this repository has no commit `1234567`".to_owned(),
            format!(
                "five 2.2: in flight: {0} is on no branch: `git branch NAME {0}`, and the file's `branch` names it",
                short(&detached)
            ),
            "six 2.2: lost: it names no commit, and plan.md has its task open".to_owned(),
            "seven 1.2: lost: git has nothing of it".to_owned(),
            "eight : lost: git has nothing of it; which task it is the plan does not tell".to_owned(),
            "nine : in flight: 1 commit on `track_worker_2`; 1 file not committed in .worktrees/w2; which task it is the plan does not tell"
                .to_owned(),
        ]
    );
    let (branch, commits) = survey.found[1].branch.as_ref().expect("a branch");
    assert_eq!((branch.head.as_str(), *commits), (ahead.as_str(), 1));
    assert!(survey.found[0].unmarked && !survey.found[2].unmarked);
    let at_work: Vec<&str> = survey
        .found
        .iter()
        .filter(|found| found.at_work)
        .map(|found| found.worker.as_str())
        .collect();
    assert_eq!(at_work, ["two", "eight", "nine"]);
}

#[test]
fn what_is_not_committed_in_the_checkout_is_seen_by_the_workers_files() {
    let state = json!({"workers": [{"worker_id": "one", "task": "Table for sessions", "status": "in_progress", "files": ["db.rs"]}]});
    let repository = track("checkout", "parallel_state.json", &state.to_string());
    repository.write("db.rs", "half of it\n");
    let before = repository.git(&["status", "--porcelain"]);
    assert_eq!(
        rows(&survey(&repository)),
        ["one 1.1: in flight: 1 file not committed in the checkout"]
    );
    assert_eq!(repository.git(&["status", "--porcelain"]), before);
}

#[test]
fn each_kind_of_state_file() {
    let swarm = json!({"mode": "parallel", "track_id": "auth_1", "status": "running", "agents": {
            "green-fox": {"task_id": "cd-1", "plan_key": "phase1_task1", "status": "running-green", "leases": ["db.rs"], "worktree": ".worktrees/fox"}},
        "tasks": {"phase1_task1": {"status": "in_progress", "agent_id": "green-fox"},
            "phase1_task2": {"status": "completed", "commit_sha": "HEAD"},
            "phase2_task1": {"status": "pending", "deps": ["phase1_task1"]}}});
    let dispatched =
        json!({"dispatched_tasks": [{"task_id": "cd-1", "status": "dispatched"}], "sequential_phases": ["phase2"]});
    let session = json!({"current_phase": "Phase 2: Whole", "current_phase_index": 1, "current_task_index": 0, "status": "in_progress"});
    let table: [(&str, Value, &[&str]); 3] = [
        (
            "implement_parallel_state.json",
            swarm,
            &[
                "green-fox 1.1: lost: git has nothing of it",
                "(unnamed) 1.2: done: HEAD is checked out",
            ],
        ),
        (
            "dispatch_state.json",
            dispatched,
            &["(unnamed) : lost: git has nothing of it; which task it is the plan does not tell"],
        ),
        (
            "implement_state.json",
            session,
            &["/conductor-implement 2.1: lost: git has nothing of it"],
        ),
    ];
    for (at, (file, state, expected)) in table.into_iter().enumerate() {
        let repository = track(&format!("kind{at}"), file, "{}");
        let head = repository.git(&["rev-parse", "HEAD"]);
        let text = state.to_string().replace("\"HEAD\"", &format!("\"{head}\""));
        repository.write(&format!("conductor/tracks/auth_1/{file}"), &text);
        let survey = survey(&repository);
        let expected: Vec<String> = expected.iter().map(|row| row.replace("HEAD", &head[..7])).collect();
        assert_eq!((rows(&survey), survey.problems), (expected, Vec::new()), "{file}");
        assert_eq!(survey.files, [file]);
    }
}

#[test]
fn broken_ones_are_told_with_their_line_or_read_as_far_as_they_go() {
    const AT: &str = "conductor/tracks/auth_1/parallel_state.json";
    let huge = format!("{{\"workers\": [], \"log\": \"{}\"}}", "x".repeat(3 << 20));
    let table: [(&str, &str, &str, &[&str]); 12] = [
        (
            "no JSON",
            "{\n  \"workers\": [}\n",
            ":2: invalid JSON, column 15: expected value: not used",
            &[],
        ),
        (
            "truncated",
            "{\"workers\": [\n{\"worker_id\": \"one\", \"sta",
            ":2: invalid JSON",
            &[],
        ),
        ("empty", "", ": the file is empty", &[]),
        ("null", "null", ": holds null, not an object: not used", &[]),
        ("a list", "[]", ": holds a list, not an object: not used", &[]),
        ("huge", &huge, ": 3 MiB, and no state file has so many: not read", &[]),
        (
            "workers is text",
            "{\"workers\": \"all\"}",
            ": `workers` is a string, not a list",
            &[],
        ),
        (
            "a worker is a number",
            "{\"workers\": [7, {\"worker_id\": \"one\", \"task\": \"Notes\"}]}",
            ": `workers[0]` is a number, not an object: not used",
            &["one 1.3: done: plan.md says so"],
        ),
        (
            "without id",
            "{\"workers\": [{\"task\": \"Notes\", \"status\": \"completed\"}]}",
            "",
            &["(unnamed) 1.3: done: plan.md says so"],
        ),
        (
            "a status nobody knows",
            "{\"workers\": [{\"worker_id\": \"one\", \"task\": \"Login form\", \"status\": \"vibing\"}]}",
            "",
            &["one 1.2: lost: git has nothing of it"],
        ),
        (
            "twice",
            "{\"workers\": [{\"worker_id\": \"one\", \"task\": \"Notes\"}], \"active_workers\": [{\"worker_id\": \"one\", \"task\": \"Notes\"}]}",
            "",
            &["one 1.3: done: plan.md says so"],
        ),
        (
            "wrong types",
            "{\"workers\": [{\"worker_id\": 7, \"task\": [\"Notes\"], \"status\": null, \"files\": 3, \"commit_sha\": {}, \"branch\": [\"-x\"], \"tasks\": \"phase9/task9\"}]}",
            "",
            &["7 1.3: done: plan.md says so"],
        ),
    ];
    let repository = track("broken", "parallel_state.json", "{}");
    for (what, text, problem, expected) in table {
        repository.write(AT, text);
        let survey = survey(&repository);
        assert_eq!(rows(&survey), expected, "{what}");
        match problem {
            "" => assert_eq!(survey.problems, Vec::<String>::new(), "{what}"),
            _ => {
                assert_eq!(survey.problems.len(), 1, "{what}: {:?}", survey.problems);
                assert!(
                    survey.problems[0].starts_with(&format!("{AT}{problem}")),
                    "{what}: {:?}",
                    survey.problems
                );
            }
        }
    }
}
