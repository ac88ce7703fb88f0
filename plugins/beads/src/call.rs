//! One call of a tool: started now, read when it is waited for.

use conductor_plugin::{Host, Output, Running};

use crate::error::Error;

/// A command of a manifest: what a plugin that uses it has to declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command's name in the manifest.
    pub name: &'static str,
    /// Its command line. The program comes first.
    pub argv: &'static [&'static str],
    /// The folder that it starts in.
    pub cwd: &'static str,
    /// How long it may take, in milliseconds.
    pub timeout_ms: u64,
}

impl Call {
    /// The program that it starts.
    #[must_use]
    pub fn program(&self) -> &'static str {
        self.argv.first().copied().unwrap_or_default()
    }
}

/// A call that is under way, and how its answer is read. Dropping it ends it.
pub struct Asked<T> {
    call: Call,
    running: Result<Box<dyn Running>, Error>,
    read: fn(&Output) -> Result<T, Error>,
}

impl<T> Asked<T> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// When the tool could not be started, did not answer in time, failed, or answered what it does not say.
    pub fn wait(self) -> Result<T, Error> {
        let output = self
            .running?
            .wait()
            .map_err(|error| Error::not_started(self.call, error))?;
        if output.timed_out {
            return Err(Error::timed_out(self.call));
        }
        if output.truncated {
            return Err(Error::too_much(self.call));
        }
        (self.read)(&output).map_err(|error| error.of(self.call))
    }
}

/// Starts a call with values for its holes. Whatever keeps it from starting is told when it is waited for.
pub fn ask<T>(host: &dyn Host, call: Call, values: &[(&str, &str)], read: fn(&Output) -> Result<T, Error>) -> Asked<T> {
    let lists: Vec<(&str, [&str; 1])> = values.iter().map(|&(name, value)| (name, [value])).collect();
    let values: Vec<(&str, &[&str])> = lists.iter().map(|(name, list)| (*name, list.as_slice())).collect();
    ask_lists(host, call, &values, read)
}

/// The same for a call with a hole that takes a list of values.
pub fn ask_lists<T>(
    host: &dyn Host,
    call: Call,
    values: &[(&str, &[&str])],
    read: fn(&Output) -> Result<T, Error>,
) -> Asked<T> {
    let running = host
        .start(call.name, values, None)
        .map_err(|error| Error::not_started(call, error));
    Asked { call, running, read }
}
