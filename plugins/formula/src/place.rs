//! Where `bd` and `gt` look for formulas: `.beads/formulas` of the project, and that of the town.
//!
//! `gt sling --formula` has `bd` look in the town, whatever the rig, and `gt prime` shows its worker the text from there; so that is where
//! a rig's formulas belong. `bd` in a project looks in the project's own folder.

use std::collections::BTreeMap;

use conductor_beads::reads::PATIENCE_MS;
use conductor_formulas::SUFFIX;
use conductor_gastown::reads;
use conductor_gastown::rig::Registry;
use conductor_plugin::{Error, Failure, Host};
use serde::Serialize;

/// The grant of the file that shows that the project uses Beads.
const BEADS: &str = "beads";
/// The grant of the town's list of rigs.
const RIGS: &str = "rigs";
/// The most bytes of a formula: gt's longest has 35,000.
const MAX_BYTES: u64 = 1 << 20;

/// A folder of formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The project's.
    Project,
    /// The town's.
    Town,
}

impl Place {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Project, Self::Town];

    /// Its name, as `--into` takes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Town => "town",
        }
    }

    /// The grant by which its formulas are read.
    fn grant(self) -> &'static str {
        match self {
            Self::Project => "project-formulas",
            Self::Town => "town-formulas",
        }
    }

    /// The grant by which a bundled formula is written there.
    #[must_use]
    pub fn grant_of(self, name: &str) -> String {
        format!("{}-{name}", self.word())
    }
}

/// The formulas of a place, by name; or why there are none.
pub type Formulas = Result<BTreeMap<String, Result<Vec<u8>, Error>>, Error>;

/// The two folders, as they are.
#[derive(Debug)]
pub struct Places {
    project: Formulas,
    town: Formulas,
}

impl Places {
    /// Reads both. A place that is not there is no trouble.
    ///
    /// # Errors
    /// What keeps a folder from being read that is there.
    pub fn look(host: &dyn Host) -> Result<Self, Failure> {
        let read = |place: Place| -> Result<Formulas, Failure> {
            match host.snapshot(place.grant(), &["*.formula.toml"], MAX_BYTES) {
                Ok(entries) => Ok(Ok(entries
                    .into_iter()
                    .filter_map(|entry| Some((entry.path.strip_suffix(SUFFIX)?.to_owned(), entry.content)))
                    .collect())),
                // The folder comes with the first formula.
                Err(error) if error.code == "not-found" => Ok(Ok(BTreeMap::new())),
                Err(error) if error.code == "no-place" => Ok(Err(error)),
                Err(error) => Err(error.into()),
            }
        };
        Ok(Self {
            project: read(Place::Project)?,
            town: read(Place::Town)?,
        })
    }

    /// The formulas of one.
    ///
    /// # Errors
    /// Why there is no such place.
    pub fn of(&self, place: Place) -> Result<&BTreeMap<String, Result<Vec<u8>, Error>>, &Error> {
        match place {
            Place::Project => self.project.as_ref(),
            Place::Town => self.town.as_ref(),
        }
    }

    /// Where a formula is installed if nobody says.
    ///
    /// # Errors
    /// `no-place` where nothing looks for formulas, and what git says.
    pub fn usual(&self, host: &dyn Host) -> Result<Place, Failure> {
        if self.town.is_ok() && is_rig(host)? {
            return Ok(Place::Town);
        }
        if self.project.is_ok() && host.read(BEADS, "").is_ok() {
            return Ok(Place::Project);
        }
        Err(Failure::new(
            "no-place",
            "the project is no rig of a Gas Town and has no database of Beads: nothing looks for formulas here",
        )
        .hinted("`conductor formula install --into project` or `--into town` installs them all the same"))
    }
}

/// Whether the project is a rig of the town.
fn is_rig(host: &dyn Host) -> Result<bool, Failure> {
    if host.project_name().is_empty() {
        return Ok(false);
    }
    let Ok(bytes) = host.read(RIGS, "") else {
        return Ok(false);
    };
    let registry: Registry = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::new("town", format!("the town's `mayor/rigs.json` can't be read: {error}")))?;
    let remotes = reads::remotes(host)
        .within(PATIENCE_MS)
        .wait()
        .map_err(|error| Failure::new("git", error.message))?;
    Ok(registry.of_repository(&remotes).is_some())
}
