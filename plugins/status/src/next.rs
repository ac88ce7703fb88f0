//! What to do next: first what only the person can do, then what Claude Code can go on with, then what can be started.

use conductor_tracks::{Project, State, Track};

use crate::order;
use crate::report::{Action, Group, Waiting};
use crate::track::{group, label};

/// How many actions are named: more would be a second list of tracks.
const MOST: usize = 4;

/// The next actions over the tracks that are shown, at least one unless something is shown that needs none.
///
/// `is_done` tells of a track's id whether that one is done.
pub(crate) fn actions<'a>(
    project: &'a Project<'a>,
    shown: &[&'a Track<'a>],
    waiting: &[Waiting<'a>],
    is_done: &dyn Fn(&str) -> bool,
    is_set_up: bool,
) -> Vec<Action<'a>> {
    let first = |of: &dyn Fn(&'a Track<'a>) -> Option<Action<'a>>| shown.iter().find_map(|track| of(track));
    let found = [
        waiting.first().map(check),
        first(&|track| close(project, track)),
        first(&|track| unblock(project, track)),
        first(&go_on),
        first(&|track| start(track, is_done)),
    ];
    let mut actions: Vec<Action> = found.into_iter().flatten().take(MOST).collect();
    if actions.is_empty() {
        actions.extend(first(&write_plan));
    }
    if actions.is_empty() && project.tracks.iter().all(is_closed) {
        actions.push(begin(project, is_set_up));
    }
    actions
}

fn is_closed(track: &Track) -> bool {
    matches!(group(track), Group::Done | Group::Removed)
}

fn check<'a>(waiting: &Waiting<'a>) -> Action<'a> {
    Action::Check {
        track: waiting.track,
        phase: waiting.phase,
        file: waiting.file,
        first_line: waiting.boxes.map_or(waiting.line, |boxes| boxes.first_line),
        last_line: waiting.boxes.map_or(waiting.line, |boxes| boxes.last_line),
        closes_track: waiting.closes_track,
    }
}

/// The registry still has a track open whose tasks are all done.
fn close<'a>(project: &'a Project<'a>, track: &'a Track<'a>) -> Option<Action<'a>> {
    let all_done = track.plan.as_ref()?.counts().state() == Some(State::Done);
    (all_done && !is_closed(track)).then_some(())?;
    let (file, line) = entry(project, track)?;
    Some(Action::Close {
        track: &track.id,
        file,
        line,
    })
}

fn entry<'a>(project: &'a Project<'a>, track: &'a Track<'a>) -> Option<(&'a str, u32)> {
    Some((&project.registry.as_ref()?.file, project.entry(track)?.line))
}

/// A blocked task, else the blocked track as a whole.
fn unblock<'a>(project: &'a Project<'a>, track: &'a Track<'a>) -> Option<Action<'a>> {
    let is_open = matches!(group(track), Group::InProgress | Group::Blocked);
    let plan = track.plan.as_ref().filter(|_| is_open);
    let mut tasks = plan
        .into_iter()
        .flat_map(|plan| &plan.phases)
        .flat_map(|phase| phase.tasks.iter().map(move |task| (phase, task)));
    let blocked = tasks.find(|(_, task)| task.state == State::Blocked);
    match (blocked, track.plan_file.as_deref()) {
        (Some((phase, task)), Some(file)) => Some(Action::Unblock {
            track: &track.id,
            task: label(phase, task),
            file,
            line: task.line,
        }),
        _ if group(track) == Group::Blocked => {
            let (file, line) = entry(project, track)?;
            Some(Action::UnblockTrack {
                track: &track.id,
                file,
                line,
            })
        }
        _ => None,
    }
}

fn go_on<'a>(track: &'a Track<'a>) -> Option<Action<'a>> {
    let plan = track.plan.as_ref().filter(|_| group(track) == Group::InProgress)?;
    let (phase, task) = order::next_task(plan, &order::waiting_for(plan))?;
    let phase = &plan.phases[phase];
    Some(Action::Continue {
        track: &track.id,
        task: label(phase, &phase.tasks[task]),
        command: implement(track),
    })
}

/// A pending track whose dependencies are done, and which has tasks.
fn start<'a>(track: &'a Track<'a>, is_done: &dyn Fn(&str) -> bool) -> Option<Action<'a>> {
    let is_ready = group(track) == Group::Pending && track.counts().total() > track.counts().done;
    let is_free = || track.depends_on.iter().all(|id| is_done(id));
    (is_ready && is_free()).then(|| Action::Start {
        track: &track.id,
        command: implement(track),
    })
}

fn implement(track: &Track) -> String {
    format!("/conductor-implement {}", track.id)
}

/// Without tasks nobody can go on.
fn write_plan<'a>(track: &'a Track<'a>) -> Option<Action<'a>> {
    let is_open = matches!(group(track), Group::InProgress | Group::Pending);
    let is_without = track.plan_file.is_none() || track.plan.as_ref().is_some_and(|plan| plan.tasks().next().is_none());
    (is_open && is_without).then(|| Action::WritePlan {
        track: &track.id,
        file: plan_file(track),
    })
}

fn plan_file(track: &Track) -> String {
    let folder = || {
        track
            .folder
            .as_deref()
            .map_or_else(|| format!("tracks/{}/", track.id), str::to_owned)
    };
    track
        .plan_file
        .as_deref()
        .map_or_else(|| format!("{}plan.md", folder()), str::to_owned)
}

fn begin<'a>(project: &Project, is_set_up: bool) -> Action<'a> {
    match is_set_up || !project.tracks.is_empty() {
        true => Action::NewTrack {
            command: "/conductor-newtrack".to_owned(),
        },
        false => Action::SetUp {
            command: "/conductor-setup".to_owned(),
        },
    }
}
