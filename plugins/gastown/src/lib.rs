//! Asks a Gas Town what a plugin wants to know, and reads its answers: `gt` for the town, `bd` in a rig for its work.
//!
//! Gas Town keeps work as beads, so the calls and errors are those of `conductor-beads`. What is true of a piece of work is found
//! from its bead and its merge request, never from a convoy: "closed" is not "merged", and a convoy closes with work unmerged.
//!
//! | concept | where |
//! | --- | --- |
//! | which rig a project is | [`rig`] |
//! | what runs in the town | [`town`] |
//! | convoys and messages | [`notices`] |
//! | a rig's beads of the tracks' work | [`rig_work`] |
//! | a merge request | [`merge_request`] |
//! | where a piece of work stands | [`work`] |
//! | what was asked of the Mayor, and the answer | [`escalation`] |
//! | beads of other rigs that work waits for | [`cross_rig`] |
//! | files that two workers changed | [`overlap`] |
//! | the calls of a status | [`reads`] |
//! | the beads of a rig, made and changed | [`rig_beads`] |
//! | convoys, made and changed | [`convoy`] |
//! | a bead given to a worker | [`sling`] |
//! | a worker: how it stands, its life, its end | [`polecat`] |
//! | a town's rigs and what runs in them | [`rigs`] |
//! | worktrees, the remote, commits that were merged | [`repository`] |
//! | a worktree in which a conflict is mended | [`scratch`] |
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod convoy;
pub mod cross_rig;
pub mod escalation;
pub mod merge_request;
pub mod notices;
pub mod overlap;
pub mod polecat;
pub mod reads;
pub mod repository;
pub mod rig;
pub mod rig_beads;
pub mod rig_work;
pub mod rigs;
pub mod scratch;
pub mod sling;
pub mod town;
pub mod work;

pub use cross_rig::CrossRig;
pub use escalation::Escalation;
pub use merge_request::MergeRequest;
pub use notices::Notices;
pub use rig_work::RigWork;
pub use town::Town;
pub use work::{State, Work};
