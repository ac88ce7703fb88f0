//! What only the person can say, in the real Claude Code client: each choice and each block of `/conductor-dispatch` is shown to them
//! without a call of the model and changes no file, and each way of a choice goes.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::client::{Asked, Session};
use crate::dispatch::{TRACK, allow_bd, digest_of, plan, question_of, session};
use crate::{bash, bd, done, git};

const GIFT_CARDS: &str = "gift-cards_20260318";
const CHECKOUT: &str = "checkout_20260302";
pub(crate) const YES: &str = "Start 2 agents";

/// The command is typed: what came of it, with one turn of a model that says nothing.
fn typed(session: &Session, arguments: &str) -> Asked {
    session.ask("manual", &format!("/conductor-dispatch {arguments}"), &[done()])
}

/// It is blocked: what the person reads. No model was asked, and no file is another.
fn blocked(session: &Session, arguments: &str) -> String {
    let before = files(session);
    let asked = typed(session, arguments);
    assert_eq!(asked.count(), 0, "{arguments}: {}", asked.printed());
    assert!(files(session) == before, "{arguments}: a file was changed");
    asked.printed().to_owned()
}

/// It is shown to the model, which is told what to ask, or that there is nothing to begin.
pub(crate) fn shown(session: &Session, arguments: &str) -> String {
    let asked = typed(session, arguments);
    assert_eq!(asked.count(), 1, "{arguments}: {}", asked.printed());
    asked.all_text()
}

/// All of the project's files but git's own, and those of Beads.
pub(crate) fn files(session: &Session) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![session.project()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if path.ends_with(".git") || path.ends_with(".beads") => {}
                true => folders.push(path),
                false => found.push((path.clone(), fs::read(&path).expect("a file"))),
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn state(session: &Session, track: &str) -> Value {
    let path = session
        .project()
        .join("conductor/tracks")
        .join(track)
        .join("parallel_state.json");
    serde_json::from_slice(&fs::read(path).expect("the state file")).expect("JSON")
}

/// Each worker with its state.
pub(crate) fn workers(session: &Session) -> Vec<String> {
    let state = state(session, TRACK);
    let workers = state["workers"].as_array().expect("workers").iter();
    let text = |worker: &Value, name: &str| worker[name].as_str().expect("text").to_owned();
    workers
        .map(|worker| format!("{} {}", text(worker, "worker_id"), text(worker, "status")))
        .collect()
}

pub(crate) fn dispatch(arguments: &str) -> Value {
    bash(&format!("conductor dispatch {TRACK} {arguments} --format claude"))
}

/// The person agrees to a plan of a track, and it is begun: what came of the turns that follow.
fn begin(session: &Session, arguments: &[&str], yes: &str, then: &[Value]) -> Asked {
    let digest = digest_of(session, &[arguments, &["--dry-run"]].concat());
    let line = arguments.join(" ");
    let apply = bash(&format!("conductor dispatch {line} --apply {digest} --format claude"));
    let answers = [&[question_of(arguments[0], &digest, yes), apply], then, &[done()]].concat();
    session.with_person("manual", &format!("/conductor-dispatch {line}"), [yes], &answers)
}

pub(crate) fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[test]
fn of_several_tracks_that_are_begun_the_person_says_which() {
    let Some(session) = session() else { return };
    let said = blocked(&session, "");
    contains(
        &said,
        &[
            "several tracks are begun: which one?",
            "A) checkout_20260302: checkout_20260302",
            "B) search_20260309: search_20260309",
        ],
    );
    contains(&shown(&session, CHECKOUT), &["for `checkout_20260302`"]);
    // The example has workers at work there: that is the next choice.
    let search = typed(&session, "search_20260309");
    assert_eq!(search.count(), 0);
    contains(
        search.printed(),
        &[
            "what worker_2_results, worker_3_misses was to do is not open in the plan any more",
            "A) Give them up: search_20260309 --lost=worker_2_results,worker_3_misses",
        ],
    );
}

#[test]
fn a_track_that_waits_for_another_is_begun_all_the_same_or_the_other_is() {
    let Some(session) = session() else { return };
    let said = blocked(&session, "gift");
    contains(
        &said,
        &[
            "`gift-cards_20260318` waits for checkout_20260302",
            "A) Begin it all the same: gift-cards_20260318 --anyway",
            "B) Go on with the other: checkout_20260302",
        ],
    );
    contains(&shown(&session, CHECKOUT), &["for `checkout_20260302`"]);

    let asked = begin(&session, &[GIFT_CARDS, "--anyway"], "Start 1 agent", &[]);
    contains(
        &asked.all_text(),
        &["Start exactly 1 sub-agent (Agent tool) for `gift-cards_20260318`"],
    );
    assert_eq!(state(&session, GIFT_CARDS)["total_workers"], 1);
    let registry = fs::read_to_string(session.project().join("conductor/tracks.md")).expect("the registry");
    contains(&registry, &["- [~] **Track: Gift cards**"]);
}

#[test]
fn workers_of_another_session_are_kept_or_given_up() {
    let Some(session) = session() else { return };
    begin(&session, &[TRACK], YES, &[]);
    // Where it can't be known whether that session is over, as on another machine. (Where it is, nobody is asked: `dispatch`.)
    fs::remove_file(session.home().join(".local/state/conductor/sessions.json")).expect("it was there");
    let said = blocked(&session, TRACK);
    contains(
        &said,
        &[
            "worker_1_count, worker_2_count of another Claude session may not report any more",
            "A) Give them up: pairings_20260316 --lost=worker_1_count,worker_2_count",
            "B) They are still at work: pairings_20260316 --keep",
        ],
    );
    let before = files(&session);
    let kept = shown(&session, &format!("{TRACK} --keep"));
    contains(
        &kept,
        &[
            "Nothing to start for",
            "at work: `worker_1_count`",
            "(of another session)",
        ],
    );
    assert!(files(&session) == before, "a file was changed");

    let given_up = shown(&session, &format!("{TRACK} --lost=worker_1_count,worker_2_count"));
    contains(
        &given_up,
        &[
            "worker_1_count was given up: its commits, if any, stay",
            "then ask with AskUserQuestion",
        ],
    );
    assert_eq!(
        workers(&session),
        ["worker_1_count timed_out", "worker_2_count timed_out"]
    );
}

/// In one session, since a worker of another one is asked about at once.
#[test]
fn workers_that_say_nothing_for_an_hour_are_kept_or_given_up() {
    let Some(session) = session() else { return };
    let file = format!("conductor/tracks/{TRACK}/parallel_state.json");
    let then = [
        bash(&format!(
            "sed -i 's/\"started_at\": \"[^\"]*\"/\"started_at\": \"2026-01-01T00:00:00Z\"/' {file}; cp {file} .git/before"
        )),
        dispatch(""),
        dispatch("--keep"),
        bash(&format!("cmp {file} .git/before && echo as before")),
        dispatch("--lost=worker_1_count,worker_2_count"),
    ];
    let asked = begin(&session, &[TRACK], YES, &then);
    let results = asked.results();
    let [_, _, _, silent, kept, same, given_up] = results.as_slice() else {
        panic!("{results:#?}")
    };
    contains(
        silent.as_ref().expect("it is shown"),
        &[
            "worker_1_count, worker_2_count said nothing for an hour",
            "Give them up",
            "They are still at work",
        ],
    );
    contains(
        kept.as_ref().expect("it goes"),
        &["Nothing to start for", "at work: `worker_1_count`"],
    );
    contains(same.as_ref().expect("the same"), &["as before"]);
    contains(
        given_up.as_ref().expect("it goes"),
        &["worker_1_count was given up", "Dispatch plan"],
    );
    assert_eq!(
        workers(&session),
        ["worker_1_count timed_out", "worker_2_count timed_out"]
    );
}

#[test]
fn where_beads_are_asked_for_and_not_there_one_goes_on_without_or_makes_them() {
    let Some(session) = session() else { return };
    let typed = format!("{TRACK} --mode native-beads");
    let said = blocked(&session, &typed);
    contains(
        &said,
        &[
            "this project has no database of Beads",
            "A) Make one (`bd init`): pairings_20260316 --mode=native-beads --init-beads",
            "B) Go on without Beads: pairings_20260316 --mode=native-task",
        ],
    );
    assert!(!session.project().join(".beads").exists());
    let before = files(&session);
    let without = shown(&session, &format!("{TRACK} --mode=native-task"));
    contains(
        &without,
        &["sub-agents of this session.", "then ask with AskUserQuestion"],
    );
    assert!(files(&session) == before, "a file was changed");

    let Some(bd) = bd::find() else { return };
    allow_bd(&session, &bd);
    let with = shown(&session, &format!("{TRACK} --mode=native-beads --init-beads"));
    contains(
        &with,
        &[
            "sub-agents of this session, with Beads.",
            "then ask with AskUserQuestion",
        ],
    );
    assert!(session.project().join(".beads/metadata.json").exists());
    let mut after = files(&session);
    // This one may stay, as the choice says.
    after.retain(|(path, _)| !path.ends_with("project/.gitignore"));
    assert!(after == before, "nothing but .beads");
    let log = git::git(&session.project(), &session.home(), &["log", "--oneline"]);
    assert_eq!(log.lines().count(), 1, "no commit: {log}");
}

#[test]
fn a_track_that_is_not_there_or_could_be_several_is_told_with_those_that_are_near() {
    let Some(session) = session() else { return };
    contains(
        &blocked(&session, "parings"),
        &["no track matches `parings`", "did you mean `pairings_20260316`?"],
    );
    contains(
        &blocked(&session, "nothing-like-it"),
        &["`conductor status --all` shows every track"],
    );
    contains(
        &blocked(&session, "_202603"),
        &[
            "`_202603` fits 4 tracks",
            "pairings_20260316   Teas that go together",
            "checkout_20260302   Checkout with saved addresses",
            "type more of the id, or all of it",
        ],
    );
}

#[test]
fn a_plan_that_cannot_be_read_begins_nothing() {
    let Some(session) = session() else { return };
    let path = session.project().join("conductor/tracks").join(TRACK).join("plan.md");
    let whole = plan(&session);
    let told = [
        "`pairings_20260316` has no plan.md that can be read",
        "`conductor status --diagnostics` says what is wrong",
    ];
    // More than is read of a file.
    fs::write(&path, format!("{whole}\n{}", "x".repeat(1 << 20))).expect("written");
    contains(&blocked(&session, TRACK), &told);
    fs::remove_file(&path).expect("our own copy");
    contains(&blocked(&session, TRACK), &told);
}
