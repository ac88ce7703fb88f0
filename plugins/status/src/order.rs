//! Which phases of a plan wait for which: what may be worked on now.

use std::collections::BTreeSet;

use conductor_tracks::annotation::{Depends, Target, TargetKind};
use conductor_tracks::resolver::Resolver;
use conductor_tracks::{Phase, Plan, State, Task};

/// For each phase the indexes of the phases that it has to wait for: those not done that it directly depends on.
/// Empty for a phase that is begun: whoever began it did not wait.
pub(crate) fn waiting_for(plan: &Plan) -> Vec<Vec<usize>> {
    let resolver = Resolver::new(plan);
    let open: Vec<bool> = plan.phases.iter().map(is_open).collect();
    let waits = |(index, phase): (usize, &Phase)| match is_untouched(phase) {
        true => dependencies(plan, &resolver, index)
            .into_iter()
            .filter(|&on| open[on])
            .collect(),
        false => Vec::new(),
    };
    plan.phases.iter().enumerate().map(waits).collect()
}

/// Whether something of a phase is left to do. A phase without tasks holds nobody up.
pub(crate) fn is_open(phase: &Phase) -> bool {
    phase.counts().state().is_some_and(|state| !state.is_closed())
}

fn is_untouched(phase: &Phase) -> bool {
    let counts = phase.counts();
    counts.total() > 0 && counts.done == 0 && counts.in_progress == 0
}

/// The phases that one directly depends on. Without `depends` that is the one before it. What names no phase is for the
/// reader to report.
fn dependencies(plan: &Plan, resolver: &Resolver, index: usize) -> Vec<usize> {
    let phase_of = |target: &Target| match target.kind {
        TargetKind::Phase => resolver.phase(&target.number),
        TargetKind::Task => resolver.task(index, &target.number).map(|(phase, _)| phase),
        TargetKind::Other => None,
    };
    match &plan.phases[index].depends {
        Depends::Absent => index.checked_sub(1).into_iter().collect(),
        Depends::Empty => Vec::new(),
        Depends::On(targets) => {
            let on: BTreeSet<usize> = targets.iter().filter_map(phase_of).filter(|&on| on != index).collect();
            on.into_iter().collect()
        }
    }
}

/// The task to go on with, as indexes of phase and task: one in progress, else the first open one that waits for nothing
/// and that is not the person's.
pub(crate) fn next_task(plan: &Plan, waiting: &[Vec<usize>]) -> Option<(usize, usize)> {
    let resolver = Resolver::new(plan);
    let free = || {
        waiting
            .iter()
            .enumerate()
            .filter(|(_, on)| on.is_empty())
            .map(|(index, _)| index)
    };
    let in_phase =
        |index: usize, next: &dyn Fn(&Phase) -> Option<usize>| next(&plan.phases[index]).map(|task| (index, task));
    free()
        .find_map(|index| in_phase(index, &begun_in))
        .or_else(|| free().find_map(|index| in_phase(index, &|_| next_in(plan, &resolver, index))))
}

fn begun_in(phase: &Phase) -> Option<usize> {
    phase
        .tasks
        .iter()
        .position(|task| task.state == State::InProgress && !task.verification)
}

/// In a sequential phase a blocked task holds up those after it, in a parallel one only those that depend on it.
fn next_in(plan: &Plan, resolver: &Resolver, index: usize) -> Option<usize> {
    let phase = &plan.phases[index];
    let mut open = phase
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| !task.state.is_closed() && !task.verification);
    let is_blocked = |task: &Task| task.state == State::Blocked;
    let next = match phase.is_parallel() {
        true => open.find(|(_, task)| !is_blocked(task) && is_free(plan, resolver, index, task)),
        false => open.next().filter(|(_, task)| !is_blocked(task)),
    };
    next.map(|(task, _)| task)
}

/// Whether the tasks that a task names in `depends` are done.
fn is_free(plan: &Plan, resolver: &Resolver, phase: usize, task: &Task) -> bool {
    let targets = task
        .depends
        .targets()
        .iter()
        .filter(|target| target.kind == TargetKind::Task);
    let mut on = targets.filter_map(|target| resolver.task(phase, &target.number));
    on.all(|(phase, task)| plan.phases[phase].tasks[task].state.is_closed())
}

/// The verification that is all that is left of a phase.
pub(crate) fn verification_due<'p, 'a>(phase: &'p Phase<'a>) -> Option<&'p Task<'a>> {
    let mut open = phase.tasks.iter().filter(|task| !task.state.is_closed());
    let first = open
        .next()
        .filter(|task| task.verification && task.state != State::Blocked)?;
    open.all(|task| task.verification).then_some(first)
}
