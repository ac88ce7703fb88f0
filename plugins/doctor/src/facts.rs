//! All that was found out, before anything is made of it.

use conductor_beads::Error;
use conductor_beads::reads::Workspace;
use conductor_gastown::Town;
use conductor_gastown::rig::{Entry, Registry};

use crate::conductor::Conductor;
use crate::health::Health;
use crate::town::{Counted, Setting};
use crate::version::Version;

/// What a program said, or why it said nothing.
pub(crate) type Answer<T> = Result<T, Error>;

/// All that was found out.
pub(crate) struct Facts {
    /// The project's name; empty where there is none.
    pub(crate) name: String,
    /// Its `conductor/` folder, or why there is none.
    pub(crate) conductor: Result<Conductor, conductor_plugin::Error>,
    pub(crate) git: Answer<Version>,
    pub(crate) claude: Answer<Version>,
    pub(crate) bd: Answer<Version>,
    /// Only of Gas Town's `gt`.
    pub(crate) gt: Answer<Version>,
    pub(crate) dolt: Answer<Version>,
    pub(crate) tmux: Answer<Version>,
    pub(crate) go: Answer<Version>,
    pub(crate) health: Answer<Health>,
    /// Of the names that Gas Town writes, those that the repository ignores.
    pub(crate) ignored: Answer<Vec<String>>,
    /// Of these, those that are the project's own.
    pub(crate) tracked: Vec<String>,
    /// Where the project's repository is fetched from.
    pub(crate) remotes: Answer<Vec<String>>,
    /// What `bd` takes in the project.
    pub(crate) workspace: Answer<Workspace>,
    /// What runs in the town.
    pub(crate) town: Answer<Town>,
    /// The town's rigs, or why there is no town.
    pub(crate) registry: Result<Registry, conductor_plugin::Error>,
    /// The rig of this project, by name.
    pub(crate) rig: Option<(String, Entry)>,
    /// What `bd` begins new beads of that rig with.
    pub(crate) rig_prefix: Option<Answer<Setting>>,
    /// The town's convoys.
    pub(crate) convoys: Answer<Vec<Counted>>,
}
