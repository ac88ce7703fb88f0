//! `interface invocation`: how this run was asked for.

use std::time::Duration;

use wasmtime::Result;

use crate::agreement;
use crate::sandbox::State;
use crate::sandbox::bindings::invocation::{Format, Host};
use crate::session;

impl Host for State {
    fn arguments(&mut self) -> Result<String> {
        Ok(self.invocation.arguments.clone())
    }

    fn presentation(&mut self) -> Result<Format> {
        Ok(self.tape.format(self.invocation.format))
    }

    fn project_name(&mut self) -> Result<String> {
        Ok(match self.tape.replayed() {
            // A copy can have another name, and the plugin shows it.
            Some(header) => header.project_name.clone(),
            None => self.invocation.places.project_name(),
        })
    }

    fn dry_run(&mut self) -> Result<bool> {
        Ok(self.invocation.dry_run)
    }

    fn applies(&mut self) -> Result<Option<String>> {
        Ok(match self.tape.replayed() {
            Some(header) => header.applies.clone(),
            None => self.invocation.applies.clone(),
        })
    }

    fn session(&mut self) -> Result<Option<String>> {
        Ok(match self.tape.replayed() {
            Some(header) => header.session.clone(),
            None => self.invocation.session.clone(),
        })
    }

    fn session_over(&mut self, session: String, at_ms: u64) -> Result<bool> {
        Ok(match self.tape.replayed() {
            Some(header) => session::is_over(&header.over, &session, at_ms),
            None => session::is_over(&self.invocation.over, &session, at_ms),
        })
    }

    fn consented(&mut self, scope: String) -> Result<bool> {
        Ok(match self.tape.replayed() {
            Some(header) => agreement::covers(&header.consents, &scope),
            None => agreement::covers(&self.invocation.consents, &scope),
        })
    }

    fn again_after(&mut self, ms: u32) -> Result<()> {
        let after = Duration::from_millis(ms.into());
        self.again_after = Some(self.again_after.map_or(after, |shortest| shortest.min(after)));
        Ok(())
    }
}
