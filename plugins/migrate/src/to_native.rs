//! Back to Claude's own sub-agents: what is merged is marked, polecats are left to finish or give their work back, and the track's
//! metadata says what it said before.

use conductor_common::width::one_line;
use conductor_dispatch::beads::Beads;
use conductor_dispatch::choose::{self, Mode};
use conductor_dispatch::folder::{self, Value};
use conductor_dispatch::ground::{self, Ground, Overlay};
use conductor_dispatch::identity::task_name;
use conductor_dispatch::town::look::{self, Look, Missing, look};
use conductor_dispatch::town::pieces::{self, Piece};
use conductor_dispatch::town::{release, settle as town_settle};
use conductor_dispatch::{ask, report, settle};
use conductor_gastown::repository;
use conductor_gastown::work::State;
use conductor_plugin::{Failure, Host};

use crate::facts::{Facts, Worker};
use crate::prepared::{Prepared, asked};
use crate::seen::Seen;
use crate::survey::Stands;

/// What the metadata says of a track in Gas Town alone.
const OF_TOWN: [&str; 4] = ["gastown_convoy", "gastown_crew", "gastown_epic", "gastown_tasks"];

/// What is to become of polecats that have work of the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polecats {
    /// They finish; until then the track stays where it is.
    Finish,
    /// Their work is saved and taken back.
    Release,
    /// The person has not said.
    Open,
}

impl Polecats {
    fn of(ground: &Ground<'_>) -> Self {
        match ground.arguments.text("polecats") {
            Some("finish") => Self::Finish,
            Some("release") => Self::Release,
            _ => Self::Open,
        }
    }
}

/// What a move would do.
///
/// # Errors
/// What is to be asked first, and what can't be read.
pub fn look_at(host: &dyn Host, seen: &Seen) -> Result<Prepared, Failure> {
    let overlay = seen.without_workers();
    let marked = ground::on_with(host, Some(&seen.track), &overlay, |ground| {
        let mut facts = Facts::of(&seen.track, ground.plan, &seen.survey);
        if !ground.is_in_town() {
            facts.notes.push("it is not in Gas Town".to_owned());
            return Ok(Err(Prepared::of(facts, 0, &[])));
        }
        facts.to = Some(native(ground)?.word());
        let look = match look(host, &seen.track) {
            Ok(look) => look,
            Err(missing) => {
                facts.asks.push(asked(host, failure(missing), &seen.track)?);
                return Ok(Err(Prepared::of(facts, 0, &[])));
            }
        };
        let marks = town_settle::marks(ground, &look);
        facts.does.extend(marks.marks.iter().map(|mark| {
            let sha = mark.sha.as_deref().map_or_else(String::new, |sha| format!(" [{sha}]"));
            format!("plan.md: {} is [{}]{sha}", mark.name.key, mark.state.as_char())
        }));
        let mut overlay: Overlay = overlay.clone();
        if !marks.marks.is_empty() {
            let bytes = host.read(folder::GRANT, &seen.plan_path)?;
            let (bytes, _) = settle::marked(&seen.plan_path, &bytes, &marks)?;
            overlay.insert(seen.plan_path.clone(), bytes);
        }
        Ok(Ok((facts, look, overlay)))
    })?;
    let (facts, look, overlay) = match marked {
        Ok(marked) => marked,
        Err(prepared) => return Ok(prepared),
    };
    ground::on_with(host, Some(&seen.track), &overlay, |ground| {
        prepared(ground, seen, facts, &look)
    })
}

fn prepared(ground: &Ground<'_>, seen: &Seen, mut facts: Facts, look: &Look) -> Result<Prepared, Failure> {
    let host = ground.host;
    let track = seen.track.as_str();
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(look, &beads);
    facts.workers.extend(
        pieces
            .iter()
            .filter(|piece| piece.is_taken())
            .map(|piece| worker(ground, piece)),
    );
    let held: Vec<&Piece> = pieces.iter().filter(|piece| is_held(ground, piece)).collect();
    match Polecats::of(ground) {
        Polecats::Open if !held.is_empty() => {
            let failure = Failure::new(
                "under-way",
                format!("polecats have work of `{track}`: {}", named(ground, &held)),
            )
            .choice(ask::choice(
                "A",
                "Let them finish",
                "nothing more begins; the same command again moves it then",
                &[track, "--to=native", "--polecats=finish"],
            ))
            .choice(ask::choice(
                "B",
                "Take their work back",
                "commits stay on their branches at the remote, their sessions end, and the tasks begin anew",
                &[track, "--to=native", "--polecats=release"],
            ));
            facts.asks.push(asked(host, failure, track)?);
        }
        Polecats::Finish if !held.is_empty() => facts.asks.push(format!(
            "let them finish: {}; then `conductor migrate {track} --to native` again",
            named(ground, &held)
        )),
        Polecats::Release => {
            for piece in &held {
                let name = task_name(ground.plan, piece.at);
                match piece.state {
                    State::Submitted | State::Conflict | State::Scheduled => facts.asks.push(format!(
                        "{name} is {}: it has to be merged or turned down first (`conductor dispatch {track}` says how)",
                        piece.state.as_str().replace('_', " ")
                    )),
                    _ => facts.does.push(format!(
                        "{name} is taken back from {}: its commits stay, files that are not committed stop it",
                        if piece.assignee.is_empty() { "nobody" } else { &piece.assignee }
                    )),
                }
            }
        }
        _ => {}
    }
    for (polecat, bead) in left_behind(host, look, &pieces)? {
        facts.does.push(format!(
            "{}/polecats/{polecat} is removed: {bead} was taken back from it already, and it may be at work on it still",
            look.rig
        ));
    }
    for loose in beads.loose().filter(|bead| bead.is_under_way()) {
        facts.asks.push(format!(
            "{} has {} (\"{}\"), and the plan has no such task: let it finish, or `gt release {}` in the town",
            loose.assignee,
            loose.id,
            one_line(&loose.title),
            loose.id
        ));
    }
    facts.does.push(format!(
        "metadata.json: execution_mode is {}",
        facts.to.unwrap_or_default()
    ));
    facts
        .does
        .push("its convoy is closed; its beads in the rig stay".to_owned());
    if ground.gastown_wish().and_then(|wish| wish.enabled) == Some(true) {
        facts
            .notes
            .push("beads.json still wishes Gas Town for other tracks (gastown.enabled)".to_owned());
    }
    let parts: Vec<String> = held
        .iter()
        .map(|piece| format!("{} {}", piece.bead, piece.state.as_str()))
        .collect();
    Ok(Prepared::of(facts, 0, &parts))
}

/// Lets polecats finish: nothing more of the track begins by itself. What was changed.
///
/// # Errors
/// Why it can't be written down.
pub fn rest(host: &dyn Host, seen: &Seen) -> Result<Vec<String>, Failure> {
    ground::on(host, Some(&seen.track), |ground| {
        if Polecats::of(ground) != Polecats::Finish || ground.workers.is_stopped() {
            return Ok(Vec::new());
        }
        report::rest(ground, true)?;
        Ok(vec!["nothing more of it begins by itself".to_owned()])
    })
}

/// Makes the move. What was changed.
///
/// # Errors
/// What stops it; what was done until then stays.
pub fn carry_out(host: &dyn Host, seen: &Seen) -> Result<Vec<String>, Failure> {
    let track = Some(seen.track.as_str());
    let mut changed = Vec::new();
    let mut look = look(host, &seen.track).map_err(failure)?;
    let marks = ground::on(host, track, |ground| Ok(town_settle::marks(ground, &look)))?;
    if !marks.marks.is_empty() {
        changed.extend(settle::mark(host, &seen.plan_path, &marks)?.lines);
    }
    changed.extend(ground::on(host, track, |ground| town_settle::follow(ground, &look))?);
    look.refresh(host)?;
    changed.extend(ground::on(host, track, |ground| released(ground, &look))?);
    changed.extend(ground::on(host, track, left)?);
    Ok(changed)
}

/// Takes work back that somebody has.
fn released(ground: &Ground<'_>, look: &Look) -> Result<Vec<String>, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(look, &beads);
    let mut changed = Vec::new();
    for (polecat, _) in left_behind(ground.host, look, &pieces)? {
        changed.push(release::remove(ground.host, &look.rig, &polecat)?);
    }
    let held: Vec<&Piece> = pieces.iter().filter(|piece| is_held(ground, piece)).collect();
    if held.is_empty() {
        return Ok(changed);
    }
    let trees = repository::worktrees(ground.host, &look.rig)
        .wait()
        .map_err(look::failure)?;
    for piece in held {
        changed.extend(release::take_back(ground, look, &piece.bead, true)?);
        let own = trees.iter().find(|tree| {
            let polecat = piece.assignee.rsplit_once('/').map(|(_, name)| name);
            tree.polecat().is_some() && tree.polecat() == polecat && tree.bead() == Some(&piece.bead)
        });
        if let Some(branch) = own.and_then(|tree| tree.branch.as_deref()) {
            changed.push(format!(
                "what was committed for {} is on `{branch}` at the remote",
                task_name(ground.plan, piece.at)
            ));
        }
    }
    Ok(changed)
}

/// Polecats with a worktree for a bead that nobody has, each with it: a move that was stopped has taken the bead back and not ended them.
fn left_behind(host: &dyn Host, look: &Look, pieces: &[Piece]) -> Result<Vec<(String, String)>, Failure> {
    let is_open = |bead: &str| {
        pieces
            .iter()
            .any(|piece| piece.bead == bead && piece.state == State::Open)
    };
    let trees = repository::worktrees(host, &look.rig).wait().map_err(look::failure)?;
    let of_open = trees.iter().filter_map(|tree| {
        let (polecat, bead) = (tree.polecat()?, tree.bead()?);
        is_open(bead).then(|| (polecat.to_owned(), bead.to_owned()))
    });
    Ok(of_open.collect())
}

/// The convoy first: it is known by the track, and what names it in the metadata goes.
fn left(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    let mut changed = Vec::new();
    changed.extend(town_settle::close_convoy(ground, "the track is carried out natively")?);
    let is_done = ground.plan.tasks().next().is_some() && ground.plan.tasks().all(|task| task.state.is_closed());
    if is_done {
        return Ok(changed);
    }
    report::rest(ground, false)?;
    let mode = native(ground)?.word();
    let mut members = vec![("execution_mode", Value::Text(mode.to_owned()))];
    members.extend(OF_TOWN.map(|name| (name, Value::Absent)));
    changed.extend(settle::set_metadata(ground.host, ground.track, &members)?);
    Ok(changed)
}

/// The native mode that the project is for.
fn native(ground: &Ground<'_>) -> Result<Mode, Failure> {
    let facts = choose::Facts {
        wish: None,
        beads_enabled: ground.project.beads.as_ref().and_then(|config| config.enabled),
        has_beads: ground.has_beads(),
    };
    choose::native(&ground.track.id, facts)
}

fn failure(missing: Missing) -> Failure {
    match missing {
        Missing::Town => Failure::new(
            "no-town",
            "the Gas Town that it is in is not to be seen from here",
        )
        .hinted("`GT_TOWN_ROOT` says where it is; where it is gone for good, take `execution_mode` out of the track's metadata.json"),
        Missing::Step(failure) | Missing::Silence(failure) => failure,
    }
}

/// Whether somebody has work that is not on the target, and the plan has its task open.
fn is_held(ground: &Ground<'_>, piece: &Piece) -> bool {
    piece.is_taken() && !piece.state.is_settled() && !ground.task(piece.at).state.is_closed()
}

fn named(ground: &Ground<'_>, held: &[&Piece]) -> String {
    let names = held.iter().map(|piece| {
        format!(
            "{} ({}, {})",
            task_name(ground.plan, piece.at),
            if piece.worker.is_empty() {
                "nobody"
            } else {
                &piece.worker
            },
            piece.state.as_str().replace('_', " ")
        )
    });
    names.collect::<Vec<_>>().join(", ")
}

fn worker(ground: &Ground<'_>, piece: &Piece) -> Worker {
    let is_done = piece.state.is_settled() || ground.task(piece.at).state.is_closed();
    Worker {
        worker: match piece.worker.as_str() {
            "" => "nobody".to_owned(),
            worker => worker.to_owned(),
        },
        tasks: piece.tasks().map(|at| task_name(ground.plan, at)).collect(),
        title: one_line(&ground.task(piece.at).title).into_owned(),
        stands: if is_done { Stands::Done } else { Stands::InFlight }.word(),
        why: format!("{} is {}", piece.bead, piece.state.as_str().replace('_', " ")),
        ..Worker::default()
    }
}
