//! `conductor plugin list`: the plugins that there are, and what they hold.

use serde::Serialize;

use super::wishes::SHOWN;
use crate::args::Form;
use crate::error::{Error, Result};
use crate::plugin::{self, Origin, Plugin};
use crate::render::Render;
use crate::{grant_file, visible};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.plugins/1";

/// The data of `--json`, published as `docs/schema/plugins.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Listing {
    schema: &'static str,
    /// The bundled ones, then the installed ones by name.
    plugins: Vec<Listed>,
    /// Installed ones that can't be used.
    broken: Vec<Broken>,
}

/// One plugin.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Listed {
    name: String,
    version: String,
    summary: String,
    /// Whether it is part of this program.
    bundled: bool,
    /// The file that it was installed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The SHA-256 of the component, in hex.
    digest: String,
    /// How many grants it wants.
    wishes: usize,
    /// How many of them it holds.
    granted: usize,
}

/// An installed plugin that can't be used.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Broken {
    name: String,
    /// What is wrong with it.
    message: String,
}

/// Lists them.
pub(super) fn list(render: &Render, json: bool) -> Result<u8> {
    let known = plugin::known();
    if let Some(error) = known.store_error {
        return Err(error);
    }
    let bundled = plugin::bundled_manifests().filter_map(|manifest| Plugin::bundled(&manifest.name));
    let installed = known.installed.into_iter().map(Plugin::of_entry);
    let listing = Listing {
        schema: SCHEMA,
        plugins: bundled.chain(installed).map(listed).collect::<Result<_>>()?,
        broken: known
            .broken
            .iter()
            .map(|broken| Broken {
                name: broken.name.clone(),
                message: broken.error.message.clone(),
            })
            .collect(),
    };
    if json {
        return Ok(render.in_form(Form::Json).data(&listing, &[]));
    }
    for broken in &known.broken {
        render.note(&sentence(&broken.error));
    }
    Ok(render.text(&table(&listing.plugins)))
}

fn sentence(error: &Error) -> String {
    let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!(": {hint}"));
    format!("{error}{hint}")
}

fn listed(plugin: Plugin) -> Result<Listed> {
    let wishes: Vec<_> = grant_file::grants(&plugin)?.wishes().collect();
    Ok(Listed {
        from: match &plugin.origin {
            Origin::Installed(entry) => Some(entry.from.clone()),
            Origin::Bundled | Origin::File(_) => None,
        },
        bundled: plugin.origin == Origin::Bundled,
        name: plugin.manifest.name,
        version: plugin.manifest.version,
        summary: plugin.manifest.summary,
        digest: plugin.digest,
        wishes: wishes.len(),
        granted: wishes.iter().filter(|wish| wish.granted).count(),
    })
}

/// A row for each plugin.
fn table(plugins: &[Listed]) -> String {
    let names = plugins.iter().map(|plugin| plugin.name.len());
    let width = names.max().unwrap_or_default();
    let version = |plugin: &Listed| visible::line(&plugin.version, 20);
    let versions = plugins.iter().map(|plugin| version(plugin).chars().count());
    let versions = versions.max().unwrap_or_default();
    plugins
        .iter()
        .map(|plugin| {
            let from = plugin
                .from
                .as_ref()
                .map_or("bundled".to_owned(), |from| visible::line(from, SHOWN));
            format!(
                "{:width$}  {:versions$}  {} of {} granted   {}   {from}\n",
                plugin.name,
                version(plugin),
                plugin.granted,
                plugin.wishes,
                visible::line(&plugin.summary, SHOWN),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Listing>("plugins");
    }
}
