//! The sentences that terminal and Markdown share, so that both say the same in the same words.

use std::borrow::Cow;

use crate::report::{
    Action, Boxes, Check, Finding, Parallel, PhaseName, PhaseStatus, Report, Status, TaskStatus, Tasks, Totals,
    TrackStatus, Waiting, WorkerStatus,
};
use conductor_common::count;
use conductor_common::width::one_line;

/// How a form writes what is no word of ours: each writes ids, places and commands in its own way.
pub(crate) trait Phrase {
    /// What stands behind a phase of which only the person's verification is left.
    const VERIFICATION: &'static str;
    /// What stands before something that only the person can do.
    const ASK: &'static str;

    /// A track's id.
    fn id(id: &str) -> String;
    /// Words that may hold some of a file's: a phase's name, a task's number.
    fn name(name: &str) -> String;
    /// Lines of a file.
    fn place(file: &str, lines: &str) -> String;
    /// Something to type.
    fn command(command: &str) -> String;
}

/// `15`, or `55-62`.
pub(crate) fn lines(first: u32, last: u32) -> String {
    if last > first {
        format!("{first}-{last}")
    } else {
        first.to_string()
    }
}

/// `13 tracks: 3 in progress, 1 pending, 9 done (4 archived)`.
pub(crate) fn tracks(totals: &Totals) -> String {
    if totals.tracks == 0 {
        return "no tracks yet".to_owned();
    }
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

/// A track's title; nothing where it has none but its id.
pub(crate) fn title<'a>(track: &TrackStatus<'a>) -> Cow<'a, str> {
    one_line(if track.title == track.id { "" } else { track.title })
}

/// `8 phases, 3 parallel, ready`, or which tracks it waits for.
pub(crate) fn readiness(track: &TrackStatus) -> String {
    if let Some(waits) = waits_for(track) {
        return waits;
    }
    let phases = track.phases.iter().filter(|phase| !phase.implicit).count();
    let parallel = track.phases.iter().filter(|phase| phase.parallel).count();
    let parts = [
        (phases > 0).then(|| count(phases, "phase")),
        (parallel > 0).then(|| format!("{parallel} parallel")),
        match (track.tasks.total, track.tasks.done) {
            (0, _) => None,
            (all, done) if done == all => Some("nothing left to do".to_owned()),
            _ => Some("ready".to_owned()),
        },
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

/// `1 of 3 done`, at the head of the workers of a phase.
pub(crate) fn workers(parallel: &Parallel) -> String {
    match parallel.workers.len() {
        0 => "none named".to_owned(),
        all => format!("{} of {all} done", parallel.done),
    }
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
pub(crate) fn action<P: Phrase>(action: &Action) -> String {
    match action {
        Action::Check {
            track,
            phase: name,
            file,
            first_line,
            last_line,
            closes_track,
        } => {
            let check = of_track::<P>("check", &phase(name), track);
            let set = if first_line == last_line { "[x]" } else { "its boxes" };
            let place = P::place(file, &lines(*first_line, *last_line));
            let closes = if *closes_track { ": that closes the track" } else { "" };
            format!("{check} and set {set} at {place}{closes}")
        }
        Action::Close { track, file, line } => {
            let place = P::place(file, &line.to_string());
            format!(
                "{}close {}, whose tasks are all done: set [x] at {place}",
                P::ASK,
                P::id(track)
            )
        }
        Action::Unblock {
            track,
            task,
            file,
            line,
        } => {
            let clear = of_track::<P>("clear what blocks", &one_line(task), track);
            format!("{clear}, then set [ ] at {}", P::place(file, &line.to_string()))
        }
        Action::UnblockTrack { track, file, line } => {
            let place = P::place(file, &line.to_string());
            format!("{}clear what blocks {}, then set [~] at {place}", P::ASK, P::id(track))
        }
        Action::Continue { task, command, .. } => {
            format!("go on with {}: {}", P::name(&one_line(task)), typed::<P>(command))
        }
        Action::Start { command, .. } => format!("start a pending track: {}", typed::<P>(command)),
        Action::WritePlan { track, file } => format!("write the plan of {}: {}", P::id(track), P::place(file, "")),
        Action::Wait {
            track,
            phase: name,
            tracks,
            phases: on,
        } => {
            let part = name.as_ref().map(|name| format!("{} of ", P::name(&phase(name))));
            let (part, track, on) = (part.unwrap_or_default(), P::id(track), on_which::<P>(tracks, on));
            format!("finish first what {part}{track} waits for: {on}, or drop that dependency")
        }
        Action::Look { track, command } => {
            format!("see why {} can't go on: {}", P::id(track), P::command(command))
        }
        Action::NewTrack { command } => format!("plan a new track: {}", typed::<P>(command)),
        Action::SetUp { command } => format!("set the project up: {}", typed::<P>(command)),
    }
}

/// The start of what only the person can do with a part of a track.
fn of_track<P: Phrase>(verb: &str, part: &str, track: &str) -> String {
    format!("{}{verb} {} of {}", P::ASK, P::name(part), P::id(track))
}

/// What is waited for: tracks by what `depends_on` calls them, or phases.
fn on_which<P: Phrase>(tracks: &[&str], on: &[PhaseName]) -> String {
    let tracks: Vec<String> = tracks.iter().map(|track| P::id(track)).collect();
    let phases = if on.is_empty() {
        String::new()
    } else {
        P::name(&phases(on))
    };
    tracks.join(", ") + &phases
}

fn typed<P: Phrase>(command: &str) -> String {
    format!("{} in Claude Code", P::command(command))
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
