//! Where the work of each task stands in the rig. Pure.

use std::collections::{BTreeMap, BTreeSet};

use conductor_beads::Bead;
use conductor_gastown::town::is_crew;
use conductor_gastown::work::{State, Work, is_closed_by_worker};
use conductor_gastown::{MergeRequest, RigWork, escalation};

use super::base;
use super::look::Look;
use crate::beads::{self, Beads};
use crate::ground::Ground;
use crate::identity::{self, At, Found, Name};

/// Before any commit.
const EVER: &str = "1970-01-02T00:00:00Z";

/// A bead with somebody's work on it, or with work that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The task.
    pub at: At,
    /// The tasks that are carried out with it.
    pub covers: Vec<At>,
    /// Its bead.
    pub bead: String,
    /// Where it stands.
    pub state: State,
    /// Who has it or had it, by name; empty when nobody has.
    pub worker: String,
    /// Who has it, as `gt` names them: `RIG/polecats/NAME`.
    pub assignee: String,
    /// Its merge request.
    pub request: Option<Request>,
    /// The worker's last commit as it was kept on the bead; a merge request that is closed is cleared away.
    pub kept: Option<String>,
    /// No commit of it is older: when its bead was made, as RFC 3339. What goes on from a branch has older ones.
    pub since: String,
    /// The id of what the Mayor was asked since its worker gave it up, or that it is asked at this moment.
    pub escalation: Option<String>,
}

/// A merge request, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// The branch that is to be merged, or was.
    pub branch: String,
    /// What it is merged into.
    pub target: String,
    /// The worker's last commit.
    pub commit: Option<String>,
}

impl Piece {
    /// Its task, and those that are carried out with it.
    pub fn tasks(&self) -> impl Iterator<Item = At> {
        std::iter::once(self.at).chain(self.covers.iter().copied())
    }

    /// The worker's last commit, as far as it is known.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        let of_request = self.request.as_ref().and_then(|request| request.commit.as_deref());
        of_request.or(self.kept.as_deref())
    }

    /// Whether its tasks are not to be given to anybody.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.state != State::Open
    }

    /// Whether somebody is at work on it now.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        matches!(
            self.state,
            State::Working | State::Stalled | State::Deferred | State::Scheduled
        )
    }
}

/// The pieces of a track.
#[must_use]
pub fn of(look: &Look, beads: &Beads) -> Vec<Piece> {
    let requests: Vec<MergeRequest<'_>> = look.work.requests.iter().map(MergeRequest::of).collect();
    let pieces = beads.tasks().filter(|(_, bead)| !bead.is_gate()).map(|(at, bead)| {
        let work = Work::of(bead, &requests, &look.work, look.agents());
        Piece {
            at,
            covers: beads.covered(bead),
            bead: bead.id.clone(),
            state: work.state,
            worker: work.worker.to_owned(),
            assignee: bead.assignee.clone(),
            request: work.merge_request.map(|request| of_request(&look.work, &request)),
            kept: bead.metadata(beads::COMMIT).map(str::to_owned),
            since: match base::of(bead) {
                None if !bead.created_at.is_empty() => bead.created_at.clone(),
                _ => EVER.to_owned(),
            },
            escalation: escalated(bead).map(str::to_owned),
        }
    });
    pieces.collect()
}

/// What the Mayor was asked about whoever had it last.
fn escalated(bead: &Bead) -> Option<&str> {
    bead.metadata(escalation::ESCALATED)
        .filter(|id| *id != escalation::RELEASED)
}

fn of_request(work: &RigWork, request: &MergeRequest<'_>) -> Request {
    let bead = work.requests.iter().find(|bead| bead.id == request.id);
    Request {
        id: request.id.to_owned(),
        branch: request.branch.to_owned(),
        target: request.target.to_owned(),
        commit: bead.and_then(|bead| bead.field("commit_sha")).map(str::to_owned),
    }
}

/// The nodes of the plan that are somebody's, or wait for a person. What a polecat has is taken also where its own task is gone from the
/// plan, or nobody knows which it is.
#[must_use]
pub fn taken(ground: &Ground<'_>, beads: &Beads, pieces: &[Piece]) -> BTreeSet<usize> {
    let of_pieces = pieces.iter().filter(|piece| piece.is_taken()).flat_map(Piece::tasks);
    let of_loose = beads
        .loose()
        .filter(|bead| bead.is_under_way() || is_closed_by_worker(bead))
        .flat_map(|bead| beads.covered(bead));
    let tasks: BTreeSet<At> = of_pieces.chain(of_loose).collect();
    let is_taken = |at: At| tasks.contains(&at) || beads.could_be(ground, at);
    let nodes = ground.graph.nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| node.tasks.iter().any(|&task| is_taken((node.phase, task))))
        .map(|(at, _)| at)
        .collect()
}

/// The files that work of the rig has to itself until it is merged, each with who has it: this track's work, and other tracks'.
#[must_use]
pub fn locks(ground: &Ground<'_>, look: &Look) -> BTreeMap<String, String> {
    let requests: Vec<MergeRequest<'_>> = look.work.requests.iter().map(MergeRequest::of).collect();
    let done = done(ground, look);
    let mut locks = BTreeMap::new();
    for bead in &look.work.beads {
        let Some(track) = beads::track_of(bead) else { continue };
        let work = Work::of(bead, &requests, &look.work, look.agents());
        let is_left = matches!(
            work.state,
            State::Escalated | State::Rejected | State::ClosedByHand | State::NoQueue
        );
        if work.state == State::Open || work.state.is_settled() || (is_left && done.contains(bead.id.as_str())) {
            continue;
        }
        let by = match track == ground.track.id.as_ref() {
            true => bead.id.clone(),
            false => format!("{} of {track}", bead.id),
        };
        locks.extend(beads::files_of(bead).map(|file| (file.to_owned(), by.clone())));
    }
    locks
}

/// The beads whose tasks are closed in the plans of their tracks: whatever Gas Town says of the work, nobody comes back to it. (A refinery
/// that is quicker than the worker leaves merged work as if it was given up.)
fn done<'l>(ground: &Ground<'_>, look: &'l Look) -> BTreeSet<&'l str> {
    let mut done = BTreeSet::new();
    for track in &ground.project.tracks {
        let Some(plan) = &track.plan else { continue };
        let own = look
            .work
            .beads
            .iter()
            .filter(|bead| beads::track_of(bead) == Some(&track.id));
        let own: Vec<&'l Bead> = own.collect();
        let names: Vec<Name> = own.iter().map(|bead| beads::name_of(&track.id, bead)).collect();
        for (bead, found) in own.into_iter().zip(identity::find(plan, &names)) {
            let Found::Task((phase, task)) = found else { continue };
            if plan.phases[phase].tasks[task].state.is_closed() {
                done.insert(bead.id.as_str());
            }
        }
    }
    done
}

/// How many polecats of the rig are at work, for whomever: one whose session has ended, or that has put its work off, is not.
#[must_use]
pub fn at_work(look: &Look) -> usize {
    let is_at_work = |bead: &&Bead| {
        let state = Work::of(bead, &[], &look.work, look.agents()).state;
        state == State::Working && !is_crew(&bead.assignee)
    };
    let by_beads = look.work.beads.iter().filter(is_at_work).count();
    let agents = look.agents().into_iter().flat_map(|rig| &rig.agents);
    let by_agents = agents.filter(|agent| agent.role == "polecat" && agent.running && agent.state == "working");
    by_beads.max(by_agents.count())
}

#[cfg(test)]
mod tests {
    use conductor_gastown::town::{Agent, Rig};
    use conductor_plugin::testing::FakeHost;
    use serde_json::json;

    use super::*;
    use crate::folder::GRANT;
    use crate::ground;

    #[test]
    fn who_is_at_work_is_counted_and_nobody_else() {
        let bead = |status: &str, assignee: &str| json!({"id": format!("sp-{assignee}"), "status": status, "assignee": format!("shop/{assignee}")});
        let beads = json!([
            bead("hooked", "polecats/nux"),
            bead("hooked", "polecats/dead"),
            bead("hooked", "polecats/idle"),
            bead("hooked", "crew/mel"),
            bead("closed", "polecats/slit"),
        ]);
        let agent = |role: &str, name: &str, state: &str| Agent {
            name: name.to_owned(),
            role: role.to_owned(),
            running: true,
            state: state.to_owned(),
        };
        let rig = Rig {
            name: "shop".to_owned(),
            agents: vec![
                agent("polecat", "nux", "working"),
                agent("polecat", "idle", "idle"),
                agent("crew", "mel", "idle"),
            ],
        };
        let mut look = Look {
            rig: "shop".to_owned(),
            work: RigWork::of(serde_json::from_value(beads).expect("beads")),
            ..Look::default()
        };
        look.town.rigs = vec![rig];
        assert_eq!(at_work(&look), 1);
        // One that nobody gave a bead of ours.
        look.town.rigs[0].agents.push(agent("polecat", "toast", "working"));
        assert_eq!(at_work(&look), 2);
    }

    #[test]
    fn merged_work_that_gas_town_takes_for_given_up_holds_no_file() {
        let bead = json!({"id": "sp-1", "status": "closed", "close_reason": "Closed", "assignee": "shop/polecats/nux", "title": "api",
            "metadata": {"conductor_track": "shop_1", "conductor_key": "shop_1/phase1/task1", "conductor_phase": "A",
                "conductor_title": "api", "conductor_files": "a.rs"}});
        let look = Look {
            rig: "shop".to_owned(),
            work: RigWork::of(vec![serde_json::from_value(bead).expect("a bead")]),
            ..Look::default()
        };
        let locked = |marker: char, of: &str| {
            let host = FakeHost::new()
                .file(
                    GRANT,
                    "tracks.md",
                    "# Tracks\n\n- [~] **Track: Shop**\n  *Link: [./tracks/shop_1/](./tracks/shop_1/)*\n\n- [~] **Track: Other**\n  *Link: [./tracks/other_1/](./tracks/other_1/)*\n",
                )
                .file(
                    GRANT,
                    "tracks/shop_1/plan.md",
                    format!("# P\n\n## Phase 1: A\n- [{marker}] Task 1: api\n- [ ] Task 2: form\n"),
                )
                .file(GRANT, "tracks/other_1/plan.md", "# P\n\n## Phase 1: B\n- [ ] Task 1: docs\n");
            let locks = ground::on(&host, Some(of), |ground| Ok(locks(ground, &look))).expect("a track");
            locks.into_iter().collect::<Vec<_>>()
        };
        let own = ("a.rs".to_owned(), "sp-1".to_owned());
        let others = ("a.rs".to_owned(), "sp-1 of shop_1".to_owned());
        // A person decides first what becomes of it.
        assert_eq!(
            (locked(' ', "shop_1"), locked('~', "other_1")),
            (vec![own], vec![others])
        );
        assert_eq!(
            (locked('x', "shop_1"), locked('x', "other_1")),
            (Vec::new(), Vec::new())
        );
    }
}
