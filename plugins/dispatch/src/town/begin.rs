//! Gives work to polecats: the beads are made, a convoy over them is staged, and what is ready is slung, one after the other.
//!
//! Each step is looked for before it is taken, so that a run which was killed in between is gone on with by the next.

use conductor_beads::{Bead, Call, Error, Kind, Refusal, ask, writes};
use conductor_gastown::reads::RIG;
use conductor_gastown::sling::{self, How, Slung};
use conductor_gastown::{convoy, polecat, rig_beads};
use conductor_plugin::{Failure, Host};

use super::look::{Look, TOOLS, failure};
use super::pieces::Piece;
use super::{alive, base, beside, crew, leftovers, pieces, starts};
use crate::ask::choice;
use crate::beads::{self, Beads, brief_in_town};
use crate::choose::Mode;
use crate::folder::Value;
use crate::ground::Ground;
use crate::offer::Offer;
use crate::settle::set_metadata;

/// What a polecat is told beside its bead.
const ARGS: &str =
    "Your bead's description says what to do, which files are yours and how to end. Read it first: bd show";

/// What to do where `gt` does not find a bead that `bd` has.
const UNSEEN: &str =
    "`bd` has it and `gt` does not find it: `conductor doctor` says how this pair gets on with each other";

/// Gives a bead another text, before it is first slung: what it says from then on is `gt`'s.
pub const DESCRIBE: Call = Call {
    name: "rig-describe",
    argv: &[
        "bd",
        "update",
        "<bead:id>",
        "--description=<text:text>",
        "--set-metadata=conductor_covers=<covers:text>",
        "--set-metadata=conductor_files=<files:text>",
        "--json",
    ],
    cwd: RIG,
    timeout_ms: 60_000,
};

/// What came of a beginning.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    /// What was changed.
    pub changed: Vec<String>,
    /// Worth knowing, and no trouble.
    pub notes: Vec<String>,
    /// The nodes that were given out, with who has each.
    pub given: Vec<(usize, String)>,
}

impl Begun {
    /// What was changed, and who was given what.
    #[must_use]
    pub fn said(&self, ground: &Ground<'_>) -> Vec<String> {
        let given = self.given.iter().map(|(node, who)| {
            let name = ground.graph.nodes[*node].name(ground.plan);
            format!("{who} has {name}")
        });
        self.changed.iter().cloned().chain(given).collect()
    }
}

/// Makes the beads and the convoy of a track; what was changed comes to `changed`. The beads.
///
/// # Errors
/// What a tool says, or why a file can't be changed.
pub fn prepare(ground: &Ground<'_>, look: &Look, changed: &mut Vec<String>) -> Result<Beads, Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let (beads, made) = beads.complete(ground)?;
    changed.extend(made);
    // Two runs that knew nothing of each other, on two machines: the older one of each stays.
    for twin in beads.spare().iter().filter(|bead| !bead.is_under_way()) {
        beads.close(ground.host, twin, beads::GONE, changed)?;
    }
    changed.extend(beads.note(ground)?);
    changed.extend(ensure_convoy(ground, look, &beads)?);
    Ok(beads)
}

/// Gives out what is offered. What comes of it stands in `begun`, also where it is stopped half-way.
///
/// # Errors
/// What stops it, with the ways on; what was given out until then stays with its workers, and is found by the next run.
pub fn begin(ground: &Ground<'_>, look: &Look, offer: &Offer, begun: &mut Begun) -> Result<(), Failure> {
    give_out(ground, look, offer, begun).map_err(|failure| stopped(ground, failure))
}

fn give_out(ground: &Ground<'_>, look: &Look, offer: &Offer, begun: &mut Begun) -> Result<(), Failure> {
    let beads = prepare(ground, look, &mut begun.changed)?;
    begun.changed.extend(starts::before_slings(ground, look, offer)?);
    begun.changed.extend(ground.settle_begun(Mode::GasTown)?);
    begun.changed.extend(crew::keep(ground)?);
    let pieces = pieces::of(look, &beads);
    begun.changed.extend(leftovers::clear(ground.host, look, &beads)?);
    if offer.starts.launch {
        begun.changed.extend(launched(ground, look, &beads, &pieces, offer)?);
    }
    let had = match offer.starts.launch {
        true => {
            let mut now = look.clone();
            now.refresh(ground.host)?;
            now.work.beads
        }
        false => Vec::new(),
    };
    let mut raw = false;
    ground
        .host
        .begin_progress("starting polecats", u32::try_from(offer.nodes.len()).ok());
    for (at, &node) in offer.nodes.iter().enumerate() {
        alive::keep(ground.host, look, &pieces, &begun.given)?;
        let bead = first_bead(ground, &beads, node).ok_or_else(|| no_bead(ground, node))?;
        // What a launch has given out; the rest is slung as always.
        if let Some(has) = had.iter().find(|has| has.id == bead.id && has.is_under_way()) {
            begun.given.push((node, has.assignee.clone()));
            continue;
        }
        // A crew member gets no formula, nor does what goes on from a branch, and a pair of tools that can't apply one does so no better for the next.
        let has_steps = raw || crew::of(ground).is_some() || base::of(bead).is_some();
        describe(ground, look, &beads, bead, node, has_steps).map_err(failure)?;
        let again = || describe(ground, look, &beads, bead, node, true);
        let slung =
            one(ground, look, bead, &mut raw, &mut begun.notes, again).map_err(|error| not_slung(bead, error))?;
        match slung {
            Slung::Started(started) => {
                if raw {
                    begun.notes.extend(told(ground.host, look, bead, &started.assignee));
                }
                begun.given.push((node, started.assignee));
            }
            Slung::Already(assignee) => begun.given.push((node, assignee)),
            Slung::Scheduled => begun.given.push((node, "the scheduler".to_owned())),
        }
        ground
            .host
            .advance_progress(u32::try_from(at + 1).unwrap_or(u32::MAX), None);
    }
    ground.host.end_progress();
    check(ground, look, &beads, &begun.given)
}

/// Has `gt` give out all that is offered. What was changed.
fn launched(
    ground: &Ground<'_>,
    look: &Look,
    beads: &Beads,
    pieces: &[Piece],
    offer: &Offer,
) -> Result<Option<String>, Failure> {
    for &node in &offer.nodes {
        let bead = first_bead(ground, beads, node).ok_or_else(|| no_bead(ground, node))?;
        describe(ground, look, beads, bead, node, false).map_err(failure)?;
    }
    alive::keep(ground.host, look, pieces, &[])?;
    starts::launch(ground.host, &title(ground))
}

fn first_bead<'b>(ground: &Ground<'_>, beads: &'b Beads, node: usize) -> Option<&'b Bead> {
    let of = &ground.graph.nodes[node];
    beads.of_task((of.phase, *of.tasks.first()?))
}

/// What is not in beads can't be given out.
fn no_bead(ground: &Ground<'_>, node: usize) -> Failure {
    let name = ground.graph.nodes[node].name(ground.plan);
    Failure::new(
        "no-bead",
        format!("{name} has no bead: one of the rig could be of several tasks"),
    )
    .hinted("give the tasks different titles in plan.md, or close that bead in the rig")
}

/// The convoy over all of the track's tasks and verifications, staged and not launched: `gt` would give out tasks whose predecessors
/// are not merged. What was changed.
fn ensure_convoy(ground: &Ground<'_>, look: &Look, beads: &Beads) -> Result<Option<String>, Failure> {
    let host = ground.host;
    let title = title(ground);
    let ids: Vec<&str> = beads
        .tasks()
        .filter(|(at, _)| !ground.task(*at).state.is_closed())
        .map(|(_, bead)| bead.id.as_str())
        .collect();
    let metadata = ground.track.metadata.as_ref();
    let known = metadata.and_then(|metadata| metadata.gastown_convoy.as_deref());
    let convoys = convoy::list(host).wait().map_err(failure)?;
    let ours = convoys
        .iter()
        // By its title alone: what the metadata names could be another's.
        .find(|convoy| convoy.title == title);
    let id = match ours {
        Some(convoy) => {
            let has = |id: &str| convoy.tracked.iter().any(|tracked| tracked.id == id);
            // A pair of gt and bd that counts nothing shows nothing: then all was put in when it was staged. Verifications gt takes at
            // the staging, and does not show.
            let open = beads
                .tasks()
                .filter(|(at, bead)| !bead.is_gate() && !ground.task(*at).state.is_closed());
            let missing: Vec<&str> = open
                .map(|(_, bead)| bead.id.as_str())
                .filter(|id| !convoy.tracked.is_empty() && !has(id))
                .collect();
            if !missing.is_empty() {
                convoy::add(host, &convoy.id, &missing).wait().map_err(failure)?;
            }
            convoy.id.clone()
        }
        None if ids.is_empty() => return Ok(None),
        None => {
            let staged = convoy::stage(host, &ids, &title).wait().map_err(failure)?;
            staged.convoy_id
        }
    };
    if known == Some(&id) {
        return Ok(None);
    }
    // Before it is noted here: a run that was killed in between does it again, which changes nothing.
    if ground.gastown_wish().and_then(|wish| wish.convoy_notify) == Some(true) {
        convoy::watch(host, &id, "overseer").wait().map_err(failure)?;
    }
    if let Some(epic) = beads.epic() {
        rig_beads::keep(host, &look.rig, &epic.id, beads::CONVOY, &id)
            .wait()
            .map_err(failure)?;
    }
    let set = set_metadata(host, ground.track, &[("gastown_convoy", Value::Text(id.clone()))])?;
    Ok(set.map(|_| format!("{id}: \"{title}\"")))
}

/// What the track's convoy is called.
fn title(ground: &Ground<'_>) -> String {
    format!("Conductor: {}", ground.track.id)
}

/// The brief on a bead is of the plan as it was when the bead was made. What a worker has had once is `gt`'s to write: then what to do now
/// is added to the notes. `has_steps`: with the steps of the formula that was asked for.
fn describe(
    ground: &Ground<'_>,
    look: &Look,
    beads: &Beads,
    bead: &Bead,
    node: usize,
    has_steps: bool,
) -> Result<(), Error> {
    let mut text = brief_in_town(ground, node) + &base::told(bead, crew::of(ground).is_some());
    if let Some(formula) = ground.formula.as_ref().filter(|_| has_steps) {
        text.push_str(&formula.steps(&ground.track.id));
    }
    if crew::of(ground).is_some() {
        text.push_str(&crew::ends(&bead.id));
    }
    let (covers, files) = beads.work_of(ground, node);
    let is_as_it_was = bead.description.contains(text.trim_end())
        && beads::covers_of(bead) == covers
        && beads::files_of(bead).eq(files.split(',').filter(|file| !file.is_empty()));
    if is_as_it_was {
        return Ok(());
    }
    let was_slung = ["attached_molecule", "attached_at", "attached_args", "dispatched_by"]
        .iter()
        .any(|field| bead.field(field).is_some());
    let whole = if was_slung {
        format!(
            "{}\n\nWhat to do now, whatever is said above:\n\n{text}",
            bead.description.trim_end()
        )
    } else {
        text
    };
    let values = [
        ("rig", look.rig.as_str()),
        ("bead", bead.id.as_str()),
        ("text", whole.as_str()),
        ("covers", covers.as_str()),
        ("files", files.as_str()),
    ];
    ask(ground.host, DESCRIBE, &values, writes::changed).wait()
}

/// One sling, in as many ways as this pair of tools needs. `describe_steps` puts the formula's steps into the bead's text.
fn one(
    ground: &Ground<'_>,
    look: &Look,
    bead: &Bead,
    raw: &mut bool,
    notes: &mut Vec<String>,
    describe_steps: impl Fn() -> Result<(), Error>,
) -> Result<Slung, Error> {
    let args = format!("{ARGS} {}", bead.id);
    if let Some(crew) = crew::of(ground) {
        return sling::to_crew(ground.host, &bead.id, &look.rig, crew, &args, false).wait();
    }
    let mut how = How {
        args: &args,
        raw: *raw,
        no_merge: !ground.has_merge_queue(),
        formula: ground
            .formula
            .as_ref()
            .map(|formula| (formula.name.as_str(), &*ground.track.id)),
        base: base::of(bead),
        ..How::default()
    };
    let mut tried = sling::to_rig(ground.host, &bead.id, &look.rig, how).wait();
    if tried
        .as_ref()
        .is_err_and(|error| error.kind == Kind::Refused(Refusal::Formula))
    {
        notes.push(
            "this pair of gt and bd can't apply a formula to a bead: it is slung without, and its brief says all"
                .to_owned(),
        );
        (*raw, how.raw) = (true, true);
        if ground.formula.is_some() {
            describe_steps()?;
        }
        tried = sling::to_rig(ground.host, &bead.id, &look.rig, how).wait();
    }
    if tried
        .as_ref()
        .is_err_and(|error| error.kind == Kind::Refused(Refusal::Attached))
    {
        how.force = true;
        tried = sling::to_rig(ground.host, &bead.id, &look.rig, how).wait();
    }
    tried
}

/// Tells a worker which bead is its. That this failed is only said: another pair's hook shows it all the same.
fn told(host: &dyn Host, look: &Look, bead: &Bead, assignee: &str) -> Option<String> {
    let (_, name) = assignee.split_once("/polecats/")?;
    let text = format!(
        "Your work is the bead {}, whatever your hook shows. {ARGS} {}",
        bead.id, bead.id
    );
    let error = polecat::nudge(host, &look.rig, name, &text).wait().err()?;
    Some(format!(
        "{assignee} could not be told which bead is its: {}",
        error.message
    ))
}

fn not_slung(bead: &Bead, error: Error) -> Failure {
    let message = format!("{} could not be given to a polecat: {}", bead.id, error.message);
    if error.kind == Kind::Refused(Refusal::BeingSlung) {
        return Failure::new("being-slung", message)
            .hinted("another `gt sling` is at work on it: the same command again waits for it");
    }
    // It was seen in this very run.
    let is_unseen = error.kind == Kind::Refused(Refusal::NotFound);
    let hint = failure(error).hint.filter(|_| !is_unseen);
    Failure::new("sling-failed", message).hinted(hint.unwrap_or_else(|| UNSEEN.to_owned()))
}

/// Nothing more is started, and the person says how it goes on (specification, "Gastown Unavailable Mid-Execution").
fn stopped(ground: &Ground<'_>, failure: Failure) -> Failure {
    // What `bd` says in the rig is no fault of the project's own beads.
    let failure = match failure.code.as_str() {
        "beads" => Failure::new(TOOLS, failure.message).hinted("`conductor doctor` looks at the town"),
        _ => failure,
    };
    let is_tool = matches!(failure.code.as_str(), "sling-failed" | "not-slung" | TOOLS);
    if !is_tool || !failure.choices.is_empty() {
        return failure;
    }
    let track = ground.track.id.to_string();
    failure
        .choice(choice(
            "A",
            "Try again with Gas Town",
            "looks anew, and gives out what is not with a worker yet",
            &[&track],
        ))
        .choice(beside::natively("B", ground))
        .choice(choice(
            "C",
            "Stop and look",
            "nothing more begins; who has work goes on",
            &[&track, "--abort"],
        ))
}

/// Who has which bead is what `bd` says, not what `gt` has printed on the way.
fn check(ground: &Ground<'_>, look: &Look, beads: &Beads, given: &[(usize, String)]) -> Result<(), Failure> {
    if given.is_empty() {
        return Ok(());
    }
    let now = conductor_gastown::rig_beads::of_track(ground.host, &look.rig, &ground.track.id)
        .wait()
        .map_err(failure)?;
    for (node, assignee) in given.iter().filter(|(_, assignee)| assignee.contains('/')) {
        let Some(bead) = first_bead(ground, beads, *node) else {
            continue;
        };
        let found = now.iter().find(|found| found.id == bead.id);
        // A quick worker has it done by now.
        let has_it =
            found.is_some_and(|found| found.is_closed() || (found.is_under_way() && !found.assignee.is_empty()));
        if !has_it {
            return Err(Failure::new(
                "not-slung",
                format!("`gt` says that {assignee} has {}, and `bd` does not", bead.id),
            )
            .hinted("the same command again looks anew; `conductor doctor` looks at the town"));
        }
    }
    Ok(())
}
