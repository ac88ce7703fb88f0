//! How far a run has come: what it says of that, whoever listens.

/// Where a run says how far it has come. What is said is one line without control characters.
pub trait Progress: Send + Sync {
    /// A piece of work begins, of so many steps where that is known. It ends the one before.
    fn begin(&self, what: &str, steps: Option<u32>);
    /// So many steps are done, and what is being done now, where that is new. Without effect where nothing has begun.
    fn advance(&self, done: u32, what: Option<&str>);
    /// It is done. Without effect where nothing has begun.
    fn end(&self);
}

/// Nobody waits, or whoever does reads only the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Unseen;

impl Progress for Unseen {
    fn begin(&self, _: &str, _: Option<u32>) {}
    fn advance(&self, _: u32, _: Option<&str>) {}
    fn end(&self) {}
}
