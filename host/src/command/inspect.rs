//! `conductor plugin inspect`: all that a plugin could do, in one short list, before it does anything.

use std::path::Path;

use serde::Serialize;

use crate::args::Form;
use crate::error::Result;
use crate::grant::{Grants, UserGrants, Wish, WishKind};
use crate::manifest::{Effect, Manifest};
use crate::plugin::{Origin, Plugin};
use crate::render::Render;
use crate::sandbox::limits;
use crate::{component, visible};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.plugin/1";
/// The most characters that are shown of a text of the author's.
const SHOWN: usize = 160;

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
    /// The SHA-256 of the component, in hex.
    digest: &'a str,
    /// The component's length in bytes.
    bytes: usize,
    /// Whether it declares no command and no file to write: each of its runs is a dry one.
    only_reads: bool,
    wishes: Vec<Wanted<'a>>,
    limits: Bounds,
    /// What the component imports, by name and version.
    imports: Vec<String>,
}

/// One thing that it wants.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Wanted<'a> {
    /// The name of the grant.
    grant: &'a str,
    granted: bool,
    effect: Effect,
    /// `files` or `start`.
    kind: &'static str,
    /// A folder or file, or the command line with its holes.
    what: &'a str,
    /// The place or folder that it is in.
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_bytes: Option<u64>,
    /// What the program gets of the environment beside what every one gets.
    environment: &'a [String],
    /// Why it may run anything, where it is known to.
    #[serde(skip_serializing_if = "Option::is_none")]
    unbounded: Option<&'a str>,
    reason: &'a str,
    /// Another digest is another wish.
    digest: &'a str,
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

/// Shows a bundled plugin by its name, or a component in a file.
pub(super) fn inspect(render: &Render, named: &str, json: bool) -> Result<u8> {
    let plugin = match Plugin::bundled(named) {
        Some(plugin) => plugin,
        None => Plugin::from_file(Path::new(named))?,
    };
    let user = match plugin.origin {
        Origin::Bundled => UserGrants::Declared,
        Origin::File(_) => UserGrants::Named(Vec::new()),
    };
    let wishes: Vec<Wish> = Grants::of(&plugin.manifest, &user)?.wishes().collect();
    let imports = component::imports(plugin.wasm(), &plugin.title())?;
    Ok(if json {
        render
            .in_form(Form::Json)
            .data(&inspection(&plugin, &wishes, imports), &[])
    } else {
        render.text(&page(&plugin, &wishes, &imports))
    })
}

fn inspection<'a>(plugin: &'a Plugin, wishes: &'a [Wish], imports: Vec<String>) -> Inspection<'a> {
    let manifest = &plugin.manifest;
    Inspection {
        schema: SCHEMA,
        name: &manifest.name,
        version: &manifest.version,
        summary: &manifest.summary,
        api: &manifest.api,
        bundled: plugin.origin == Origin::Bundled,
        digest: &plugin.digest,
        bytes: plugin.wasm().len(),
        only_reads: !manifest.writes(),
        wishes: wishes.iter().map(wanted).collect(),
        limits: bounds(manifest),
        imports,
    }
}

fn wanted(wish: &Wish) -> Wanted<'_> {
    let (kind, timeout_ms, max_output_bytes) = match wish.kind {
        WishKind::Files => ("files", None, None),
        WishKind::Start {
            timeout_ms,
            max_output_bytes,
        } => ("start", Some(timeout_ms), Some(max_output_bytes)),
    };
    Wanted {
        grant: &wish.name,
        granted: wish.granted,
        effect: wish.effect,
        kind,
        what: &wish.what,
        place: &wish.place,
        timeout_ms,
        max_output_bytes,
        environment: &wish.environment,
        unbounded: wish.unbounded.as_deref(),
        reason: &wish.reason,
        digest: &wish.digest,
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

/// The page for a person: what it is, what it wants, what it never can.
fn page(plugin: &Plugin, wishes: &[Wish], imports: &[String]) -> String {
    let manifest = &plugin.manifest;
    let from = match &plugin.origin {
        Origin::Bundled => "bundled".to_owned(),
        Origin::File(path) => path.display().to_string(),
    };
    let mut page = format!(
        "{} {}   \"{}\"   api {}   {from}\n  sha256 {}   {} bytes\n\n",
        manifest.name,
        visible::line(&manifest.version, SHOWN),
        visible::line(&manifest.summary, SHOWN),
        manifest.api,
        plugin.digest,
        plugin.wasm().len(),
    );
    page.push_str(&table(wishes));
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

/// A row for each wish, the reason below it.
fn table(wishes: &[Wish]) -> String {
    if wishes.is_empty() {
        return "  It wants nothing.\n\n".to_owned();
    }
    let width = wishes
        .iter()
        .map(|wish| wish.name.len())
        .max()
        .unwrap_or_default()
        .max("grant".len());
    let mut table = format!("  effect  granted  {:width$}  what, and the author's reason\n", "grant");
    for wish in wishes {
        let granted = if wish.granted { "yes" } else { "no" };
        let what = match wish.kind {
            WishKind::Files => format!("files  {} of the {}", visible::line(&wish.what, SHOWN), wish.place),
            WishKind::Start {
                timeout_ms,
                max_output_bytes,
            } => format!(
                "start  {}   in {}, {} s, {} KiB",
                visible::text(&wish.what),
                wish.place,
                timeout_ms as f64 / 1000.0,
                max_output_bytes >> 10
            ),
        };
        table.push_str(&format!(
            "  {:6}  {granted:7}  {:width$}  {what}\n",
            wish.shown_effect(),
            wish.name
        ));
        let below = " ".repeat(2 + 6 + 2 + 7 + 2 + width + 2 + 7);
        table.push_str(&format!("{below}{}\n", visible::line(&wish.reason, SHOWN)));
        if !wish.environment.is_empty() {
            table.push_str(&format!(
                "{below}with {}\n",
                visible::line(&wish.environment.join(" "), SHOWN)
            ));
        }
        if let Some(why) = &wish.unbounded {
            table.push_str(&format!(
                "{below}UNBOUNDED, runs anything: {}\n",
                visible::line(why, SHOWN)
            ));
        }
    }
    table.push('\n');
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Inspection<'static>>("plugin");
    }
}
