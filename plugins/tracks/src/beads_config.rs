//! `beads.json`: whether and how a project uses Beads, and what it wishes of Gas Town.

use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::json;

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
    /// `autoCreateTasks`.
    pub auto_create_tasks: Option<bool>,
    /// `autoSyncOnComplete`.
    pub auto_sync_on_complete: Option<bool>,
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

impl BeadsConfig {
    /// Reads the file; `None` when it is not one JSON object, which a problem names. Values of a wrong kind are notes.
    pub fn read<'a>(file: &Text<'a>, bytes: &[u8], found: &mut Vec<Diagnostic<'a>>) -> Option<Self> {
        let json = json::object(file, bytes, found)?;
        let fields = json.fields(file, found);
        let gastown = fields.object("gastown", found).map(|wish| GastownWish {
            enabled: wish.flag(&["enabled"], found),
            auto_dispatch: wish.flag(&["auto_dispatch"], found),
            convoy_notify: wish.flag(&["convoy_notify"], found),
            use_refinery: wish.flag(&["use_refinery"], found),
        });
        Some(Self {
            enabled: fields.flag(&["enabled"], found),
            mode: fields.text(&["mode"], found),
            sync: fields.loose_text(&["sync"]),
            epic_prefix: fields.text(&["epicPrefix", "epic_prefix"], found),
            prefix: fields.text(&["prefix"], found),
            auto_create_tasks: fields.flag(&["autoCreateTasks"], found),
            auto_sync_on_complete: fields.flag(&["autoSyncOnComplete"], found),
            gastown,
        })
    }
}
