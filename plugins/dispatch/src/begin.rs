//! Hands work out: writes down the workers, then what follows from them, and gives each its brief.

use conductor_plugin::{Failure, digest};

use crate::brief::{Brief, To};
use crate::choose::Mode;
use crate::folder;
use crate::ground::Ground;
use crate::identity::Name;
use crate::offer::Offer;
use crate::settle::now;
use crate::standing::files;
use crate::workers::{Status, Worker, Workers};
use crate::worktrees;

/// Hands out what is offered; each worker gets the bead of its node, where there are beads.
///
/// # Errors
/// Why it can't be written down. Then nothing was handed out.
pub fn begin(ground: &Ground<'_>, offer: &Offer, bead: impl Fn(usize) -> Option<String>) -> Result<(), Failure> {
    let path = ground.state_path()?;
    let mut workers = ground.workers.clone();
    for (&at, name) in offer.nodes.iter().zip(&offer.workers) {
        workers.workers.push(worker(ground, at, name, bead(at)));
    }
    workers.started_at.get_or_insert_with(now);
    workers.stop(false);
    workers.use_worktrees(ground.worktrees);
    write(ground, &path, &workers)
}

fn worker(ground: &Ground<'_>, at: usize, name: &str, bead: Option<String>) -> Worker {
    let node = &ground.graph.nodes[at];
    let phase = &ground.plan.phases[node.phase];
    let tasks = node.tasks.iter();
    let own = ground
        .worktrees
        .then(|| worktrees::names(ground.host, &ground.track.id, name));
    let (worktree, branch) = own.unzip();
    Worker {
        worker_id: name.to_owned(),
        task: phase.tasks[node.tasks[0]].title.to_string(),
        task_index: node.tasks[0],
        tasks: tasks.map(|&task| Name::of(ground.plan, (node.phase, task))).collect(),
        beads_task_id: bead,
        files: files(ground.plan, &ground.graph, at),
        depends_on: Vec::new(),
        status: Status::InProgress,
        started_at: Some(now()),
        completed_at: None,
        commit_sha: None,
        reason: None,
        worktree,
        branch,
        session: ground.session.clone(),
        other: serde_json::Map::new(),
    }
}

/// Replaces the file that was read, and no other: two runs that hand out at once would hand out the same.
fn write(ground: &Ground<'_>, path: &str, workers: &Workers) -> Result<(), Failure> {
    let bytes = workers.to_bytes();
    let written = match folder::read_if_there(ground.host, path)? {
        Some(before) if Workers::read(&before).as_ref() == Ok(&ground.workers) => {
            ground.host.replace(folder::GRANT, path, &digest(&before), &bytes)
        }
        None if ground.workers == Workers::default() => ground.host.create(folder::GRANT, path, &bytes),
        _ => return Err(changed(path)),
    };
    written.map_err(|error| match error.code.as_str() {
        "changed" | "exists" => changed(path),
        _ => error.into(),
    })
}

fn changed(path: &str) -> Failure {
    Failure::new("changed", format!("`conductor/{path}` has changed since it was read"))
        .hinted("the same command again looks anew")
}

/// What a worker is told.
///
/// # Errors
/// Where its task is not in the plan any more.
pub fn brief(ground: &Ground<'_>, worker: &Worker, mode: Mode) -> Result<String, Failure> {
    let gone = || {
        Failure::new(
            "gone",
            format!("what `{}` was to do is not open in the plan any more", worker.worker_id),
        )
        .hinted(format!(
            "`conductor dispatch {} --lost {}` gives it up",
            ground.track.id, worker.worker_id
        ))
    };
    let standing = ground.standing();
    let at_work = standing
        .at_work
        .iter()
        .find(|at| ground.workers.workers[at.worker].worker_id == worker.worker_id);
    let node = at_work.and_then(|at| at.nodes.first().copied()).ok_or_else(gone)?;
    let plan_path = format!("conductor/{}", ground.plan_path()?);
    Ok(Brief {
        plan_path: &plan_path,
        has_spec: ground.has_spec,
        has_workflow: ground.has_workflow,
        plan: ground.plan,
        graph: &ground.graph,
        node,
        to: To::SubAgent {
            worker: &worker.worker_id,
            bead: worker.beads_task_id.as_deref().filter(|_| mode == Mode::NativeBeads),
            worktree: worker.worktree.as_deref(),
            not_merged: worker.reason.as_deref(),
            earlier: ground.failed_before(node, Some(&worker.worker_id)),
        },
    }
    .text())
}
