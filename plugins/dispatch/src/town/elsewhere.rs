//! What a track waits for outside its rig: beads of other rigs, and the Mayor's answer about work that was given up.

use std::collections::BTreeMap;

use conductor_common::width::{one_line, shortened};
use conductor_gastown::{CrossRig, cross_rig, rig_beads};
use conductor_plugin::{Failure, Host};

use super::look::{Look, PATIENCE_MS, failure};
use crate::beads::Beads;
use crate::ground::Ground;

/// The most columns of an answer: it is a mail.
const ANSWER: usize = 400;

/// The most columns of another bead's title.
const TITLE: usize = 60;

/// What beads of the rig wait for in other databases.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// By the bead that waits; only what is not closed.
    pub waits: cross_rig::Waits,
    /// What could not be looked at, and why: it counts as open.
    pub wrong: Option<String>,
}

/// Looks at the beads of other rigs that work waits for. Without any nothing is started.
pub fn look(host: &dyn Host, look: &mut Look) {
    let beads = look.work.beads.iter();
    let (waits, wrong) = cross_rig::open(host, &look.registry, &look.prefix, beads, PATIENCE_MS);
    look.elsewhere = Elsewhere {
        waits,
        wrong: wrong.map(|error| {
            format!(
                "whether what work waits for in other rigs is done is not known: {}",
                error.message
            )
        }),
    };
}

/// The nodes that wait for something in another rig, and what that is.
#[must_use]
pub fn held(ground: &Ground<'_>, look: &Look, beads: &Beads) -> BTreeMap<usize, String> {
    let waits = &look.elsewhere.waits;
    if waits.is_empty() {
        return BTreeMap::new();
    }
    let nodes = ground.graph.nodes.iter().enumerate();
    let held = nodes.filter_map(|(at, node)| {
        let tasks = node.tasks.iter().filter_map(|&task| beads.of_task((node.phase, task)));
        let on: Vec<String> = tasks
            .filter_map(|bead| Some((bead, waits.get(&bead.id)?)))
            .flat_map(|(bead, on)| on.iter().map(|on| words(&bead.id, on)))
            .collect();
        (!on.is_empty()).then(|| (at, on.join(", and for ")))
    });
    held.collect()
}

/// `ot-ze9 of the rig \`other\` ("API", open)`.
fn words(bead: &str, on: &CrossRig) -> String {
    let id = one_line(&on.id);
    let place = match on.rig.as_deref() {
        Some("hq") => " of the town".to_owned(),
        Some(rig) => format!(" of the rig `{rig}`"),
        None => String::new(),
    };
    match (&on.title, &on.status) {
        (Some(title), Some(status)) => {
            let title = shortened(&one_line(title), TITLE).into_owned();
            format!("{id}{place} (\"{title}\", {})", one_line(status))
        }
        _ => format!(
            "{id}{place}, which is not to be seen from here: `bd dep remove {bead} {id}` in the rig when it is done"
        ),
    }
}

/// What was answered about work that was given up. It is others' text.
#[must_use]
pub fn answer(look: &Look, bead: &str) -> Option<String> {
    let answer = look.notices.escalation(bead)?.answer()?;
    Some(shortened(&one_line(&answer), ANSWER).into_owned())
}

/// Notes the answer on the bead, for the next who works on it. Made again, it stands there already. What was changed.
///
/// # Errors
/// What `bd` says.
pub fn pass_on(ground: &Ground<'_>, look: &Look, bead: &str) -> Result<Option<String>, Failure> {
    let Some(answer) = look.notices.escalation(bead).and_then(|asked| asked.answer()) else {
        return Ok(None);
    };
    let note = format!("Answer to what was escalated: {answer}");
    let has_it = look
        .work
        .beads
        .iter()
        .any(|known| known.id == bead && known.notes.contains(&note));
    if has_it {
        return Ok(None);
    }
    rig_beads::note(ground.host, &look.rig, bead, &note)
        .wait()
        .map_err(failure)?;
    Ok(Some(format!("{bead}: the Mayor's answer is in its notes")))
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
                "hq-2 of the town (\"Keys\", in_progress)",
            ),
            (
                on("external:other:api", None, None),
                "external:other:api, which is not to be seen from here: `bd dep remove sp-1 external:other:api` in the rig when it is done",
            ),
        ] {
            assert_eq!(words("sp-1", &bead), expected);
        }
    }
}
