//! Guests that are made instead of written: broken, too large, or harder to compile than they look.

use std::fmt::Write;

use serde_json::json;
use wasm_encoder::{Component, CustomSection, NestedComponentSection};

use super::{Guest, packed};

/// A guest's name, and what makes it.
type Made = (&'static str, fn() -> Guest);

/// Those that are quick.
pub(crate) const ALL: [Made; 11] = [
    ("file_empty", || refused(Vec::new(), "is no WebAssembly component")),
    ("file_garbage", || {
        refused(b"\0asmgarbage".to_vec(), "is no WebAssembly component")
    }),
    ("file_core_module", core_module),
    ("file_truncated", || refused(small()[..200].to_vec(), "is damaged")),
    ("file_truncated_by_one", truncated_by_one),
    ("file_too_large", too_large),
    ("manifest_two", two_manifests),
    ("manifest_huge", huge_manifest),
    ("compile_deep_nesting", deep_nesting),
    ("compile_invalid", invalid),
    ("compile_bomb_calls", calls_bomb),
];

/// Those that take a minute, since that is the bound they run into.
pub(crate) const SLOW: [Made; 1] = [("compile_bomb_branches", branches_bomb)];

fn refused(wasm: Vec<u8>, why: &str) -> Guest {
    Guest {
        wasm,
        exit: Some(1),
        stderr: vec![format!("hostile.wasm` {why}")],
        ..Guest::default()
    }
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text is a component")
}

fn small() -> Vec<u8> {
    packed(
        &component("(component (core module (func (export \"run\"))))"),
        &json!({}),
    )
}

fn core_module() -> Guest {
    let mut guest = refused(component("(module)"), "is no WebAssembly component");
    guest.stderr.push("hint: it is a core module".to_owned());
    guest
}

/// The manifest, which comes last, has lost its last byte.
fn truncated_by_one() -> Guest {
    let mut wasm = small();
    wasm.pop();
    refused(wasm, "is damaged")
}

fn too_large() -> Guest {
    let wasm = vec![0; (64 << 20) + 1];
    Guest {
        wasm,
        exit: Some(5),
        stderr: vec!["hostile.wasm` is larger than 64 MiB".to_owned()],
        ..Guest::default()
    }
}

fn two_manifests() -> Guest {
    let mut wasm = small();
    let mut second = Component::new();
    second.section(&CustomSection {
        name: "conductor-manifest".into(),
        data: b"{}".into(),
    });
    wasm.extend(&second.finish()[Component::HEADER.len()..]);
    refused(wasm, "has 2 manifests")
}

fn huge_manifest() -> Guest {
    let wasm = packed(&component("(component)"), &json!({"summary": "x".repeat(50_000_000)}));
    Guest {
        wasm,
        exit: Some(1),
        stderr: vec!["hostile.wasm` is larger than 256 KiB".to_owned()],
        ..Guest::default()
    }
}

/// Not valid, though its parts are all there: a function that gives nothing where it has to give a number.
fn invalid() -> Guest {
    Guest {
        wasm: packed(&component("(component (core module (func (result i32))))"), &json!({})),
        exit: Some(1),
        stderr: vec![
            "plugin `hostile` 1.0 can't be compiled: ".to_owned(),
            "type mismatch".to_owned(),
        ],
        ..Guest::default()
    }
}

/// Ten thousand components in one another: 120 kB that take gigabytes.
fn deep_nesting() -> Guest {
    let mut inner = Component::new();
    for _ in 0..10_000 {
        let mut outer = Component::new();
        outer.section(&NestedComponentSection(&inner));
        inner = outer;
    }
    bomb(&inner.finish(), "1536 MiB of memory")
}

/// 15 kB in which every call takes and gives a thousand values: gigabytes again, and tens of seconds.
fn calls_bomb() -> Guest {
    bomb(&with_values(1, &"(call 0)".repeat(5_000)), "1536 MiB of memory")
}

/// The same in pieces that each take little memory: 3 minutes of processor time.
fn branches_bomb() -> Guest {
    let branches = "(br_if 0 (local.get 0))".repeat(20_000);
    let body = format!("(loop (type $t) {branches})");
    bomb(&with_values(20, &body), "60 s of processor time")
}

/// A component with functions that each take and give a thousand values and do this with them.
fn with_values(functions: usize, body: &str) -> Vec<u8> {
    let values = "i32 ".repeat(1_000);
    let get: String = (0..1_000).fold(String::new(), |mut text, local| {
        write!(text, "(local.get {local})").expect("a String takes any text");
        text
    });
    let functions = format!("(func (type $t) {get} {body})").repeat(functions);
    component(&format!(
        "(component (core module (type $t (func (param {values}) (result {values}))) {functions}))"
    ))
}

fn bomb(wasm: &[u8], more_than: &str) -> Guest {
    Guest {
        wasm: packed(wasm, &json!({})),
        exit: Some(5),
        seconds: Some(100),
        stderr: vec![format!(
            "plugin `hostile` 1.0 was not compiled: it would take more than {more_than}"
        )],
        ..Guest::default()
    }
}
