//! Recording: each call is kept with what came of it, and all of them are written when the run is over.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use conductor_tape::{
    Call, Came, Change as TapedChange, Command, End, Ended, Header, Line, Lock, Places, Seed, Start, Symbol,
    TAPE_BYTES, Text,
};

use super::clock::Clock;
use super::{Answer, Change, Ticket, content, taped};
use crate::error::{Error, Result};
use crate::process::{Ending, Output};
use crate::sandbox::bindings::types;

/// A tape that is being recorded.
#[derive(Debug)]
pub struct Recording {
    pub(super) places: Places,
    pub(super) clock: Clock,
    pub(super) seed: Seed,
    path: PathBuf,
    file: File,
    calls: Vec<Call>,
    /// About how many bytes the calls hold.
    kept: u64,
}

impl Recording {
    /// Begins with the header, so that a run which never ends leaves a tape that says whose it is.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(super) fn begin(path: &Path, mut file: File, header: Header, places: Places) -> std::io::Result<Self> {
        let (clock_ms, seed) = (header.clock_ms, header.seed);
        file.write_all(Line::Header(header).to_json().as_bytes())?;
        Ok(Self {
            places,
            clock: Clock::recording(clock_ms),
            seed,
            path: path.to_owned(),
            file,
            calls: Vec::new(),
            kept: 0,
        })
    }

    pub(super) fn command(&mut self, start: Start) -> Ticket {
        let values = start.values.values().flatten();
        let texts = values.chain(start.argv.iter().flatten()).chain(&start.stdin);
        self.count(texts.map(Text::len).sum());
        let (call, at_ms) = self.next();
        self.push(Call::Command(Command {
            call,
            at_ms,
            command: start.command,
            values: start.values,
            argv: start.argv.unwrap_or_default(),
            stdin: start.stdin,
            result: Came::NotWaited,
        }))
    }

    pub(super) fn refused(&mut self, ticket: Ticket, error: &types::Error) {
        let came = Came::Refused(taped(&self.places, error));
        self.came(ticket, came);
    }

    pub(super) fn ended(&mut self, ticket: Ticket, ended: &Answer<Output>, tempfiles: &[PathBuf]) {
        let until_ms = self.clock.answered();
        let came = match ended {
            Ok(output) => Came::Ended(self.output(output, tempfiles, until_ms)),
            Err(error) => Came::NotStarted(taped(&self.places, error)),
        };
        self.came(ticket, came);
    }

    fn output(&mut self, output: &Output, tempfiles: &[PathBuf], until_ms: u64) -> Ended {
        let places = tempfiles
            .iter()
            .fold(self.places.clone(), |places, path| places.with(Symbol::Tempfile, path));
        let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| places.taped(&stream.bytes));
        self.count(stdout.len() + stderr.len());
        Ended {
            status: output.status,
            signal: output.signal,
            stdout,
            stderr,
            truncated: output.truncated(),
            timed_out: output.ending == Ending::TimeOut,
            pipe_left_open: output.pipe_left_open,
            duration_ms: output.duration_ms(),
            until_ms,
        }
    }

    fn came(&mut self, ticket: Ticket, came: Came) {
        if let Some(Call::Command(command)) = self.calls.get_mut(ticket.0) {
            command.result = came;
        }
    }

    pub(super) fn change(&mut self, change: Change<'_>) -> Ticket {
        let (call, at_ms) = self.next();
        self.push(Call::File(TapedChange {
            call,
            at_ms,
            operation: change.operation,
            grant: change.grant.to_owned(),
            path: change.path.to_owned(),
            sha256: content(&self.places, change.bytes),
            error: None,
        }))
    }

    pub(super) fn lock(&mut self, name: &str) -> Ticket {
        let (call, at_ms) = self.next();
        self.push(Call::Lock(Lock {
            call,
            at_ms,
            name: name.to_owned(),
            error: None,
        }))
    }

    /// What came of the change of a file, or of taking a lock.
    pub(super) fn answered(&mut self, ticket: Ticket, refused: Option<&types::Error>) {
        let now = self.clock.answered();
        let refused = refused.map(|error| taped(&self.places, error));
        match self.calls.get_mut(ticket.0) {
            Some(Call::File(TapedChange { at_ms, error, .. }) | Call::Lock(Lock { at_ms, error, .. })) => {
                *at_ms = now;
                *error = refused;
            }
            Some(Call::Command(_)) | None => {}
        }
    }

    /// The number of the next call, and the time by the plugin's clock.
    fn next(&self) -> (u32, u64) {
        let call = u32::try_from(self.calls.len() + 1).unwrap_or(u32::MAX);
        (call, self.clock.answered())
    }

    fn push(&mut self, call: Call) -> Ticket {
        self.count(CALL);
        // What does not fit is not kept: the tape will not be written.
        if !self.is_too_large() {
            self.calls.push(call);
            return Ticket(self.calls.len() - 1);
        }
        Ticket(usize::MAX)
    }

    fn count(&mut self, bytes: usize) {
        self.kept = self.kept.saturating_add(bytes as u64);
        if self.is_too_large() {
            self.calls.clear();
        }
    }

    fn is_too_large(&self) -> bool {
        self.kept > TAPE_BYTES
    }

    /// Writes the calls and the end.
    pub(super) fn end<T>(mut self, result: Result<T>) -> Result<T> {
        match self.write() {
            Ok(()) => result,
            Err(why) => {
                let message = format!("the tape `{}` is not whole: {why}", self.path.display());
                let error = Error::failed("unwritable", message).hinted(
                    "what the plugin did is done, and stands in the audit log; remove the tape before you record again",
                );
                Err(match result {
                    Ok(_) => error,
                    Err(of_run) => error.detailed(format!("the run ended with: {}", of_run.message)),
                })
            }
        }
    }

    fn write(&mut self) -> std::result::Result<(), String> {
        let too_large = || format!("it would be larger than {} MiB", TAPE_BYTES >> 20);
        if self.is_too_large() {
            return Err(too_large());
        }
        let calls = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        let calls = std::mem::take(&mut self.calls)
            .into_iter()
            .map(Line::from)
            .chain([Line::End(End { calls })]);
        let mut written = self.file.metadata().map_err(|error| error.to_string())?.len();
        for line in calls {
            let line = line.to_json();
            written += line.len() as u64;
            if written > TAPE_BYTES {
                return Err(too_large());
            }
            self.file
                .write_all(line.as_bytes())
                .map_err(|error| error.to_string())?;
        }
        self.file.sync_all().map_err(|error| error.to_string())
    }
}

/// About how many bytes a call has beside what it holds.
const CALL: usize = 256;
