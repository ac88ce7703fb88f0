//! The bundled plugin behind `conductor migrate`: moves a track that is under way from Claude's own sub-agents to Gas Town, and back.
//!
//! What a state file says is where to look; what is true are the plan and git ([`survey`]). A move is shown with a digest, and made once
//! the person has agreed to it. What it makes in Gas Town it makes by the dispatch's own steps, so that an interrupted move is gone on
//! with by either command.
//!
//! | concept | where |
//! | --- | --- |
//! | state files, in every form | [`states`] |
//! | which tasks are a worker's | [`tasks`] |
//! | what git has | [`git`] |
//! | done, in flight, lost | [`survey`] |
//! | a track as a move finds it | [`seen`] |
//! | the plan that is agreed to | [`prepared`] |
//! | the moves | [`to_town`], [`to_native`] |
//! | faults of registry and metadata | [`repair`] |
//! | what is shown | [`facts`], [`show`] |

use conductor_common::count;
use conductor_dispatch::town::{ready, setup};
use conductor_dispatch::{choose, ground};
use conductor_plugin::{Failure, Host, Outcome, Plan, Plugin, digest};

pub mod facts;
pub mod git;
pub mod prepared;
pub mod repair;
pub mod seen;
pub mod show;
pub mod states;
pub mod survey;
pub mod tasks;
pub mod to_native;
pub mod to_town;

use facts::{All, Facts, Held};
use prepared::Prepared;
use seen::Seen;

/// How long another run is waited for.
const LOCK_MS: u32 = 30_000;

/// The lock of all that changes a project's tracks: the dispatch's own.
const LOCK: &str = "dispatch";

/// Moves work that is under way.
#[derive(Debug)]
pub struct MigratePlugin;

conductor_plugin::export!(MigratePlugin);

impl Plugin for MigratePlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let _held = match host.dry_run() {
            true => None,
            false => Some(host.lock(LOCK, LOCK_MS)?),
        };
        let arguments = host.arguments();
        if arguments.flag("repair") {
            return repair::run(host, |offered| agreed(host, offered, "--repair"));
        }
        let steps = steps(host)?;
        if arguments.flag("all") {
            return all(host);
        }
        let seen = Seen::of(host, arguments.text("track"))?;
        let prepared = look_at(host, &seen)?;
        let digest = prepared.facts.digest.clone();
        if agreed(host, digest.as_deref(), &seen.track)? {
            let mut facts = moved(host, &seen, prepared.facts)?;
            facts.changed.splice(0..0, steps);
            return Ok(show::one(host, &facts, None));
        }
        let mut facts = prepared.facts;
        facts.changed = steps;
        if is_back(host) && !host.dry_run() && facts.what == "waits" {
            facts.changed.extend(to_native::rest(host, &seen)?);
        }
        let plan = digest.map(|digest| plan(digest, &seen.track, &format!("track:{}", seen.track), prepared.starts));
        Ok(show::one(host, &facts, plan))
    }
}

/// What the person has chosen to have done first. What was changed.
fn steps(host: &dyn Host) -> Result<Vec<String>, Failure> {
    let arguments = host.arguments();
    let mut changed = Vec::new();
    if host.dry_run() {
        return Ok(changed);
    }
    if arguments.flag("add-ignores") {
        changed.extend(ready::add_ignores(host)?);
    }
    changed.extend(setup::steps(host)?);
    Ok(changed)
}

/// Whether the track leaves Gas Town.
fn is_back(host: &dyn Host) -> bool {
    host.arguments().text("to") == Some("native")
}

fn look_at(host: &dyn Host, seen: &Seen) -> Result<Prepared, Failure> {
    match is_back(host) {
        true => to_native::look_at(host, seen),
        false => to_town::look_at(host, seen),
    }
}

fn moved(host: &dyn Host, seen: &Seen, facts: Facts) -> Result<Facts, Failure> {
    let changed = match is_back(host) {
        true => to_native::carry_out(host, seen)?,
        false => to_town::carry_out(host, seen)?,
    };
    Ok(Facts {
        what: "moved",
        digest: None,
        does: Vec::new(),
        changed,
        ..facts
    })
}

/// The plan that the person is asked about. A move is agreed to by itself, whatever was agreed to before.
fn plan(digest: String, subject: &str, scope: &str, starts: usize) -> Plan {
    Plan {
        digest,
        subject: subject.to_owned(),
        scope: format!("once:{scope}"),
        yes: match starts {
            0 => "Move it".to_owned(),
            starts => format!("Move it, start {}", count(starts, "agent")),
        },
        others: Vec::new(),
    }
}

/// Whether what would be moved is what the person has agreed to.
fn agreed(host: &dyn Host, offered: Option<&str>, track: &str) -> Result<bool, Failure> {
    let Some(digest) = host.applies().filter(|_| !host.dry_run()) else {
        return Ok(false);
    };
    match offered {
        Some(offered) if offered == digest => Ok(true),
        Some(offered) => Err(Failure::new(
            "plan-changed",
            format!("the plan is `{}` by now, and not what was agreed to", &offered[..8]),
        )),
        None => Err(Failure::new(
            "plan-changed",
            "nothing is left to move of what was agreed to, or something comes before it",
        )),
    }
    .map_err(|failure| {
        failure.hinted(format!(
            "`conductor migrate {track} --dry-run` shows it; nothing was moved"
        ))
    })
}

/// Every track that is under way.
fn all(host: &dyn Host) -> Result<Outcome, Failure> {
    if host.arguments().text("track").is_some() {
        return Err(Failure::new("usage", "a track is named, and `--all` is asked for").hinted("one of them"));
    }
    let tracks = ground::project(host, choose::all)?;
    let mut all = All::default();
    let mut looked = Vec::new();
    let mut starts = 0;
    for track in tracks {
        match Seen::of(host, Some(&track)).and_then(|seen| Ok((look_at(host, &seen)?, seen))) {
            // One that was not begun moves with its first dispatch.
            Ok((prepared, seen)) if seen.survey.found.is_empty() && !is_begun(host, &track)? => drop(prepared),
            Ok((prepared, seen)) => {
                starts += prepared.starts;
                looked.push((prepared.facts, seen));
            }
            Err(failure) => all.held.push(held(track, failure)),
        }
    }
    let digests: Vec<&str> = looked.iter().filter_map(|(facts, _)| facts.digest.as_deref()).collect();
    let moves = digests.len();
    all.digest = (moves > 0).then(|| digest(digests.join("\n").as_bytes()));
    let is_agreed = agreed(host, all.digest.as_deref(), "--all")?;
    for (facts, seen) in looked {
        if !is_agreed || facts.digest.is_none() {
            all.tracks.push(facts);
            continue;
        }
        // What the moves before it have changed is looked at again by its own steps.
        match moved(host, &seen, facts) {
            Ok(facts) => all.tracks.push(facts),
            Err(failure) => all.held.push(held(seen.track.clone(), failure)),
        }
    }
    let plan = all
        .digest
        .clone()
        .filter(|_| !is_agreed)
        .map(|digest| plan(digest, &count(moves, "track"), "project", starts));
    if is_agreed {
        all.digest = None;
    }
    Ok(show::all(host, &all, plan))
}

fn is_begun(host: &dyn Host, track: &str) -> Result<bool, Failure> {
    ground::project(host, |project| {
        project
            .track(track)
            .is_some_and(|track| track.state == conductor_tracks::State::InProgress)
    })
}

fn held(track: String, failure: Failure) -> Held {
    Held {
        track,
        why: failure.message,
        next: failure.hint,
    }
}
