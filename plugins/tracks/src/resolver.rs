//! Which phase or task a number in `depends` (or in `beads_tasks`) means.

use std::collections::BTreeMap;

use crate::plan::Plan;

/// The numbers of a plan's phases and tasks, looked up at once.
#[derive(Debug)]
pub struct Resolver<'p> {
    plan: &'p Plan<'p>,
    phases: BTreeMap<String, usize>,
    in_phase: BTreeMap<(usize, &'p str), usize>,
    anywhere: BTreeMap<&'p str, (usize, usize)>,
}

impl<'p> Resolver<'p> {
    /// Collects the numbers. Where a number is there twice it means the first.
    pub fn new(plan: &'p Plan<'_>) -> Self {
        let mut resolver = Self {
            plan,
            phases: BTreeMap::new(),
            in_phase: BTreeMap::new(),
            anywhere: BTreeMap::new(),
        };
        if !depends(plan) {
            return resolver;
        }
        for (at, phase) in plan.phases.iter().enumerate() {
            if let Some(number) = &phase.number {
                resolver.phases.entry(number.to_ascii_lowercase()).or_insert(at);
                range(number).for_each(|each| _ = resolver.phases.entry(each.to_string()).or_insert(at));
            }
            for (task_at, task) in phase.tasks.iter().enumerate() {
                let Some(number) = task.number.as_deref() else { continue };
                resolver.in_phase.entry((at, number)).or_insert(task_at);
                resolver.anywhere.entry(number).or_insert((at, task_at));
            }
        }
        resolver
    }

    /// The index of the phase with a number (in lower case), else of the phase without a number at that place.
    pub fn phase(&self, number: &str) -> Option<usize> {
        self.phases.get(number).copied().or_else(|| {
            let place = number.parse::<usize>().ok()?.checked_sub(1)?;
            // `phase7` is not the seventh of phases 0 to 6.
            self.plan
                .phases
                .get(place)
                .filter(|phase| phase.number.is_none())
                .map(|_| place)
        })
    }

    /// The indexes of phase and task that a number in phase `from` means. In turn: the task of that number in the same
    /// phase; for `N.M` that number in phase N, number M in phase N, that number anywhere, the task at place M of phase
    /// N; at last the task at that place of the same phase. (113 of 116 real targets are the first.)
    pub fn task(&self, from: usize, number: &str) -> Option<(usize, usize)> {
        let here = |at: usize, number: &str| self.in_phase.get(&(at, number)).map(|task| (at, *task));
        here(from, number).or_else(|| match number.split_once('.') {
            None => self.place(from, number),
            Some((phase, task)) => {
                let phase = self.phase(phase);
                let named = phase.and_then(|at| here(at, number).or_else(|| here(at, task)));
                named
                    .or_else(|| self.anywhere.get(number).copied())
                    .or_else(|| self.place(phase?, task))
            }
        })
    }

    fn place(&self, phase: usize, number: &str) -> Option<(usize, usize)> {
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        self.plan.phases.get(phase)?.tasks.get(place).map(|_| (phase, place))
    }
}

/// The phases that a heading such as `Phase 6-10` stands for.
fn range(number: &str) -> std::ops::Range<u32> {
    let ends = number
        .split_once(['-', '–', '—'])
        .map(|(first, last)| (first.trim().parse(), last.trim().parse()));
    match ends {
        Some((Ok::<u32, _>(first), Ok::<u32, _>(last))) if last > first && last - first < 100 => first..last + 1,
        _ => 0..0,
    }
}

/// Whether there is anything to look up.
fn depends(plan: &Plan<'_>) -> bool {
    let named = |depends: &crate::annotation::Depends<'_>| !depends.targets().is_empty();
    plan.phases
        .iter()
        .any(|phase| named(&phase.depends) || phase.tasks.iter().any(|task| named(&task.depends)))
}
