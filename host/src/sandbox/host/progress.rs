//! `interface progress`: how far a run has come, for a person who waits.

use crate::sandbox::State;
use crate::sandbox::bindings::progress::Host;
use crate::visible;

/// The most characters of what a plugin says: it is one line, with the plugin's name and the numbers beside it.
const WHAT: usize = 60;

impl Host for State {
    fn begin(&mut self, what: String, steps: Option<u32>) -> wasmtime::Result<()> {
        self.progress.begin(&visible::line(&what, WHAT), steps);
        Ok(())
    }

    fn advance(&mut self, done: u32, what: Option<String>) -> wasmtime::Result<()> {
        let what = what.map(|what| visible::line(&what, WHAT));
        self.progress.advance(done, what.as_deref());
        Ok(())
    }

    fn end(&mut self) -> wasmtime::Result<()> {
        self.progress.end();
        Ok(())
    }
}
