//! Workers that are at work without a word: `gt` ends those that were silent for three minutes whenever it starts a fresh one.

use std::time::{Duration, SystemTime};

use conductor_gastown::polecat;
use conductor_plugin::{Failure, Host};
use serde_json::Value as Json;

use super::look::{Look, failure};
use super::pieces::Piece;

/// The grant of the folder in which `gt` keeps when each worker was last heard of.
const HEARTBEATS: &str = "heartbeats";

/// A worker that was silent for so long is kept alive: `gt` ends those silent for three minutes when it starts a fresh one.
const SILENT: Duration = Duration::from_secs(90);

/// Keeps those alive that have work and have said nothing for a while. One whose session does not run is left dead. `given` are those that
/// got theirs in this run, with their nodes.
///
/// # Errors
/// What `gt` says.
pub fn keep(host: &dyn Host, look: &Look, pieces: &[Piece], given: &[(usize, String)]) -> Result<(), Failure> {
    let of_track = pieces.iter().map(|piece| piece.assignee.as_str());
    let of_rig = look
        .work
        .beads
        .iter()
        .filter(|bead| bead.is_under_way())
        .map(|bead| bead.assignee.as_str());
    let now = given.iter().map(|(_, assignee)| assignee.as_str());
    // Those too that work for others: a fresh polecat of ours would end them.
    let agents = look.agents().into_iter().flat_map(|rig| &rig.agents);
    let at_work = agents.filter(|agent| agent.role == "polecat" && agent.running && agent.state != "idle");
    let others: Vec<String> = at_work
        .map(|agent| format!("{}/polecats/{}", look.rig, agent.name))
        .collect();
    let mut assignees: Vec<&str> = of_track
        .chain(of_rig)
        .chain(now)
        .chain(others.iter().map(String::as_str))
        .filter(|name| !name.is_empty())
        .collect();
    assignees.sort_unstable();
    assignees.dedup();
    for assignee in assignees {
        let Some((_, name)) = assignee.split_once("/polecats/") else {
            continue;
        };
        let is_new = given.iter().any(|(_, given)| given == assignee);
        let lives = look
            .agents()
            .and_then(|rig| rig.assignee(assignee))
            .is_some_and(|agent| agent.running);
        let session = look.session(name);
        if (lives || is_new) && is_silent(host, &session) {
            polecat::heartbeat(host, &look.rig, name, &session)
                .wait()
                .map_err(failure)?;
        }
    }
    Ok(())
}

/// Whether `gt` has heard nothing of a session for a while; what it has never heard of has only begun.
fn is_silent(host: &dyn Host, session: &str) -> bool {
    let Ok(bytes) = host.read(HEARTBEATS, &format!("{session}.json")) else {
        return false;
    };
    let heard: Option<SystemTime> = serde_json::from_slice::<Json>(&bytes)
        .ok()
        .and_then(|json| humantime::parse_rfc3339_weak(json.get("timestamp")?.as_str()?).ok());
    heard.is_none_or(|heard| {
        SystemTime::now()
            .duration_since(heard)
            .is_ok_and(|since| since > SILENT)
    })
}
