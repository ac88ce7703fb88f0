//! Work that waits for a bead of another rig, or of the town: it is held back until that is done.

use std::collections::BTreeMap;

use conductor_common::width::quotable;
use conductor_gastown::rig::Registry;
use conductor_gastown::{CrossRig, RigWork, cross_rig};
use conductor_plugin::Host;

use super::look::Look;
use crate::beads::Beads;
use crate::ground::Ground;
use crate::patience::PATIENCE_MS;

/// The most columns of another bead's id or title.
const TITLE: usize = 60;

/// What beads of the rig wait for in other databases.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// By the bead that waits; only what is not done.
    pub waits: cross_rig::Waits,
    /// What could not be looked at, and why: it counts as open.
    pub wrong: Option<String>,
}

/// Looks at the beads that work of the rig waits for. Without any nothing is started.
#[must_use]
pub fn look(host: &dyn Host, registry: &Registry, rig: &str, work: &RigWork) -> Waiting {
    let (waits, wrong) = cross_rig::open(host, registry, rig, work.beads.iter(), PATIENCE_MS);
    Waiting {
        waits,
        wrong: wrong.map(|error| {
            format!(
                "whether what work waits for in other rigs is done is not known: {}",
                error.message
            )
        }),
    }
}

/// The nodes that wait for something in another rig, and what that is.
#[must_use]
pub fn held(ground: &Ground<'_>, look: &Look, beads: &Beads) -> BTreeMap<usize, String> {
    let waits = &look.cross_rig.waits;
    if waits.is_empty() {
        return BTreeMap::new();
    }
    let nodes = ground.graph.nodes.iter().enumerate();
    let held = nodes.filter_map(|(at, node)| {
        let tasks = node.tasks.iter().filter_map(|&task| beads.of_task((node.phase, task)));
        // What an epic waits for its tasks wait for.
        let all = tasks.chain(beads.of_phase(node.phase)).chain(beads.epic());
        let on: Vec<String> = all
            .filter_map(|bead| Some((bead, waits.get(&bead.id)?)))
            .flat_map(|(bead, on)| on.iter().map(|on| words(&bead.id, on)))
            .collect();
        (!on.is_empty()).then(|| (at, on.join(", and for ")))
    });
    held.collect()
}

/// `ot-ze9 of the rig \`other\` ("API", open)`. Ids and titles are others' text.
fn words(bead: &str, on: &CrossRig) -> String {
    let id = quotable(&on.id, TITLE);
    let place = match on.rig.as_deref() {
        Some("hq") => " of the town".to_owned(),
        Some(rig) => format!(" of the rig `{}`", quotable(rig, TITLE)),
        None => String::new(),
    };
    match (&on.title, &on.status) {
        (Some(title), Some(status)) => {
            let status = quotable(&status.replace('_', " "), TITLE);
            format!("{id}{place} (\"{}\", {status})", quotable(title, TITLE))
        }
        // No command is made of what anybody can write there.
        _ => format!(
            "{id}{place}, which is not to be seen from here: `bd dep list {bead}` in the rig shows it, and `bd dep remove` ends it when it is done"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_has_its_place_and_what_can_not_be_seen_a_way_out() {
        let on = |id: &str, rig: Option<&str>, found: Option<(&str, &str)>| CrossRig {
            id: id.to_owned(),
            rig: rig.map(str::to_owned),
            title: found.map(|(title, _)| title.to_owned()),
            status: found.map(|(_, status)| status.to_owned()),
        };
        for (bead, expected) in [
            (
                on("ot-1", Some("other"), Some(("API\nof ours", "open"))),
                "ot-1 of the rig `other` (\"API of ours\", open)",
            ),
            (
                on("hq-2", Some("hq"), Some(("Keys", "in_progress"))),
                "hq-2 of the town (\"Keys\", in progress)",
            ),
            (
                on("ot-3", Some("other"), Some(("`x` <!--", "not_merged"))),
                "ot-3 of the rig `other` (\"'x' '!--\", not merged)",
            ),
            (
                on("external:other:api", None, None),
                "external:other:api, which is not to be seen from here: `bd dep list sp-1` in the rig shows it, and `bd dep remove` ends it when it is done",
            ),
        ] {
            assert_eq!(words("sp-1", &bead), expected);
        }
    }
}
