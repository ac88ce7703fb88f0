//! What there is to say of a track's dispatch, as data: the same facts for a person, for Claude and for a program.

use conductor_tracks::Plan;
use serde::Serialize;

use crate::choose::Mode;
use crate::graph::{Graph, Kind, Problem};
use crate::ground::Ground;
use crate::offer::Offer;
use crate::standing::{HeldBack, Standing, files};
use crate::workers::Worker;

/// The facts: the published schema `conductor.dispatch/1`.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Facts {
    /// The track.
    pub track: String,
    /// `native-task`, `native-beads`, `gastown`.
    pub mode: &'static str,
    /// What this run has come to: `plan` (it would begin something, and waits for a yes), `begun`, `nothing` (there is nothing to
    /// begin), `changed` (a report or a verification was taken in), `done`, `brief`, `stopped`, `prepared`.
    pub what: &'static str,
    /// The plan's digest, where something would be begun.
    pub digest: Option<String>,
    /// How many items workers have still to do, and in how many waves.
    pub items: usize,
    /// How many waves they take.
    pub waves: u32,
    /// How many can be at work at once.
    pub width: usize,
    /// The order: neighbouring waves up to one that ends in a verification.
    pub order: Vec<Stretch>,
    /// Items that were put one behind the other since they claim the same files.
    pub chained: Vec<Chained>,
    /// Items that claim no file though others work beside them.
    pub without_files: Vec<String>,
    /// What is begun now, or would be.
    pub begins: Vec<Begins>,
    /// Workers that have not reported.
    pub at_work: Vec<AtWork>,
    /// Items that nothing before them holds, and that wait.
    pub held_back: Vec<Waits>,
    /// Verifications that are the person's now.
    pub due: Vec<Due>,
    /// What is not as it should be with work that is under way, and what the person can do.
    pub asks: Vec<Asks>,
    /// The rig of Gas Town.
    pub rig: Option<String>,
    /// The convoy.
    pub convoy: Option<String>,
    /// How many beads are made first.
    pub makes: usize,
    /// Worth knowing, and no trouble.
    pub notes: Vec<String>,
    /// What keeps open tasks from being done.
    pub problems: Vec<String>,
    /// What was changed in files and beads.
    pub changed: Vec<String>,
}

/// Neighbouring waves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stretch {
    /// The first wave.
    pub from: u32,
    /// The items of each.
    pub waves: Vec<Vec<String>>,
    /// The phases that the person verifies behind them.
    pub then: Vec<String>,
}

/// Items in a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Chained {
    /// In order.
    pub items: Vec<String>,
    /// The files.
    pub files: Vec<String>,
}

/// A worker that is begun, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Begins {
    /// The item.
    pub item: String,
    /// The title of its first task.
    pub title: String,
    /// Its files.
    pub files: Vec<String>,
    /// The worker's name; empty as long as it has none.
    pub worker: String,
    /// What it is told; `null` as long as nothing was begun.
    pub brief: Option<String>,
}

/// A worker that has not reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AtWork {
    /// Its name.
    pub worker: String,
    /// Its first task.
    pub title: String,
    /// When it was begun.
    pub since: Option<String>,
    /// Whether another Claude session began it.
    pub elsewhere: bool,
    /// In Gas Town: where its work stands, as `conductor status` has it.
    pub state: Option<&'static str>,
    /// In Gas Town: its bead.
    pub bead: Option<String>,
}

/// Something that a person has to do about work that is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Asks {
    /// The item.
    pub item: String,
    /// What is the matter.
    pub why: String,
    /// What to do.
    pub next: String,
}

/// An item that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waits {
    /// The item.
    pub item: String,
    /// Why.
    pub why: String,
}

/// A verification that is the person's now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Due {
    /// The phase, by its number.
    pub phase: String,
    /// Its title.
    pub title: String,
    /// The line of plan.md.
    pub line: u32,
}

impl Facts {
    /// The facts of a track.
    #[must_use]
    pub fn of(ground: &Ground<'_>, mode: Mode, standing: &Standing, offer: Option<&Offer>) -> Self {
        let (plan, graph) = (ground.plan, &ground.graph);
        let worker = |place: usize| &ground.workers.workers[place];
        let places = standing
            .at_work
            .iter()
            .map(|at| at.worker)
            .chain(standing.unclear.iter().copied());
        Self {
            track: ground.track.id.to_string(),
            mode: mode.word(),
            what: if offer.is_some() { "plan" } else { "nothing" },
            digest: offer.map(|offer| offer.digest.clone()),
            items: graph.items().count(),
            waves: graph.waves(),
            width: graph.width(),
            order: order(plan, graph),
            chained: chained(plan, graph),
            without_files: without_files(plan, graph),
            begins: offer.map_or_else(Vec::new, |offer| begins(plan, graph, offer)),
            at_work: places
                .map(|place| at_work(worker(place), standing.others.contains(&place)))
                .chain(with_polecats(ground, standing).filter(|_| mode != Mode::GasTown))
                .collect(),
            held_back: standing
                .held_back
                .iter()
                .map(|(at, why)| waits(plan, graph, *at, why))
                .collect(),
            due: standing.due.iter().map(|&at| due(plan, graph, at)).collect(),
            problems: problems(plan, graph),
            ..Self::default()
        }
    }

    /// The facts of a run that has done something, and asks for nothing.
    #[must_use]
    pub fn told(ground: &Ground<'_>, mode: Mode, what: &'static str, changed: Vec<String>) -> Self {
        Self {
            what,
            changed,
            ..Self::of(ground, mode, &ground.standing(), None)
        }
    }
}

/// What polecats have of a track that goes on natively beside them. Who they are only the town knows.
fn with_polecats<'g>(ground: &'g Ground<'_>, standing: &'g Standing) -> impl Iterator<Item = AtWork> + 'g {
    // One that was released there can be begun here.
    let is_free = |at: &usize| standing.ready.contains(at) || standing.held_back.iter().any(|(held, _)| held == at);
    let nodes = ground.with_polecats().into_iter().filter(move |(at, _)| !is_free(at));
    nodes.map(|(at, bead)| {
        let node = &ground.graph.nodes[at];
        let first = node.tasks.first().map(|&task| ground.task((node.phase, task)));
        AtWork {
            worker: "a polecat".to_owned(),
            title: first.map(|task| task.title.to_string()).unwrap_or_default(),
            bead: Some(bead.to_owned()),
            ..AtWork::default()
        }
    })
}

/// The tracks of `--auto`: the published schema `conductor.dispatch-auto/1`.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct All {
    /// Those that were gone on with.
    pub tracks: Vec<Facts>,
    /// Those that were not.
    pub held: Vec<Held>,
}

/// A track that was not gone on with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Held {
    /// The track.
    pub track: String,
    /// Why.
    pub why: String,
    /// What the person can do.
    pub next: Option<String>,
}

/// What keeps open tasks from being done, a sentence each.
#[must_use]
pub fn problems(plan: &Plan<'_>, graph: &Graph) -> Vec<String> {
    graph
        .problems
        .iter()
        .map(|problem| said(plan, graph, problem))
        .collect()
}

fn order(plan: &Plan<'_>, graph: &Graph) -> Vec<Stretch> {
    let mut waves: Vec<Vec<String>> = vec![Vec::new(); graph.waves() as usize];
    let mut gates: Vec<Vec<String>> = vec![Vec::new(); graph.waves() as usize + 1];
    for node in &graph.nodes {
        let Some(wave) = node.wave else { continue };
        match node.kind {
            Kind::Item => waves[wave as usize - 1].push(node.name(plan)),
            Kind::Gate => gates[wave as usize].push(plan.phases[node.phase].label()),
            Kind::Blocked | Kind::Joint => {}
        }
    }
    let mut order = Vec::new();
    // A verification that nothing is before.
    if !gates[0].is_empty() {
        order.push(Stretch {
            from: 0,
            waves: Vec::new(),
            then: gates[0].clone(),
        });
    }
    let mut stretch = Stretch {
        from: 1,
        ..Stretch::default()
    };
    for (at, items) in waves.into_iter().enumerate() {
        stretch.waves.push(items);
        stretch.then = std::mem::take(&mut gates[at + 1]);
        if !stretch.then.is_empty() {
            let from = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(2);
            order.push(std::mem::replace(
                &mut stretch,
                Stretch {
                    from,
                    ..Stretch::default()
                },
            ));
        }
    }
    if !stretch.waves.is_empty() {
        order.push(stretch);
    }
    order
}

fn chained(plan: &Plan<'_>, graph: &Graph) -> Vec<Chained> {
    let chains = graph.chains.iter();
    chains
        .map(|chain| Chained {
            items: chain.nodes.iter().map(|&at| graph.nodes[at].name(plan)).collect(),
            files: chain.paths.clone(),
        })
        .collect()
}

/// Alone in its wave an item can meet nobody.
fn without_files(plan: &Plan<'_>, graph: &Graph) -> Vec<String> {
    let beside = |node: &crate::graph::Node| graph.items().filter(|(_, other)| other.wave == node.wave).count() > 1;
    let items = graph
        .items()
        .filter(|(at, node)| node.wave.is_some() && files(plan, graph, *at).is_empty() && beside(node));
    items.map(|(_, node)| node.name(plan)).collect()
}

fn begins(plan: &Plan<'_>, graph: &Graph, offer: &Offer) -> Vec<Begins> {
    let begins = offer.nodes.iter().enumerate().map(|(place, &at)| {
        let node = &graph.nodes[at];
        Begins {
            item: node.name(plan),
            title: plan.phases[node.phase].tasks[node.tasks[0]].title.to_string(),
            files: files(plan, graph, at),
            worker: offer.workers.get(place).cloned().unwrap_or_default(),
            brief: None,
        }
    });
    begins.collect()
}

fn at_work(worker: &Worker, elsewhere: bool) -> AtWork {
    AtWork {
        worker: worker.worker_id.clone(),
        title: worker.task.clone(),
        since: worker.started_at.clone(),
        elsewhere,
        ..AtWork::default()
    }
}

fn waits(plan: &Plan<'_>, graph: &Graph, at: usize, why: &HeldBack) -> Waits {
    Waits {
        item: graph.nodes[at].name(plan),
        why: match why {
            HeldBack::Locked { file, by } => format!("{file} is {by}'s"),
            HeldBack::Full => "as many workers as may be are at work (`--max-workers`)".to_owned(),
            HeldBack::LeftOut => "left out by you".to_owned(),
            HeldBack::CrossRig(what) => format!("it waits for {what}"),
        },
    }
}

fn due(plan: &Plan<'_>, graph: &Graph, at: usize) -> Due {
    let node = &graph.nodes[at];
    let phase = &plan.phases[node.phase];
    Due {
        phase: phase.label(),
        title: phase.title.to_string(),
        line: phase.tasks[node.tasks[0]].line,
    }
}

fn said(plan: &Plan<'_>, graph: &Graph, problem: &Problem) -> String {
    let name = |at: usize| graph.nodes[at].name(plan);
    match problem {
        Problem::Blocked { node } => format!("{} is [!]: what waits for it is held", name(*node)),
        Problem::Lost { node, target, line } => format!(
            "{} depends on `{target}`, which the plan has not (plan.md:{line})",
            name(*node)
        ),
        Problem::Circle { nodes } => {
            let names: Vec<String> = nodes.iter().take(8).map(|&at| name(at)).collect();
            format!("{} wait for each other", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::published;

    use super::{All, Facts};

    #[test]
    fn the_published_schemas_are_those_of_the_types() {
        published(env!("CARGO_MANIFEST_DIR"), "dispatch", &schemars::schema_for!(Facts));
        published(env!("CARGO_MANIFEST_DIR"), "dispatch-auto", &schemars::schema_for!(All));
    }
}
