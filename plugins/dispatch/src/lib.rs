//! The bundled plugin behind `conductor dispatch`: carries out a track's plan with workers, and the plan says what they have done.
//!
//! It keeps no journal. Each run reads the plan and the workers ([`ground`]), finds out where the track stands ([`standing`]), and
//! does what is missing: facts are written down at once ([`settle`], [`report`], [`verify`]), and what begins something is an
//! [`offer`] that the person agrees to by its digest before [`native`] hands it out. So the same command starts a track, goes on with
//! it, and ends it; run twice, it does nothing the second time.
//!
//! | concept | where |
//! | --- | --- |
//! | the order of a plan's work | [`graph`] |
//! | finding a task again in an edited plan | [`identity`] |
//! | `parallel_state.json` | [`workers`] |
//! | state files of work that was moved | [`archive`] |
//! | the project's beads | [`beads`] |
//! | a worker's own checkout | [`worktrees`] |
//! | work that is in Gas Town | [`town`] |
//! | the formula that polecats work by | [`formula`] |
//! | whether something may begin | [`agree`], [`ask`] |
//! | all tracks at once | [`auto`] |
//! | how long a read is waited for | [`patience`] |
//! | what was done before a failure | [`half_way`] |
//! | what a worker is told | [`brief`] |
//! | what is shown | [`show`] |

pub mod agree;
pub mod archive;
pub mod ask;
pub mod auto;
pub mod beads;
pub mod begin;
pub mod brief;
pub mod choose;
pub mod commits;
pub mod folder;
pub mod formula;
pub mod graph;
pub mod ground;
pub mod half_way;
pub mod identity;
pub mod native;
pub mod offer;
pub mod patience;
pub mod report;
pub mod request;
pub mod run;
pub mod settle;
pub mod show;
pub mod standing;
pub mod town;
pub mod verify;
pub mod workers;
pub mod worktrees;

pub use graph::{Graph, Options};
pub use run::DispatchPlugin;
