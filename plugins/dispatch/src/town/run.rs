//! The way through a run whose work is in Gas Town.

use std::collections::BTreeMap;

use conductor_plugin::{Failure, Host};

use super::begin::{self, Begun};
use super::look::{self, Look};
use super::pieces::{self, Piece};
use super::told::{begins, told, with_town};
use super::{crew, cross_rig, ready, release, resolve, settle, starts};
use crate::beads::Beads;
use crate::choose::Mode;
use crate::ground::{self, Ground, Overlay};
use crate::offer::Offer;
use crate::request::Request;
use crate::run::Told;
use crate::settle::Marks;
use crate::show::facts::Facts;
use crate::standing::{Observed, Standing};
use crate::workers::Workers;
use crate::{agree, ask, half_way, report, verify};

/// How soon a watched run looks again.
const AGAIN_MS: u32 = 15_000;

/// Goes on with a track as far as it can be gone on with.
///
/// # Errors
/// What is to be asked first, what stops it, and what can't be done.
pub fn advance(host: &dyn Host, track: &str, request: &Request, look: &mut Look) -> Result<Told, Failure> {
    if let Request::Report(_) | Request::Lost(_) | Request::Brief(_) = request {
        return Err(Failure::new(
            "gastown",
            format!("`{track}` is carried out by polecats, which report to Gas Town"),
        )
        .hinted(format!("`conductor dispatch {track}` looks how far they are")));
    }
    if host.dry_run() {
        let overlay = ground::on(host, Some(track), |ground| overlay(ground, look))?;
        return ground::on_with(host, Some(track), &overlay, |ground| {
            next(ground, look, request, Vec::new())
        });
    }
    let mut changed = steps(host)?;
    changed.extend(facts(host, track, look)?);
    let acted = match request {
        Request::Dispatch => Vec::new(),
        _ => ground::on(host, Some(track), |ground| act(ground, look, request))?,
    };
    if !acted.is_empty() {
        changed.extend(acted);
        look.refresh(host)?;
        changed.extend(facts(host, track, look)?);
    }
    match request {
        Request::Abort => ground::on(host, Some(track), |ground| {
            Ok((told(ground, look, "stopped", changed), None))
        }),
        Request::Prepare => ground::on(host, Some(track), |ground| {
            Ok((told(ground, look, "prepared", changed), None))
        }),
        _ => ground::on(host, Some(track), |ground| next(ground, look, request, changed)),
    }
}

/// What the person has chosen to have done first.
fn steps(host: &dyn Host) -> Result<Vec<String>, Failure> {
    let arguments = host.arguments();
    let mut changed = Vec::new();
    if arguments.flag("add-ignores") {
        changed.extend(ready::add_ignores(host)?);
    }
    Ok(changed)
}

/// The plan as it is once what has happened stands in it.
fn overlay(ground: &Ground<'_>, look: &Look) -> Result<Overlay, Failure> {
    let marks = settle::marks(ground, look);
    if marks.marks.is_empty() {
        return Ok(Overlay::default());
    }
    let path = ground.plan_path()?;
    let bytes = ground.host.read(crate::folder::GRANT, path)?;
    let (bytes, _) = crate::settle::marked(path, &bytes, &marks)?;
    Ok(BTreeMap::from([(path.to_owned(), bytes)]))
}

/// Writes down what has happened: first in the plan, then what follows from the plan. What was changed.
fn facts(host: &dyn Host, track: &str, look: &mut Look) -> Result<Vec<String>, Failure> {
    let mut changed = ground::on(host, Some(track), |ground| {
        let marks = settle::marks(ground, look);
        if marks.marks.is_empty() {
            return Ok(Vec::new());
        }
        Ok(crate::settle::mark(host, ground.plan_path()?, &marks)?.lines)
    })?;
    let followed = ground::on(host, Some(track), |ground| settle::follow(ground, look))?;
    if !followed.is_empty() {
        look.refresh(host)?;
    }
    changed.extend(followed);
    Ok(changed)
}

/// Takes in what was said. What was changed.
fn act(ground: &Ground<'_>, look: &Look, request: &Request) -> Result<Vec<String>, Failure> {
    match request {
        // What is checked out lags behind what was merged.
        Request::Pass(phase) => verify::pass(ground, phase, || ready::tip(ground.host, look)),
        Request::Reject { phase, reason } => verify::reject(ground, phase, reason),
        Request::Prepare => {
            let mut changed = Vec::new();
            begin::prepare(ground, look, &mut changed).map(|_| changed)
        }
        Request::Abort => {
            report::rest(ground, true)?;
            Ok(vec!["nothing more is begun by itself; who has work goes on".to_owned()])
        }
        Request::Release(bead) => release::release(ground, look, bead),
        Request::Merged(bead) => release::merged(ground, look, bead),
        Request::Resolve(wanted) => resolve::resolve(ground, look, wanted),
        _ => Ok(Vec::new()),
    }
}

fn next(ground: &Ground<'_>, look: &Look, request: &Request, changed: Vec<String>) -> Result<Told, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(look, &beads);
    let standing = standing(ground, look, &beads, &pieces);
    if pieces.iter().any(Piece::is_taken) || !look.cross_rig.waits.is_empty() {
        ground.host.again_after(AGAIN_MS);
    }
    let of_town = |facts: Facts| with_town(ground, look, &beads, &pieces, facts);
    let is_free = !pieces.iter().any(Piece::is_at_work) && !beads.loose().any(conductor_beads::Bead::is_under_way);
    if standing.done && is_free {
        let facts = Facts {
            what: "done",
            changed,
            ..Facts::of(ground, Mode::GasTown, &standing, None)
        };
        return Ok((of_town(facts), None));
    }
    if *request == Request::Dispatch {
        ask::what_is_open(ground, &standing)?;
    }
    crew::check(ground, look, &standing)?;
    let starts = starts::of(ground, look, &standing)?;
    let mut notes = match standing.ready.is_empty() && !starts.refinery {
        true => Vec::new(),
        false => ready::check(ground, look)?,
    };
    notes.extend(crew::note(ground, look));
    notes.extend(look.cross_rig.wrong.clone());
    notes.extend(
        ground
            .formula
            .as_ref()
            .map(|formula| format!("what begins is worked on by the formula `{}`", formula.name)),
    );
    let offer = Offer::in_town(ground, &look.rig, &beads, &standing, starts);
    let agreed = agree::agreed(ground, request, Mode::GasTown, offer.as_ref())?;
    let (Some(offer), true) = (&offer, agreed) else {
        let facts = Facts {
            changed,
            notes,
            makes: beads.to_make(ground).len(),
            ..Facts::of(ground, Mode::GasTown, &standing, offer.as_ref())
        };
        let plan = offer.map(|offer| conductor_plugin::Plan {
            others: crew::others(ground, look),
            ..agree::plan(ground, &offer)
        });
        return Ok((of_town(facts), plan));
    };
    report::rest(ground, false)?;
    let mut begun = Begun::default();
    let begins_now = begin::begin(ground, look, offer, &mut begun).and_then(|()| seen_begun(ground, look));
    let (now, marked) = match begins_now {
        Ok(seen) => seen,
        Err(failure) => {
            let marked = mark_given(ground, &begun).unwrap_or_else(|failure| vec![failure.message]);
            let done = [changed, begun.said(ground), marked].concat();
            return Err(half_way::said(failure, &done));
        }
    };
    let changed = [changed, begun.changed, marked].concat();
    let given = begun.given;
    ground::on(ground.host, Some(&ground.track.id), |ground| {
        let mut facts = told(ground, &now, "begun", changed.clone());
        facts.notes = [notes.clone(), begun.notes.clone()].concat();
        facts.begins = given.iter().map(|(node, who)| begins(ground, *node, who)).collect();
        Ok((facts, None))
    })
}

/// The town as it is once work was given out, and what follows from that.
fn seen_begun(ground: &Ground<'_>, look: &Look) -> Result<(Look, Vec<String>), Failure> {
    let mut now = look.clone();
    now.refresh(ground.host)?;
    now.town = look::town(ground.host)?;
    let marked = facts(ground.host, &ground.track.id, &mut now)?;
    Ok((now, marked))
}

/// What was given out stands in the plan also where the rest was not. No tool is asked: it may be the one that failed. What was changed.
fn mark_given(ground: &Ground<'_>, begun: &Begun) -> Result<Vec<String>, Failure> {
    let nodes = begun.given.iter().map(|(node, _)| &ground.graph.nodes[*node]);
    let tasks = nodes.flat_map(|node| node.tasks.iter().map(|&task| (node.phase, task)));
    let mut marks = Marks::default();
    settle::begun(ground, tasks, &mut marks);
    match marks.marks.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(crate::settle::mark(ground.host, ground.plan_path()?, &marks)?.lines),
    }
}

/// Where the track stands between its plan and the rig.
#[must_use]
pub fn standing(ground: &Ground<'_>, look: &Look, beads: &Beads, pieces: &[Piece]) -> Standing {
    let mut locked = ground.locked.clone();
    locked.extend(pieces::locks(ground, look));
    let busy = pieces::at_work(look);
    let mut wish = ground.wish.clone();
    if let Some(crew) = crew::of(ground) {
        // One at a time: a crew member is a session that goes on, and has one hook.
        let crew = format!("{}/crew/{crew}", look.rig);
        let has_work = look
            .work
            .beads
            .iter()
            .any(|bead| bead.is_under_way() && bead.assignee == crew);
        wish.max_workers = busy + usize::from(!has_work);
    }
    Standing::of(&Observed {
        plan: ground.plan,
        graph: &ground.graph,
        workers: &Workers::default(),
        locked: &locked,
        session: None,
        wish: &wish,
        taken: &pieces::taken(ground, beads, pieces),
        busy,
        cross_rig: &cross_rig::held(ground, look, beads),
    })
}
