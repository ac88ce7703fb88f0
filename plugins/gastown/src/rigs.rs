//! The rigs of a town and what runs in each: whether a rig takes work, what its ids begin with, and its refinery and crew.

use conductor_beads::answer::{self, or_default};
use conductor_beads::{Asked, Call, ask};
use conductor_plugin::Host;
use serde::Deserialize;

/// How long a read may take: a fifth of a second.
const SLOW_MS: u64 = 20_000;

/// How long a change may take: an agent that is started is waited for.
const TIMEOUT_MS: u64 = 240_000;

/// The rigs of the town. Answers with the database server down too.
pub const LIST: Call = Call {
    name: "rig-list",
    argv: &["gt", "rig", "list", "--json"],
    cwd: "town",
    timeout_ms: SLOW_MS,
};

/// Makes a repository a rig of the town: a clone of it, and a database whose ids begin as `gt` finds by the rig's name.
pub const ADD: Call = Call {
    name: "rig-add",
    argv: &["gt", "rig", "add", "--", "<rig:id>", "<url:text>"],
    cwd: "town",
    timeout_ms: 600_000,
};

/// Gives a rig's database the prefix that its routes say, which `gt rig add` of 1.2.1 does not. It does so although it says that
/// there was nothing to do. For a rig that is not there it makes a database: the name has to be one of [`list`].
pub const INIT_DATABASE: Call = Call {
    name: "rig-init-database",
    argv: &["gt", "dolt", "init-rig", "<rig:id>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Starts the agent that merges what workers hand in.
pub const START_REFINERY: Call = Call {
    name: "refinery-start",
    argv: &["gt", "refinery", "start", "<rig:id>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Starts a crew member's agent, with a workspace where there is none. Only then work can be slung to them.
pub const START_CREW: Call = Call {
    name: "crew-start",
    argv: &["gt", "crew", "start", "<rig:id>", "<crew:id>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Says that a merge request is merged, whose commits are on the target: closes it and its bead, and removes the remote branch.
pub const POST_MERGE: Call = Call {
    name: "post-merge",
    argv: &["gt", "mq", "post-merge", "<rig:id>", "<request:id>"],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Tells the Mayor and the person that something has to be decided.
pub const ESCALATE: Call = Call {
    name: "escalate",
    argv: &[
        "gt",
        "escalate",
        "--severity=<severity:one of low|medium|high|critical>",
        "--reason=<reason:text>",
        "--source=conductor",
        "--related=<bead:id>",
        "--json",
        "--",
        "<what:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// A rig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Rig {
    /// Its name. Without it it is no answer of Gas Town's.
    pub name: String,
    /// What the ids of its beads begin with, as the town routes them; what `bd` gives them is asked in the rig.
    #[serde(rename = "beads_prefix", default, deserialize_with = "or_default")]
    pub prefix: String,
    /// `operational`, `parked`, `docked`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// `running`, `stopped`.
    #[serde(default, deserialize_with = "or_default")]
    pub refinery: String,
    /// How many polecats it has.
    #[serde(default, deserialize_with = "or_default")]
    pub polecats: usize,
}

/// `gt rig list`.
pub fn list(host: &dyn Host) -> Asked<Vec<Rig>> {
    ask(host, LIST, &[], answer::list)
}

/// `gt rig add`.
pub fn add(host: &dyn Host, rig: &str, url: &str) -> Asked<()> {
    ask(host, ADD, &[("rig", rig), ("url", url)], answer::done)
}

/// `gt dolt init-rig`.
pub fn init_database(host: &dyn Host, rig: &str) -> Asked<()> {
    ask(host, INIT_DATABASE, &[("rig", rig)], answer::done)
}

/// `gt refinery start`. It starts an agent.
pub fn start_refinery(host: &dyn Host, rig: &str) -> Asked<()> {
    ask(host, START_REFINERY, &[("rig", rig)], answer::done)
}

/// `gt crew start`. It starts an agent.
pub fn start_crew(host: &dyn Host, rig: &str, crew: &str) -> Asked<()> {
    ask(host, START_CREW, &[("rig", rig), ("crew", crew)], answer::done)
}

/// `gt mq post-merge`. One that is closed already is [not found](conductor_beads::Refusal::NotFound).
pub fn post_merge(host: &dyn Host, rig: &str, request: &str) -> Asked<()> {
    ask(host, POST_MERGE, &[("rig", rig), ("request", request)], answer::done)
}

/// `gt escalate`: the id of what the Mayor gets. Made twice it is there twice. `what` is one line that does not begin with `-`.
pub fn escalate(host: &dyn Host, bead: &str, severity: &str, what: &str, reason: &str) -> Asked<String> {
    #[derive(Deserialize)]
    struct Escalation {
        id: String,
    }
    let values = [
        ("severity", severity),
        ("reason", reason),
        ("bead", bead),
        ("what", what),
    ];
    ask(host, ESCALATE, &values, |output| {
        answer::object::<Escalation>(output).map(|escalation| escalation.id)
    })
}
