//! What the person is asked before anything begins: dependencies that are open, and workers that may be lost.

use std::time::{Duration, SystemTime};

use conductor_plugin::{Choice, Failure, Host};
use conductor_tracks::State;

use crate::choose;
use crate::ground::{self, Ground};
use crate::standing::Standing;
use crate::workers::Worker;

/// How long a worker is not asked about.
const SILENT: Duration = Duration::from_secs(60 * 60);

/// Questions that come before anything is begun.
///
/// # Errors
/// Each is one, with its choices.
pub fn what_is_open(ground: &Ground<'_>, standing: &Standing) -> Result<(), Failure> {
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
    let is_silent = |worker: &&Worker| {
        let since = worker
            .began()
            .and_then(|began| SystemTime::now().duration_since(began).ok());
        since.is_some_and(|since| since > SILENT)
    };
    places
        .filter(is_silent)
        .map(|worker| worker.worker_id.as_str())
        .collect()
}

/// A choice, by its parts.
#[must_use]
pub fn choice(key: &str, label: &str, description: &str, args: &[&str]) -> Choice {
    Choice {
        key: key.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
    }
}

/// Whether the person goes on although something is so (`--although`).
#[must_use]
pub fn is_accepted(ground: &Ground<'_>, name: &str) -> bool {
    let accepted = ground.arguments.text("although").unwrap_or_default();
    accepted.split(',').any(|accepted| accepted.trim() == name)
}

/// The flag for that. What was accepted before stays so.
#[must_use]
pub fn although(ground: &Ground<'_>, name: &str) -> String {
    match ground.arguments.text("although") {
        Some(before) => format!("--although={before},{name}"),
        None => format!("--although={name}"),
    }
}

/// The choices of a failure with what was typed beside them: which work is meant, and how, stays so.
#[must_use]
pub fn carried(host: &dyn Host, mut failure: Failure) -> Failure {
    carry(host, &mut failure.choices);
    failure
}

/// The same of any choices.
pub fn carry(host: &dyn Host, choices: &mut [Choice]) {
    let arguments = host.arguments();
    let texts = ["mode", "task", "phase", "except", "although", "crew", "formula"]
        .into_iter()
        .filter_map(|name| Some((name, arguments.text(name)?.to_owned())));
    let most = arguments.int("max-workers").filter(|most| *most != ground::WORKERS);
    let most = most.map(|most| ("max-workers", most.to_string()));
    let valued = texts
        .chain(most)
        .map(|(name, value)| (name, format!("--{name}={value}")));
    let flags = ["per-task", "worktrees", "polecats", "anyway", "keep", "start-refinery"]
        .into_iter()
        .filter(|name| arguments.flag(name));
    let typed: Vec<(&str, String)> = valued.chain(flags.map(|name| (name, format!("--{name}")))).collect();
    for choice in choices {
        for (name, flag) in &typed {
            let is_said = |said: &String| {
                // What a choice has in place of it.
                let is_native = said.starts_with("--mode=native");
                let is_other = match *name {
                    "crew" => said == "--polecats" || is_native,
                    "polecats" => said.starts_with("--crew=") || is_native,
                    "formula" | "start-refinery" => is_native,
                    _ => false,
                };
                is_other || said == flag || said.starts_with(&format!("--{name}="))
            };
            // A name alone may be another track's, with a crew of its own.
            let is_of_track = choice.args.len() > 1 || !["crew", "polecats", "anyway", "keep"].contains(name);
            if is_of_track && !choice.args.iter().any(is_said) {
                choice.args.push(flag.clone());
            }
        }
    }
}
