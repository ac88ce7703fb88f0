//! A plugin: its manifest, the digest of its component, and the component itself; bundled with the program, installed, or in a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use crate::error::{Error, Result};
use crate::grant::{Grants, UserGrants, Wish};
use crate::manifest::{self, Manifest};
use crate::sandbox::cache::{COUNTS, Counts};
use crate::sandbox::{compile, limits};
use crate::{args, component, digest, store};

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Part of this program.
    Bundled,
    /// A file that was named on the command line.
    File(PathBuf),
    /// Installed by the user.
    Installed(Box<store::Entry>),
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
    /// Nothing for an installed one, whose component lies in the store: a warm start does not read it.
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
const BUNDLED: [(&str, &[u8], &str); 5] = [
    (
        "status",
        include_bytes!("../builtin/status.wasm"),
        include_str!("../builtin/status.json"),
    ),
    (
        "doctor",
        include_bytes!("../builtin/doctor.wasm"),
        include_str!("../builtin/doctor.json"),
    ),
    (
        "dispatch",
        include_bytes!("../builtin/dispatch.wasm"),
        include_str!("../builtin/dispatch.json"),
    ),
    (
        "migrate",
        include_bytes!("../builtin/migrate.wasm"),
        include_str!("../builtin/migrate.json"),
    ),
    (
        "formula",
        include_bytes!("../builtin/formula.wasm"),
        include_str!("../builtin/formula.json"),
    ),
];

/// The index of the bundled plugins, as text.
pub const INDEX: &str = include_str!("../builtin/index.json");

/// The manifests of the bundled plugins, in the order of the help.
pub fn bundled_manifests() -> impl Iterator<Item = Manifest> {
    (0..BUNDLED.len()).map(|at| manifest_at(at).clone())
}

/// The manifest of the bundled plugin of this name. Those of the others are not read.
#[must_use]
pub fn bundled_manifest(name: &str) -> Option<&'static Manifest> {
    place(name).map(manifest_at)
}

fn place(name: &str) -> Option<usize> {
    BUNDLED.iter().position(|(bundled, ..)| *bundled == name)
}

/// Every plugin that there is: what the help, completion and lists are made of. No component is looked at.
#[derive(Debug)]
pub struct Known {
    /// The installed ones, by name.
    pub installed: Vec<store::Entry>,
    /// Installed ones that can't be used.
    pub broken: Vec<store::Broken>,
    /// Why there are no installed ones.
    pub store_error: Option<Error>,
}

impl Known {
    /// The manifests of all that can be run: the bundled ones, then the installed ones. Where an installed one has a name that a
    /// newer `conductor` has taken for itself, that one is left out.
    #[must_use]
    pub fn manifests(&self) -> Vec<Manifest> {
        let mut all: Vec<Manifest> = bundled_manifests().collect();
        if !self.installed.is_empty() {
            let mut taken = args::own_commands();
            taken.extend(all.iter().map(|manifest| manifest.name.clone()));
            let installed = self.installed.iter().map(|entry| &entry.manifest);
            all.extend(installed.filter(|manifest| !taken.contains(&manifest.name)).cloned());
        }
        all
    }

    /// The names of all, of the broken ones too.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let bundled = BUNDLED.iter().map(|(name, ..)| *name);
        let installed = self.installed.iter().map(|entry| entry.manifest.name.as_str());
        bundled
            .chain(installed)
            .chain(self.broken.iter().map(|broken| broken.name.as_str()))
    }

    /// The installed one of a name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&store::Entry> {
        self.installed.iter().find(|entry| entry.manifest.name == name)
    }
}

/// Looks which plugins there are.
#[must_use]
pub fn known() -> Known {
    let (all, store_error) = match store::all() {
        Ok(all) => (all, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let mut known = Known {
        installed: Vec::new(),
        broken: Vec::new(),
        store_error,
    };
    for entry in all {
        match entry {
            Ok(entry) => known.installed.push(entry),
            Err(broken) => known.broken.push(broken),
        }
    }
    known
}

/// How many manifests of bundled plugins this process has read.
pub static MANIFESTS_READ: AtomicU32 = AtomicU32::new(0);

/// The manifest of a bundled plugin: read once, since the command line is made of it and then it is run.
fn manifest_at(at: usize) -> &'static Manifest {
    static READ: [OnceLock<Manifest>; BUNDLED.len()] = [const { OnceLock::new() }; BUNDLED.len()];
    READ[at].get_or_init(|| {
        let (name, _, text) = BUNDLED[at];
        MANIFESTS_READ.fetch_add(1, Ordering::Relaxed);
        manifest::parse(text, &format!("the bundled plugin `{name}`")).expect("a test reads every bundled manifest")
    })
}

impl Plugin {
    /// The bundled plugin of this name. Nothing is hashed or parsed but its manifest.
    #[must_use]
    pub fn bundled(name: &str) -> Option<Self> {
        let at = place(name)?;
        let (name, wasm, _) = BUNDLED[at];
        let index: Index = serde_json::from_str(INDEX).expect("a test reads the index");
        let entry = index.plugins.into_iter().find(|entry| entry.name == name)?;
        Some(Self {
            manifest: manifest_at(at).clone(),
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

    /// The installed plugin of this name.
    ///
    /// # Errors
    /// When it is not what was installed, or the store is not to be trusted.
    pub fn installed(name: &str) -> Result<Option<Self>> {
        let entry = if manifest::is_name(name) {
            store::find(name)?
        } else {
            None
        };
        Ok(entry.map(Self::of_entry))
    }

    /// An installed plugin.
    #[must_use]
    pub fn of_entry(entry: store::Entry) -> Self {
        Self {
            manifest: entry.manifest.clone(),
            digest: entry.digest.clone(),
            origin: Origin::Installed(Box::new(entry)),
            wasm: Cow::Borrowed(&[]),
        }
    }

    /// The bundled or installed plugin of this name.
    ///
    /// # Errors
    /// As of [`Plugin::installed`].
    pub fn named(name: &str) -> Result<Option<Self>> {
        match Self::bundled(name) {
            Some(plugin) => Ok(Some(plugin)),
            None => Self::installed(name),
        }
    }

    /// All that its manifest wants; what is granted of it is said by [`crate::grant_file`].
    #[must_use]
    pub fn wishes(&self) -> Vec<Wish> {
        let none = Grants::of(&self.manifest, &UserGrants::Kept(Vec::new()));
        none.expect("nothing is named").wishes().collect()
    }

    /// How messages name it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("plugin `{}` {}", self.manifest.name, self.manifest.version)
    }

    /// Its component.
    ///
    /// # Errors
    /// When it is installed, and no longer what was installed.
    pub fn wasm(&self) -> Result<Cow<'_, [u8]>> {
        match &self.origin {
            Origin::Installed(entry) => Ok(Cow::Owned(store::component(entry)?)),
            Origin::Bundled | Origin::File(_) => Ok(Cow::Borrowed(&self.wasm)),
        }
    }

    /// Compiles it: a bundled one here, since we have built it ourselves, any other in a process of its own.
    ///
    /// # Errors
    /// When it is no valid component, or compiling hits a bound.
    pub fn compile(&self, engine: &Engine) -> Result<Vec<u8>> {
        match self.origin {
            Origin::Bundled => compile::here(engine, &self.wasm).map_err(|error| Error::bug(&error)),
            Origin::File(_) | Origin::Installed(_) => compile::in_child(&self.wasm()?, &self.title()),
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
