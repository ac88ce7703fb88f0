//! Where a track stands between its plan and its workers: who is at work, what can be begun, what is held back and why, and what
//! waits for the person. Pure.

use std::collections::{BTreeMap, BTreeSet};

use conductor_tracks::Plan;

use crate::graph::{Graph, Kind};
use crate::identity::{self, Found};
use crate::request::Selection;
use crate::workers::{Status, Worker, Workers};

/// What is looked at.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The plan as it is now.
    pub plan: &'a Plan<'a>,
    /// Its order of work.
    pub graph: &'a Graph,
    /// The workers that were handed out.
    pub workers: &'a Workers,
    /// Files that workers of other tracks have to themselves, and who they are.
    pub locked: &'a BTreeMap<String, String>,
    /// The Claude session that asks; none at a terminal.
    pub session: Option<&'a str>,
    /// What the person wants of it.
    pub wish: &'a Wish,
    /// Nodes that somebody has, beside these workers.
    pub taken: &'a BTreeSet<usize>,
    /// How many are at work, beside these workers.
    pub busy: usize,
    /// What nodes wait for in other rigs of Gas Town, in words.
    pub cross_rig: &'a BTreeMap<usize, String>,
}

/// What the person wants of a dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// How many workers may be at work at once.
    pub max_workers: usize,
    /// Only these tasks; all where it is empty.
    pub tasks: Selection,
    /// Only these phases; all where it is empty.
    pub phases: Selection,
    /// Not these tasks.
    pub except: Selection,
}

/// Where a track stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The nodes that workers of this session have, with the workers' places.
    pub at_work: Vec<AtWork>,
    /// Workers of another session, by their places: it may have ended.
    pub others: Vec<usize>,
    /// Workers whose tasks are not in the plan any more, or could be several, by their places.
    pub unclear: Vec<usize>,
    /// The nodes that can be begun now, in order.
    pub ready: Vec<usize>,
    /// Nodes that nothing before them holds, and that wait nevertheless.
    pub held_back: Vec<(usize, HeldBack)>,
    /// Verifications that nothing holds: the person's.
    pub due: Vec<usize>,
    /// Whether every task of the plan is closed.
    pub done: bool,
}

/// A worker and what it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// Its place among the workers.
    pub worker: usize,
    /// The nodes that its tasks are in.
    pub nodes: Vec<usize>,
}

/// Why a node waits that nothing before it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// A file of its is a worker's.
    Locked {
        /// The file.
        file: String,
        /// The worker.
        by: String,
    },
    /// As many workers as may be are at work.
    Full,
    /// The person has left it out.
    LeftOut,
    /// Something in another rig is not done.
    CrossRig(String),
}

impl Standing {
    /// Finds out where a track stands.
    #[must_use]
    pub fn of(observed: &Observed<'_>) -> Self {
        let mut standing = Self {
            done: observed.plan.tasks().next().is_some() && observed.plan.tasks().all(|task| task.state.is_closed()),
            ..Self::default()
        };
        standing.place_workers(observed);
        let of_workers = standing.at_work.iter().flat_map(|at| at.nodes.clone());
        let busy: BTreeSet<usize> = of_workers.chain(observed.taken.iter().copied()).collect();
        let mut locks = observed.locked.clone();
        for worker in observed.workers.at_work() {
            locks.extend(worker.files.iter().map(|file| (file.clone(), worker.worker_id.clone())));
        }
        let mut room = observed
            .wish
            .max_workers
            .saturating_sub(observed.workers.at_work().count() + observed.busy);
        for (at, node) in observed.graph.nodes.iter().enumerate() {
            if !node.after.is_empty() || node.wave.is_none() || busy.contains(&at) {
                continue;
            }
            match node.kind {
                Kind::Gate => standing.due.push(at),
                Kind::Item => match held_back(observed, at, &locks, room) {
                    Some(reason) => standing.held_back.push((at, reason)),
                    None => {
                        room -= 1;
                        standing.ready.push(at);
                    }
                },
                Kind::Blocked | Kind::Joint => {}
            }
        }
        standing
    }

    fn place_workers(&mut self, observed: &Observed<'_>) {
        for (place, worker) in observed.workers.workers.iter().enumerate() {
            if worker.status != Status::InProgress {
                continue;
            }
            if is_of_another_session(worker, observed.session) {
                self.others.push(place);
            }
            let nodes = nodes_of(observed, worker);
            if nodes.is_empty() {
                self.unclear.push(place);
            } else {
                self.at_work.push(AtWork { worker: place, nodes });
            }
        }
    }
}

/// At a terminal nobody can tell; a worker that names no session is nobody's.
fn is_of_another_session(worker: &Worker, session: Option<&str>) -> bool {
    match (session, &worker.session) {
        (Some(ours), Some(theirs)) => ours != theirs,
        _ => false,
    }
}

/// The nodes that hold a worker's open tasks. Empty where none of them is in the plan, or they could be several.
fn nodes_of(observed: &Observed<'_>, worker: &Worker) -> Vec<usize> {
    let found = identity::find(observed.plan, &worker.tasks);
    let mut nodes = BTreeSet::new();
    for found in found {
        if let Found::Task((phase, task)) = found {
            let node = observed
                .graph
                .nodes
                .iter()
                .position(|node| node.phase == phase && node.tasks.contains(&task));
            nodes.extend(node);
        }
    }
    nodes.into_iter().collect()
}

fn held_back(observed: &Observed<'_>, at: usize, locks: &BTreeMap<String, String>, room: usize) -> Option<HeldBack> {
    let wish = observed.wish;
    let node = &observed.graph.nodes[at];
    let phase = &observed.plan.phases[node.phase];
    let names: Vec<String> = node.tasks.iter().map(|&task| phase.tasks[task].name(phase)).collect();
    let is_wanted = (wish.tasks.is_empty() || names.iter().any(|name| wish.tasks.has(name)))
        && (wish.phases.is_empty() || wish.phases.has(&phase.label()))
        && !names.iter().any(|name| wish.except.has(name));
    if !is_wanted {
        return Some(HeldBack::LeftOut);
    }
    if let Some(what) = observed.cross_rig.get(&at) {
        return Some(HeldBack::CrossRig(what.clone()));
    }
    let locked = files(observed.plan, observed.graph, at).into_iter().find_map(|file| {
        let by = locks.iter().find(|(lock, _)| overlaps(lock, &file))?;
        Some(HeldBack::Locked { by: by.1.clone(), file })
    });
    locked.or_else(|| (room == 0).then_some(HeldBack::Full))
}

/// Whether two claims can mean a common file.
fn overlaps(one: &str, other: &str) -> bool {
    one == other || crate::graph::covers(one, other) || crate::graph::covers(other, one)
}

/// The files that a node's tasks claim, each once, in order.
#[must_use]
pub fn files(plan: &Plan<'_>, graph: &Graph, at: usize) -> Vec<String> {
    let node = &graph.nodes[at];
    let tasks = node.tasks.iter().map(|&task| &plan.phases[node.phase].tasks[task]);
    let mut files: Vec<String> = Vec::new();
    for claim in tasks.flat_map(|task| task.files.iter().flat_map(|files| &files.claims)) {
        if !files.iter().any(|file| *file == claim.path) {
            files.push(claim.path.to_string());
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Options;
    use crate::identity::Name;

    const PLAN: &str = "# P\n\n## Phase 1: A\n<!-- execution: parallel -->\n\
        - [ ] Task 1: api\n  <!-- files: a.rs -->\n- [ ] Task 2: form\n  <!-- files: b.rs -->\n\
        - [ ] Task 3: docs\n  <!-- files: a.rs -->\n\n- [ ] Task: Conductor - User Manual Verification 'A'\n";

    fn wish() -> Wish {
        Wish {
            max_workers: 4,
            tasks: Selection::default(),
            phases: Selection::default(),
            except: Selection::default(),
        }
    }

    fn at(plan: &Plan<'_>, at: (usize, usize), session: &str) -> Worker {
        let text = format!(r#"{{"worker_id": "worker_1_x", "status": "in_progress", "session": "{session}"}}"#);
        let mut worker: Worker = serde_json::from_str(&text).expect("a worker");
        worker.tasks = vec![Name::of(plan, at)];
        worker
    }

    fn standing(
        text: &str,
        change: impl Fn(&Plan<'_>, &mut Workers, &mut Wish, &mut BTreeMap<String, String>),
    ) -> Standing {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let graph = Graph::of(&plan, Options::default());
        let (mut workers, mut wish, mut locked) = (Workers::default(), wish(), BTreeMap::new());
        change(&plan, &mut workers, &mut wish, &mut locked);
        Standing::of(&Observed {
            plan: &plan,
            graph: &graph,
            workers: &workers,
            locked: &locked,
            session: Some("s1"),
            wish: &wish,
            taken: &BTreeSet::new(),
            busy: 0,
            cross_rig: &BTreeMap::new(),
        })
    }

    #[test]
    fn what_nothing_holds_is_ready_and_what_claims_the_same_file_waits() {
        let found = standing(PLAN, |_, _, _, _| {});
        // The third is chained behind the first.
        assert_eq!((found.ready, found.due, found.done), (vec![0, 1], vec![], false));
    }

    #[test]
    fn what_a_worker_has_is_not_begun_again() {
        let found = standing(PLAN, |plan, workers, _, _| workers.workers.push(at(plan, (0, 0), "s1")));
        assert_eq!(found.ready, [1]);
        assert_eq!(
            found.at_work,
            [AtWork {
                worker: 0,
                nodes: vec![0]
            }]
        );
        assert!(found.others.is_empty());
        let of_another = standing(PLAN, |plan, workers, _, _| workers.workers.push(at(plan, (0, 0), "s0")));
        assert_eq!((of_another.others, of_another.ready), (vec![0], vec![1]));
    }

    #[test]
    fn a_file_of_another_track_and_a_full_house_hold_back() {
        let found = standing(PLAN, |_, _, wish, locked| {
            locked.insert("a.rs".to_owned(), "worker_3_other of cart".to_owned());
            wish.max_workers = 1;
        });
        assert_eq!(found.ready, [1]);
        assert!(matches!(&found.held_back[..], [(0, HeldBack::Locked { file, .. })] if file == "a.rs"));
        let full = standing(PLAN, |_, _, wish, _| wish.max_workers = 1);
        assert_eq!(full.held_back, [(1, HeldBack::Full)]);
    }

    #[test]
    fn only_what_the_person_wants() {
        let found = standing(PLAN, |_, _, wish, _| {
            wish.except = crate::request::selection("1.1").expect("a task");
        });
        assert_eq!((found.ready, found.held_back), (vec![1], vec![(0, HeldBack::LeftOut)]));
    }

    #[test]
    fn a_gate_is_due_when_the_phase_is_done_and_then_the_track() {
        let done = PLAN
            .replace("[ ] Task 1", "[x] Task 1")
            .replace("[ ] Task 2", "[x] Task 2")
            .replace("[ ] Task 3", "[x] Task 3");
        let found = standing(&done, |_, _, _, _| {});
        assert_eq!((found.due.len(), found.ready.len(), found.done), (1, 0, false));
        let found = standing(&done.replace("[ ]", "[x]"), |_, _, _, _| {});
        assert_eq!((found.due.len(), found.done), (0, true));
    }

    #[test]
    fn a_worker_whose_task_is_gone_is_unclear() {
        let found = standing(PLAN, |plan, workers, _, _| {
            let mut lost = at(plan, (0, 0), "s1");
            lost.tasks[0] = Name {
                key: "phase9/task9".to_owned(),
                phase: "Z".to_owned(),
                title: "gone".to_owned(),
            };
            workers.workers.push(lost);
        });
        assert_eq!((found.unclear, found.ready), (vec![0], vec![0, 1]));
    }
}
