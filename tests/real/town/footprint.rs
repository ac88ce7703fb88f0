//! What is in folders, to see whether a command changed anything.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Every file, folder and link below some folders: its kind, its permissions and its content, by path.
#[derive(Debug, PartialEq)]
pub(crate) struct Footprint(BTreeMap<PathBuf, String>);

impl Footprint {
    /// Looks at folders. A file that disappears meanwhile is left out: a running server has such.
    pub(crate) fn of(folders: &[PathBuf]) -> Self {
        let mut found = BTreeMap::new();
        for folder in folders {
            add(folder, &mut found);
        }
        Self(found)
    }

    /// The paths that came, went, or are not the same in another look at the same folders.
    pub(crate) fn changed(&self, after: &Self) -> Vec<PathBuf> {
        let paths = self.0.keys().chain(after.0.keys());
        let mut changed: Vec<PathBuf> = paths
            .filter(|path| self.0.get(*path) != after.0.get(*path))
            .cloned()
            .collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

fn add(path: &Path, found: &mut BTreeMap<PathBuf, String>) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    let mode = metadata.permissions().mode();
    let content = if metadata.is_symlink() {
        fs::read_link(path).map(|to| to.display().to_string())
    } else if metadata.is_file() {
        fs::read(path).map(|bytes| format!("{:x}", Sha256::digest(bytes)))
    } else {
        Ok(String::new())
    };
    let Ok(content) = content else { return };
    found.insert(path.to_owned(), format!("{mode:o} {content}"));
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            add(&entry.path(), found);
        }
    }
}
