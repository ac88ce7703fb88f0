//! The host as it is inside the sandbox: each call goes to the import of the same name.

use crate::bindings::conductor::plugin::{files, invocation, lock, process, progress};
use crate::{Arguments, Entry, Error, Format, Held, Host, Output, Running};

/// The real host, behind the imports of this component.
#[derive(Debug)]
pub struct Sandboxed;

impl Host for Sandboxed {
    fn arguments(&self) -> Arguments {
        Arguments::from_json(&invocation::arguments())
    }

    fn presentation(&self) -> Format {
        invocation::presentation()
    }

    fn project_name(&self) -> String {
        invocation::project_name()
    }

    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        files::snapshot(grant, &patterns, max_bytes)
    }

    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error> {
        files::read(grant, path)
    }

    fn dry_run(&self) -> bool {
        invocation::dry_run()
    }

    fn applies(&self) -> Option<String> {
        invocation::applies()
    }

    fn session(&self) -> Option<String> {
        invocation::session()
    }

    fn session_over(&self, session: &str, at_ms: u64) -> bool {
        invocation::session_over(session, at_ms)
    }

    fn consented(&self, scope: &str) -> bool {
        invocation::consented(scope)
    }

    fn again_after(&self, ms: u32) {
        invocation::again_after(ms);
    }

    fn replace(&self, grant: &str, path: &str, expected: &str, bytes: &[u8]) -> Result<(), Error> {
        files::replace(grant, path, expected, bytes)
    }

    fn create(&self, grant: &str, path: &str, bytes: &[u8]) -> Result<(), Error> {
        files::create(grant, path, bytes)
    }

    fn remove(&self, grant: &str, path: &str, expected: &str) -> Result<(), Error> {
        files::remove(grant, path, expected)
    }

    fn start(
        &self,
        command: &str,
        values: &[(&str, &[&str])],
        stdin: Option<&[u8]>,
    ) -> Result<Box<dyn Running>, Error> {
        let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        let values: Vec<(String, Vec<String>)> = values
            .iter()
            .map(|(name, values)| ((*name).to_owned(), owned(values)))
            .collect();
        Ok(Box::new(process::start(command, &values, stdin)?))
    }

    fn begin_progress(&self, what: &str, steps: Option<u32>) {
        progress::begin(what, steps);
    }

    fn advance_progress(&self, done: u32, what: Option<&str>) {
        progress::advance(done, what);
    }

    fn end_progress(&self) {
        progress::end();
    }

    fn lock(&self, name: &str, wait_ms: u32) -> Result<Box<dyn Held>, Error> {
        Ok(Box::new(lock::acquire(name, wait_ms)?))
    }
}

impl Held for lock::Held {}

impl Running for process::Running {
    fn wait(self: Box<Self>) -> Result<Output, Error> {
        let output = process::Running::wait(&self)?;
        Ok(Output {
            status: output.status(),
            signal: output.signal(),
            timed_out: output.timed_out(),
            stdout: output.stdout(),
            stderr: output.stderr(),
            truncated: output.truncated(),
            pipe_left_open: output.pipe_left_open(),
            duration_ms: output.duration_ms(),
        })
    }

    fn kill(&self) {
        process::Running::kill(self);
    }
}
