//! How long a dispatch waits for the reads that a status has less patience with.
//!
//! A status is waited for by a person and shows what it has; a dispatch goes on by what it reads, and a sling may be under way or the
//! machine be busy with workers.

pub use conductor_beads::reads::PATIENCE_MS;
use conductor_beads::reads::WHERE;
use conductor_gastown::{cross_rig, reads};

/// These reads, with that time, as a manifest has to allow it.
pub const PATIENCE: [(&str, u64); 8] = [
    (WHERE.name, PATIENCE_MS),
    (reads::REMOTES.name, PATIENCE_MS),
    (reads::STATUS.name, PATIENCE_MS),
    (reads::NOTICES.name, PATIENCE_MS),
    (reads::WORK.name, PATIENCE_MS),
    (reads::CHANGES.name, PATIENCE_MS),
    (cross_rig::IN_RIG.name, PATIENCE_MS),
    (cross_rig::IN_TOWN.name, PATIENCE_MS),
];
