//! What the manifest declares is what the libraries call, word for word.

use conductor_beads::testing::declares;
use conductor_beads::{Call, writes};
use conductor_dispatch::patience::PATIENCE;
use conductor_dispatch::town::{base, begin, merged, ready};
use conductor_dispatch::{commits, worktrees};
use conductor_gastown::{convoy, cross_rig, polecat, reads as gastown, repository, rig_beads, rigs, sling};
use conductor_migrate::git;

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
        cross_rig::IN_RIG,
        cross_rig::IN_TOWN,
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
        ready::UNPUSHED,
        rigs::LIST,
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
        base::KEEP_ALSO,
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
        rig_beads::NOTE,
        rigs::ESCALATE,
        rigs::START_REFINERY,
        rigs::ADD,
        rigs::INIT_DATABASE,
        ready::FETCH,
    ]
}

#[test]
fn it_declares_what_the_libraries_call() {
    declares(include_str!("../plugin.json"), &reads(), &writes(), &PATIENCE);
}
