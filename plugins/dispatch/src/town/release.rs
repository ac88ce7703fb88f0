//! Takes a piece of work back from a polecat that does not do it, so that it can be given out anew. Nothing that it has made is lost.

use conductor_gastown::work::State;
use conductor_gastown::{polecat, rig_beads};
use conductor_plugin::Failure;

use super::look::{Look, failure};
use super::pieces;
use crate::beads::Beads;
use crate::ground::Ground;
use crate::show::facts::task_name;

/// Takes it back. `wanted` is a bead's id, or a task's name (`2.1`). What was changed.
///
/// # Errors
/// `unknown-bead`; `at-work` where somebody does it, or it is merged or waits to be; `not-saved` where a worktree has files that are not
/// committed; what a tool says.
pub fn release(ground: &Ground<'_>, look: &Look, wanted: &str) -> Result<Vec<String>, Failure> {
    let host = ground.host;
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(look, &beads);
    let is_wanted = |piece: &&pieces::Piece| piece.bead == wanted || task_name(ground, piece.at) == wanted;
    let Some(piece) = pieces.iter().find(is_wanted) else {
        return Err(Failure::new(
            "unknown-bead",
            format!("no work of `{}` has the bead `{wanted}`", ground.track.id),
        )
        .hinted(format!(
            "`conductor dispatch {}` names those that were given out",
            ground.track.id
        )));
    };
    let mut changed = Vec::new();
    let (bead, rig) = (&piece.bead, &look.rig);
    match piece.state {
        State::Stalled | State::Deferred => {
            if let Some((_, name)) = piece.assignee.split_once("/polecats/") {
                let state = polecat::git_state(host, rig, name).wait().map_err(failure)?;
                if !state.uncommitted_files.is_empty() || state.stash_count > 0 {
                    return Err(Failure::new(
                        "not-saved",
                        format!(
                            "{} has files that are not committed: {}",
                            piece.assignee,
                            state.uncommitted_files.join(", ")
                        ),
                    )
                    .hinted(format!(
                        "commit them in `{rig}/polecats/{name}` of the town, or put them away; then the same again"
                    )));
                }
                polecat::release(host, bead, "given out anew").wait().map_err(failure)?;
                // Commits that were not pushed are pushed by it before.
                polecat::nuke(host, rig, name).wait().map_err(failure)?;
                changed.push(format!(
                    "{} removed; its commits are on its branch at the remote",
                    piece.assignee
                ));
            } else {
                polecat::release(host, bead, "given out anew").wait().map_err(failure)?;
            }
        }
        State::Escalated | State::Rejected | State::ClosedByHand | State::NoQueue => {
            rig_beads::reopen(host, rig, bead, "given out anew")
                .wait()
                .map_err(failure)?;
        }
        state => {
            return Err(Failure::new(
                "at-work",
                format!(
                    "{bead} is {}: there is nothing to take back",
                    state.as_str().replace('_', " ")
                ),
            )
            .hinted("`gt release` in the town takes it from a worker that has it"));
        }
    }
    changed.push(format!("{bead} is open again"));
    Ok(changed)
}
