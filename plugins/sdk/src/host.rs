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
}
