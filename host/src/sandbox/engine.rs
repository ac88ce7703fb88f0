//! The compiler and runtime, set up once for a process.

use std::hash::{Hash, Hasher};

use anyhow::Result;
use rustix::process::{Resource, getrlimit};
use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

use super::limits;
use crate::error::Error;

/// What the address space has to have room for: of each memory of a plugin all that 32 bits can reach is reserved, so that no
/// access needs a check. Only what is used of it takes memory.
const RESERVED: u64 = 4 << 30;

/// Whether the address space of this process has room for a plugin, told before a plugin is loaded: compiling one in too
/// little memory would end the process.
///
/// # Errors
/// When it is bounded below that.
pub fn check_room() -> crate::error::Result<()> {
    match getrlimit(Resource::As).current {
        Some(most) if most < RESERVED => {
            let what = format!("the sandbox reserves {} GiB of address space", RESERVED >> 30);
            Err(Error::no_memory(
                &what,
                &format!("this process may have {} MiB", most >> 20),
            ))
        }
        _ => Ok(()),
    }
}

/// Sets up the engine. Its settings are part of [`hash`], so compiled code of other settings is never taken.
///
/// # Errors
/// When this machine is not supported.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_component_model(true);
    Ok(Engine::new(&config)?)
}

/// A short name for "compiled by this version of the compiler with these settings for this processor".
#[must_use]
pub fn hash(engine: &Engine) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut sha = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut sha);
    crate::digest::hex(&sha.0.finalize()[..8])
}
