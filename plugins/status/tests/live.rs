//! Each folder of tests/live is a state of Beads or Gas Town: what the real tools printed in it, and what the status shows of it.
//!
//! `project` names a folder of tests/live/projects, a `conductor/` folder; `grants/` holds the single files that are granted, by
//! the grant's name (ending in `.error`: code and sentence of the host, why it can't be read). `calls` has a line for each call that is expected, in order: the command, its values as `hole=value`, then its
//! exit code and the file with its output, or several, joined by `+`, whose lists are one (beside the first, ending in `.err`, what it complained of), or `timed-out`, or `not-started` with
//! the host's code. `arguments` holds what is typed, where anything is. What comes of it is in `terminal`, `markdown` and
//! `json`; `BLESS=1` writes these anew.
//!
//! The outputs are recordings of `bd` 1.0.5 and `gt` 1.2.1 in a project and a town of ours, with other names for their folders.

use std::fs;
use std::path::{Path, PathBuf};

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Format, Output, Plugin};
use conductor_status::StatusPlugin;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live")
}

fn states() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder())
        .expect("the states")
        .map(|entry| entry.expect("a state").path());
    let mut states: Vec<PathBuf> = entries.filter(|path| path.join("calls").exists()).collect();
    states.sort();
    assert!(states.len() >= 10, "{} states", states.len());
    states
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_state_is_shown_as_written() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for state in states() {
        for (name, format) in [
            ("terminal", Format::Terminal(100)),
            ("markdown", Format::Markdown(4000)),
            ("json", Format::Json),
        ] {
            let shown = shown(&state, format);
            let path = state.join(name);
            if bless {
                fs::write(&path, &shown).expect("it can be written");
            } else if fs::read_to_string(&path).unwrap_or_default() != shown {
                wrong.push(format!("{}\n{shown}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n(BLESS=1 writes them anew)", wrong.join("\n"));
}

/// Titles of beads can be long and many; what Claude gets stays within its bytes.
#[test]
fn the_markdown_stays_within_its_bytes() {
    for state in states() {
        for bytes in [1200, 2000, 4000] {
            let text = shown(&state, Format::Markdown(bytes));
            let asked_for_more = state.join("arguments").exists();
            assert!(
                asked_for_more || text.len() <= bytes as usize,
                "{}: {}",
                state.display(),
                text.len()
            );
        }
    }
}

fn shown(state: &Path, format: Format) -> String {
    let host = host(state).presentation(format);
    let outcome = StatusPlugin::run(&host).unwrap_or_else(|failure| panic!("{}: {}", state.display(), failure.message));
    assert_eq!(host.calls_left(), 0, "{}: calls that were not made", state.display());
    match format {
        Format::Json => {
            let value: Value = serde_json::from_str(&outcome.json).expect("JSON");
            let live = ["waiting_elsewhere", "beads", "gastown"].map(|key| (key.to_owned(), value[key].clone()));
            let tracks = value["tracks"].as_array().expect("tracks").iter();
            let tracks = tracks.map(|track| {
                (
                    track["id"].as_str().expect("an id").to_owned(),
                    track["gastown"].clone(),
                )
            });
            let mut shown: serde_json::Map<String, Value> = live.into_iter().collect();
            shown.insert("tracks".to_owned(), Value::Object(tracks.collect()));
            serde_json::to_string_pretty(&shown).expect("JSON") + "\n"
        }
        _ => outcome.text.iter().map(|(_, text)| text.as_str()).collect(),
    }
}

fn host(state: &Path) -> FakeHost {
    let project = folder().join("projects").join(read(&state.join("project")).trim());
    let mut host = FakeHost::new().project_name("shop").files_of("conductor", &project);
    for grant in fs::read_dir(state.join("grants")).into_iter().flatten() {
        let grant = grant.expect("a grant");
        let name = grant.file_name().into_string().expect("a name");
        let text = read(&grant.path());
        host = match name.strip_suffix(".error") {
            Some(name) => {
                let (code, message) = text.trim().split_once(' ').expect("a code and a sentence");
                host.unreadable(name, "", code, message)
            }
            None => host.file(&name, "", text),
        };
    }
    let arguments = fs::read_to_string(state.join("arguments")).unwrap_or_default();
    for word in arguments.split_whitespace() {
        host = match word.strip_prefix("--") {
            Some(flag) => host.argument(flag, true),
            None => host.argument("track", word),
        };
    }
    read(&state.join("calls"))
        .lines()
        .fold(host, |host, line| call(host, state, line))
}

fn call(host: FakeHost, state: &Path, line: &str) -> FakeHost {
    let mut words = line.split_whitespace();
    let command = words.next().expect("a command");
    let (values, end): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
    let values: Vec<(&str, [&str; 1])> = values
        .iter()
        .map(|value| value.split_once('=').expect("hole=value"))
        .map(|(hole, value)| (hole, [value]))
        .collect();
    let values: Vec<(&str, &[&str])> = values.iter().map(|(hole, value)| (*hole, value.as_slice())).collect();
    match end.as_slice() {
        ["timed-out"] => {
            let output = Output {
                signal: Some(15),
                timed_out: true,
                ..Output::default()
            };
            host.command(command, &values, output)
        }
        ["not-started", code] => host.not_started(command, &values, code, "the host's own sentence"),
        [status, files] => {
            let files: Vec<PathBuf> = files.split('+').map(|file| state.join(file)).collect();
            let stderr = files[0].with_extension("err");
            let output = Output {
                status: status.parse().ok(),
                stdout: joined(&files).into_bytes(),
                stderr: fs::read(stderr).unwrap_or_default(),
                ..Output::default()
            };
            host.command(command, &values, output)
        }
        _ => panic!("{}: `{line}` is no call", state.display()),
    }
}

/// What several calls printed, as the one call prints it that has taken their place: a list of all that they listed.
fn joined(files: &[PathBuf]) -> String {
    if let [only] = files {
        return read(only);
    }
    let listed = files.iter().flat_map(|file| {
        let list: Value = serde_json::from_str(&read(file)).expect("a recorded list");
        let list = list.get("data").unwrap_or(&list);
        list.as_array().expect("a list").clone()
    });
    serde_json::to_string_pretty(&listed.collect::<Vec<_>>()).expect("JSON")
}
