//! The way through a run: from what was asked to what is shown.

use conductor_plugin::{Choice, Failure, Host, Outcome, Plan, Plugin};
use conductor_tracks::State;

use crate::beads::Beads;
use crate::choose::{self, Mode};
use crate::ground::{self, Ground};
use crate::offer::Offer;
use crate::request::Request;
use crate::show::facts::{Begins, Facts};
use crate::standing::Standing;
use crate::{begin, commits, report, show, verify};

/// How long another run is waited for: a report takes milliseconds, a first run with Beads some seconds.
const LOCK_MS: u32 = 30_000;

/// How soon a watched run looks again while workers are at work.
const AGAIN_MS: u32 = 5_000;

/// How long a worker is not asked about.
const SILENT: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// The lock of all that changes a project's tracks.
const LOCK: &str = "dispatch";

/// Carries out a track's plan.
#[derive(Debug)]
pub struct DispatchPlugin;

impl Plugin for DispatchPlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let request = Request::of(&host.arguments())?;
        if let Request::Graph { mermaid } = request {
            return ground::on(host, None, |ground| Ok(show::graph(ground, mermaid)));
        }
        if host.dry_run() && !matches!(request, Request::Dispatch | Request::Brief(_)) {
            return Err(Failure::new("usage", "a dry run takes nothing in")
                .hinted("leave out `--dry-run`, or what is to be taken in"));
        }
        let only_looks = host.dry_run() || matches!(request, Request::Brief(_));
        let _held = if only_looks {
            None
        } else {
            Some(host.lock(LOCK, LOCK_MS)?)
        };
        if host.arguments().flag("init-beads") && !host.dry_run() {
            ground::on(host, None, init_beads)?;
        }
        if let Request::Brief(worker) = &request {
            return ground::on(host, None, |ground| one_brief(ground, worker));
        }
        let (track, changed) = match request {
            Request::Dispatch => (None, Vec::new()),
            _ => ground::on(host, None, |ground| {
                let changed = act(ground, &request)?;
                Ok((Some(ground.track.id.to_string()), changed))
            })?,
        };
        let track = track.as_deref();
        match request {
            Request::Abort => ground::on(host, track, |ground| only_told(ground, "stopped", changed)),
            Request::Prepare => ground::on(host, track, |ground| only_told(ground, "prepared", changed)),
            _ => {
                let (track, outcome) = settled(host, track, &changed, |ground, changed| {
                    Ok((ground.track.id.to_string(), next(ground, &request, changed)?))
                })?;
                if host.arguments().flag("commit") && !host.dry_run() {
                    ground::on(host, Some(&track), commit)?;
                }
                Ok(outcome)
            }
        }
    }
}

/// Makes files and beads agree with what has happened, and goes on from there. What was changed is read again first; where nothing
/// was, what was read is what there is.
fn settled<R>(
    host: &dyn Host,
    track: Option<&str>,
    changed: &[String],
    go_on: impl Fn(&Ground<'_>, Vec<String>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    enum Settled<R> {
        Already(R),
        Now { track: String, changed: Vec<String> },
    }
    let settled = ground::on(host, track, |ground| {
        let by_settling = if host.dry_run() { Vec::new() } else { settle(ground)? };
        if by_settling.is_empty() {
            return go_on(ground, changed.to_vec()).map(Settled::Already);
        }
        Ok(Settled::Now {
            track: ground.track.id.to_string(),
            changed: [changed, &by_settling].concat(),
        })
    })?;
    match settled {
        Settled::Already(result) => Ok(result),
        Settled::Now { track, changed } => ground::on(host, Some(&track), |ground| go_on(ground, changed.clone())),
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
fn act(ground: &Ground<'_>, request: &Request) -> Result<Vec<String>, Failure> {
    match request {
        Request::Report(report) => report::take(ground, report),
        Request::Pass(phase) => verify::pass(ground, phase),
        Request::Reject { phase, reason } => verify::reject(ground, phase, reason),
        Request::Lost(names) => report::give_up(ground, names),
        Request::Abort => report::stop(ground),
        Request::Prepare => prepare(ground),
        Request::Dispatch | Request::Graph { .. } | Request::Brief(_) => Ok(Vec::new()),
    }
}

/// Makes files and beads agree with what has happened. What was changed.
fn settle(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    let mut changed = report::end_finished(ground)?;
    let standing = ground.standing();
    let is_begun = ground.workers.at_work().next().is_some();
    if is_begun {
        changed.extend(ground.settle_begun(ground.mode()?)?);
    }
    if (is_begun || was_dispatched(ground))
        && let Some(beads) = Beads::of(ground, ground.mode()?)?
    {
        changed.extend(beads.settle(ground)?);
    }
    if standing.done && !is_begun && was_dispatched(ground) {
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

/// Shows where the track stands now, and begins what the person has agreed to.
fn next(ground: &Ground<'_>, request: &Request, changed: Vec<String>) -> Result<Outcome, Failure> {
    let standing = ground.standing();
    let mode = ground.mode()?;
    if !standing.at_work.is_empty() {
        ground.host.again_after(AGAIN_MS);
    }
    if standing.done && standing.at_work.is_empty() {
        let facts = Facts {
            what: "done",
            changed,
            ..Facts::of(ground, mode.word(), &standing, None)
        };
        return Ok(show::outcome(ground.host, &facts, None));
    }
    let is_dispatch = *request == Request::Dispatch;
    if is_dispatch {
        ask_what_is_open(ground, &standing)?;
    }
    let offer = Offer::of(
        &ground.track.id,
        mode,
        ground.plan,
        &ground.graph,
        &ground.workers,
        &standing,
    );
    let agreed = agreed(ground, request, offer.as_ref())?;
    match (offer, agreed) {
        (Some(offer), true) => begun(ground, mode, &offer, changed),
        (offer, _) => {
            let facts = Facts {
                changed,
                ..Facts::of(ground, mode.word(), &standing, offer.as_ref())
            };
            let plan = offer.map(|offer| plan(ground, &offer));
            Ok(show::outcome(ground.host, &facts, plan))
        }
    }
}

/// What a standing yes covers.
fn scope(ground: &Ground<'_>) -> String {
    format!("track:{}", ground.track.id)
}

fn plan(ground: &Ground<'_>, offer: &Offer) -> Plan {
    Plan {
        digest: offer.digest.clone(),
        subject: ground.track.id.to_string(),
        scope: scope(ground),
        yes: offer.yes(),
        others: Vec::new(),
    }
}

/// Whether what is offered may begin: by the digest that the person agreed to, or, after a report or a verification, by a yes for
/// all of the track.
fn agreed(ground: &Ground<'_>, request: &Request, offer: Option<&Offer>) -> Result<bool, Failure> {
    let host = ground.host;
    if host.dry_run() {
        return Ok(false);
    }
    let track = &ground.track.id;
    let Some(digest) = host.applies() else {
        let goes_on =
            *request != Request::Dispatch && !matches!(request, Request::Lost(_)) && !ground.workers.is_stopped();
        return Ok(goes_on && ground.session.is_some() && offer.is_some() && host.consented(&scope(ground)));
    };
    let Some(offer) = offer else {
        return Err(
            Failure::new("plan-changed", "nothing is left to begin of what was agreed to")
                .hinted(format!("`conductor dispatch {track}` shows where it stands")),
        );
    };
    if offer.digest != digest {
        return Err(Failure::new(
            "plan-changed",
            format!("the plan is `{}` by now, and not what was agreed to", offer.short()),
        )
        .hinted(format!(
            "`conductor dispatch {track} --dry-run` shows it; nothing was begun"
        )));
    }
    if ground.session.is_none() {
        return Err(Failure::new(
            "no-session",
            "Claude's own sub-agents are started from Claude Code, and this is not it",
        )
        .hinted(format!("type `/conductor-dispatch {track}` there; nothing was begun")));
    }
    Ok(true)
}

/// Questions that come before anything is begun.
fn ask_what_is_open(ground: &Ground<'_>, standing: &Standing) -> Result<(), Failure> {
    let track = ground.track.id.to_string();
    let open = choose::open_dependencies(ground.project, ground.track);
    if !open.is_empty() && ground.track.state != State::InProgress && !ground.arguments.flag("anyway") {
        return Err(
            Failure::new("open-dependency", format!("`{track}` waits for {}", open.join(", ")))
                .choice(choice(
                    "A",
                    "Begin it all the same",
                    "its plan is carried out beside theirs",
                    &[&track, "--anyway"],
                ))
                .choice(choice("B", "Go on with the other", "its own plan", &[&open[0]])),
        );
    }
    if ground.arguments.flag("keep") {
        return Ok(());
    }
    let names = |places: &[usize]| -> Vec<&str> {
        let workers = places.iter().map(|&place| &ground.workers.workers[place]);
        workers.map(|worker| worker.worker_id.as_str()).collect()
    };
    let (others, unclear) = (names(&standing.others), names(&standing.unclear));
    let lost = [others.as_slice(), &unclear].concat();
    if !others.is_empty() {
        let message = format!("{} of another Claude session may not report any more", lost.join(", "));
        return Err(give_up_or_keep("lost-workers", message, &track, &lost));
    }
    if !unclear.is_empty() {
        let message = format!("what {} was to do is not open in the plan any more", lost.join(", "));
        return Err(give_up_or_keep("lost-workers", message, &track, &lost));
    }
    let silent = silent(ground, standing);
    if !silent.is_empty() {
        let message = format!("{} said nothing for an hour", silent.join(", "));
        return Err(give_up_or_keep("silent-workers", message, &track, &silent));
    }
    Ok(())
}

fn give_up_or_keep(code: &str, message: String, track: &str, workers: &[&str]) -> Failure {
    let lost = format!("--lost={}", workers.join(","));
    Failure::new(code, message)
        .choice(choice(
            "A",
            "Give them up",
            "their tasks can be begun again; commits that they made stay",
            &[track, &lost],
        ))
        .choice(choice(
            "B",
            "They are still at work",
            "what they have is not begun again",
            &[track, "--keep"],
        ))
}

/// Workers that were handed their briefs an hour ago and have not said anything since.
fn silent<'g>(ground: &'g Ground<'_>, standing: &Standing) -> Vec<&'g str> {
    let places = standing.at_work.iter().map(|at| &ground.workers.workers[at.worker]);
    let is_silent = |worker: &&crate::workers::Worker| {
        let began = worker
            .started_at
            .as_deref()
            .and_then(|time| humantime::parse_rfc3339_weak(time).ok());
        began
            .and_then(|time| std::time::SystemTime::now().duration_since(time).ok())
            .is_some_and(|since| since > SILENT)
    };
    places
        .filter(is_silent)
        .map(|worker| worker.worker_id.as_str())
        .collect()
}

fn choice(key: &str, label: &str, description: &str, args: &[&str]) -> Choice {
    Choice {
        key: key.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
    }
}

/// Hands out what was agreed to. Beads come first: what is not in them was not begun.
fn begun(ground: &Ground<'_>, mode: Mode, offer: &Offer, mut changed: Vec<String>) -> Result<Outcome, Failure> {
    let beads = Beads::of(ground, mode)?;
    let beads = beads.map(|beads| beads.complete(ground)).transpose()?;
    if let Some((beads, made)) = &beads {
        changed.extend(made.iter().cloned());
        changed.extend(beads.note(ground)?);
    }
    let bead = |node: usize| beads.as_ref().and_then(|(beads, _)| beads.of_node(ground, node));
    begin::begin(ground, offer, bead)?;
    let track = ground.track.id.to_string();
    settled(ground.host, Some(&track), &changed, |ground, changed| {
        let standing = ground.standing();
        let mut facts = Facts {
            what: "begun",
            changed,
            ..Facts::of(ground, mode.word(), &standing, None)
        };
        facts.begins = offer
            .workers
            .iter()
            .map(|name| begins(ground, name, mode))
            .collect::<Result<_, _>>()?;
        Ok(show::outcome(ground.host, &facts, None))
    })
}

fn begins(ground: &Ground<'_>, name: &str, mode: Mode) -> Result<Begins, Failure> {
    let worker = ground.workers.find(name).ok_or_else(|| {
        Failure::new(
            "unknown-worker",
            format!("`{}` has no worker `{name}`", ground.track.id),
        )
        .hinted(format!("`conductor dispatch {}` names those at work", ground.track.id))
    })?;
    Ok(Begins {
        item: worker.tasks.first().map(|name| name.key.clone()).unwrap_or_default(),
        title: worker.task.clone(),
        files: worker.files.clone(),
        worker: name.to_owned(),
        brief: Some(begin::brief(ground, worker, mode)?),
    })
}

fn one_brief(ground: &Ground<'_>, name: &str) -> Result<Outcome, Failure> {
    let mode = ground.mode()?;
    let mut facts = Facts::of(ground, mode.word(), &ground.standing(), None);
    facts.what = "brief";
    facts.begins = vec![begins(ground, name, mode)?];
    Ok(show::outcome(ground.host, &facts, None))
}

/// Says how the track stands, and begins nothing.
fn only_told(ground: &Ground<'_>, what: &'static str, changed: Vec<String>) -> Result<Outcome, Failure> {
    let mode = ground.mode()?;
    let facts = Facts {
        what,
        changed,
        ..Facts::of(ground, mode.word(), &ground.standing(), None)
    };
    Ok(show::outcome(ground.host, &facts, None))
}

/// Makes the beads of a track that nobody works on yet. What was changed.
fn prepare(ground: &Ground<'_>) -> Result<Vec<String>, Failure> {
    let Some(beads) = Beads::of(ground, ground.mode()?)? else {
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

/// Commits the files of the plan, and nothing else.
fn commit(ground: &Ground<'_>) -> Result<(), Failure> {
    let registry = ground.project.registry.iter().map(|registry| registry.file.to_string());
    let metadata = ground::in_folder(ground.track, "metadata.json");
    let paths = registry.chain(metadata).chain([ground.plan_path()?.to_owned()]);
    let paths: Vec<String> = paths.map(|path| format!("conductor/{path}")).collect();
    commits::files(ground.host, &paths, &format!("conductor(plan): {}", ground.track.id))
}
