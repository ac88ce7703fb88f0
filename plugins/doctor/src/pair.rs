//! How `gt` and `bd` get on with each other. No released pair does altogether, so what can be seen is looked at, and what can't is
//! said of the pairs that were tried.

use crate::check::Check;
use crate::facts::Facts;
use crate::town::Counted;

/// The version of `gt` that was tried, whose own library of Beads is that of 1.0.0.
const GT: [u32; 3] = [1, 2, 1];
/// Of this version `gt` asks in another database than the rig's, whatever it asks about a bead.
const BD_TOO_OLD: [u32; 3] = [1, 0, 0];
/// From this version on (that were not taken back: from 1.2.2 on) `bd` moves the town's databases to a form that this `gt` does not read (gastown#4789).
const BD_TOO_NEW: [u32; 3] = [1, 2, 0];

/// Nothing to say while one of them is missing.
pub(crate) fn check(facts: &Facts) -> Option<Check> {
    let (Ok(gt), Ok(bd)) = (&facts.gt, &facts.bd) else {
        return None;
    };
    let name = "gt-with-bd";
    let pair = format!("gt {gt} with bd {bd}");
    if !gt.is(GT) {
        return Some(Check::ok(
            name,
            format!("{pair}: not tried (gt 1.2.1 with bd 1.0.5 was)"),
        ));
    }
    if bd.is_at_least(BD_TOO_NEW) {
        let check = Check::look(
            name,
            format!("{pair}: this bd moves the town's databases to a form that this gt can't read"),
        );
        return Some(check.next("stay with bd 1.0.5 in a town of gt 1.2.1 (gastown#4789)"));
    }
    if bd.is(BD_TOO_OLD) {
        let check = Check::look(
            name,
            format!("{pair}: this gt does not find the beads of a rig, so every sling fails"),
        );
        return Some(check.next("a `bd` of your own before it on the search path, which does `unset BEADS_DOLT_DATA_DIR` and starts this one (gastown#4220)"));
    }
    let counts = facts.convoys.as_deref().ok().and_then(counts);
    let convoys = match counts {
        Some(true) => "",
        Some(false) => ", and every convoy is shown as 0/0: progress is computed from beads",
        None => ", and convoys may be shown as 0/0: progress is computed from beads",
    };
    let check = Check::look(name, format!("{pair}: a sling with a formula may fail{convoys}"));
    Some(check.next("`gt sling --hook-raw-bead` works where `gt sling` says that the bead is not found (gastown#4220)"))
}

/// Whether convoys count what is in them; nothing to see without a convoy, since none is made empty.
fn counts(convoys: &[Counted]) -> Option<bool> {
    (!convoys.is_empty()).then(|| convoys.iter().any(|convoy| convoy.total > 0))
}
