//! What a dispatch would begin, and the digest that stands for it: the person agrees to exactly this.

use conductor_common::count;
use conductor_plugin::digest;

use crate::beads::Beads;
use crate::choose::Mode;
use crate::ground::Ground;
use crate::identity::Name;
use crate::standing::{Standing, files};
use crate::town::crew;

/// What is started in Gas Town beside polecats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Starts {
    /// The refinery, which merges.
    pub refinery: bool,
    /// The session of the crew member that gets the work.
    pub crew: bool,
    /// Gas Town gives out the work by itself (`gt convoy launch`), and starts witness and refinery with it.
    pub launch: bool,
}

/// What would be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// SHA-256 over what begins and over the words that the workers are given; no time, counter or session is in it.
    pub digest: String,
    /// By whom it is carried out.
    pub mode: Mode,
    /// The nodes, in order.
    pub nodes: Vec<usize>,
    /// The crew member that gets it, in place of a polecat.
    pub crew: Option<String>,
    /// What Gas Town starts beside the workers.
    pub starts: Starts,
    /// What the workers on them are called; nothing where they have names of their own.
    pub workers: Vec<String>,
}

impl Offer {
    /// The offer of a track; nothing where nothing can be begun.
    #[must_use]
    pub fn of(ground: &Ground<'_>, mode: Mode, standing: &Standing) -> Option<Self> {
        let titles = standing.ready.iter().map(|&at| {
            let node = &ground.graph.nodes[at];
            ground.task((node.phase, node.tasks[0])).title.as_ref()
        });
        let workers = ground.workers.next_names(titles);
        let options = ground.worktrees.then(|| "worktrees".to_owned());
        Self::made(ground, mode, standing, options.into_iter(), workers).filter(|offer| !offer.nodes.is_empty())
    }

    /// The same where polecats do it: the beads that are made first are a part of it.
    #[must_use]
    pub fn in_town(ground: &Ground<'_>, rig: &str, beads: &Beads, standing: &Standing, starts: Starts) -> Option<Self> {
        let crew = crew::of(ground).map(str::to_owned);
        let no_queue = !ground.has_merge_queue();
        let parts = std::iter::once(format!("rig {rig}"))
            .chain(no_queue.then(|| "no merge queue".to_owned()))
            .chain(starts.refinery.then(|| "the refinery".to_owned()))
            .chain(starts.crew.then(|| "the crew member's session".to_owned()))
            .chain(starts.launch.then(|| "launched by Gas Town".to_owned()))
            .chain(crew.as_ref().map(|crew| format!("crew {crew}")))
            .chain(
                ground
                    .formula
                    .iter()
                    .map(|formula| format!("formula {} {}", formula.name, formula.digest)),
            )
            .chain(beads.to_make(ground).into_iter().map(|key| format!("bead {key}")));
        let names = crew.iter().map(|crew| format!("{rig}/crew/{crew}")).collect();
        let offer = Self::made(ground, Mode::GasTown, standing, parts, names)?;
        (starts.refinery || !offer.nodes.is_empty()).then_some(Self { starts, crew, ..offer })
    }

    fn made(
        ground: &Ground<'_>,
        mode: Mode,
        standing: &Standing,
        parts: impl Iterator<Item = String>,
        workers: Vec<String>,
    ) -> Option<Self> {
        let (plan, graph) = (ground.plan, &ground.graph);
        // Each part on a line of its own, with its length before it: no words of a plan can pass for another part.
        let mut text = String::new();
        let mut part = |what: &str| text.push_str(&format!("{} {what}\n", what.len()));
        part("conductor dispatch, 2");
        part(&ground.track.id);
        part(mode.word());
        parts.for_each(|what| part(&what));
        for &at in &standing.ready {
            let node = &graph.nodes[at];
            let phase = &plan.phases[node.phase];
            part(&format!(
                "a worker for {} of phase {}",
                count(node.tasks.len(), "task"),
                phase.title
            ));
            for &task in &node.tasks {
                part(&Name::of(plan, (node.phase, task)).key);
                part(&phase.tasks[task].title);
                part(&count(phase.tasks[task].items.len(), "sub-task"));
                phase.tasks[task].items.iter().for_each(|item| part(&item.text));
            }
            let files = files(plan, graph, at);
            part(&count(files.len(), "file"));
            files.iter().for_each(|file| part(file));
        }
        Some(Self {
            digest: digest(text.as_bytes()),
            mode,
            nodes: standing.ready.clone(),
            starts: Starts::default(),
            crew: None,
            workers,
        })
    }

    /// As much of the digest as a person reads.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.digest[..8]
    }

    /// `Start 2 agents`, `Give 1 item to mel`, `Launch 3 items`.
    #[must_use]
    pub fn yes(&self) -> String {
        match &self.crew {
            Some(crew) if self.starts.crew => {
                format!("Start {crew} and give {}", count(self.nodes.len(), "item"))
            }
            Some(crew) if !self.starts.refinery => format!("Give {} to {crew}", count(self.nodes.len(), "item")),
            // Witness and refinery come with it.
            _ if self.starts.launch => format!("Start {}", count(self.nodes.len() + 2, "agent")),
            _ => format!(
                "Start {}",
                count(self.nodes.len() + usize::from(self.starts.refinery), "agent")
            ),
        }
    }
}
