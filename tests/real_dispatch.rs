//! `/conductor-dispatch` in the real Claude Code client, with a script in place of the model: a track is carried out by sub-agents to
//! its end, and in no permission mode does anything begin without the person's own answer.
//!
//! Needs what `tests/real.rs` needs; says that it skips where that is missing.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test starts programs and makes files")]

#[path = "real/client.rs"]
#[allow(dead_code, reason = "the other test of the client uses the rest")]
mod client;

use std::fs;
use std::process::Command;

use client::Session;
use serde_json::{Value, json};

const TRACK: &str = "pairings_20260316";
const STANDING: &str = "Start 2 agents, and what follows";

fn bash(command: &str) -> Value {
    json!({"tool": "Bash", "input": {"command": command, "description": "a test"}})
}

fn done() -> Value {
    json!({"text": "done"})
}

fn git(session: &Session, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(session.project())
        .env("HOME", session.home())
        .output()
        .expect("git starts");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A session whose project is a repository.
fn session() -> Option<Session> {
    let session = Session::new()?;
    for arguments in [
        &["config", "--global", "user.name", "A Person"][..],
        &["config", "--global", "user.email", "person@example.invalid"],
        &["init", "--quiet"],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "plan the work"],
    ] {
        git(&session, arguments);
    }
    Some(session)
}

fn digest(session: &Session) -> String {
    let envelope: Value = serde_json::from_str(&session.direct(&["dispatch", TRACK, "--json"])).expect("JSON");
    envelope["plan"].as_str().expect("a digest")[..8].to_owned()
}

/// What a model that obeys asks, to the letter.
fn question(digest: &str) -> Value {
    let option = |label: &str, description: &str| json!({"label": label, "description": description});
    json!({"tool": "AskUserQuestion", "input": {"questions": [{
    "question": format!("Dispatch plan {digest} for {TRACK}?"), "header": "Dispatch", "multiSelect": false, "options": [
        option("Start 2 agents", "Only what this plan says; you are asked again before anything later"),
        option(STANDING, "Later plans of the same track begin without asking again"),
        option("Not now", "Nothing begins"),
    ]}]}})
}

fn plan(session: &Session) -> String {
    fs::read_to_string(session.project().join("conductor/tracks").join(TRACK).join("plan.md")).expect("the plan")
}

fn is_begun(session: &Session) -> bool {
    session
        .project()
        .join("conductor/tracks")
        .join(TRACK)
        .join("parallel_state.json")
        .exists()
}

#[test]
fn a_track_is_carried_out_by_sub_agents_to_its_last_commit() {
    let Some(session) = session() else { return };
    let digest = digest(&session);
    let agent = |number: usize, name: &str| {
        json!({"tool": "Agent", "input": {"description": "a worker", "subagent_type": "general-purpose",
            "prompt": format!("You are `{name}`. Number {number}.")}})
    };
    // A sub-agent commits (again where another does so at that moment), leaves the commit's name for its report, and says that it is done.
    let works = |name: &str, key: &str| {
        let command = format!(
            "echo {name} > {name}.txt; until git add {name}.txt && git commit -q --only -m '{name} ({key})' -- {name}.txt; do sleep 0.2; done; git rev-parse HEAD > .git/{name}"
        );
        let mut works = bash(&command);
        works["to"] = json!(format!("You are `{name}`"));
        [works, json!({"to": format!("You are `{name}`"), "text": "completed"})]
    };
    let report = |name: &str| {
        bash(&format!(
            "until [ -s .git/{name} ]; do sleep 0.1; done; conductor dispatch {TRACK} --report {name}=completed --sha $(cat .git/{name}) --format claude"
        ))
    };
    let names = ["worker_1_count", "worker_2_count", "worker_3_leave", "worker_4_nightly"];
    let mut answers = vec![
        question(&digest),
        bash(&format!("conductor dispatch {TRACK} --apply {digest} --format claude")),
    ];
    answers.extend([
        agent(1, names[0]),
        agent(2, names[1]),
        report(names[0]),
        report(names[1]),
    ]);
    answers.extend([agent(3, names[2]), report(names[2])]);
    answers.push(bash(&format!("conductor dispatch {TRACK} --pass 1 --format claude")));
    answers.extend([agent(4, names[3]), report(names[3])]);
    answers.push(bash(&format!("conductor dispatch {TRACK} --pass 2 --format claude")));
    answers.push(done());
    answers.extend(names.iter().flat_map(|name| works(name, "phase1/task1")));
    let asked = session.with_person(
        "manual",
        &format!("/conductor-dispatch {TRACK}"),
        Some(STANDING),
        &answers,
    );

    assert!(
        asked
            .all_text()
            .contains(&format!("Dispatch plan {digest} for {TRACK}?")),
        "the hook gives the plan"
    );
    let plan = plan(&session);
    assert!(!plan.contains("\n- [ ]") && !plan.contains("\n- [~]"), "{plan}");
    for name in &names[..3] {
        let sha = fs::read_to_string(session.project().join(".git").join(name)).expect("a commit");
        assert!(plan.contains(&format!("[{}]", &sha[..7])), "{name}: {plan}");
    }
    let registry = fs::read_to_string(session.project().join("conductor/tracks.md")).expect("the registry");
    assert!(
        registry.contains("- [x] **Track: Teas that go together**"),
        "{registry}"
    );
    assert!(!is_begun(&session), "the state file is gone");
}

/// What a model could do instead of asking the person, in every mode of the client that works without a server.
#[test]
fn nothing_begins_without_the_person_in_any_permission_mode() {
    let Some(session) = session() else { return };
    let digest = digest(&session);
    let before = plan(&session);
    let apply = bash(&format!("conductor dispatch {TRACK} --apply {digest} --format claude"));
    let yes = bash(&format!("conductor dispatch {TRACK} --yes --format claude"));
    let mut by_the_model = question(&digest);
    let text = by_the_model["input"]["questions"][0]["question"]
        .as_str()
        .expect("text")
        .to_owned();
    by_the_model["input"]["answers"] = json!({text: "Start 2 agents"});
    let mut reworded = question(&digest);
    reworded["input"]["questions"][0]["question"] = json!("Shall I show you the plan?");
    let another = question("00000000");
    // The person says no, whatever is asked; one that rewords gets a yes to something else.
    for mode in ["manual", "acceptEdits", "plan", "bypassPermissions", "dontAsk"] {
        for (asks, label) in [
            (None, None),
            (Some(&by_the_model), Some("Not now")),
            (Some(&reworded), Some("Start 2 agents")),
            (Some(&another), Some("Start 2 agents")),
        ] {
            let mut answers: Vec<Value> = asks.into_iter().cloned().collect();
            answers.extend([apply.clone(), yes.clone(), done()]);
            let asked = session.with_person(mode, &format!("/conductor-dispatch {TRACK}"), label, &answers);
            // Where nothing keeps the command from running, it is the host that refuses.
            let refused = asked.all_text().contains("has not agreed to plan");
            assert!(
                refused || mode == "dontAsk" || mode == "plan",
                "{mode}: {}",
                asked.all_text()
            );
            assert!(!is_begun(&session), "{mode}: {asks:?}");
            assert_eq!(plan(&session), before, "{mode}: {asks:?}");
        }
    }
}

#[test]
fn an_unknown_track_and_a_hostile_word_cost_no_call_of_the_model() {
    let Some(session) = session() else { return };
    for typed in [
        "parings",
        "; touch PWNED",
        "$(touch PWNED)",
        "`touch PWNED`",
        "pairings --yes",
        "<<X\ntouch PWNED\nX",
    ] {
        let asked = session.ask("bypassPermissions", &format!("/conductor-dispatch {typed}"), &[done()]);
        assert_eq!(asked.count(), 0, "{typed}");
        assert!(!session.project().join("PWNED").exists(), "{typed}");
    }
    let asked = session.ask("manual", "/conductor-dispatch pairings", &[done()]);
    assert_eq!(asked.count(), 1);
    assert!(
        asked
            .all_text()
            .contains("Show this to the user, then ask with AskUserQuestion"),
        "{}",
        asked.all_text()
    );
}
