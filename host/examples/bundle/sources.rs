//! What the bundled components are built from, as one digest: a component that was not rebuilt after a change is found without
//! any WebAssembly compiler.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};

/// The SHA-256, in hex, of everything in `wit/` and of each plugin's `Cargo.toml`, `plugin.json` and `src/`, of its `component/`
/// too, names included.
pub fn digest(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(&root.join("wit"), &mut files)?;
    for plugin in fs::read_dir(root.join("plugins"))? {
        let plugin = plugin?.path();
        // A plugin that is a library too has its component in a crate of its own.
        for part in [plugin.join("component"), plugin] {
            if part.is_dir() {
                files.extend(
                    ["Cargo.toml", "plugin.json"]
                        .map(|name| part.join(name))
                        .into_iter()
                        .filter(|path| path.is_file()),
                );
                collect(&part.join("src"), &mut files)?;
            }
        }
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    named.sort();
    let mut sha = Sha256::new();
    for (name, path) in named {
        let bytes = fs::read(path)?;
        sha.update(format!("{name}\0{}\0", bytes.len()));
        sha.update(bytes);
    }
    Ok(conductor_host::digest::hex(&sha.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
