//! What is shown of a run: facts first, then one of three forms of them.

pub mod facts;
mod graph;
mod holders;
mod markdown;
mod terminal;

use conductor_common::form;
use conductor_plugin::{Host, Outcome, Plan};

use facts::{All, Facts};

pub use graph::graph;
pub use holders::holders;

/// The outcome of a run in the form that was asked for.
#[must_use]
pub fn outcome(host: &dyn Host, facts: &Facts, plan: Option<Plan>) -> Outcome {
    let json = serde_json::to_string(facts).expect("these types are JSON");
    form::outcome(
        host,
        json,
        plan,
        |columns| terminal::text(facts, columns),
        || markdown::text(facts),
    )
}

/// The outcome of a run on all tracks.
#[must_use]
pub fn all(host: &dyn Host, all: &All) -> Outcome {
    let json = serde_json::to_string(all).expect("these types are JSON");
    form::outcome(
        host,
        json,
        None,
        |columns| terminal::all(all, columns),
        || markdown::all(all),
    )
}
