//! What the manifest declares is what the libraries call, word for word.

use conductor_beads::{Call, writes};
use conductor_dispatch::town::{base, begin, merged, ready};
use conductor_dispatch::{commits, worktrees};
use conductor_gastown::{convoy, polecat, reads as gastown, repository, rig_beads, rigs, sling};
use conductor_migrate::git;
use serde_json::{Value, json};

fn reads() -> Vec<Call> {
    vec![
        git::BRANCHES,
        git::WORKTREES,
        git::AHEAD,
        git::UNCOMMITTED,
        git::UNCOMMITTED_HERE,
        git::WITHIN,
        commits::COMMIT,
        commits::SUBJECTS,
        worktrees::IS_MERGED,
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
        git::PUSH,
        writes::CLOSE,
        base::KEEP,
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
        sling::FROM_BRANCH,
        polecat::HEARTBEAT,
        polecat::NUKE,
        polecat::RELEASE,
        repository::DELETE_BRANCH,
        repository::RESCUE,
        rig_beads::KEEP,
        rigs::ESCALATE,
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
