//! The two sides of a run: what a plugin implements and what it may ask.

use crate::{Arguments, Entry, Error, Failure, Format, Outcome};

/// A plugin: one function, called once for each invocation.
pub trait Plugin {
    /// Carries out one invocation.
    ///
    /// # Errors
    /// A [`Failure`] says what could not be done and what to do next; an [`Error`] of the host becomes one by `?`.
    fn run(host: &dyn Host) -> Result<Outcome, Failure>;
}

/// What a plugin may ask of the host; each function is described in `wit/` under the same name.
pub trait Host {
    /// The arguments of this run, already checked against the manifest.
    fn arguments(&self) -> Arguments;

    /// The form in which the outcome will be read.
    fn presentation(&self) -> Format;

    /// The name of the project's folder, for titles.
    fn project_name(&self) -> String;

    /// Every file and folder below a granted folder that one of the patterns matches, in one call.
    ///
    /// # Errors
    /// When the grant is missing or its folder is not there. Trouble with one file is that entry's error.
    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error>;

    /// The bytes of one file.
    ///
    /// # Errors
    /// When the grant is missing, or the file can't be had.
    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error>;

    /// Whether nothing may be changed in this run.
    fn dry_run(&self) -> bool;

    /// The digest of the plan that the person has agreed to; nothing when nothing may be begun that needs their yes.
    fn applies(&self) -> Option<String>;

    /// The Claude Code session that this run belongs to; nothing at a terminal.
    fn session(&self) -> Option<String>;

    /// Whether the process that this Claude Code session had at this moment (milliseconds since 1970) is gone for certain.
    fn session_over(&self, session: &str, at_ms: u64) -> bool;

    /// Whether the person has agreed to everything of this scope, for this plugin and this project.
    fn consented(&self, scope: &str) -> bool;

    /// Asks to be run again after this time at the latest, where the run is watched.
    fn again_after(&self, ms: u32);

    /// Replaces the bytes of a file, if it still has those of this digest (SHA-256 in hex).
    ///
    /// # Errors
    /// `changed` when it has others by now, `dry-run` in a dry run; otherwise what kept it from being written.
    fn replace(&self, grant: &str, path: &str, expected: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Makes a file that is not there, and the folders that it lies in.
    ///
    /// # Errors
    /// `exists` when it is there; else as of [`Host::replace`].
    fn create(&self, grant: &str, path: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Removes a file, if it still has the bytes of this digest.
    ///
    /// # Errors
    /// As of [`Host::replace`].
    fn remove(&self, grant: &str, path: &str, expected: &str) -> Result<(), Error>;

    /// Tells a person who waits what is being done, and of how many steps it is.
    fn begin_progress(&self, what: &str, steps: Option<u32>);

    /// Tells how many steps are done, and what is being done now.
    fn advance_progress(&self, done: u32, what: Option<&str>);

    /// The work that was begun is done.
    fn end_progress(&self);

    /// Starts a command of the manifest with values for its holes.
    ///
    /// # Errors
    /// When it is not granted, the values do not fit, it writes in a dry run, or its program can't be found.
    fn start(&self, command: &str, values: &[(&str, &[&str])], stdin: Option<&[u8]>)
    -> Result<Box<dyn Running>, Error>;

    /// Takes the lock of this name in the project, waiting at most so many milliseconds.
    ///
    /// # Errors
    /// `busy` when another run holds it, or one that was killed has left commands running that write.
    fn lock(&self, name: &str, wait_ms: u32) -> Result<Box<dyn Held>, Error>;
}

/// A lock that is held. Dropping it lets go of it.
pub trait Held {}

/// A command that was started, or will be. Dropping it ends it.
pub trait Running {
    /// Waits for its end.
    ///
    /// # Errors
    /// When it could not be started.
    fn wait(self: Box<Self>) -> Result<Output, Error>;

    /// Ends it: asked, and forced two seconds later. Does not wait for that.
    fn kill(&self);
}

/// What a command left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit code, unless a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether its time was over.
    pub timed_out: bool,
    /// What it printed, as far as the manifest's bound goes.
    pub stdout: Vec<u8>,
    /// What it complained of, likewise.
    pub stderr: Vec<u8>,
    /// Whether there was more of either.
    pub truncated: bool,
    /// Whether something that it left behind still holds its streams.
    pub pipe_left_open: bool,
    /// From its start to its end, in milliseconds.
    pub duration_ms: u64,
}

impl Output {
    /// Whether it ended by itself with exit code 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.status == Some(0) && !self.timed_out
    }
}
