//! The project's own beads: what can be begun, what is begun, what waits, and how far the epics are.

use conductor_beads::{Bead, Error, Kind, reads};
use conductor_plugin::Host;
use conductor_tracks::Track;

use super::report::{BeadLine, Beads, Elsewhere, EpicLine, Live};
use super::trouble;

/// The grant of the file by which a project shows that it uses Beads.
const GRANT: &str = "beads";

/// What was asked.
pub(super) enum Asked {
    /// The calls are under way.
    Started(Box<Calls>),
    /// Asking would be of no use: `bd` answers for a damaged workspace as for an empty one.
    Damaged,
}

/// The calls that were started.
pub(super) struct Calls {
    open: conductor_beads::Asked<Vec<Bead>>,
    ready: conductor_beads::Asked<Vec<Bead>>,
    epics: conductor_beads::Asked<Vec<reads::Epic>>,
}

/// Asks `bd`, if the project has a workspace of its. Nothing is said of a project that has none, whatever `beads.json` wishes.
pub(super) fn start(host: &dyn Host) -> Option<Asked> {
    let settings = host.read(GRANT, "").ok()?;
    if serde_json::from_slice::<serde::de::IgnoredAny>(&settings).is_err() {
        return Some(Asked::Damaged);
    }
    Some(Asked::Started(Box::new(Calls {
        open: reads::open(host),
        ready: reads::ready(host),
        epics: reads::epics(host),
    })))
}

impl Asked {
    /// Waits for the answers.
    pub(super) fn finish(self, host: &dyn Host, selected: Option<&Track>, live: &mut Live) {
        let (open, ready, epics) = match self {
            Self::Damaged => {
                live.beads = Some(damaged(
                    "`.beads/metadata.json` is not JSON: what `bd` would say is not to be trusted",
                ));
                return;
            }
            Self::Started(calls) => (calls.open.wait(), calls.ready.wait(), calls.epics.wait()),
        };
        let is_empty = |beads: &Result<Vec<_>, Error>| beads.as_ref().is_ok_and(Vec::is_empty);
        if is_empty(&open) && is_empty(&ready) {
            match reads::workspace(host)
                .wait()
                .and_then(|workspace| reads::check(&workspace))
            {
                Err(error) if error.kind == Kind::Damaged => {
                    live.beads = Some(damaged(&error.message));
                    return;
                }
                _ => {}
            }
        }
        let found = Found {
            open: open.as_deref().unwrap_or_default(),
            track: selected,
        };
        let mut beads = Beads {
            ready: ready.as_ref().ok().map(|beads| found.lines(beads, |_| true)),
            in_progress: open.as_ref().ok().map(|beads| found.lines(beads, Bead::is_under_way)),
            blocked: open
                .as_ref()
                .ok()
                .map(|beads| found.lines(beads, |bead| found.is_blocked(bead))),
            epics: epics.as_ref().ok().map(|epics| found.epics(epics)),
            troubles: Vec::new(),
        };
        for error in [open.as_ref().err(), ready.as_ref().err(), epics.as_ref().err()]
            .into_iter()
            .flatten()
        {
            trouble::add(&mut beads.troubles, trouble::of("beads", error));
        }
        let gates = found.open.iter().filter(|bead| found.is_due(bead));
        live.waiting.extend(gates.map(gate));
        live.beads = Some(beads);
    }
}

/// The open beads, and the track that only those of are wanted.
struct Found<'a> {
    open: &'a [Bead],
    track: Option<&'a Track<'a>>,
}

impl Found<'_> {
    fn lines(&self, beads: &[Bead], wanted: impl Fn(&Bead) -> bool) -> Vec<BeadLine> {
        let wanted = beads.iter().filter(|bead| wanted(bead) && self.is_shown(bead));
        wanted.map(|bead| self.line(bead)).collect()
    }

    fn line(&self, bead: &Bead) -> BeadLine {
        BeadLine {
            id: bead.id.clone(),
            title: bead.title.clone(),
            priority: bead.priority,
            assignee: (!bead.assignee.is_empty()).then(|| bead.assignee.clone()),
            waits_for: self.waits_for(bead),
        }
    }

    fn epics(&self, epics: &[reads::Epic]) -> Vec<EpicLine> {
        let shown = epics.iter().filter(|epic| self.is_shown(&epic.epic));
        shown
            .map(|epic| EpicLine {
                id: epic.epic.id.clone(),
                title: epic.epic.title.clone(),
                done: epic.closed_children,
                total: epic.total_children,
            })
            .collect()
    }

    /// The bead and the epics above it, nearest first.
    fn with_parents<'b>(&'b self, bead: &'b Bead) -> impl Iterator<Item = &'b Bead> {
        let parent = |bead: &&'b Bead| {
            self.open
                .iter()
                .find(|other| !bead.parent.is_empty() && other.id == bead.parent)
        };
        // An epic can't be above itself in more steps than there are beads; ten levels are more than `bd` allows.
        std::iter::successors(Some(bead), parent).take(10)
    }

    /// A bead waits for what it depends on, and for what its epics depend on.
    fn waits_for(&self, bead: &Bead) -> Vec<String> {
        let is_open = |id: &&str| self.open.iter().any(|open| open.id == *id);
        let mut waits: Vec<String> = Vec::new();
        for id in self.with_parents(bead).flat_map(Bead::blocked_by).filter(is_open) {
            if !waits.iter().any(|known| known == id) {
                waits.push(id.to_owned());
            }
        }
        waits
    }

    fn is_blocked(&self, bead: &Bead) -> bool {
        let is_work = !bead.is_epic() && !bead.is_gate() && !bead.ephemeral;
        is_work && (bead.status == "blocked" || bead.status == "open" && !self.waits_for(bead).is_empty())
    }

    /// A gate that waits for nothing waits for the person.
    fn is_due(&self, bead: &Bead) -> bool {
        bead.is_gate() && bead.status == "open" && self.is_shown(bead) && self.waits_for(bead).is_empty()
    }

    /// Whether it belongs to the track that was asked for: by its metadata, or below the epic that the track names.
    fn is_shown(&self, bead: &Bead) -> bool {
        let Some(track) = self.track else { return true };
        let Some(metadata) = &track.metadata else { return false };
        let epic = metadata.beads_epic.as_deref();
        let is_named = |bead: &Bead| {
            bead.metadata("conductor_track") == Some(&track.id)
                || epic == Some(&bead.id)
                || metadata.beads_tasks.iter().any(|(_, id)| *id == bead.id)
                || epic.is_some_and(|epic| bead.id.strip_prefix(epic).is_some_and(|rest| rest.starts_with('.')))
        };
        self.with_parents(bead).any(is_named)
    }
}

/// Gates name the phase that they close: `TRACK/phase2/task5`.
pub(super) fn gate(bead: &Bead) -> Elsewhere {
    let key = bead.metadata("conductor_key").unwrap_or_default();
    let phase = key.split('/').find_map(|part| part.strip_prefix("phase"));
    Elsewhere::Gate {
        track: bead.metadata("conductor_track").map(str::to_owned),
        phase: phase.map(str::to_owned),
        bead: bead.id.clone(),
        title: bead.title.clone(),
    }
}

fn damaged(message: &str) -> Beads {
    Beads {
        troubles: vec![trouble::new("beads", Kind::Damaged, message)],
        ..Beads::default()
    }
}
