//! The types and traits of `wit/`, as wasmtime writes them: the only place that generates them for the host.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "conductor-plugin",
    imports: { default: trappable },
    with: {
        "conductor:plugin/process.running": crate::sandbox::commands::Started,
        "conductor:plugin/process.output": crate::process::Output,
        "conductor:plugin/lock.held": crate::sandbox::locks::Lock,
    },
});

pub use conductor::plugin::{files, invocation, lock, process, progress, types};
