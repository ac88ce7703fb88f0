//! The sentences about Beads and Gas Town that terminal and Markdown share.

use crate::live::report::{
    BeadLine, Beads, Elsewhere, EpicLine, EscalationLine, Gastown, SharedFile, TrackGastown, Trouble, WaitsLine,
    WorkLine,
};
use conductor_common::count;
use conductor_common::width::{one_line, shortened};

/// The heading of the part about the project's own beads.
pub(crate) const BEADS: &str = "### Beads Status";
/// The heading of the part about a track in Gas Town.
pub(crate) const GASTOWN: &str = "### Gastown Status";
/// How many beads of each kind are named.
pub(crate) const MOST: usize = 5;
/// The most columns of a title or a subject within a sentence.
const TITLE: usize = 60;
/// The most columns of an answer: it is a mail.
const ANSWER: usize = 200;

/// `4 ready, 1 in progress, 2 blocked, 3 epics open`, as far as it is known.
pub(crate) fn beads(beads: &Beads) -> String {
    let lines = [
        (&beads.ready, "ready"),
        (&beads.in_progress, "in progress"),
        (&beads.blocked, "blocked"),
    ];
    let known = lines
        .into_iter()
        .filter_map(|(lines, word)| Some((lines.as_ref()?.len(), word)));
    let mut words: Vec<String> = known.map(|(number, word)| format!("{number} {word}")).collect();
    words.extend(
        beads
            .epics
            .as_ref()
            .map(|epics| format!("{} open", count(epics.len(), "epic"))),
    );
    words.join(", ")
}

/// Beads of one kind.
pub(crate) struct BeadList<'b> {
    /// What they are.
    pub(crate) label: &'static str,
    /// All of them.
    pub(crate) beads: &'b [BeadLine],
    /// What stands behind one.
    pub(crate) behind: fn(&BeadLine) -> String,
    /// The command that has them all.
    pub(crate) command: &'static str,
}

/// The lists of beads, those that are not known as empty ones.
pub(crate) fn bead_lists(beads: &Beads) -> [BeadList<'_>; 3] {
    let (ready, in_progress, blocked) = (&beads.ready, &beads.in_progress, &beads.blocked);
    [
        BeadList {
            label: "Ready",
            beads: ready.as_deref().unwrap_or_default(),
            behind: priority,
            command: "bd ready",
        },
        BeadList {
            label: "In progress",
            beads: in_progress.as_deref().unwrap_or_default(),
            behind: assignee,
            command: "bd list --status in_progress,hooked",
        },
        BeadList {
            label: "Blocked",
            beads: blocked.as_deref().unwrap_or_default(),
            behind: waits_for,
            command: "bd blocked",
        },
    ]
}

fn priority(bead: &BeadLine) -> String {
    bead.priority
        .map_or_else(String::new, |priority| format!("P{priority}"))
}

fn assignee(bead: &BeadLine) -> String {
    one_line(bead.assignee.as_deref().unwrap_or("nobody named")).into_owned()
}

fn waits_for(bead: &BeadLine) -> String {
    match bead.waits_for.as_slice() {
        [] => "marked as blocked".to_owned(),
        on => format!("waits for {}", one_line(&on.join(", "))),
    }
}

/// `2 of 5`.
pub(crate) fn epic(epic: &EpicLine) -> String {
    format!("{} of {}", epic.done, epic.total)
}

/// `and 7 more: ` before the command that shows them; nothing when all were named.
pub(crate) fn more(total: usize) -> Option<String> {
    (total > MOST).then(|| format!("and {} more: ", total - MOST))
}

/// What is not known and why, with what to do.
pub(crate) fn trouble(trouble: &Trouble) -> String {
    let message = one_line(&trouble.message);
    match trouble.hint {
        Some(hint) => format!("{message} ({hint})"),
        None => message.into_owned(),
    }
}

/// The lines of a track in Gas Town: label and sentence.
pub(crate) fn gastown(track: &TrackGastown, town: &Gastown) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let known = track.work.is_some();
    lines.extend(track.convoy.as_ref().map(|_| ("Convoy", convoy(track))));
    if known {
        lines.push(("Polecats", polecats(track, town)));
        lines.push(("Refinery", refinery(track, town)));
    }
    for (index, trouble) in town.troubles.iter().enumerate() {
        let is_told = town.troubles[..index]
            .iter()
            .any(|told| told.message == trouble.message);
        let is_in_a_line = known && trouble.about == "sessions";
        if !is_told && !is_in_a_line {
            lines.push((about(trouble), self::trouble(trouble)));
        }
    }
    lines
}

fn about(trouble: &Trouble) -> &'static str {
    match trouble.about {
        "rig" => "Rig",
        "work" => "Work",
        "sessions" => "Polecats",
        "convoy" => "Convoy",
        "files" => "Conflict",
        "rigs" => "Other rigs",
        "mail" => "Mail",
        _ => "Town",
    }
}

fn convoy(track: &TrackGastown) -> String {
    let Some(convoy) = &track.convoy else {
        return String::new();
    };
    let id = one_line(&convoy.id);
    let status = convoy.status.as_deref().filter(|status| !status.is_empty());
    let status = status.map_or_else(String::new, |status| {
        format!(", {}", one_line(&status.replace('_', " ")))
    });
    match track.work {
        Some(_) => format!("{id}{status} ({}, computed from beads)", merged(track)),
        None => format!("{id}{status}"),
    }
}

/// `2 of 38 tasks merged`.
fn merged(track: &TrackGastown) -> String {
    format!("{} of {} merged", track.merged, count(track.total, "task"))
}

fn polecats(track: &TrackGastown, town: &Gastown) -> String {
    let sessions = town.troubles.iter().find(|trouble| trouble.about == "sessions");
    let active = if sessions.is_some() { "at work" } else { "active" };
    let mut words = format!("{} {active}, {} completed", track.active, track.completed);
    for (state, word) in [
        ("scheduled", "scheduled"),
        ("stalled", "stalled"),
        ("deferred", "put off"),
        ("escalated", "escalated"),
    ] {
        let number = in_state(track, state).count();
        if number > 0 {
            words += &format!(", {number} {word}");
        }
    }
    if let Some(trouble) = sessions {
        words += &format!("; whether they run is not known: {}", self::trouble(trouble));
    }
    words
}

fn refinery(track: &TrackGastown, town: &Gastown) -> String {
    let mut words = format!("{} queued", count(track.queued, "PR"));
    if track.conflicts > 0 {
        let files: Vec<&str> = in_state(track, "conflict")
            .flat_map(|line| &line.files)
            .map(|file| file.path.as_str())
            .collect();
        let files = if files.is_empty() {
            String::new()
        } else {
            format!(" ({})", one_line(&files.join(", ")))
        };
        words += &format!(", {} in conflict{files}", track.conflicts);
    }
    let rejected = in_state(track, "rejected").count();
    if rejected > 0 {
        words += &format!(", {rejected} turned down");
    }
    if town.refinery_running == Some(false) {
        words += ", not running";
    }
    words
}

fn in_state<'t>(track: &'t TrackGastown, state: &'static str) -> impl Iterator<Item = &'t WorkLine> {
    track.work.iter().flatten().filter(move |line| line.state == state)
}

/// The pieces of work that are named: label, and what stands behind the bead and its title.
pub(crate) fn named(track: &TrackGastown) -> Vec<(&'static str, &WorkLine, String)> {
    let worker = |line: &WorkLine| one_line(line.worker.as_deref().unwrap_or("nobody named")).into_owned();
    let mut named = Vec::new();
    for line in track.work.iter().flatten() {
        let (label, words) = match line.state {
            "working" => ("Active", worker(line)),
            "stalled" => ("Stalled", format!("{} has no session", worker(line))),
            "deferred" => ("Put off", format!("by {}", worker(line))),
            "submitted" => ("Queued", worker(line)),
            "conflict" => ("Conflict", files(&line.files, &worker(line))),
            "rejected" => (
                "Turned down",
                one_line(line.reason.as_deref().unwrap_or_default()).into_owned(),
            ),
            "escalated" => ("Escalated", escalated(line, &worker(line))),
            "open" if !line.waits_for.is_empty() => (
                "Other rigs",
                line.waits_for.iter().map(waits).collect::<Vec<_>>().join(", "),
            ),
            _ => continue,
        };
        named.push((label, line, words));
    }
    named
}

/// `closed by jade without a merge request; mayor/: use the second API`.
fn escalated(line: &WorkLine, worker: &str) -> String {
    let what = match &line.escalation {
        Some(EscalationLine {
            answer: Some(answer), ..
        }) => answered(answer),
        Some(asked) => format!("; the Mayor was asked ({}, {})", one_line(&asked.id), asked.status),
        None => String::new(),
    };
    format!("closed by {worker} without a merge request{what}")
}

fn answered(answer: &str) -> String {
    format!("; {}", shortened(&one_line(answer), ANSWER))
}

/// `waits for ot-ze9 of the rig other, "API", open`.
fn waits(on: &WaitsLine) -> String {
    let place = match on.rig.as_deref() {
        Some("hq") => " of the town".to_owned(),
        Some(rig) => format!(" of the rig {}", one_line(rig)),
        None => String::new(),
    };
    let title = on.title.as_deref().map_or_else(String::new, |title| {
        format!(", \"{}\"", shortened(&one_line(title), TITLE))
    });
    let status = on.status.as_deref().unwrap_or("not to be seen").replace('_', " ");
    let status = one_line(&status);
    format!("waits for {}{place}{title}, {status}", one_line(&on.bead))
}

/// `src/a.ts (jade and opal), src/b.ts (jade and ruby)`; the worker where no file is known.
fn files(files: &[SharedFile], worker: &str) -> String {
    let file = |file: &SharedFile| format!("{} ({})", one_line(&file.path), one_line(&file.workers.join(" and ")));
    match files {
        [] => worker.to_owned(),
        files => files.iter().map(file).collect::<Vec<_>>().join(", "),
    }
}

/// Something that waits for the person in a tool: its track, what it is, and its bead or what to type.
pub(crate) fn elsewhere(elsewhere: &Elsewhere) -> (String, String, String) {
    let (track, words, bead) = match elsewhere {
        Elsewhere::Gate { track, phase, bead, .. } => {
            let phase = phase
                .as_ref()
                .map_or_else(String::new, |phase| format!("phase {} ", one_line(phase)));
            let track = track.as_deref().unwrap_or("Beads");
            (track, format!("{phase}verification, nothing holds it back"), bead)
        }
        Elsewhere::Conflict { track, bead, files, .. } => {
            let names = self::files(files, "");
            let colon = if names.is_empty() { "" } else { ": " };
            (track.as_str(), format!("merge conflict{colon}{names}"), bead)
        }
        Elsewhere::Escalated {
            track,
            bead,
            worker,
            answer,
            ..
        } => {
            let by = worker
                .as_ref()
                .map_or_else(String::new, |worker| format!(" by {}", one_line(worker)));
            (
                track.as_str(),
                format!(
                    "escalated: closed{by} without a merge request{}",
                    answer.as_deref().map_or_else(String::new, answered)
                ),
                bead,
            )
        }
        Elsewhere::CrossRig { track, bead, on, .. } => (track.as_str(), waits(on), bead),
        Elsewhere::Rejected {
            track, bead, reason, ..
        } => (track.as_str(), format!("turned down: {}", one_line(reason)), bead),
        Elsewhere::Mail { unread, newest } => {
            let from = if newest.from.is_empty() {
                "somebody"
            } else {
                &newest.from
            };
            let words = format!(
                "{} not read, the newest from {}: \"{}\"",
                count(*unread, "message"),
                one_line(from),
                shortened(&one_line(&newest.subject), TITLE)
            );
            return ("Gas Town".to_owned(), words, "gt mail inbox".to_owned());
        }
    };
    (one_line(track).into_owned(), words, one_line(bead).into_owned())
}
