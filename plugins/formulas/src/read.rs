//! Reads a formula. Whatever is wrong is a finding; what can be read is read all the same.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use crate::finding::{Finding, Findings};
use crate::{SUFFIX, keys, rules, variables};

/// A formula, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formula {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its steps in their order; those below a step come behind it.
    pub steps: Vec<Step>,
}

/// A variable of a formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value where nobody gives one.
    pub default: Option<String>,
    /// Whether somebody has to give one.
    pub required: bool,
}

/// A step of a formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its name in the formula.
    pub id: String,
    /// One line.
    pub title: String,
    /// What to do.
    pub description: String,
    /// Which steps come before it.
    pub needs: Vec<String>,
}

impl Formula {
    /// A text of it with the values that there are: these, else the variables' own.
    #[must_use]
    pub fn filled(&self, text: &str, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = 0;
        for (at, name) in variables::names(text) {
            let given = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            let own = || {
                self.variables
                    .iter()
                    .find(|variable| variable.name == name)?
                    .default
                    .as_deref()
            };
            let Some(value) = given.or_else(own) else { continue };
            filled.push_str(&text[rest..at]);
            filled.push_str(value);
            rest = at + name.len() + 4;
        }
        filled.push_str(&text[rest..]);
        filled
    }
}

/// Reads the bytes of a formula's file. `file` is its name, which should be the formula's.
#[must_use]
pub fn read(file: &str, bytes: &[u8]) -> (Formula, Vec<Finding>) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let mut findings = Findings::of(&valid);
            findings.wrong(valid.len(), "it is not UTF-8".to_owned());
            return (Formula::default(), findings.sorted());
        }
    };
    let mut findings = Findings::of(text);
    // A mark at the beginning, as editors of Windows write it, is no part of TOML; bd takes it away as well.
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        findings.wrong(at, format!("it is no TOML: {}", one_line(error.message())));
    }
    if !errors.is_empty() {
        // What is read behind an error is a guess.
        return (Formula::default(), findings.sorted());
    }
    let formula = of_table(file, table.get_ref(), &mut findings);
    (formula, findings.sorted())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn of_table(file: &str, table: &DeTable<'_>, findings: &mut Findings<'_>) -> Formula {
    let whose = "the formula";
    keys::check(table, &keys::FORMULA, whose, findings);
    let text = (whose, "a text");
    let name = keys::of_kind(table, "formula", text, findings, DeValue::as_str).unwrap_or_default();
    if name.is_empty() && keys::entry(table, "formula").is_none_or(|(_, value)| value.get_ref().is_str()) {
        findings.wrong(0, "the formula has no name: `formula = \"NAME\"`".to_owned());
    }
    let stem = file.rsplit('/').next().and_then(|file| file.strip_suffix(SUFFIX));
    if let Some(stem) = stem.filter(|stem| !name.is_empty() && *stem != name) {
        let at = keys::entry(table, "formula").map_or(0, |(_, value)| value.span().start);
        findings.note(
            at,
            format!("it is found by its file's name, `{stem}`, and says that it is `{name}`"),
        );
    }
    let description = keys::of_kind(table, "description", text, findings, DeValue::as_str).unwrap_or_default();
    rules::version(table, findings);
    rules::kind(table, findings);
    let variables = variables_of(table, findings);
    let steps = rules::steps(table, findings);
    let extends = keys::entry(table, "extends").is_some();
    let inputs = keys::entry(table, "inputs").is_some() || keys::entry(table, "legs").is_some();
    if !extends && !inputs {
        let declared: BTreeSet<String> = variables.iter().map(|variable| variable.name.clone()).collect();
        variables::check(table, &declared, findings);
    }
    Formula {
        name: name.to_owned(),
        description: description.to_owned(),
        variables,
        steps,
    }
}

fn variables_of(table: &DeTable<'_>, findings: &mut Findings<'_>) -> Vec<Variable> {
    let kind = ("the formula", "a table");
    let Some(declared) = keys::of_kind(table, "vars", kind, findings, DeValue::as_table) else {
        return Vec::new();
    };
    let mut variables = Vec::new();
    for (key, value) in declared {
        let name = key.get_ref().to_string();
        let mut variable = Variable {
            name: name.clone(),
            ..Variable::default()
        };
        match value.get_ref() {
            DeValue::String(default) => variable.default = Some(default.to_string()),
            DeValue::Table(of) => {
                let whose = format!("`vars.{name}`");
                keys::check(of, &keys::VARIABLE, &whose, findings);
                let default = keys::of_kind(of, "default", (&whose, "a text"), findings, DeValue::as_str);
                let required = keys::of_kind(of, "required", (&whose, "true or false"), findings, DeValue::as_bool);
                variable.default = default.map(str::to_owned);
                variable.required = required == Some(true);
                if variable.required && default.is_some() {
                    findings.wrong(
                        key.span().start,
                        format!("{whose}: what is required has no default; bd takes no formula with both"),
                    );
                }
            }
            _ => findings.wrong(
                value.span().start,
                format!("`vars.{name}` has to be a text, its default, or a table"),
            ),
        }
        variables.push(variable);
    }
    variables
}
