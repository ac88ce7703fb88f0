//! The order of a plan's work: which items there are, what each waits for, and in which wave it can be done.
//!
//! The way through: the plan's tasks become nodes ([`items`]), annotations and phases become edges ([`edges`]), nodes are set in
//! order and counted in waves ([`order`]), and items that claim a common file are put one behind the other ([`claims`]).

mod claims;
mod edges;
mod items;
mod order;
mod pairs;

use conductor_tracks::Plan;
use conductor_tracks::resolver::Resolver;

pub use claims::Chain;
pub(crate) use claims::covers;

/// How a plan is cut into items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Each task of a sequential phase is an item of its own, instead of one worker doing them in turn.
    pub per_task: bool,
}

/// The open work of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// In the order of the plan, joints at the end.
    pub nodes: Vec<Node>,
    /// Items that were put one behind the other since they claim a common file, in the order of their waves.
    pub chains: Vec<Chain>,
    /// What keeps open tasks from being done.
    pub problems: Vec<Problem>,
}

/// One thing to be done, by one worker or by the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its phase, as an index into the plan's.
    pub phase: usize,
    /// Its tasks, as indexes into the phase's, in order.
    pub tasks: Vec<usize>,
    /// The nodes right before it, as indexes, each once, in order.
    pub after: Vec<usize>,
    /// The wave in which it can be done, from 1; that of a gate is the one it ends. `None` where it can't be done: it waits for
    /// something that is [`Kind::Blocked`], for itself, or for what is not in the plan.
    pub wave: Option<u32>,
    /// Whether one of its `depends` names nothing of the plan.
    pub lost: bool,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A worker.
    Item,
    /// The person: a verification.
    Gate,
    /// Nobody as long as it is `[!]`.
    Blocked,
    /// Nobody: the end of a phase, where many wait for many. It has no tasks.
    Joint,
}

/// Why a node can't be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Its task is `[!]`.
    Blocked {
        /// The node.
        node: usize,
    },
    /// It depends on something that the plan has not.
    Lost {
        /// The node.
        node: usize,
        /// What is written there.
        target: String,
        /// The line of the annotation.
        line: u32,
    },
    /// They wait for each other.
    Circle {
        /// The nodes, in the order of the plan.
        nodes: Vec<usize>,
    },
}

impl Graph {
    /// Finds what is to be done of a plan, and in which order.
    #[must_use]
    pub fn of(plan: &Plan<'_>, options: Options) -> Self {
        let resolver = Resolver::new(plan);
        let items = items::Items::of(plan, &resolver, options);
        let (mut nodes, mut problems) = edges::connect(plan, &resolver, items);
        let circles = order::waves(&mut nodes);
        let chains = claims::chain(plan, &mut nodes);
        problems.extend(circles.into_iter().map(|nodes| Problem::Circle { nodes }));
        Self {
            nodes,
            chains,
            problems,
        }
    }

    /// How many waves there are.
    #[must_use]
    pub fn waves(&self) -> u32 {
        self.items().filter_map(|(_, node)| node.wave).max().unwrap_or(0)
    }

    /// How many items the widest wave has: as many workers can be at it at once.
    #[must_use]
    pub fn width(&self) -> usize {
        let mut widths = vec![0; self.waves() as usize + 1];
        for wave in self.items().filter_map(|(_, node)| node.wave) {
            widths[wave as usize] += 1;
        }
        widths.into_iter().max().unwrap_or(0)
    }

    /// The items for workers, with their indexes.
    pub fn items(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.of_kind(Kind::Item)
    }

    /// The person's verifications, with their indexes.
    pub fn gates(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.of_kind(Kind::Gate)
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.kind == kind)
    }

    /// The items that nothing keeps from being begun.
    pub fn ready(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.items()
            .filter(|(_, node)| node.after.is_empty() && node.wave.is_some())
    }
}

impl Node {
    fn new(kind: Kind, phase: usize) -> Self {
        Self {
            kind,
            phase,
            tasks: Vec::new(),
            after: Vec::new(),
            wave: None,
            lost: false,
        }
    }

    /// How a person names it: `2.1`, or `2.1–2.4` where one worker does several.
    #[must_use]
    pub fn name(&self, plan: &Plan<'_>) -> String {
        let phase = &plan.phases[self.phase];
        let name = |at: &usize| phase.tasks[*at].name(phase);
        match self.tasks.as_slice() {
            [] => phase.label(),
            [one] => name(one),
            [first, .., last] => format!("{}–{}", name(first), name(last)),
        }
    }
}
