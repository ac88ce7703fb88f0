//! Each file in tests/cases holds a small project and what the plugin shows of it, in every form that matters there.
//!
//! A file is a list of parts. `>>> PATH` begins a file below `conductor/`, whose lines follow. `<<< FORM ARGUMENTS` begins
//! what is expected for `terminal COLUMNS`, `markdown BYTES` or `json`, with the arguments as they are typed; a failure is
//! written as `error CODE: …`. `BLESS=1` writes what is expected anew.

use std::fs;
use std::path::{Path, PathBuf};

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Failure, Format, Outcome, Plugin};
use conductor_status::StatusPlugin;

#[derive(Debug)]
enum Part {
    File { path: String, lines: String },
    Expected { call: String, lines: String },
}

#[test]
fn every_case_comes_out_as_written() {
    let mut wrong = Vec::new();
    for path in cases() {
        let written = fs::read_to_string(&path).expect("a case is UTF-8");
        let parts = parse(&written);
        let actual: String = parts.iter().map(|part| show(part, &parts)).collect();
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &actual).expect("the case can be written");
        } else if actual != written {
            wrong.push(format!("{}\n{}", path.display(), first_difference(&written, &actual)));
        }
    }
    assert!(wrong.is_empty(), "{}\n(BLESS=1 writes them anew)", wrong.join("\n"));
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are cases");
    cases
}

fn parse(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for line in text.split_inclusive('\n') {
        let begin = |name: &str| (name.trim_end().to_owned(), String::new());
        if let Some((path, lines)) = line.strip_prefix(">>> ").map(begin) {
            parts.push(Part::File { path, lines });
        } else if let Some((call, lines)) = line.strip_prefix("<<< ").map(begin) {
            parts.push(Part::Expected { call, lines });
        } else {
            match parts.last_mut() {
                Some(Part::File { lines, .. } | Part::Expected { lines, .. }) => lines.push_str(line),
                None => panic!("a case begins with `>>>` or `<<<`: {line}"),
            }
        }
    }
    parts
}

/// A file as it is, an expectation as it really comes out.
fn show(part: &Part, parts: &[Part]) -> String {
    match part {
        Part::File { path, lines } => format!(">>> {path}\n{lines}"),
        Part::Expected { call, .. } => format!("<<< {call}\n{}", outcome(call, parts)),
    }
}

fn outcome(call: &str, parts: &[Part]) -> String {
    let mut host = FakeHost::new().project_name("shop").grant("conductor");
    for part in parts {
        if let Part::File { path, lines } = part {
            // `\t` and the like are written so that an editor can't change them.
            let lines = lines.replace("\\t", "\t").replace("\\u{1b}", "\u{1b}");
            host = host.file("conductor", path, lines);
        }
    }
    match StatusPlugin::run(&called(host, call)) {
        Ok(outcome) => text_of(&outcome),
        Err(failure) => error_of(&failure),
    }
}

/// Sets the form and the arguments: `terminal 60 --diagnostics auth`.
fn called(mut host: FakeHost, call: &str) -> FakeHost {
    let mut words = call.split_whitespace();
    let number = |words: &mut std::str::SplitWhitespace| words.next().and_then(|word| word.parse::<u32>().ok());
    host = match words.next() {
        Some("terminal") => {
            let columns = number(&mut words).expect("`terminal COLUMNS`");
            host.presentation(Format::Terminal(u16::try_from(columns).expect("columns")))
        }
        Some("markdown") => host.presentation(Format::Markdown(number(&mut words).expect("`markdown BYTES`"))),
        Some("json") => host.presentation(Format::Json),
        form => panic!("unknown form {form:?}"),
    };
    for word in words {
        host = match word.strip_prefix("--") {
            Some(flag) => host.argument(flag, true),
            None => host.argument("track", word),
        };
    }
    host
}

fn text_of(outcome: &Outcome) -> String {
    if outcome.json.is_empty() {
        return outcome.text.iter().map(|(_, text)| text.as_str()).collect();
    }
    let value: serde_json::Value = serde_json::from_str(&outcome.json).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON") + "\n"
}

fn error_of(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("none");
    let details: String = failure.details.lines().map(|line| format!("  {line}\n")).collect();
    format!("error {}: {}\n{details}hint: {hint}\n", failure.code, failure.message)
}

fn first_difference(written: &str, actual: &str) -> String {
    let mut lines = written.lines().zip(actual.lines()).enumerate();
    match lines.find(|(_, (written, actual))| written != actual) {
        Some((at, (written, actual))) => format!("  line {}\n  - {written}\n  + {actual}", at + 1),
        None => "  one is longer than the other".to_owned(),
    }
}
