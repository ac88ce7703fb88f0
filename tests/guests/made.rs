//! Guests that are made instead of written: too large, broken, or no component at all.

use super::Guest;

/// Each with its name.
pub(crate) const ALL: [(&str, fn() -> Result<Guest, String>); 1] = [("file_garbage", garbage)];

fn garbage() -> Result<Guest, String> {
    Ok(Guest {
        wasm: b"no component".to_vec(),
        exit: Some(1),
        stderr: vec!["hostile.wasm` is no WebAssembly component".to_owned()],
        ..Guest::default()
    })
}
