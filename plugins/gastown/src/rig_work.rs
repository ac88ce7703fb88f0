//! What a rig's database holds of the work of tracks: the beads, their merge requests and the conflicts of these,
//! and what the scheduler holds.

use conductor_beads::Bead;

use crate::merge_request::MergeRequest;
use crate::notices::Notices;
use crate::work::CONFLICT;

/// The label of a merge request.
pub(crate) const MERGE_REQUEST: &str = "gt:merge-request";

/// The label of what the scheduler keeps of a bead that it holds.
const SCHEDULED: &str = "gt:sling-context";

/// The beads of a rig that say how the work of tracks stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RigWork {
    /// Those with a track's name on them: tasks, phases, verifications.
    pub beads: Vec<Bead>,
    /// The merge requests, closed ones too.
    pub requests: Vec<Bead>,
    /// The tasks to resolve a conflict.
    pub conflicts: Vec<Bead>,
    /// What the scheduler keeps of the beads that it holds until a worker is free.
    pub scheduled: Vec<Bead>,
}

impl RigWork {
    /// Those among these beads, each once.
    #[must_use]
    pub fn of(all: Vec<Bead>) -> Self {
        let mut of_rig = Self::default();
        for bead in all {
            if bead.has_label(MERGE_REQUEST) {
                of_rig.requests.push(bead);
            } else if bead.has_label(SCHEDULED) {
                of_rig.scheduled.push(bead);
            } else if bead.metadata("conductor_track").is_some() {
                of_rig.beads.push(bead);
            } else if bead.title.starts_with(CONFLICT) {
                of_rig.conflicts.push(bead);
            }
        }
        of_rig
    }

    /// Takes in merge requests that are kept in the town, of this rig's beads.
    pub fn add_requests(&mut self, notices: &Notices) {
        let sources: Vec<&str> = self.beads.iter().map(|bead| bead.id.as_str()).collect();
        let is_ours = |bead: &&Bead| sources.contains(&MergeRequest::of(bead).source);
        self.requests.extend(notices.requests().filter(is_ours).cloned());
    }
}
