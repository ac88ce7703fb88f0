//! Compiling a component. One that is not bundled is compiled in a child of ourselves with bounds on time and memory, since
//! 35 kB of WebAssembly can be made to take 22 s and 1.8 GB.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use wasmtime::Engine;

use super::{engine, limits};
use crate::error::{self, Error};
use crate::process;

/// The hidden command of the child.
pub const COMMAND: &str = "compile-component";
/// The most that a compiled component has: sixteen times what is allowed for the component.
const MOST_CODE: u64 = 16 * limits::COMPONENT_BYTES;

/// Compiles in this process.
///
/// # Errors
/// When it is no valid component.
pub fn here(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    Ok(engine.precompile_component(wasm)?)
}

/// Compiles in a child of ourselves.
///
/// # Errors
/// When it is no valid component, or hits a bound of the child; both name the plugin.
pub fn in_child(wasm: &[u8], title: &str) -> error::Result<Vec<u8>> {
    let ended = process::run_self(COMMAND, wasm, limits::COMPILE_WALL, MOST_CODE)
        .context("starting the compiler")
        .map_err(|error| Error::bug(&error))?;
    let stderr = String::from_utf8_lossy(&ended.stderr);
    let too_much = |what: String| {
        Err(Error::limit(
            "limit",
            format!("{title} was not compiled: it would take more than {what}"),
        )
        .hinted("a component that needs this much is broken, or made to harm"))
    };
    let Some(status) = ended.status else {
        return too_much(format!("{} s", limits::COMPILE_WALL.as_secs()));
    };
    match status.signal() {
        None if status.success() => Ok(ended.stdout),
        None => Err(
            Error::failed("bad-component", format!("{title} can't be compiled: {}", stderr.trim()))
                .hinted("its author has to build it again"),
        ),
        Some(signal) if signal == Signal::XCPU.as_raw() || signal == Signal::KILL.as_raw() => {
            too_much(format!("{} s of processor time", limits::COMPILE_CPU.as_secs()))
        }
        Some(signal) if signal == Signal::ABORT.as_raw() => {
            too_much(format!("{} MiB of memory", limits::COMPILE_MEMORY >> 20))
        }
        Some(signal) => Err(Error::bug(&anyhow::anyhow!(
            "the compiler ended by signal {signal}: {}",
            stderr.trim()
        ))),
    }
}

/// The child: bounds itself, reads the component from stdin, writes the code to stdout.
///
/// # Errors
/// When it is no valid component, or the pipes break.
pub fn child() -> Result<()> {
    let bound = |most| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(Resource::Cpu, bound(limits::COMPILE_CPU.as_secs())).context("bounding the processor time")?;
    setrlimit(Resource::As, bound(limits::COMPILE_MEMORY)).context("bounding the memory")?;
    setrlimit(Resource::Core, bound(0)).context("bounding the core file")?;
    let mut wasm = Vec::new();
    io::stdin()
        .lock()
        .take(limits::COMPONENT_BYTES + 1)
        .read_to_end(&mut wasm)
        .context("reading the component")?;
    let code = here(&engine::engine()?, &wasm)?;
    io::stdout().lock().write_all(&code).context("writing the code")
}
