//! Which imports a component may have: ours, and the parts of WASI that toolchains bring along.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, Result};
use crate::manifest::API;
use crate::plugin::Plugin;

/// Packages that are linked. `wasi:filesystem` has no folder in it and `wasi:sockets` refuses every address: the runtimes of
/// other languages import them without use.
const LINKED: [&str; 6] = [
    "wasi:io",
    "wasi:clocks",
    "wasi:random",
    "wasi:cli",
    "wasi:filesystem",
    "wasi:sockets",
];
/// Packages whose functions trap when they are called: the runtime of JavaScript imports `wasi:http` without use.
const TRAPPING: [&str; 1] = ["wasi:http"];

/// Checks every import.
///
/// # Errors
/// The name of the first import that is none of these.
pub(super) fn check(plugin: &Plugin, engine: &Engine, component: &Component) -> Result<()> {
    let imports = component.component_type();
    let mut names = imports.imports(engine).map(|(name, _)| name);
    match names.find(|name| !(LINKED.contains(&package(name)) || is_trapping(name) || is_ours(name))) {
        Some(name) => Err(refused(plugin, name)),
        None => Ok(()),
    }
}

/// Whether the functions of an interface trap.
pub(super) fn is_trapping(interface: &str) -> bool {
    TRAPPING.contains(&package(interface))
}

fn package(interface: &str) -> &str {
    interface.split('/').next().unwrap_or(interface)
}

/// Our interfaces at a version that is compatible with ours: the linker takes any patch version of the same minor one.
fn is_ours(name: &str) -> bool {
    let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
    let ours = |interface: &str| {
        interface
            .split_once('@')
            .is_some_and(|(_, version)| minor(version) == minor(API))
    };
    name.strip_prefix("conductor:plugin/").is_some_and(ours)
}

fn refused(plugin: &Plugin, name: &str) -> Error {
    let error = Error::failed(
        "unknown-import",
        format!(
            "{} imports `{}`, which `conductor` does not give to plugins",
            plugin.title(),
            name.escape_debug()
        ),
    );
    if name.starts_with("conductor:plugin/") {
        error.hinted(format!(
            "this `conductor` offers `conductor:plugin@{API}`: build it for that"
        ))
    } else {
        error.hinted(format!(
            "what there is: conductor:plugin@{API} and {}",
            LINKED.join(", ")
        ))
    }
}
