//! Worktrees of polecats that nobody owns any more: a sling that was interrupted leaves one, and so does one after a session that died.
//!
//! Only what has nothing of its own goes: no session, no file that is not committed, no commit that is nowhere else.

use conductor_gastown::{polecat, repository};
use conductor_plugin::{Failure, Host};

use super::look::{Look, failure};
use super::ready;
use crate::beads::Beads;

/// Ends them. What was changed; what stays is said too.
///
/// # Errors
/// What a tool says.
pub fn clear(host: &dyn Host, look: &Look, beads: &Beads) -> Result<Vec<String>, Failure> {
    let mut changed = Vec::new();
    for tree in repository::worktrees(host, &look.rig).wait().map_err(failure)? {
        let (Some(name), Some(id)) = (tree.polecat(), tree.bead()) else {
            continue;
        };
        let Some((_, bead)) = beads.tasks().find(|(_, bead)| bead.id == id) else {
            continue;
        };
        let owner = format!("{}/polecats/{name}", look.rig);
        let runs = look
            .agents()
            .and_then(|rig| rig.assignee(&owner))
            .is_some_and(|agent| agent.running);
        if bead.is_closed() || bead.assignee == owner || runs {
            continue;
        }
        let state = polecat::git_state(host, &look.rig, name).wait().map_err(failure)?;
        let is_empty = state.uncommitted_files.is_empty() && state.stash_count == 0 && state.unpushed_commits == 0;
        if !is_empty {
            changed.push(format!(
                "{owner} has work on {id} that is nowhere else, and no session: it stays"
            ));
            continue;
        }
        polecat::nuke(host, &look.rig, name).wait().map_err(failure)?;
        let target = ready::target(host, look)?;
        let is_empty = repository::is_on_target(host, &look.rig, &tree.head, &target);
        let is_empty = is_empty.wait().unwrap_or(false);
        if let Some(branch) = tree.branch.as_deref().filter(|_| is_empty) {
            repository::delete_branch(host, &look.rig, branch)
                .wait()
                .map_err(failure)?;
        }
        changed.push(format!("{owner} removed: an interrupted sling of {id} had left it"));
    }
    Ok(changed)
}
