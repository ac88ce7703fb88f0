//! The words that registries and JSON files use for where a track or a worker stands.

use crate::list::checkbox;
use crate::marker::State;

/// What a status word says; case, spaces, `-` and `_` don't matter. `None` for a word that is not known.
pub fn state(word: &str) -> Option<State> {
    let word: String = word
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    // `running-green` and the like are of workers.
    if word.starts_with("running") {
        return Some(State::InProgress);
    }
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
        | "working" => State::InProgress,
        "done" | "complete" | "completed" | "archived" | "finished" | "merged" | "shipped" | "closed"
        | "implemented" => State::Done,
        "blocked" | "onhold" | "paused" | "stalled" | "failed" | "timedout" => State::Blocked,
        "cancelled" | "canceled" | "abandoned" | "removed" | "superseded" | "skipped" | "deferred" | "dropped"
        | "wontdo" => State::Removed,
        _ => return None,
    })
}

/// What a status in words says: a box, a sign such as `✅`, a known word, or a phrase that begins with one: `Blocked by
/// ops`, `🟡 In progress (80 %)`, `Completed 2026-01-01`. `None` where it is not known, or where a later word says another
/// state or takes back the first (`Ready for review`, `Done except the docs`).
pub fn phrase(said: &str) -> Option<State> {
    if let Some(found) = checkbox(said.as_bytes()) {
        return Some(found.marker_at(0).state());
    }
    if !said.contains(char::is_alphanumeric) {
        return said.contains(DONE_SIGNS).then_some(State::Done);
    }
    let end = ["(", " — ", " – ", " - ", ";", ",", ":", ". "]
        .iter()
        .filter_map(|sign| said.find(sign))
        .min()
        .unwrap_or(said.len());
    state(&said[..end]).or_else(|| begins(&said[..end]))
}

/// Signs that say done where they stand alone.
pub(crate) const DONE_SIGNS: [char; 5] = ['✅', '✔', '☑', '✓', '🎉'];

/// The state that the first words say, when no later word says another one.
fn begins(said: &str) -> Option<State> {
    let words: Vec<&str> = said
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(12)
        .collect();
    let (length, found) = (1..=words.len().min(3))
        .rev()
        .find_map(|length| Some((length, state(&words[..length].concat())?)))?;
    const TAKES_BACK: [&str; 6] = ["not", "except", "but", "almost", "partially", "mostly"];
    let later = &words[length..];
    let differs = |word: &&str| {
        TAKES_BACK.iter().any(|back| word.eq_ignore_ascii_case(back)) || state(word).is_some_and(|other| other != found)
    };
    (!later.iter().any(differs)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, wanted) in [
            ("Not started", Some(State::Pending)),
            ("running-green", Some(State::InProgress)),
            ("running", Some(State::InProgress)),
            ("on_hold", Some(State::Blocked)),
            ("green", None),
        ] {
            assert_eq!(state(word), wanted, "{word}");
        }
    }

    #[test]
    fn phrases() {
        for (said, wanted) in [
            ("✅", Some(State::Done)),
            ("✔\u{fe0f}", Some(State::Done)),
            ("☑", Some(State::Done)),
            ("🟢 done", Some(State::Done)),
            ("🟡 Active", Some(State::InProgress)),
            ("✅ COMPLETE (21 tests passing)", Some(State::Done)),
            ("[~]", Some(State::InProgress)),
            ("Blocked by ops", Some(State::Blocked)),
            ("Blocked: no key", Some(State::Blocked)),
            ("In progress (80%)", Some(State::InProgress)),
            ("In progress 80%", Some(State::InProgress)),
            ("Completed 2026-01-01", Some(State::Done)),
            ("Superseded by b_20260101", Some(State::Removed)),
            ("Not started yet", Some(State::Pending)),
            ("🚧", None),
            ("🟢", None),
            ("❌", None),
            ("Mostly complete", None),
            ("Ready for review", None),
            ("Complete rewrite pending", None),
            ("Done except the docs", None),
            ("", None),
        ] {
            assert_eq!(phrase(said), wanted, "{said}");
        }
    }
}
