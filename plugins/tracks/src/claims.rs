//! `files` over a whole plan: which tasks claim a file that another, unordered one claims as well.
//!
//! Here nothing is decided: dispatch chains such tasks, these are the notes that say why it will.

use std::collections::{BTreeMap, BTreeSet};

use crate::Text;
use crate::annotation::{Depends, TargetKind};
use crate::diagnostic::Diagnostic;
use crate::plan::{Phase, Plan, Task};
use crate::plan_reader::count;
use crate::resolver::Resolver;

/// Looking at so many edges is enough for any plan a person wrote; past it the search stops and says so.
const BUDGET: usize = 300_000;

/// A task: index of its phase, index in it.
type At = (usize, usize);

/// Adds the notes about `execution` and `files`.
pub(crate) fn check<'a>(file: &Text<'a>, plan: &Plan<'a>, resolver: &Resolver<'_>, found: &mut Vec<Diagnostic<'a>>) {
    found.extend(plan.phases.iter().filter_map(|phase| parallel_with_one(file, phase)));
    found.extend(plan.phases.iter().flat_map(|phase| prose(file, phase)));
    shared_files(file, plan, resolver, found);
}

/// A phase that says parallel and has one task.
fn parallel_with_one<'a>(file: &Text<'a>, phase: &Phase<'a>) -> Option<Diagnostic<'a>> {
    let tasks = phase
        .tasks
        .iter()
        .filter(|task| !task.verification && task.state != crate::State::Removed)
        .count();
    let line = phase
        .annotations
        .iter()
        .find(|annotation| annotation.is("execution"))?
        .line;
    let reason = format!("phase {} is parallel and has one task", phase.label());
    (phase.is_parallel() && tasks == 1).then(|| Diagnostic::note("parallel-one-task", file.clone(), reason).at(line))
}

/// `files` that names no path.
fn prose<'a>(file: &Text<'a>, phase: &Phase<'a>) -> Vec<Diagnostic<'a>> {
    let named = |task: &Task<'a>| {
        let files = task.files.as_ref()?;
        let what = match (files.claims.len(), files.prose.first()) {
            (_, None) => return None,
            (0, Some(_)) => "`files` is prose, no path".to_string(),
            (_, Some(part)) => format!("`{part}` in `files` is prose, no path"),
        };
        let claims = count(files.claims.len() as u32, "path", "paths");
        let claims = if files.claims.is_empty() {
            "nothing".into()
        } else {
            claims
        };
        let reason = format!("{what}: task {} claims {claims}", task.name(phase));
        Some(Diagnostic::note("files-prose", file.clone(), reason).at(files.line))
    };
    phase.tasks.iter().filter_map(named).collect()
}

/// Tasks that claim the same path and that nothing orders.
fn shared_files<'a>(file: &Text<'a>, plan: &Plan<'a>, resolver: &Resolver<'_>, found: &mut Vec<Diagnostic<'a>>) {
    let mut order = Order {
        plan,
        resolver,
        budget: BUDGET,
    };
    for (paths, tasks) in unordered(plan, &mut order) {
        found.push(shared_note(file, plan, &paths, &tasks));
    }
    if order.exhausted() {
        let reason = "too many tasks claim the same files: not all were compared";
        found.push(Diagnostic::note("files-unchecked", file.clone(), reason));
    }
}

/// Paths and the tasks that claim all of them, as far as they are unordered; by the first task.
fn unordered<'p>(plan: &'p Plan<'_>, order: &mut Order<'_>) -> Vec<(Vec<&'p str>, Vec<At>)> {
    let mut groups: BTreeMap<Vec<At>, Vec<&str>> = BTreeMap::new();
    for (path, tasks) in claimed(plan) {
        let tasks = order.unordered(&tasks);
        if tasks.len() > 1 {
            groups.entry(tasks).or_default().push(path);
        }
    }
    groups.into_iter().map(|(tasks, paths)| (paths, tasks)).collect()
}

/// Every path with the open tasks that claim it. What is done or removed stands in nobody's way.
fn claimed<'p>(plan: &'p Plan<'_>) -> BTreeMap<&'p str, Vec<At>> {
    let mut by_path: BTreeMap<&str, Vec<At>> = BTreeMap::new();
    for (phase_at, phase) in plan.phases.iter().enumerate() {
        for (at, task) in phase
            .tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| !task.state.is_closed())
        {
            for claim in task.files.iter().flat_map(|files| &files.claims) {
                let tasks = by_path.entry(&claim.path).or_default();
                if tasks.last() != Some(&(phase_at, at)) {
                    tasks.push((phase_at, at));
                }
            }
        }
    }
    by_path
}

fn shared_note<'a>(file: &Text<'a>, plan: &Plan<'a>, paths: &[&str], tasks: &[At]) -> Diagnostic<'a> {
    let task = |at: &At| &plan.phases[at.0].tasks[at.1];
    let names: Vec<_> = tasks.iter().map(|at| task(at).name(&plan.phases[at.0])).collect();
    let (names, same) = (names.join(", "), tasks.iter().all(|at| at.0 == tasks[0].0));
    let paths = paths.join(", ");
    let reason = match same {
        true => format!("{names} (parallel) claim {paths}"),
        false => format!("{names} claim {paths}, unordered"),
    };
    let line = |at: &At| task(at).files.as_ref().map_or(task(at).line, |files| files.line);
    tasks
        .iter()
        .fold(Diagnostic::note("shared-file", file.clone(), reason), |found, at| {
            found.at(line(at))
        })
}

/// Which tasks come before which, by `execution` and `depends`.
struct Order<'p> {
    plan: &'p Plan<'p>,
    resolver: &'p Resolver<'p>,
    budget: usize,
}

impl Order<'_> {
    fn exhausted(&self) -> bool {
        self.budget == 0
    }

    fn spend(&mut self, steps: usize) {
        self.budget = self.budget.saturating_sub(steps);
    }

    /// Those of some tasks that are not ordered against at least one other of them.
    fn unordered(&mut self, tasks: &[At]) -> Vec<At> {
        let mut free = vec![false; tasks.len()];
        let mut seen: Vec<Before> = Vec::new();
        for (late, task) in tasks.iter().enumerate() {
            if self.exhausted() {
                break;
            }
            let before = self.before(*task);
            self.spend(late);
            for (early, other) in seen.iter().enumerate() {
                if !before.holds(tasks[early]) && !other.holds(*task) {
                    (free[early], free[late]) = (true, true);
                }
            }
            seen.push(before);
        }
        tasks
            .iter()
            .zip(free)
            .filter_map(|(at, free)| free.then_some(*at))
            .collect()
    }

    /// Everything that comes before a task.
    fn before(&mut self, task: At) -> Before {
        self.spend(1 + self.plan.phases.len() / 8);
        let mut before = Before {
            phases: vec![false; self.plan.phases.len()],
            tasks: BTreeSet::new(),
        };
        self.visit_phases(self.phase_dependencies(task.0), &mut before);
        let mut todo = vec![task];
        while let Some(at) = todo.pop().filter(|_| !self.exhausted()) {
            self.spend(1);
            todo.extend(
                self.direct(at, &mut before)
                    .into_iter()
                    .filter(|earlier| before.tasks.insert(*earlier)),
            );
        }
        before
    }

    /// The tasks right before a task; phases that come before it as a whole are marked.
    fn direct(&mut self, (phase_at, at): At, before: &mut Before) -> Vec<At> {
        let phase = &self.plan.phases[phase_at];
        let chained = (!phase.is_parallel() && at > 0).then(|| (phase_at, at - 1));
        let mut earlier: Vec<At> = chained.into_iter().collect();
        for target in phase.tasks[at].depends.targets() {
            match target.kind {
                TargetKind::Task => earlier.extend(self.resolver.task(phase_at, &target.number)),
                TargetKind::Phase => {
                    self.visit_phases(self.resolver.phase(&target.number).into_iter().collect(), before)
                }
                TargetKind::Other => {}
            }
        }
        // A task of another phase brings along what that phase waits for.
        for (other, _) in earlier.iter().filter(|(other, _)| *other != phase_at) {
            self.visit_phases(self.phase_dependencies(*other), before);
        }
        earlier
    }

    fn visit_phases(&mut self, mut todo: Vec<usize>, before: &mut Before) {
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut before.phases[at], true) {
                self.spend(1);
                todo.extend(self.phase_dependencies(at));
            }
        }
    }

    /// The phases right before a phase: those it names, none when it says so, else the one before it in the file.
    fn phase_dependencies(&self, phase: usize) -> Vec<usize> {
        match &self.plan.phases[phase].depends {
            Depends::Absent => phase.checked_sub(1).into_iter().collect(),
            Depends::Empty => Vec::new(),
            Depends::On(targets) => targets
                .iter()
                .filter(|target| target.kind == TargetKind::Phase)
                .filter_map(|target| self.resolver.phase(&target.number))
                .collect(),
        }
    }
}

/// What comes before a task: whole phases, and single tasks.
struct Before {
    phases: Vec<bool>,
    tasks: BTreeSet<At>,
}

impl Before {
    fn holds(&self, task: At) -> bool {
        self.phases.get(task.0) == Some(&true) || self.tasks.contains(&task)
    }
}
