//! `interface invocation`: how this run was asked for.

use wasmtime::Result;

use crate::sandbox::State;
use crate::sandbox::bindings::invocation::{Format, Host};

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
}
