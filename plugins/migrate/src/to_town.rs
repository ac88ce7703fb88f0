//! To Gas Town: what is done is marked, branches are pushed, beads and convoy made, the state files put away, and what is in flight is
//! slung from its branch. Each step is looked for before it is taken, so that a move which was interrupted is gone on with.

use std::collections::BTreeMap;

use conductor_common::count;
use conductor_dispatch::archive;
use conductor_dispatch::beads::Beads;
use conductor_dispatch::choose::Mode;
use conductor_dispatch::folder::{self, Value};
use conductor_dispatch::ground::{self, Ground};
use conductor_dispatch::half_way;
use conductor_dispatch::identity::task_name;
use conductor_dispatch::offer::{Offer, Starts};
use conductor_dispatch::settle;
use conductor_dispatch::town::begin::{self, Begun};
use conductor_dispatch::town::look::{self, Look, Missing, look};
use conductor_dispatch::town::{self, base, crew, pieces, ready, settle as town_settle};
use conductor_gastown::repository;
use conductor_gastown::town::Rig;
use conductor_plugin::{Failure, Host};

use crate::facts::Facts;
use crate::git::{self, Branch};
use crate::prepared::{Prepared, asked};
use crate::seen::Seen;
use crate::survey::Stands;

/// What the repository wishes of Gas Town.
const BEADS_JSON: &str = "beads.json";

/// What is in flight, by the node of the plan that it is of: its branches with their commits, each once, in the order of the workers; none
/// where only the bead knows, of an earlier run.
type InFlight = BTreeMap<usize, Vec<(Branch, usize)>>;

/// What a move would do.
///
/// # Errors
/// What is to be asked first, and what can't be read.
pub fn look_at(host: &dyn Host, seen: &Seen) -> Result<Prepared, Failure> {
    ground::on_with(host, Some(&seen.track), &seen.overlay(host)?, |ground| {
        prepared(ground, seen)
    })
}

fn prepared(ground: &Ground<'_>, seen: &Seen) -> Result<Prepared, Failure> {
    let host = ground.host;
    let track = seen.track.as_str();
    let mut facts = Facts::of(track, ground.plan, &seen.survey);
    facts.to = Some(Mode::GasTown.word());
    if !facts.problems.is_empty() {
        facts.asks.push(
            "mend the file, or put it away when nobody works on the track any more: who has what can't be told"
                .to_owned(),
        );
    }
    if !ground.arguments.flag("stopped") {
        let at_work = seen.survey.found.iter().filter(|found| found.at_work);
        facts.asks.extend(at_work.map(|found| {
            format!(
                "{} may be at work: let it end, then `conductor migrate {track} --stopped`",
                found.worker
            )
        }));
    }
    let look = match look(host, track) {
        Ok(look) => look,
        Err(missing) => {
            let failure = missing_failure(missing);
            facts.asks.push(asked(host, failure, track)?);
            return Ok(Prepared::of(facts, 0, &[]));
        }
    };
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let in_flight = in_flight(ground, seen, &beads);
    let offer = offer(ground, &look, &beads, &in_flight);
    let mut parts = Vec::new();
    facts.does.extend(seen.marks.marks.iter().map(|mark| {
        let sha = mark.sha.as_deref().map_or_else(String::new, |sha| format!(" [{sha}]"));
        format!("plan.md: {} is [x]{sha}", mark.name.key)
    }));
    let target = ready::target(host, &look)?;
    for (branch, commits) in branches(&in_flight) {
        if branch.name == target {
            facts.asks.push(format!(
                "`{target}` is what work is merged into, and no worker's: give the work a branch of its own"
            ));
            continue;
        }
        parts.push(branch.head.clone());
        let tip = repository::remote_tip(host, &look.remote, &branch.name);
        if tip.wait().map_err(look::failure)?.as_deref() != Some(&branch.head) {
            facts.does.push(format!(
                "`{}` goes to the remote under its own name: {}",
                branch.name,
                count(*commits, "commit")
            ));
        }
    }
    let makes = beads.to_make(ground).len();
    if makes > 0 {
        facts.does.push(format!(
            "{} in the rig `{}`, and one convoy over them",
            count(makes, "bead"),
            look.rig
        ));
    }
    let nodes = offer.as_ref().map(|offer| offer.nodes.as_slice()).unwrap_or_default();
    for (&node, branches) in &in_flight {
        let of = &ground.graph.nodes[node];
        let name = of.name(ground.plan);
        let known = beads.of_task((of.phase, of.tasks[0])).and_then(base::of);
        let first = branches.first().map(|(branch, _)| branch.name.as_str());
        let mut from = format!("`{}`", first.or(known).unwrap_or_default());
        for (other, _) in branches.iter().skip(1) {
            from.push_str(&format!(", and takes in `{}`", other.name));
        }
        match nodes.contains(&node) {
            true => facts.does.push(format!("{name} goes on from {from}: a polecat starts")),
            false if first.is_some() && known != first => {
                facts
                    .does
                    .push(format!("{name} will go on from {from} when it is its turn"));
            }
            false => {}
        }
    }
    if offer.as_ref().is_some_and(|offer| offer.starts.refinery) {
        facts.does.push(format!("the refinery of `{}` starts", look.rig));
    }
    let metadata = ground.track.metadata.as_ref();
    if metadata.and_then(|metadata| metadata.execution_mode.as_deref()) != Some(Mode::GasTown.word()) {
        facts.does.push("metadata.json: execution_mode is gastown".to_owned());
    }
    match wishes(ground) {
        Some(false) => facts.does.push("beads.json: gastown.enabled is true".to_owned()),
        Some(true) => {}
        None => facts
            .notes
            .push("there is no beads.json: only this track's metadata says that it is in Gas Town".to_owned()),
    }
    facts.does.extend(
        seen.survey
            .files
            .iter()
            .map(|name| format!("{name} is put away until the track is done")),
    );
    facts
        .notes
        .extend(seen.survey.found.iter().filter_map(|found| nobodys(ground, found)));
    if facts.does.is_empty() {
        facts
            .notes
            .push(format!("it is in Gas Town: `conductor dispatch {track}` goes on there"));
    } else if !nodes.is_empty() {
        match ready::check(ground, &look) {
            Ok(notes) => facts.notes.extend(notes),
            Err(failure) => facts.asks.push(asked(host, failure, track)?),
        }
        facts.asks.extend(not_on_target(ground, seen, &look, &target));
    }
    parts.extend(offer.iter().map(|offer| offer.digest.clone()));
    let starts = nodes.len() + usize::from(offer.as_ref().is_some_and(|offer| offer.starts.refinery));
    Ok(Prepared::of(facts, starts, &parts))
}

fn missing_failure(missing: Missing) -> Failure {
    match missing {
        Missing::Town => Failure::new("no-town", "there is no Gas Town here that you have confirmed")
            .hinted("`gt install ~/gt --git` makes one and `gt rig add NAME URL --prefix XY` in it a rig of this project; `GT_TOWN_ROOT` says where it is"),
        Missing::Step(failure) | Missing::Silence(failure) => failure,
    }
}

/// Each branch once, whatever items it is of.
fn branches(in_flight: &InFlight) -> impl Iterator<Item = &(Branch, usize)> {
    let mut seen = Vec::new();
    in_flight.values().flatten().filter(move |(branch, _)| {
        let is_new = !seen.contains(&branch.name);
        seen.push(branch.name.clone());
        is_new
    })
}

/// The open nodes that have a task of a worker whose branch has commits, and those whose bead says where they go on.
fn in_flight(ground: &Ground<'_>, seen: &Seen, beads: &Beads) -> InFlight {
    let mut nodes = InFlight::new();
    for (node, of) in ground.graph.items() {
        let has = |at: &(usize, usize)| at.0 == of.phase && of.tasks.contains(&at.1);
        let found = seen.survey.found.iter();
        let found = found.filter(|found| found.stands == Stands::InFlight && found.tasks.iter().any(has));
        let mut branches: Vec<(Branch, usize)> = Vec::new();
        for branch in found.filter_map(|found| found.branch.clone()) {
            if branches.iter().all(|(known, _)| known.name != branch.0.name) {
                branches.push(branch);
            }
        }
        let is_known = || {
            of.tasks
                .first()
                .and_then(|&task| beads.of_task((of.phase, task)))
                .and_then(base::of)
                .is_some()
        };
        if !branches.is_empty() || is_known() {
            nodes.insert(node, branches);
        }
    }
    nodes
}

/// What of it can begin now.
fn offer(ground: &Ground<'_>, look: &Look, beads: &Beads, in_flight: &InFlight) -> Option<Offer> {
    // What a crew member has is given out by a dispatch, one item at a time.
    if crew::of(ground).is_some() {
        return None;
    }
    let pieces = pieces::of(look, beads);
    let mut standing = town::run::standing(ground, look, beads, &pieces);
    standing.ready.retain(|node| in_flight.contains_key(node));
    let runs = look.agents().is_some_and(Rig::has_refinery);
    let starts = Starts {
        refinery: ground.arguments.flag("start-refinery") && !runs,
        ..Starts::default()
    };
    Offer::in_town(ground, &look.rig, beads, &standing, starts)
}

/// Whether `beads.json` wishes Gas Town; nothing where it is not there.
fn wishes(ground: &Ground<'_>) -> Option<bool> {
    let config = ground.project.beads.as_ref()?;
    Some(config.gastown.as_ref().and_then(|wish| wish.enabled) == Some(true))
}

/// Work that is in flight and goes nowhere: no open task of the plan is known to be its, or it has no branch.
fn nobodys(ground: &Ground<'_>, found: &crate::survey::Found) -> Option<String> {
    if found.stands != Stands::InFlight {
        return None;
    }
    match &found.branch {
        Some((branch, _)) if found.tasks.is_empty() => Some(format!(
            "`{}` of {} stays where it is: which task it is the plan does not tell",
            branch.name, found.worker
        )),
        Some(_) => None,
        None => {
            let tasks: Vec<String> = found.tasks.iter().map(|&at| task_name(ground.plan, at)).collect();
            Some(format!(
                "{} of {} begins anew: what is not committed is left alone; commit it on a branch first to have it gone on with",
                if tasks.is_empty() {
                    "the work".to_owned()
                } else {
                    tasks.join(", ")
                },
                found.worker
            ))
        }
    }
}

/// Commits of workers that are done, and that polecats would not have.
fn not_on_target(ground: &Ground<'_>, seen: &Seen, look: &Look, target: &str) -> Option<String> {
    let although = ground.arguments.text("although").unwrap_or_default();
    if although.split(',').any(|word| word.trim() == "unpushed") {
        return None;
    }
    let host = ground.host;
    let done = seen.survey.found.iter().filter(|found| found.stands == Stands::Done);
    let tip = repository::remote_tip(host, &look.remote, target).wait().ok().flatten();
    // The remote may have moved on from what is here: then the rig knows, if it has looked since.
    let is_missing = |sha: &&String| {
        let here = tip.as_deref().and_then(|tip| git::is_within(host, sha, tip));
        let in_rig = || {
            repository::is_on_target(host, &look.rig, sha, target)
                .wait()
                .unwrap_or(false)
        };
        !here.unwrap_or_else(in_rig)
    };
    let missing: Vec<String> = done
        .flat_map(|found| &found.merged)
        .filter(is_missing)
        .map(|sha| conductor_dispatch::commits::short(sha))
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "{} of workers that are done is not on origin/{target}: push it, or `--although unpushed`",
            missing.join(", ")
        )
    })
}

/// Makes the move. What was changed.
///
/// # Errors
/// What stops it; what was done until then stays, and is found by the next run.
pub fn carry_out(host: &dyn Host, seen: &Seen) -> Result<Vec<String>, Failure> {
    let mut changed = Vec::new();
    if !seen.marks.marks.is_empty() {
        changed.extend(settle::mark(host, &seen.plan_path, &seen.marks)?.lines);
    }
    let (mut look, lines) = ground::on_with(host, Some(&seen.track), &seen.without_workers(), |ground| {
        brought(ground, seen)
    })?;
    changed.extend(lines);
    look.refresh(host)?;
    changed.extend(ground::on(host, Some(&seen.track), |ground| {
        slung(ground, seen, &look)
    })?);
    look.refresh(host)?;
    changed.extend(ground::on(host, Some(&seen.track), |ground| {
        let marks = town_settle::marks(ground, &look);
        match marks.marks.is_empty() {
            true => Ok(Vec::new()),
            false => Ok(settle::mark(host, ground.plan_path()?, &marks)?.lines),
        }
    })?);
    Ok(changed)
}

/// Brings it to the remote and the rig. Only then the files say so, and the old state is put away last: until then the same command
/// finds all of it again.
fn brought(ground: &Ground<'_>, seen: &Seen) -> Result<(Look, Vec<String>), Failure> {
    let host = ground.host;
    let look = look(host, &seen.track).map_err(missing_failure)?;
    let mut changed = Vec::new();
    let mut lines = Vec::new();
    let beads = begin::prepare(ground, &look, &mut lines)?;
    let in_flight = in_flight(ground, seen, &beads);
    for (branch, _) in branches(&in_flight) {
        let tip = repository::remote_tip(host, &look.remote, &branch.name);
        if tip.wait().map_err(look::failure)?.as_deref() != Some(&branch.head) {
            git::push(host, &look.remote, branch)?;
            changed.push(format!("`{}` is on the remote", branch.name));
        }
    }
    changed.extend(lines);
    for (&node, branches) in &in_flight {
        let of = &ground.graph.nodes[node];
        let bead = of.tasks.first().and_then(|&task| beads.of_task((of.phase, task)));
        let (Some(bead), Some(((branch, commits), others))) = (bead, branches.split_first()) else {
            continue;
        };
        let others: Vec<&str> = others.iter().map(|(other, _)| other.name.as_str()).collect();
        // Before the base, by which a dispatch knows that this is done.
        if !base::also(bead).eq(others.iter().copied()) {
            base::keep_also(host, &look.rig, &bead.id, &others)
                .wait()
                .map_err(look::failure)?;
        }
        if base::of(bead) != Some(branch.name.as_str()) {
            base::keep(host, &look.rig, &bead.id, &branch.name, *commits)
                .wait()
                .map_err(look::failure)?;
            changed.push(format!("{} goes on from `{}`", bead.id, branch.name));
        }
    }
    changed.extend(crew::keep(ground)?);
    changed.extend(ground.settle_begun(Mode::GasTown)?);
    if wishes(ground) == Some(false) {
        let wish = [("enabled", Value::Flag(true))];
        folder::change(host, BEADS_JSON, |bytes| {
            folder::set_members_of(BEADS_JSON, bytes, Some("gastown"), &wish)
        })?;
        changed.push("beads.json: gastown.enabled".to_owned());
    }
    let folder = seen.folder.as_deref().unwrap_or_default();
    for name in &seen.survey.files {
        changed.extend(archive::put_away(host, folder, name)?);
    }
    Ok((look, changed))
}

/// Slings what is in flight and can begin.
fn slung(ground: &Ground<'_>, seen: &Seen, look: &Look) -> Result<Vec<String>, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let in_flight = in_flight(ground, seen, &beads);
    let Some(offer) = offer(ground, look, &beads, &in_flight) else {
        return Ok(Vec::new());
    };
    let mut begun = Begun::default();
    begin::begin(ground, look, &offer, &mut begun).map_err(|failure| half_way::said(failure, &begun.said(ground)))?;
    Ok([begun.said(ground), begun.notes].concat())
}
