//! The compiler and runtime, set up once for a process.

use std::hash::{Hash, Hasher};

use anyhow::Result;
use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

use super::limits;

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
