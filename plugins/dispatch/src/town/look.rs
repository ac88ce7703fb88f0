//! Whether a project's work can go to Gas Town, and what the town and the project's rig hold at this moment.

use std::rc::Rc;

use conductor_beads::{Error, Kind, Refusal};
use conductor_gastown::rig::Registry;
use conductor_gastown::town::Rig;
use conductor_gastown::{Notices, RigWork, Town, reads, rig_beads};
use conductor_plugin::{Failure, Held, Host};

use super::cross_rig::{self as waiting, Waiting};
use super::setup;
use crate::patience::PATIENCE_MS;

/// The grant of the town's list of rigs.
const RIGS: &str = "rigs";

/// The code where one of Gas Town's tools fails.
pub(super) const TOOLS: &str = "gastown";

/// The lock of all that gives out work of a rig: two checkouts must not give out the same.
const LOCK: &str = "town/conductor-";
/// How long another run is waited for.
const LOCK_MS: u32 = 60_000;

/// The lock of the rig, held as long as anything that was seen under it is used.
#[derive(Clone, Default)]
pub struct RigLock(Option<Rc<dyn Held>>);

impl std::fmt::Debug for RigLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RigLock").field(&self.0.is_some()).finish()
    }
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The rig that the project is.
    pub rig: String,
    /// The address of the repository that they have in common, as the project has it.
    pub remote: String,
    /// What the ids of its beads begin with.
    pub prefix: String,
    /// What runs in the town.
    pub town: Town,
    /// The rig's beads of tracks, and its merge requests.
    pub work: RigWork,
    /// The town's rigs.
    pub registry: Registry,
    /// Mail and escalations of the town.
    pub notices: Notices,
    /// What the rig's work waits for in other rigs.
    pub cross_rig: Waiting,
    /// Nobody else gives out work of the rig meanwhile; not held in a dry run.
    pub lock: RigLock,
}

/// Why the project's work can't go to Gas Town.
#[derive(Debug)]
pub enum Missing {
    /// There is no town here, or the user has not confirmed it.
    Town,
    /// A step towards it is missing.
    Step(Failure),
    /// It did not answer: whether anything is missing nobody knows.
    Silence(Failure),
}

impl Look {
    /// The rig as the town tells it.
    #[must_use]
    pub fn agents(&self) -> Option<&Rig> {
        self.town.rig(&self.rig)
    }

    /// Asks once more what the rig holds and what was written since; what runs in the town stays as it was seen.
    ///
    /// # Errors
    /// Why it can't be told; nothing of it is changed then.
    pub fn refresh(&mut self, host: &dyn Host) -> Result<(), Failure> {
        let (work, notices) = (
            reads::work(host, &self.rig).within(PATIENCE_MS),
            reads::notices(host).within(PATIENCE_MS),
        );
        let (work, notices) = (work.wait().map_err(failure)?, notices.wait().map_err(failure)?);
        self.take(host, work, notices);
        Ok(())
    }

    /// Takes in what the rig's database and the town's hold, and looks at what that waits for.
    fn take(&mut self, host: &dyn Host, mut work: RigWork, notices: Notices) {
        work.add_requests(&notices);
        self.cross_rig = waiting::look(host, &self.registry, &self.rig, &work);
        (self.work, self.notices) = (work, notices);
    }

    /// The name of a polecat's session, in which `gt` runs it.
    #[must_use]
    pub fn session(&self, polecat: &str) -> String {
        format!("{}-{polecat}", self.prefix)
    }
}

/// The rig that the project is, where it is one.
///
/// # Errors
/// `no-town`; why it can't be told.
pub fn rig(host: &dyn Host) -> Result<Option<String>, Failure> {
    match find(host) {
        Ok(found) => Ok(found.map(|found| found.rig)),
        Err(Missing::Town) => Err(Failure::new(
            "no-town",
            "there is no Gas Town here that you have confirmed",
        )),
        Err(Missing::Step(failure) | Missing::Silence(failure)) => Err(failure),
    }
}

/// The rig that was found.
struct Found {
    rig: String,
    remote: String,
    /// What the town routes to it.
    prefix: String,
    registry: Registry,
}

fn find(host: &dyn Host) -> Result<Option<Found>, Missing> {
    let registry = host.read(RIGS, "").map_err(|_| Missing::Town)?;
    let registry: Registry = serde_json::from_slice(&registry)
        .map_err(|_| step("town", "the town's list of rigs, `mayor/rigs.json`, can't be read"))?;
    let remotes = reads::remotes(host).within(PATIENCE_MS).wait().map_err(of)?;
    let of_remote = |remote: &String| {
        let rig = registry.of_repository(std::slice::from_ref(remote))?;
        Some((rig.to_owned(), remote.clone()))
    };
    let Some((rig, remote)) = remotes.iter().find_map(of_remote) else {
        return Ok(None);
    };
    let entry = registry.rigs.get(&rig);
    let prefix = entry.map(|entry| entry.beads.prefix.clone()).unwrap_or_default();
    Ok(Some(Found {
        rig,
        remote,
        prefix,
        registry,
    }))
}

/// Asks the town and the project's rig.
///
/// # Errors
/// What is missing.
pub fn look(host: &dyn Host, track: &str) -> Result<Look, Missing> {
    let Found {
        rig,
        remote,
        prefix,
        registry,
    } = find(host)?.ok_or_else(|| Missing::Step(setup::add(host, track)))?;
    let lock = match host.dry_run() {
        true => None,
        false => {
            let held = host.lock(&format!("{LOCK}{rig}"), LOCK_MS);
            Some(Rc::from(held.map_err(|error| Missing::Silence(error.into()))?))
        }
    };
    host.begin_progress("asking Gas Town", None);
    let (town, work, notices, given) = (
        reads::town(host).within(PATIENCE_MS),
        reads::work(host, &rig).within(PATIENCE_MS),
        reads::notices(host).within(PATIENCE_MS),
        rig_beads::prefix(host, &rig),
    );
    let town = town.wait().map_err(of)?;
    if town.is_dolt_down() {
        return Err(Missing::Step(
            Failure::new("dolt-down", "the town's Dolt server does not run")
                .hinted("`gt dolt start` in the town starts it"),
        ));
    }
    // What a damaged workspace answers is an empty list: then all would be made a second time.
    let given = given.wait().map_err(of)?;
    if given != prefix {
        return Err(Missing::Step(setup::wrong_prefix(track, &rig, &given, &prefix)));
    }
    let (work, notices) = (work.wait().map_err(of)?, notices.wait().map_err(of)?);
    let mut look = Look {
        rig,
        remote,
        prefix,
        town,
        registry,
        lock: RigLock(lock),
        ..Look::default()
    };
    look.take(host, work, notices);
    host.end_progress();
    Ok(look)
}

fn step(code: &str, message: &str) -> Missing {
    Missing::Step(Failure::new(code, message))
}

fn of(error: Error) -> Missing {
    match error.kind {
        Kind::TimedOut => Missing::Silence(failure(error)),
        _ => Missing::Step(failure(error)),
    }
}

/// What runs in the town, once more.
///
/// # Errors
/// Why it can't be told.
pub fn town(host: &dyn Host) -> Result<Town, Failure> {
    reads::town(host).within(PATIENCE_MS).wait().map_err(failure)
}

/// A call of a tool of the town that went wrong, with what to do.
#[must_use]
pub fn failure(error: Error) -> Failure {
    let hint = match error.kind {
        Kind::NotInstalled => "install it, or `--mode native` goes on without Gas Town",
        Kind::NotGranted => {
            "`conductor plugin allow dispatch` gives what Gas Town needs; `--mode native` goes on without it"
        }
        Kind::ServerDown => "`gt dolt start` in the town starts it",
        Kind::NotUnderstood => "another program may have this name: `conductor doctor` looks",
        Kind::Refused(Refusal::NoTmux) => {
            "Gas Town's agents run in tmux: install it, or `--mode native` goes on without Gas Town"
        }
        Kind::TimedOut => "the same command again looks anew",
        Kind::Refused(Refusal::NoSession) => {
            "a crew member has to run: `gt crew start RIG NAME` in the town starts it; a polecat's agent has ended at once: `gt doctor` looks"
        }
        _ => "`conductor doctor` looks at the town",
    };
    Failure::new(TOOLS, error.message).hinted(hint)
}
