//! What came of a run, the same in each form.

use conductor_formulas::{Bundled, Finding, Installed};
use serde::Serialize;

use crate::place::{Place, Places};

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.formula/1";

/// All of it, published as `docs/schema/formula.json`. Which lists there are depends on what was asked.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    schema: &'static str,
    /// False when a formula that was checked is wrong, or one was not installed; the exit code is then 1.
    pub ok: bool,
    /// `list`: the bundled formulas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<Listed>,
    /// `show`: the formula's text, as it is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `install`: what was done with each file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub installed: Vec<Done>,
    /// `check`: what is to be said of each file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checked: Vec<Checked>,
}

/// A bundled formula.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// What the project's file of this name is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<State>,
    /// What the town's file of this name is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town: Option<State>,
}

/// What a file is that has the name of a bundled formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it is bundled.
    Current,
    /// As another version of `conductor` has bundled it: `install` updates it.
    Older,
    /// Changed by hand: `install --force` replaces it.
    Changed,
    /// It can't be read.
    Unreadable,
}

/// What was done with a file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Done {
    /// The formula.
    pub name: &'static str,
    /// The folder.
    pub place: Place,
    /// The file, below the folder's place.
    pub file: String,
    /// What was done, or in a dry run would be.
    pub what: What,
}

/// What was done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is new.
    Made,
    /// It was another version's.
    Updated,
    /// It was changed by hand, and `--force` said that it goes.
    Replaced,
    /// It was as it should be.
    Kept,
    /// It was changed by hand and is as it was.
    Refused,
}

/// A file that was checked.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checked {
    /// The file, below its place; for a bundled formula that is installed nowhere its name.
    pub file: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Found>,
    /// Whether `bd` takes it; nothing where `bd` could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<bool>,
    /// What `bd` says against it, or why it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bd: Option<String>,
}

/// What is wrong or worth knowing.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Found {
    /// The line, from 1.
    pub line: usize,
    /// Whether it has to be mended.
    pub wrong: bool,
    /// What it is.
    pub message: String,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            line: finding.line,
            wrong: finding.wrong,
            message: finding.message,
        }
    }
}

impl Checked {
    /// Whether nothing has to be mended.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.taken != Some(false) && self.findings.iter().all(|found| !found.wrong)
    }
}

impl Report {
    fn new(ok: bool) -> Self {
        Self {
            schema: SCHEMA,
            ok,
            formulas: Vec::new(),
            text: None,
            installed: Vec::new(),
            checked: Vec::new(),
        }
    }

    /// Of a formula's text.
    #[must_use]
    pub fn of_text(formula: &Bundled) -> Self {
        Self {
            text: Some(formula.text()),
            ..Self::new(true)
        }
    }

    /// Of the bundled formulas, and where they are.
    #[must_use]
    pub fn of_list(places: &Places, formulas: &[&Bundled]) -> Self {
        let state = |place, formula: &Bundled| {
            let content = places.of(place).ok()?.get(formula.name)?;
            Some(match content.as_ref().map(|bytes| formula.is(bytes)) {
                Ok(Installed::Current) => State::Current,
                Ok(Installed::Older) => State::Older,
                Ok(Installed::Changed) => State::Changed,
                Err(_) => State::Unreadable,
            })
        };
        let listed = formulas.iter().map(|formula| Listed {
            name: formula.name,
            summary: formula.summary,
            project: state(Place::Project, formula),
            town: state(Place::Town, formula),
        });
        Self {
            formulas: listed.collect(),
            ..Self::new(true)
        }
    }

    /// Of what was installed.
    #[must_use]
    pub fn of_installed(installed: Vec<Done>) -> Self {
        let ok = installed.iter().all(|done| done.what != What::Refused);
        Self {
            installed,
            ..Self::new(ok)
        }
    }

    /// Of what was checked.
    #[must_use]
    pub fn of_checked(checked: Vec<Checked>) -> Self {
        let ok = checked.iter().all(Checked::is_right);
        Self {
            checked,
            ..Self::new(ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::published;

    use super::Report;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        published(env!("CARGO_MANIFEST_DIR"), "formula", &schemars::schema_for!(Report));
    }
}
