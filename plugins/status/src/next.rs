//! What to do next: first what only the person can do, then what Claude Code can go on with, then what can be started.

use conductor_tracks::{Project, State, Track};

use crate::report::{Action, Group, Waiting};
use crate::survey::{PhaseSurvey, Survey, is_closed};

/// How many actions are named: more would be a second list of tracks.
const MOST: usize = 4;

/// The next actions over the tracks that are shown, at least one unless something is shown that needs none.
///
/// `is_done` tells of a name in `depends_on` whether the track it means is done.
pub(crate) fn actions<'a>(
    project: &'a Project<'a>,
    shown: &[&Survey<'a>],
    waiting: &[Waiting<'a>],
    is_done: &dyn Fn(&str) -> bool,
    is_set_up: bool,
) -> Vec<Action<'a>> {
    let first = |of: &dyn Fn(&Survey<'a>) -> Option<Action<'a>>| shown.iter().find_map(|survey| of(survey));
    let found = [
        waiting.first().map(check),
        first(&|survey| close(project, survey)),
        first(&|survey| unblock(project, survey)),
        first(&go_on),
        first(&|survey| start(survey, is_done)),
    ];
    let mut actions: Vec<Action> = found.into_iter().flatten().take(MOST).collect();
    if actions.is_empty() {
        actions.extend(first(&write_plan));
    }
    if actions.is_empty() && project.tracks.iter().all(is_closed) {
        actions.push(begin(project, is_set_up));
    }
    if actions.is_empty() {
        actions.extend(first(&|survey| wait(survey, is_done)));
        if actions.is_empty() || !project.diagnostics.is_empty() {
            actions.extend(first(&|survey| look(project, survey)));
        }
    }
    actions
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
fn close<'a>(project: &'a Project<'a>, survey: &Survey<'a>) -> Option<Action<'a>> {
    let all_done = survey.counts.state() == Some(State::Done);
    (all_done && !survey.is_closed()).then_some(())?;
    let (file, line) = entry(project, survey.track)?;
    Some(Action::Close {
        track: &survey.track.id,
        file,
        line,
    })
}

fn entry<'a>(project: &'a Project<'a>, track: &'a Track<'a>) -> Option<(&'a str, u32)> {
    Some((&project.registry.as_ref()?.file, project.entry(track)?.line))
}

/// A blocked task, else the blocked track as a whole.
fn unblock<'a>(project: &'a Project<'a>, survey: &Survey<'a>) -> Option<Action<'a>> {
    let track = survey.track;
    if survey.counts.blocked > 0 && matches!(survey.group, Group::InProgress | Group::Blocked) {
        let (phase, task) = survey.tasks().find(|(_, task)| task.state == State::Blocked)?;
        return Some(Action::Unblock {
            track: &track.id,
            task: task.name(phase.phase),
            file: track.plan_file.as_deref()?,
            line: task.line,
        });
    }
    let (file, line) = entry(project, track).filter(|_| survey.group == Group::Blocked)?;
    Some(Action::UnblockTrack {
        track: &track.id,
        file,
        line,
    })
}

fn go_on<'a>(survey: &Survey<'a>) -> Option<Action<'a>> {
    let (phase, task) = (survey.group == Group::InProgress).then(|| survey.next_task())??;
    Some(Action::Continue {
        track: &survey.track.id,
        task: task.name(phase),
        command: implement(survey.track),
    })
}

/// A pending track whose dependencies are done, and which has tasks.
fn start<'a>(survey: &Survey<'a>, is_done: &dyn Fn(&str) -> bool) -> Option<Action<'a>> {
    let is_ready = survey.group == Group::Pending && survey.counts.total() > survey.counts.done;
    let is_free = || survey.track.depends_on.iter().all(|id| is_done(id));
    (is_ready && is_free()).then(|| Action::Start {
        track: &survey.track.id,
        command: implement(survey.track),
    })
}

fn implement(track: &Track) -> String {
    format!("/conductor-implement {}", track.id)
}

/// Without tasks nobody can go on.
fn write_plan<'a>(survey: &Survey<'a>) -> Option<Action<'a>> {
    let track = survey.track;
    let is_open = matches!(survey.group, Group::InProgress | Group::Pending);
    let is_without = track.plan_file.is_none() || track.plan.is_some() && survey.tasks().next().is_none();
    (is_open && is_without).then(|| Action::WritePlan {
        track: &track.id,
        file: plan_file(track),
    })
}

/// An open track that waits for other tracks, or the first of its phases that waits for other phases.
fn wait<'a>(survey: &Survey<'a>, is_done: &dyn Fn(&str) -> bool) -> Option<Action<'a>> {
    (!survey.is_closed()).then_some(())?;
    let names = survey.track.depends_on.iter().map(AsRef::as_ref);
    let tracks: Vec<&str> = names.filter(|name| !is_done(name)).collect();
    let held = survey.phases.iter().find(|phase| !phase.waits.is_empty());
    let held = held.filter(|_| tracks.is_empty());
    let on = held.map(|phase| phase.waits.iter().map(|&on| survey.phases[on].name()));
    (held.is_some() || !tracks.is_empty()).then(|| Action::Wait {
        track: &survey.track.id,
        phase: held.map(PhaseSurvey::name),
        tracks,
        phases: on.into_iter().flatten().collect(),
    })
}

/// The problems and notes tell of plans that can't be read and of cycles; without any, the track's own tasks have to do.
fn look<'a>(project: &Project, survey: &Survey<'a>) -> Option<Action<'a>> {
    let track: &str = &survey.track.id;
    let command = match project.diagnostics.is_empty() {
        true => format!("conductor status {track}"),
        false => "conductor status --diagnostics".to_owned(),
    };
    (!survey.is_closed()).then_some(Action::Look { track, command })
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
