//! The state files in which workers of a track are written down, in whatever form.

use conductor_common::width::one_line;
use conductor_dispatch::archive::FILES;
use conductor_dispatch::folder;
use conductor_dispatch::identity::Name;
use conductor_plugin::Host;
use conductor_tracks::diagnostic::Diagnostic;
use conductor_tracks::implement_state::ImplementState;
use conductor_tracks::parallel_state::{ParallelState, TaskName, Worker};
use conductor_tracks::{Plan, Severity};

/// Where `/conductor-implement` keeps its place.
const IMPLEMENT: &str = "implement_state.json";

/// The largest real one of six has 3 kB.
const MOST_BYTES: usize = 1 << 20;

/// What `/conductor-implement` is called as a worker.
const SESSION: &str = "/conductor-implement";

/// The state files of a track.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// Those that are there.
    pub files: Vec<&'static str>,
    /// Who is in them, in their order.
    pub said: Vec<Said>,
    /// Why what is under way can't be told: a line each, with its place.
    pub problems: Vec<String>,
    /// What is odd in them, likewise.
    pub notes: Vec<String>,
}

/// What a file says of a worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The file.
    pub file: &'static str,
    /// The worker.
    pub worker: Worker,
    /// The phase that the whole file is about.
    pub phase: Option<String>,
}

impl States {
    /// Reads those of a folder below `conductor/`, which ends in a slash.
    #[must_use]
    pub fn read(host: &dyn Host, folder: &str, plan: &Plan<'_>) -> Self {
        let mut states = Self::default();
        for name in FILES {
            let path = format!("{}/{name}", folder.trim_end_matches('/'));
            match folder::read_if_there(host, &path) {
                Ok(None) => {}
                Ok(Some(bytes)) => {
                    states.files.push(name);
                    states.take(name, &path, &bytes, plan);
                }
                Err(error) => {
                    states.files.push(name);
                    states.problems.push(format!("conductor/{path}: {}", error.message));
                }
            }
        }
        states
    }

    /// Takes in what a file says.
    pub fn take(&mut self, name: &'static str, path: &str, bytes: &[u8], plan: &Plan<'_>) {
        if bytes.len() > MOST_BYTES {
            let size = bytes.len() >> 20;
            self.problems.push(format!(
                "conductor/{path}: {size} MiB, and no state file has so many: not read"
            ));
            return;
        }
        let mut found = Vec::new();
        if name == IMPLEMENT {
            let state = ImplementState::read(&path.into(), bytes, &mut found);
            self.said.extend(state.and_then(|state| session(&state, plan)));
        } else if let Some(state) = ParallelState::read(&path.into(), bytes, &mut found) {
            for worker in state.workers.iter().chain(&state.tasks) {
                self.said.push(Said {
                    file: name,
                    worker: worker.clone(),
                    phase: state.phase.clone(),
                });
            }
        }
        self.join();
        for diagnostic in found {
            let line = said(&diagnostic);
            // A list of workers that is none, or an entry of it: who has what nobody knows then.
            let is_workers = ["workers", "active_workers", "agents", "tasks", "dispatched_tasks"]
                .iter()
                .any(|list| of_list(&diagnostic.reason, list));
            match diagnostic.severity == Severity::Problem || is_workers {
                true => self.problems.push(line),
                false => self.notes.push(line),
            }
        }
    }

    /// An agent and the task that it has are one worker, of which the task may know the commit.
    fn join(&mut self) {
        let mut joined: Vec<Said> = Vec::new();
        for said in self.said.drain(..) {
            let same = joined.iter_mut().find(|known| {
                known.file == said.file
                    && known.worker.title.is_some()
                    && known.worker.title == said.worker.title
                    && (said.worker.id.is_empty() || known.worker.id == said.worker.id)
            });
            match same {
                Some(known) => {
                    known.worker.commits.extend(said.worker.commits);
                    known.worker.commits.dedup();
                    known.worker.status = known.worker.status.take().or(said.worker.status);
                }
                None => joined.push(said),
            }
        }
        self.said = joined;
    }
}

/// Whether a reason is about a list itself or one of its entries, and not about a field of one.
fn of_list(reason: &str, list: &str) -> bool {
    let Some(rest) = reason.strip_prefix('`').and_then(|rest| rest.strip_prefix(list)) else {
        return false;
    };
    let rest = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest,
        None => rest,
    };
    rest.starts_with('`')
}

fn said(diagnostic: &Diagnostic<'_>) -> String {
    let line = diagnostic
        .lines
        .first()
        .map_or_else(String::new, |lines| format!(":{lines}"));
    let text = format!("conductor/{}{line}: {}", diagnostic.file, diagnostic.reason);
    one_line(&text).into_owned()
}

/// A session that goes through the plan task by task; nothing where it says that it is at its end, or where it is.
fn session(state: &ImplementState, plan: &Plan<'_>) -> Option<Said> {
    let place = |index: Option<u64>| usize::try_from(index?).ok();
    let by_title = || {
        let wanted = state.current_phase.as_deref()?;
        plan.phases
            .iter()
            .position(|phase| wanted.to_lowercase().contains(&phase.title.to_lowercase()))
    };
    let phase = place(state.current_phase_index).or_else(by_title)?;
    let task = place(state.current_task_index)?;
    plan.phases.get(phase)?.tasks.get(task)?;
    let name = Name::of(plan, (phase, task));
    Some(Said {
        file: IMPLEMENT,
        worker: Worker {
            id: SESSION.to_owned(),
            title: Some(name.title.clone()),
            status: state.status.clone(),
            tasks: vec![TaskName {
                key: name.key,
                phase: name.phase,
                title: name.title,
            }],
            ..Worker::default()
        },
        phase: None,
    })
}
