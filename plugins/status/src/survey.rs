//! A track looked through once: how its tasks stand in each phase, which phases wait for which, and what is left to a person.
//!
//! Everything else in the report is made from this. With thousands of tracks each further pass over all tasks is felt.

use std::collections::BTreeSet;

use conductor_tracks::annotation::{Depends, Target, TargetKind};
use conductor_tracks::resolver::Resolver;
use conductor_tracks::{Counts, Phase, Plan, State, Task, Track};

use crate::report::{Group, PhaseName};

/// A track and what its plan comes to.
#[derive(Debug)]
pub(crate) struct Survey<'a> {
    /// The track.
    pub(crate) track: &'a Track<'a>,
    /// The part of the report in which it stands.
    pub(crate) group: Group,
    /// Where its tasks stand.
    pub(crate) counts: Counts,
    /// Its phases, none without a plan.
    pub(crate) phases: Vec<PhaseSurvey<'a>>,
}

/// A phase and what its tasks come to.
#[derive(Debug)]
pub(crate) struct PhaseSurvey<'a> {
    /// The phase.
    pub(crate) phase: &'a Phase<'a>,
    /// Where its tasks stand.
    pub(crate) counts: Counts,
    /// How many of its tasks are work, not a verification and not removed.
    pub(crate) work: u32,
    /// Whether a task names a commit.
    pub(crate) has_commits: bool,
    /// The indexes of the open phases that it waits for. Empty once it is begun: whoever began it did not wait.
    pub(crate) waits: Vec<usize>,
    /// The verification that is all that is left of it, if it waits for no other phase.
    pub(crate) due: Option<&'a Task<'a>>,
}

impl<'a> Survey<'a> {
    /// Looks through a track.
    pub(crate) fn of(track: &'a Track<'a>) -> Self {
        let phases = track.plan.as_ref().map(phases).unwrap_or_default();
        let mut counts = Counts::default();
        phases.iter().for_each(|phase| counts.merge(phase.counts));
        Self {
            track,
            group: group(track),
            counts,
            phases,
        }
    }

    /// Whether nothing is left to do, whatever its tasks say.
    pub(crate) fn is_closed(&self) -> bool {
        is_closed(self.track)
    }

    /// Its tasks, each with its phase.
    pub(crate) fn tasks(&self) -> impl DoubleEndedIterator<Item = (&PhaseSurvey<'a>, &'a Task<'a>)> {
        self.phases
            .iter()
            .flat_map(|phase| phase.phase.tasks.iter().map(move |task| (phase, task)))
    }

    /// The task to go on with: one in progress, else the first open one that waits for nothing and that is not the person's.
    pub(crate) fn next_task(&self) -> Option<(&'a Phase<'a>, &'a Task<'a>)> {
        let resolver = Resolver::new(self.track.plan.as_ref()?);
        let free = || {
            self.phases
                .iter()
                .enumerate()
                .filter(|(_, phase)| phase.waits.is_empty())
        };
        let begun = free().find_map(|(_, phase)| Some((phase.phase, begun_in(phase.phase)?)));
        begun.or_else(|| {
            free().find_map(|(index, phase)| Some((phase.phase, self.next_in(&resolver, index, phase.phase)?)))
        })
    }

    /// In a sequential phase a blocked task holds up those after it, in a parallel one only those that depend on it.
    fn next_in(&self, resolver: &Resolver, index: usize, phase: &'a Phase<'a>) -> Option<&'a Task<'a>> {
        let is_open = |task: &&Task| !task.state.is_closed() && !task.verification;
        let mut open = phase.tasks.iter().filter(is_open);
        let is_blocked = |task: &Task| task.state == State::Blocked;
        match phase.is_parallel() {
            true => open.find(|task| !is_blocked(task) && self.is_free(resolver, index, task)),
            false => open.next().filter(|task| !is_blocked(task)),
        }
    }

    /// Whether the tasks that a task names in `depends` are done.
    fn is_free(&self, resolver: &Resolver, phase: usize, task: &Task) -> bool {
        let targets = task.depends.targets().iter();
        let tasks = targets.filter(|target| target.kind == TargetKind::Task);
        let mut on = tasks.filter_map(|target| resolver.task(phase, &target.number));
        on.all(|(phase, task)| self.phases[phase].phase.tasks[task].state.is_closed())
    }
}

impl<'a> PhaseSurvey<'a> {
    /// Counts in one pass; what it waits for is known only beside the others.
    fn of(phase: &'a Phase<'a>) -> Self {
        let mut survey = Self {
            phase,
            counts: Counts::default(),
            work: 0,
            has_commits: false,
            waits: Vec::new(),
            due: None,
        };
        let mut open_work = 0;
        for task in &phase.tasks {
            survey.counts.add(task.state);
            survey.has_commits |= !task.shas.is_empty();
            survey.work += u32::from(!task.verification && task.state != State::Removed);
            let is_due = task.verification && task.state != State::Blocked;
            match (task.state.is_closed(), is_due) {
                (true, _) => {}
                (false, true) => survey.due = survey.due.or(Some(task)),
                (false, false) => open_work += 1,
            }
        }
        survey.due = survey.due.filter(|_| open_work == 0);
        survey
    }

    /// Whether something of it is left to do. A phase without tasks holds nobody up.
    fn is_open(&self) -> bool {
        self.counts.state().is_some_and(|state| !state.is_closed())
    }

    fn is_untouched(&self) -> bool {
        self.counts.total() > 0 && self.counts.done == 0 && self.counts.in_progress == 0
    }

    /// How it is referred to.
    pub(crate) fn name(&self) -> PhaseName<'a> {
        PhaseName {
            number: self.phase.number.as_deref(),
            title: &self.phase.title,
            ordinal: self.phase.ordinal,
        }
    }
}

/// The part of the report in which a track stands.
pub(crate) fn group(track: &Track) -> Group {
    match track.state {
        State::Removed => Group::Removed,
        _ if track.archived => Group::Done,
        State::Done => Group::Done,
        State::InProgress => Group::InProgress,
        State::Blocked => Group::Blocked,
        State::Pending | State::Unknown => Group::Pending,
    }
}

/// Whether nothing is left to do for a track.
pub(crate) fn is_closed(track: &Track) -> bool {
    matches!(group(track), Group::Done | Group::Removed)
}

fn phases<'a>(plan: &'a Plan<'a>) -> Vec<PhaseSurvey<'a>> {
    let mut phases: Vec<PhaseSurvey> = plan.phases.iter().map(PhaseSurvey::of).collect();
    if phases.iter().all(|phase| !phase.is_open()) {
        return phases;
    }
    let resolver = Resolver::new(plan);
    for index in 0..phases.len() {
        if phases[index].is_untouched() {
            let mut waits = dependencies(plan, &resolver, index);
            waits.retain(|&on| phases[on].is_open());
            phases[index].due = phases[index].due.filter(|_| waits.is_empty());
            phases[index].waits = waits;
        }
    }
    phases
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

fn begun_in<'a>(phase: &'a Phase<'a>) -> Option<&'a Task<'a>> {
    phase
        .tasks
        .iter()
        .find(|task| task.state == State::InProgress && !task.verification)
}
