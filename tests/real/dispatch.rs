//! `/conductor-dispatch` in the real Claude Code client, with a script in place of the model: a track is carried out by sub-agents to
//! its end, and in no permission mode does anything begin without the person's own answer.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::Session;
use crate::{bash, bd, done, git};

pub(crate) const TRACK: &str = "pairings_20260316";
const STANDING: &str = "Start 2 agents, and what follows";

/// A session whose project is a repository.
pub(crate) fn session() -> Option<Session> {
    let session = Session::new()?;
    for arguments in [
        &["config", "--global", "user.name", "A Person"][..],
        &["config", "--global", "user.email", "person@example.invalid"],
        &["init", "--quiet"],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "plan the work"],
    ] {
        git::git(&session.project(), &session.home(), arguments);
    }
    Some(session)
}

/// Names `bd` in the person's own settings: it is not on the client's search path.
pub(crate) fn allow_bd(session: &Session, bd: &Path) {
    let config = session.home().join(".config/conductor");
    fs::create_dir_all(&config).expect("made");
    let programs = json!({"version": 1, "programs": {"bd": bd}});
    fs::write(config.join("config.json"), programs.to_string()).expect("written");
}

fn digest(session: &Session) -> String {
    digest_of(session, &[TRACK])
}

/// The digest of the plan that is offered with these arguments.
pub(crate) fn digest_of(session: &Session, arguments: &[&str]) -> String {
    let arguments = [&["dispatch"], arguments, &["--json"]].concat();
    let envelope: Value = serde_json::from_str(&session.direct(&arguments)).expect("JSON");
    envelope["plan"].as_str().expect("a digest")[..8].to_owned()
}

/// What a model that obeys asks, to the letter.
fn question(digest: &str) -> Value {
    question_of(TRACK, digest, "Start 2 agents")
}

pub(crate) fn question_of(track: &str, digest: &str, yes: &str) -> Value {
    let option = |label: &str, description: &str| json!({"label": label, "description": description});
    json!({"tool": "AskUserQuestion", "input": {"questions": [{
    "question": format!("Dispatch plan {digest} for {track}?"), "header": "Dispatch", "multiSelect": false, "options": [
        option(yes, "Only what this plan says; you are asked again before anything later"),
        option(&format!("{yes}, and what follows"), "Later plans of the same track begin without asking again"),
        option("Not now", "Nothing begins"),
    ]}]}})
}

pub(crate) fn plan(session: &Session) -> String {
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

fn apply(digest: &str) -> Value {
    bash(&format!("conductor dispatch {TRACK} --apply {digest} --format claude"))
}

fn agent(name: &str) -> Value {
    json!({"tool": "Agent", "input": {"description": "a worker", "subagent_type": "general-purpose",
        "prompt": format!("You are `{name}`.")}})
}

/// A sub-agent's turns: it commits (again where another does so at that moment), leaves the commit's name for its report, and says that
/// it is done.
fn works(name: &str) -> [Value; 2] {
    let to = format!("You are `{name}`");
    let commit = format!("git add {name}.txt && git commit -q --only -m '{name} (phase1/task1)' -- {name}.txt");
    let mut works = bash(&format!(
        "echo {name} > {name}.txt; until {commit}; do sleep 0.2; done; git rev-parse HEAD > .git/{name}"
    ));
    works["to"] = json!(to);
    [works, json!({"to": to, "text": "completed"})]
}

fn report(name: &str) -> Value {
    bash(&format!(
        "until [ -s .git/{name} ]; do sleep 0.1; done; \
         conductor dispatch {TRACK} --report {name}=completed --sha $(cat .git/{name}) --format claude"
    ))
}

/// The track is carried out from here to its end: two workers at once, one behind them, the person's word, one more, the person's word.
fn carry_out(session: &Session, typed: &str, digest: &str, names: [&str; 4]) {
    let pass = |phase: u8| bash(&format!("conductor dispatch {TRACK} --pass {phase} --format claude"));
    let mut answers = vec![question(digest), apply(digest)];
    answers.extend([agent(names[0]), agent(names[1]), report(names[0]), report(names[1])]);
    answers.extend([agent(names[2]), report(names[2]), pass(1)]);
    answers.extend([agent(names[3]), report(names[3]), pass(2), done()]);
    answers.extend(names.iter().flat_map(|name| works(name)));
    let asked = session.with_person(
        "manual",
        &format!("/conductor-dispatch {typed}"),
        Some(STANDING),
        &answers,
    );

    let asks = format!("Dispatch plan {digest} for {TRACK}?");
    assert!(asked.all_text().contains(&asks), "the hook gives the plan");
    let plan = plan(session);
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
    assert!(!is_begun(session), "the state file is gone");
}

const NAMES: [&str; 4] = ["worker_1_count", "worker_2_count", "worker_3_leave", "worker_4_nightly"];

#[test]
fn a_track_is_carried_out_by_sub_agents_to_its_last_commit() {
    let Some(session) = session() else { return };
    carry_out(&session, TRACK, &digest(&session), NAMES);
}

#[test]
fn with_beads_each_task_is_one_and_all_are_closed_at_the_end() {
    let (Some(session), Some(bd)) = (session(), bd::find()) else {
        return;
    };
    allow_bd(&session, &bd);
    bd::init(&bd, &session.project(), &session.home());
    carry_out(&session, TRACK, &digest(&session), NAMES);
    let list = ["list", "--all", "--include-gates", "--limit", "0", "--json"];
    let beads: Vec<Value> =
        serde_json::from_str(&bd::run(&bd, &session.project(), &session.home(), &list)).expect("JSON");
    // The track, two phases, five tasks and two verifications.
    assert_eq!(beads.len(), 10, "{beads:#?}");
    assert!(beads.iter().all(|bead| bead["status"] == "closed"), "{beads:#?}");
}

#[test]
fn another_session_goes_on_where_one_was_killed() {
    let Some(session) = session() else { return };
    let first = digest(&session);
    let killed = [question(&first), apply(&first), bash("kill -9 $PPID"), done()];
    session.with_person_until_killed(&format!("/conductor-dispatch {TRACK}"), STANDING, &killed);
    assert!(is_begun(&session));
    // Its process is gone and its workers with it: they are given up, and their work is offered again.
    let names = ["worker_3_count", "worker_4_count", "worker_5_leave", "worker_6_nightly"];
    session.direct(&["consent", "remove"]);
    // The same work again: the plan is the same.
    carry_out(&session, TRACK, &first, names);
}

/// What a model could do instead of asking the person, in every mode of the client that works without a server.
#[test]
fn nothing_begins_without_the_person_in_any_permission_mode() {
    let Some(session) = session() else { return };
    let digest = digest(&session);
    let before = plan(&session);
    let apply = apply(&digest);
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
