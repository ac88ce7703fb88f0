//! What `conductor doctor` says where the real tools are.

use std::process::Output;

use serde_json::Value;

use crate::town::{BeadsProject, Town};

/// Its report, with the exit code.
pub(crate) struct Report {
    exit: Option<i32>,
    data: Value,
}

impl Report {
    /// Of a project in a town.
    pub(crate) fn of_town(town: &Town, mode: &str) -> Self {
        Self::read(&town.conductor(&["doctor", "--for", mode, "--json"]))
    }

    /// Of a project with beads alone.
    pub(crate) fn of_beads(project: &BeadsProject) -> Self {
        Self::read(&project.conductor(&["doctor", "--for", "beads", "--json"]))
    }

    fn read(output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr);
        let mut envelope: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?} {said}"));
        Self {
            exit: output.status.code(),
            data: envelope["data"].take(),
        }
    }

    /// State, text and next step of a check.
    pub(crate) fn check(&self, name: &str) -> [&str; 3] {
        let areas = self.data["areas"].as_array().into_iter().flatten();
        let mut checks = areas.flat_map(|area| area["checks"].as_array().into_iter().flatten());
        let check = checks.find(|check| check["name"] == name);
        let check = check.unwrap_or_else(|| panic!("no check `{name}`: {}", self.data));
        ["state", "text", "next"].map(|key| check[key].as_str().unwrap_or_default())
    }

    /// The names of all checks that are not as they should be, but for Claude Code, which a town of a test need not have.
    pub(crate) fn wrong(&self) -> Vec<&str> {
        let areas = self.data["areas"].as_array().into_iter().flatten();
        let checks = areas.flat_map(|area| area["checks"].as_array().into_iter().flatten());
        let host = self.data["host"].as_array().into_iter().flatten();
        let wrong = checks
            .chain(host)
            .filter(|check| check["state"] != "ok" && check["name"] != "claude");
        wrong.filter_map(|check| check["name"].as_str()).collect()
    }

    /// Whether the exit code says that something is missing.
    pub(crate) fn is_missing(&self) -> bool {
        assert_eq!(self.data["ok"], self.exit == Some(0), "{}", self.data);
        self.exit == Some(1)
    }
}
