//! `--auto`: every track of the project that is begun or can be, one after the other, once the person has agreed to all of them.

use conductor_plugin::{Failure, Host, Outcome};

use crate::agree::PROJECT;
use crate::request::Request;
use crate::show::facts::{All, Held};
use crate::{choose, ground, run, show};

/// Goes on with all of them. A track that asks something, or can't be gone on with, holds none of the others.
///
/// # Errors
/// `no-consent` where the person has not agreed to every track of the project; where it can't be read.
pub fn run(host: &dyn Host, request: &Request) -> Result<Outcome, Failure> {
    if *request != Request::Dispatch || host.arguments().text("track").is_some() {
        return Err(
            Failure::new("usage", "`--auto` goes on with every track, and is asked for alone")
                .hinted("leave it out, or what is beside it"),
        );
    }
    if host.applies().is_some() {
        return Err(Failure::new("usage", "a plan is one track's, and `--auto` is for all")
            .hinted("`--apply PLAN` with the track's name"));
    }
    if !host.dry_run() && !host.consented(PROJECT) {
        return Err(Failure::new(
            "no-consent",
            "`--auto` begins work without asking, and you have not agreed to that",
        )
        .hinted("type `conductor consent add dispatch` in your own terminal"));
    }
    let tracks = ground::project(host, choose::all)?;
    let mut all = All::default();
    for track in tracks {
        match run::advance(host, Some(&track), request) {
            Ok((facts, _)) => all.tracks.push(facts),
            Err(failure) => all.held.push(Held {
                why: failure.message,
                next: match failure.choices.as_slice() {
                    [] => failure.hint,
                    _ => Some(format!("`conductor dispatch {track}` asks")),
                },
                track,
            }),
        }
    }
    Ok(show::all(host, &all))
}
