//! What the manifest declares is what the libraries call, word for word.

use conductor_beads::{Call, reads, writes};
use conductor_dispatch::{commits, worktrees};
use serde_json::{Value, json};

const READS: [Call; 8] = [
    commits::COMMIT,
    commits::HEAD,
    commits::SUBJECTS,
    commits::DIFFERENT,
    worktrees::IS_MERGED,
    reads::WHERE,
    reads::OF_TRACK,
    reads::BY_ID,
];

const WRITES: [Call; 13] = [
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
];

#[test]
fn it_declares_what_the_libraries_call() {
    let manifest: Value = serde_json::from_str(include_str!("../plugin.json")).expect("it is JSON");
    let commands = manifest["commands"].as_object().expect("commands");
    assert_eq!(commands.len(), READS.len() + WRITES.len());
    let calls = READS
        .iter()
        .map(|call| (call, "read"))
        .chain(WRITES.iter().map(|call| (call, "write")));
    for (call, effect) in calls {
        let command = &commands[call.name];
        assert_eq!(command["argv"], json!(call.argv), "{}", call.name);
        assert_eq!(command["cwd"], call.cwd, "{}", call.name);
        assert_eq!(command["timeout_ms"], call.timeout_ms, "{}", call.name);
        assert_eq!(command["effect"], effect, "{}", call.name);
    }
}
