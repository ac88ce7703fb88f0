//! The project's own beads follow the plan, and the workers of this Claude Code session.

use std::collections::BTreeSet;

use conductor_beads::writes;
use conductor_plugin::Failure;
use conductor_tracks::State;

use super::{Beads, GONE, failure, reason};
use crate::ground::Ground;
use crate::identity::{self, At, Found, Name};
use crate::workers::Status;

impl Beads {
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
                "closed" => self.close(host, bead, &reason(task), &mut changed)?,
                status => {
                    writes::status(host, &bead.id, status).wait().map_err(failure)?;
                    changed.push(format!("{} is {}", bead.id, status.replace('_', " ")));
                }
            }
        }
        for bead in &self.spare {
            self.close(host, bead, GONE, &mut changed)?;
        }
        self.close_epics(ground, &mut changed)?;
        Ok(changed)
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
