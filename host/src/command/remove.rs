//! `conductor plugin remove`: takes an installed plugin and its grants away.

use super::decision::{self, Decided, unknown};
use crate::audit::Decision;
use crate::error::{Error, Result};
use crate::plugin::{self, Plugin};
use crate::render::Render;
use crate::{folders, grant_file, manifest, store};

/// Removes it, also when it can't be used any more.
pub(super) fn remove(render: &Render, name: &str, json: bool) -> Result<u8> {
    if Plugin::bundled(name).is_some() {
        return Err(Error::failed(
            "bundled",
            format!("`{name}` is part of `conductor` and can't be removed"),
        )
        .hinted(format!("`conductor plugin revoke {name}` takes its grants back")));
    }
    let known = plugin::known();
    if !manifest::is_name(name) || !known.names().any(|known| known == name) {
        return Err(unknown(name));
    }
    let digest = known.entry(name).map(|entry| entry.digest.clone());
    decision::carry_out(
        Decision::Remove,
        name,
        digest.as_deref().unwrap_or_default(),
        &[],
        || {
            // First: should we be stopped behind it, a plugin is left that may do nothing.
            grant_file::set(name, &[])?;
            store::remove(name).map(drop)
        },
    )?;
    let mut said = format!("`{name}` is removed, with its grants\n");
    if let Some(data) = folders::data()
        .ok()
        .map(|data| data.join(name))
        .filter(|data| data.is_dir())
    {
        said.push_str(&format!("What it has kept for itself is left in {}\n", data.display()));
    }
    Ok(Decided::new(Decision::Remove, name, digest.as_deref()).say(render, json, &said))
}
