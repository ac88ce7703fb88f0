//! The words that registries and JSON files use for where a track or a worker stands.

use crate::marker::State;

/// What a status word says; case, spaces, `-` and `_` don't matter. `None` for a word that is not known.
pub fn state(word: &str) -> Option<State> {
    let word: String = word
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    Some(match word.as_str() {
        "new" | "pending" | "planned" | "notstarted" | "todo" | "open" | "ready" | "draft" | "proposed" | "backlog"
        | "queued" => State::Pending,
        "inprogress"
        | "active"
        | "started"
        | "starting"
        | "wip"
        | "doing"
        | "ongoing"
        | "waitingverification"
        | "review"
        | "inreview"
        | "handedoff"
        | "working"
        | "running" => State::InProgress,
        "done" | "complete" | "completed" | "archived" | "finished" | "merged" | "shipped" | "closed"
        | "implemented" => State::Done,
        "blocked" | "onhold" | "paused" | "stalled" | "failed" | "timedout" => State::Blocked,
        "cancelled" | "canceled" | "abandoned" | "removed" | "superseded" | "skipped" | "deferred" | "dropped"
        | "wontdo" => State::Removed,
        _ => return None,
    })
}
