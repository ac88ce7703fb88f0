//! A machine and a project as the doctor finds them: what the real programs print, with other versions and without some of them.

use std::collections::BTreeMap;

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Format, Outcome, Output, Plugin};
use serde_json::Value;

use crate::DoctorPlugin;

/// The calls in the order in which they are made. The last one only where the project is a rig.
pub(super) const ORDER: [&str; 14] = [
    "git-version",
    "claude-version",
    "bd-version",
    "gt-version",
    "dolt-version",
    "tmux-version",
    "go-version",
    "health-here",
    "ignored",
    "tracked",
    "remotes",
    "beads-where",
    "town-status",
    "town-convoys",
];

pub(super) const HEALTH: &str = r#"{"schema":"conductor.outcome/1","exit":0,"data":{"schema":"conductor.health/1","checks":[
    {"name":"cache","state":"ok","text":"compiled plugins are kept"},
    {"name":"audit","state":"ok","text":"the audit log can be written and read"}]}}"#;
pub(super) const NO_WORKSPACE: &str = r#"{
  "error": "no_beads_directory",
  "hint": "check BEADS_DIR/worktree setup, or run 'bd init' to create a new database",
  "message": "No active beads workspace found.",
  "schema_version": 1
}"#;
pub(super) const TOWN: &str = r#"{
  "name": "test",
  "location": "/home/me/gt",
  "daemon": { "running": false },
  "dolt": { "running": true, "pid": 14622, "port": 23354, "data_dir": "/home/me/gt/.dolt-data" },
  "rigs": [ { "name": "shop", "polecats": null, "agents": [] } ]
}"#;
pub(super) const RIGS: &str = r#"{
  "version": 1,
  "rigs": {
    "shop": {
      "git_url": "https://github.com/acme/shop.git",
      "added_at": "2026-11-25T19:17:36.819894329Z",
      "beads": { "repo": "", "prefix": "sp" }
    }
  }
}"#;
pub(super) const IGNORED: &str = ".gitignore:8:CLAUDE.md\t:(top)CLAUDE.md\n.gitignore:9:CLAUDE.local.md\t:(top)CLAUDE.local.md\n\
    .gitignore:10:GEMINI.md\t:(top)GEMINI.md\n.gitignore:7:state.json\t:(top)state.json\n.gitignore:1:.beads/\t:(top).beads/\n\
    .gitignore:3:.claude/\t:(top).claude/\n.gitignore:5:.logs/\t:(top).logs/\n.gitignore:4:.opencode/\t:(top).opencode/\n\
    .gitignore:2:.runtime/\t:(top).runtime/\n.gitignore:6:__pycache__/\t:(top)__pycache__/\n";
pub(super) const NO_PROJECT: &str = "no Conductor project here: `/tmp/x` and the folders above it up to the git root hold no \
    `conductor/tracks.md`";
pub(super) const NO_TOWN: &str = "there is no Gas Town: `GT_TOWN_ROOT` names none, and `~/gt` is none";

/// What a program does when it is started.
pub(super) enum Said {
    Printed(Output),
    NotStarted(&'static str, String),
}

pub(super) fn printed(stdout: &str) -> Said {
    Said::Printed(Output {
        status: Some(0),
        stdout: stdout.into(),
        ..Output::default()
    })
}

pub(super) fn failed(status: i32, stdout: &str, stderr: &str) -> Said {
    Said::Printed(Output {
        status: Some(status),
        stdout: stdout.into(),
        stderr: stderr.into(),
        ..Output::default()
    })
}

pub(super) fn absent(program: &str) -> Said {
    Said::NotStarted(
        "no-program",
        format!("no program `{program}` is on the search path (looked in `/usr/bin`)"),
    )
}

pub(super) fn version_of_bd(version: &str) -> Said {
    printed(&format!(
        "{{\n  \"build\": \"dev\",\n  \"schema_version\": 1,\n  \"version\": \"{version}\"\n}}\n"
    ))
}

/// A machine and a project.
pub(super) struct Machine {
    pub(super) said: BTreeMap<&'static str, Said>,
    pub(super) project: Vec<(&'static str, &'static str)>,
    pub(super) rigs: Option<&'static str>,
    pub(super) asked: Option<&'static str>,
}

impl Machine {
    /// Git and Claude Code alone, with a project that is set up.
    pub(super) fn bare() -> Self {
        let no_town = || Said::NotStarted("no-place", NO_TOWN.to_owned());
        let said = [
            ("git-version", printed("git version 2.39.5\n")),
            ("claude-version", printed("2.1.330 (Claude Code)\n")),
            ("bd-version", absent("bd")),
            ("gt-version", absent("gt")),
            ("dolt-version", absent("dolt")),
            ("tmux-version", absent("tmux")),
            ("go-version", absent("go")),
            ("health-here", printed(HEALTH)),
            ("ignored", failed(1, "", "")),
            ("tracked", printed("")),
            ("remotes", failed(1, "", "")),
            ("beads-where", absent("bd")),
            ("town-status", no_town()),
            ("town-convoys", no_town()),
        ];
        Self {
            said: said.into(),
            project: vec![
                ("product.md", "# Shop\n"),
                (
                    "tracks.md",
                    "# Tracks\n\n## [ ] Track: One\n*Link: [./tracks/one/](./tracks/one/)*\n",
                ),
                ("tracks/one/plan.md", "## Phase 1: A\n- [ ] Task: a\n"),
            ],
            rigs: None,
            asked: None,
        }
    }

    /// Everything, with a town of which the project is a rig.
    pub(super) fn full() -> Self {
        Self::bare()
            .says("bd-version", version_of_bd("1.0.5"))
            .says(
                "gt-version",
                printed("{\n  \"build\": \"dev\",\n  \"version\": \"1.2.1\"\n}\n"),
            )
            .says(
                "dolt-version",
                printed("dolt version 2.1.4\nWarning: unable to query latest released Dolt version"),
            )
            .says("tmux-version", printed("tmux 3.3a\n"))
            .says("go-version", printed("go version go1.26.8 linux/amd64\n"))
            .says("ignored", printed(IGNORED))
            .says("remotes", printed("remote.origin.url git@github.com:acme/shop.git\n"))
            .says("beads-where", failed(1, NO_WORKSPACE, ""))
            .says("town-status", printed(TOWN))
            .says("town-convoys", printed("[]\n"))
            .says(
                "rig-prefix",
                printed(r#"{"key":"issue_prefix","schema_version":1,"value":"sp"}"#),
            )
            .rigs(RIGS)
    }

    pub(super) fn says(mut self, command: &'static str, said: Said) -> Self {
        self.said.insert(command, said);
        self
    }

    pub(super) fn rigs(mut self, rigs: &'static str) -> Self {
        self.rigs = Some(rigs);
        self
    }

    pub(super) fn file(mut self, path: &'static str, content: &'static str) -> Self {
        self.project.push((path, content));
        self
    }

    pub(super) fn asked(mut self, mode: &'static str) -> Self {
        self.asked = Some(mode);
        self
    }

    pub(super) fn run(mut self, form: Format) -> Outcome {
        let mut host = FakeHost::new().presentation(form).project_name("shop");
        for (path, content) in &self.project {
            host = host.file("conductor", path, *content);
        }
        host = match self.rigs {
            Some(rigs) => host.file("rigs", "", rigs),
            None => host.refused("rigs", "no-place", NO_TOWN),
        };
        if let Some(mode) = self.asked {
            host = host.argument("for", mode);
        }
        if self.project.is_empty() {
            host = host.project_name("").refused("conductor", "no-place", NO_PROJECT);
        }
        for command in ORDER {
            let said = self.said.remove(command).expect("each is set");
            let command = if self.project.is_empty() && command == "health-here" {
                "health"
            } else {
                command
            };
            host = expect(host, command, &[], said);
        }
        if let Some(said) = self.said.remove("rig-prefix") {
            host = expect(host, "rig-prefix", &[("rig", &["shop"])], said);
        }
        let outcome = DoctorPlugin::run(&host).expect("it always has something to say");
        assert_eq!(host.calls_left(), 0);
        outcome
    }

    pub(super) fn report(self) -> Value {
        let outcome = self.run(Format::Json);
        assert!(outcome.text.is_empty());
        serde_json::from_str(&outcome.json).expect("it is JSON")
    }

    pub(super) fn text(self) -> String {
        text_of(&self.run(Format::Terminal(100)))
    }
}

pub(super) fn expect(host: FakeHost, command: &str, values: &[(&str, &[&str])], said: Said) -> FakeHost {
    match said {
        Said::Printed(output) => host.command(command, values, output),
        Said::NotStarted(code, message) => host.not_started(command, values, code, &message),
    }
}

pub(super) fn text_of(outcome: &Outcome) -> String {
    outcome.text.iter().map(|(_, text)| text.as_str()).collect()
}

/// State, text and next step of a check, wherever it is first.
pub(super) fn check<'r>(report: &'r Value, name: &str) -> (&'r str, &'r str, &'r str) {
    let areas = report["areas"].as_array().expect("areas").iter();
    let checks = areas.flat_map(|area| area["checks"].as_array().expect("checks"));
    let mut all = checks.chain(report["host"].as_array().expect("checks"));
    let check = all
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("no check `{name}`: {report}"));
    let text = |key: &str| check[key].as_str().unwrap_or_default();
    (text("state"), text("text"), text("next"))
}

pub(super) fn mode(machine: Machine) -> String {
    machine.report()["mode"].as_str().unwrap_or_default().to_owned()
}
