//! `conductor plugin inspect`: all that a plugin could do, in one short list, before it does anything.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::usage::Usage;
use super::wishes::{self, GRANTED, Row, SHOWN, Wanted};
use crate::args::Form;
use crate::error::Result;
use crate::grant::{Wish, WishKind};
use crate::manifest::Manifest;
use crate::plugin::{Origin, Plugin};
use crate::render::Render;
use crate::sandbox::limits;
use crate::{audit, component, grant_file, visible};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.plugin/1";

/// The data of `--json`, published as `docs/schema/plugin.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Inspection<'a> {
    schema: &'static str,
    name: &'a str,
    version: &'a str,
    summary: &'a str,
    /// The least version of the interface that it needs.
    api: &'a str,
    /// Whether it is part of this program.
    bundled: bool,
    /// Where and when it was installed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<Installed<'a>>,
    /// The SHA-256 of the component, in hex.
    digest: &'a str,
    /// The component's length in bytes.
    bytes: usize,
    /// Whether it declares no command and no file to write: each of its runs is a dry one.
    only_reads: bool,
    wishes: Vec<Wanted<'a>>,
    /// The last run that the audit log has.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<LastRun<'a>>,
    limits: Bounds,
    /// What the component imports, by name and version.
    imports: Vec<String>,
}

/// Where an installed plugin comes from.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Installed<'a> {
    /// The file.
    from: &'a str,
    /// When, in UTC (RFC 3339).
    at: String,
}

/// A run in the audit log.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LastRun<'a> {
    /// When, in UTC (RFC 3339).
    at: String,
    /// The grants by which it started commands or changed files.
    used: &'a [String],
}

/// The bounds of a run.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Bounds {
    /// The plugin's own computing.
    computing_ms: u64,
    /// The whole run.
    run_ms: u64,
    memory_mib: u64,
}

/// Shows a bundled or installed plugin by its name, or a component in a file.
pub(super) fn inspect(render: &Render, named: &str, json: bool) -> Result<u8> {
    let plugin = match Plugin::named(named)? {
        Some(plugin) => plugin,
        None => Plugin::from_file(Path::new(named))?,
    };
    let wishes: Vec<Wish> = grant_file::grants(&plugin)?.wishes().collect();
    let wasm = plugin.wasm()?;
    let imports = component::imports(&wasm, &plugin.title())?;
    let usage = match plugin.origin {
        Origin::File(_) => Usage::default(),
        // Without a log that can be read there is nothing to say of use; `conductor audit` tells why.
        Origin::Bundled | Origin::Installed(_) => {
            Usage::of(&plugin.manifest.name, &audit::records().unwrap_or_default().records)
        }
    };
    Ok(if json {
        render
            .in_form(Form::Json)
            .data(&inspection(&plugin, wasm.len(), &wishes, &usage, imports), &[])
    } else {
        let rows: Vec<Row<'_>> = wishes.iter().map(Row::granted).collect();
        let table = wishes::table(GRANTED, &rows);
        let mut page = [head(&plugin, wasm.len()), table, never(&plugin, &wishes, &imports)].concat();
        if !matches!(plugin.origin, Origin::File(_)) {
            page.push_str(&usage.sentence(&wishes, Timestamp::now()));
            page.push_str(&ways_on(&plugin.manifest.name, &wishes));
        }
        render.text(&page)
    })
}

/// What to type next.
fn ways_on(name: &str, wishes: &[Wish]) -> String {
    if wishes.is_empty() {
        return String::new();
    }
    format!("`conductor plugin allow {name}` · `conductor plugin revoke {name}` · `conductor audit --plugin {name}`\n")
}

fn inspection<'a>(
    plugin: &'a Plugin,
    bytes: usize,
    wishes: &'a [Wish],
    usage: &'a Usage,
    imports: Vec<String>,
) -> Inspection<'a> {
    let manifest = &plugin.manifest;
    let installed = match &plugin.origin {
        Origin::Installed(entry) => Some(Installed {
            from: &entry.from,
            at: entry.at.to_string(),
        }),
        Origin::Bundled | Origin::File(_) => None,
    };
    Inspection {
        schema: SCHEMA,
        name: &manifest.name,
        version: &manifest.version,
        summary: &manifest.summary,
        api: &manifest.api,
        bundled: plugin.origin == Origin::Bundled,
        installed,
        digest: &plugin.digest,
        bytes,
        only_reads: !manifest.writes(),
        wishes: wishes
            .iter()
            .map(|wish| wishes::wanted(wish, usage.used.get(&wish.name)))
            .collect(),
        last_run: usage.last().map(|last| LastRun {
            at: last.at.to_string(),
            used: &last.used,
        }),
        limits: bounds(manifest),
        imports,
    }
}

fn bounds(manifest: &Manifest) -> Bounds {
    let wish = manifest.limits.as_ref();
    let milliseconds = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Bounds {
        computing_ms: milliseconds(limits::COMPUTING),
        run_ms: wish.and_then(|wish| wish.run_ms).unwrap_or(milliseconds(limits::RUN)),
        memory_mib: wish
            .and_then(|wish| wish.memory_mib)
            .map_or(limits::MEMORY as u64 >> 20, u64::from),
    }
}

/// What it is and where it comes from.
pub(super) fn head(plugin: &Plugin, bytes: usize) -> String {
    let manifest = &plugin.manifest;
    let from = match &plugin.origin {
        Origin::Bundled => "bundled".to_owned(),
        Origin::File(path) => path.display().to_string(),
        Origin::Installed(entry) => format!("installed from {}", visible::line(&entry.from, SHOWN)),
    };
    format!(
        "{} {}   \"{}\"   api {}   {from}\n  sha256 {}   {bytes} bytes\n\n",
        manifest.name,
        visible::line(&manifest.version, SHOWN),
        visible::line(&manifest.summary, SHOWN),
        manifest.api,
        plugin.digest,
    )
}

/// What it never can, whatever is granted.
pub(super) fn never(plugin: &Plugin, wishes: &[Wish], imports: &[String]) -> String {
    let manifest = &plugin.manifest;
    let mut page = String::new();
    if !manifest.writes() {
        page.push_str("It declares no command that writes and no file to write.\n");
    }
    let bounds = bounds(manifest);
    page.push_str(&format!(
        "Never: network, environment, other files, other programs, more than {} MiB, {} s of its own computing or {} s in all.\n",
        bounds.memory_mib,
        bounds.computing_ms / 1000,
        bounds.run_ms / 1000,
    ));
    if wishes.iter().any(|wish| wish.kind != WishKind::Files) {
        page.push_str("What a program that it starts may do is that program's affair.\n");
    }
    if let Some(wish) = &manifest.limits {
        page.push_str(&format!(
            "Bounds beyond the usual ones: {}\n",
            visible::line(&wish.reason, SHOWN)
        ));
    }
    page.push_str(&format!("Imports   {}\n", imports.join(" ")));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Inspection<'static>>("plugin");
    }
}
