//! What waits for the person: verifications that are all that is left of their phase.

use conductor_tracks::Task;

use crate::report::{Boxes, Group, Waiting};
use crate::survey::{PhaseSurvey, Survey};
use crate::track::boxes;

/// Every such verification of the tracks that are not done; those that close a track come first.
pub(crate) fn waiting<'a>(shown: &[&Survey<'a>]) -> Vec<Waiting<'a>> {
    let under_way = shown.iter().filter(|survey| is_under_way(survey));
    let mut waiting: Vec<Waiting> = under_way.flat_map(|survey| of(survey)).collect();
    waiting.sort_by_key(|waiting| !waiting.closes_track);
    waiting
}

/// A pending track waits for nobody before its first task is done, whatever its plan begins with.
fn is_under_way(survey: &Survey) -> bool {
    match survey.group {
        Group::InProgress | Group::Blocked => true,
        Group::Pending => survey.counts.done > 0,
        Group::Done | Group::Removed => false,
    }
}

fn of<'s, 'a>(survey: &'s Survey<'a>) -> impl Iterator<Item = Waiting<'a>> + 's {
    let counts = survey.counts;
    let is_last = counts.done + 1 == counts.total();
    survey.phases.iter().enumerate().filter_map(move |(index, phase)| {
        let task = phase.due?;
        let held: Vec<&PhaseSurvey> = survey
            .phases
            .iter()
            .filter(|held| held.waits.contains(&index))
            .collect();
        Some(Waiting {
            track: &survey.track.id,
            phase: phase.name(),
            file: survey.track.plan_file.as_deref()?,
            line: task.line,
            boxes: boxes_to_set(task),
            holds: held.iter().map(|held| held.name()).collect(),
            held_tasks: held.iter().map(|held| held.counts.total()).sum(),
            closes_track: is_last,
        })
    })
}

/// A heading without a box of its own is done when the boxes under it are.
fn boxes_to_set(task: &Task) -> Option<Boxes> {
    task.marker.is_none().then(|| boxes(&task.items)).flatten()
}
