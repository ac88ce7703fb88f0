//! `conductor consent`: what the person has agreed to, and taking it back.

use std::path::Path;

use serde::Serialize;

use crate::agreement::{self, Agreement, Named, To};
use crate::error::Result;
use crate::render::Render;
use crate::visible;

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.consent/1";

/// The data of `--json`, published as `docs/schema/consent.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Consents {
    schema: &'static str,
    /// What was agreed to; after `remove`, what still is.
    consents: Vec<Agreement>,
    /// How many were taken back.
    removed: usize,
}

/// Lists it; the exit code.
///
/// # Errors
/// When the file is not right.
pub(super) fn list(render: &Render, json: bool) -> Result<u8> {
    let consents = agreement::all()?;
    if json {
        return Ok(render.data(
            &Consents {
                schema: SCHEMA,
                consents,
                removed: 0,
            },
            &[],
        ));
    }
    if consents.is_empty() {
        return Ok(render.text("You have agreed to nothing.\n"));
    }
    Ok(render.text(&consents.iter().map(line).collect::<String>()))
}

/// Takes it back; the exit code.
///
/// # Errors
/// When the file is not right, or can't be written.
pub(super) fn remove(render: &Render, mut named: Named, json: bool) -> Result<u8> {
    // One that is gone by now is named by the path that it had.
    named.project = named.project.map(|project| {
        let found = Path::new(&project)
            .canonicalize()
            .or_else(|_| std::path::absolute(&project));
        found.map_or(project, |path| path.to_string_lossy().into_owned())
    });
    let removed = agreement::take_back(&named)?;
    if json {
        let consents = agreement::all()?;
        return Ok(render.data(
            &Consents {
                schema: SCHEMA,
                consents,
                removed,
            },
            &[],
        ));
    }
    Ok(render.text(&format!("Taken back: {removed}. You are asked again.\n")))
}

fn line(agreement: &Agreement) -> String {
    let to = match &agreement.to {
        To::Plan(digest) => format!("plan {}", digest.chars().take(8).collect::<String>()),
        To::Scope(scope) => format!("all of {scope}"),
    };
    let text = format!(
        "{}  {to}  in {}  ({}, {})",
        agreement.party.plugin, agreement.party.project, agreement.at, agreement.from
    );
    format!("{}\n", visible::line(&text, 400))
}

#[cfg(test)]
mod tests {
    use super::Consents;

    #[test]
    fn the_published_schema_is_that_of_the_type() {
        crate::published::check::<Consents>("consent");
    }
}
