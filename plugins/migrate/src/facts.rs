//! What there is to say of a move, as data: the same facts for a person, for Claude and for a program.

use conductor_common::width::one_line;
use conductor_dispatch::commits::short;
use conductor_dispatch::identity::task_name;
use conductor_tracks::Plan;
use serde::Serialize;

use crate::survey::{Found, Stands, Survey};

/// The facts of a track: the published schema `conductor.migrate/1`.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Facts {
    /// The track.
    pub track: String,
    /// Where its work goes: `gastown`, `native-beads`, `native-task`; nothing where that can't be told.
    pub to: Option<&'static str>,
    /// What this run has come to: `plan` (it would move something, and waits for a yes), `moved`, `nothing` (there is nothing to move),
    /// `waits` (something has to be done first).
    pub what: &'static str,
    /// The plan's digest, where something would be moved.
    pub digest: Option<String>,
    /// The workers that state files tell of, or that Gas Town has.
    pub workers: Vec<Worker>,
    /// What moving it does, step by step.
    pub does: Vec<String>,
    /// What the person has to do or to decide first.
    pub asks: Vec<String>,
    /// Worth knowing, and no trouble.
    pub notes: Vec<String>,
    /// What keeps it from being told what is under way, with file and line.
    pub problems: Vec<String>,
    /// What was changed.
    pub changed: Vec<String>,
}

/// A worker, and where its work stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Worker {
    /// Its name.
    pub worker: String,
    /// The file that names it; nothing for a polecat.
    pub file: Option<&'static str>,
    /// Its tasks, as the plan has them: `1.2`.
    pub tasks: Vec<String>,
    /// What it does, in the words of the file or the plan.
    pub title: String,
    /// `done`, `in flight`, `lost`.
    pub stands: &'static str,
    /// How that is known.
    pub why: String,
    /// The branch with its commits.
    pub branch: Option<String>,
    /// How many they are.
    pub commits: usize,
    /// The branch's last commit.
    pub head: Option<String>,
    /// How many files are not committed.
    pub uncommitted: usize,
}

/// Several tracks: the published schema `conductor.migrate-all/1`.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct All {
    /// Those that were looked at.
    pub tracks: Vec<Facts>,
    /// Those that could not be, and why.
    pub held: Vec<Held>,
    /// The digest of the plan over all of them.
    pub digest: Option<String>,
}

/// A track that could not be looked at, or moved.
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

impl Facts {
    /// The facts of a survey.
    #[must_use]
    pub fn of(track: &str, plan: &Plan<'_>, survey: &Survey) -> Self {
        Self {
            track: track.to_owned(),
            what: "nothing",
            workers: survey.found.iter().map(|found| worker(plan, found)).collect(),
            notes: survey.notes.clone(),
            problems: survey.problems.clone(),
            ..Self::default()
        }
    }

    /// How many workers' work stands so.
    #[must_use]
    pub fn count(&self, stands: Stands) -> usize {
        self.workers
            .iter()
            .filter(|worker| worker.stands == stands.word())
            .count()
    }
}

fn worker(plan: &Plan<'_>, found: &Found) -> Worker {
    let title = match found.tasks.as_slice() {
        [(phase, task)] => one_line(&plan.phases[*phase].tasks[*task].title).into_owned(),
        _ => found.title.clone(),
    };
    Worker {
        worker: found.worker.clone(),
        file: Some(found.file),
        tasks: found.tasks.iter().map(|&at| task_name(plan, at)).collect(),
        title,
        stands: found.stands.word(),
        why: found.why.clone(),
        branch: found.branch.as_ref().map(|(branch, _)| branch.name.clone()),
        commits: found.branch.as_ref().map_or(0, |(_, commits)| *commits),
        head: found.branch.as_ref().map(|(branch, _)| short(&branch.head)),
        uncommitted: found.uncommitted.as_ref().map_or(0, |(files, _)| *files),
    }
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::published;

    use super::{All, Facts};

    #[test]
    fn the_published_schemas_are_those_of_the_types() {
        let check = |name: &str, schema: &schemars::Schema| published(env!("CARGO_MANIFEST_DIR"), name, schema);
        check("migrate", &schemars::schema_for!(Facts));
        check("migrate-all", &schemars::schema_for!(All));
        check("migrate-repairs", &schemars::schema_for!(crate::repair::Repairs));
    }
}
