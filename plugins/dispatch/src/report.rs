//! Takes in what a worker says at its end.

use conductor_plugin::{Failure, Host};
use conductor_tracks::State;

use crate::commits;
use crate::folder;
use crate::ground::Ground;
use crate::request::Report;
use crate::settle::{Mark, Marked, Marks, mark, now};
use crate::workers::{Status, Worker, Workers};
use crate::worktrees::{self, NotMerged};

/// Takes a report in: the plan first, then the worker, so that a run that is killed between the two is made good by the same report.
/// What was changed.
///
/// # Errors
/// `unknown-worker`, `unknown-commit`, `reported` where it has said something else before; why a file can't be changed.
pub fn take(ground: &Ground<'_>, report: &Report) -> Result<Vec<String>, Failure> {
    let worker = find(ground, &report.worker)?;
    let mut lines = Vec::new();
    let sha = match &report.sha {
        Some(sha) => Some(commits::whole(ground.host, sha)?),
        None => None,
    };
    match (worker.status, report.completed) {
        (Status::InProgress, _) | (Status::TimedOut | Status::Failed, true) => {}
        // One whose tasks a person had closed has not named a commit yet.
        (Status::Completed, true) if worker.commit_sha.is_none() || worker.commit_sha == sha => {}
        (Status::Failed, false) if worker.reason == report.reason => return Ok(lines),
        (status, _) => {
            let said = status.word().replace('_', " ");
            return Err(
                Failure::new("reported", format!("`{}` stands as {said} already", worker.worker_id))
                    .hinted(format!("`conductor dispatch {}` shows what is next", ground.track.id)),
            );
        }
    }
    if let Some(sha) = &sha {
        lines.extend(merged(ground, worker, sha)?);
        let Marked { lines: marked, unclear } = mark_done(ground, worker, sha)?;
        lines.extend(marked);
        let gone = unclear.into_iter();
        lines.extend(gone.map(|name| {
            format!(
                "`{}` is not in the plan any more, or twice: nothing was marked",
                name.title
            )
        }));
    }
    let name = worker.worker_id.clone();
    let ended = change(ground, |workers| {
        let worker = workers.workers.iter_mut().find(|worker| worker.worker_id == name);
        let Some(worker) = worker else { return };
        let status = if report.completed {
            Status::Completed
        } else {
            Status::Failed
        };
        if worker.status != status || worker.commit_sha != sha {
            worker.status = status;
            worker.commit_sha = sha.clone();
            worker.reason = report.reason.clone();
            worker.completed_at = Some(now());
        }
    })?;
    if ended {
        lines.push(match &report.reason {
            Some(reason) => format!("{name} failed: {reason}"),
            None => format!("{name} completed"),
        });
    }
    if report.completed {
        lines.extend(worktrees::remove(ground, worker));
    }
    Ok(lines)
}

/// Merges a worker's commit, where it has a worktree. A conflict stands in the file, for its brief.
fn merged(ground: &Ground<'_>, worker: &Worker, sha: &str) -> Result<Option<String>, Failure> {
    worktrees::merge(ground, worker, sha).map_err(|conflict| match conflict {
        NotMerged::Conflict(files) => {
            let noted = change(ground, |workers| {
                let names = |of: &&mut Worker| of.worker_id == worker.worker_id;
                if let Some(worker) = workers.workers.iter_mut().find(names) {
                    worker.reason = Some(worktrees::reason(&files));
                }
            });
            noted
                .err()
                .unwrap_or_else(|| worktrees::conflict(ground, worker, &files))
        }
        NotMerged::Refused(failure) => failure,
    })
}

/// Gives workers up that will not report any more: their tasks can be begun again. `all` is all of other sessions.
///
/// # Errors
/// `unknown-worker`; why the file can't be changed.
pub fn give_up(ground: &Ground<'_>, names: &str) -> Result<Vec<String>, Failure> {
    let standing = ground.standing();
    let names: Vec<String> = match names {
        "all" => {
            let places = standing.others.iter().chain(&standing.unclear);
            places
                .map(|&place| ground.workers.workers[place].worker_id.clone())
                .collect()
        }
        names => names.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    for name in &names {
        find(ground, name)?;
    }
    let mut lost = Vec::new();
    change(ground, |workers| {
        lost = workers.give_up(|worker| names.contains(&worker.worker_id))
    })?;
    Ok(lost
        .iter()
        .map(|name| format!("{name} was given up: its commits, if any, stay"))
        .collect())
}

/// Writes down those whose session is over. What was changed.
///
/// # Errors
/// Why the file can't be changed.
pub fn give_up_lost(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    if ground.lost.is_empty() {
        return Ok(Vec::new());
    }
    change(ground, |workers| {
        workers.give_up(|worker| ground.lost.contains(&worker.worker_id));
    })?;
    Ok(ground
        .lost
        .iter()
        .map(|name| format!("{name} was given up: its Claude session is over; its commits, if any, stay"))
        .collect())
}

/// Nothing more is begun by itself: a yes for the whole track rests until something is begun by hand. What was changed.
///
/// # Errors
/// `not-begun` where nothing was; why the file can't be changed.
pub fn stop(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    if ground.workers.workers.is_empty() {
        return Err(Failure::new(
            "not-begun",
            format!("nothing of `{}` was begun", ground.track.id),
        ));
    }
    rest(ground, true)?;
    let at_work: Vec<String> = ground
        .workers
        .at_work()
        .map(|worker| format!("{} goes on, and can report", worker.worker_id))
        .collect();
    Ok(std::iter::once("nothing more is begun by itself".to_owned())
        .chain(at_work)
        .collect())
}

/// Lets a yes for the whole track rest, or not any more. It stands in the workers' file, also where the workers are polecats.
///
/// # Errors
/// Why the file can't be changed.
pub fn rest(ground: &Ground<'_>, rests: bool) -> Result<(), Failure> {
    if ground.workers.is_stopped() == rests {
        return Ok(());
    }
    let path = ground.state_path()?;
    folder::change_or_create(ground.host, &path, |bytes| {
        let mut workers = match bytes {
            Some(bytes) => read(&path, bytes)?,
            None => Workers::default(),
        };
        workers.stop(rests);
        Ok(workers.to_bytes())
    })?;
    Ok(())
}

/// A worker whose tasks a person has closed in the plan has nothing left to do. What was changed.
///
/// # Errors
/// Why the file can't be changed.
pub fn end_finished(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = finished(ground).map(|worker| worker.worker_id.clone()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let ended = |worker: &&mut Worker| names.contains(&worker.worker_id) && worker.status == Status::InProgress;
    change(ground, |workers| {
        for worker in workers.workers.iter_mut().filter(ended) {
            worker.status = Status::Completed;
            worker.completed_at = Some(now());
        }
    })?;
    Ok(names
        .iter()
        .map(|name| format!("{name} has nothing left to do: its tasks are closed in the plan"))
        .collect())
}

/// The workers whose tasks are all in the plan and closed.
fn finished<'g>(ground: &'g Ground<'_>) -> impl Iterator<Item = &'g Worker> {
    ground.workers.at_work().filter(|worker| {
        let found = crate::identity::find(ground.plan, &worker.tasks);
        !found.is_empty()
            && found.iter().all(|found| match found {
                crate::identity::Found::Task((phase, task)) => {
                    ground.plan.phases[*phase].tasks[*task].state.is_closed()
                }
                _ => false,
            })
    })
}

/// One commit a task where the worker has named them, else the last one for the last task.
fn mark_done(ground: &Ground<'_>, worker: &Worker, sha: &str) -> Result<Marked, Failure> {
    let keys = match worker.tasks.len() {
        0 | 1 => std::collections::BTreeMap::new(),
        _ => commits::by_key(ground.host, sha)?,
    };
    let last = worker.tasks.len().saturating_sub(1);
    let marks: Vec<Mark> = worker
        .tasks
        .iter()
        .enumerate()
        .map(|(at, name)| Mark {
            name: name.clone(),
            state: State::Done,
            sha: keys
                .get(&name.key)
                .map(String::as_str)
                .or((at == last).then_some(sha))
                .map(commits::short),
        })
        .collect();
    let marks = Marks {
        marks,
        checkpoint: Some(commits::short(sha)),
    };
    mark(ground.host, ground.plan_path()?, &marks)
}

fn find<'g>(ground: &'g Ground<'_>, name: &str) -> Result<&'g Worker, Failure> {
    ground.workers.find(name).ok_or_else(|| {
        let known: Vec<String> = ground
            .workers
            .workers
            .iter()
            .map(|worker| format!("`{}`", worker.worker_id))
            .collect();
        let failure = Failure::new(
            "unknown-worker",
            format!("`{}` has no worker `{name}`", ground.track.id),
        );
        match known.is_empty() {
            true => failure.hinted("none was begun"),
            false => failure.hinted(format!("its workers: {}", known.join(", "))),
        }
    })
}

/// Changes the workers as they stand in the file at this moment. Whether something changed.
fn change(ground: &Ground<'_>, mut change: impl FnMut(&mut Workers)) -> Result<bool, Failure> {
    let path = ground.state_path()?;
    change_at(ground.host, &path, &mut change)
}

fn change_at(host: &dyn Host, path: &str, change: &mut dyn FnMut(&mut Workers)) -> Result<bool, Failure> {
    folder::change(host, path, |bytes| {
        let before = read(path, bytes)?;
        let mut after = before.clone();
        change(&mut after);
        Ok(if after == before {
            bytes.to_vec()
        } else {
            after.to_bytes()
        })
    })
}

fn read(path: &str, bytes: &[u8]) -> Result<Workers, Failure> {
    Workers::read(bytes).map_err(|error| Failure::new("bad-state", format!("`conductor/{path}`: {error}")))
}
