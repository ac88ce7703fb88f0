//! Whatever the tools answer, the status comes out, and nothing that they print acts on a terminal or as Markdown.

use std::fs;
use std::path::Path;

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Error, Format, Output, Plugin};
use conductor_status::StatusPlugin;

fn shown(project: &str, format: Format, output: Result<Output, Error>) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/live/projects")
        .join(project);
    let files = FakeHost::new()
        .presentation(format)
        .files_of("conductor", &folder)
        .file("beads", "", "{}")
        .file(
            "rigs",
            "",
            r#"{"rigs": {"shop": {"git_url": "file:///srv/git/shop.git"}}}"#,
        );
    // Without a rig nothing of one would be asked.
    let remotes = Output {
        status: Some(0),
        stdout: b"remote.origin.url /srv/git/shop.git\n".to_vec(),
        ..Output::default()
    };
    let host = files.answered(move |command, _| match command {
        "remotes" => Ok(remotes.clone()),
        _ => output.clone(),
    });
    let outcome = StatusPlugin::run(&host).expect("a status");
    match format {
        Format::Json => outcome.json,
        _ => outcome.text.into_iter().map(|(_, text)| text).collect(),
    }
}

fn output(status: i32, stdout: &[u8], stderr: &[u8]) -> Result<Output, Error> {
    Ok(Output {
        status: Some(status),
        stdout: stdout.to_vec(),
        stderr: stderr.to_vec(),
        ..Output::default()
    })
}

#[test]
fn no_answer_keeps_the_status_from_coming_out() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/gastown_mixed");
    let mut answers: Vec<Vec<u8>> = [
        "",
        "null",
        "[]",
        "{}",
        "[{}]",
        "[null]",
        "[[]]",
        "0",
        "\"x\"",
        "{\"data\": 1}",
        "{\"rigs\": null}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    answers.push(vec![0xff, 0xfe, 0x00, b'[']);
    answers.push(format!("[{}]", "[".repeat(200_000)).into_bytes());
    for name in ["rig-work.out", "town-status.out", "rig-merge-requests.out"] {
        let whole = fs::read(recorded.join(name)).expect("a recording");
        answers.extend((0..whole.len()).step_by(1511).map(|end| whole[..end].to_vec()));
        answers.push(whole);
    }
    for answer in answers {
        for status in [0, 1] {
            for project in ["beads", "gastown"] {
                let text = shown(project, Format::Terminal(80), output(status, &answer, &answer));
                assert!(text.contains("## Track: checkout_20260302"), "{text}");
            }
        }
    }
}

#[test]
fn what_is_not_known_is_told() {
    for answer in ["", "no", "{}", "{\"error\": \"it broke\"}"] {
        let text = shown("beads", Format::Terminal(80), output(0, answer.as_bytes(), b""));
        assert!(text.contains("### Beads Status\n- `bd`"), "{answer}: {text}");
        let text = shown("gastown", Format::Terminal(80), output(0, answer.as_bytes(), b""));
        assert!(
            text.contains("- Work: `bd`") && text.contains("- Polecats: `gt`"),
            "{answer}: {text}"
        );
    }
    let killed = Err(Error {
        code: "killed".to_owned(),
        message: "it was ended".to_owned(),
        grant: None,
    });
    assert!(shown("beads", Format::Json, killed).contains("it was ended"));
}

#[test]
fn what_a_bead_says_does_not_act() {
    let title = "a\\u001b[31m\\n## Track: b `x` !`rm` <!-- --> **bold**";
    let bead = format!(
        r#"[{{"id": "sh-1`", "title": "{title}", "status": "hooked", "assignee": "shop/polecats/{title}", "issue_type": "task",
            "metadata": {{"conductor_track": "checkout_20260302", "conductor_key": "{title}"}},
            "epic": {{"id": "sh-2", "title": "{title}"}}}}]"#
    );
    for project in ["beads", "gastown"] {
        for format in [Format::Terminal(80), Format::Markdown(4000)] {
            let text = shown(project, format, output(0, bead.as_bytes(), b""));
            assert!(text.contains("sh-1"), "{text}");
            assert!(!text.contains('\u{1b}'), "{text}");
            assert_eq!(text.matches("\n## Track:").count(), 1, "{text}");
            if matches!(format, Format::Markdown(_)) {
                assert!(!text.contains("!`") && !text.contains("**bold**"), "{text}");
                assert_eq!(text.replace("\\<", "").matches("<!--").count(), 1, "{text}");
            }
        }
    }
}
