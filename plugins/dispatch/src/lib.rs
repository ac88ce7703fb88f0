//! What a track's plan means for the workers who carry it out.
//!
//! Everything here is pure. [`Graph::of`] makes a plan into items for workers and gates for the person, with what each waits for.

pub mod graph;
pub mod identity;
pub mod request;
pub mod standing;
pub mod workers;

pub use graph::{Graph, Options};
