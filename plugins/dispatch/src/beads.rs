//! The project's own beads of a track: each task is one, in an epic for its phase, in an epic for the track.
//!
//! They are found by what is attached to them, never by what this side remembers, so that a run that was killed between making and
//! noting them makes none twice. The plan is what is true: beads follow it.

use std::collections::{BTreeMap, BTreeSet};

use conductor_beads::writes::{self, Edge, Node};
use conductor_beads::{Bead, Error, reads};
use conductor_plugin::{Failure, Host};
use conductor_tracks::State;

use crate::choose::Mode;
use crate::folder::Value;
use crate::graph::Kind;
use crate::ground::Ground;
use crate::identity::{self, At, Found, Name};
use crate::settle::set_metadata;
use crate::workers::Status;

/// What is attached to a bead: the track, the task's key, its phase's title and its own.
const TRACK: &str = "conductor_track";
const KEY: &str = "conductor_key";
const PHASE: &str = "conductor_phase";
const TITLE: &str = "conductor_title";

/// The label of all that we make.
const LABEL: &str = "conductor";

/// The longest title that `bd` takes.
const MOST: usize = 500;

/// The beads of a track as they are.
#[derive(Clone, Debug, Default)]
pub struct Beads {
    /// The track's epic.
    epic: Option<Bead>,
    /// The epics of the phases, by the phase's place.
    phases: BTreeMap<usize, Bead>,
    /// The beads of the tasks.
    tasks: BTreeMap<At, Bead>,
    /// Open beads that are another's twin, or whose task is gone.
    spare: Vec<Bead>,
}

impl Beads {
    /// Looks the beads up, where the mode uses them.
    ///
    /// # Errors
    /// Why `bd` gave no answer, or that its answers are not to be trusted.
    pub fn of(ground: &Ground<'_>, mode: Mode) -> Result<Option<Self>, Failure> {
        if mode != Mode::NativeBeads {
            return Ok(None);
        }
        let host = ground.host;
        host.begin_progress("asking Beads", None);
        let (workspace, asked) = (reads::workspace(host), reads::of_track(host, &ground.track.id));
        // A damaged workspace answers everything with an empty list: then all would be made a second time.
        let workspace = workspace.wait().map_err(failure)?;
        reads::check(&workspace).map_err(failure)?;
        let mut beads = asked.wait().map_err(failure)?;
        beads.extend(adopted(ground, &beads)?);
        host.end_progress();
        Ok(Some(Self::matched(ground, beads)))
    }

    fn matched(ground: &Ground<'_>, mut beads: Vec<Bead>) -> Self {
        let mut found = Self::default();
        // The oldest of each is the one that is kept.
        beads.sort_by(|one, other| (&one.created_at, &one.id).cmp(&(&other.created_at, &other.id)));
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let (mut tasks, mut rest) = (Vec::new(), Vec::new());
        for bead in beads {
            let key = bead.metadata(KEY).unwrap_or_default().to_owned();
            if !key.is_empty() && !seen.insert(key.clone()) {
                rest.push(bead);
            } else if key == ground.track.id {
                found.epic = Some(bead);
            } else if bead.is_epic() {
                let phase = bead.metadata(PHASE).unwrap_or(&bead.title).to_owned();
                let places = ground.plan.phases.iter().enumerate();
                let same = places
                    .clone()
                    .find(|(_, of)| of.title == phase)
                    .or_else(|| places.clone().find(|(_, of)| key.ends_with(&format!("/{}", of.key()))));
                match same.map(|(at, _)| at) {
                    Some(at) if !found.phases.contains_key(&at) => drop(found.phases.insert(at, bead)),
                    _ => rest.push(bead),
                }
            } else {
                tasks.push(bead);
            }
        }
        let prefix = format!("{}/", ground.track.id);
        let names: Vec<Name> = tasks
            .iter()
            .map(|bead| Name {
                key: bead
                    .metadata(KEY)
                    .map(|key| key.strip_prefix(&prefix).unwrap_or(key))
                    .unwrap_or_default()
                    .to_owned(),
                phase: bead.metadata(PHASE).unwrap_or_default().to_owned(),
                title: bead.metadata(TITLE).unwrap_or(&bead.title).to_owned(),
            })
            .collect();
        for (bead, at) in tasks.into_iter().zip(identity::find(ground.plan, &names)) {
            match at {
                Found::Task(at) => drop(found.tasks.insert(at, bead)),
                Found::Gone => rest.push(bead),
                // A person has to look; it is neither made again nor closed.
                Found::Ambiguous => {}
            }
        }
        found.spare = rest.into_iter().filter(|bead| !bead.is_closed()).collect();
        found
    }

    /// Makes the beads that are missing, all in one call. The beads, and what was changed.
    ///
    /// # Errors
    /// What `bd` says.
    pub fn complete(mut self, ground: &Ground<'_>) -> Result<(Self, Vec<String>), Failure> {
        let graph = self.missing(ground);
        if graph.nodes.is_empty() {
            return Ok((self, Vec::new()));
        }
        let made = graph.nodes.len();
        ground.host.begin_progress(&format!("making {made} beads"), None);
        writes::create(ground.host, &graph).wait().map_err(failure)?;
        ground.host.end_progress();
        self = Self::of(ground, Mode::NativeBeads)?.unwrap_or_default();
        Ok((self, vec![format!("{made} beads made")]))
    }

    fn missing(&self, ground: &Ground<'_>) -> writes::Graph {
        let track = ground.track.id.to_string();
        let plan = ground.plan;
        let mut graph = writes::Graph {
            commit_message: format!("conductor: {track}"),
            ..writes::Graph::default()
        };
        let node = |key: String, title: &str, kind: &'static str, phase: &str| Node {
            key: key.clone(),
            title: title.chars().take(MOST).collect(),
            kind,
            priority: 2,
            labels: vec![LABEL.to_owned()],
            metadata: [
                (TRACK, track.clone()),
                (KEY, key),
                (PHASE, phase.to_owned()),
                (TITLE, title.to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            ..Node::default()
        };
        if self.epic.is_none() {
            graph.nodes.push(node(track.clone(), &ground.track.title, "epic", ""));
        }
        let mut ends: BTreeMap<At, (Option<String>, Option<String>)> = BTreeMap::new();
        for (at, phase) in plan.phases.iter().enumerate() {
            let open: Vec<usize> = (0..phase.tasks.len())
                .filter(|&task| !phase.tasks[task].state.is_closed())
                .collect();
            let phase_key = format!("{track}/{}", phase.key());
            if open.is_empty() {
                continue;
            }
            if !self.phases.contains_key(&at) {
                let mut of_phase = node(
                    phase_key.clone(),
                    &format!("Phase {}: {}", phase.label(), phase.title),
                    "epic",
                    &phase.title,
                );
                match &self.epic {
                    Some(epic) => of_phase.parent_id = Some(epic.id.clone()),
                    None => of_phase.parent_key = Some(track.clone()),
                }
                graph.nodes.push(of_phase);
            }
            for task in open {
                if let Some(bead) = self.tasks.get(&(at, task)) {
                    ends.insert((at, task), (None, Some(bead.id.clone())));
                    continue;
                }
                let name = Name::of(plan, (at, task));
                let kind = if phase.tasks[task].verification { "gate" } else { "task" };
                let key = format!("{track}/{}", name.key);
                let mut of_task = node(key.clone(), &name.title, kind, &phase.title);
                match self.phases.get(&at) {
                    Some(epic) => of_task.parent_id = Some(epic.id.clone()),
                    None => of_task.parent_key = Some(phase_key.clone()),
                }
                graph.nodes.push(of_task);
                ends.insert((at, task), (Some(key), None));
            }
        }
        let new: BTreeSet<&String> = graph.nodes.iter().map(|node| &node.key).collect();
        for (before, after) in ordered(ground) {
            let (Some(from), Some(to)) = (ends.get(&after), ends.get(&before)) else {
                continue;
            };
            // What is linked already stays as it is.
            if [from, to]
                .iter()
                .all(|end| end.0.as_ref().is_none_or(|key| !new.contains(key)))
            {
                continue;
            }
            graph.edges.push(Edge {
                from_key: from.0.clone(),
                from_id: from.1.clone(),
                to_key: to.0.clone(),
                to_id: to.1.clone(),
                kind: "blocks",
            });
        }
        graph
    }

    /// Writes the beads' ids into the track's metadata.json. What was changed.
    ///
    /// # Errors
    /// Why the file can't be changed.
    pub fn note(&self, ground: &Ground<'_>) -> Result<Option<String>, Failure> {
        let metadata = ground.track.metadata.as_ref();
        let mut ids: Vec<(String, String)> = metadata
            .map(|metadata| metadata.beads_tasks.clone())
            .unwrap_or_default();
        let phases = self
            .phases
            .iter()
            .map(|(&at, bead)| (ground.plan.phases[at].key(), bead.id.clone()));
        let tasks = self
            .tasks
            .iter()
            .map(|(&at, bead)| (Name::of(ground.plan, at).key.replace('/', "_"), bead.id.clone()));
        for (key, id) in phases.chain(tasks) {
            match ids.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = id,
                None => ids.push((key, id)),
            }
        }
        let mut members = Vec::new();
        if let Some(epic) = &self.epic
            && metadata.and_then(|metadata| metadata.beads_epic.as_deref()) != Some(&epic.id)
        {
            members.push(("beads_epic", Value::Text(epic.id.clone())));
        }
        if metadata.is_none_or(|metadata| metadata.beads_tasks != ids) {
            members.push(("beads_tasks", Value::Texts(ids)));
        }
        if members.is_empty() {
            return Ok(None);
        }
        set_metadata(ground.host, ground.track, &members)
    }

    /// The bead of a node's first task.
    #[must_use]
    pub fn of_node(&self, ground: &Ground<'_>, at: usize) -> Option<String> {
        let node = &ground.graph.nodes[at];
        self.tasks
            .get(&(node.phase, *node.tasks.first()?))
            .map(|bead| bead.id.clone())
    }

    /// Makes the beads agree with the plan and the workers. What was changed.
    ///
    /// # Errors
    /// What `bd` says.
    pub fn settle(&self, ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        let mut changed = Vec::new();
        let at_work: BTreeSet<At> = at_work(ground);
        for (&at, bead) in &self.tasks {
            let task = &ground.plan.phases[at.0].tasks[at.1];
            let wanted = match task.state {
                State::Done | State::Removed => "closed",
                _ if at_work.contains(&at) => "in_progress",
                State::Blocked => "blocked",
                _ => "open",
            };
            if bead.status == wanted || (wanted == "open" && !matches!(bead.status.as_str(), "closed" | "in_progress"))
            {
                continue;
            }
            match wanted {
                "closed" => close(host, bead, &reason(task), &mut changed)?,
                status => {
                    writes::status(host, &bead.id, status).wait().map_err(failure)?;
                    changed.push(format!("{} is {}", bead.id, status.replace('_', " ")));
                }
            }
        }
        for bead in &self.spare {
            close(host, bead, "not in the plan any more, or there twice", &mut changed)?;
        }
        for (&at, epic) in &self.phases {
            if ground.plan.phases[at].tasks.iter().all(|task| task.state.is_closed()) && !epic.is_closed() {
                close(host, epic, "every task of the phase is done", &mut changed)?;
            }
        }
        if let Some(epic) = self
            .epic
            .iter()
            .find(|epic| !epic.is_closed() && ground.plan.tasks().all(|task| task.state.is_closed()))
        {
            close(host, epic, "the track is done", &mut changed)?;
        }
        Ok(changed)
    }
}

fn close(host: &dyn Host, bead: &Bead, reason: &str, changed: &mut Vec<String>) -> Result<(), Failure> {
    writes::close(host, &bead.id, reason).wait().map_err(failure)?;
    changed.push(format!("{} closed", bead.id));
    Ok(())
}

/// `commit: 1a2b3c4`, as Conductor closes beads.
fn reason(task: &conductor_tracks::Task<'_>) -> String {
    match (task.state, task.shas.last()) {
        (State::Removed, _) => "taken out of the plan".to_owned(),
        (_, Some(sha)) => format!("commit: {}", sha.sha),
        (_, None) => "done in the plan".to_owned(),
    }
}

fn at_work(ground: &Ground<'_>) -> BTreeSet<At> {
    let workers = ground
        .workers
        .workers
        .iter()
        .filter(|worker| worker.status == Status::InProgress);
    let names: Vec<Name> = workers.flat_map(|worker| worker.tasks.clone()).collect();
    let found = identity::find(ground.plan, &names).into_iter();
    found
        .filter_map(|found| if let Found::Task(at) = found { Some(at) } else { None })
        .collect()
}

/// Beads that the track's metadata.json names and that do not say yet which task they are: what `/conductor-newtrack` has made.
fn adopted(ground: &Ground<'_>, known: &[Bead]) -> Result<Vec<Bead>, Failure> {
    let Some(metadata) = &ground.track.metadata else {
        return Ok(Vec::new());
    };
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let keys = metadata
        .beads_tasks
        .iter()
        .map(|(key, id)| (key.replacen("_task", "/task", 1), id.as_str()));
    let keys = keys.chain(metadata.beads_epic.as_deref().map(|id| (String::new(), id)));
    let unknown: Vec<(String, &str)> = keys
        .filter(|(_, id)| is_id(id) && !known.iter().any(|bead| bead.id == *id))
        .collect();
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = unknown.iter().map(|(_, id)| *id).collect();
    let mut beads = reads::by_id(ground.host, &ids).wait().map_err(failure)?;
    beads.retain(|bead| bead.metadata(TRACK).is_none());
    for bead in &mut beads {
        let key = unknown
            .iter()
            .find(|(_, id)| *id == bead.id)
            .map(|(key, _)| key.as_str())
            .unwrap_or_default();
        let key = if key.is_empty() {
            ground.track.id.to_string()
        } else {
            format!("{}/{key}", ground.track.id)
        };
        let phase = ground
            .plan
            .phases
            .iter()
            .find(|phase| key.contains(&format!("/{}", phase.key())))
            .map(|phase| phase.title.to_string())
            .unwrap_or_default();
        if !ground.host.dry_run() {
            writes::name(ground.host, &bead.id, &ground.track.id, &key, &phase, &bead.title)
                .wait()
                .map_err(failure)?;
        }
        for (name, value) in [
            (TRACK, ground.track.id.to_string()),
            (KEY, key),
            (PHASE, phase),
            (TITLE, bead.title.clone()),
        ] {
            bead.metadata.insert(name.to_owned(), value.into());
        }
    }
    Ok(beads)
}

/// Which task comes right before which, by the plan's order of work.
fn ordered(ground: &Ground<'_>) -> Vec<(At, At)> {
    let graph = &ground.graph;
    let mut pairs = Vec::new();
    for node in &graph.nodes {
        pairs.extend(
            node.tasks
                .windows(2)
                .map(|two| ((node.phase, two[0]), (node.phase, two[1]))),
        );
        let Some(&first) = node.tasks.first() else { continue };
        let mut before: Vec<usize> = node.after.clone();
        let mut lasts = BTreeSet::new();
        while let Some(at) = before.pop() {
            let of = &graph.nodes[at];
            match (of.kind, of.tasks.last()) {
                // A joint has no task: what it stands for comes before.
                (Kind::Joint, _) | (_, None) => before.extend(&of.after),
                (_, Some(&last)) => drop(lasts.insert((of.phase, last))),
            }
        }
        pairs.extend(lasts.into_iter().map(|last| (last, (node.phase, first))));
    }
    pairs
}

fn failure(error: Error) -> Failure {
    Failure::new("beads", error.message)
        .hinted("`bd doctor` looks at the workspace; `--mode native-task` goes on without Beads")
}
