//! The bundled plugin behind `conductor formula`: shows the bundled formulas, installs them where `bd` and `gt` look for formulas, and
//! says what is wrong with one.
//!
//! [`place`] knows the two folders, `install` and `check` do what their names say, and each gives a [`report`] that is shown in one of
//! its forms.

use conductor_formulas::{Bundled, bundled, is_name};
use conductor_plugin::{Failure, Format, Host, Outcome, Plugin};

pub mod check;
mod install;
pub mod place;
pub mod report;
mod words;

use report::Report;

/// Shows, installs and checks formulas.
#[derive(Debug)]
pub struct FormulaPlugin;

impl Plugin for FormulaPlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let arguments = host.arguments();
        let names = names(arguments.text("names"));
        let report = match arguments.text("do") {
            Some("show") => Report::of_text(one(&names)?),
            Some("install") => install::run(host, &names)?,
            Some("check") => check::run(host, &names)?,
            _ => list(host, &names)?,
        };
        let text = match host.presentation() {
            Format::Json => Default::default(),
            Format::Markdown(_) => words::markdown(&report),
            Format::Terminal(_) => words::terminal(&report),
        };
        // In each form, since the host takes the exit code from it.
        let json = serde_json::to_string(&report).expect("a report holds only text, numbers and lists, which JSON has");
        Ok(Outcome { json, ..text.into() })
    }
}

/// What stands between the commas.
fn names(typed: Option<&str>) -> Vec<String> {
    let names = typed.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The bundled formulas of these names; without names all.
fn wanted(names: &[String]) -> Result<Vec<&'static Bundled>, Failure> {
    if names.is_empty() {
        return Ok(bundled::ALL.iter().collect());
    }
    names.iter().map(|name| of_name(name)).collect()
}

fn of_name(name: &str) -> Result<&'static Bundled, Failure> {
    bundled::named(name).ok_or_else(|| {
        let known: Vec<&str> = bundled::ALL.iter().map(|formula| formula.name).collect();
        let shown = if is_name(name) { name } else { "this" };
        Failure::new("no-formula", format!("no formula `{shown}` is bundled")).hinted(known.join(", "))
    })
}

/// The one formula that is to be shown.
fn one(names: &[String]) -> Result<&'static Bundled, Failure> {
    match names {
        [name] => of_name(name),
        _ => {
            Err(Failure::new("usage", "one formula is shown at a time")
                .hinted("`conductor formula show conductor-task`"))
        }
    }
}

fn list(host: &dyn Host, names: &[String]) -> Result<Report, Failure> {
    let places = place::Places::look(host)?;
    Ok(Report::of_list(&places, &wanted(names)?))
}

conductor_plugin::export!(FormulaPlugin);

#[cfg(test)]
mod tests;
