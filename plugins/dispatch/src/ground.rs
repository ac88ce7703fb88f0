//! Everything that a run looks at, read once: the track, its plan and order of work, the workers, and what the person wants.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use conductor_common::sources;
use conductor_plugin::{Arguments, Entry, Failure, Host};
use conductor_tracks::beads_config::GastownWish;
use conductor_tracks::parallel_state::Worker;
use conductor_tracks::{PATTERNS, Plan, Project, State, Task, Track};

use crate::choose::{self, Mode, Way};
use crate::folder::GRANT;
use crate::formula;
use crate::graph::{Graph, Options};
use crate::identity::{self, At, Found, Name};
use crate::request::{self, Selection};
use crate::standing::{self, Observed, Standing, Wish};
use crate::workers::{self, Status, Workers};

/// The grant of the file by which a project shows that it uses Beads.
const BEADS: &str = "beads";

/// The most bytes of one file, as `conductor status` has it.
const MAX_BYTES: u64 = 1 << 20;

/// How many workers there are at once, where nobody says.
pub const WORKERS: i64 = 4;

/// What a run looks at.
pub struct Ground<'a> {
    /// The host.
    pub host: &'a dyn Host,
    /// The arguments.
    pub arguments: &'a Arguments,
    /// The whole project.
    pub project: &'a Project<'a>,
    /// The track.
    pub track: &'a Track<'a>,
    /// Its plan.
    pub plan: &'a Plan<'a>,
    /// The plan's order of work.
    pub graph: Graph,
    /// The track's workers.
    pub workers: Workers,
    /// Those of them that are given up since their session's process is gone; the file does not say so yet.
    pub lost: Vec<String>,
    /// Files that workers of other tracks have, with their names.
    pub locked: BTreeMap<String, String>,
    /// The Claude session that asks.
    pub session: Option<String>,
    /// What the person wants.
    pub wish: Wish,
    /// Whether each worker has a worktree of its own: asked for, or begun so.
    pub worktrees: bool,
    /// Whether the project has a workflow.md.
    pub has_workflow: bool,
    /// Whether the track has a spec.md.
    pub has_spec: bool,
    /// The formula that polecats are to work by.
    pub formula: Option<formula::Asked>,
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("track", &self.track.id)
            .finish_non_exhaustive()
    }
}

/// Files as they would be, by their paths below `conductor/`: a dry run looks at what it would have written.
pub type Overlay = BTreeMap<String, Vec<u8>>;

/// Reads the project, and does something on it.
///
/// # Errors
/// Why it can't be read or the track is not clear, and what `act` says.
pub fn on<R>(
    host: &dyn Host,
    wanted: Option<&str>,
    act: impl FnOnce(&Ground<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    on_with(host, wanted, &Overlay::new(), act)
}

/// The same with some files as they would be.
///
/// # Errors
/// As of [`on`].
pub fn on_with<R>(
    host: &dyn Host,
    wanted: Option<&str>,
    overlay: &Overlay,
    act: impl FnOnce(&Ground<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let arguments = host.arguments();
    let mut entries = host.snapshot(GRANT, PATTERNS, MAX_BYTES)?;
    for entry in &mut entries {
        if let Some(bytes) = overlay.get(entry.path.as_str()) {
            entry.content = Ok(bytes.clone());
        }
    }
    let sources = sources(&entries);
    let project = Project::read(&sources);
    let track = choose::track(&project, wanted.or_else(|| arguments.text("track")))?;
    let Some(plan) = &track.plan else {
        return Err(
            Failure::new("no-plan", format!("`{}` has no plan.md that can be read", track.id))
                .hinted("`conductor status --diagnostics` says what is wrong with it"),
        );
    };
    let options = Options {
        per_task: arguments.flag("per-task"),
    };
    let is_there = |path: &str| entries.iter().any(|entry| entry.path == path);
    let mut workers = read_workers(&entries, track)?;
    let lost = workers.give_up(|worker| is_over(host, worker));
    let ground = Ground {
        host,
        arguments: &arguments,
        project: &project,
        track,
        plan,
        graph: Graph::of(plan, options),
        worktrees: arguments.flag("worktrees") || workers.have_worktrees(),
        workers,
        lost,
        locked: locked(&project, track),
        session: host.session(),
        wish: wish(&arguments)?,
        formula: formula::Asked::of(host, &arguments)?,
        has_workflow: is_there("workflow.md"),
        has_spec: in_folder(track, "spec.md").is_some_and(|path| is_there(&path)),
    };
    act(&ground)
}

/// Reads the project for something that is about none of its tracks.
///
/// # Errors
/// Why it can't be read.
pub fn project<R>(host: &dyn Host, look: impl FnOnce(&Project<'_>) -> R) -> Result<R, Failure> {
    let entries = host.snapshot(GRANT, PATTERNS, MAX_BYTES)?;
    Ok(look(&Project::read(&sources(&entries))))
}

fn wish(arguments: &Arguments) -> Result<Wish, Failure> {
    let selection = |name: &str| {
        arguments
            .text(name)
            .map_or(Ok(Selection::default()), request::selection)
    };
    let most = arguments.int("max-workers").unwrap_or(WORKERS);
    let max_workers = usize::try_from(most).ok().filter(|most| (1..=100).contains(most));
    Ok(Wish {
        max_workers: max_workers.ok_or_else(|| {
            Failure::new("usage", format!("`--max-workers {most}` is no number of workers")).hinted("from 1 to 100")
        })?,
        tasks: selection("task")?,
        phases: selection("phase")?,
        except: selection("except")?,
    })
}

/// The track's workers. A file that others have written in another form is not taken over.
fn read_workers(entries: &[Entry], track: &Track<'_>) -> Result<Workers, Failure> {
    let Some(path) = state_path(track) else {
        return Ok(Workers::default());
    };
    let Some(entry) = entries.iter().find(|entry| entry.path == path) else {
        return Ok(Workers::default());
    };
    let bytes = entry
        .content
        .as_ref()
        .map_err(|error| Failure::new(&error.code, error.message.clone()))?;
    Workers::read(bytes).map_err(|error| {
        Failure::new(
            "bad-state",
            format!("`conductor/{path}` can't be gone on with: {error}"),
        )
        .hinted("mend it, or move it away when nobody works on the track any more")
    })
}

/// Whether the process that a worker was begun in is gone, and the worker with it.
fn is_over(host: &dyn Host, worker: &workers::Worker) -> bool {
    let at = worker.began().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    match (&worker.session, at.and_then(|at| u64::try_from(at.as_millis()).ok())) {
        (Some(session), Some(at)) => host.session_over(session, at),
        _ => false,
    }
}

/// A file of a track's own folder, below `conductor/`.
#[must_use]
pub fn in_folder(track: &Track<'_>, name: &str) -> Option<String> {
    let folder = track.folder.as_ref()?;
    Some(format!("{}/{name}", folder.trim_end_matches('/')))
}

/// Where a track's workers are written down.
#[must_use]
pub fn state_path(track: &Track<'_>) -> Option<String> {
    in_folder(track, "parallel_state.json")
}

fn locked(project: &Project<'_>, ours: &Track<'_>) -> BTreeMap<String, String> {
    let others = project
        .tracks
        .iter()
        .filter(|track| !track.archived && track.id != ours.id);
    let mut locked = BTreeMap::new();
    for track in others {
        let Some(state) = &track.parallel_state else { continue };
        let at_work = |worker: &&Worker| worker.state() == Some(State::InProgress);
        for worker in state.workers.iter().filter(at_work) {
            let by = format!("{} of {}", worker.id, track.id);
            locked.extend(worker.files.iter().map(|file| (file.clone(), by.clone())));
        }
    }
    locked
}

impl Ground<'_> {
    /// Where the track stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing_beside(&BTreeMap::new(), None)
    }

    /// The same where others have these files to themselves as well. `in_town`: the nodes that somebody in Gas Town has; where it can't be
    /// seen, those that the plan says so of.
    #[must_use]
    pub fn standing_beside(&self, locks: &BTreeMap<String, String>, in_town: Option<&BTreeSet<usize>>) -> Standing {
        let mut locked = self.locked.clone();
        locked.extend(locks.iter().map(|(file, by)| (file.clone(), by.clone())));
        let taken = in_town.cloned().unwrap_or_else(|| {
            let with_polecats = self.with_polecats();
            for (&node, bead) in &with_polecats {
                let files = standing::files(self.plan, &self.graph, node).into_iter();
                locked.extend(files.map(|file| (file, format!("a polecat ({bead})"))));
            }
            with_polecats.into_keys().collect()
        });
        Standing::of(&Observed {
            plan: self.plan,
            graph: &self.graph,
            workers: &self.workers,
            locked: &locked,
            session: self.session.as_deref(),
            wish: &self.wish,
            taken: &taken,
            busy: 0,
            cross_rig: &BTreeMap::new(),
        })
    }

    /// Whether the track is in Gas Town, as its metadata says.
    #[must_use]
    pub fn is_in_town(&self) -> bool {
        let metadata = self.track.metadata.as_ref();
        metadata.and_then(|metadata| metadata.execution_mode.as_deref()) == Some(Mode::GasTown.word())
    }

    /// The nodes that polecats have of a track which goes on natively beside them, as far as plan and metadata know, with the beads of their
    /// first tasks: they are begun, are in Gas Town, and were handed to no sub-agent.
    #[must_use]
    pub fn with_polecats(&self) -> BTreeMap<usize, &str> {
        let Some(metadata) = self.track.metadata.as_ref() else {
            return BTreeMap::new();
        };
        if metadata.gastown_tasks.is_empty() {
            return BTreeMap::new();
        }
        let of_workers = self.workers.workers.iter();
        let of_workers: Vec<Found> = of_workers
            .flat_map(|worker| identity::find(self.plan, &worker.tasks))
            .collect();
        let bead = |at: At| {
            let key = Name::of(self.plan, at).key.replace('/', "_");
            let mut ids = metadata.gastown_tasks.iter();
            ids.find(|(of, _)| *of == key).map(|(_, id)| id.as_str())
        };
        let nodes = self.graph.nodes.iter().enumerate();
        let held = nodes.filter_map(|(at, node)| {
            let tasks = || node.tasks.iter().map(|&task| (node.phase, task));
            let is_begun = tasks().any(|at| self.task(at).state == State::InProgress);
            let is_ours = tasks().any(|at| of_workers.contains(&Found::Task(at)));
            (is_begun && !is_ours).then_some((at, bead(tasks().next()?)?))
        });
        held.collect()
    }

    /// Whether the project has a database of Beads.
    #[must_use]
    pub fn has_beads(&self) -> bool {
        self.host.read(BEADS, "").is_ok()
    }

    /// What the repository wishes of Gas Town.
    #[must_use]
    pub fn gastown_wish(&self) -> Option<&GastownWish> {
        self.project.beads.as_ref()?.gastown.as_ref()
    }

    /// Whether the refinery merges what polecats hand in: `use_refinery` of `beads.json` is not false.
    #[must_use]
    pub fn has_merge_queue(&self) -> bool {
        self.gastown_wish().and_then(|wish| wish.use_refinery) != Some(false)
    }

    /// A task of the plan.
    #[must_use]
    pub fn task(&self, (phase, task): At) -> &Task<'_> {
        &self.plan.phases[phase].tasks[task]
    }

    /// Why the last worker on a node's tasks failed, if it did; `but` is one that is not looked at.
    #[must_use]
    pub fn failed_before(&self, node: usize, but: Option<&str>) -> Option<&str> {
        let of = &self.graph.nodes[node];
        let is_on_it = |worker: &&workers::Worker| {
            let found = identity::find(self.plan, &worker.tasks);
            found.iter().any(
                |found| matches!(found, Found::Task((phase, task)) if *phase == of.phase && of.tasks.contains(task)),
            )
        };
        let mut workers = self.workers.workers.iter();
        let last = workers.rfind(|worker| Some(worker.worker_id.as_str()) != but && is_on_it(worker))?;
        match last.status {
            Status::Failed => Some(last.reason.as_deref().unwrap_or("it did not say why")),
            _ => None,
        }
    }

    /// How its work is carried out.
    ///
    /// # Errors
    /// As of [`choose::way`].
    pub fn way(&self) -> Result<Way, Failure> {
        choose::way(self)
    }

    /// Where the track's workers are written down.
    ///
    /// # Errors
    /// `no-folder` where the track has none.
    pub fn state_path(&self) -> Result<String, Failure> {
        state_path(self.track)
            .ok_or_else(|| Failure::new("no-folder", format!("`{}` has no folder of its own", self.track.id)))
    }

    /// The plan's path below `conductor/`.
    ///
    /// # Errors
    /// `no-plan` where it has none.
    pub fn plan_path(&self) -> Result<&str, Failure> {
        let path = self.track.plan_file.as_deref();
        path.ok_or_else(|| Failure::new("no-plan", format!("`{}` has no plan.md", self.track.id)))
    }
}
