//! `env` of a command in a manifest: variables that have a call's values in them, such as the worker in whose name it is made.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::program::{self, ProgramWish};
use crate::template::{self, Element, FillError, Hole, Kind, Part, TemplateError, Values, runs_by_environment};

/// The variables of a command, by name.
pub type Variables = BTreeMap<String, Variable>;

/// The value of a variable: text with holes that take an `id`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Variable(Element);

impl Variable {
    /// Its holes.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.holes()
    }

    /// The value, with a call's values in it.
    ///
    /// # Errors
    /// A value that is missing or does not fit.
    pub fn fill(&self, values: &mut Values<'_>) -> Result<String, FillError> {
        let mut text = String::new();
        for part in self.0.parts() {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Hole(hole) => text.push_str(values.one(hole)?),
            }
        }
        Ok(text)
    }
}

impl TryFrom<String> for Variable {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        let element = template::read_argument(&text, "env")?;
        let wrong = element.holes().find(|hole| hole.kind != Kind::Id || hole.many).cloned();
        match wrong {
            Some(hole) => Err(TemplateError {
                at: "env".to_owned(),
                character: None,
                what: format!("the hole `{hole}` can't be in a variable"),
                fix: "a variable takes values of the type `id`".to_owned(),
            }),
            None => Ok(Self(element)),
        }
    }
}

impl From<Variable> for String {
    fn from(variable: Variable) -> Self {
        variable.to_string()
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Checks the variables of a command beside those of its program.
pub(super) fn check(variables: &Variables, program: &ProgramWish) -> Result<(), String> {
    let values: HashMap<&str, String> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()))
        .collect();
    program::check_values(values.iter().map(|(name, value)| (*name, value.as_str())))?;
    for name in variables.keys() {
        // Whatever the value: it is not fixed.
        if runs_by_environment(name, "a value") {
            return Err(format!(
                "`{name}` makes programs run something\nhint: a fixed value goes into `env` of the program"
            ));
        }
        if program.env.contains_key(name) {
            return Err(format!("`{name}` has a fixed value in `env` of the program"));
        }
    }
    Ok(())
}
