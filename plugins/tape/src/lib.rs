//! A tape: what a plugin asked of the machine in one run, and what came of it, so that the run can be had again without the machine.
//!
//! The host records and replays tapes (`conductor --record`, `--replay`), and tests of plugins are driven by them; both use this
//! crate, so that there is one form, one reader and one comparison. Pure: bytes in, values out.
//!
//! A tape is JSON, one object a line: the [`Header`], each [`Call`] in the order in which they were made, and an [`End`], without
//! which the recording was cut off. Places of the machine stand in it as symbols ([`Places`]).
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod line;
mod places;
mod play;
mod read;
mod text;

pub use line::{
    Call, Came, Change, Command, End, Ended, Header, Line, Lock, Operation, Over, Presentation, SCHEMA, Seed,
    TypedError,
};
pub use places::{Places, Symbol};
pub use play::{Difference, Player, Start};
pub use read::{ReadError, TAPE_BYTES, Tape};
pub use text::Text;
