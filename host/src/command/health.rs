//! `conductor health`: whether what the host keeps for itself can be used. `conductor doctor` starts it, as any plugin may that is granted it.

use serde::Serialize;

use crate::args::Form;
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
