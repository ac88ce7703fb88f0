//! What the real `bd` 1.0.5 said to each call (`tests/real/record-bd.py` records it), as the client reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use conductor_beads::writes::{Edge, Graph, Node};
use conductor_beads::{Bead, Call, Error, Kind, Refusal, reads, writes};
use conductor_plugin::Output;
use conductor_plugin::testing::FakeHost;
use serde::Deserialize;

/// Every call of the crate.
const CALLS: [Call; 11] = [
    reads::WHERE,
    reads::OPEN,
    reads::READY,
    reads::EPICS,
    reads::OF_TRACK,
    reads::BY_ID,
    writes::CREATE,
    writes::STATUS,
    writes::NAME,
    writes::CLOSE,
    writes::INIT,
];

const TRACK: &str = "auth_20260101";

/// One call of the real program, and what came of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    call: String,
    values: BTreeMap<String, String>,
    /// `None` where its time was over.
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded"))
}

fn names() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).expect("the recordings");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    names
        .map(|name| name.strip_suffix(".json").expect("a recording").to_owned())
        .collect()
}

fn recording(name: &str) -> Recording {
    let text =
        fs::read_to_string(folder().join(format!("{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn node(key: &str, title: &str, kind: &'static str, phase: &str, parent: Option<&str>) -> Node {
    let metadata = [
        ("conductor_track", TRACK),
        ("conductor_key", key),
        ("conductor_phase", phase),
        ("conductor_title", title),
    ];
    Node {
        key: key.to_owned(),
        title: title.to_owned(),
        kind,
        priority: 2,
        labels: vec!["conductor".to_owned()],
        metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        parent_key: parent.map(str::to_owned),
        ..Node::default()
    }
}

fn graph(name: &str) -> Graph {
    let mut graph = Graph {
        commit_message: format!("conductor: {TRACK}"),
        nodes: vec![node(TRACK, "Auth", "epic", "", None)],
        edges: Vec::new(),
    };
    let edge = Edge {
        kind: "blocks",
        ..Edge::default()
    };
    let key = |task: &str| format!("{TRACK}/phase1{task}");
    if name.starts_with("create-unknown-id") {
        graph.edges.push(Edge {
            from_key: Some(TRACK.to_owned()),
            to_id: Some("cd-none".to_owned()),
            ..edge
        });
    } else if matches!(name, "create" | "create-bare") {
        graph
            .nodes
            .push(node(&key(""), "Phase 1: Parts", "epic", "Parts", Some(TRACK)));
        for (task, title, kind) in [
            ("/task1", "Table", "task"),
            ("/task2", "Form", "task"),
            ("/task3", "Verification", "gate"),
        ] {
            graph.nodes.push(node(&key(task), title, kind, "Parts", Some(&key(""))));
        }
        graph.edges.push(Edge {
            from_key: Some(key("/task3")),
            to_key: Some(key("/task1")),
            ..edge
        });
    }
    graph
}

/// `open epic Auth`, one of each in the order of the titles: `bd` orders what it made in one second by ids, which are random.
fn told(beads: &[Bead]) -> String {
    let mut lines: Vec<String> = beads
        .iter()
        .map(|bead| format!("{} {} {}", bead.status, bead.issue_type, bead.title))
        .collect();
    lines.sort();
    lines.join(", ")
}

/// Plays a recording to the typed function of its call: what it gives, in a line.
fn play(name: &str) -> Result<String, Error> {
    let recording = recording(name);
    let value = |name: &str| recording.values.get(name).map_or("", String::as_str);
    let order: &[&str] = match recording.call.as_str() {
        "beads-of-track" => &["track"],
        "beads-by-id" => &["ids"],
        "beads-create" => &["graph"],
        "beads-status" => &["bead", "status"],
        "beads-name" => &["bead", "track", "key", "phase", "title"],
        "beads-close" => &["bead", "reason"],
        "beads-init" => &["prefix"],
        _ => &[],
    };
    assert_eq!(order.len(), recording.values.len(), "{name}");
    let values: Vec<[&str; 1]> = order.iter().map(|name| [value(name)]).collect();
    let values: Vec<(&str, &[&str])> = order
        .iter()
        .zip(&values)
        .map(|(name, value)| (*name, value.as_slice()))
        .collect();
    let output = Output {
        status: recording.status,
        signal: recording.status.is_none().then_some(9),
        timed_out: recording.status.is_none(),
        stdout: recording.stdout.clone().into(),
        stderr: recording.stderr.clone().into(),
        ..Output::default()
    };
    let host = FakeHost::new().command(&recording.call, &values, output);
    let host = &host;
    let nothing = |()| String::new();
    match recording.call.as_str() {
        "beads-where" => reads::workspace(host).wait().map(|workspace| {
            let prefix = workspace.prefix.as_deref().unwrap_or("none");
            let checked =
                reads::check(&workspace).map_or_else(|error| format!("{:?}", error.kind), |()| "good".to_owned());
            format!("{} {} {prefix} {checked}", workspace.path, workspace.database_path)
        }),
        "beads-open" => reads::open(host).wait().map(|beads| told(&beads)),
        "beads-ready" => reads::ready(host).wait().map(|beads| told(&beads)),
        "beads-of-track" => reads::of_track(host, value("track")).wait().map(|beads| told(&beads)),
        "beads-by-id" => {
            let ids: Vec<&str> = value("ids").split(',').collect();
            reads::by_id(host, &ids).wait().map(|beads| told(&beads))
        }
        "beads-epics" => reads::epics(host).wait().map(|epics| {
            let mut lines: Vec<String> = epics
                .iter()
                .map(|epic| format!("{} {}/{}", epic.epic.title, epic.closed_children, epic.total_children))
                .collect();
            lines.sort();
            lines.join(", ")
        }),
        "beads-create" => writes::create(host, &graph(name)).wait().map(|ids| {
            assert!(ids.values().all(|id| id.starts_with("cd-")), "{ids:?}");
            ids.into_keys().collect::<Vec<_>>().join(", ")
        }),
        "beads-status" => writes::status(host, value("bead"), value("status")).wait().map(nothing),
        "beads-name" => {
            let [track, key, phase, title] = ["track", "key", "phase", "title"].map(value);
            writes::name(host, value("bead"), track, key, phase, title)
                .wait()
                .map(nothing)
        }
        "beads-close" => writes::close(host, value("bead"), value("reason")).wait().map(nothing),
        "beads-init" => writes::init(host, value("prefix")).wait().map(nothing),
        other => panic!("{name}: `{other}` is no call of this crate"),
    }
}

/// The calls by their short names, without some.
fn calls_but(left_out: &[&str]) -> Vec<&'static str> {
    let all = CALLS.iter().map(|call| call.name.trim_start_matches("beads-"));
    all.filter(|name| !left_out.contains(name)).collect()
}

/// What each recording comes to, by its name without `bare`.
fn expected() -> BTreeMap<String, Result<String, Kind>> {
    const TABLE: &str = "in_progress task Table of users";
    const GATE: &str = "open gate Verification";
    const EPICS: &str = "open epic Auth, open epic Phase 1: Parts";
    const EMBEDDED: &str = "<PROJECT>/.beads <PROJECT>/.beads/embeddeddolt";
    const OF_SERVER: &str = "<PROJECT>/.beads <PROJECT>/.beads/dolt none good";
    let mut expected = BTreeMap::new();
    let mut well = |name: &str, told: String| drop(expected.insert(name.to_owned(), Ok(told)));
    well("where", format!("{EMBEDDED} cd good"));
    well("open", format!("{TABLE}, {EPICS}, {GATE}"));
    // One is taken, one closed, and the gate waits for the first.
    well("ready", String::new());
    well("epics", "Auth 0/1, Phase 1: Parts 1/3".to_owned());
    well("of-track", format!("closed task Form, {TABLE}, {EPICS}, {GATE}"));
    // The third that was asked for is not there.
    well("by-id", format!("{TABLE}, {GATE}"));
    let keys = ["", "/phase1", "/phase1/task1", "/phase1/task2", "/phase1/task3"];
    well("create", keys.map(|key| format!("{TRACK}{key}")).join(", "));
    for name in ["status", "name", "close", "close-again", "init"] {
        well(name, String::new());
    }
    for name in ["open", "ready", "epics", "of-track", "by-id"] {
        well(&format!("{name}-empty"), String::new());
    }
    // `bd where` knows no prefix there, whether the server runs or not.
    well("where-server", OF_SERVER.to_owned());
    well("where-server-down", OF_SERVER.to_owned());
    well("where-bad-metadata", format!("{EMBEDDED} none Damaged"));
    well("where-bad-manifest", format!("{EMBEDDED} none Damaged"));
    // It begins anew beside the database that was there.
    well("init-bad-metadata", String::new());

    let mut fails = |names: Vec<&str>, what: &str, kind: Kind| {
        for name in names {
            expected.insert(format!("{name}-{what}"), Err(kind));
        }
    };
    fails(vec!["init"], "again", Kind::Failed);
    fails(calls_but(&["init"]), "no-database", Kind::NoWorkspace);
    fails(calls_but(&["where", "init"]), "server-down", Kind::ServerDown);
    fails(calls_but(&["where", "init"]), "bad-metadata", Kind::Damaged);
    fails(calls_but(&["where", "init"]), "bad-manifest", Kind::Damaged);
    fails(vec!["init"], "server-down", Kind::Failed);
    fails(vec!["init"], "bad-manifest", Kind::Failed);
    fails(
        vec!["status", "name", "close", "create"],
        "unknown-id",
        Kind::Refused(Refusal::NotFound),
    );
    fails(vec!["init"], "locked", Kind::Locked);
    // All others wait for it without an end.
    fails(calls_but(&["init"]), "locked", Kind::TimedOut);
    expected
}

#[test]
fn each_recording_is_read_as_what_it_is() {
    let expected = expected();
    let bare = |name: &str| name.strip_suffix("-bare").unwrap_or(name).to_owned();
    let recorded: BTreeSet<String> = names().iter().map(|name| bare(name)).collect();
    let known: BTreeSet<String> = expected.keys().cloned().collect();
    assert_eq!(recorded, known);
    for name in names() {
        let played = play(&name).map_err(|error| error.kind);
        assert_eq!(played, expected[&bare(&name)], "{name}");
    }
}

/// Both forms, but where a lock is held: then it says nothing, or no JSON.
#[test]
fn each_answer_is_recorded_with_the_envelope_and_without() {
    let names = names();
    for name in names
        .iter()
        .filter(|name| !name.ends_with("-bare") && !name.ends_with("-locked"))
    {
        let bare = format!("{name}-bare");
        assert!(names.contains(&bare), "{bare}");
        let form = |name: &str| recording(name).stdout.contains("\"data\": ");
        if recording(name).stdout.starts_with(['{', '[']) {
            assert_eq!((form(name), form(&bare)), (true, false), "{name}");
        }
    }
}

#[test]
fn each_call_has_an_answer_and_a_failure() {
    let sources = [include_str!("../src/reads.rs"), include_str!("../src/writes.rs")];
    let declared: usize = sources.iter().map(|text| text.matches(": Call = Call {").count()).sum();
    assert_eq!(declared, CALLS.len());
    for call in CALLS {
        let of_call = |name: &&String| recording(name).call == call.name;
        let (well, badly): (Vec<String>, Vec<String>) = names()
            .iter()
            .filter(of_call)
            .cloned()
            .partition(|name| play(name).is_ok());
        assert!(!well.is_empty() && !badly.is_empty(), "{}", call.name);
    }
}

/// Of the other kinds all but one are the host's; `NotUnderstood` is another program, or another version.
#[test]
fn each_kind_that_bd_can_cause_is_recorded() {
    let mut left = vec![
        Kind::NoWorkspace,
        Kind::ServerDown,
        Kind::Locked,
        Kind::Damaged,
        Kind::Refused(Refusal::NotFound),
        Kind::TimedOut,
        Kind::Failed,
    ];
    for error in names().iter().filter_map(|name| play(name).err()) {
        left.retain(|kind| *kind != error.kind);
    }
    assert_eq!(left, []);
}

/// A person reads it in one line.
#[test]
fn each_failure_is_told_in_one_sentence() {
    let said: BTreeMap<String, String> = names()
        .iter()
        .filter_map(|name| Some((name.clone(), play(name).err()?.message)))
        .collect();
    for (name, message) in &said {
        assert!(!message.contains('\n') && message.contains("`bd`"), "{name}: {message}");
    }
    for (name, message) in [
        ("open-no-database", "`bd` finds no workspace here"),
        ("open-server-down", "`bd` can't reach its Dolt server"),
        ("open-locked", "`bd` did not answer in 2 s"),
        ("init-locked", "`bd` can't open its database: another process holds it"),
        (
            "open-bad-metadata",
            "`bd`: it can't read `.beads/metadata.json`: parsing config: unexpected end of JSON input",
        ),
        (
            "close-unknown-id",
            "`bd`: resolving ID cd-none: no issue found matching \"cd-none\"",
        ),
        (
            "status-unknown-id",
            "`bd`: Error resolving cd-none: no issue found matching \"cd-none\"",
        ),
    ] {
        assert_eq!(said[name], message, "{name}");
    }
}

/// A bead is read with all that plugins look at.
#[test]
fn a_bead_is_read_whole() {
    let recorded = recording("of-track");
    let output = Output {
        status: Some(0),
        stdout: recorded.stdout.into(),
        ..Output::default()
    };
    let host = FakeHost::new().command("beads-of-track", &[("track", &[TRACK])], output);
    let beads = reads::of_track(&host, TRACK).wait().expect("beads");
    let bead = |key: &str| {
        let key = format!("{TRACK}{key}");
        let mut beads = beads.iter();
        beads
            .find(|bead| bead.metadata("conductor_key") == Some(&key))
            .expect("it is there")
    };
    let (phase, table, form, gate) = (
        bead("/phase1"),
        bead("/phase1/task1"),
        bead("/phase1/task2"),
        bead("/phase1/task3"),
    );
    assert!(phase.is_epic() && table.is_under_way() && form.is_closed() && gate.is_gate());
    assert_eq!(
        (form.close_reason.as_str(), form.priority),
        ("commit: 1a2b3c4", Some(2))
    );
    assert_eq!((&table.parent, table.title.as_str()), (&phase.id, "Table of users"));
    assert!(table.has_label("conductor") && !table.created_at.is_empty());
    assert_eq!(gate.blocked_by().collect::<Vec<_>>(), [table.id.as_str()]);
}
