//! `beads.json`: whether and how a project uses Beads, and what it wishes of Gas Town.

/// Every field may be missing. A missing file means that Beads is off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BeadsConfig {
    /// `enabled`.
    pub enabled: Option<bool>,
    /// `mode`: `normal` or `stealth`.
    pub mode: Option<String>,
    /// `sync`.
    pub sync: Option<String>,
    /// `epicPrefix`, or `epic_prefix`.
    pub epic_prefix: Option<String>,
    /// `prefix` of the specification.
    pub prefix: Option<String>,
    /// `gastown`, `None` when absent.
    pub gastown: Option<GastownWish>,
}

/// What a repository says about Gas Town: a wish, never a grant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GastownWish {
    /// `enabled`.
    pub enabled: Option<bool>,
    /// `auto_dispatch`.
    pub auto_dispatch: Option<bool>,
    /// `convoy_notify`.
    pub convoy_notify: Option<bool>,
    /// `use_refinery`.
    pub use_refinery: Option<bool>,
}
