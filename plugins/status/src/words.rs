//! The sentences that terminal and Markdown share, so that both say the same in the same words.

use crate::report::{
    Action, Boxes, Check, Finding, PhaseName, PhaseStatus, Report, Status, TaskStatus, Tasks, Totals, TrackStatus,
    Waiting, WorkerStatus,
};
use crate::width::one_line;

/// Where a sentence goes: each form writes ids, places and commands in its own way.
pub(crate) trait Phrase {
    /// What stands behind a phase of which only the person's verification is left.
    const VERIFICATION: &'static str;
    /// What stands before something that only the person can do.
    const ASK: &'static str;

    /// Words of ours.
    fn words(&mut self, words: &str);
    /// A track's id.
    fn id(&mut self, id: &str);
    /// Words that may hold some of a file's: a phase's name, a task's number.
    fn name(&mut self, name: &str);
    /// Lines of a file.
    fn place(&mut self, file: &str, lines: &str);
    /// Something to type.
    fn command(&mut self, command: &str);
}

/// `15`, or `55-62`.
pub(crate) fn lines(first: u32, last: u32) -> String {
    if last > first {
        format!("{first}-{last}")
    } else {
        first.to_string()
    }
}

/// `1 task`, `3 tasks`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `13 tracks: 3 in progress, 1 pending, 9 done (4 archived)`.
pub(crate) fn tracks(totals: &Totals) -> String {
    let archived = || {
        if totals.archived > 0 {
            format!(" ({} archived)", totals.archived)
        } else {
            String::new()
        }
    };
    let parts = [
        (totals.in_progress, "in progress"),
        (totals.blocked, "blocked"),
        (totals.pending, "pending"),
        (totals.done, "done"),
        (totals.removed, "removed"),
    ];
    let named = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| match *word {
            "done" => format!("{number} done{}", archived()),
            word => format!("{number} {word}"),
        });
    format!(
        "{}: {}",
        count(totals.tracks, "track"),
        named.collect::<Vec<_>>().join(", ")
    )
}

/// `44 of 79 tasks, 55 %`; nothing where there are no tasks.
pub(crate) fn progress(tasks: &Tasks) -> Option<String> {
    let percent = tasks.percent?;
    Some(format!(
        "{} of {}, {percent} %",
        tasks.done,
        count(tasks.total as usize, "task")
    ))
}

/// `15 of 19`, or why there are no tasks.
pub(crate) fn track_progress(track: &TrackStatus) -> String {
    match track {
        _ if track.plan_unreadable => "plan.md can't be read".to_owned(),
        _ if track.plan.is_none() => "no plan.md".to_owned(),
        _ if track.tasks.total == 0 => "no tasks found".to_owned(),
        _ => format!("{} of {}", track.tasks.done, track.tasks.total),
    }
}

/// `8 phases, 3 parallel, ready`, or which tracks it waits for.
pub(crate) fn readiness(track: &TrackStatus) -> String {
    if let Some(waits) = waits_for(track) {
        return waits;
    }
    let parallel = track.phases.iter().filter(|phase| phase.parallel).count();
    let parts = [
        (!track.phases.is_empty()).then(|| count(track.phases.len(), "phase")),
        (parallel > 0).then(|| format!("{parallel} parallel")),
        (track.tasks.total > 0).then(|| "ready".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `waits for payments_20250112`.
pub(crate) fn waits_for(track: &TrackStatus) -> Option<String> {
    let ids: Vec<_> = track.waits_for().map(one_line).collect();
    (!ids.is_empty()).then(|| format!("waits for {}", ids.join(", ")))
}

/// `80% (4/5 tasks)`, behind the bar.
pub(crate) fn percent(tasks: &Tasks) -> Option<String> {
    let noun = if tasks.total == 1 { "task" } else { "tasks" };
    Some(format!("{}% ({}/{} {noun})", tasks.percent?, tasks.done, tasks.total))
}

/// `Phase 2`, at the start of a line; `Tasks` where the plan has no phases.
pub(crate) fn phase_label(phase: &PhaseStatus) -> String {
    match phase.number {
        Some(number) => format!("Phase {}", one_line(number)),
        None if phase.implicit => "Tasks".to_owned(),
        None => "Phase".to_owned(),
    }
}

/// `phase 4`, `phases 4 and 5`, `phase "Review fixes"`.
pub(crate) fn phases(names: &[PhaseName]) -> String {
    let numbers: Option<Vec<_>> = names.iter().map(|name| name.number.map(one_line)).collect();
    match numbers {
        Some(numbers) if numbers.len() > 1 => format!("phases {}", enumeration(&numbers)),
        _ => enumeration(&names.iter().map(phase).collect::<Vec<_>>()),
    }
}

fn phase(name: &PhaseName) -> String {
    match (name.number, one_line(name.title)) {
        (Some(number), _) => format!("phase {}", one_line(number)),
        (None, title) if title.is_empty() => "the tasks before the first phase".to_owned(),
        (None, title) => format!("phase \"{title}\""),
    }
}

fn enumeration<T: AsRef<str>>(parts: &[T]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// What stands behind a phase: whom it waits for, else what of it is blocked, else its open checks.
pub(crate) fn phase_state<P: Phrase>(phase: &PhaseStatus) -> Option<String> {
    if !phase.waiting_for.is_empty() {
        return Some(format!("(waiting for {})", phases(&phase.waiting_for)));
    }
    if phase.waits_for_person {
        return Some(P::VERIFICATION.to_owned());
    }
    if phase.tasks.blocked > 0 {
        return Some(format!("{} blocked", phase.tasks.blocked));
    }
    let is_open = |check: &&Check| !matches!(check.status, Status::Done | Status::Removed);
    let open = phase.checks.iter().filter(is_open).count();
    (open > 0).then(|| format!("{} open", count(open, "check")))
}

/// `phase 1 verification (8 checks), holds phase 2 (15 tasks)`.
pub(crate) fn waiting(waiting: &Waiting) -> String {
    let mut words = format!("{} verification", phase(&waiting.phase));
    if let Some(boxes) = waiting.boxes {
        words += &format!(" ({})", count(boxes.total as usize, "check"));
    }
    if waiting.closes_track {
        words += ", the track's last task";
    } else if !waiting.holds.is_empty() {
        words += &format!(
            ", holds {} ({})",
            phases(&waiting.holds),
            count(waiting.held_tasks as usize, "task")
        );
    }
    words
}

/// `2.3 Card form`, without its title where it has none.
pub(crate) fn task(task: &TaskStatus) -> String {
    format!("{} {}", one_line(&task.label), one_line(task.title))
        .trim_end()
        .to_owned()
}

/// Why a task is blocked; the word itself stands before it.
pub(crate) fn blocked_by(task: &TaskStatus) -> String {
    let remark = one_line(task.remark.unwrap_or_default());
    let reason = match remark.get(..7) {
        Some(word) if word.eq_ignore_ascii_case("blocked") => remark[7..].trim_start_matches([':', ' ']),
        _ => &remark,
    };
    reason.to_owned()
}

/// What stands behind a task: its reason, its commits, its boxes.
pub(crate) fn task_state(task: &TaskStatus) -> String {
    let remark = task.remark.map(|remark| one_line(remark).into_owned());
    let shas = task.shas.iter().map(|sha| one_line(sha).into_owned());
    let boxes = task
        .boxes
        .map(|boxes| format!("{} of {} {}", boxes.done, boxes.total, boxes_noun(boxes)));
    remark
        .into_iter()
        .chain(shas)
        .chain(boxes)
        .collect::<Vec<_>>()
        .join(", ")
}

fn boxes_noun(boxes: Boxes) -> &'static str {
    if boxes.total == 1 { "box" } else { "boxes" }
}

/// The worker's own word for where it stands.
pub(crate) fn worker_state(worker: &WorkerStatus) -> String {
    one_line(&worker.said.unwrap_or("no status").replace('_', " ")).into_owned()
}

/// `9 boxes outside phases, 2 ticked`.
pub(crate) fn outside(boxes: Boxes) -> String {
    format!(
        "{} {} outside phases, {} ticked: not counted",
        boxes.total,
        boxes_noun(boxes),
        boxes.done
    )
}

/// `3 problems, 15 notes`; nothing when there are none.
pub(crate) fn findings(report: &Report) -> Option<String> {
    let any = report.problems + report.notes > 0;
    any.then(|| format!("{}, {}", count(report.problems, "problem"), count(report.notes, "note")))
}

/// What to do next, as one sentence without its end.
pub(crate) fn action<P: Phrase>(to: &mut P, action: &Action) {
    match action {
        Action::Check {
            track,
            phase: name,
            file,
            first_line,
            last_line,
            closes_track,
        } => {
            of_track(to, "check", &phase(name), track);
            to.words(if first_line == last_line {
                " and set [x] at "
            } else {
                " and set its boxes at "
            });
            to.place(file, &lines(*first_line, *last_line));
            to.words(if *closes_track { ": that closes the track" } else { "" });
        }
        Action::Close { track, file, line } => {
            to.words(&format!("{}close ", P::ASK));
            to.id(track);
            to.words(", whose tasks are all done: set [x] at ");
            to.place(file, &line.to_string());
        }
        Action::Unblock {
            track,
            task,
            file,
            line,
        } => {
            of_track(to, "clear what blocks", &one_line(task), track);
            to.words(", then set [ ] at ");
            to.place(file, &line.to_string());
        }
        Action::UnblockTrack { track, file, line } => {
            to.words(&format!("{}clear what blocks ", P::ASK));
            to.id(track);
            to.words(", then set [~] at ");
            to.place(file, &line.to_string());
        }
        Action::Continue { task, command, .. } => {
            to.words("go on with ");
            to.name(&one_line(task));
            typed(to, command);
        }
        Action::Start { command, .. } => {
            to.words("start a pending track");
            typed(to, command);
        }
        Action::WritePlan { track, file } => {
            to.words("write the plan of ");
            to.id(track);
            to.words(": ");
            to.place(file, "");
        }
        Action::Wait {
            track,
            phase: name,
            tracks,
            phases: on,
        } => {
            to.words("finish first what ");
            if let Some(name) = name {
                to.name(&phase(name));
                to.words(" of ");
            }
            to.id(track);
            to.words(" waits for: ");
            on_which(to, tracks, on);
            to.words(", or drop that dependency");
        }
        Action::Look { track, command } => {
            to.words("see why ");
            to.id(track);
            to.words(" can't go on: ");
            to.command(command);
        }
        Action::NewTrack { command } => {
            to.words("plan a new track");
            typed(to, command);
        }
        Action::SetUp { command } => {
            to.words("set the project up");
            typed(to, command);
        }
    }
}

/// The start of what only the person can do with a part of a track.
fn of_track<P: Phrase>(to: &mut P, verb: &str, part: &str, track: &str) {
    to.words(&format!("{}{verb} ", P::ASK));
    to.name(part);
    to.words(" of ");
    to.id(track);
}

/// What is waited for: tracks by what `depends_on` calls them, or phases.
fn on_which<P: Phrase>(to: &mut P, tracks: &[&str], on: &[PhaseName]) {
    for (index, track) in tracks.iter().enumerate() {
        to.words(if index == 0 { "" } else { ", " });
        to.id(track);
    }
    if !on.is_empty() {
        to.name(&phases(on));
    }
}

fn typed<P: Phrase>(to: &mut P, command: &str) {
    to.words(": ");
    to.command(command);
    to.words(" in Claude Code");
}

/// `tracks/auth/plan.md:15 :23`.
pub(crate) fn finding_place(finding: &Finding) -> String {
    let mut place = one_line(finding.file).into_owned();
    for (index, run) in finding.lines.iter().enumerate() {
        place += &format!("{}:{}", if index == 0 { "" } else { " " }, lines(run.first, run.last));
    }
    place
}

/// The reason, and the second place where there is one.
pub(crate) fn finding_reason(finding: &Finding) -> String {
    let reason = one_line(finding.reason);
    match &finding.also {
        Some(also) => format!("{reason} ({}:{})", one_line(also.file), also.line),
        None => reason.into_owned(),
    }
}
