//! Tapes of runs: what a plugin asked of the machine is recorded, and answered from the recording without the machine.
//!
//! A run has one [`Tape`], which each call goes past that reaches out of the sandbox: starting a command, changing a file, taking
//! a lock. In a recording the call is carried out and what came of it is kept; in a replay it has to be the next one on the tape,
//! and what is there is the answer. Calls are in the order in which the plugin makes them, whatever is done first. The clock and
//! the random numbers of a taped run are the tape's, so that the same plugin gives the same bytes. The form of a tape is that of
//! the crate `conductor-tape`.

mod clock;
mod open;
mod random;
mod record;
mod replay;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

use conductor_tape::{Header, Operation, Presentation, Start, Symbol, Text, TypedError};
use wasmtime_wasi::WasiCtxBuilder;

use crate::error::{Error, Result};
use crate::manifest::{FilledCommand, Place};
use crate::process::Output;
use crate::sandbox::bindings::invocation::Format;
use crate::sandbox::bindings::types;
use crate::template::Argument;
pub(crate) use open::conductor as state_of_conductor;
use record::Recording;
use replay::Replay;
pub use replay::Replayed;

/// The file that makes a folder a copy for replays: only in a place that holds it does a replay change files.
pub const COPY: &str = ".conductor-replay";

/// What is to be done with a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taping {
    /// Write one into this file, which is not there yet.
    Record(PathBuf),
    /// Answer from the one in this file.
    Replay(PathBuf),
}

/// The tape of one run.
#[derive(Debug, Default)]
pub enum Tape {
    /// None: calls reach the machine, and nothing is kept.
    #[default]
    Off,
    /// Calls reach the machine, and what comes of them is kept.
    Recording(Box<Recording>),
    /// Calls are answered from the tape.
    Replay(Box<Replay>),
}

/// A call on the tape, to which its end will be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(usize);

/// What a call comes to.
#[derive(Debug)]
pub enum Turn<T> {
    /// It has to be carried out.
    CarryOut(Ticket),
    /// The tape has the answer.
    Answered(T),
}

/// Ends the run: the tape has no answer to what the plugin does.
#[derive(Clone, Debug)]
pub struct Stop(pub Error);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Stop {}

/// A change of a file that a plugin asks for.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What is to be done with it.
    pub operation: Operation,
    /// The grant that it lies in.
    pub grant: &'a str,
    /// Its path below what is granted.
    pub path: &'a str,
    /// Its new content.
    pub bytes: Option<&'a [u8]>,
}

/// What a call gives a plugin.
type Answer<T> = std::result::Result<T, types::Error>;

impl Tape {
    /// What has to be said beside the outcome.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Replay(replay) => replay.note.clone(),
            Self::Off | Self::Recording(_) => None,
        }
    }

    /// The run that is replayed.
    #[must_use]
    pub fn replayed(&self) -> Option<&Header> {
        match self {
            Self::Replay(replay) => Some(replay.player.header()),
            Self::Off | Self::Recording(_) => None,
        }
    }

    /// The form in which the outcome is asked for: that of the tape, where it is of the same kind.
    #[must_use]
    pub fn format(&self, asked: Format) -> Format {
        match (self.replayed().map(|header| header.presentation), asked) {
            (Some(Presentation::Terminal(columns)), Format::Terminal(_)) => Format::Terminal(columns),
            (Some(Presentation::Markdown(bytes)), Format::Markdown(_)) => Format::Markdown(bytes),
            _ => asked,
        }
    }

    /// Gives a plugin the tape's clock and random numbers.
    pub fn equip(&self, wasi: &mut WasiCtxBuilder) {
        let (clock, seed) = match self {
            Self::Off => return,
            Self::Recording(recording) => (&recording.clock, &recording.seed),
            Self::Replay(replay) => (&replay.clock, &replay.player.header().seed),
        };
        clock.begin();
        wasi.wall_clock(clock.clone())
            .monotonic_clock(clock.clone())
            .secure_random(random::Stream::new(seed, "secure"))
            .insecure_random(random::Stream::new(seed, "insecure"))
            .insecure_random_seed(random::number(seed, "insecure-seed"));
    }

    /// A command is to be started; it is granted and filled.
    ///
    /// # Errors
    /// When it is not the next call of the tape that is replayed.
    pub fn command(
        &mut self,
        name: &str,
        values: &[(String, Vec<String>)],
        filled: &FilledCommand,
    ) -> std::result::Result<Turn<Answer<Replayed>>, Stop> {
        match self {
            Self::Off => Ok(Turn::CarryOut(Ticket(0))),
            Self::Recording(recording) => {
                let start = start(&recording.places, name, values, filled);
                Ok(Turn::CarryOut(recording.command(start)))
            }
            Self::Replay(replay) => {
                let start = start(&replay.places, name, values, filled);
                replay.command(&start).map(Turn::Answered)
            }
        }
    }

    /// That a command was not started.
    pub fn refused(&mut self, ticket: Ticket, error: &types::Error) {
        if let Self::Recording(recording) = self {
            recording.refused(ticket, error);
        }
    }

    /// What a command left, or why it was not started after all. Its files of the host's are known by their paths.
    pub fn ended(&mut self, ticket: Ticket, ended: &Answer<Output>, tempfiles: &[PathBuf]) {
        if let Self::Recording(recording) = self {
            recording.ended(ticket, ended, tempfiles);
        }
    }

    /// What came of a replayed command.
    ///
    /// # Errors
    /// When the recorded run did not wait for it.
    pub fn waited(&mut self, replayed: Replayed) -> std::result::Result<Answer<Output>, Stop> {
        match self {
            Self::Replay(replay) => replay.waited(replayed),
            Self::Off | Self::Recording(_) => Err(replay::not_waited(&replayed)),
        }
    }

    /// A file is to be changed in a place; that is granted.
    ///
    /// # Errors
    /// When it is not the next call of the tape that is replayed, or the place is no copy made for a replay.
    pub fn change(&mut self, change: Change<'_>, place: &Path) -> std::result::Result<Turn<types::Error>, Stop> {
        match self {
            Self::Off => Ok(Turn::CarryOut(Ticket(0))),
            Self::Recording(recording) => Ok(Turn::CarryOut(recording.change(change))),
            Self::Replay(replay) => replay.change(change, place),
        }
    }

    /// What came of the change of a file.
    ///
    /// # Errors
    /// When the replay could not do what the tape says was done.
    pub fn changed(&mut self, ticket: Ticket, made: &Answer<()>) -> std::result::Result<(), Stop> {
        match (self, made) {
            (Self::Recording(recording), made) => recording.answered(ticket, made.as_ref().err()),
            (Self::Replay(replay), Err(error)) => return Err(replay.not_done(ticket, error)),
            (Self::Replay(_) | Self::Off, _) => {}
        }
        Ok(())
    }

    /// A lock is to be taken.
    ///
    /// # Errors
    /// When it is not the next call of the tape that is replayed.
    pub fn lock(&mut self, name: &str) -> std::result::Result<Turn<Answer<()>>, Stop> {
        match self {
            Self::Off => Ok(Turn::CarryOut(Ticket(0))),
            Self::Recording(recording) => Ok(Turn::CarryOut(recording.lock(name))),
            Self::Replay(replay) => replay.lock(name).map(Turn::Answered),
        }
    }

    /// What came of taking a lock.
    pub fn locked(&mut self, ticket: Ticket, error: Option<&types::Error>) {
        if let Self::Recording(recording) = self {
            recording.answered(ticket, error);
        }
    }

    /// The run is over: a recording is written, and a replay says what was not asked for. Gives what the run comes to.
    ///
    /// # Errors
    /// As of the run; when a recording can't be written; when calls of a tape are left.
    pub fn end<T>(self, result: Result<T>) -> Result<T> {
        match self {
            Self::Off => result,
            Self::Recording(recording) => recording.end(result),
            Self::Replay(replay) => replay.end(result),
        }
    }
}

/// A command as a tape knows it. The program is known by its name, and a file by where it lies in its place, so that nothing
/// needs to be there in a replay.
fn start(
    places: &conductor_tape::Places,
    name: &str,
    values: &[(String, Vec<String>)],
    filled: &FilledCommand,
) -> Start {
    let taped = |text: &str| places.taped(text.as_bytes());
    let argument = |argument: &Argument| match argument {
        Argument::Text(text) => taped(text),
        Argument::Tempfile { before, .. } => places.around(before, Symbol::Tempfile, ""),
        Argument::Path { before, place, path } => places.around(before, symbol(*place), &format!("/{path}")),
    };
    let given = values.iter().filter(|(_, list)| !list.is_empty());
    let list = |list: &[String]| list.iter().map(|value| taped(value)).collect();
    let argv: Vec<Text> = std::iter::once(taped(&filled.line.program))
        .chain(filled.line.arguments.iter().map(argument))
        .collect();
    Start {
        command: name.to_owned(),
        values: given.map(|(name, values)| (name.clone(), list(values))).collect(),
        argv: Some(argv),
        stdin: filled.line.stdin.as_deref().map(|bytes| places.taped(bytes)),
    }
}

fn symbol(place: Place) -> Symbol {
    match place {
        Place::Project => Symbol::Project,
        Place::Town => Symbol::Town,
        Place::Data => Symbol::Data,
    }
}

/// The digest of a file's new content, with symbols for places: the same on every machine.
fn content(places: &conductor_tape::Places, bytes: Option<&[u8]>) -> Option<String> {
    bytes.map(|bytes| crate::digest::sha256(places.taped(bytes).as_bytes()))
}

fn taped(places: &conductor_tape::Places, error: &types::Error) -> TypedError {
    TypedError {
        code: error.code.clone(),
        message: places.taped(error.message.as_bytes()),
    }
}

fn here(places: &conductor_tape::Places, error: &TypedError) -> types::Error {
    types::Error {
        code: error.code.clone(),
        message: String::from_utf8_lossy(&places.here(&error.message)).into_owned(),
        grant: None,
    }
}
