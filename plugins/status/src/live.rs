//! What Beads and Gas Town say of the project at this moment: asked all at once while the files are read, and only where they
//! are used.
//!
//! A tool that is slow, broken or not what it should be costs its own part of the status and nothing else. Where neither is used
//! no process starts.

mod beads;
mod gastown;
pub mod report;
mod trouble;

use conductor_plugin::{Entry, Host};
use conductor_tracks::beads_config::BeadsConfig;
use conductor_tracks::{Project, Track};

pub use report::Live;

/// What was asked and not waited for yet. Dropping it ends what was started.
pub(crate) struct Asked {
    beads: Option<beads::Asked>,
    gastown: Option<gastown::Asked>,
}

/// Asks what the project's files give a reason to ask.
pub(crate) fn start(host: &dyn Host, entries: &[Entry], offline: bool) -> Asked {
    if offline {
        return Asked {
            beads: None,
            gastown: None,
        };
    }
    let config = config(entries);
    let wanted = |config: &BeadsConfig| config.enabled != Some(false);
    let gastown_wanted = |config: &BeadsConfig| config.gastown.as_ref().is_none_or(|wish| wish.enabled != Some(false));
    Asked {
        gastown: config
            .as_ref()
            .is_none_or(gastown_wanted)
            .then(|| gastown::start(host, entries))
            .flatten(),
        beads: config.as_ref().is_none_or(wanted).then(|| beads::start(host)).flatten(),
    }
}

impl Asked {
    /// Waits for the answers. With a selected track only what is about that one is kept.
    pub(crate) fn finish(self, host: &dyn Host, project: &Project, selected: Option<&Track>) -> Live {
        let mut live = Live::default();
        match (&self.beads, &self.gastown) {
            (None, None) => return live,
            (Some(_), None) => host.begin_progress("asking Beads", None),
            (None, Some(_)) => host.begin_progress("asking Gas Town", None),
            (Some(_), Some(_)) => host.begin_progress("asking Beads and Gas Town", None),
        }
        if let Some(asked) = self.gastown {
            asked.finish(host, project, selected, &mut live);
        }
        if let Some(asked) = self.beads {
            asked.finish(host, selected, &mut live);
        }
        host.end_progress();
        live
    }
}

/// What `beads.json` wishes. What is wrong with it is told by the reader.
fn config(entries: &[Entry]) -> Option<BeadsConfig> {
    let entry = entries.iter().find(|entry| entry.path == "beads.json")?;
    let bytes = entry.content.as_ref().ok()?;
    BeadsConfig::read(&"beads.json".into(), bytes, &mut Vec::new())
}
