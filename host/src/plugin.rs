//! A plugin: its manifest, the digest of its component, and the component itself; bundled with the program or in a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use crate::error::{Error, Result};
use crate::manifest::{self, Manifest};
use crate::sandbox::cache::{COUNTS, Counts};
use crate::sandbox::{compile, limits};
use crate::{component, digest};

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Part of this program.
    Bundled,
    /// A file that was named on the command line.
    File(PathBuf),
}

/// A plugin that can be run.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// What its author says of it.
    pub manifest: Manifest,
    /// The SHA-256 of its component, in hex: its name in the cache.
    pub digest: String,
    /// Where it comes from.
    pub origin: Origin,
    wasm: Cow<'static, [u8]>,
}

/// What `host/builtin/index.json` says: how the bundled components were built, and from what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Index {
    /// The compiler that makes these very bytes.
    pub toolchain: String,
    /// One entry for each bundled plugin.
    pub plugins: Vec<IndexEntry>,
}

/// One bundled plugin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct IndexEntry {
    /// Its name.
    pub name: String,
    /// The SHA-256 of the component.
    pub digest: String,
    /// The SHA-256 of the sources it was built from.
    pub sources: String,
    /// The version of the interface it was built for.
    pub api: String,
}

/// The bundled plugins: name, component, manifest.
const BUNDLED: [(&str, &[u8], &str); 1] = [(
    "status",
    include_bytes!("../builtin/status.wasm"),
    include_str!("../builtin/status.json"),
)];

/// The index of the bundled plugins, as text.
pub const INDEX: &str = include_str!("../builtin/index.json");

/// The manifests of the bundled plugins, in the order of the help.
pub fn bundled_manifests() -> impl Iterator<Item = Manifest> {
    BUNDLED.iter().map(|(name, _, text)| bundled_manifest(name, text))
}

fn bundled_manifest(name: &str, text: &str) -> Manifest {
    manifest::parse(text, &format!("the bundled plugin `{name}`")).expect("a test reads every bundled manifest")
}

impl Plugin {
    /// The bundled plugin of this name. Nothing is hashed or parsed but its manifest.
    #[must_use]
    pub fn bundled(name: &str) -> Option<Self> {
        let (name, wasm, text) = BUNDLED.iter().find(|(bundled, ..)| *bundled == name)?;
        let index: Index = serde_json::from_str(INDEX).expect("a test reads the index");
        let entry = index.plugins.into_iter().find(|entry| entry.name == *name)?;
        Some(Self {
            manifest: bundled_manifest(name, text),
            digest: entry.digest,
            origin: Origin::Bundled,
            wasm: Cow::Borrowed(wasm),
        })
    }

    /// The plugin in a component file.
    ///
    /// # Errors
    /// When the file can't be read, is too large, is no component, or its manifest is missing or not right.
    pub fn from_file(path: &Path) -> Result<Self> {
        let shown = format!("`{}`", path.display());
        let wasm = read_component(path)?;
        let manifest = manifest::parse(component::manifest(&wasm, &shown)?, &shown)?;
        Counts::add(&COUNTS.examined);
        let digest = digest::sha256(&wasm);
        Ok(Self {
            manifest,
            digest,
            origin: Origin::File(path.to_owned()),
            wasm: Cow::Owned(wasm),
        })
    }

    /// How messages name it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("plugin `{}` {}", self.manifest.name, self.manifest.version)
    }

    /// Its component.
    #[must_use]
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// Compiles it: a bundled one here, since we have built it ourselves, any other in a process of its own.
    ///
    /// # Errors
    /// When it is no valid component, or compiling hits a bound.
    pub fn compile(&self, engine: &Engine) -> Result<Vec<u8>> {
        match self.origin {
            Origin::Bundled => compile::here(engine, &self.wasm).map_err(|error| Error::bug(&error)),
            Origin::File(_) => compile::in_child(&self.wasm, &self.title()),
        }
    }
}

/// Reads a component file of at most [`limits::COMPONENT_BYTES`].
///
/// # Errors
/// When it can't be read or is larger.
pub fn read_component(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| {
        Error::failed("unreadable", format!("`{}` can't be read: {error}", path.display()))
            .hinted("the argument is the path of a component, a `.wasm` file")
    };
    let mut wasm = Vec::new();
    File::open(path)
        .map_err(failed)?
        .take(limits::COMPONENT_BYTES + 1)
        .read_to_end(&mut wasm)
        .map_err(failed)?;
    if wasm.len() as u64 > limits::COMPONENT_BYTES {
        let most = limits::COMPONENT_BYTES >> 20;
        return Err(Error::limit(
            "limit",
            format!("`{}` is larger than {most} MiB", path.display()),
        ));
    }
    Ok(wasm)
}
