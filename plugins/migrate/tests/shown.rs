//! What is shown of a track whose work can't move yet: the table, and what comes first.

mod common;

use common::Repository;
use conductor_migrate::MigratePlugin;
use conductor_plugin::{Outcome, Plugin};
use serde_json::{Value, json};

const PLAN: &str =
    "# Plan: Auth\n\n## Phase 1: Parts\n<!-- execution: parallel -->\n\n- [~] Task 1: Table\n- [~] Task 2: Form\n";
const REGISTRY: &str = "# Tracks\n\n- [~] **Track: Auth**\n  *Link: [./tracks/auth_1/](./tracks/auth_1/)*\n";

fn project(name: &str, state: &str) -> Repository {
    let repository = Repository::new(name);
    repository.write("conductor/tracks.md", REGISTRY);
    repository.write("conductor/tracks/auth_1/plan.md", PLAN);
    repository.write("conductor/tracks/auth_1/parallel_state.json", state);
    repository.commit("conductor");
    repository
}

fn data(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.json).expect("JSON")
}

fn text(outcome: &Outcome) -> String {
    outcome.text.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn without_a_town_the_table_is_shown_and_what_is_missing() {
    let state = json!({"workers": [
        {"worker_id": "one", "task": "Table", "status": "in_progress", "branch": "one"},
        {"worker_id": "two", "task": "Form", "status": "failed"}]});
    let repository = project("no-town", &state.to_string());
    repository.branch("one");
    let host = repository.host().dry();
    let outcome = MigratePlugin::run(&host).expect("it is shown");
    assert!(outcome.plan.is_none(), "nothing can be agreed to");
    let data = data(&outcome);
    assert_eq!(data["what"], "waits");
    let stands: Vec<&Value> = data["workers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| &row["stands"])
        .collect();
    assert_eq!(stands, ["in flight", "lost"]);
    let asks = data["asks"].to_string();
    assert!(
        asks.contains("one may be at work") && asks.contains("no Gas Town here"),
        "{asks}"
    );
    let shown = text(&outcome);
    assert!(
        shown.contains("auth_1: does not move yet to Gas Town; workers: 1 in flight, 1 lost\n")
            && shown.contains("in flight  one: 1.1 Table: 1 commit on `one`"),
        "{shown}"
    );
    let stopped = MigratePlugin::run(&repository.host().dry().argument("stopped", true)).expect("it is shown");
    assert!(!text(&stopped).contains("may be at work"), "{}", text(&stopped));
}

#[test]
fn a_state_that_can_not_be_read_moves_nothing() {
    let repository = project("unread", "{\"workers\": [\n{\"worker_id\"");
    let outcome = MigratePlugin::run(&repository.host().dry()).expect("it is shown");
    let data = data(&outcome);
    assert_eq!((data["what"].as_str(), outcome.plan.is_none()), (Some("waits"), true));
    let problem = data["problems"][0].as_str().expect("a line");
    assert!(
        problem.starts_with("conductor/tracks/auth_1/parallel_state.json:2: invalid JSON"),
        "{problem}"
    );
}

#[test]
fn every_track_that_is_under_way() {
    let state = json!({"workers": [{"worker_id": "one", "task": "Table", "status": "failed"}]});
    let repository = project("every", &state.to_string());
    repository.write(
        "conductor/tracks.md",
        &format!("{REGISTRY}\n- [ ] **Track: New**\n  *Link: [./tracks/new_1/](./tracks/new_1/)*\n"),
    );
    repository.write("conductor/tracks/new_1/plan.md", PLAN);
    let outcome = MigratePlugin::run(&repository.host().dry().argument("all", true)).expect("it is shown");
    let tracks = data(&outcome)["tracks"].clone();
    let names: Vec<&Value> = tracks
        .as_array()
        .expect("a list")
        .iter()
        .map(|facts| &facts["track"])
        .collect();
    assert_eq!(
        names,
        ["auth_1"],
        "one that was not begun moves with its first dispatch"
    );
    let error = MigratePlugin::run(&repository.host().dry().argument("all", true).argument("track", "auth"));
    assert_eq!(error.expect_err("both are asked for").code, "usage");
}
