//! What there is to say of a track in Gas Town: who has what, where it stands, and what a person has to do about it.

use conductor_beads::Bead;
use conductor_common::width::quotable;
use conductor_gastown::reads;
use conductor_gastown::town::{Rig, is_crew};
use conductor_gastown::work::State;
use conductor_plugin::Host;

use super::look::Look;
use super::pieces::{self, Piece};
use super::{escalation, merged, release, resolve};
use crate::beads::Beads;
use crate::choose::Mode;
use crate::ground::Ground;
use crate::identity::task_name;
use crate::patience::PATIENCE_MS;
use crate::show::facts::{Asks, AtWork, Begins, Facts};

/// The most columns of a list of files.
const FILES: usize = 200;

/// The facts of a run that has done something, and asks for nothing.
#[must_use]
pub fn told(ground: &Ground<'_>, look: &Look, what: &'static str, changed: Vec<String>) -> Facts {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(look, &beads);
    let facts = Facts {
        what,
        changed,
        ..Facts::of(
            ground,
            Mode::GasTown,
            &super::run::standing(ground, look, &beads, &pieces),
            None,
        )
    };
    with_town(ground, look, &beads, &pieces, facts)
}

/// What only Gas Town knows.
#[must_use]
pub fn with_town(ground: &Ground<'_>, look: &Look, beads: &Beads, pieces: &[Piece], facts: Facts) -> Facts {
    let metadata = ground.track.metadata.as_ref();
    let open = pieces
        .iter()
        .filter(|piece| piece.is_taken() && !piece.state.is_settled() && !ground.task(piece.at).state.is_closed());
    let title = |piece: &Piece| ground.task(piece.at).title.to_string();
    Facts {
        rig: Some(look.rig.clone()),
        convoy: metadata.and_then(|metadata| metadata.gastown_convoy.clone()),
        at_work: open
            .clone()
            .map(|piece| AtWork {
                worker: piece.worker.clone(),
                title: title(piece),
                state: Some(piece.state.as_str()),
                bead: Some(piece.bead.clone()),
                ..AtWork::default()
            })
            .collect(),
        asks: open
            .filter_map(|piece| asks(ground, look, piece))
            .chain(by_hand(ground, pieces))
            .chain(beads.loose().filter(|bead| bead.is_under_way()).map(loose))
            .collect(),
        ..facts
    }
}

/// What a person has to do about a piece, if anything.
fn asks(ground: &Ground<'_>, look: &Look, piece: &Piece) -> Option<Asks> {
    let (bead, rig, who) = (&piece.bead, &look.rig, &piece.worker);
    let track = &ground.track.id;
    let (why, next) = match piece.state {
        State::Stalled => (
            format!("{who} has it and its session does not run"),
            format!("`conductor dispatch {track} --release {bead}` saves its work and gives it out anew"),
        ),
        State::Deferred => (
            format!("{who} has put it off"),
            format!("`conductor dispatch {track} --release {bead}` saves its work and gives it out anew"),
        ),
        State::Escalated => (
            match escalation::answer(look, piece) {
                Some(answer) => format!("{who} gave it up; {answer}"),
                None => format!("{who} gave it up"),
            },
            format!(
                "`gt peek {rig}/{who}` shows why; `conductor dispatch {track} --release {bead}` saves its commits and gives it out anew"
            ),
        ),
        State::Rejected => (
            "its merge request was turned down".to_owned(),
            format!("`conductor dispatch {track} --release {bead}` gives it out anew"),
        ),
        State::Conflict => {
            let files = resolve::told(ground.host, look, piece);
            let gap = if files.is_empty() { "" } else { ": " };
            (
                format!("what {who} handed in can't be merged as it is{gap}{files}"),
                format!("`conductor dispatch {track} --resolve {bead}` has four ways on"),
            )
        }
        State::NoQueue if is_crew(&piece.assignee) => (
            format!("{who} has closed it, and no commit of the target has `({bead})` in its message"),
            format!(
                "have it pushed; where it is there under another name, set `[x]` in plan.md; `conductor dispatch {track} --release {bead}` gives it out anew"
            ),
        ),
        State::NoQueue => {
            let left = merged::left(ground.host, look, piece).ok().flatten();
            let branch = left.and_then(|left| left.branch);
            let branch = branch.map_or_else(|| "its branch".to_owned(), |branch| format!("`{branch}`"));
            (
                "it is done and in no merge queue".to_owned(),
                format!("merge {branch}; where git can't see that it was, set `[x]` in plan.md"),
            )
        }
        State::Submitted if release::is_on_target(ground.host, look, piece) => (
            "it is on its target, and its merge request is open: the refinery stopped in between".to_owned(),
            format!("`conductor dispatch {track} --merged {bead}` says so to Gas Town"),
        ),
        State::Submitted if !look.agents().is_some_and(Rig::has_refinery) => (
            match touches_plan(ground.host, look, piece) {
                Some(files) => {
                    format!("it waits in the merge queue, the refinery does not run, and it changes {files}")
                }
                None => "it waits in the merge queue, and the refinery does not run".to_owned(),
            },
            format!("`conductor dispatch {track} --start-refinery` starts it, or merge it yourself"),
        ),
        State::Submitted => {
            let files = touches_plan(ground.host, look, piece)?;
            (
                format!("what {who} handed in changes {files}"),
                "look at it before it is merged: a conflict there alone takes what is merged already".to_owned(),
            )
        }
        _ => return None,
    };
    Some(Asks {
        item: task_name(ground.plan, piece.at),
        why,
        next,
    })
}

/// What a branch that waits to be merged has changed in `conductor/`, which is updated for its worker.
fn touches_plan(host: &dyn Host, look: &Look, piece: &Piece) -> Option<String> {
    let request = piece.request.as_ref()?;
    let files = reads::changed(host, &look.rig, &request.target, &request.branch)
        .within(PATIENCE_MS)
        .wait()
        .unwrap_or_default();
    let is_ours = |file: &&String| file.starts_with("conductor/");
    let files: Vec<&str> = files.iter().filter(is_ours).map(String::as_str).collect();
    (!files.is_empty()).then(|| quotable(&files.join(", "), FILES).to_string())
}

/// What somebody has closed by hand: whether it is done only a person knows.
fn by_hand<'g>(ground: &'g Ground<'_>, pieces: &'g [Piece]) -> impl Iterator<Item = Asks> + 'g {
    let by_hand = pieces
        .iter()
        .filter(|piece| piece.state == State::ClosedByHand && !ground.task(piece.at).state.is_closed());
    by_hand.map(|piece| Asks {
        item: task_name(ground.plan, piece.at),
        why: format!("{} was closed by hand", piece.bead),
        next: format!(
            "set `[x]` in plan.md if it is done, else `bd reopen {}` in the rig",
            piece.bead
        ),
    })
}

/// Work on something that the plan has not any more, or of which nobody knows which task it is.
fn loose(bead: &Bead) -> Asks {
    Asks {
        item: bead.title.clone(),
        why: format!(
            "{} has it ({}), and the plan has no such task, or several",
            bead.assignee, bead.id
        ),
        next: format!("let it finish, or `gt release {}` in the town", bead.id),
    }
}

/// An item that was given out, and who has it.
#[must_use]
pub fn begins(ground: &Ground<'_>, node: usize, who: &str) -> Begins {
    let of = &ground.graph.nodes[node];
    Begins {
        item: of.name(ground.plan),
        title: of
            .tasks
            .first()
            .map(|&task| ground.task((of.phase, task)).title.to_string())
            .unwrap_or_default(),
        files: crate::standing::files(ground.plan, &ground.graph, node),
        worker: who.to_owned(),
        brief: None,
    }
}
