//! What is shown, by what one wants: made from the facts alone, and the same in each form.

use serde::Serialize;

use crate::check::{Check, State};
use crate::facts::Facts;
use crate::mode::Mode;
use crate::{conductor, health, ignore, pair, programs, town, workspace};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.doctor/1";

/// All of it, published as `docs/schema/doctor.json`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    schema: &'static str,
    /// False when something is missing that is needed; the exit code is then 1.
    pub ok: bool,
    /// The project's name, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// What something is needed for: `--for`, else how the project is worked on. Without both nothing is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whether that was asked for by `--for`.
    pub asked: bool,
    /// How many checks are `missing` in the areas that are needed.
    pub missing: usize,
    /// How many checks are `look` or `unknown` in the areas that are needed, and of the host's.
    pub look: usize,
    /// What one may want, in the order of what it takes. With `--for` only what belongs to that.
    pub areas: Vec<Area>,
    /// What `conductor` keeps for itself, and whether its slash commands are reached.
    pub host: Vec<Check>,
}

/// One thing that one may want.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Area {
    /// Its name, as `--for` takes it.
    pub name: Mode,
    /// Whether the mode can't do without.
    pub needed: bool,
    /// The worst of its checks.
    pub state: State,
    /// What belongs to it beyond the areas before.
    pub checks: Vec<Check>,
}

impl Area {
    fn of(name: Mode, needed: bool, checks: Vec<Check>) -> Self {
        let has = |state| checks.iter().any(|check| check.state == state);
        let worst = [State::Missing, State::Unknown, State::Look]
            .into_iter()
            .find(|state| has(*state));
        Self {
            name,
            needed,
            state: worst.unwrap_or(State::Ok),
            checks,
        }
    }

    fn count(&self, is_meant: impl Fn(State) -> bool) -> usize {
        self.checks.iter().filter(|check| is_meant(check.state)).count()
    }
}

/// Makes the report; `asked` is what `--for` says.
pub(crate) fn report(facts: &Facts, asked: Option<Mode>) -> Report {
    let of_project = facts.conductor.as_ref().ok().map(|conductor| conductor.mode);
    let mode = asked.or(of_project);
    let is_needed = |area| mode.is_some_and(|mode| mode.needs(area));
    let areas = Mode::ALL
        .into_iter()
        .map(|area| Area::of(area, is_needed(area), checks(area, facts)));
    let areas: Vec<Area> = areas.filter(|area| asked.is_none() || area.needed).collect();
    let host = health::checks(&facts.health);
    let needed = areas.iter().filter(|area| area.needed);
    let missing = needed
        .clone()
        .map(|area| area.count(|state| state == State::Missing))
        .sum();
    let look: usize = needed
        .map(|area| area.count(|state| matches!(state, State::Look | State::Unknown)))
        .sum();
    Report {
        schema: SCHEMA,
        ok: missing == 0,
        project: Some(facts.name.clone()).filter(|name| !name.is_empty()),
        mode,
        asked: asked.is_some(),
        missing,
        look: look + host.iter().filter(|check| check.state != State::Ok).count(),
        areas,
        host,
    }
}

fn checks(area: Mode, facts: &Facts) -> Vec<Check> {
    match area {
        Mode::Status => vec![conductor::check(&facts.conductor)],
        Mode::Native => {
            let programs = [programs::git(facts), programs::claude(facts)].into_iter();
            programs.chain(conductor::check_product(&facts.conductor)).collect()
        }
        Mode::Beads => {
            let bd = [programs::bd(facts)].into_iter();
            bd.chain(workspace::check(facts)).collect()
        }
        Mode::Gastown => {
            let programs = [
                programs::gt(facts),
                programs::bd(facts),
                programs::dolt(facts),
                programs::tmux(facts),
            ];
            let ignored = facts.conductor.is_ok().then(|| ignore::check(facts));
            programs
                .into_iter()
                .chain(programs::go(facts))
                .chain(pair::check(facts))
                .chain(town::checks(facts))
                .chain(ignored)
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::published;

    use super::Report;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        published(env!("CARGO_MANIFEST_DIR"), "doctor", &schemars::schema_for!(Report));
    }
}
