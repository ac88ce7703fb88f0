//! What is said when a plugin could not be started, was stopped, or failed.

use rustix::io::Errno;
use wasmtime::component::ResourceTableError;
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::bindings::types::Failure;
use super::limits::Hit;
use super::refusals::Refusals;
use crate::error::{Error, Kind};
use crate::plugin::{Origin, Plugin};
use crate::tape::Stop;
use crate::visible;

/// How many functions of the plugin a message names, innermost first.
const FRAMES: usize = 4;
/// The most characters of such a name: the plugin has given it.
const FRAME: usize = 80;

/// What to do when a bundled plugin has met more files than its memory holds.
const TOO_LARGE: &str = "the project's files are more than it can hold: `find -L conductor -size +256k` lists the large ones, of which \
                         those that are no plans can be moved away; if none is large, please report it";

/// A failure in the plugin's own words. One that is not bundled is named, so that its words are not taken for ours, and only the
/// host can say that something was refused.
pub(super) fn said_by(plugin: &Plugin, failure: Failure, refusals: &Refusals) -> Error {
    let mut error = Error::from(failure);
    if error.kind == Kind::Denied && refusals.is_empty() {
        error.kind = Kind::Failed;
    }
    if plugin.origin != Origin::Bundled && !refusals.contain(&error.message) {
        error.message = format!("{}: {}", plugin.title(), error.message);
    }
    // A plugin hands on what the host has told it, and that has no place for a hint.
    if error.hint.is_none() {
        error.hint = hint(&error.code).map(str::to_owned);
    }
    error
}

/// What to do about an error of a file that a plugin can't go on without.
fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "outside" => {
            "a plugin reads what lies in the project, not what a link there leads to: put the folder itself in its place, or name \
             the project that it belongs to with `--project`"
        }
        "unreadable" => "`ls -ld` shows who has the right to read it",
        _ => return None,
    })
}

/// The component does not fit, or hit a bound while it was set up, or the system has no room for it.
pub(super) fn at_start(plugin: &Plugin, error: wasmtime::Error) -> Error {
    if lacks_memory(&error) {
        return Error::no_memory("the memory of the sandbox can't be reserved", &error.root_cause());
    }
    if hit(&error).is_some() || error.is::<Trap>() || error.is::<I32Exit>() || error.is::<Stop>() {
        return in_run(plugin, error);
    }
    Error::failed(
        "does-not-fit",
        format!("{} can't be started: {error:#}", plugin.title()),
    )
    .hinted("its author has to build it as a component of the world `conductor:plugin/conductor-plugin`")
}

fn lacks_memory(error: &wasmtime::Error) -> bool {
    let refused = |cause: &Errno| *cause == Errno::NOMEM;
    error
        .chain()
        .any(|cause| cause.downcast_ref::<Errno>().is_some_and(refused))
}

/// The plugin hit a bound, trapped, or did what is not on its tape.
pub(super) fn in_run(plugin: &Plugin, error: wasmtime::Error) -> Error {
    if let Some(Stop(stop)) = error.downcast_ref() {
        return stop.clone();
    }
    let hit = hit(&error);
    let stopped = match &hit {
        Some(hit) => stopped(&plugin.title(), hit),
        None => trapped(plugin, &error),
    };
    let frames = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    let stopped = stopped.detailed(frames);
    match &plugin.origin {
        // Its own fault is ours to mend; a bound can be met by a project that is larger than any that was thought of.
        Origin::Bundled if matches!(hit, Some(Hit::Memory(_))) => stopped.hinted(TOO_LARGE),
        Origin::Bundled if stopped.code == "limit" => {
            stopped.hinted("if this project is of a usual size, please report it: the plugin is part of `conductor`")
        }
        Origin::Bundled => stopped.hinted("this plugin is part of `conductor`: please report it"),
        Origin::File(_) | Origin::Installed(_) => stopped.hinted(format!("tell its author (sha256 {})", plugin.digest)),
    }
}

/// The bound that it has hit. wasmtime has types for some, and for the others only words (the guests in `tests/` hold us to them).
fn hit(error: &wasmtime::Error) -> Option<Hit> {
    if let Some(hit) = error.downcast_ref::<Hit>() {
        return Some(*hit);
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return Some(Hit::Resources);
    }
    let words = error.root_cause().to_string();
    if words.starts_with("resource limit exceeded") {
        Some(Hit::Parts)
    } else if words.contains("fuel allocated for hostcalls has been exhausted") {
        Some(Hit::Handed)
    } else {
        None
    }
}

/// The plugin hit a bound.
pub(super) fn stopped(title: &str, hit: &Hit) -> Error {
    Error::limit("limit", format!("{title} was stopped: {hit}"))
}

fn trapped(plugin: &Plugin, error: &wasmtime::Error) -> Error {
    let title = plugin.title();
    if let Some(I32Exit(code)) = error.downcast_ref() {
        let message = format!("{title} ended itself with exit code {code} before it had an outcome");
        return Error::limit("trap", message);
    }
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
        .map(|name| visible::line(name, FRAME))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("in {}", names.join(" < "))
    }
}
