//! Work that the polecats of Gas Town do: found, given out, and followed until it is merged.
//!
//! Nothing is kept of it here: each run asks the rig's database where the work stands. "Closed" is not "merged", and what comes next
//! may only begin when what it waits for is on the target.
//!
//! | concept | where |
//! | --- | --- |
//! | whether Gas Town can be used, and what it holds | [`look`] |
//! | where each task's work stands | [`pieces`] |
//! | the commit under which work came to the target | [`merged`] |
//! | the steps that make a project a rig | [`setup`] |
//! | what is not as it has to be before anything starts | [`ready`] |
//! | plan, registry and beads follow what has happened | [`settle`] |
//! | the project's own beads of the same tasks | [`own`] |
//! | beads, convoy, slings | [`begin`] |
//! | workers that are silent, kept alive | [`alive`] |
//! | what Gas Town starts beside polecats | [`starts`] |
//! | work that can't be merged as it is | [`resolve`] |
//! | work that was begun before | [`base`] |
//! | the worktree in which that is resolved | [`scratch`] |
//! | work that is taken back | [`release`] |
//! | what workers have noted | [`learnings`] |
//! | what there is to say of it | [`told`] |
//! | work that waits for another rig | [`cross_rig`] |
//! | what the Mayor is told, and answers | [`escalation`] |
//! | what polecats have, for a track that is carried out natively | [`beside`] |
//! | a crew member in place of polecats | [`crew`] |
//! | worktrees that nobody owns any more | [`leftovers`] |

pub mod alive;
pub mod base;
pub mod begin;
pub mod beside;
pub mod crew;
pub mod cross_rig;
pub mod escalation;
pub mod learnings;
pub mod leftovers;
pub mod look;
pub mod merged;
pub mod own;
pub mod pieces;
pub mod ready;
pub mod release;
pub mod resolve;
pub mod run;
mod scratch;
pub mod settle;
pub mod setup;
pub mod starts;
pub mod told;
