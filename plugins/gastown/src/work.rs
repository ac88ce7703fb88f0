//! Where a piece of work stands: found from its bead, its merge requests and the open conflict tasks.
//!
//! Gas Town closes a bead when its worker hands it in. Whether that is merged, waits, is in conflict or is lost is told by the
//! reason that the bead was closed for, and else by its merge request.

use conductor_beads::Bead;

use crate::merge_request::{MergeRequest, Outcome};
use crate::rig_work::RigWork;
use crate::town::{Rig, is_crew};

/// Begins the title of a task that the refinery makes when it can't merge.
pub const CONFLICT: &str = "Resolve merge conflicts";

/// Why a bead is closed whose worker has run `gt done`.
const BY_WORKER: &str = "Closed";

/// A piece of work with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work<'a> {
    /// Its bead.
    pub id: &'a str,
    /// The bead's title.
    pub title: &'a str,
    /// Where it stands.
    pub state: State,
    /// The name of the one who works on it or did; empty when nobody has.
    pub worker: &'a str,
    /// The merge request that is meant: the open one, else the last.
    pub merge_request: Option<MergeRequest<'a>>,
}

/// Where a piece of work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody has it yet.
    Open,
    /// Nobody has it yet, and Gas Town's scheduler gives it away when a worker is free.
    Scheduled,
    /// A worker has it.
    Working,
    /// A worker has it whose session does not run.
    Stalled,
    /// A worker has it and has put it off.
    Deferred,
    /// It is handed in and waits in the merge queue.
    Submitted,
    /// It can't be merged as it is.
    Conflict,
    /// It was handed in and turned down.
    Rejected,
    /// It is on the target.
    Merged,
    /// There was nothing to change.
    NoChange,
    /// It is done, and nobody of Gas Town's merges it: the refinery was not to, or a crew member has done it.
    NoQueue,
    /// It was closed by its polecat and has no merge request: the worker gave up, or it was turned down and Gas Town has cleared the
    /// merge request away, as it does with closed ones. A person has to look.
    Escalated,
    /// It was closed by hand.
    ClosedByHand,
}

impl State {
    /// Its name in data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Scheduled => "scheduled",
            Self::Working => "working",
            Self::Stalled => "stalled",
            Self::Deferred => "deferred",
            Self::Submitted => "submitted",
            Self::Conflict => "conflict",
            Self::Rejected => "rejected",
            Self::Merged => "merged",
            Self::NoChange => "no_change",
            Self::NoQueue => "no_queue",
            Self::Escalated => "escalated",
            Self::ClosedByHand => "closed_by_hand",
        }
    }

    /// Whether what comes after it may begin: its work is on the target, or there is none.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Merged | Self::NoChange | Self::ClosedByHand)
    }

    /// Whether its worker has done its part.
    #[must_use]
    pub fn is_handed_in(self) -> bool {
        matches!(
            self,
            Self::Submitted | Self::Conflict | Self::Merged | Self::NoChange | Self::NoQueue
        )
    }
}

impl<'a> Work<'a> {
    /// Finds where a bead's work stands, with the merge requests of what its rig holds. Without `rig` nothing is known of sessions:
    /// whoever has work counts as working.
    #[must_use]
    pub fn of(bead: &'a Bead, requests: &[MergeRequest<'a>], of_rig: &RigWork, rig: Option<&Rig>) -> Self {
        let mut own = requests.iter().filter(|request| request.source == bead.id);
        let open = own.clone().find(|request| request.is_open());
        let request = open.or_else(|| own.next_back()).copied();
        let assignee = bead.assignee.rsplit('/').next().unwrap_or_default();
        let by_request = request.map_or("", |request| request.worker);
        Self {
            id: &bead.id,
            title: &bead.title,
            state: state(bead, request.as_ref(), of_rig, rig),
            worker: if assignee.is_empty() { by_request } else { assignee },
            merge_request: request,
        }
    }
}

fn state(bead: &Bead, request: Option<&MergeRequest>, of_rig: &RigWork, rig: Option<&Rig>) -> State {
    if bead.is_closed() {
        return closed(bead, request, &of_rig.conflicts);
    }
    match rig {
        _ if !bead.is_under_way() && of_rig.scheduled.iter().any(|held| holds(held, bead)) => State::Scheduled,
        _ if !bead.is_under_way() => State::Open,
        None => State::Working,
        Some(rig) => match rig.assignee(&bead.assignee) {
            // Of crew gt always says that it is idle, whatever it has.
            Some(agent) if agent.running && agent.role != "crew" && agent.state == "idle" => State::Deferred,
            Some(agent) if agent.running => State::Working,
            _ => State::Stalled,
        },
    }
}

/// Whether `gt done` has closed it and nothing has come of that yet: handed in, or given up. A merge gives another reason.
#[must_use]
pub fn is_closed_by_worker(bead: &Bead) -> bool {
    bead.is_closed() && bead.close_reason.trim() == BY_WORKER
}

fn closed(bead: &Bead, request: Option<&MergeRequest>, conflicts: &[Bead]) -> State {
    let reason = bead.close_reason.trim();
    let starts = |start: &str| reason.starts_with(start);
    if starts("Merged in ") || starts("Direct merge") {
        return State::Merged;
    }
    if starts("Completed with no code changes") {
        return State::NoChange;
    }
    if starts("No-merge work completed") {
        return State::NoQueue;
    }
    match request {
        Some(request) => by_request(request, conflicts),
        // `bd close` without a reason gives the same one: so does crew, which has no `gt done`, and whoever closes what nobody had.
        None if reason == BY_WORKER && is_crew(&bead.assignee) => State::NoQueue,
        None if reason == BY_WORKER && !bead.assignee.is_empty() => State::Escalated,
        None => State::ClosedByHand,
    }
}

fn by_request(request: &MergeRequest, conflicts: &[Bead]) -> State {
    match request.outcome {
        Outcome::Open if conflicts.iter().any(|task| is_about(task, request)) => State::Conflict,
        Outcome::Open => State::Submitted,
        Outcome::Merged => State::Merged,
        Outcome::Rejected(_) | Outcome::Superseded | Outcome::Closed(_) => State::Rejected,
    }
}

/// The scheduler holds a bead by an open one of its own, which tracks it.
fn holds(held: &Bead, bead: &Bead) -> bool {
    let tracks_it = held.dependencies.iter().any(|on| on.depends_on_id == bead.id);
    !held.is_closed() && tracks_it
}

/// A conflict task names its merge request. Not every refinery makes the merge request depend on it.
#[must_use]
pub fn is_about(task: &Bead, request: &MergeRequest) -> bool {
    !task.is_closed() && task.title.starts_with(CONFLICT) && task.field("Original MR") == Some(request.id)
}

#[cfg(test)]
mod tests {
    use conductor_beads::Bead;
    use serde_json::json;

    use super::{State, Work};
    use crate::merge_request::MergeRequest;
    use crate::rig_work::RigWork;
    use crate::town::{Agent, Rig};

    fn bead(status: &str, reason: &str) -> Bead {
        let bead = json!({"id": "sh-1", "status": status, "close_reason": reason, "assignee": "shop/polecats/nux"});
        serde_json::from_value(bead).expect("a bead")
    }

    fn request(status: &str, reason: &str) -> Bead {
        let text = "branch: polecat/nux/sh-1@x\ntarget: main\nsource_issue: sh-1\nworker: nux\nconflict_task_id: null";
        let bead = json!({"id": "sh-mr", "status": status, "close_reason": reason, "description": text});
        serde_json::from_value(bead).expect("a bead")
    }

    fn conflict(of: &str, status: &str) -> Bead {
        let (title, text) = (
            "Resolve merge conflicts: One",
            format!("## Conflict\n\nOriginal MR: {of}\nBranch: x"),
        );
        let bead = json!({"id": "sh-c", "title": title, "status": status, "description": text});
        serde_json::from_value(bead).expect("a bead")
    }

    fn rig(name: &str, running: bool, state: &str) -> Rig {
        with_agent("polecat", name, running, state)
    }

    fn with_agent(role: &str, name: &str, running: bool, state: &str) -> Rig {
        let agent = Agent {
            name: name.to_owned(),
            role: role.to_owned(),
            running,
            state: state.to_owned(),
        };
        Rig {
            name: "shop".to_owned(),
            agents: vec![agent],
        }
    }

    fn state(bead: &Bead, requests: &[Bead], conflicts: &[Bead], rig: Option<&Rig>) -> State {
        let requests: Vec<MergeRequest> = requests.iter().map(MergeRequest::of).collect();
        let of_rig = RigWork {
            conflicts: conflicts.to_vec(),
            ..RigWork::default()
        };
        Work::of(bead, &requests, &of_rig, rig).state
    }

    #[test]
    fn who_has_open_work_is_told_by_the_sessions() {
        let hooked = bead("hooked", "");
        let cases = [
            (None, State::Working),
            (Some(rig("nux", true, "working")), State::Working),
            (Some(rig("nux", true, "idle")), State::Deferred),
            (Some(rig("nux", false, "working")), State::Stalled),
            (Some(rig("slit", true, "working")), State::Stalled),
        ];
        for (rig, expected) in cases {
            assert_eq!(state(&hooked, &[], &[], rig.as_ref()), expected, "{rig:?}");
        }
        assert_eq!(state(&bead("open", ""), &[], &[], None), State::Open);
    }

    #[test]
    fn crew_that_has_work_is_not_taken_for_idle() {
        let crew = json!({"id": "sh-1", "status": "hooked", "assignee": "shop/crew/alice"});
        let crew: Bead = serde_json::from_value(crew).expect("a bead");
        for (role, running, expected) in [
            ("crew", true, State::Working),
            ("crew", false, State::Stalled),
            ("polecat", true, State::Stalled),
        ] {
            let rig = with_agent(role, "alice", running, "idle");
            assert_eq!(state(&crew, &[], &[], Some(&rig)), expected, "{role} {running}");
        }
    }

    #[test]
    fn what_the_scheduler_holds_is_told_by_its_own_bead() {
        let scheduled = |of: &str, held: &str, bead: &Bead| {
            let held = json!([{"id": "sh-wisp-1", "title": "sling-context: One", "status": held, "labels": ["gt:sling-context"],
                "dependencies": [{"issue_id": "sh-wisp-1", "depends_on_id": of, "type": "tracks"}]}]);
            let of_rig = RigWork::of(serde_json::from_value(held).expect("beads"));
            Work::of(bead, &[], &of_rig, None).state
        };
        let open = bead("open", "");
        assert_eq!(scheduled("sh-1", "open", &open), State::Scheduled);
        assert_eq!(scheduled("sh-1", "closed", &open), State::Open);
        assert_eq!(scheduled("sh-2", "open", &open), State::Open);
        assert_eq!(scheduled("sh-1", "open", &bead("hooked", "")), State::Working);
        assert_eq!(
            scheduled("sh-1", "open", &bead("closed", "Merged in sh-mr")),
            State::Merged
        );
    }

    #[test]
    fn what_a_crew_member_or_a_person_closes_is_not_given_up() {
        for (assignee, expected) in [
            ("shop/polecats/nux", State::Escalated),
            ("shop/crew/mel", State::NoQueue),
            ("", State::ClosedByHand),
        ] {
            let mut bead = bead("closed", "Closed");
            bead.assignee = assignee.to_owned();
            assert_eq!(state(&bead, &[], &[], None), expected, "{assignee}");
        }
    }

    #[test]
    fn closed_is_not_merged() {
        let open = || vec![request("open", "")];
        let cases = [
            ("Merged in sh-mr", vec![], vec![], State::Merged),
            ("Direct merge to main (convoy strategy)", vec![], vec![], State::Merged),
            (
                "Completed with no code changes (already fixed)",
                vec![],
                vec![],
                State::NoChange,
            ),
            (
                "No-merge work completed; merge queue skipped",
                vec![],
                vec![],
                State::NoQueue,
            ),
            ("Closed", open(), vec![], State::Submitted),
            ("Closed", open(), vec![conflict("sh-mr", "open")], State::Conflict),
            ("Closed", open(), vec![conflict("sh-mr", "closed")], State::Submitted),
            ("Closed", open(), vec![conflict("sh-other", "open")], State::Submitted),
            ("Closed", vec![request("closed", "merged")], vec![], State::Merged),
            (
                "Closed",
                vec![request("closed", "rejected: no tests")],
                vec![],
                State::Rejected,
            ),
            (
                "Closed",
                vec![request("closed", "superseded by sh-x")],
                vec![],
                State::Rejected,
            ),
            (
                "Closed",
                vec![request("closed", "rejected: x"), request("open", "")],
                vec![],
                State::Submitted,
            ),
            ("Closed", vec![], vec![], State::Escalated),
            ("commit: abc1234", vec![], vec![], State::ClosedByHand),
        ];
        for (reason, requests, conflicts, expected) in cases {
            let found = state(&bead("closed", reason), &requests, &conflicts, None);
            assert_eq!(found, expected, "{reason} {requests:?} {conflicts:?}");
        }
    }
}
