//! What the host says of itself: `conductor health --json`.

use conductor_beads::Error;
use serde::Deserialize;

use crate::check::{Check, State};

/// What it says; its schema is `docs/schema/health.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Health {
    pub(crate) checks: Vec<Said>,
}

/// One thing that it has looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) next: Option<String>,
}

/// The same as checks of ours.
pub(crate) fn checks(health: &Result<Health, Error>) -> Vec<Check> {
    match health {
        Ok(health) => health.checks.iter().map(check).collect(),
        Err(error) => vec![Check::unknown("health", error)],
    }
}

fn check(said: &Said) -> Check {
    let state = if said.state == "ok" { State::Ok } else { State::Look };
    Check {
        next: said.next.clone(),
        ..Check::new(&said.name, state, said.text.clone())
    }
}
