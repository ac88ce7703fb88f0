//! The project's own beads of tasks that polecats do: they follow the plan as the rig's do.

use conductor_beads::{reads, writes};
use conductor_plugin::Failure;

use super::look::failure;
use crate::beads::{Beads, project_bead, reason};
use crate::ground::Ground;

/// Closes those whose task is closed in the plan. What was changed.
///
/// # Errors
/// What `bd` says.
pub fn close(ground: &Ground<'_>, beads: &Beads) -> Result<Vec<String>, Failure> {
    let done: Vec<_> = beads
        .tasks()
        .map(|(at, bead)| (ground.task(at), project_bead(bead)))
        .filter(|(task, _)| task.state.is_closed())
        .filter_map(|(task, own)| Some((task, own?)))
        .collect();
    if done.is_empty() || !ground.has_beads() {
        return Ok(Vec::new());
    }
    // The rig's bead does not say whether its own was closed: a merge closes it without us.
    let ids: Vec<&str> = done.iter().map(|(_, own)| *own).collect();
    let there = reads::by_id(ground.host, &ids).wait().map_err(failure)?;
    let mut changed = Vec::new();
    for (task, own) in done {
        if there.iter().any(|bead| bead.id == own && !bead.is_closed()) {
            writes::close(ground.host, own, &reason(task)).wait().map_err(failure)?;
            changed.push(format!("{own} closed"));
        }
    }
    Ok(changed)
}
