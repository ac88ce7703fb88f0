//! What is said when a plugin could not be started, was stopped, or failed.

use wasmtime::{Trap, WasmBacktrace};

use super::bindings::types::Failure;
use super::limits::Hit;
use crate::error::{Error, Kind};
use crate::plugin::{Origin, Plugin};

/// How many functions of the plugin a message names, innermost first.
const FRAMES: usize = 4;

/// A failure in the plugin's own words. One that is not bundled is named, so that its words are not taken for ours.
pub(super) fn said_by(plugin: &Plugin, failure: Failure) -> Error {
    let mut error = Error::from(failure);
    if plugin.origin != Origin::Bundled && error.kind != Kind::Denied {
        error.message = format!("{}: {}", plugin.title(), error.message);
    }
    error
}

/// The component does not fit, or hit a bound while it was set up.
pub(super) fn at_start(plugin: &Plugin, error: wasmtime::Error) -> Error {
    if error.is::<Hit>() || error.is::<Trap>() {
        return in_run(plugin, error);
    }
    Error::failed(
        "does-not-fit",
        format!("{} can't be started: {error:#}", plugin.title()),
    )
    .hinted("its author has to build it as a component of the world `conductor:plugin/conductor-plugin`")
}

/// The plugin hit a bound or trapped.
pub(super) fn in_run(plugin: &Plugin, error: wasmtime::Error) -> Error {
    let stopped = match error.downcast_ref::<Hit>() {
        Some(hit) => stopped(&plugin.title(), hit),
        None => trapped(plugin, &error),
    };
    let frames = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    let stopped = stopped.detailed(frames);
    match &plugin.origin {
        Origin::Bundled => stopped.hinted("this plugin is part of `conductor`: please report it"),
        Origin::File(_) => stopped.hinted(format!("tell its author (sha256 {})", plugin.digest)),
    }
}

/// The plugin hit a bound.
pub(super) fn stopped(title: &str, hit: &Hit) -> Error {
    Error::limit("limit", format!("{title} was stopped: {hit}"))
}

fn trapped(plugin: &Plugin, error: &wasmtime::Error) -> Error {
    let title = plugin.title();
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Error::limit("limit", format!("{title} was stopped: it used up its stack")),
        Some(trap) => Error::limit("trap", format!("{title} ended by a fault of its own: {trap}")),
        None => Error::limit("trap", format!("{title} was stopped: {}", error.root_cause())),
    }
}

/// The functions it was in, as `in app.summarise < app.run`.
fn frames(trace: &WasmBacktrace) -> String {
    let names: Vec<_> = trace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .take(FRAMES)
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("in {}", names.join(" < "))
    }
}
