//! Asks `bd` (Beads) what a plugin wants to know, and reads its answers.
//!
//! Each function of [`reads`] and [`writes`] is one call of `bd`. A call is started and waited for in two steps, so that several run at once:
//!
//! ```
//! use conductor_beads::reads;
//! use conductor_plugin::{Output, testing::FakeHost};
//!
//! let output = Output { status: Some(0), stdout: b"[]".to_vec(), ..Output::default() };
//! let host = FakeHost::new().command("beads-ready", &[], output);
//! let asked = reads::ready(&host);
//! assert_eq!(asked.wait().map(|beads| beads.len()), Ok(0));
//! ```
//!
//! A plugin that uses a call declares it in its manifest, word for word as its [`Call`] says; a test of the plugin compares the
//! two. What goes wrong is an [`Error`] of one of a few kinds, told in one sentence.
//!
//! | concept | where |
//! | --- | --- |
//! | a command line, started and waited for | [`call`] |
//! | text that came back, read | [`answer`] |
//! | what can go wrong | [`error`] |
//! | why a tool will not | [`refusal`] |
//! | one bead | [`bead`] |
//! | the calls that only read | [`reads`] |
//! | the calls that change beads | [`writes`] |
//! | a manifest, held to the calls | `testing` |
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod answer;
pub mod bead;
pub mod call;
pub mod error;
pub mod reads;
pub mod refusal;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod writes;

pub use bead::{Bead, Dependency};
pub use call::{Asked, Call, ask, ask_lists};
pub use error::{Error, Kind};
pub use refusal::Refusal;
