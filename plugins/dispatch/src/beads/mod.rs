//! The beads of a track: each task is one, in an epic for its phase, in an epic for the track.
//!
//! They are found by what is attached to them, never by what this side remembers, so that a run that was killed between making and
//! noting them makes none twice. The plan is what is true: beads follow it.

mod adopted;
mod database;
mod native;

use std::collections::{BTreeMap, BTreeSet};

use conductor_beads::writes::{Edge, Graph, Node};
use conductor_beads::{Bead, Error, reads};
use conductor_plugin::{Failure, Host};
use conductor_tracks::State;

use adopted::adopted;
pub use database::Database;

use crate::brief::{Brief, End, To};
use crate::choose::Mode;
use crate::folder::Value;
use crate::graph::Kind;
use crate::ground::{Ground, in_folder};
use crate::identity::{self, At, Found, Name};
use crate::patience::PATIENCE_MS;
use crate::settle::set_metadata;
use crate::standing::files;
use crate::town::crew;

/// What is attached to a bead: the track, the task's key, its phase's title and its own.
const TRACK: &str = "conductor_track";
const KEY: &str = "conductor_key";
const PHASE: &str = "conductor_phase";
const TITLE: &str = "conductor_title";
/// Beside them on a bead of a rig: the keys of the beads that whoever has it carries out with it, and the files that they claim, each
/// between commas.
const COVERS: &str = "conductor_covers";
const FILES: &str = "conductor_files";
/// The project's own bead of the same task.
const PROJECT_BEAD: &str = "conductor_project_bead";

/// The last commit of whoever handed it in: its merge request says that only as long as it is there.
pub const COMMIT: &str = "conductor_commit";

/// What is attached to the track's epic beside that: its convoy, and where its documents are in the project (specification, "Beads Fields
/// Mapping").
pub const CONVOY: &str = "gastown_convoy";
const SPEC_PATH: &str = "spec_path";
const PLAN_PATH: &str = "plan_path";

/// Why a bead is closed whose task is not there.
pub const GONE: &str = "not in the plan any more, or there twice";

/// The label of all that we make.
const LABEL: &str = "conductor";

/// The longest title that `bd` takes.
const MOST: usize = 500;

/// The beads of a track as they are.
#[derive(Clone, Debug, Default)]
pub struct Beads {
    /// Where they are.
    at: Database,
    /// The track's epic.
    epic: Option<Bead>,
    /// The epics of the phases, by the phase's place.
    phases: BTreeMap<usize, Bead>,
    /// The beads of the tasks.
    tasks: BTreeMap<At, Bead>,
    /// Open beads that are another's twin, or whose task is gone.
    spare: Vec<Bead>,
    /// Beads that could be several tasks'.
    unclear: Vec<Bead>,
    /// The names of all of them, closed ones too: a new bead gets another.
    keys: BTreeSet<String>,
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
        let workspace = reads::workspace(host).within(PATIENCE_MS);
        let asked = reads::of_track(host, &ground.track.id);
        // A damaged workspace answers everything with an empty list: then all would be made a second time.
        let workspace = workspace.wait().map_err(failure)?;
        reads::check(&workspace).map_err(failure)?;
        let mut beads = asked.wait().map_err(failure)?;
        beads.extend(adopted(ground, &beads)?);
        host.end_progress();
        Ok(Some(Self::matched(ground, Database::Project, beads)))
    }

    /// Those of the track among these of a rig.
    #[must_use]
    pub fn in_rig(ground: &Ground<'_>, rig: &str, beads: &[Bead]) -> Self {
        let of_track = beads
            .iter()
            .filter(|bead| bead.metadata(TRACK) == Some(ground.track.id.as_ref()));
        Self::matched(ground, Database::Rig(rig.to_owned()), of_track.cloned().collect())
    }

    fn matched(ground: &Ground<'_>, at: Database, mut beads: Vec<Bead>) -> Self {
        let mut found = Self { at, ..Self::default() };
        // The oldest of each is the one that is kept.
        beads.sort_by(|one, other| (&one.created_at, &one.id).cmp(&(&other.created_at, &other.id)));
        let mut seen: BTreeSet<[String; 3]> = BTreeSet::new();
        let (mut tasks, mut rest) = (Vec::new(), Vec::new());
        for bead in beads {
            let key = bead.metadata(KEY).unwrap_or_default().to_owned();
            // A number alone makes no twin: a task that is new can have one that another had before.
            let of = [KEY, PHASE, TITLE].map(|name| bead.metadata(name).unwrap_or_default().to_owned());
            let is_twin = !key.is_empty() && !seen.insert(of);
            found.keys.insert(key.clone());
            if is_twin || (key == ground.track.id && found.epic.is_some()) {
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
        let names: Vec<Name> = tasks.iter().map(|bead| name_of(&ground.track.id, bead)).collect();
        for (bead, at) in tasks.into_iter().zip(identity::find(ground.plan, &names)) {
            match at {
                Found::Task(at) => drop(found.tasks.insert(at, bead)),
                Found::Gone => rest.push(bead),
                // A person has to look; it is neither made again nor closed.
                Found::Ambiguous => found.unclear.push(bead),
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
        let graph = self.missing(ground, true);
        if graph.nodes.is_empty() {
            return Ok((self, Vec::new()));
        }
        let made = graph.nodes.len();
        let host = ground.host;
        host.begin_progress(&format!("making {made} beads"), None);
        self.at.create(host, &graph).wait().map_err(failure)?;
        let beads = self.at.of_track(host, &ground.track.id).wait().map_err(failure)?;
        host.end_progress();
        self = Self::matched(ground, self.at, beads);
        Ok((self, vec![format!("{made} beads made")]))
    }

    /// The names of those that would be made.
    #[must_use]
    pub fn to_make(&self, ground: &Ground<'_>) -> Vec<String> {
        let nodes = self.missing(ground, false).nodes.into_iter();
        nodes.map(|node| node.key).collect()
    }

    /// What is to be made; `whole` with what a worker of Gas Town is told, which takes long where it is only counted.
    fn missing(&self, ground: &Ground<'_>, whole: bool) -> Graph {
        let track = ground.track.id.to_string();
        let plan = ground.plan;
        let mut graph = Graph {
            commit_message: format!("conductor: {track}"),
            ..Graph::default()
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
            let mut epic = node(track.clone(), &ground.track.title, "epic", "");
            let plan_path = ground.track.plan_file.as_deref().map(str::to_owned);
            let spec_path = in_folder(ground.track, "spec.md").filter(|_| ground.has_spec);
            for (name, path) in [(SPEC_PATH, spec_path), (PLAN_PATH, plan_path)] {
                let path = path.map(|path| (name.to_owned(), format!("conductor/{path}")));
                epic.metadata.extend(path);
            }
            graph.nodes.push(epic);
        }
        let names = self.names(ground);
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
                let Some(key) = names.get(&(at, task)).cloned() else {
                    continue;
                };
                let title = Name::of(plan, (at, task)).title;
                let kind = if phase.tasks[task].verification { "gate" } else { "task" };
                let mut of_task = node(key.clone(), &title, kind, &phase.title);
                if whole && self.at != Database::Project {
                    add_work(ground, &names, (at, task), &mut of_task);
                }
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

    /// What the bead of each task is called: as it was when it was made, or as it will be. A task that an unclear bead could be has none:
    /// it is made again by nobody.
    fn names(&self, ground: &Ground<'_>) -> BTreeMap<At, String> {
        let mut used = self.keys.clone();
        let mut names = BTreeMap::new();
        for (phase, of) in ground.plan.phases.iter().enumerate() {
            for task in 0..of.tasks.len() {
                let at = (phase, task);
                if let Some(bead) = self.tasks.get(&at) {
                    names.insert(at, bead.metadata(KEY).unwrap_or_default().to_owned());
                    continue;
                }
                if self.could_be(ground, at) {
                    continue;
                }
                let key = format!("{}/{}", ground.track.id, Name::of(ground.plan, at).key);
                let tries = std::iter::once(key.clone()).chain((2..).map(|number| format!("{key}.{number}")));
                let key = tries.into_iter().find(|key| !used.contains(key)).unwrap_or(key);
                used.insert(key.clone());
                names.insert(at, key);
            }
        }
        names
    }

    /// Whether a bead of which nobody knows whose it is could be this task's.
    #[must_use]
    pub fn could_be(&self, ground: &Ground<'_>, at: At) -> bool {
        let title = Name::of(ground.plan, at).title;
        let of = |bead: &Bead| bead.metadata(TITLE).unwrap_or(&bead.title) == title;
        !self.tasks.contains_key(&at) && self.unclear.iter().any(of)
    }

    /// Open beads that stand for no task of the plan, or for nobody knows which, though somebody may be at work on them.
    pub fn loose(&self) -> impl Iterator<Item = &Bead> {
        self.spare.iter().chain(&self.unclear)
    }

    /// Writes the beads' ids into the track's metadata.json. What was changed.
    ///
    /// # Errors
    /// Why the file can't be changed.
    pub fn note(&self, ground: &Ground<'_>) -> Result<Option<String>, Failure> {
        let metadata = ground.track.metadata.as_ref();
        let (known_epic, known, names) = match (&self.at, metadata) {
            (Database::Project, metadata) => (
                metadata.and_then(|metadata| metadata.beads_epic.as_deref()),
                metadata.map(|metadata| &metadata.beads_tasks),
                ("beads_epic", "beads_tasks"),
            ),
            (Database::Rig(_), metadata) => (
                metadata.and_then(|metadata| metadata.gastown_epic.as_deref()),
                metadata.map(|metadata| &metadata.gastown_tasks),
                ("gastown_epic", "gastown_tasks"),
            ),
        };
        let mut ids: Vec<(String, String)> = known.cloned().unwrap_or_default();
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
            && known_epic != Some(&epic.id)
        {
            members.push((names.0, Value::Text(epic.id.clone())));
        }
        if known != Some(&ids) {
            members.push((names.1, Value::Texts(ids)));
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

    /// The beads of tasks, with the tasks' places.
    pub fn tasks(&self) -> impl Iterator<Item = (At, &Bead)> {
        self.tasks.iter().map(|(&at, bead)| (at, bead))
    }

    /// The epic of a phase.
    #[must_use]
    pub fn of_phase(&self, phase: usize) -> Option<&Bead> {
        self.phases.get(&phase)
    }

    /// The bead of a task.
    #[must_use]
    pub fn of_task(&self, at: At) -> Option<&Bead> {
        self.tasks.get(&at)
    }

    /// Open beads that are another's twin, or whose task is gone.
    #[must_use]
    pub fn spare(&self) -> &[Bead] {
        &self.spare
    }

    /// The track's epic.
    #[must_use]
    pub fn epic(&self) -> Option<&Bead> {
        self.epic.as_ref()
    }

    /// What whoever has the bead of a node's first task carries out with it (the names of the other tasks' beads), and the files of all.
    #[must_use]
    pub fn work_of(&self, ground: &Ground<'_>, at: usize) -> (String, String) {
        work_of(ground, &self.names(ground), at)
    }

    /// The tasks that whoever has this bead carries out with it, beside its own.
    #[must_use]
    pub fn covered(&self, bead: &Bead) -> Vec<At> {
        let keys: Vec<&str> = listed(bead, COVERS).collect();
        let of_key = |key: &&str| {
            self.tasks
                .iter()
                .find(|(_, bead)| bead.metadata(KEY) == Some(key))
                .map(|(&at, _)| at)
        };
        keys.iter().filter_map(of_key).collect()
    }

    /// Closes a bead. What was changed is added.
    ///
    /// # Errors
    /// What `bd` says.
    pub fn close(&self, host: &dyn Host, bead: &Bead, reason: &str, changed: &mut Vec<String>) -> Result<(), Failure> {
        self.at.close(host, &bead.id, reason).wait().map_err(failure)?;
        changed.push(format!("{} closed", bead.id));
        Ok(())
    }

    /// Closes the epics of phases that are done, and of the track.
    ///
    /// # Errors
    /// What `bd` says.
    pub fn close_epics(&self, ground: &Ground<'_>, changed: &mut Vec<String>) -> Result<(), Failure> {
        for (&at, epic) in &self.phases {
            if ground.plan.phases[at].tasks.iter().all(|task| task.state.is_closed()) && !epic.is_closed() {
                self.close(ground.host, epic, "every task of the phase is done", changed)?;
            }
        }
        let is_done = || ground.plan.tasks().all(|task| task.state.is_closed());
        if let Some(epic) = self.epic.iter().find(|epic| !epic.is_closed() && is_done()) {
            self.close(ground.host, epic, "the track is done", changed)?;
        }
        Ok(())
    }
}

/// The project's own bead of the same task.
#[must_use]
pub fn project_bead(bead: &Bead) -> Option<&str> {
    bead.metadata(PROJECT_BEAD)
}

/// What a worker of Gas Town finds on its bead: its brief, and what it carries out with it.
fn add_work(ground: &Ground<'_>, names: &BTreeMap<At, String>, (phase, task): At, of_task: &mut Node) {
    let key = Name::of(ground.plan, (phase, task)).key;
    let metadata = ground.track.metadata.as_ref();
    let own = metadata.and_then(|metadata| {
        let key = key.replace('/', "_");
        metadata.beads_tasks.iter().find(|(known, _)| *known == key)
    });
    if let Some((_, id)) = own {
        of_task.metadata.insert(PROJECT_BEAD.to_owned(), id.clone());
    }
    let mut nodes = ground.graph.nodes.iter();
    let is_first =
        |node: &crate::graph::Node| node.kind == Kind::Item && node.phase == phase && node.tasks.first() == Some(&task);
    let Some(at) = nodes.position(is_first) else { return };
    of_task.description = brief_in_town(ground, at);
    let (covers, files) = work_of(ground, names, at);
    for (name, list) in [(COVERS, covers), (FILES, files)] {
        if !list.is_empty() {
            of_task.metadata.insert(name.to_owned(), list);
        }
    }
}

fn work_of(ground: &Ground<'_>, names: &BTreeMap<At, String>, at: usize) -> (String, String) {
    let node = &ground.graph.nodes[at];
    let others = node.tasks.iter().skip(1);
    let keys: Vec<&str> = others
        .filter_map(|&task| names.get(&(node.phase, task)).map(String::as_str))
        .collect();
    (keys.join(","), files(ground.plan, &ground.graph, at).join(","))
}

/// What whoever has a bead of a rig carries out with it, as it stands there.
#[must_use]
pub fn covers_of(bead: &Bead) -> &str {
    bead.metadata(COVERS).unwrap_or_default()
}

/// What a bead of a track says of the task that it was made for.
#[must_use]
pub fn name_of(track: &str, bead: &Bead) -> Name {
    let key = bead.metadata(KEY).unwrap_or_default();
    let own = key.strip_prefix(track).and_then(|rest| rest.strip_prefix('/'));
    Name {
        key: own.unwrap_or(key).to_owned(),
        phase: bead.metadata(PHASE).unwrap_or_default().to_owned(),
        title: bead.metadata(TITLE).unwrap_or(&bead.title).to_owned(),
    }
}

/// The files that whoever has a bead of a rig may touch.
pub fn files_of(bead: &Bead) -> impl Iterator<Item = &str> {
    listed(bead, FILES)
}

/// The track that a bead is of.
#[must_use]
pub fn track_of(bead: &Bead) -> Option<&str> {
    bead.metadata(TRACK)
}

/// What a list between commas holds.
fn listed<'b>(bead: &'b Bead, name: &str) -> impl Iterator<Item = &'b str> {
    let list = bead.metadata(name).unwrap_or_default();
    list.split(',').filter(|entry| !entry.is_empty())
}

/// What a worker of Gas Town is told about a node.
#[must_use]
pub fn brief_in_town(ground: &Ground<'_>, node: usize) -> String {
    let plan_path = format!("conductor/{}", ground.track.plan_file.as_deref().unwrap_or_default());
    Brief {
        plan_path: &plan_path,
        has_spec: ground.has_spec,
        has_workflow: ground.has_workflow,
        plan: ground.plan,
        graph: &ground.graph,
        node,
        to: To::Gastown(match (crew::of(ground), ground.has_merge_queue()) {
            (Some(_), _) => End::Crew,
            (None, true) => End::Refinery,
            (None, false) => End::NoQueue,
        }),
    }
    .text()
}

/// `commit: 1a2b3c4`, as Conductor closes beads.
#[must_use]
pub fn reason(task: &conductor_tracks::Task<'_>) -> String {
    match (task.state, task.shas.last()) {
        (State::Removed, _) => "taken out of the plan".to_owned(),
        (_, Some(sha)) => format!("commit: {}", sha.sha),
        (_, None) => "done in the plan".to_owned(),
    }
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
