//! A plugin that does nothing but have a plan, in whatever words, and say "begun" when that is agreed to.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::scene::Scene;

/// The words of its plan: digest, subject, scope and yes.
pub(crate) type Words<'a> = [&'a str; 4];

/// A plan as it should be.
pub(crate) const RIGHT: Words<'static> = [
    "7f3a91c27f3a91c2",
    "auth_20260101",
    "track:auth_20260101",
    "Start 2 agents",
];

/// Where the words begin in the guest's memory, and how much room each has.
const WORDS: usize = 4096;
const ROOM: usize = 1024;

fn component(words: Words<'_>) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests/parts");
    let part = |name: &str| fs::read_to_string(root.join(format!("{name}.wat"))).expect("a part of guests");
    let (types, kit, run) = (part("types"), part("kit"), part("run"));
    let data: String = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let bytes: String = word.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            format!("(data (i32.const {}) \"{bytes}\")\n", WORDS + at * ROOM)
        })
        .collect();
    // An outcome's plan begins behind its text and its data; each string is an address and a length.
    let stores: String = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let (address, offset) = (WORDS + at * ROOM, 24 + at * 8);
            format!(
                "(i32.store offset={offset} (i32.const 0) (i32.const {address}))
                 (i32.store offset={} (i32.const 0) (i32.const {}))\n",
                offset + 4,
                word.len()
            )
        })
        .collect();
    let text = format!(
        r#"(component
          {types} {kit}
          (import "conductor:plugin/invocation@0.1.0" (instance $invocation
            (export "applies" (func (result (option string))))))
          (core func $applies (canon lower (func $invocation "applies") (memory $memory) (realloc $realloc)))
          (core instance $invocation-core (export "applies" (func $applies)))
          (core module $module
            (import "kit" "memory" (memory 1))
            (import "kit" "say" (func $say (param i32 i32)))
            (import "kit" "done" (func $done (result i32)))
            (import "invocation" "applies" (func $applies (param i32)))
            (data (i32.const 2048) "begun ")
            (data (i32.const 2056) "shown\n")
            {data}
            (func (export "run") (result i32)
              (call $applies (i32.const 256))
              (if (i32.load8_u (i32.const 256))
                (then
                  (call $say (i32.const 2048) (i32.const 6))
                  (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264)))
                  (call $say (i32.const 2061) (i32.const 1))
                  (return (call $done))))
              (call $say (i32.const 2056) (i32.const 6))
              (drop (call $done))
              (i32.store8 offset=20 (i32.const 0) (i32.const 1))
              {stores}
              (i32.const 0)))
          (core instance $guest (instantiate $module
            (with "kit" (instance $kit)) (with "invocation" (instance $invocation-core))))
          {run})"#
    );
    wat::parse_str(text).expect("it is a component")
}

/// Puts such a plugin beside the project.
pub(crate) fn guest(scene: &Scene, name: &str, plans: bool, words: Words<'_>) -> PathBuf {
    let manifest = json!({
        "name": name, "version": "0.1.0", "summary": "Has a plan", "api": "0.1.0", "plans": plans,
        "files": [{"grant": "conductor", "place": "project", "path": "conductor", "access": "write", "reason": "a test"}],
    });
    let bytes = conductor_host::component::with_manifest(&component(words), &manifest.to_string(), "a test");
    let path = scene.beside(&format!("{name}.wasm"));
    fs::write(&path, bytes.expect("packed")).expect("written");
    path
}
