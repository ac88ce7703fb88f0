//! `/conductor-migrate` in the real Claude Code client: what it shows, and that nothing is changed without the person's own answer.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::choices::files;
use crate::client::Session;
use crate::dispatch::{TRACK, session};
use crate::{bash, done};

fn metadata(session: &Session) -> PathBuf {
    session
        .project()
        .join("conductor/tracks")
        .join(TRACK)
        .join("metadata.json")
}

/// What a model that obeys asks, to the letter.
fn question(subject: &str, digest: &str, yes: &str) -> Value {
    let option = |label: &str, description: &str| json!({"label": label, "description": description});
    json!({"tool": "AskUserQuestion", "input": {"questions": [{
    "question": format!("Migrate plan {digest} for {subject}?"), "header": "Migrate", "multiSelect": false, "options": [
        option(yes, "Only what this plan says; you are asked again before anything later"),
        option("Not now", "Nothing begins"),
    ]}]}})
}

#[test]
fn where_nothing_can_move_the_table_and_what_is_missing_reach_the_model() {
    let Some(session) = session() else { return };
    let state = json!({"workers": [{"worker_id": "worker_1", "task": "Count which products are bought together", "status": "failed"}]});
    fs::write(
        metadata(&session).with_file_name("parallel_state.json"),
        state.to_string(),
    )
    .expect("written");
    let before = files(&session);
    let asked = session.ask("bypassPermissions", &format!("/conductor-migrate {TRACK}"), &[done()]);
    let text = asked.all_text();
    assert!(
        text.contains("- lost: worker_1: 1.1 Count which products are bought together: git has nothing of it"),
        "{text}"
    );
    assert!(
        text.contains("there is no Gas Town here that you have confirmed"),
        "{text}"
    );
    assert_eq!(files(&session), before);
    let asked = session.ask("bypassPermissions", "/conductor-migrate ; touch PWNED", &[done()]);
    assert_eq!(asked.count(), 0, "{}", asked.printed());
    assert!(!session.project().join("PWNED").exists());
}

#[test]
fn a_repair_is_made_by_the_persons_own_answer_and_by_nothing_else() {
    let Some(session) = session() else { return };
    let text = fs::read_to_string(metadata(&session)).expect("the track's metadata");
    let stale = text.replace("\"status\": \"new\"", "\"status\": \"completed\"");
    assert_ne!(stale, text);
    fs::write(metadata(&session), &stale).expect("written");
    let envelope: Value = serde_json::from_str(&session.direct(&["migrate", "--repair", "--json"])).expect("JSON");
    let digest = envelope["plan"].as_str().expect("a digest")[..8].to_owned();
    let many = envelope["data"]["repairs"].as_array().expect("a list").len();
    let subject = format!("{many} repair{}", if many == 1 { "" } else { "s" });
    let apply = bash(&format!("conductor migrate --repair --apply {digest} --format claude"));
    let answers = [question(&subject, &digest, "Mend them"), apply.clone(), done()];
    // The person says no.
    let asked = session.with_person(
        "bypassPermissions",
        "/conductor-migrate --repair",
        ["Not now"],
        &answers,
    );
    assert!(
        asked.all_text().contains("has not agreed to plan"),
        "{}",
        asked.all_text()
    );
    assert_eq!(fs::read_to_string(metadata(&session)).expect("there"), stale);
    // And yes.
    let asked = session.with_person(
        "bypassPermissions",
        "/conductor-migrate --repair",
        ["Mend them"],
        &answers,
    );
    assert!(asked.all_text().contains("made."), "{}", asked.all_text());
    assert_eq!(fs::read_to_string(metadata(&session)).expect("there"), text);
}
