//! Work that Claude's own sub-agents do: what was agreed to is handed out, and files and beads follow what has happened.

use conductor_plugin::Failure;

use crate::beads::Beads;
use crate::choose::Mode;
use crate::ground::Ground;
use crate::offer::Offer;
use crate::show::facts::{Begins, Facts};
use crate::{begin, report, worktrees};

/// Hands out what was agreed to. Beads come first: what is not in them was not begun. What was changed.
///
/// # Errors
/// Why it can't be written down.
pub fn begin(ground: &Ground<'_>, mode: Mode, offer: &Offer) -> Result<Vec<String>, Failure> {
    let mut changed = Vec::new();
    let beads = Beads::of(ground, mode)?;
    let beads = beads.map(|beads| beads.complete(ground)).transpose()?;
    if let Some((beads, made)) = &beads {
        changed.extend(made.iter().cloned());
        changed.extend(beads.note(ground)?);
    }
    let bead = |node: usize| beads.as_ref().and_then(|(beads, _)| beads.of_node(ground, node));
    begin::begin(ground, offer, bead)?;
    Ok(changed)
}

/// What those that were handed out are told.
///
/// # Errors
/// As of [`begins`].
pub fn begun(ground: &Ground<'_>, mode: Mode, offer: &Offer, changed: Vec<String>) -> Result<Facts, Failure> {
    let mut facts = Facts::told(ground, mode, "begun", changed);
    let names = offer.workers.iter();
    facts.begins = names.map(|name| begins(ground, name, mode)).collect::<Result<_, _>>()?;
    Ok(facts)
}

/// A worker, and what it is told; its worktree is there.
///
/// # Errors
/// `unknown-worker`; where its task is not in the plan any more, or its worktree can't be made.
pub fn begins(ground: &Ground<'_>, name: &str, mode: Mode) -> Result<Begins, Failure> {
    let worker = ground.workers.find(name).ok_or_else(|| {
        Failure::new(
            "unknown-worker",
            format!("`{}` has no worker `{name}`", ground.track.id),
        )
        .hinted(format!("`conductor dispatch {}` names those at work", ground.track.id))
    })?;
    let brief = begin::brief(ground, worker, mode)?;
    worktrees::ensure(ground, worker)?;
    Ok(Begins {
        item: worker.tasks.first().map(|name| name.key.clone()).unwrap_or_default(),
        title: worker.task.clone(),
        files: worker.files.clone(),
        worker: name.to_owned(),
        brief: Some(brief),
    })
}

/// Makes files and beads agree with what has happened. What was changed.
///
/// # Errors
/// Why a file or a bead can't be changed.
pub fn settle(ground: &Ground<'_>, mode: Mode) -> Result<Vec<String>, Failure> {
    let mut changed = report::give_up_lost(ground)?;
    changed.extend(report::end_finished(ground)?);
    // What other tools write of their workers is theirs.
    let is_begun = ground.workers.at_work().any(|worker| !worker.tasks.is_empty());
    if is_begun {
        changed.extend(ground.settle_begun(mode)?);
    }
    if (is_begun || was_dispatched(ground))
        && let Some(beads) = Beads::of(ground, mode)?
    {
        changed.extend(beads.settle(ground)?);
    }
    if ground.standing().done && !is_begun && was_dispatched(ground) {
        changed.extend(ground.settle_done()?);
    }
    Ok(changed)
}

/// Whether work of the track was ever handed out natively: nothing is touched of one that others carry out.
fn was_dispatched(ground: &Ground<'_>) -> bool {
    let metadata = ground.track.metadata.as_ref();
    metadata
        .and_then(|metadata| metadata.execution_mode.as_deref())
        .is_some_and(|mode| mode.starts_with("native"))
}

/// Makes the beads of a track that nobody works on yet. What was changed.
///
/// # Errors
/// `nothing-to-prepare` without Beads; what `bd` says.
pub fn prepare(ground: &Ground<'_>, mode: Mode) -> Result<Vec<String>, Failure> {
    let Some(beads) = Beads::of(ground, mode)? else {
        return Err(
            Failure::new("nothing-to-prepare", "without Beads there is nothing to prepare").hinted(format!(
                "`conductor dispatch {} --mode native-beads --prepare`",
                ground.track.id
            )),
        );
    };
    let (beads, mut changed) = beads.complete(ground)?;
    changed.extend(beads.note(ground)?);
    Ok(changed)
}
