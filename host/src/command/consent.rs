//! `conductor consent`: what the person has agreed to, and taking it back.

use std::path::Path;

use serde::Serialize;

use crate::agreement::{self, Agreement, Named, Party, To};
use crate::ask::Person;
use crate::error::{Error, Result};
use crate::place::Places;
use crate::render::Render;
use crate::visible;

use super::decision;

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

/// Agrees to every plan of a plugin in a project, once the person at the terminal has said yes; the exit code.
///
/// # Errors
/// `needs-person` where there is none; `usage` for a plugin that begins nothing; when there is no such plugin or project, or the
/// file can't be written.
pub(super) fn add(render: &Render, name: &str, project: Option<&Path>, json: bool) -> Result<u8> {
    let person = Person::find("what begins without asking", render.command())?;
    let plugin = decision::named(name)?;
    if !plugin.manifest.plans {
        return Err(Error::usage(format!(
            "plugin `{name}` begins nothing that needs your yes"
        )));
    }
    let places = Places::of(&plugin.manifest, project)?;
    let path = places.project.as_ref().map(|project| project.path.as_path());
    let party = Party::of(&plugin, path)?;
    let question = format!(
        "Every plan of `{name}` in `{}`, now and later, may begin without asking you: agents start, and cost money. Agree?",
        party.project
    );
    let agreed = person.agrees(render, &visible::line(&question, 600));
    if agreed {
        agreement::agree(&party, To::Scope(agreement::WHOLE_PROJECT.to_owned()))?;
    }
    if json {
        let consents = agreement::all()?;
        return Ok(render.data(
            &Consents {
                schema: SCHEMA,
                consents,
                removed: 0,
            },
            &[],
        ));
    }
    if !agreed {
        return Err(Error::choice("no-consent", "nothing was agreed to"));
    }
    Ok(render.text(&format!(
        "Agreed. `conductor consent remove {name} {}` takes it back.\n",
        agreement::WHOLE_PROJECT
    )))
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
