//! What the manifest declares is what the libraries call, word for word.

use conductor_beads::testing::declares;
use conductor_beads::{Call, reads, writes};
use conductor_dispatch::patience::PATIENCE;
use conductor_dispatch::town::{begin, merged, ready};
use conductor_dispatch::{commits, worktrees};
use conductor_gastown::{convoy, cross_rig, polecat, reads as gastown, repository, rig_beads, rigs, scratch, sling};

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
        cross_rig::IN_RIG,
        cross_rig::IN_TOWN,
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
        rig_beads::NOTE,
        convoy::LAUNCH,
        rigs::START_CREW,
        rigs::ESCALATE,
        rigs::POST_MERGE,
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
