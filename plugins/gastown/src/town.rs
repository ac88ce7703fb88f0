//! What runs in a town, as `gt status --json --fast` tells it.

use conductor_beads::answer::or_default;
use serde::Deserialize;

/// A town.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Town {
    /// Its folder.
    #[serde(default, deserialize_with = "or_default")]
    pub location: String,
    /// The database server; `None` where this `gt` does not tell.
    #[serde(default)]
    pub dolt: Option<Dolt>,
    /// The daemon.
    #[serde(default, deserialize_with = "or_default")]
    pub daemon: Daemon,
    /// Its rigs. Without them it is no answer of Gas Town's.
    #[serde(deserialize_with = "or_default")]
    pub rigs: Vec<Rig>,
}

/// The daemon, which feeds open convoys and keeps agents running.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Daemon {
    /// Whether it runs.
    #[serde(default, deserialize_with = "or_default")]
    pub running: bool,
}

/// The database server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Dolt {
    /// Whether it runs on this machine.
    #[serde(default, deserialize_with = "or_default")]
    pub running: bool,
    /// Whether it is another machine's.
    #[serde(default, deserialize_with = "or_default")]
    pub remote: bool,
}

/// A project of the town.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Rig {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its agents, those too that do not run.
    #[serde(default, deserialize_with = "or_default")]
    pub agents: Vec<Agent>,
}

/// An agent of a rig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Agent {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// `polecat`, `crew`, `refinery`, `witness`.
    #[serde(default, deserialize_with = "or_default")]
    pub role: String,
    /// Whether its session runs, with the agent in it.
    #[serde(default, deserialize_with = "or_default")]
    pub running: bool,
    /// `working`, `idle`, … as it was last written down.
    #[serde(default, deserialize_with = "or_default")]
    pub state: String,
}

impl Town {
    /// Whether its database server is down. `gt` then answers much of what it is asked with wrong values and exit code 0.
    #[must_use]
    pub fn is_dolt_down(&self) -> bool {
        self.dolt.as_ref().is_some_and(|dolt| !dolt.running && !dolt.remote)
    }

    /// The rig of this name.
    #[must_use]
    pub fn rig(&self, name: &str) -> Option<&Rig> {
        self.rigs.iter().find(|rig| rig.name == name)
    }
}

/// Whether work is assigned to a crew member: `RIG/crew/NAME`.
#[must_use]
pub fn is_crew(assignee: &str) -> bool {
    assignee.contains("/crew/")
}

impl Rig {
    /// The agent that work is assigned to: `RIG/polecats/NAME` or `RIG/crew/NAME`.
    #[must_use]
    pub fn assignee(&self, assignee: &str) -> Option<&Agent> {
        let mut parts = assignee.rsplit('/');
        let name = parts.next()?;
        let role = match parts.next()? {
            "crew" => "crew",
            _ => "polecat",
        };
        self.agents
            .iter()
            .find(|agent| agent.name == name && agent.role == role)
    }

    /// Whether the refinery runs, which merges what workers hand in.
    #[must_use]
    pub fn has_refinery(&self) -> bool {
        self.agents
            .iter()
            .any(|agent| agent.role == "refinery" && agent.running)
    }
}
