//! For tests of plugins: holds a manifest to the calls that the libraries make.

use serde_json::{Value, json};

use crate::Call;

/// Compares the commands of a manifest with the calls, word for word: each is declared, and nothing else. `patience` names calls for which
/// the manifest allows more time than the call itself, with that time in milliseconds.
///
/// # Panics
/// When they differ.
#[track_caller]
pub fn declares(manifest: &str, reads: &[Call], writes: &[Call], patience: &[(&str, u64)]) {
    let manifest: Value = serde_json::from_str(manifest).expect("the manifest is JSON");
    let commands = manifest["commands"].as_object().expect("it has commands");
    assert_eq!(commands.len(), reads.len() + writes.len(), "commands of the manifest");
    let reads = reads.iter().map(|call| (call, "read"));
    for (call, effect) in reads.chain(writes.iter().map(|call| (call, "write"))) {
        let command = &commands[call.name];
        assert_eq!(command["argv"], json!(call.argv), "{}", call.name);
        assert_eq!(command["cwd"], call.cwd, "{}", call.name);
        let allowed = patience.iter().find(|(name, _)| *name == call.name);
        let timeout_ms = allowed.map_or(call.timeout_ms, |(_, timeout_ms)| *timeout_ms);
        assert_eq!(command["timeout_ms"], timeout_ms, "{}", call.name);
        assert_eq!(command["effect"], effect, "{}", call.name);
    }
}
