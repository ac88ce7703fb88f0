//! One track of the project, as the report shows it.

use conductor_tracks::parallel_state::{ParallelState, Worker};
use conductor_tracks::plan::Item;
use conductor_tracks::{Phase, State, Task, Track};

use crate::live::Live;
use crate::report::{
    Boxes, Check, Dependency, LastDone, Lock, Parallel, PhaseStatus, TaskStatus, TrackStatus, WorkerStatus,
};
use crate::survey::{PhaseSurvey, Survey};

/// How many of the last done tasks are shown.
const LAST_DONE: usize = 3;

/// What there is to say about a track. `is_done` tells of a name in `depends_on` whether the track it means is done; `full` lists every task.
pub(crate) fn status<'a>(
    survey: &Survey<'a>,
    is_done: &dyn Fn(&str) -> bool,
    full: bool,
    live: Option<&'a Live>,
) -> TrackStatus<'a> {
    let track = survey.track;
    let (counts, depends_on) = (survey.counts, track.depends_on.iter());
    TrackStatus {
        id: &track.id,
        title: &track.title,
        status: track.state.into(),
        group: survey.group,
        archived: track.archived,
        priority: priority(track),
        depends_on: depends_on.map(|id| Dependency { id, done: is_done(id) }).collect(),
        plan: track.plan_file.as_deref(),
        plan_unreadable: track.plan_file.is_some() && track.plan.is_none(),
        tasks: counts.into(),
        phases: survey
            .phases
            .iter()
            .map(|phase| phase_status(survey, phase, full))
            .collect(),
        current: tasks_in(survey, State::InProgress, counts.in_progress),
        blockers: tasks_in(survey, State::Blocked, counts.blocked),
        parallel: track.parallel_state.as_ref().and_then(parallel),
        gastown: live.and_then(|live| live.tracks.get(track.id.as_ref())),
        last_done: last_done(survey),
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

fn phase_status<'a>(survey: &Survey<'a>, of: &PhaseSurvey<'a>, full: bool) -> PhaseStatus<'a> {
    let phase = of.phase;
    PhaseStatus {
        number: phase.number.as_deref(),
        ordinal: phase.ordinal,
        title: &phase.title,
        line: phase.line,
        implicit: phase.implicit,
        status: of.counts.state().map(Into::into),
        parallel: phase.is_parallel() && of.work > 1,
        checkpoint: phase.checkpoint.as_ref().map(|checkpoint| checkpoint.text.as_ref()),
        tasks: of.counts.into(),
        waiting_for: of.waits.iter().map(|&on| survey.phases[on].name()).collect(),
        waits_for_person: of.due.is_some(),
        checks: phase.items.iter().filter_map(check).collect(),
        task_list: full.then(|| phase.tasks.iter().map(|task| task_status(phase, task)).collect()),
    }
}

fn check<'a>(item: &'a Item<'a>) -> Option<Check<'a>> {
    Some(Check {
        text: &item.text,
        status: item.state()?.into(),
        line: item.line,
    })
}

/// The tasks in a state, of which there are so many; without the verifications that are due.
fn tasks_in<'a>(survey: &Survey<'a>, state: State, number: u32) -> Vec<TaskStatus<'a>> {
    if number == 0 {
        return Vec::new();
    }
    let is_due = |phase: &PhaseSurvey, task: &Task| phase.due.is_some_and(|due| due.line == task.line);
    let tasks = survey.tasks().filter(|(_, task)| task.state == state);
    tasks
        .filter(|(phase, task)| !is_due(phase, task))
        .map(|(phase, task)| task_status(phase.phase, task))
        .collect()
}

fn task_status<'a>(phase: &Phase, task: &'a Task<'a>) -> TaskStatus<'a> {
    TaskStatus {
        label: task.name(phase),
        title: &task.title,
        status: task.state.into(),
        line: task.line,
        verification: task.verification,
        shas: task.shas.iter().map(|sha| sha.sha.as_ref()).collect(),
        remark: task.remark.as_deref(),
        boxes: boxes(&task.items),
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
        locks: locks(state),
    })
}

/// `file_locks`; agents that leave it empty write the files of each worker, which has them while it is at work.
fn locks(state: &ParallelState) -> Vec<Lock<'_>> {
    if !state.file_locks.is_empty() {
        let locks = state.file_locks.iter();
        return locks.map(|(path, worker)| Lock { path, worker }).collect();
    }
    let at_work = |worker: &&Worker| worker.state() == Some(State::InProgress);
    state.workers.iter().filter(at_work).flat_map(held_by).collect()
}

fn held_by(worker: &Worker) -> impl Iterator<Item = Lock<'_>> {
    worker.files.iter().map(|path| Lock {
        path,
        worker: &worker.id,
    })
}

fn worker(worker: &Worker) -> WorkerStatus<'_> {
    WorkerStatus {
        id: &worker.id,
        // Some files name only the bead.
        title: worker.title.as_deref().or(worker.beads_id.as_deref()),
        status: worker.state().map(Into::into),
        said: worker.status.as_deref(),
        commits: worker.commits.iter().map(String::as_str).collect(),
    }
}

/// From the plan, else from `implement_state.json`: that one is often left over from a time long ago.
fn last_done<'a>(survey: &Survey<'a>) -> Vec<LastDone<'a>> {
    match survey.phases.iter().any(|phase| phase.has_commits) {
        true => plan_last_done(survey),
        false => state_last_done(survey.track),
    }
}

fn plan_last_done<'a>(survey: &Survey<'a>) -> Vec<LastDone<'a>> {
    let done = survey.tasks().rev().filter(|(_, task)| task.state == State::Done);
    let named = done.filter_map(|(phase, task)| {
        Some(LastDone {
            task: task.name(phase.phase),
            sha: &task.shas.last()?.sha,
            line: Some(task.line),
        })
    });
    named.take(LAST_DONE).collect()
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
