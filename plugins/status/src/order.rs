//! Which phases of a plan wait for which: what may be worked on now.

use conductor_tracks::annotation::{Depends, Target, TargetKind};
use conductor_tracks::{Phase, Plan, State};

/// For each phase the indexes of the phases that it has to wait for: those not done that it directly depends on.
/// Empty for a phase that is begun: whoever began it did not wait.
pub(crate) fn waiting_for(plan: &Plan) -> Vec<Vec<usize>> {
    let open: Vec<bool> = plan.phases.iter().map(is_open).collect();
    let waits = |(index, phase): (usize, &Phase)| match is_untouched(phase) {
        true => dependencies(plan, index).into_iter().filter(|&on| open[on]).collect(),
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

/// The phases that one directly depends on. Without `depends` that is the one before it.
fn dependencies(plan: &Plan, index: usize) -> Vec<usize> {
    match &plan.phases[index].depends {
        Depends::Absent => index.checked_sub(1).into_iter().collect(),
        Depends::Empty => Vec::new(),
        Depends::On(targets) => {
            let mut found: Vec<usize> = targets.iter().filter_map(|target| resolve(plan, target)).collect();
            found.retain(|&on| on != index);
            found.sort_unstable();
            found.dedup();
            found
        }
    }
}

/// A phase's number comes first, its ordinal second. What names no phase is the reader's problem to report.
fn resolve(plan: &Plan, target: &Target) -> Option<usize> {
    let wanted = match target.kind {
        TargetKind::Phase => target.number.as_str(),
        TargetKind::Task => target.number.split_once('.')?.0,
        TargetKind::Other => return None,
    };
    let numbered = |phase: &Phase| {
        phase
            .number
            .as_deref()
            .is_some_and(|number| number.eq_ignore_ascii_case(wanted))
    };
    let by_ordinal = || {
        wanted
            .parse::<usize>()
            .ok()?
            .checked_sub(1)
            .filter(|&index| index < plan.phases.len())
    };
    plan.phases.iter().position(numbered).or_else(by_ordinal)
}

/// The task to go on with: the first open one of the first phase that need not wait, and none that only the person can do.
pub(crate) fn next_task<'p, 'a>(plan: &'p Plan<'a>, waiting: &[Vec<usize>]) -> Option<(usize, usize)> {
    let workable = |(index, phase): (usize, &'p Phase<'a>)| {
        let may_start = waiting[index].is_empty();
        may_start.then(|| next_in(phase)).flatten().map(|task| (index, task))
    };
    plan.phases.iter().enumerate().find_map(workable)
}

/// In a sequential phase a blocked task holds up those after it.
fn next_in(phase: &Phase) -> Option<usize> {
    let mut open = phase
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| !task.state.is_closed() && !task.verification);
    let next = match phase.is_parallel() {
        true => open.find(|(_, task)| task.state != State::Blocked),
        false => open.next().filter(|(_, task)| task.state != State::Blocked),
    };
    next.map(|(index, _)| index)
}

/// The verification that is all that is left of a phase.
pub(crate) fn verification_due<'p, 'a>(phase: &'p Phase<'a>) -> Option<&'p conductor_tracks::Task<'a>> {
    let mut open = phase.tasks.iter().filter(|task| !task.state.is_closed());
    let first = open
        .next()
        .filter(|task| task.verification && task.state != State::Blocked)?;
    open.all(|task| task.verification).then_some(first)
}
