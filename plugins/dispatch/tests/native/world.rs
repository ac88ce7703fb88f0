//! A project with one track, from run to run.

use conductor_dispatch::DispatchPlugin;
use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Failure, Outcome, Output, Plugin};
use serde_json::Value;

pub(crate) const TRACK: &str = "auth_20260101";

pub(crate) const PLAN: &str = "# Plan: Auth\n\n## Phase 1: Parts\n<!-- execution: parallel -->\n\n\
    - [ ] Task 1: Table for sessions\n  <!-- files: db.rs -->\n  - [ ] One for each device\n\
    - [ ] Task 2: Login form\n  <!-- files: form.rs -->\n\
    - [ ] Task 3: Notes on the table\n  <!-- files: db.rs -->\n\
    - [ ] Task: Conductor - User Manual Verification 'Parts' (Protocol in workflow.md)\n\n\
    ## Phase 2: Whole\n\n- [ ] Task 1: Join the parts\n- [ ] Task 2: Mail on a new device\n";

pub(crate) const REGISTRY: &str =
    "# Project Tracks\n\n---\n\n- [ ] **Track: Auth**\n  *Link: [./tracks/auth_20260101/](./tracks/auth_20260101/)*\n";

pub(crate) const SHA: &str = "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b";

/// The files between two runs.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) files: Vec<(String, String)>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = format!("tracks/{TRACK}");
        let files = [
            ("tracks.md".to_owned(), REGISTRY),
            ("workflow.md".to_owned(), "# Workflow\n"),
            (format!("{folder}/plan.md"), PLAN),
            (format!("{folder}/spec.md"), "# Spec\n"),
            (
                format!("{folder}/metadata.json"),
                "{\n  \"track_id\": \"auth_20260101\",\n  \"status\": \"new\",\n  \"own\": 1\n}\n",
            ),
        ];
        Self {
            files: files.into_iter().map(|(path, text)| (path, text.to_owned())).collect(),
        }
    }

    pub(crate) fn host(&self) -> FakeHost {
        let host = FakeHost::new().project_name("shop").session("s1");
        self.files
            .iter()
            .fold(host, |host, (path, text)| host.file("conductor", path, text.as_str()))
    }

    /// Runs, and keeps what the run has left.
    pub(crate) fn run(&mut self, host: FakeHost) -> Result<Outcome, Failure> {
        let outcome = DispatchPlugin::run(&host);
        assert_eq!(host.calls_left(), 0, "calls that were not made");
        let mut paths: Vec<String> = self.files.iter().map(|(path, _)| path.clone()).collect();
        let state = format!("tracks/{TRACK}/parallel_state.json");
        if !paths.contains(&state) {
            paths.push(state);
        }
        let read = |path: &String| {
            Some((
                path.clone(),
                String::from_utf8(host.content("conductor", path)?).expect("text"),
            ))
        };
        self.files = paths.iter().filter_map(read).collect();
        outcome
    }

    pub(crate) fn file(&self, name: &str) -> &str {
        let path = if name.contains('/') || name == "tracks.md" {
            name.to_owned()
        } else {
            format!("tracks/{TRACK}/{name}")
        };
        self.files
            .iter()
            .find(|(known, _)| *known == path)
            .map_or("", |(_, text)| text)
    }

    /// Agrees to what is offered and runs it: the briefs.
    pub(crate) fn begin(&mut self) -> Value {
        let plan = self
            .run(self.host())
            .expect("it is shown")
            .plan
            .expect("something can be begun");
        data(&self.run(self.host().applying(&plan.digest)).expect("it is begun"))
    }

    pub(crate) fn report(&mut self, worker: &str, sha: &str) -> Value {
        let host = self
            .host()
            .argument("report", format!("{worker}=completed"))
            .argument("sha", sha);
        let host = host.command("commit", &[("sha", &[sha])], printed(&format!("{sha}\n")));
        data(&self.run(host).expect("it is taken in"))
    }
}

pub(crate) fn printed(text: &str) -> Output {
    Output {
        status: Some(0),
        stdout: text.as_bytes().to_vec(),
        ..Output::default()
    }
}

pub(crate) fn data(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.json).expect("JSON")
}

pub(crate) fn names(data: &Value, list: &str, member: &str) -> Vec<String> {
    let list = data[list].as_array().expect("a list").iter();
    list.map(|entry| entry[member].as_str().expect("text").to_owned())
        .collect()
}
