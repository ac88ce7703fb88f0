//! One file for each interface that a plugin imports: check, call, translate.

mod files;
mod invocation;

/// `interface types` has no functions.
impl super::bindings::types::Host for super::State {}
