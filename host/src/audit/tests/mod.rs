mod place;
mod processes;

use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Set for this test program when another process of it is needed: what it does, and the folder.
const CHILD: &str = "CONDUCTOR_TEST_AUDIT_CHILD";
/// How many records each process writes in the tests with several.
const EACH: usize = 200;

fn scratch() -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path().join("state/conductor");
    (scratch, folder)
}

fn run() -> Run {
    Run {
        plugin: "standup".to_owned(),
        digest: "91c0".to_owned(),
        project: Some("/home/you/shop".into()),
        arguments: r#"{"since":"yesterday"}"#.to_owned(),
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn command(argv: &[String]) -> Deed<'_> {
    Deed::Command {
        name: "create",
        template: "bd create --title=<title:text>",
        argv,
        stdin: None,
        files: &[],
    }
}

const FILE: Deed<'static> = Deed::File {
    grant: "conductor",
    path: "tracks.md",
    operation: Operation::Replace,
    bytes: 12,
    before: Some("aa"),
    after: Some("bb"),
};

fn found(folder: &Path) -> Records {
    records_in(folder).expect("the log can be read")
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

#[test]
fn a_run_without_anything_to_write_down_makes_nothing() {
    let (scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.end(0);
    assert_eq!(audit.warning(), None);
    assert!(!scratch.path().join("state").exists());
    assert_eq!(found(&folder), Records::default());
    assert!(!scratch.path().join("state").exists(), "reading makes nothing either");
}

#[test]
fn a_write_is_on_disk_before_it_is_made_and_its_end_replaces_that() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    let argv = words("bd create --title=x");
    let pending = audit.begin_write(command(&argv)).expect("it can be written");
    let begun = found(&folder).records;
    assert!(
        matches!(
            &begun[..],
            [Record {
                what: What::Command {
                    outcome: Outcome::Begun,
                    effect: Effect::Write,
                    ..
                },
                ..
            }]
        ),
        "{begun:?}"
    );
    pending.end(Outcome::Exit(0));
    audit.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    audit.end(0);

    let all = found(&folder);
    assert_eq!((all.records.len(), all.damaged), (3, 0), "{all:?}");
    let What::Command {
        argv: kept,
        outcome,
        duration_ms,
        ..
    } = &all.records[0].what
    else {
        panic!("{all:?}");
    };
    assert_eq!(kept, &Text::list(&argv));
    assert_eq!((outcome, duration_ms.is_some()), (&Outcome::Exit(0), true));
    assert!(
        matches!(
            &all.records[1].what,
            What::File {
                outcome: Outcome::Done,
                ..
            }
        ),
        "{all:?}"
    );
    assert!(matches!(&all.records[2].what, What::Run { exit: 0, .. }), "{all:?}");
    assert_eq!(all.records[0].project, Some(Text::Whole("/home/you/shop".to_owned())));
    assert!(
        !folder.join("audit-reads.jsonl").exists(),
        "all of it belongs to the writes"
    );
}

#[test]
fn a_write_that_cannot_be_written_down_is_not_made() {
    let (_scratch, folder) = scratch();
    fs::create_dir_all(folder.parent().expect("it has one")).expect("made");
    fs::write(&folder, "a file in the folder's place").expect("written");
    let audit = Audit::in_folder(run(), &folder);
    let error = audit.begin_write(FILE).expect_err("there is no folder");
    assert_eq!(error.code, "audit");
    assert!(error.message.starts_with("nothing was changed"), "{error}");
    assert!(error.hint.is_some());
    audit.refused("denied", "no");
    assert!(audit.warning().is_some_and(|warning| warning.contains("audit log")));
}

#[test]
fn reads_and_refusals_do_not_go_among_the_writes() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    let argv = words("git log");
    audit.read(command(&argv)).end(Outcome::TimedOut);
    drop(audit.read(command(&argv)));
    audit.refused("denied", "plugin `standup` may not …");
    audit.end(4);
    assert!(!folder.join("audit-writes.jsonl").exists());
    let outcomes: Vec<What> = found(&folder).records.into_iter().map(|record| record.what).collect();
    assert!(
        matches!(
            &outcomes[..],
            [
                What::Command {
                    outcome: Outcome::TimedOut,
                    effect: Effect::Read,
                    ..
                },
                What::Command {
                    outcome: Outcome::Begun,
                    duration_ms: None,
                    ..
                },
                What::Refusal { count: 1, .. },
                What::Run { exit: 4, .. },
            ]
        ),
        "{outcomes:?}"
    );
}

#[test]
fn a_plugin_that_is_refused_100_000_times_leaves_a_few_lines() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    for at in 0..100_000_u32 {
        audit.refused(
            "undeclared",
            &format!("plugin `standup` may not use the grant `{}`", at % 1_000),
        );
        audit.refused("denied", "always the same");
    }
    // Until the end of the run it is known that it was refused, which survives a run that never ends.
    assert_eq!(text(&folder, "audit-reads.jsonl").lines().count(), REFUSALS);
    audit.end(1);
    let lines = text(&folder, "audit-reads.jsonl");
    assert_eq!(lines.lines().count(), 2 * REFUSALS + 2);
    assert!(lines.len() < 32 << 10, "{} bytes", lines.len());

    let counts: Vec<(Text, u64)> = found(&folder)
        .records
        .into_iter()
        .filter_map(|record| match record.what {
            What::Refusal { message, count, .. } => Some((message, count)),
            _ => None,
        })
        .collect();
    assert_eq!(counts.len(), REFUSALS + 1);
    assert_eq!(counts[1], (Text::Whole("always the same".to_owned()), 100_000));
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 200_000);
}

/// What was read of a run's records, by what they are: those of it, and how many it has not listed.
fn of_plugin(folder: &Path, plugin: &str) -> (usize, u64) {
    let records = found(folder)
        .records
        .into_iter()
        .filter(|record| record.plugin == plugin);
    records.fold((0, 0), |(all, unlisted), record| match record.what {
        What::Run { unlisted: more, .. } => (all, unlisted + more),
        _ => (all + 1, unlisted),
    })
}

/// A run with a name, beside the usual one.
fn flooding(folder: &Path) -> Audit {
    let run = Run {
        plugin: "flood".to_owned(),
        ..run()
    };
    Audit::in_folder(run, folder)
}

#[test]
fn a_run_that_reads_without_an_end_pushes_out_nothing_and_is_counted() {
    let (_scratch, folder) = scratch();
    Audit::in_folder(run(), &folder).refused("denied", "before");
    let audit = flooding(&folder);
    let argv = vec!["x".repeat(VALUE_BYTES); ARGUMENTS];
    for _ in 0..2_000 {
        audit.read(command(&argv)).end(Outcome::Exit(0));
    }
    audit.refused("denied", "what is refused stands there all the same");
    audit.end(0);
    assert_eq!(of_plugin(&folder, "standup"), (1, 0));
    let (listed, unlisted) = of_plugin(&folder, "flood");
    assert_eq!(listed as u64 + unlisted, 2_001);
    assert!(listed > 100 && unlisted > 1_000, "{listed} {unlisted}");
    assert!((text(&folder, "audit-reads.jsonl").len() as u64) < RUN_BYTES + (64 << 10));
}

#[test]
fn a_run_that_writes_without_an_end_is_stopped_before_it_pushes_out_others() {
    let (_scratch, folder) = scratch();
    let other = Audit::in_folder(run(), &folder);
    other.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    let audit = flooding(&folder);
    let argv = vec!["x".repeat(VALUE_BYTES); ARGUMENTS];
    let mut made = 0;
    let error = loop {
        match audit.begin_write(command(&argv)) {
            Ok(pending) => pending.end(Outcome::Exit(0)),
            Err(error) => break error,
        }
        made += 1;
    };
    assert_eq!((error.code.as_str(), error.kind.exit_code()), ("limit", 5));
    assert!(error.message.starts_with("nothing more is changed"), "{error}");
    audit.end(5);
    assert_eq!(of_plugin(&folder, "flood"), (made, 0));
    assert_eq!(of_plugin(&folder, "standup"), (1, 0));
    // Another run may still change something.
    other.begin_write(FILE).expect("it can be written").end(Outcome::Done);
}

#[test]
fn a_run_ends_once() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.refused("denied", "no");
    audit.end_within(Duration::from_secs(60), 5);
    audit.end(0);
    let ends = |record: &Record| matches!(record.what, What::Run { exit: 5, .. });
    let all = found(&folder).records;
    assert!(all.len() == 2 && ends(&all[1]), "{all:?}");
}

#[test]
fn a_read_that_is_under_way_at_the_end_is_written_down() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    let argv = words("git log");
    let pending = audit.read(command(&argv));
    audit.end(5);
    let outcomes = |outcome: &Outcome| {
        let all = found(&folder).records;
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(
            matches!(&all[0].what, What::Command { outcome: came, .. } if came == outcome),
            "{all:?}"
        );
    };
    outcomes(&Outcome::Begun);
    pending.end(Outcome::Signal(15));
    outcomes(&Outcome::Signal(15));
}

#[test]
fn a_log_that_hangs_holds_up_no_end() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.refused("denied", "no");
    let hangs = audit.get();
    let began = Instant::now();
    audit.end_within(Duration::from_millis(100), 5);
    assert!(began.elapsed() < Duration::from_secs(10));
    drop(hangs);
}

#[test]
fn what_a_command_is_given_is_known_by_its_digest() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    let [stdin, file] = ["a secret", ""].map(|text| Content::of(text.as_bytes()));
    let argv = words("bd create --graph=/tmp/x");
    let deed = Deed::Command {
        name: "create",
        template: "bd create --graph=<graph:tempfile>",
        argv: &argv,
        stdin: Some(&stdin),
        files: std::slice::from_ref(&file),
    };
    audit
        .begin_write(deed)
        .expect("it can be written")
        .end(Outcome::Exit(0));
    let lines = text(&folder, "audit-writes.jsonl");
    assert!(!lines.contains("a secret"), "{lines}");
    assert!(
        lines.contains(&format!(r#""stdin":{{"bytes":8,"sha256":"{}"}}"#, stdin.sha256)),
        "{lines}"
    );
    assert!(
        lines.contains(&format!(r#""files":[{{"bytes":0,"sha256":"{}"}}]"#, file.sha256)),
        "{lines}"
    );
}

#[test]
fn what_is_long_is_cut_with_its_length_and_digest() {
    let text = "é".repeat(VALUE_BYTES);
    let Text::Cut {
        start,
        bytes,
        sha256,
        arguments,
    } = Text::new(&text)
    else {
        panic!("it is long");
    };
    assert_eq!(
        (start.len(), bytes, arguments),
        (VALUE_BYTES, 2 * VALUE_BYTES as u64, None)
    );
    assert_eq!(sha256, crate::digest::sha256(text.as_bytes()));

    let argv = vec!["x".to_owned(); ARGUMENTS + 3];
    let list = Text::list(&argv);
    assert_eq!(list.len(), ARGUMENTS + 1);
    let Some(Text::Cut {
        bytes: 6,
        arguments: Some(3),
        sha256,
        ..
    }) = list.last()
    else {
        panic!("{list:?}");
    };
    assert_eq!(*sha256, crate::digest::sha256(b"x\0x\0x\0"));
}

#[test]
fn the_longest_record_leaves_room_for_others() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    // The worst for JSON: each of these is six characters.
    let argv = vec!["\u{1}".repeat(10_000); 5_000];
    audit
        .begin_write(command(&argv))
        .expect("it can be written")
        .end(Outcome::Exit(0));
    let written = text(&folder, "audit-writes.jsonl");
    assert!(written.len() as u64 * 10 < FILE_BYTES, "{} bytes", written.len());
    assert!(!written.contains('\u{1}'));
    assert_eq!(found(&folder).damaged, 0);
}

#[test]
fn damaged_lines_are_skipped_and_counted_and_hurt_no_other() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.refused("denied", "before");
    let path = folder.join("audit-reads.jsonl");
    let mut bytes = fs::read(&path).expect("it is there");
    bytes.extend(b"\xff\xfe not text\n[1]\n{\"v\":99,\"of\":\"a later version\"}\n\n{\"v\":1,\"time\":\"20");
    fs::write(&path, bytes).expect("written");
    audit.refused("denied", "behind half a line");
    let all = found(&folder);
    assert_eq!((all.records.len(), all.damaged), (2, 4), "{all:?}");
}

#[test]
fn what_does_not_fit_is_taken_back() {
    let (_scratch, folder) = scratch();
    Audit::in_folder(run(), &folder).refused("denied", "makes the folder");
    // A limit on the size of files is a disk that is full at that length.
    let limited = r#"trap '' XFSZ; ulimit -f 8; exec "$0" --exact audit::tests::processes::another_process"#;
    let status = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().expect("this program has a path"))
        .env(CHILD, format!("fill {}", folder.display()))
        .stdout(Stdio::null())
        .status()
        .expect("sh starts");
    assert!(status.success());
    let written = text(&folder, "audit-writes.jsonl");
    assert!(
        written.ends_with('\n') && written.len() > 1_000,
        "{} bytes",
        written.len()
    );
    let all = found(&folder);
    assert_eq!(all.damaged, 0);
    let writes = |record: &&Record| matches!(record.what, What::File { .. });
    assert_eq!(
        all.records.iter().filter(writes).count(),
        written.lines().count(),
        "each write that was allowed is there, whole"
    );
}
