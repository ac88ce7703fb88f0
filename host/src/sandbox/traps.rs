//! Links the functions of interfaces that a plugin may import but not use, so that each traps when it is called.
//!
//! wasmtime's `define_unknown_imports_as_traps` does not do here: it links everything that is missing, and gives each interface
//! resources of its own, so that one which shares `wasi:io`'s streams (`wasi:http` does) no longer fits.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};
use wasmtime::{Engine, Result, bail};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::State;
use super::imports::is_trapping;

/// Stands for every resource of such an interface: none is ever made.
struct Nothing;

/// Links the trapping interfaces that a component imports.
pub(super) fn link(linker: &mut Linker<State>, engine: &Engine, component: &Component) -> Result<()> {
    let component = component.component_type();
    if !component.imports(engine).any(|(name, _)| is_trapping(name)) {
        return Ok(());
    }
    let mut shared = Vec::new();
    for (name, import) in component.imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else {
            continue;
        };
        for (item, export) in interface.exports(engine) {
            if !is_trapping(name) {
                shared.extend(resource(&export.ty).zip(of_the_host(name, item)));
                continue;
            }
            let mut linked = linker.instance(name)?;
            if let Some(own) = resource(&export.ty) {
                let host = shared.iter().find(|(shared, _)| *shared == own).map(|(_, host)| *host);
                linked.resource(item, host.unwrap_or(ResourceType::host::<Nothing>()), |_, _| Ok(()))?;
            } else if matches!(export.ty, ComponentItem::ComponentFunc(_)) {
                let called = format!("{name}#{item}");
                linked.func_new(item, move |_, _, _, _| {
                    bail!("it called `{called}`, which is not there for plugins")
                })?;
            }
        }
    }
    Ok(())
}

fn resource(item: &ComponentItem) -> Option<ResourceType> {
    match item {
        ComponentItem::Resource(resource) => Some(*resource),
        _ => None,
    }
}

/// The host's type behind a resource of `wasi:io`, of whatever version.
fn of_the_host(interface: &str, resource: &str) -> Option<ResourceType> {
    let (interface, _) = interface.split_once('@')?;
    match (interface, resource) {
        ("wasi:io/error", "error") => Some(ResourceType::host::<wasmtime::Error>()),
        ("wasi:io/poll", "pollable") => Some(ResourceType::host::<DynPollable>()),
        ("wasi:io/streams", "input-stream") => Some(ResourceType::host::<DynInputStream>()),
        ("wasi:io/streams", "output-stream") => Some(ResourceType::host::<DynOutputStream>()),
        _ => None,
    }
}
