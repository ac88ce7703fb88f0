//! Says what is wrong with formulas: our reader names everything with its line, and `bd` itself is asked where it can be.

use conductor_beads::{Call, Error, answer, ask};
use conductor_formulas::{FOLDER, SUFFIX, bundled, is_name, read};
use conductor_plugin::{Failure, Host, Output};

use crate::place::{Place, Places};
use crate::report::{Checked, Report};

/// How long `bd` may take: a twentieth of a second, and it waits for others.
const TIMEOUT_MS: u64 = 20_000;

/// Has `bd` read a formula of the project. It needs a database there, though it asks it nothing.
pub const IN_PROJECT: Call = Call {
    name: "cook-in-project",
    argv: &["bd", "--readonly", "cook", "<file:path in project>", "--json"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Has `bd` read a formula of the town.
pub const IN_TOWN: Call = Call {
    name: "cook-in-town",
    argv: &["bd", "--readonly", "cook", "<town-file:path in town>", "--json"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Checks these formulas: by a name what is installed of it, else what is bundled; by a file that one. Without names all of the project
/// and those of the town that are ours.
///
/// # Errors
/// Where there is no such formula.
pub(crate) fn run(host: &dyn Host, names: &[String]) -> Result<Report, Failure> {
    let places = Places::look(host)?;
    let mut checked = Vec::new();
    if names.is_empty() {
        for place in Place::ALL {
            let formulas = places.of(place).into_iter().flat_map(|formulas| formulas.keys());
            for name in formulas.filter(|name| place == Place::Project || bundled::named(name).is_some()) {
                checked.extend(installed(host, &places, place, name));
            }
        }
    }
    for typed in names {
        checked.extend(named(host, &places, typed)?);
    }
    if names.is_empty() && checked.is_empty() {
        checked = bundled::ALL.iter().map(of_bundled).collect();
    }
    Ok(Report::of_checked(checked))
}

fn named(host: &dyn Host, places: &Places, typed: &str) -> Result<Vec<Checked>, Failure> {
    let below = typed.trim_start_matches("./");
    let below = below
        .strip_prefix(FOLDER)
        .map_or(below, |file| file.trim_start_matches('/'));
    let is_file = below != typed || below.ends_with(SUFFIX);
    let name = below.strip_suffix(SUFFIX).unwrap_or(below);
    if !is_name(name) {
        return Err(
            Failure::new("no-formula", "that is no name of a formula, and no file of one").hinted(format!(
                "a name, or a file `{FOLDER}/NAME{SUFFIX}` of the project or the town"
            )),
        );
    }
    let found: Vec<Checked> = Place::ALL
        .into_iter()
        .filter_map(|place| installed(host, places, place, name))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    match bundled::named(name).filter(|_| !is_file) {
        Some(formula) => Ok(vec![of_bundled(formula)]),
        None => Err(Failure::new(
            "no-formula",
            format!("there is no formula `{name}` in `{FOLDER}` of the project or of the town"),
        )
        .hinted("`conductor formula list` names those that are bundled")),
    }
}

fn of_bundled(formula: &bundled::Bundled) -> Checked {
    let (_, findings) = read(&formula.file(), formula.text().as_bytes());
    Checked {
        file: formula.name.to_owned(),
        place: None,
        findings: findings.into_iter().map(Into::into).collect(),
        taken: None,
        bd: Some("bd reads it where it is installed".to_owned()),
    }
}

fn installed(host: &dyn Host, places: &Places, place: Place, name: &str) -> Option<Checked> {
    let content = places.of(place).ok()?.get(name)?;
    let file = format!("{FOLDER}/{name}{SUFFIX}");
    let findings = match content {
        Ok(bytes) => read(&file, bytes).1,
        Err(error) => vec![conductor_formulas::Finding {
            line: 1,
            wrong: true,
            message: error.message.clone(),
        }],
    };
    let (taken, bd) = match content.is_ok().then(|| cooked(host, place, &file)) {
        None => (None, None),
        Some(Ok(())) => (Some(true), None),
        Some(Err(error)) if is_about_the_formula(&error) => (Some(false), Some(error.message)),
        Some(Err(error)) => (None, Some(format!("bd could not be asked: {}", error.message))),
    };
    Some(Checked {
        file,
        place: Some(place),
        findings: findings.into_iter().map(Into::into).collect(),
        taken,
        bd,
    })
}

/// Whether it is the formula that `bd` complains of, and not its database, its lock or another trouble of its own.
fn is_about_the_formula(error: &Error) -> bool {
    ["parsing formula", "resolving formula"]
        .iter()
        .any(|said| error.message.contains(said))
}

/// Whether `bd` takes a file.
fn cooked(host: &dyn Host, place: Place, file: &str) -> Result<(), Error> {
    let (call, hole) = match place {
        Place::Project => (IN_PROJECT, "file"),
        Place::Town => (IN_TOWN, "town-file"),
    };
    ask(host, call, &[(hole, file)], taken).wait()
}

fn taken(output: &Output) -> Result<(), Error> {
    match output.success() {
        true => Ok(()),
        false => Err(answer::failed(output)),
    }
}
