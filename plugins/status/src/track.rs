//! One track of the project, as the report shows it.

use conductor_tracks::parallel_state::{ParallelState, Worker};
use conductor_tracks::plan::Item;
use conductor_tracks::{Phase, Plan, State, Task, Track};

use crate::order;
use crate::report::{
    Boxes, Dependency, Group, LastDone, Lock, Parallel, PhaseName, PhaseStatus, TaskStatus, TrackStatus, WorkerStatus,
};

/// How many of the last done tasks are shown.
const LAST_DONE: usize = 3;

/// The part of the report in which a track stands.
pub(crate) fn group(track: &Track) -> Group {
    match track.state {
        State::Removed => Group::Removed,
        _ if track.archived => Group::Done,
        State::Done => Group::Done,
        State::InProgress => Group::InProgress,
        State::Blocked => Group::Blocked,
        State::Pending | State::Unknown => Group::Pending,
    }
}

/// What there is to say about a track. `is_done` tells of a track's id whether that one is done; `full` lists every task.
pub(crate) fn status<'a>(track: &'a Track<'a>, is_done: &dyn Fn(&str) -> bool, full: bool) -> TrackStatus<'a> {
    let phases = track.plan.as_ref().map(|plan| phases(plan, full)).unwrap_or_default();
    TrackStatus {
        id: &track.id,
        title: &track.title,
        status: track.state.into(),
        group: group(track),
        archived: track.archived,
        priority: priority(track),
        depends_on: track
            .depends_on
            .iter()
            .map(|id| Dependency { id, done: is_done(id) })
            .collect(),
        plan: track.plan_file.as_deref(),
        plan_unreadable: track.plan_file.is_some() && track.plan.is_none(),
        tasks: track.counts().into(),
        phases,
        current: tasks_where(track, |phase, task| {
            task.state == State::InProgress && !is_due(phase, task)
        }),
        blockers: tasks_where(track, |_, task| task.state == State::Blocked),
        parallel: track.parallel_state.as_ref().and_then(parallel),
        last_done: last_done(track),
        outside: track.plan.as_ref().and_then(|plan| boxes(&plan.outside)),
    }
}

/// A priority's word alone: registries write `🟢 Low`.
fn priority(track: &Track) -> Option<String> {
    let written = track.priority.as_deref()?;
    let word: String = written
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect();
    let word = word.trim().to_lowercase();
    (!word.is_empty()).then_some(word)
}

/// Critical first. A track without a priority, or with a word of its own, counts as medium, as upstream does.
pub(crate) fn rank(track: &Track) -> u8 {
    match priority(track).as_deref() {
        Some("critical" | "p0" | "0" | "urgent") => 0,
        Some("high" | "p1" | "1") => 1,
        Some("low" | "p3" | "p4" | "3" | "4") => 3,
        _ => 2,
    }
}

fn phases<'a>(plan: &'a Plan<'a>, full: bool) -> Vec<PhaseStatus<'a>> {
    let waiting = order::waiting_for(plan);
    let status = |(phase, waits): (&'a Phase<'a>, Vec<usize>)| PhaseStatus {
        waits_for_person: waits.is_empty() && order::verification_due(phase).is_some(),
        waiting_for: waits.into_iter().map(|on| phase_name(&plan.phases[on])).collect(),
        task_list: full.then(|| phase.tasks.iter().map(|task| task_status(phase, task)).collect()),
        ..phase_status(phase)
    };
    plan.phases.iter().zip(waiting).map(status).collect()
}

fn phase_status<'a>(phase: &'a Phase<'a>) -> PhaseStatus<'a> {
    let counts = phase.counts();
    PhaseStatus {
        number: phase.number.as_deref(),
        ordinal: phase.ordinal,
        title: &phase.title,
        line: phase.line,
        implicit: phase.implicit,
        status: counts.state().map(Into::into),
        parallel: phase.is_parallel() && phase.tasks.iter().filter(|task| is_work(task)).nth(1).is_some(),
        checkpoint: phase.checkpoint.as_ref().map(|checkpoint| checkpoint.text.as_ref()),
        tasks: counts.into(),
        waiting_for: Vec::new(),
        waits_for_person: false,
        task_list: None,
    }
}

/// How a phase is referred to.
pub(crate) fn phase_name<'a>(phase: &'a Phase<'a>) -> PhaseName<'a> {
    PhaseName {
        number: phase.number.as_deref(),
        title: &phase.title,
        ordinal: phase.ordinal,
    }
}

fn is_work(task: &Task) -> bool {
    !task.verification && task.state != State::Removed
}

fn is_due(phase: &Phase, task: &Task) -> bool {
    order::verification_due(phase).is_some_and(|due| due.line == task.line)
}

fn tasks_where<'a>(track: &'a Track<'a>, keep: impl Fn(&Phase, &Task) -> bool) -> Vec<TaskStatus<'a>> {
    let phases = track.plan.iter().flat_map(|plan| &plan.phases);
    let tasks = phases.flat_map(|phase| phase.tasks.iter().map(move |task| (phase, task)));
    tasks
        .filter(|(phase, task)| keep(phase, task))
        .map(|(phase, task)| task_status(phase, task))
        .collect()
}

fn task_status<'a>(phase: &Phase, task: &'a Task<'a>) -> TaskStatus<'a> {
    TaskStatus {
        label: label(phase, task),
        title: &task.title,
        status: task.state.into(),
        line: task.line,
        verification: task.verification,
        shas: task.shas.iter().map(|sha| sha.sha.as_ref()).collect(),
        remark: task.remark.as_deref(),
        boxes: boxes(&task.items),
    }
}

/// `2.3`, also where the plan writes only `Task 3` in phase 2; many plans number anew in each phase.
pub(crate) fn label(phase: &Phase, task: &Task) -> String {
    let label = task.label();
    match &phase.number {
        Some(number) if !label.contains('.') => format!("{number}.{label}"),
        _ => label,
    }
}

/// The checkboxes among list items.
pub(crate) fn boxes(items: &[Item]) -> Option<Boxes> {
    let boxed = || items.iter().filter(|item| item.marker.is_some());
    let counts: conductor_tracks::Counts = boxed().filter_map(Item::state).collect();
    Some(Boxes {
        total: counts.total(),
        done: counts.done,
        first_line: boxed().next()?.line,
        last_line: boxed().next_back()?.line,
    })
}

fn parallel(state: &ParallelState) -> Option<Parallel<'_>> {
    (!state.workers.is_empty() || !state.file_locks.is_empty()).then(|| Parallel {
        phase: state.phase.as_deref(),
        done: state.completed(),
        workers: state.workers.iter().map(worker).collect(),
        locks: state
            .file_locks
            .iter()
            .map(|(path, worker)| Lock { path, worker })
            .collect(),
    })
}

fn worker(worker: &Worker) -> WorkerStatus<'_> {
    WorkerStatus {
        id: &worker.id,
        title: worker.title.as_deref(),
        status: worker.state().map(Into::into),
        said: worker.status.as_deref(),
        commits: worker.commits.iter().map(String::as_str).collect(),
    }
}

/// From the plan, else from `implement_state.json`: that one is often left over from a time long ago.
fn last_done<'a>(track: &'a Track<'a>) -> Vec<LastDone<'a>> {
    let from_plan = plan_last_done(track);
    if from_plan.is_empty() {
        state_last_done(track)
    } else {
        from_plan
    }
}

fn plan_last_done<'a>(track: &'a Track<'a>) -> Vec<LastDone<'a>> {
    let phases = track.plan.iter().flat_map(|plan| plan.phases.iter().rev());
    let tasks = phases.flat_map(|phase| phase.tasks.iter().rev().map(move |task| (phase, task)));
    let done = tasks
        .filter(|(_, task)| task.state == State::Done)
        .filter_map(|(phase, task)| {
            let sha = task.shas.last()?;
            Some(LastDone {
                task: label(phase, task),
                sha: &sha.sha,
                line: Some(task.line),
            })
        });
    done.take(LAST_DONE).collect()
}

fn state_last_done<'a>(track: &'a Track<'a>) -> Vec<LastDone<'a>> {
    let tasks = track
        .implement_state
        .iter()
        .flat_map(|state| state.completed_tasks.iter().rev());
    let done = tasks.filter_map(|task| {
        Some(LastDone {
            task: task.task.clone(),
            sha: task.sha.as_deref()?,
            line: None,
        })
    });
    done.take(LAST_DONE).collect()
}
