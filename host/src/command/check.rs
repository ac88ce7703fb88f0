//! `conductor plugin check`: whether a plugin is right, without running any of it.

use std::path::Path;

use serde::Serialize;

use super::compiling;
use super::wishes::SHOWN;
use crate::args::Form;
use crate::error::{Error, Result};
use crate::plugin::{Origin, Plugin};
use crate::render::Render;
use crate::sandbox::Sandbox;
use crate::{component, digest, manifest, visible};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.check/1";

/// The data of `--json`, published as `docs/schema/check.json`. What is wrong is an error of the envelope.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Checked<'a> {
    schema: &'static str,
    name: &'a str,
    version: &'a str,
    /// The SHA-256 of the component, in hex.
    digest: &'a str,
    /// The component's length in bytes.
    bytes: usize,
    /// How many grants it wants.
    wishes: usize,
}

/// Checks manifest, component and imports of a file, or of a plugin by its name; of an installed one also that it is still what
/// was installed.
pub(super) fn check(render: &Render, named: &str, json: bool) -> Result<u8> {
    let plugin = match Plugin::named(named)? {
        Some(plugin) => plugin,
        None => Plugin::from_file(Path::new(named))?,
    };
    let wasm = plugin.wasm()?;
    check_kept(&plugin, &wasm)?;
    Sandbox::new(compiling(render))?.check(&plugin)?;
    let manifest = &plugin.manifest;
    let checked = Checked {
        schema: SCHEMA,
        name: &manifest.name,
        version: &manifest.version,
        digest: &plugin.digest,
        bytes: wasm.len(),
        wishes: plugin.wishes().len(),
    };
    Ok(if json {
        render.in_form(Form::Json).data(&checked, &[])
    } else {
        render.text(&format!(
            "{} is right: {} bytes, sha256 {}, {} grants wanted\n",
            visible::line(&plugin.title(), SHOWN),
            checked.bytes,
            checked.digest,
            checked.wishes
        ))
    })
}

/// What is kept beside a component, so that it need not be looked at, has to be what stands in it.
fn check_kept(plugin: &Plugin, wasm: &[u8]) -> Result<()> {
    let title = plugin.title();
    let own = manifest::parse(component::manifest(wasm, &title)?, &title)?;
    if own == plugin.manifest && digest::sha256(wasm) == plugin.digest {
        return Ok(());
    }
    let hint = match &plugin.origin {
        Origin::Installed(entry) => format!(
            "`conductor plugin install {}` puts it right",
            visible::word(&entry.from)
        ),
        Origin::Bundled | Origin::File(_) => "this `conductor` is damaged: install it again".to_owned(),
    };
    Err(Error::failed(
        "bad-store",
        format!("what is kept of {title} is not what stands in its component"),
    )
    .hinted(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Checked<'static>>("check");
    }
}
