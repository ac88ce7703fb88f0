//! Puts freshly built components into `host/builtin/`, or compares them with what is there; `plugins/build.sh` calls it.
#![allow(clippy::print_stdout, reason = "a tool of this repository")]

mod sources;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use conductor_host::plugin::{Index, IndexEntry};
use conductor_host::{component, digest, manifest};

/// Each bundled plugin, and the crate that its component is of.
const PLUGINS: [(&str, &str); 5] = [
    ("status", "conductor_status"),
    ("doctor", "conductor_doctor"),
    ("dispatch", "conductor_dispatch_component"),
    ("migrate", "conductor_migrate"),
    ("formula", "conductor_formula"),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [built, toolchain, options @ ..] = arguments.as_slice() else {
        bail!("usage: bundle FOLDER TOOLCHAIN [--check]");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the package lies in the workspace")?;
    let builtin = root.join("host/builtin");
    let (index, packed) = bundle(root, Path::new(built), toolchain)?;
    let committed = fs::read_to_string(builtin.join("index.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok());
    if options.iter().any(|option| option == "--check") {
        if committed.as_ref() == Some(&index) {
            println!("host/builtin/ is what these sources and {toolchain} make");
            return Ok(());
        }
        let committed: Index = committed.context("host/builtin/index.json can't be read: run plugins/build.sh")?;
        if committed.toolchain == *toolchain {
            bail!("host/builtin/ differs from what these sources make: run plugins/build.sh and commit it");
        }
        println!(
            "built with {toolchain}; the committed ones are of {}: they are replaced for the tests",
            committed.toolchain
        );
    }
    for (path, bytes) in packed {
        println!("{}: {} bytes", path.display(), bytes.len());
        fs::write(builtin.join(path), bytes)?;
    }
    fs::write(builtin.join("index.json"), serde_json::to_string_pretty(&index)? + "\n")?;
    Ok(())
}

/// A file of `host/builtin/`: its name and bytes.
type Built = (PathBuf, Vec<u8>);

fn bundle(root: &Path, built: &Path, toolchain: &str) -> Result<(Index, Vec<Built>)> {
    let sources = sources::digest(root)?;
    let mut index = Index {
        toolchain: toolchain.to_owned(),
        plugins: Vec::new(),
    };
    let mut files = Vec::new();
    for (name, of) in PLUGINS {
        let from = root.join("plugins").join(name).join("plugin.json");
        let text = fs::read_to_string(&from).with_context(|| format!("reading {}", from.display()))?;
        let parsed = manifest::parse(&text, &from.display().to_string())?;
        let wasm = built.join(format!("{of}.wasm"));
        let bare = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
        let packed = component::with_manifest(&bare, &text, name)?;
        index.plugins.push(IndexEntry {
            name: name.to_owned(),
            digest: digest::sha256(&packed),
            sources: sources.clone(),
            api: parsed.api,
        });
        files.push((PathBuf::from(format!("{name}.wasm")), packed));
        files.push((PathBuf::from(format!("{name}.json")), text.into_bytes()));
    }
    Ok((index, files))
}
