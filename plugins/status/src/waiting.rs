//! What waits for the person: verifications that are all that is left of their phase.

use conductor_tracks::{Phase, Plan, Task, Track};

use crate::order;
use crate::report::{Group, Waiting};
use crate::track::{boxes, group, phase_name};

/// Every such verification of the tracks that are not done; those that close a track come first.
pub(crate) fn waiting<'a>(tracks: &[&'a Track<'a>]) -> Vec<Waiting<'a>> {
    let mut waiting: Vec<Waiting> = tracks
        .iter()
        .filter(|track| is_under_way(track))
        .flat_map(|track| of(track))
        .collect();
    waiting.sort_by_key(|waiting| !waiting.closes_track);
    waiting
}

/// A pending track waits for nobody before its first task is done, whatever its plan begins with.
fn is_under_way(track: &Track) -> bool {
    match group(track) {
        Group::InProgress | Group::Blocked => true,
        Group::Pending => track.counts().done > 0,
        Group::Done | Group::Removed => false,
    }
}

fn of<'a>(track: &'a Track<'a>) -> Vec<Waiting<'a>> {
    let (Some(plan), Some(file)) = (&track.plan, track.plan_file.as_deref()) else {
        return Vec::new();
    };
    let waits = order::waiting_for(plan);
    let due = |(index, phase): (usize, &'a Phase<'a>)| {
        let task = order::verification_due(phase).filter(|_| waits[index].is_empty())?;
        let held = || {
            plan.phases
                .iter()
                .zip(&waits)
                .filter(move |(_, on)| on.contains(&index))
        };
        Some(Waiting {
            track: &track.id,
            phase: phase_name(phase),
            file,
            line: task.line,
            boxes: boxes_to_set(task),
            holds: held().map(|(phase, _)| phase_name(phase)).collect(),
            held_tasks: held().map(|(phase, _)| phase.counts().total()).sum(),
            closes_track: is_last_open(plan, task),
        })
    };
    plan.phases.iter().enumerate().filter_map(due).collect()
}

/// A heading without a box of its own is done when the boxes under it are.
fn boxes_to_set(task: &Task) -> Option<crate::report::Boxes> {
    task.marker.is_none().then(|| boxes(&task.items)).flatten()
}

fn is_last_open(plan: &Plan, task: &Task) -> bool {
    plan.tasks()
        .all(|other| other.state.is_closed() || other.line == task.line)
}
