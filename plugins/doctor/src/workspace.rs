//! The project's own beads: whether `bd` finds them and can read them.

use conductor_beads::{Kind, reads};

use crate::check::Check;
use crate::facts::Facts;

/// How a database is made without touching hooks, settings and history of the project.
const INIT: &str = "`bd init --stealth --skip-agents --skip-hooks` in the project";

/// Nothing to say where there is no project, or no `bd`.
pub(crate) fn check(facts: &Facts) -> Option<Check> {
    let name = "beads";
    if facts.name.is_empty() || facts.bd.is_err() {
        return None;
    }
    Some(match &facts.workspace {
        Ok(workspace) => match (reads::check(workspace), workspace.prefix.as_deref()) {
            (Ok(()), Some(prefix)) => Check::ok(name, format!("beads of the project begin with `{prefix}-`")),
            (Ok(()), None) => Check::ok(name, "the project's beads are a Dolt server's"),
            (Err(error), _) => Check::missing(name, error.message)
                .next("restore `.beads/metadata.json`, or `bd doctor` in the project"),
        },
        Err(error) if error.kind == Kind::NoWorkspace => {
            Check::missing(name, "the project has no beads yet").next(INIT)
        }
        Err(error) if error.kind == Kind::ServerDown => {
            Check::missing(name, error.message.clone()).next("start the Dolt server that the project's `.beads` names")
        }
        Err(error) => Check::unknown(name, error),
    })
}
