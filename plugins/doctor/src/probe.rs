//! What is asked of the machine: every program at once, each with its own deadline. One that is not there is an answer too.

use conductor_beads::{Asked, Call, Error, Kind, answer, ask, reads as beads};
use conductor_gastown::{Town, reads as gastown};
use conductor_plugin::{Host, Output};
use serde::Deserialize;

use crate::facts::Facts;
use crate::version::Version;
use crate::{conductor, health, ignore, town};

/// How long each may take. Answers come in half a second at most; on a machine that is busy with ten other things several were seen
/// to take 3 s, and who asks a doctor waits for the answer.
pub(crate) const TIMEOUT_MS: u64 = 10_000;

const fn asks(name: &'static str, argv: &'static [&'static str], cwd: &'static str) -> Call {
    Call {
        name,
        argv,
        cwd,
        timeout_ms: TIMEOUT_MS,
    }
}

// Versions are asked for in a folder of our own: in a project `go` takes the version that its `go.mod` names.
const GIT: Call = asks("git-version", &["git", "--version"], "data");
const CLAUDE: Call = asks("claude-version", &["claude", "--version"], "data");
const BD: Call = asks("bd-version", &["bd", "version", "--json"], "data");
const GT: Call = asks("gt-version", &["gt", "info", "--json"], "data");
const DOLT: Call = asks("dolt-version", &["dolt", "version"], "data");
const TMUX: Call = asks("tmux-version", &["tmux", "-V"], "data");
const GO: Call = asks("go-version", &["go", "version"], "data");
const HEALTH: Call = asks("health", &["conductor", "health", "--json"], "data");
const HEALTH_HERE: Call = asks("health-here", &["conductor", "health", "--json"], "project");
const REMOTES: Call = patient(gastown::REMOTES);
const WHERE: Call = patient(beads::WHERE);
const STATUS: Call = patient(gastown::STATUS);
const CONVOYS: Call = asks("town-convoys", &["gt", "convoy", "list", "--json", "--all"], "town");
// `bd where` tells the prefix of the rig's configuration, and new beads get the one of its database.
const RIG_PREFIX: Call = asks(
    "rig-prefix",
    &["bd", "--readonly", "config", "get", "issue_prefix", "--json"],
    "town/<rig:id>",
);

/// A call that others make too, with our own patience.
const fn patient(call: Call) -> Call {
    Call {
        timeout_ms: TIMEOUT_MS,
        ..call
    }
}

/// Every call that the manifest declares, for the test that compares them.
#[cfg(test)]
pub(crate) const CALLS: [Call; 16] = [
    GIT,
    CLAUDE,
    BD,
    GT,
    DOLT,
    TMUX,
    GO,
    HEALTH,
    HEALTH_HERE,
    ignore::IGNORED,
    ignore::TRACKED,
    REMOTES,
    WHERE,
    STATUS,
    CONVOYS,
    RIG_PREFIX,
];

/// The questions that are under way.
pub(crate) struct Probes {
    git: Asked<Version>,
    claude: Asked<Version>,
    bd: Asked<Version>,
    gt: Asked<Version>,
    dolt: Asked<Version>,
    tmux: Asked<Version>,
    go: Asked<Version>,
    health: Asked<health::Health>,
    ignored: Asked<Vec<String>>,
    tracked: Asked<Vec<String>>,
    remotes: Asked<Vec<String>>,
    workspace: Asked<beads::Workspace>,
    town: Asked<Town>,
    convoys: Asked<Vec<town::Counted>>,
}

impl Probes {
    /// Starts all of them.
    pub(crate) fn start(host: &dyn Host) -> Self {
        let has_project = !host.project_name().is_empty();
        Self {
            git: ask(host, GIT, &[], |output| printed(output, "git version")),
            claude: ask(host, CLAUDE, &[], |output| printed(output, "(Claude Code)")),
            bd: ask(host, BD, &[], in_json),
            gt: ask(host, GT, &[], in_json),
            dolt: ask(host, DOLT, &[], |output| printed(output, "dolt version")),
            tmux: ask(host, TMUX, &[], |output| printed(output, "tmux")),
            go: ask(host, GO, &[], |output| printed(output, "go version")),
            health: ask(
                host,
                if has_project { HEALTH_HERE } else { HEALTH },
                &[],
                answer::object,
            ),
            ignored: ask(host, ignore::IGNORED, &[], ignore::read_ignored),
            tracked: ask(host, ignore::TRACKED, &[], ignore::read_tracked),
            remotes: ask(host, REMOTES, &[], gastown::read_remotes),
            workspace: ask(host, WHERE, &[], answer::object),
            town: ask(host, STATUS, &[], answer::object),
            convoys: ask(host, CONVOYS, &[], answer::list),
        }
    }

    /// Reads the files meanwhile, waits for the answers, and asks what they lead to.
    pub(crate) fn wait(self, host: &dyn Host) -> Facts {
        let conductor = conductor::read(host);
        let registry = town::registry(host);
        let remotes = self.remotes.wait();
        let rig = town::rig(registry.as_ref().ok(), remotes.as_deref().unwrap_or_default());
        let prefix = rig
            .as_ref()
            .map(|(name, _)| ask(host, RIG_PREFIX, &[("rig", name)], answer::object));
        Facts {
            name: host.project_name(),
            conductor,
            git: self.git.wait(),
            claude: self.claude.wait(),
            bd: self.bd.wait(),
            gt: self.gt.wait(),
            dolt: self.dolt.wait(),
            tmux: self.tmux.wait(),
            go: self.go.wait(),
            health: self.health.wait(),
            ignored: self.ignored.wait(),
            tracked: self.tracked.wait().unwrap_or_default(),
            workspace: self.workspace.wait(),
            town: self.town.wait(),
            convoys: self.convoys.wait(),
            rig_prefix: prefix.map(Asked::wait),
            rig,
            registry,
            remotes,
        }
    }
}

/// A version in a line that has these words, by which the program is known to be the one that is meant.
fn printed(output: &Output, words: &str) -> Result<Version, Error> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default();
    if !output.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or_default();
        return Err(Error::said(if first.is_empty() {
            "it failed and said nothing"
        } else {
            first
        }));
    }
    Version::in_text(line)
        .filter(|_| line.contains(words))
        .ok_or_else(|| other(line))
}

/// The version in an object.
fn in_json(output: &Output) -> Result<Version, Error> {
    #[derive(Deserialize)]
    struct Info {
        version: String,
    }
    let info: Info = answer::object(output)?;
    Version::in_text(&info.version).ok_or_else(|| other(&info.version))
}

fn other(said: &str) -> Error {
    let start: String = said.chars().take(60).collect();
    Error::new(Kind::NotUnderstood, format!("says of its version: `{start}`"))
}
