//! `conductor health`: whether what the host keeps for itself can be used. `conductor doctor` starts it, as any plugin may that is granted it.

use serde::Serialize;

use crate::args::Form;
use crate::ask::Person;
use crate::error::{Error, Result};
use crate::health::{self, Check, State};
use crate::render::Render;
use crate::visible;

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.health/1";

/// The data of `--json`, published as `docs/schema/health.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Health {
    schema: &'static str,
    checks: Vec<Check>,
}

/// Shows it; the exit code.
pub(super) fn show(render: &Render, json: bool) -> u8 {
    let checks = health::checks();
    if json {
        return render.in_form(Form::Json).data(&Health { schema: SCHEMA, checks }, &[]);
    }
    render.text(&checks.iter().map(line).collect::<String>())
}

/// Renames the user's own slash commands that hide ours, each after a yes; the exit code.
///
/// # Errors
/// `needs-person` where there is none; why one can't be renamed.
pub(super) fn move_aside(render: &Render) -> Result<u8> {
    let hidden = health::hiding_of_user();
    if hidden.is_empty() {
        return Ok(render.text("None of your slash commands hides ours.\n"));
    }
    let person = Person::find("what is renamed in your own settings", render.command())?;
    let mut text = String::new();
    for file in hidden {
        let shown = visible::text(&health::from_home(&file.display().to_string())).into_owned();
        if !person.agrees(render, &format!("`{shown}` hides ours. Rename it?")) {
            text.push_str(&format!("`{shown}` stays as it is\n"));
            continue;
        }
        let aside = health::put_aside(&file)
            .map_err(|error| Error::failed("unwritable", format!("`{shown}` can't be renamed: {error:#}")))?;
        let aside = health::from_home(&aside.display().to_string());
        text.push_str(&format!("`{shown}` is `{}` now\n", visible::text(&aside)));
    }
    Ok(render.text(&text))
}

fn line(check: &Check) -> String {
    let text = visible::text(&check.text);
    match (check.state, &check.next) {
        (State::Ok, _) => format!("✓ {text}\n"),
        (State::Look, None) => format!("! {text}\n"),
        (State::Look, Some(next)) => format!("! {text}\n  {}\n", visible::text(next)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Health>("health");
    }
}
