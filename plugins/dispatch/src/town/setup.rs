//! The steps that make a project a rig which can be worked in, each taken when the person asks for it.

use conductor_gastown::{reads, rig, rigs};
use conductor_plugin::{Failure, Host};

use super::look::{self, failure};
use crate::ask::choice;
use crate::patience::PATIENCE_MS;

fn no_rig() -> Failure {
    Failure::new(
        "no-rig",
        "this project is no rig of the town: none has a repository in common with it",
    )
}

/// What to do about a project that is no rig of the town.
#[must_use]
pub fn add(host: &dyn Host, track: &str) -> Failure {
    let add = format!("Make it one (`gt rig add {}`)", rig::name_for(&host.project_name()));
    no_rig().choice(choice(
        "A",
        &add,
        "clones its repository into the town, with a database for its beads",
        &[track, "--mode=gastown", "--add-rig"],
    ))
}

/// What to do about a rig as `gt rig add` of 1.2.1 leaves it: its database has the rig's name as its prefix, to which nothing is routed.
#[must_use]
pub fn wrong_prefix(track: &str, rig: &str, found: &str, wanted: &str) -> Failure {
    Failure::new(
        "rig-prefix",
        format!("beads of the rig `{rig}` get the prefix `{found}`, and the town routes only `{wanted}` to it"),
    )
    .choice(choice(
        "A",
        "Set it right (`gt dolt init-rig`)",
        "beads that are there keep their ids",
        &[track, "--mode=gastown", "--init-rig"],
    ))
}

/// Takes the steps that were asked for. What was changed.
///
/// # Errors
/// `no-remote` where the project's repository is nowhere else; what `gt` says.
pub fn steps(host: &dyn Host) -> Result<Vec<String>, Failure> {
    let arguments = host.arguments();
    let mut changed = Vec::new();
    if arguments.flag("add-rig") {
        changed.extend(add_rig(host)?);
    }
    if arguments.flag("init-rig") {
        let rig = look::rig(host)?.ok_or_else(no_rig)?;
        rigs::init_database(host, &rig).wait().map_err(failure)?;
        changed.push(format!("the prefix of the beads of `{rig}` is set right"));
    }
    Ok(changed)
}

/// Makes the project a rig, where it is none, with the prefix that the town routes to it.
fn add_rig(host: &dyn Host) -> Result<Vec<String>, Failure> {
    if look::rig(host)?.is_some() {
        return Ok(Vec::new());
    }
    let remotes = reads::remotes(host).within(PATIENCE_MS).wait().map_err(failure)?;
    let url = remotes.first().ok_or_else(|| {
        Failure::new(
            "no-remote",
            "the project has no remote repository, and a rig is a clone of one",
        )
        .hinted("`git remote add origin URL`, and push it")
    })?;
    let name = rig::name_for(&host.project_name());
    host.begin_progress("cloning the repository into Gas Town", None);
    rigs::add(host, &name, url).wait().map_err(failure)?;
    rigs::init_database(host, &name).wait().map_err(failure)?;
    host.end_progress();
    Ok(vec![format!("the project is the rig `{name}` of the town")])
}
