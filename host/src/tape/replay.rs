//! Replaying: each call has to be the next one of the tape, and is answered by it. Nothing is started and no lock is taken; a
//! file is changed only in a copy that was made for it.

use std::path::Path;
use std::time::Duration;

use conductor_tape::{Came, Difference, Ended, Places, Player, Start};

use super::clock::Clock;
use super::{Answer, COPY, Change, Stop, Ticket, Turn, content, here};
use crate::error::{Error, Result};
use crate::process::{Captured, Ending, Output};
use crate::sandbox::bindings::types;
use crate::visible;

/// How many of the calls that were not made are named.
const LEFT: usize = 8;

/// A tape that is being replayed.
#[derive(Debug)]
pub struct Replay {
    pub(super) player: Player,
    pub(super) places: Places,
    pub(super) clock: Clock,
    /// What has to be said beside the outcome.
    pub(super) note: Option<String>,
}

/// A command of a tape, until it is waited for.
#[derive(Clone, Debug)]
pub struct Replayed {
    call: u32,
    command: String,
    came: Came,
}

impl Replay {
    pub(super) fn command(&mut self, start: &Start) -> std::result::Result<Answer<Replayed>, Stop> {
        let taped = self.player.command(start).map_err(differs)?;
        self.clock.set(taped.at_ms);
        Ok(match &taped.result {
            Came::Refused(error) => Err(here(&self.places, error)),
            came => Ok(Replayed {
                call: taped.call,
                command: taped.command.clone(),
                came: came.clone(),
            }),
        })
    }

    pub(super) fn waited(&mut self, replayed: Replayed) -> std::result::Result<Answer<Output>, Stop> {
        match &replayed.came {
            Came::Ended(ended) => {
                self.clock.set(ended.until_ms);
                Ok(Ok(self.output(ended)))
            }
            Came::NotStarted(error) => Ok(Err(here(&self.places, error))),
            Came::NotWaited | Came::Refused(_) => Err(not_waited(&replayed)),
        }
    }

    fn output(&self, ended: &Ended) -> Output {
        let stream = |text, truncated| Captured {
            bytes: self.places.here(text),
            truncated,
        };
        let ending = if ended.timed_out {
            Ending::TimeOut
        } else {
            Ending::Itself
        };
        let mut output = Output::new(ending);
        output.status = ended.status;
        output.signal = ended.signal;
        output.stdout = stream(&ended.stdout, ended.truncated);
        output.stderr = stream(&ended.stderr, false);
        output.pipe_left_open = ended.pipe_left_open;
        output.duration = Duration::from_millis(ended.duration_ms);
        output
    }

    pub(super) fn change(&mut self, change: Change<'_>, place: &Path) -> std::result::Result<Turn<types::Error>, Stop> {
        let sha256 = content(&self.places, change.bytes);
        let taped = self
            .player
            .change(change.operation, change.grant, change.path, sha256.as_deref())
            .map_err(differs)?;
        self.clock.set(taped.at_ms);
        if let Some(error) = &taped.error {
            return Ok(Turn::Answered(here(&self.places, error)));
        }
        let is_copy = place.join(COPY).symlink_metadata().is_ok_and(|mark| mark.is_file());
        if is_copy {
            return Ok(Turn::CarryOut(Ticket(taped.call as usize)));
        }
        Err(Stop(no_copy(change, place)))
    }

    /// The copy is not as the recorded project was.
    pub(super) fn not_done(&self, ticket: Ticket, error: &types::Error) -> Stop {
        let message = format!(
            "call {} is not that of the tape: what it says was done with the file can't be done here: {}",
            ticket.0, error.message
        );
        Stop(
            Error::failed("tape-differs", message).hinted("the copy has to be as the project was when it was recorded"),
        )
    }

    pub(super) fn lock(&mut self, name: &str) -> std::result::Result<Answer<()>, Stop> {
        let taped = self.player.lock(name).map_err(differs)?;
        self.clock.set(taped.at_ms);
        Ok(taped
            .error
            .as_ref()
            .map_or(Ok(()), |error| Err(here(&self.places, error))))
    }

    pub(super) fn end<T>(self, result: Result<T>) -> Result<T> {
        let left = self.player.left();
        let count = left.len();
        if count == 0 {
            return result;
        }
        let mut lines: Vec<String> = left.take(LEFT).collect();
        if count > LEFT {
            lines.push(format!("and {} more", count - LEFT));
        }
        let lines = lines.join("\n");
        Err(match result {
            Ok(_) => {
                let calls = if count == 1 {
                    "1 call"
                } else {
                    &format!("{count} calls")
                };
                let message = format!("the plugin came to its end, and {calls} of the tape were not made");
                Error::failed("tape-differs", message).detailed(lines)
            }
            // What went wrong first is the message, and why the rest was not made.
            Err(error) => {
                let details = format!("{}\nof the tape were not made:\n{lines}", error.details);
                error.detailed(details.trim_start().to_owned())
            }
        })
    }
}

pub(super) fn not_waited(replayed: &Replayed) -> Stop {
    let Replayed { call, command, .. } = replayed;
    let message =
        format!("call {call} is not that of the tape: the plugin waits for `{command}`; on the tape it did not");
    Stop(Error::failed("tape-differs", message).hinted(RECORD_AGAIN))
}

const RECORD_AGAIN: &str = "the project has to be as it was when the tape was recorded; if the plugin is meant to do this now, record it again";

fn differs(difference: Difference) -> Stop {
    Stop(Error::failed("tape-differs", difference.to_string()).hinted(RECORD_AGAIN))
}

fn no_copy(change: Change<'_>, place: &Path) -> Error {
    let message = format!(
        "the tape changes `{}` of the grant `{}`, and a replay changes files only in a copy that was made for it",
        visible::line(change.path, 256),
        change.grant
    );
    let place = visible::word(&place.to_string_lossy());
    Error::failed("no-copy", message).hinted(format!(
        "`cp -R {place} COPY && touch COPY/{COPY}`, and replay it with `--project COPY`"
    ))
}
