//! What the manifest declares is what the libraries call, word for word.

use conductor_beads::{Call, reads, writes};
use conductor_dispatch::town::{begin, merged, ready};
use conductor_dispatch::{commits, worktrees};
use conductor_gastown::{convoy, polecat, reads as gastown, repository, rig_beads, rigs, scratch, sling};
use serde_json::{Value, json};

fn reads() -> Vec<Call> {
    vec![
        commits::COMMIT,
        commits::HEAD,
        commits::SUBJECTS,
        commits::DIFFERENT,
        worktrees::IS_MERGED,
        worktrees::IS_WHOLE,
        reads::WHERE,
        reads::OF_TRACK,
        reads::BY_ID,
        gastown::REMOTES,
        gastown::STATUS,
        gastown::WORK,
        rig_beads::PREFIX,
        gastown::NOTICES,
        rig_beads::OF_TRACK,
        convoy::LIST,
        repository::WORKTREES,
        repository::REMOTE_TIP,
        repository::IS_ON_TARGET,
        repository::SINCE,
        repository::REFLOG,
        gastown::CHANGES,
        scratch::KEPT,
        scratch::STATUS,
        scratch::STOPPED,
        scratch::COMMITS,
        merged::SUBJECTS,
        merged::NAMING,
        polecat::GIT_STATE,
        ready::TMUX,
        ready::IGNORES,
        ready::TRACKED,
        ready::TARGET,
        ready::TIP,
        ready::TREE,
        ready::BLOB,
        ready::HASHES,
    ]
}

fn writes() -> Vec<Call> {
    vec![
        commits::ADD,
        commits::COMMIT_FILES,
        worktrees::ADD,
        worktrees::AGAIN,
        worktrees::REMOVE,
        worktrees::FORGET,
        worktrees::TRY,
        worktrees::MERGE,
        writes::CREATE,
        writes::STATUS,
        writes::NAME,
        writes::CLOSE,
        writes::INIT,
        rig_beads::CREATE,
        rig_beads::CLOSE,
        rig_beads::REOPEN,
        begin::DESCRIBE,
        polecat::NUDGE,
        convoy::STAGE,
        convoy::ADD,
        convoy::WATCH,
        convoy::CLOSE,
        sling::TO_RIG,
        sling::WITH_FORMULA,
        sling::FROM_BRANCH,
        sling::TO_CREW,
        polecat::HEARTBEAT,
        polecat::NUKE,
        polecat::RELEASE,
        repository::DELETE_BRANCH,
        repository::RESCUE,
        scratch::ADD,
        scratch::KEEP,
        scratch::REBASE,
        scratch::PUSH,
        scratch::REMOVE,
        scratch::FORGET,
        rig_beads::KEEP,
        convoy::LAUNCH,
        rigs::START_CREW,
        rigs::ESCALATE,
        rigs::POST_MERGE,
        rigs::START_REFINERY,
        rigs::INIT_DATABASE,
        ready::FETCH,
    ]
}

/// Reads that a status has less patience with.
const PATIENT: [&str; 4] = ["remotes", "town-status", "town-beads", "rig-work"];

#[test]
fn it_declares_what_the_libraries_call() {
    let manifest: Value = serde_json::from_str(include_str!("../plugin.json")).expect("it is JSON");
    let commands = manifest["commands"].as_object().expect("commands");
    let (reads, writes) = (reads(), writes());
    assert_eq!(commands.len(), reads.len() + writes.len());
    let calls = reads
        .iter()
        .map(|call| (call, "read"))
        .chain(writes.iter().map(|call| (call, "write")));
    for (call, effect) in calls {
        let command = &commands[call.name];
        assert_eq!(command["argv"], json!(call.argv), "{}", call.name);
        assert_eq!(command["cwd"], call.cwd, "{}", call.name);
        let timeout_ms = if PATIENT.contains(&call.name) {
            20_000
        } else {
            call.timeout_ms
        };
        assert_eq!(command["timeout_ms"], timeout_ms, "{}", call.name);
        assert_eq!(command["effect"], effect, "{}", call.name);
    }
}
