//! `interface invocation`: how this run was asked for.

use crate::sandbox::State;
use crate::sandbox::bindings::invocation::{Format, Host};

impl Host for State {
    fn arguments(&mut self) -> String {
        self.invocation.arguments.clone()
    }

    fn presentation(&mut self) -> Format {
        self.invocation.format
    }

    fn project_name(&mut self) -> String {
        self.invocation
            .project
            .as_ref()
            .map_or_else(String::new, crate::place::Project::name)
    }
}
