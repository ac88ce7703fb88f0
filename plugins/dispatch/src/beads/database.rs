//! The database that a track's beads are in: the project's own, or that of its rig in Gas Town.

use std::collections::BTreeMap;

use conductor_beads::writes::{self, Graph};
use conductor_beads::{Asked, Bead, reads};
use conductor_gastown::rig_beads;
use conductor_plugin::Host;

/// Which database it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Database {
    /// The project's.
    #[default]
    Project,
    /// That of a rig of the town.
    Rig(String),
}

impl Database {
    /// Every bead of a track.
    pub fn of_track(&self, host: &dyn Host, track: &str) -> Asked<Vec<Bead>> {
        match self {
            Self::Project => reads::of_track(host, track),
            Self::Rig(rig) => rig_beads::of_track(host, rig, track),
        }
    }

    /// Makes beads, all or none.
    pub fn create(&self, host: &dyn Host, graph: &Graph) -> Asked<BTreeMap<String, String>> {
        match self {
            Self::Project => writes::create(host, graph),
            Self::Rig(rig) => rig_beads::create(host, rig, graph),
        }
    }

    /// Closes a bead. One that is closed already stays as it is.
    pub fn close(&self, host: &dyn Host, bead: &str, reason: &str) -> Asked<()> {
        match self {
            Self::Project => writes::close(host, bead, reason),
            Self::Rig(rig) => rig_beads::close(host, rig, bead, reason),
        }
    }
}
