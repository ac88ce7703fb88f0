//! Compiling a component. One that is not bundled is compiled in a child of ourselves with bounds on time and memory, since
//! 35 kB of WebAssembly can be made to take 22 s and 1.8 GB.

use std::io::{self, Read, Write};

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use wasmtime::Engine;

use super::{engine, limits};
use crate::error::{self, Error};
use crate::process::{self, Ending, Output, Spec, StartError};

/// The hidden command of the child.
pub const COMMAND: &str = "compile-component";
/// The most that a compiled component has: four times what is allowed for the component (Python's and JavaScript's have two to
/// three times as much).
const MOST_CODE: usize = 4 * limits::COMPONENT_BYTES as usize;

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
    let ended = match run_child(wasm.to_vec()) {
        Err(StartError::Interrupted) => return Err(Error::interrupted()),
        ended => ended
            .context("starting the compiler")
            .map_err(|error| Error::bug(&error))?,
    };
    match ended.ending {
        Ending::Interrupted => return Err(Error::interrupted()),
        Ending::TimeOut => return Err(too_much(title, &format!("{} s", limits::COMPILE_WALL.as_secs()))),
        Ending::Itself | Ending::Killed => {}
    }
    let stderr = String::from_utf8_lossy(&ended.stderr.bytes);
    match ended.signal.map(Signal::from_named_raw) {
        None if ended.stdout.truncated => Err(too_much(title, &format!("{} MiB of code", MOST_CODE >> 20))),
        None if ended.success() => Ok(ended.stdout.bytes),
        None => Err(
            Error::failed("bad-component", format!("{title} can't be compiled: {}", stderr.trim()))
                .hinted("its author has to build it again"),
        ),
        Some(Some(Signal::XCPU)) => {
            let most = limits::COMPILE_CPU.as_secs();
            Err(too_much(title, &format!("{most} s of processor time")))
        }
        // What Rust does when there is no memory left.
        Some(Some(Signal::ABORT)) if stderr.contains("memory allocation of") => {
            let most = limits::COMPILE_MEMORY >> 20;
            Err(too_much(title, &format!("{most} MiB of memory")))
        }
        // What Linux does when there is no memory left for anybody.
        Some(Some(Signal::KILL)) => Err(too_much(title, "the memory that this machine has left")),
        _ => Err(Error::limit(
            "limit",
            format!(
                "{title} was not compiled: the compiler ended by signal {}: {}",
                ended.signal.unwrap_or_default(),
                stderr.trim()
            ),
        )
        .hinted("this component breaks the compiler: tell its author")),
    }
}

fn run_child(wasm: Vec<u8>) -> std::result::Result<Output, StartError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(limits::COMPILE_THREADS);
    process::run(Spec {
        // The compiler's threads are rayon's; there are no others.
        env: [("RAYON_NUM_THREADS".into(), threads.to_string().into())].into(),
        stdin: Some(wasm),
        timeout: limits::COMPILE_WALL,
        max_output: MOST_CODE,
        ..Spec::of_ourselves(COMMAND)?
    })
}

fn too_much(title: &str, what: &str) -> Error {
    let message = format!("{title} was not compiled: it would take more than {what}");
    Error::limit("limit", message).hinted("a component that needs this much is broken, or made to harm")
}

/// The child: bounds itself, reads the component from stdin, writes the code to stdout.
///
/// # Errors
/// When it is no valid component, or the pipes break.
pub fn child() -> Result<()> {
    bound_process()?;
    let mut wasm = Vec::new();
    io::stdin()
        .lock()
        .take(limits::COMPONENT_BYTES + 1)
        .read_to_end(&mut wasm)
        .context("reading the component")?;
    let code = here(&engine::engine()?, &wasm)?;
    io::stdout().lock().write_all(&code).context("writing the code")
}

fn bound_process() -> Result<()> {
    let bound = |most, slack| Rlimit {
        current: Some(most),
        maximum: Some(most + slack),
    };
    // Between the two the process ends by SIGXCPU, which nothing else sends.
    setrlimit(Resource::Cpu, bound(limits::COMPILE_CPU.as_secs(), 5)).context("bounding the processor time")?;
    setrlimit(Resource::As, bound(limits::COMPILE_MEMORY, 0)).context("bounding the memory")?;
    setrlimit(Resource::Core, bound(0, 0)).context("bounding the core file")?;
    // Nobody waits for the code when the caller has gone.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).context("following the caller")?;
    Ok(())
}
