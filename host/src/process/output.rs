//! What a program left: how it ended, and the bounded part of what it printed.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::io::{Errno, read};

use super::pool::Kept;

/// What a program left.
#[derive(Debug)]
pub struct Output {
    /// What made it end.
    pub ending: Ending,
    /// Its exit code, unless a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed.
    pub stdout: Captured,
    /// What it complained of.
    pub stderr: Captured,
    /// It ended, but something that it left behind still holds its stdout or stderr: what that prints is not here.
    pub pipe_left_open: bool,
    /// From its start to its end.
    pub duration: Duration,
    /// Counts it against what a pool keeps.
    pub(super) kept: Option<Kept>,
}

impl Output {
    /// Of a program that printed nothing and took no time.
    #[must_use]
    pub fn new(ending: Ending) -> Self {
        Self {
            ending,
            status: None,
            signal: None,
            stdout: Captured::default(),
            stderr: Captured::default(),
            pipe_left_open: false,
            duration: Duration::ZERO,
            kept: None,
        }
    }

    /// Whether it ended by itself with exit code 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.ending == Ending::Itself && self.status == Some(0)
    }

    /// Whether more was printed than was kept.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.stdout.truncated || self.stderr.truncated
    }

    /// From its start to its end, in milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn bytes(&self) -> usize {
        self.stdout.bytes.len() + self.stderr.bytes.len()
    }
}

/// What made a program end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ended by itself, with an exit code or by a signal that is not ours.
    Itself,
    /// Its time was over.
    TimeOut,
    /// Whoever started it wanted no more of it.
    Killed,
    /// Ctrl-C.
    Interrupted,
}

/// The beginning of a stream.
#[derive(Debug, Default)]
pub struct Captured {
    /// The bytes that were kept.
    pub bytes: Vec<u8>,
    /// There were more.
    pub truncated: bool,
}

/// One stream of a program while it runs.
pub(super) struct Stream<F> {
    /// Nothing once the other end was closed.
    pub(super) open: Option<F>,
    most: usize,
    captured: Captured,
}

/// What is read at once: all that a pipe holds on Linux.
pub(super) const READ: usize = 64 << 10;

impl<F: AsFd> Stream<F> {
    /// Keeps no more than `most` bytes.
    pub(super) fn new(open: Option<F>, most: usize) -> Self {
        let captured = Captured::default();
        Self { open, most, captured }
    }

    /// Reads what is there; beyond the bound only to empty the pipe, so that the program never waits for us.
    pub(super) fn read(&mut self, buffer: &mut [u8; READ]) {
        let Some(open) = &self.open else { return };
        match read(open, &mut buffer[..]) {
            Ok(0) => self.open = None,
            Ok(bytes) => self.keep(&buffer[..bytes]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            // What was read before is still worth showing.
            Err(_) => self.open = None,
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.most - self.captured.bytes.len();
        self.captured.truncated |= bytes.len() > room;
        self.captured.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Hands over what was kept.
    pub(super) fn take(&mut self) -> Captured {
        std::mem::take(&mut self.captured)
    }
}
