//! Work that its worker gave up: the Mayor is told, and what was answered goes to whoever has it next.

use conductor_common::width::{one_line, quotable};
use conductor_gastown::escalation::{ASKED, ESCALATED, RELEASED};
use conductor_gastown::work::State;
use conductor_gastown::{rig_beads, rigs};
use conductor_plugin::Failure;

use super::look::{Look, failure};
use super::pieces::Piece;
use super::release;
use crate::ground::Ground;
use crate::identity::task_name;

/// The most columns of an answer: it is a mail.
const ANSWER: usize = 1000;

/// Lets the Mayor know of work that its worker gave up, once its commits have a branch at the remote. It is noted first that this was
/// done: to be told twice is what a mail can't be taken back from, and the person is asked in any case. What was changed.
///
/// # Errors
/// What `bd` says.
pub fn escalate(ground: &Ground<'_>, look: &Look, piece: &Piece) -> Result<Option<String>, Failure> {
    if piece.state != State::Escalated || piece.escalation.is_some() {
        return Ok(None);
    }
    let (host, bead) = (ground.host, &piece.bead);
    let keep = |value: &str| {
        rig_beads::keep(host, &look.rig, bead, ESCALATED, value)
            .wait()
            .map_err(failure)
    };
    // Whoever looks may end the polecat, and its commits may be nowhere else.
    let rescued = match release::rescue(host, look, piece) {
        Ok(rescued) => rescued.map(|rescued| format!("; {rescued}")),
        Err(failure) => Some(format!(
            "; what it has committed is in its worktree alone: {}",
            failure.message
        )),
    };
    let rescued = rescued.unwrap_or_default();
    keep(ASKED)?;
    let name = task_name(ground.plan, piece.at);
    let what = format!("conductor: {} gave up {name} of {}", piece.worker, ground.track.id);
    let why = format!(
        "{bead} is closed and has no merge request. `conductor dispatch {}` shows what a person can do.",
        ground.track.id
    );
    Ok(Some(
        match rigs::escalate(host, bead, "medium", &one_line(&what), &why).wait() {
            Ok(id) => {
                keep(&id)?;
                format!("{bead} was given up: the Mayor knows it ({id}){rescued}")
            }
            Err(error) => format!(
                "{bead} was given up, and the Mayor could not be told: {}{rescued}",
                error.message
            ),
        },
    ))
}

/// What was answered about work that was given up: as it is shown, so it is passed on. It is others' text.
#[must_use]
pub fn answer(look: &Look, piece: &Piece) -> Option<String> {
    let answer = look.notices.escalation(piece.escalation.as_deref()?)?.answer()?;
    Some(quotable(&answer, ANSWER))
}

/// Notes the answer on the bead, for the next who works on it, and that the Mayor is asked anew if they give it up as well. Made again, it
/// stands there already. What was changed.
///
/// # Errors
/// What `bd` says.
pub fn pass_on(ground: &Ground<'_>, look: &Look, piece: &Piece) -> Result<Option<String>, Failure> {
    let (host, rig, bead) = (ground.host, &look.rig, &piece.bead);
    let mut changed = None;
    if let Some(answer) = answer(look, piece) {
        let note = format!("Answer to what was escalated: {answer}");
        let mut beads = look.work.beads.iter();
        if !beads.any(|known| known.id == *bead && known.notes.contains(&note)) {
            rig_beads::note(host, rig, bead, &note).wait().map_err(failure)?;
            changed = Some(format!("{bead}: the answer to what was escalated is in its notes"));
        }
    }
    if piece.escalation.is_some() {
        let released = rig_beads::keep(host, rig, bead, ESCALATED, RELEASED);
        released.wait().map_err(failure)?;
    }
    Ok(changed)
}
