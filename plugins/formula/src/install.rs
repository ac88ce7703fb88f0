//! Puts bundled formulas where `bd` and `gt` find them. What a person has changed stays, unless they say otherwise.

use conductor_formulas::{Bundled, FOLDER, Installed};
use conductor_plugin::{Failure, Host, digest};

use crate::place::{Place, Places};
use crate::report::{Done, Report, What};

/// Installs the formulas of these names; without names all.
///
/// # Errors
/// Where there is nowhere to put them, and what keeps a file from being written.
pub(crate) fn run(host: &dyn Host, names: &[String]) -> Result<Report, Failure> {
    let arguments = host.arguments();
    let formulas = crate::wanted(names)?;
    let places = Places::look(host)?;
    let place = match arguments.text("into") {
        Some("town") => Place::Town,
        Some(_) => Place::Project,
        None => places.usual(host)?,
    };
    let there = places.of(place).map_err(|error| Failure::from(error.clone()))?;
    let mut done = Vec::new();
    for formula in formulas {
        let old = match there.get(formula.name) {
            None => None,
            Some(Ok(bytes)) => Some(bytes),
            Some(Err(error)) => return Err(error.clone().into()),
        };
        done.push(Done {
            name: formula.name,
            place,
            file: format!("{FOLDER}/{}", formula.file()),
            what: one(host, place, formula, old, arguments.flag("force"))?,
        });
    }
    Ok(Report::of_installed(done))
}

fn one(host: &dyn Host, place: Place, formula: &Bundled, old: Option<&Vec<u8>>, force: bool) -> Result<What, Failure> {
    let what = match old.map(|old| formula.is(old)) {
        None => What::Made,
        Some(Installed::Current) => return Ok(What::Kept),
        Some(Installed::Older) => What::Updated,
        Some(Installed::Changed) if force => What::Replaced,
        Some(Installed::Changed) => return Ok(What::Refused),
    };
    if host.dry_run() {
        return Ok(what);
    }
    let (grant, text) = (place.grant_of(formula.name), formula.text());
    match old {
        None => host.create(&grant, "", text.as_bytes())?,
        Some(old) => host.replace(&grant, "", &digest(old), text.as_bytes())?,
    }
    Ok(what)
}
