//! `conductor plugin pack`: puts a manifest into a component that has none.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::plugin::read_component;
use crate::render::Render;
use crate::{component, digest, manifest};

/// Checks the manifest, packs the component, and writes it in one step.
pub(super) fn pack(render: &Render, file: &Path, manifest: &Path, output: Option<&Path>) -> Result<u8> {
    let from = format!("`{}`", manifest.display());
    let text = fs::read_to_string(manifest)
        .map_err(|error| Error::failed("unreadable", format!("{from} can't be read: {error}")))?;
    let parsed = manifest::parse(&text, &from)?;
    let packed = component::with_manifest(&read_component(file)?, &text, &format!("`{}`", file.display()))?;
    let output = output.unwrap_or(file);
    write(output, &packed).map_err(|error| {
        Error::failed(
            "unwritable",
            format!("`{}` can't be written: {error}", output.display()),
        )
    })?;
    Ok(render.text(&format!(
        "{}: plugin `{}` {}, {} bytes, sha256 {}\n",
        output.display(),
        parsed.name,
        parsed.version,
        packed.len(),
        digest::sha256(&packed)
    )))
}

/// Writes beside the file and renames, so that nobody sees half of it.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(mode(0o644)).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn mode(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}
