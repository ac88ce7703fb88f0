//! A component's bytes: reading the manifest out of it, and putting one in.

use std::borrow::Cow;

use wasm_encoder::{Component, CustomSection};
use wasmparser::{Encoding, Parser, Payload};

use crate::error::{Error, Result};
use crate::sandbox::cache::{COUNTS, Counts};

/// The section that holds the manifest.
pub const MANIFEST_SECTION: &str = "conductor-manifest";

/// The most bytes of a manifest: what is larger is not for a person to read, and a person has to grant it.
const MAX_MANIFEST: usize = 256 << 10;

/// What stands in a component about its manifest.
struct Found<'a> {
    own: Vec<&'a [u8]>,
    nested: usize,
}

/// The manifest's text in a component; `from` names it in errors.
///
/// # Errors
/// When it is no component, or has no manifest, two, or one that is not text.
pub fn manifest<'a>(wasm: &'a [u8], from: &str) -> Result<&'a str> {
    Counts::add(&COUNTS.examined);
    let found = find(wasm, from)?;
    if found.nested > 0 {
        return Err(Error::failed(
            "bad-manifest",
            format!("{from} has a manifest inside one of its parts, where it could be taken for the whole one's"),
        )
        .hinted("its author has to take the `conductor-manifest` section out of the inner module or component"));
    }
    match found.own.as_slice() {
        [one] if one.len() > MAX_MANIFEST => Err(Error::failed(
            "bad-manifest",
            format!("the manifest of {from} is larger than {} KiB", MAX_MANIFEST >> 10),
        )),
        [one] => std::str::from_utf8(one)
            .map_err(|_| Error::failed("bad-manifest", format!("the manifest of {from} is not UTF-8"))),
        [] => Err(Error::failed(
            "no-manifest",
            format!("{from} has no manifest, so it can be granted nothing"),
        )
        .hinted("`conductor plugin pack --manifest plugin.json FILE.wasm` puts one in")),
        more => Err(
            Error::failed("bad-manifest", format!("{from} has {} manifests", more.len()))
                .hinted("which one holds can't be told: its author has to pack it again from the bare component"),
        ),
    }
}

/// The names of what a component imports, with their versions.
///
/// # Errors
/// When it is no component.
pub fn imports(wasm: &[u8], from: &str) -> Result<Vec<String>> {
    if !is_component(wasm) {
        return Err(no_component(wasm, from));
    }
    let damaged = |error| Error::failed("bad-component", format!("{from} is damaged: {error}"));
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(damaged)? {
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.push(import.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    names.retain(|name| name.contains(':'));
    Ok(names)
}

/// A component with a manifest put into it.
///
/// # Errors
/// When it is no component or already has a manifest.
pub fn with_manifest(wasm: &[u8], manifest: &str, from: &str) -> Result<Vec<u8>> {
    let found = find(wasm, from)?;
    if !found.own.is_empty() || found.nested > 0 {
        return Err(Error::failed("has-manifest", format!("{from} already has a manifest"))
            .hinted("pack the component as its toolchain made it"));
    }
    let section = CustomSection {
        name: Cow::Borrowed(MANIFEST_SECTION),
        data: Cow::Borrowed(manifest.as_bytes()),
    };
    let mut encoded = Component::new();
    encoded.section(&section);
    let section = encoded.finish().split_off(Component::HEADER.len());
    Ok([wasm, &section].concat())
}

fn find<'a>(wasm: &'a [u8], from: &str) -> Result<Found<'a>> {
    if !is_component(wasm) {
        return Err(no_component(wasm, from));
    }
    let mut found = Found {
        own: Vec::new(),
        nested: 0,
    };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| Error::failed("bad-component", format!("{from} is damaged: {error}")))? {
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION && depth == 0 => {
                found.own.push(section.data());
            }
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => found.nested += 1,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(found)
}

fn is_component(wasm: &[u8]) -> bool {
    Parser::is_component(wasm)
}

fn no_component(wasm: &[u8], from: &str) -> Error {
    let parsed = Parser::new(0).parse_all(wasm).next();
    let error = Error::failed("bad-component", format!("{from} is no WebAssembly component"));
    match parsed {
        Some(Ok(Payload::Version { encoding: Encoding::Module, .. })) => {
            error.hinted("it is a core module: build it for `wasm32-wasip2`, or make a component of it with `wasm-tools component new`")
        }
        _ => error.hinted("a component is what `cargo build --target wasm32-wasip2` makes, for example"),
    }
}
