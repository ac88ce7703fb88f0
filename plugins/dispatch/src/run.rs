//! The way through a run: from what was asked to what is shown.

use conductor_plugin::{Failure, Host, Outcome, Plan, Plugin};

use crate::choose::{Mode, Way};
use crate::folder::GRANT;
use crate::ground::{self, Ground, in_folder};
use crate::offer::Offer;
use crate::request::Request;
use crate::show::facts::Facts;
use crate::town;
use crate::town::beside::Beside;
use crate::town::look::Look;
use crate::{agree, ask, auto, commits, half_way, native, report, settle, show, verify};

/// How long another run is waited for: a report takes milliseconds, a first run with Beads some seconds.
const LOCK_MS: u32 = 30_000;

/// How soon a watched run looks again while workers are at work.
const AGAIN_MS: u32 = 5_000;

/// The lock of all that changes a project's tracks.
const LOCK: &str = "dispatch";

/// Carries out a track's plan.
#[derive(Debug)]
pub struct DispatchPlugin;

/// What there is to say of a track, and the plan that the person is asked about.
pub type Told = (Facts, Option<Plan>);

impl Plugin for DispatchPlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        run(host).map_err(|failure| ask::carried(host, failure))
    }
}

fn run(host: &dyn Host) -> Result<Outcome, Failure> {
    let arguments = host.arguments();
    let request = Request::of(&arguments)?;
    if let Request::Graph { mermaid } = request {
        return ground::on(host, None, |ground| Ok(show::graph(ground, mermaid)));
    }
    if request == Request::Holders {
        return ground::project(host, show::holders);
    }
    if host.dry_run() && !matches!(request, Request::Dispatch | Request::Brief(_)) {
        return Err(Failure::new("usage", "a dry run takes nothing in")
            .hinted("leave out `--dry-run`, or what is to be taken in"));
    }
    let _held = match host.dry_run() {
        true => None,
        false => Some(host.lock(LOCK, LOCK_MS)?),
    };
    if arguments.flag("init-beads") && !host.dry_run() {
        ground::on(host, None, init_beads)?;
    }
    if arguments.flag("auto") {
        return auto::run(host, &request);
    }
    let (facts, plan) = advance(host, None, &request)?;
    Ok(show::outcome(host, &facts, plan))
}

/// What a first look at a track has come to.
enum First {
    /// Nothing was to be done but to say so.
    Told(Box<Told>),
    /// What was said is taken in: this was changed by it, and more may follow from it.
    Taken(Mode, Vec<String>),
    /// Files and beads agree with what has happened: this was changed for that.
    Settled(Mode, Vec<String>),
    /// It is in Gas Town.
    InTown(Box<Look>),
}

/// Takes in what was asked of a track, and goes on with it as far as it can be gone on with. What was read is read again only where it
/// was changed.
///
/// # Errors
/// What is to be asked first, and what can't be done.
pub fn advance(host: &dyn Host, track: Option<&str>, request: &Request) -> Result<Told, Failure> {
    let done = match host.dry_run() {
        true => Vec::new(),
        false => town::setup::steps(host)?,
    };
    let (mut facts, plan) = taken_in(host, track, request).map_err(|failure| half_way::said(failure, &done))?;
    facts.changed.splice(0..0, done);
    Ok((facts, plan))
}

fn taken_in(host: &dyn Host, track: Option<&str>, request: &Request) -> Result<Told, Failure> {
    let mut note = None;
    let (track, first) = ground::on(host, track, |ground| {
        let first = match ground.way()? {
            Way::GasTown(look) => First::InTown(look),
            Way::Native(..) if ground.formula.is_some() => {
                return Err(Failure::new(
                    "native",
                    "a formula is for polecats, and this track is carried out natively",
                )
                .hinted(
                    "leave out `--formula`; `conductor dispatch --mode gastown` says what is missing for Gas Town",
                ));
            }
            Way::Native(mode, why) => {
                note = why;
                first(ground, mode, request)?
            }
        };
        Ok((ground.track.id.to_string(), first))
    })?;
    let (mut facts, plan) = match first {
        First::Told(told) => *told,
        First::Settled(mode, changed) => ground::on(host, Some(&track), |ground| next(ground, mode, request, changed))?,
        First::Taken(mode, changed) => settled(host, &track, mode, &changed, |ground, changed| {
            next(ground, mode, request, changed)
        })?,
        First::InTown(mut look) => town::run::advance(host, &track, request, &mut look)?,
    };
    facts.notes.extend(note);
    if host.arguments().flag("commit") && !host.dry_run() {
        ground::on(host, Some(&track), commit)?;
    }
    Ok((facts, plan))
}

/// Natively: what was said is taken in, and where nothing was changed by it or by what follows from it, it is gone on with at once.
fn first(ground: &Ground<'_>, mode: Mode, request: &Request) -> Result<First, Failure> {
    let mut changed = act(ground, mode, request)?;
    let told = match request {
        Request::Brief(worker) => {
            let mut facts = Facts::told(ground, mode, "brief", Vec::new());
            facts.begins = vec![native::begins(ground, worker, mode)?];
            (facts, None)
        }
        Request::Abort => (Facts::told(ground, mode, "stopped", changed), None),
        Request::Prepare => (Facts::told(ground, mode, "prepared", changed), None),
        Request::Dispatch => {
            if !ground.host.dry_run() {
                changed.extend(native::settle(ground, mode)?);
            }
            if !changed.is_empty() {
                return Ok(First::Settled(mode, changed));
            }
            next(ground, mode, request, changed)?
        }
        _ => return Ok(First::Taken(mode, changed)),
    };
    Ok(First::Told(Box::new(told)))
}

/// Makes files and beads agree with what has happened, and goes on from there. What was changed is read again first; where nothing
/// was, what was read is what there is.
fn settled<R>(
    host: &dyn Host,
    track: &str,
    mode: Mode,
    changed: &[String],
    go_on: impl Fn(&Ground<'_>, Vec<String>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    enum Settled<R> {
        Already(R),
        Now(Vec<String>),
    }
    let settled = ground::on(host, Some(track), |ground| {
        let by_settling = match host.dry_run() {
            true => Vec::new(),
            false => native::settle(ground, mode)?,
        };
        if by_settling.is_empty() {
            return go_on(ground, changed.to_vec()).map(Settled::Already);
        }
        Ok(Settled::Now([changed, &by_settling].concat()))
    })?;
    match settled {
        Settled::Already(result) => Ok(result),
        Settled::Now(changed) => ground::on(host, Some(track), |ground| go_on(ground, changed.clone())),
    }
}

/// Makes a database of Beads for the project, where there is none: its ids begin with what `beads.json` says, else with `cd`.
fn init_beads(ground: &Ground<'_>) -> Result<(), Failure> {
    if ground.has_beads() {
        return Ok(());
    }
    let is_id = |prefix: &&str| !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let prefix = ground
        .project
        .beads
        .as_ref()
        .and_then(|config| config.prefix.as_deref())
        .filter(is_id);
    let made = conductor_beads::writes::init(ground.host, prefix.unwrap_or("cd")).wait();
    made.map_err(|error| Failure::new("beads", error.message).hinted("`--mode native-task` goes on without Beads"))
}

/// Takes in what was said. What was changed.
fn act(ground: &Ground<'_>, mode: Mode, request: &Request) -> Result<Vec<String>, Failure> {
    match request {
        Request::Report(report) => report::take(ground, report),
        Request::Pass(phase) => verify::pass(ground, phase, || commits::head(ground.host)),
        Request::Reject { phase, reason } => verify::reject(ground, phase, reason),
        Request::Lost(names) => report::give_up(ground, names),
        Request::Abort => report::stop(ground),
        Request::Prepare => native::prepare(ground, mode),
        Request::Release(_) | Request::Merged(_) | Request::Resolve(_) => {
            let (why, hint) = match ground.with_polecats().is_empty() {
                true => (
                    "no polecat has work of this track",
                    "`--lost WORKER` gives up a sub-agent that will not report any more",
                ),
                false => (
                    "sub-agents carry this track out, beside what polecats have",
                    "once they have reported, `--mode gastown` goes back to Gas Town, with this as well",
                ),
            };
            Err(Failure::new("native", why).hinted(hint))
        }
        Request::Dispatch | Request::Graph { .. } | Request::Holders | Request::Brief(_) => Ok(Vec::new()),
    }
}

/// Where the track stands now; begins what the person has agreed to. What there is to say, and the plan that they are asked about.
fn next(ground: &Ground<'_>, mode: Mode, request: &Request, changed: Vec<String>) -> Result<Told, Failure> {
    let standing = ground.standing();
    // Held until what may begin has begun. A report that frees nothing waits for no town.
    let beside = match standing.ready.is_empty() && ground.with_polecats().is_empty() {
        true => Beside::default(),
        false => town::beside::look_beside(ground),
    };
    let marked = match beside.marks.marks.is_empty() || ground.host.dry_run() {
        true => Vec::new(),
        false => settle::mark(ground.host, ground.plan_path()?, &beside.marks)?.lines,
    };
    if !marked.is_empty() {
        // The next look takes the lock of the rig again.
        drop(beside);
        let (track, changed) = (ground.track.id.to_string(), [changed, marked].concat());
        return settled(ground.host, &track, mode, &changed, |ground, changed| {
            next(ground, mode, request, changed)
        });
    }
    let standing = match beside.locks.is_empty() && beside.own.is_none() {
        true => standing,
        false => ground.standing_beside(&beside.locks, beside.own.as_ref()),
    };
    if !standing.at_work.is_empty() {
        ground.host.again_after(AGAIN_MS);
    }
    if standing.done && standing.at_work.is_empty() {
        return Ok((Facts::told(ground, mode, "done", changed), None));
    }
    if *request == Request::Dispatch {
        ask::what_is_open(ground, &standing)?;
    }
    let offer = Offer::of(ground, mode, &standing);
    let agreed = agree::agreed(ground, request, mode, offer.as_ref())?;
    match (offer, agreed) {
        (Some(offer), true) => {
            let made = native::begin(ground, mode, &offer)?;
            let track = ground.track.id.to_string();
            let changed = [changed, made].concat();
            settled(ground.host, &track, mode, &changed, |ground, changed| {
                Ok((native::begun(ground, mode, &offer, changed)?, None))
            })
        }
        (offer, _) => {
            let facts = Facts {
                changed,
                notes: beside.note.clone().into_iter().collect(),
                ..Facts::of(ground, mode, &standing, offer.as_ref())
            };
            Ok((facts, offer.map(|offer| agree::plan(ground, &offer))))
        }
    }
}

/// Commits the files of the plan, and nothing else.
fn commit(ground: &Ground<'_>) -> Result<(), Failure> {
    let registry = ground.project.registry.iter().map(|registry| registry.file.to_string());
    let metadata = in_folder(ground.track, "metadata.json");
    // What polecats have noted; most tracks have none.
    let learnings = in_folder(ground.track, "learnings.md").filter(|path| ground.host.read(GRANT, path).is_ok());
    let paths = registry
        .chain(metadata)
        .chain(learnings)
        .chain([ground.plan_path()?.to_owned()]);
    let mut paths: Vec<String> = paths.map(|path| format!("conductor/{path}")).collect();
    if ground.arguments.flag("add-ignores") {
        paths.push(".gitignore".to_owned());
    }
    commits::files(ground.host, &paths, &format!("conductor(plan): {}", ground.track.id))
}
