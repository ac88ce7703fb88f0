//! Why a tool will not do what it was asked for: what the one who asked can do about it differs.

/// Why a bead is not changed, staged or slung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What it was asked about is not there. `gt sling` and `gt convoy` say so too where they can't look: outside a town, and when
    /// the database server is down.
    NotFound,
    /// The bead is another rig's, or none's: by its id, whose beginning is all that `gt` goes by.
    NotRouted,
    /// Another `gt sling` is at work on the bead.
    BeingSlung,
    /// Another worker has the bead.
    Held,
    /// This `gt` and this `bd` can't apply a formula to a bead (gastown#4220): `--hook-raw-bead` does without.
    Formula,
    /// What an earlier worker left is still attached to the bead: `--force` replaces it.
    Attached,
    /// The bead is put off.
    Deferred,
    /// The bead is closed.
    Closed,
    /// The rig takes no work: it is parked or docked.
    Parked,
    /// An open convoy has one of the beads already.
    InConvoy,
    /// `tmux` is not there, in which Gas Town's agents run.
    NoTmux,
    /// There is no session of the one who is meant: its agent ended as soon as it was started, or none runs. `gt sling` says so
    /// of a rig that it does not know, too.
    NoSession,
}
