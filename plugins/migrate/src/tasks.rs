//! Which tasks of the plan are a worker's: by the names in the file, its beads, the title, or its place. Pure.

use std::collections::BTreeSet;

use conductor_dispatch::identity::{self, At, Found, Name};
use conductor_tracks::Plan;
use conductor_tracks::metadata::Metadata;
use conductor_tracks::parallel_state::Worker;

use crate::states::Said;

/// The tasks, without those that are a person's; empty where nobody can tell.
#[must_use]
pub fn of(plan: &Plan<'_>, metadata: Option<&Metadata>, said: &Said) -> Vec<At> {
    let worker = &said.worker;
    let ways: [&dyn Fn() -> Vec<At>; 4] = [
        &|| by_names(plan, worker),
        &|| by_beads(plan, metadata, worker),
        &|| by_title(plan, worker),
        &|| by_place(plan, said),
    ];
    let found = ways.iter().map(|way| way()).find(|found| !found.is_empty());
    let found: BTreeSet<At> = found.unwrap_or_default().into_iter().collect();
    found
        .into_iter()
        .filter(|&(phase, task)| !plan.phases[phase].tasks[task].verification)
        .collect()
}

fn by_names(plan: &Plan<'_>, worker: &Worker) -> Vec<At> {
    let names: Vec<Name> = worker
        .tasks
        .iter()
        .map(|task| Name {
            key: task.key.replacen("_task", "/task", 1),
            phase: task.phase.clone(),
            title: task.title.clone(),
        })
        .collect();
    let found = identity::find(plan, &names).into_iter();
    found
        .filter_map(|found| match found {
            Found::Task(at) => Some(at),
            _ => None,
        })
        .collect()
}

fn by_beads(plan: &Plan<'_>, metadata: Option<&Metadata>, worker: &Worker) -> Vec<At> {
    let Some(metadata) = metadata else { return Vec::new() };
    let known = || metadata.beads_tasks.iter().chain(&metadata.gastown_tasks);
    let ids = worker.beads_tasks.iter().chain(&worker.beads_id);
    ids.flat_map(|id| {
        let key = known().find(|(_, known)| known == id).map(|(key, _)| key.as_str());
        key.map(|key| by_key(plan, key)).unwrap_or_default()
    })
    .collect()
}

/// `phase2_task1`, `phase2/task1`, `phase2`.
fn by_key(plan: &Plan<'_>, key: &str) -> Vec<At> {
    let key = key.trim().to_lowercase().replacen("_task", "/task", 1);
    let all = || {
        let phases = plan.phases.iter().enumerate();
        phases.flat_map(|(phase, of)| (0..of.tasks.len()).map(move |task| (phase, task)))
    };
    match key.contains('/') {
        true => all()
            .filter(|&at| Name::of(plan, at).key.to_lowercase() == key)
            .collect(),
        false => all()
            .filter(|&(phase, _)| plan.phases[phase].key().to_lowercase() == key)
            .collect(),
    }
}

fn by_title(plan: &Plan<'_>, worker: &Worker) -> Vec<At> {
    let Some(title) = worker.title.as_deref() else {
        return Vec::new();
    };
    let by_key = by_key(plan, title);
    if !by_key.is_empty() {
        return by_key;
    }
    let words = words(title);
    let tasks: Vec<At> = plan
        .phases
        .iter()
        .enumerate()
        .flat_map(|(phase, of)| (0..of.tasks.len()).map(move |task| (phase, task)))
        .filter(|&(phase, task)| {
            let of = &plan.phases[phase];
            let own = words_of(&of.tasks[task].title);
            let numbered = format!("{} {}", of.tasks[task].name(of), of.tasks[task].title);
            own == without_label(&words, "task") || words_of(&numbered) == words
        })
        .collect();
    match tasks.len() {
        1 => tasks,
        _ => of_phase(plan, title),
    }
}

/// The tasks of the phases that a text begins with: `Phase 2: Forms`, `Phase 1 + Phase 2 (parallel)`.
fn of_phase(plan: &Plan<'_>, text: &str) -> Vec<At> {
    let said = words(text);
    let is_meant = |place: usize| {
        let phase = &plan.phases[place];
        let title = words_of(&phase.title);
        let label = phase.label().to_lowercase();
        let by_label = said.windows(2).any(|two| two[0] == "phase" && two[1] == label);
        by_label || (!title.is_empty() && without_label(&said, "phase") == title)
    };
    let places = (0..plan.phases.len()).filter(|&place| is_meant(place));
    places
        .flat_map(|phase| (0..plan.phases[phase].tasks.len()).map(move |task| (phase, task)))
        .collect()
}

/// `task_index` in the phase that the file is about.
fn by_place(plan: &Plan<'_>, said: &Said) -> Vec<At> {
    let index = said.worker.task_index.and_then(|index| usize::try_from(index).ok());
    let (Some(index), Some(phase)) = (index, said.phase.as_deref()) else {
        return Vec::new();
    };
    let phases: BTreeSet<usize> = of_phase(plan, phase).into_iter().map(|(phase, _)| phase).collect();
    match (phases.len(), phases.first()) {
        (1, Some(&phase)) if index < plan.phases[phase].tasks.len() => vec![(phase, index)],
        _ => Vec::new(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn words_of(text: &str) -> Vec<String> {
    words(text)
}

/// Without `Phase 2`, `Task 1` at its beginning.
fn without_label(words: &[String], label: &str) -> Vec<String> {
    match words {
        [first, number, rest @ ..] if first == label && number.starts_with(|c: char| c.is_ascii_digit()) => {
            rest.to_vec()
        }
        _ => words.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use conductor_tracks::Plan;
    use conductor_tracks::metadata::Metadata;
    use conductor_tracks::parallel_state::{TaskName, Worker};

    use super::of;
    use crate::states::Said;

    const PLAN: &str = "# P\n\n## Phase 1: Server\n- [ ] Task 1: Add the table\n- [ ] Task 2: Write tests\n\
                        - [ ] Task: Conductor - User Manual Verification 'Server'\n\n\
                        ## Phase 2: Pages\n- [ ] Task 1: Form\n- [ ] Task 2: Write tests\n";

    fn found(worker: Worker, phase: Option<&str>) -> Vec<(usize, usize)> {
        let (plan, _) = Plan::read("plan.md", PLAN.as_bytes());
        let metadata = Metadata {
            beads_tasks: vec![
                ("phase2_task1".to_owned(), "cd-2.1".to_owned()),
                ("phase1".to_owned(), "cd-1".to_owned()),
            ],
            ..Metadata::default()
        };
        let said = Said {
            worker,
            phase: phase.map(str::to_owned),
            ..Said::default()
        };
        of(&plan, Some(&metadata), &said)
    }

    fn titled(title: &str) -> Vec<(usize, usize)> {
        let worker = Worker {
            title: Some(title.to_owned()),
            ..Worker::default()
        };
        found(worker, None)
    }

    #[test]
    fn each_way_in_which_files_name_tasks() {
        assert_eq!(titled("Phase 1: Server"), [(0, 0), (0, 1)]);
        assert_eq!(titled("Phase 1 + Phase 2 (parallel)"), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        assert_eq!(titled("Task 1: Add the `table`"), [(0, 0)]);
        assert_eq!(titled("add the table"), [(0, 0)]);
        assert_eq!(titled("2.1 Form"), [(1, 0)]);
        assert_eq!(titled("phase2_task2"), [(1, 1)]);
        assert_eq!(titled("Pages"), [(1, 0), (1, 1)]);
        // Two have these words.
        assert_eq!(titled("Write tests"), []);
        assert_eq!(titled("Something else"), []);
        let bead = |id: &str| Worker {
            beads_id: Some(id.to_owned()),
            ..Worker::default()
        };
        assert_eq!(found(bead("cd-2.1"), None), [(1, 0)]);
        assert_eq!(found(bead("cd-1"), None), [(0, 0), (0, 1)]);
        assert_eq!(found(bead("cd-9"), None), []);
        let placed = |index| Worker {
            task_index: Some(index),
            ..Worker::default()
        };
        assert_eq!(found(placed(1), Some("Phase 2: Pages")), [(1, 1)]);
        assert_eq!(found(placed(9), Some("Phase 2: Pages")), []);
        assert_eq!(found(placed(0), None), []);
        let named = Worker {
            tasks: vec![TaskName {
                key: "phase1/task9".to_owned(),
                phase: "Server".to_owned(),
                title: "Add the table".to_owned(),
            }],
            title: Some("Phase 2".to_owned()),
            ..Worker::default()
        };
        assert_eq!(found(named, None), [(0, 0)]);
    }
}
