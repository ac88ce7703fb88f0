//! From a plan's tasks to nodes: what one worker does, what the person verifies, what is blocked.

use conductor_tracks::State;
use conductor_tracks::annotation::TargetKind;
use conductor_tracks::plan::{Phase, Plan, Task};
use conductor_tracks::resolver::Resolver;

use super::pairs::is_pair;
use super::{Kind, Node, Options};

/// The nodes of a plan, not yet connected, and which of them does a task.
pub(super) struct Items {
    pub(super) nodes: Vec<Node>,
    /// For each phase, for each of its tasks, the node that does it; `None` where nothing is to be done.
    pub(super) of_task: Vec<Vec<Option<usize>>>,
}

impl Items {
    pub(super) fn of(plan: &Plan<'_>, resolver: &Resolver<'_>, options: Options) -> Self {
        let mut items = Self {
            nodes: Vec::new(),
            of_task: Vec::with_capacity(plan.phases.len()),
        };
        for (at, phase) in plan.phases.iter().enumerate() {
            items.of_task.push(vec![None; phase.tasks.len()]);
            let mut last: Option<usize> = None;
            for (task_at, task) in phase.tasks.iter().enumerate() {
                if task.state.is_closed() {
                    continue;
                }
                let kind = kind(task);
                let with = last.filter(|&last| {
                    kind == Kind::Item && items.joins(plan, resolver, (at, phase), last, task, options)
                });
                let node = with.unwrap_or_else(|| items.push(kind, at));
                items.nodes[node].tasks.push(task_at);
                items.of_task[at][task_at] = Some(node);
                last = Some(node);
            }
        }
        items
    }

    fn push(&mut self, kind: Kind, phase: usize) -> usize {
        self.nodes.push(Node::new(kind, phase));
        self.nodes.len() - 1
    }

    /// Whether a task is done by the worker of the node before it: all of a sequential phase are, and what is made together with
    /// its tests. What waits for work elsewhere in the middle of a sequential phase begins a new node.
    fn joins(
        &self,
        plan: &Plan<'_>,
        resolver: &Resolver<'_>,
        (at, phase): (usize, &Phase<'_>),
        last: usize,
        task: &Task<'_>,
        options: Options,
    ) -> bool {
        let last = &self.nodes[last];
        if last.kind != Kind::Item {
            return false;
        }
        if !phase.is_parallel() {
            return !options.per_task && !waits_elsewhere(plan, resolver, at, task);
        }
        let [only] = last.tasks[..] else { return false };
        is_pair(&phase.tasks[only].title, &task.title) && !waits_elsewhere(plan, resolver, at, task)
    }
}

fn kind(task: &Task<'_>) -> Kind {
    match (task.verification, task.state) {
        (_, State::Blocked) => Kind::Blocked,
        (true, _) => Kind::Gate,
        (false, _) => Kind::Item,
    }
}

/// Whether a task names something outside its phase that is still open, or something that is not there.
fn waits_elsewhere(plan: &Plan<'_>, resolver: &Resolver<'_>, at: usize, task: &Task<'_>) -> bool {
    task.depends.targets().iter().any(|target| match target.kind {
        TargetKind::Task => match resolver.task(at, &target.number) {
            Some((phase, task)) => phase != at && !plan.phases[phase].tasks[task].state.is_closed(),
            None => true,
        },
        TargetKind::Phase => resolver.phase(&target.number) != Some(at),
        TargetKind::Other => true,
    })
}
