//! Starting programs, in bounds: the only module that does.
//!
//! A name becomes a [`Program`] once a run ([`Programs`]), a [`Spec`] says all that a start needs, and a [`Pool`] carries a bounded
//! number of them out. Each is started in a process group of its own, with a clean environment, and ends at its deadline with
//! its whole group. Processes that leave their group are not ours to end.
#![allow(
    clippy::disallowed_methods,
    reason = "the one place that starts programs, and ends this one after Ctrl-C"
)]

mod child;
mod environment;
mod exit;
mod group;
pub mod interrupt;
mod output;
mod path;
mod pool;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

pub use environment::Environment;
pub use output::{Captured, Ending, Output};
pub use path::{Configured, FindError, LeftOut, Program, Programs, Why};
pub use pool::{Pool, Running};
pub use spec::{OnInterrupt, Spec, StartError, Step, Watcher};

/// How many programs this process has started: the warm path starts none, which tests hold it to.
pub static STARTED: AtomicU32 = AtomicU32::new(0);

/// Runs one program, beside any [`Pool`], and waits for its end.
///
/// # Errors
/// When it can't be started.
pub fn run(spec: Spec) -> Result<Output, StartError> {
    child::run(spec, &Arc::default())
}
