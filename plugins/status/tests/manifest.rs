//! The manifest declares the calls that the libraries make, word for word, and none that writes.

use conductor_beads::{Call, reads as beads};
use conductor_gastown::reads as town;
use serde_json::{Value, json};

const CALLS: [Call; 9] = [
    beads::OPEN,
    beads::READY,
    beads::EPICS,
    beads::WHERE,
    town::STATUS,
    town::NOTICES,
    town::REMOTES,
    town::WORK,
    town::CHANGES,
];

#[test]
fn it_declares_what_the_libraries_call() {
    let manifest: Value = serde_json::from_str(include_str!("../plugin.json")).expect("it is JSON");
    let commands = manifest["commands"].as_object().expect("commands");
    assert_eq!(commands.len(), CALLS.len());
    for call in CALLS {
        let command = &commands[call.name];
        assert_eq!(command["argv"], json!(call.argv), "{}", call.name);
        assert_eq!(command["cwd"], call.cwd, "{}", call.name);
        assert_eq!(command["timeout_ms"], call.timeout_ms, "{}", call.name);
        assert_eq!(command["effect"], "read", "{}", call.name);
    }
}
