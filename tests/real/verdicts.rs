//! What becomes of work, in the real Claude Code client: the person verifies a phase or does not find it right, and a worker that has
//! failed is begun again only when they say so.

use std::fs;

use serde_json::json;

use crate::choices::{YES, contains, dispatch, files, shown, state, workers};
use crate::client::Session;
use crate::dispatch::{TRACK, digest_of, plan, question_of, session};
use crate::{done, git};

/// A plan whose first phase waits for its verification only.
fn with_a_verification_due() -> Option<Session> {
    let session = session()?;
    let path = session.project().join("conductor/tracks").join(TRACK).join("plan.md");
    let mut text = plan(&session);
    for task in ["Task 1: Count", "Task 2: Count", "Task 3: Leave"] {
        text = text.replace(&format!("- [ ] {task}"), &format!("- [x] {task}"));
    }
    fs::write(path, text).expect("written");
    git::git(
        &session.project(),
        &session.home(),
        &["commit", "--quiet", "--all", "--message", "the first three"],
    );
    Some(session)
}

#[test]
fn a_verification_that_is_due_is_passed() {
    let Some(session) = with_a_verification_due() else {
        return;
    };
    let head = git::git(&session.project(), &session.home(), &["rev-parse", "HEAD"]);
    let before = files(&session);
    contains(
        &shown(&session, TRACK),
        &[
            "Nothing to start for",
            "**the user verifies** phase 1",
            "only when they say so",
        ],
    );
    assert!(files(&session) == before, "a file was changed");

    let answers = [dispatch("--pass 1"), done()];
    let asked = session.with_person("manual", &format!("/conductor-dispatch {TRACK}"), None, &answers);
    let results = asked.results();
    contains(
        results[0].as_ref().expect("it goes"),
        &["[ ] -> [x]", "Dispatch plan", "Start 1 agent"],
    );
    let plan = plan(&session);
    contains(
        &plan,
        &[
            "- [x] Task: Conductor - User Manual Verification 'Signals'",
            &format!("## Phase 1: Signals [checkpoint: {}]", &head[..7]),
            "- [ ] Task 1: Nightly job",
        ],
    );
}

#[test]
fn a_verification_that_is_rejected_becomes_a_task_that_is_begun() {
    let Some(session) = with_a_verification_due() else {
        return;
    };
    let reject = "--reject 1 --reason 'Cancelled orders are counted'";
    // The same without the client, to know the plan that it comes to.
    let digest = digest_of(
        &session,
        &[TRACK, "--reject", "1", "--reason", "Cancelled orders are counted"],
    );
    git::git(
        &session.project(),
        &session.home(),
        &["checkout", "--quiet", "--", "conductor"],
    );

    let yes = "Start 1 agent";
    let answers = [
        dispatch(reject),
        question_of(TRACK, &digest, yes),
        dispatch(&format!("--apply {digest}")),
        done(),
    ];
    let asked = session.with_person("manual", &format!("/conductor-dispatch {TRACK}"), [yes], &answers);
    let results = asked.results();
    contains(
        results[0].as_ref().expect("it goes"),
        &["Fix: Cancelled orders are counted", "Start 1 agent"],
    );
    contains(results[2].as_ref().expect("it goes"), &["Start exactly 1 sub-agent"]);
    let plan = plan(&session);
    let task = plan.find("- [~] Task 4: Fix: Cancelled orders are counted\n");
    let gate = plan.find("- [ ] Task: Conductor - User Manual Verification 'Signals'");
    assert!(task.is_some() && task < gate, "{plan}");
}

#[test]
fn a_worker_that_has_failed_is_begun_again_when_the_person_says_so() {
    let Some(session) = session() else { return };
    let first = digest_of(&session, &[TRACK, "--dry-run"]);
    let again = digest_of(&session, &[TRACK, "--task", "1.1", "--dry-run"]);
    let one = "Start 1 agent";
    let answers = [
        question_of(TRACK, &first, YES),
        dispatch(&format!("--apply {first}")),
        dispatch("--report worker_1_count=failed --reason 'there is no table of orders'"),
        dispatch(&format!("--apply {again}")),
        question_of(TRACK, &again, one),
        dispatch(&format!("--apply {again}")),
        done(),
    ];
    let asked = session.with_person("manual", &format!("/conductor-dispatch {TRACK}"), [YES, one], &answers);
    let results = asked.results();
    contains(
        results[2].as_ref().expect("it goes"),
        &["worker_1_count failed: there is no table of orders", "Start 1 agent"],
    );
    contains(results[3].as_ref().expect("it says why"), &["has not agreed to plan"]);
    contains(results[5].as_ref().expect("it goes"), &["---- worker_3_count"]);
    assert_eq!(
        workers(&session),
        [
            "worker_1_count failed",
            "worker_2_count in_progress",
            "worker_3_count in_progress"
        ]
    );
    assert_eq!(
        state(&session, TRACK)["workers"][0]["reason"],
        json!("there is no table of orders")
    );
    contains(&plan(&session), &["- [~] Task 1: Count"]);
}
