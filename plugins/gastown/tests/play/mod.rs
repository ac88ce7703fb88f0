//! A recording, and the function of the library that made its call, played against it.

pub(crate) mod refusals;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;

use conductor_beads::writes::{Edge, Graph, Node};
use conductor_beads::{Asked, Error};
use conductor_gastown::sling::{How, Slung};
use conductor_gastown::{convoy, cross_rig, polecat, reads, repository, rig_beads, rigs, scratch, sling};
use conductor_plugin::Output;
use conductor_plugin::testing::FakeHost;
use serde_json::Value;

/// The files of the library that declare calls.
pub(crate) const SOURCES: [&str; 9] = [
    include_str!("../../src/convoy.rs"),
    include_str!("../../src/cross_rig.rs"),
    include_str!("../../src/polecat.rs"),
    include_str!("../../src/reads.rs"),
    include_str!("../../src/repository.rs"),
    include_str!("../../src/rig_beads.rs"),
    include_str!("../../src/rigs.rs"),
    include_str!("../../src/scratch.rs"),
    include_str!("../../src/sling.rs"),
];

/// What a tool has answered.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The file's name: the call's, and what it is about.
    pub(crate) name: String,
    pub(crate) call: String,
    pub(crate) argv: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
    pub(crate) output: Output,
}

impl Recording {
    pub(crate) fn all() -> Vec<Self> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded");
        let files = fs::read_dir(folder).expect("the folder");
        let names = files.map(|file| file.expect("an entry").file_name().into_string().expect("text"));
        let mut all: Vec<Self> = names
            .filter_map(|name| Some(Self::of(name.strip_suffix(".json")?)))
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        assert!(!all.is_empty());
        all
    }

    pub(crate) fn of(name: &str) -> Self {
        let file = format!("{}/tests/recorded/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let json: Value = serde_json::from_str(&text).expect("it is JSON");
        let text = |key: &str| json[key].as_str().expect("text");
        let values = json["values"].as_object().expect("values");
        Self {
            name: name.to_owned(),
            call: text("call").to_owned(),
            argv: texts(&json["argv"]),
            values: values.iter().map(|(name, list)| (name.clone(), texts(list))).collect(),
            output: Output {
                status: json["status"].as_i64().and_then(|status| i32::try_from(status).ok()),
                stdout: text("stdout").into(),
                stderr: text("stderr").into(),
                ..Output::default()
            },
        }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.list(name)[0]
    }

    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let list = self
            .values
            .get(name)
            .unwrap_or_else(|| panic!("{}: no {name}", self.name));
        list.iter().map(String::as_str).collect()
    }

    /// A host that expects this call with these values and gives this answer. Values come in the order of their holes: the folder's
    /// first, then as the command line has them.
    pub(crate) fn host(&self) -> FakeHost {
        let place = |name: &str| {
            let at = self.argv.join(" ").find(&format!("<{name}"));
            // What is in no argument is the folder's, or the environment's, which `heartbeat` gives last.
            at.map_or_else(|| (name != "rig", 0), |at| (true, at + 1))
        };
        let mut names: Vec<&str> = self.values.keys().map(String::as_str).collect();
        names.sort_by_key(|name| place(name));
        let lists: Vec<(&str, Vec<&str>)> = names.into_iter().map(|name| (name, self.list(name))).collect();
        let values: Vec<(&str, &[&str])> = lists.iter().map(|(name, list)| (*name, list.as_slice())).collect();
        FakeHost::new().command(&self.call, &values, self.output.clone())
    }
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|text| text.as_str().expect("text").to_owned())
        .collect()
}

/// Makes the recording's call, and shows what it gives.
pub(crate) fn play(recording: &Recording) -> Result<String, Error> {
    fn told<T: Debug>(asked: Asked<T>) -> Result<String, Error> {
        asked.wait().map(|answer| format!("{answer:?}"))
    }
    let host = &recording.host();
    let value = |name| recording.value(name);
    let rig = || value("rig");
    match recording.call.as_str() {
        "town-status" => told(reads::town(host)),
        "town-beads" => told(reads::notices(host)),
        "rig-by-id" => told(cross_rig::by_id(host, rig(), &[value("ids")])),
        "town-by-id" => told(cross_rig::by_id(host, "hq", &[value("ids")])),
        "rig-work" => told(reads::work(host, rig())),
        "rig-changes" => told(reads::changes(host, rig(), value("target"), value("branch"))),
        "remotes" => told(reads::remotes(host)),
        "rig-where" => told(rig_beads::workspace(host, rig())),
        "rig-prefix" => told(rig_beads::prefix(host, rig())),
        "rig-of-track" => told(rig_beads::of_track(host, rig(), value("track"))),
        "rig-create" => {
            let graph = graph(value("graph"));
            let host = FakeHost::new().command(
                "rig-create",
                &[("rig", &[rig()]), ("graph", &[&graph.to_json()])],
                recording.output.clone(),
            );
            told(rig_beads::create(&host, rig(), &graph))
        }
        "rig-status" => told(rig_beads::status(host, rig(), value("bead"), value("status"))),
        "rig-name" => {
            let task = rig_beads::Task {
                track: value("track"),
                key: value("key"),
                phase: value("phase"),
                title: value("title"),
            };
            told(rig_beads::name(host, rig(), value("bead"), task))
        }
        "rig-keep" => told(rig_beads::keep(
            host,
            rig(),
            value("bead"),
            value("key"),
            value("value"),
        )),
        "rig-note" => told(rig_beads::note(host, rig(), value("bead"), value("note"))),
        "rig-close" => told(rig_beads::close(host, rig(), value("bead"), value("reason"))),
        "rig-reopen" => told(rig_beads::reopen(host, rig(), value("bead"), value("reason"))),
        "convoys" => told(convoy::list(host)),
        "convoy-stage" => told(convoy::stage(host, &recording.list("beads"), value("title"))),
        "convoy-add" => told(convoy::add(host, value("convoy"), &recording.list("beads"))),
        "convoy-watch" => told(convoy::watch(host, value("convoy"), value("address"))),
        "convoy-launch" => told(convoy::launch(host, value("convoy"))),
        "convoy-close" => told(convoy::close(host, value("convoy"), value("reason"))),
        "sling" | "sling-from-branch" | "sling-with-formula" | "sling-to-crew" => {
            slung(recording).map(|slung| format!("{slung:?}"))
        }
        "polecat-status" => told(polecat::status(host, rig(), value("polecat"))),
        "polecat-git-state" => told(polecat::git_state(host, rig(), value("polecat"))),
        "polecat-heartbeat" => told(polecat::heartbeat(host, rig(), value("polecat"), value("session"))),
        "polecat-nudge" => told(polecat::nudge(host, rig(), value("polecat"), value("text"))),
        "polecat-nuke" => told(polecat::nuke(host, rig(), value("polecat"))),
        "release" => told(polecat::release(host, value("bead"), value("reason"))),
        "rig-list" => told(rigs::list(host)),
        "rig-add" => told(rigs::add(host, rig(), value("url"))),
        "rig-init-database" => told(rigs::init_database(host, rig())),
        "refinery-start" => told(rigs::start_refinery(host, rig())),
        "crew-start" => told(rigs::start_crew(host, rig(), value("crew"))),
        "post-merge" => told(rigs::post_merge(host, rig(), value("request"))),
        "escalate" => {
            let asked = rigs::escalate(host, value("bead"), value("severity"), value("what"), value("reason"));
            told(asked)
        }
        "rig-worktrees" => told(repository::worktrees(host, rig())),
        "remote-tip" => told(repository::remote_tip(host, value("remote"), value("branch"))),
        "rig-is-on-target" => told(repository::is_on_target(host, rig(), value("sha"), value("target"))),
        "rig-commits" => told(repository::since(host, rig(), value("sha"), value("target"))),
        "polecat-reflog" => told(repository::reflog(host, rig(), value("polecat"))),
        "rig-rescue" => told(repository::rescue(host, rig(), value("bead"), value("sha"))),
        "scratch-add" => told(scratch::add(host, rig(), value("request"), value("sha"))),
        "scratch-keep" => told(scratch::keep(host, rig(), value("request"), value("sha"))),
        "scratch-kept" => told(scratch::kept(host, rig(), value("request"))),
        "scratch-rebase" => {
            let side = match value("side") {
                "ours" => scratch::Side::Target,
                "theirs" => scratch::Side::Branch,
                _ => scratch::Side::Neither,
            };
            told(scratch::rebase(host, rig(), value("request"), side, value("target")))
        }
        "scratch-status" => told(scratch::uncommitted(host, rig(), value("request"))),
        "scratch-stopped" => told(scratch::is_stopped(host, rig(), value("request"))),
        "scratch-commits" => told(scratch::commits(host, rig(), value("request"), value("target"))),
        "scratch-push" => told(scratch::push(
            host,
            rig(),
            value("request"),
            value("branch"),
            value("lease"),
        )),
        "scratch-remove" => told(scratch::remove(host, rig(), value("request"))),
        "scratch-forget" => told(scratch::forget(host, rig(), value("request"))),
        "rig-delete-branch" => told(repository::delete_branch(host, rig(), value("branch"))),
        other => panic!("no function makes the call `{other}`"),
    }
}

/// Makes a recording's sling.
pub(crate) fn slung(recording: &Recording) -> Result<Slung, Error> {
    let host = &recording.host();
    let value = |name| recording.value(name);
    let is = |name| value(name) == "true";
    if recording.call == "sling-to-crew" {
        return sling::to_crew(
            host,
            value("bead"),
            value("rig"),
            value("crew"),
            value("args"),
            is("force"),
        )
        .wait();
    }
    let how = How {
        args: value("args"),
        raw: recording.call != "sling-with-formula" && is("raw"),
        no_merge: is("no-merge"),
        force: is("force"),
        base: (recording.call == "sling-from-branch").then(|| value("base")),
        formula: (recording.call == "sling-with-formula").then(|| (value("formula"), value("track"))),
    };
    sling::to_rig(host, value("bead"), value("rig"), how).wait()
}

/// The graph of a recording, which says the same in another order of its keys.
fn graph(text: &str) -> Graph {
    let json: Value = serde_json::from_str(text).expect("it is JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = |node: &Value| {
        let pairs = node["metadata"].as_object().expect("metadata").iter();
        pairs.map(|(key, value)| (key.clone(), text(value))).collect()
    };
    let nodes = json["nodes"].as_array().expect("nodes").iter().map(|node| Node {
        key: text(&node["key"]),
        title: text(&node["title"]),
        kind: "task",
        priority: 2,
        labels: texts(&node["labels"]),
        metadata: metadata(node),
        ..Node::default()
    });
    let edges = json["edges"].as_array().expect("edges").iter().map(|edge| Edge {
        from_key: Some(text(&edge["from_key"])),
        to_key: Some(text(&edge["to_key"])),
        kind: "blocks",
        ..Edge::default()
    });
    let graph = Graph {
        commit_message: text(&json["commit_message"]),
        nodes: nodes.collect(),
        edges: edges.collect(),
    };
    let same: Value = serde_json::from_str(&graph.to_json()).expect("it is JSON");
    assert_eq!(same, json);
    graph
}
