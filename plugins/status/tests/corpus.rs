//! Real projects: all three forms of each come out, and the numbers of two of them are the ones counted by hand.
//!
//! They are other people's files and not part of this repository. `CONDUCTOR_CORPUS` names the folder that holds them: an
//! `INDEX.md` with a table of file, family, kind, repository and path. Without it these tests say that they skip.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Format, Plugin};
use conductor_status::StatusPlugin;
use serde_json::Value;

/// The files of one `conductor/` folder: path below it, and the file in the corpus.
type Folder = BTreeMap<String, PathBuf>;

/// The folder of the corpus.
#[expect(clippy::print_stderr, reason = "a test that does not run has to say so")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CONDUCTOR_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: CONDUCTOR_CORPUS names no folder with real projects");
    }
    folder
}

/// Every row of the index: the file's number, where its `conductor/` folder is, and its path below that.
fn rows(corpus: &Path) -> Vec<(u32, String, String, PathBuf, bool)> {
    let index = fs::read_to_string(corpus.join("INDEX.md")).expect("the index of the corpus");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, file, _, _, repository, path, note, ..] = cells.as_slice() else {
            return None;
        };
        let number = file.get(..4)?.parse().ok()?;
        let (before, below) = path.split_once("conductor/")?;
        let is_newest = note.contains("HEAD");
        Some((
            number,
            format!("{repository}/{before}"),
            below.to_owned(),
            corpus.join(file),
            is_newest,
        ))
    };
    index.lines().filter_map(row).collect()
}

/// The folders of the corpus. Of several versions of a file the newest is taken.
fn folders(corpus: &Path) -> BTreeMap<String, Folder> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    for (_, project, path, file, is_newest) in rows(corpus) {
        let folder = folders.entry(project).or_default();
        if is_newest || !folder.contains_key(&path) {
            folder.insert(path, file);
        }
    }
    folders
}

/// The folder that consists of the files with these numbers.
fn folder_of(corpus: &Path, numbers: &[u32]) -> Folder {
    let rows = rows(corpus).into_iter().filter(|(number, ..)| numbers.contains(number));
    rows.map(|(_, _, path, file, _)| (path, file)).collect()
}

fn host(folder: &Folder, format: Format) -> FakeHost {
    let host = FakeHost::new()
        .grant("conductor")
        .project_name("project")
        .presentation(format);
    folder.iter().fold(host, |host, (path, file)| {
        host.file("conductor", path, fs::read(file).expect("a corpus file"))
    })
}

fn text(host: &FakeHost) -> String {
    let outcome = StatusPlugin::run(host).expect("a status");
    outcome.text.into_iter().map(|(_, text)| text).collect()
}

fn json(folder: &Folder) -> Value {
    let host = host(folder, Format::Json).argument("diagnostics", true);
    serde_json::from_str(&StatusPlugin::run(&host).expect("a status").json).expect("JSON")
}

/// The value at a path such as `/totals/tracks` for each expectation of a table.
fn check(report: &Value, table: &[(&str, Value)]) {
    for (path, expected) in table {
        assert_eq!(report.pointer(path).unwrap_or(&Value::Null), expected, "{path}");
    }
}

/// Problems or notes as `file:line` without the track's folder, sorted.
fn places(report: &Value, severity: &str) -> Vec<String> {
    let findings = report["diagnostics"].as_array().expect("diagnostics");
    let place = |finding: &Value| {
        let file = finding["file"]
            .as_str()
            .expect("a file")
            .rsplit('/')
            .next()
            .expect("a name")
            .to_owned();
        let lines: Vec<String> = finding["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|run| run["first"].to_string())
            .collect();
        format!("{file}:{}", lines.join(","))
    };
    let mut places: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] == severity)
        .map(place)
        .collect();
    places.sort();
    places
}

/// Phases of a track as `done/total`.
fn phases(track: &Value) -> Vec<String> {
    let phases = track["phases"].as_array().expect("phases");
    phases
        .iter()
        .map(|phase| format!("{}/{}", phase["tasks"]["done"], phase["tasks"]["total"]))
        .collect()
}

#[test]
fn every_project_comes_out_in_all_three_forms() {
    let Some(corpus) = corpus() else { return };
    let folders = folders(&corpus);
    assert!(folders.len() >= 59, "{} projects", folders.len());
    for (name, folder) in &folders {
        let markdown = text(&host(folder, Format::Markdown(4000)));
        assert!(markdown.len() <= 4000, "{name}: {} bytes", markdown.len());
        assert!(markdown.ends_with("-->\n"), "{name}");
        let report = json(folder);
        for columns in [40, 60, 100] {
            let all = text(
                &host(folder, Format::Terminal(columns))
                    .argument("all", true)
                    .argument("diagnostics", true),
            );
            assert!(!all.contains('\u{1}'), "{name}");
        }
        for track in report["tracks"].as_array().expect("tracks") {
            let id = track["id"].as_str().expect("an id");
            let full = text(&host(folder, Format::Markdown(4000)).argument("track", id));
            assert!(full.len() <= 24_000, "{name}: {id}");
            assert!(
                text(&host(folder, Format::Terminal(80)).argument("track", id)).contains(id),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn thirteen_tracks_as_counted_by_hand() {
    let Some(corpus) = corpus() else { return };
    let numbers = [260, 161, 162, 163, 164, 165, 166, 316, 317, 318, 319, 425, 426, 427];
    let report = json(&folder_of(&corpus, &numbers));
    check(
        &report,
        &[
            ("/totals/tracks", 13.into()),
            ("/totals/in_progress", 3.into()),
            ("/totals/pending", 1.into()),
            ("/totals/done", 9.into()),
            ("/totals/archived", 4.into()),
            ("/totals/tasks/done", 44.into()),
            ("/totals/tasks/total", 79.into()),
            ("/totals/tasks/percent", 55.into()),
            ("/waiting/0/line", 22.into()),
            ("/waiting/0/phase/number", "4".into()),
            ("/waiting/0/closes_track", true.into()),
            ("/waiting/1/line", 87.into()),
            ("/waiting/1/phase/number", "3".into()),
            ("/waiting/1/holds/0/number", "4".into()),
            ("/waiting/1/held_tasks", 3.into()),
            ("/waiting/2", Value::Null),
            ("/tracks/0/priority", "medium".into()),
            ("/tracks/0/tasks/done", 15.into()),
            ("/tracks/0/tasks/total", 19.into()),
            ("/tracks/2/plan", Value::Null),
            ("/tracks/3/tasks/total", 30.into()),
            ("/next/0/first_line", 22.into()),
            ("/problems", 3.into()),
            ("/notes", 15.into()),
        ],
    );
    assert_eq!(phases(&report["tracks"][0]), ["6/6", "6/6", "3/4", "0/3"]);
    assert_eq!(phases(&report["tracks"][1]), ["3/3", "4/4", "4/4", "3/4"]);
    assert_eq!(report["tracks"][3]["phases"].as_array().map(Vec::len), Some(8));
    assert_eq!(
        places(&report, "problem"),
        ["implement_state.json:", "tracks.md:32", "tracks.md:57"]
    );
}

#[test]
fn two_tracks_as_counted_by_hand() {
    let Some(corpus) = corpus() else { return };
    let folder = folder_of(&corpus, &[179, 180, 269, 322, 435, 436]);
    let report = json(&folder);
    check(
        &report,
        &[
            ("/totals/tracks", 2.into()),
            ("/totals/tasks/done", 5.into()),
            ("/totals/tasks/total", 93.into()),
            ("/totals/tasks/percent", 5.into()),
            ("/waiting/0/line", 54.into()),
            ("/waiting/0/boxes/total", 8.into()),
            ("/waiting/0/boxes/first_line", 55.into()),
            ("/waiting/0/boxes/last_line", 62.into()),
            ("/waiting/0/holds/0/number", "2".into()),
            ("/waiting/0/held_tasks", 15.into()),
            ("/tracks/0/last_done/0/sha", "de44a1c".into()),
            ("/tracks/0/last_done/0/task", "1.5".into()),
            ("/tracks/0/last_done/1/sha", "e547e70".into()),
            ("/tracks/0/last_done/2/sha", "8576e9f".into()),
            ("/tracks/1/priority", "low".into()),
            ("/tracks/1/tasks/total", 44.into()),
            ("/problems", 0.into()),
            ("/notes", 8.into()),
        ],
    );
    assert_eq!(phases(&report["tracks"][0]), ["5/6", "0/15", "0/12", "0/5", "0/11"]);
    let parallel = report["tracks"][1]["phases"]
        .as_array()
        .expect("phases")
        .iter()
        .filter(|phase| phase["parallel"] == true);
    assert_eq!(parallel.count(), 3);
    let shown = text(&host(&folder, Format::Markdown(4000)));
    assert!(shown.contains("Phase 1: ████████░░ 83% (5/6 tasks)"), "{shown}");
    assert!(
        shown.contains("Phase 3-5: ░░░░░░░░░░ 0% (0/28 tasks) (waiting)"),
        "{shown}"
    );
}
