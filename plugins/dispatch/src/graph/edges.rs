//! What each node waits for, from phases, `execution` and `depends`.
//!
//! The edges are put on the tasks and gates themselves: the last ones of a phase come before the first ones of the phases that
//! depend on it.

use std::collections::BTreeSet;

use conductor_tracks::annotation::{Depends, Target, TargetKind};
use conductor_tracks::plan::Plan;
use conductor_tracks::resolver::Resolver;

use super::items::Items;
use super::{Kind, Node, Problem};

/// From so many edges between two phases on, a joint stands between them: a plan may have two parallel phases of thousands.
const EDGES: usize = 64;

/// Connects the nodes; what can't be connected is a problem.
pub(super) fn connect(plan: &Plan<'_>, resolver: &Resolver<'_>, items: Items) -> (Vec<Node>, Vec<Problem>) {
    let mut connector = Connector {
        plan,
        resolver,
        of_task: items.of_task,
        after: vec![BTreeSet::new(); items.nodes.len()],
        nodes: items.nodes,
        joints: vec![None; plan.phases.len()],
        problems: Vec::new(),
    };
    for at in 0..plan.phases.len() {
        connector.inside(at);
    }
    let borders: Vec<Border> = (0..plan.phases.len()).map(|at| connector.border(at)).collect();
    for at in 0..plan.phases.len() {
        connector.between(at, &borders);
    }
    connector.finish()
}

struct Connector<'p> {
    plan: &'p Plan<'p>,
    resolver: &'p Resolver<'p>,
    of_task: Vec<Vec<Option<usize>>>,
    nodes: Vec<Node>,
    after: Vec<BTreeSet<usize>>,
    /// For each phase the joint behind its last nodes, where there is one.
    joints: Vec<Option<usize>>,
    problems: Vec<Problem>,
}

/// Where a phase begins and ends.
struct Border {
    /// The nodes that wait for nothing in it.
    starts: Vec<usize>,
    /// The nodes for which nothing in it waits.
    ends: Vec<usize>,
}

impl Connector<'_> {
    fn finish(self) -> (Vec<Node>, Vec<Problem>) {
        let Self {
            mut nodes,
            after,
            mut problems,
            ..
        } = self;
        for (at, (node, after)) in nodes.iter_mut().zip(after).enumerate() {
            node.after = after.into_iter().collect();
            if node.kind == Kind::Blocked {
                problems.push(Problem::Blocked { node: at });
            }
        }
        for problem in &problems {
            if let Problem::Lost { node, .. } = problem {
                nodes[*node].lost = true;
            }
        }
        (nodes, problems)
    }

    fn edge(&mut self, before: usize, node: usize) {
        if before != node {
            self.after[node].insert(before);
        }
    }

    /// The nodes of a phase, in order, each once.
    fn nodes_of(&self, at: usize) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.of_task[at].iter().copied().flatten().collect();
        nodes.dedup();
        nodes
    }

    /// The edges within a phase: a sequential one is a chain; in a parallel one a verification comes after all that stands before
    /// it, and before all that stands behind it.
    fn inside(&mut self, at: usize) {
        let nodes = self.nodes_of(at);
        if !self.plan.phases[at].is_parallel() {
            for pair in nodes.windows(2) {
                self.edge(pair[0], pair[1]);
            }
        } else {
            let mut gate = None;
            let mut since: Vec<usize> = Vec::new();
            for node in nodes {
                if let Some(gate) = gate {
                    self.edge(gate, node);
                }
                if self.nodes[node].kind == Kind::Gate {
                    since.drain(..).for_each(|before| self.edge(before, node));
                    gate = Some(node);
                } else {
                    since.push(node);
                }
            }
        }
        for (task_at, task) in self.plan.phases[at].tasks.iter().enumerate() {
            if let Some(node) = self.of_task[at][task_at] {
                for target in task.depends.targets() {
                    self.on_task(at, node, target);
                }
            }
        }
    }

    fn on_task(&mut self, at: usize, node: usize, target: &Target<'_>) {
        let resolver = self.resolver;
        match target.kind {
            TargetKind::Task => match self.resolver.task(at, &target.number) {
                Some((phase, task)) => {
                    if let Some(before) = self.of_task[phase][task] {
                        self.edge(before, node);
                    }
                }
                None => self.lost(node, target),
            },
            TargetKind::Phase if phase(resolver, target).is_none() => self.lost(node, target),
            TargetKind::Phase => {}
            TargetKind::Other => self.lost(node, target),
        }
    }

    fn lost(&mut self, node: usize, target: &Target<'_>) {
        self.problems.push(Problem::Lost {
            node,
            target: target.text.to_string(),
            line: target.line,
        });
    }

    fn border(&self, at: usize) -> Border {
        let nodes = self.nodes_of(at);
        let inside: BTreeSet<usize> = nodes.iter().copied().collect();
        let befores: BTreeSet<usize> = nodes.iter().flat_map(|&node| &self.after[node]).copied().collect();
        Border {
            starts: nodes
                .iter()
                .copied()
                .filter(|&node| self.after[node].is_disjoint(&inside))
                .collect(),
            ends: nodes.into_iter().filter(|node| !befores.contains(node)).collect(),
        }
    }

    /// The edges from the phases that a phase, or a task of it, depends on.
    fn between(&mut self, at: usize, borders: &[Border]) {
        let resolver = self.resolver;
        let starts = &borders[at].starts;
        if let Depends::On(targets) = &self.plan.phases[at].depends {
            for target in targets.iter().filter(|target| phase(resolver, target).is_none()) {
                starts.iter().for_each(|&node| self.lost(node, target));
            }
        }
        for before in self.before_phase(at) {
            self.behind(before, &borders[before].ends, starts);
        }
        for (task_at, task) in self.plan.phases[at].tasks.iter().enumerate() {
            let Some(node) = self.of_task[at][task_at] else {
                continue;
            };
            for before in task
                .depends
                .targets()
                .iter()
                .filter_map(|target| phase(resolver, target))
            {
                self.behind(before, &borders[before].ends, &[node]);
            }
        }
    }

    /// Puts nodes behind the last ones of a phase.
    fn behind(&mut self, phase: usize, ends: &[usize], nodes: &[usize]) {
        if ends.len() * nodes.len() <= EDGES {
            for &node in nodes {
                ends.iter().for_each(|&end| self.edge(end, node));
            }
            return;
        }
        let joint = self.joints[phase].unwrap_or_else(|| {
            self.nodes.push(Node::new(Kind::Joint, phase));
            self.after.push(ends.iter().copied().collect());
            self.nodes.len() - 1
        });
        self.joints[phase] = Some(joint);
        nodes.iter().for_each(|&node| self.edge(joint, node));
    }

    /// The phases right before a phase: those it names, none when it says so, else the one before it in the file. One without any
    /// task stands for those before it.
    fn before_phase(&self, at: usize) -> Vec<usize> {
        let mut seen = BTreeSet::from([at]);
        let (mut todo, mut found) = (self.named(at), Vec::new());
        while let Some(before) = todo.pop() {
            if !seen.insert(before) {
                continue;
            }
            if self.plan.phases[before].tasks.is_empty() {
                todo.extend(self.named(before));
            } else {
                found.push(before);
            }
        }
        found
    }

    fn named(&self, at: usize) -> Vec<usize> {
        match &self.plan.phases[at].depends {
            Depends::Absent => at.checked_sub(1).into_iter().collect(),
            Depends::Empty => Vec::new(),
            Depends::On(targets) => targets
                .iter()
                .filter_map(|target| phase(self.resolver, target))
                .collect(),
        }
    }
}

/// The phase that a target means.
fn phase(resolver: &Resolver<'_>, target: &Target<'_>) -> Option<usize> {
    (target.kind == TargetKind::Phase).then(|| resolver.phase(&target.number))?
}
