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
    let limited = r#"trap '' XFSZ; ulimit -f 8; exec "$0" --exact audit::tests::another_process"#;
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

/// Writes until it is told that it can't, several times: each refused write leaves nothing.
fn fill(folder: &Path) {
    let audit = Audit::in_folder(run(), folder);
    let mut allowed = 0;
    let mut refused = 0;
    while refused < 3 {
        match audit.begin_write(FILE) {
            Ok(_) => allowed += 1,
            Err(error) => {
                assert_eq!(error.code, "audit");
                refused += 1;
            }
        }
    }
    let lines = text(folder, "audit-writes.jsonl").lines().count();
    assert_eq!(lines, allowed, "nothing of what was refused");
}

fn in_other_processes(what: &str, folder: &Path) -> Vec<Child> {
    let program = std::env::current_exe().expect("this program has a path");
    let start = |_| {
        Command::new(&program)
            .args(["--exact", "audit::tests::another_process"])
            .env(CHILD, format!("{what} {}", folder.display()))
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts")
    };
    (0..8).map(start).collect()
}

/// The part of the tests above and below that another process does; by itself it has nothing to do.
#[test]
fn another_process() {
    let Ok(asked) = std::env::var(CHILD) else { return };
    let (what, folder) = asked.split_once(' ').expect("what, and where");
    let folder = Path::new(folder);
    match what {
        "fill" => fill(folder),
        "write" => write_from_threads(folder, FILE_BYTES),
        "rotate" => write_from_threads(folder, 20_000),
        _ => panic!("{asked}"),
    }
}

fn write_from_threads(folder: &Path, most: u64) {
    let audit = Audit::with(run(), Ok(Log::with_most(folder.to_owned(), most)));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..EACH / 2 {
                    let argv = words("git log");
                    audit.read(command(&argv)).end(Outcome::Exit(0));
                }
            });
        }
    });
    assert_eq!(audit.warning(), None);
}

#[test]
fn eight_processes_at_once_lose_nothing() {
    let (_scratch, folder) = scratch();
    for mut child in in_other_processes("write", &folder) {
        assert!(child.wait().expect("it was started").success());
    }
    let all = found(&folder);
    assert_eq!((all.records.len(), all.damaged), (8 * EACH, 0));
}

#[test]
fn files_stay_bounded_while_eight_processes_write() {
    let (_scratch, folder) = scratch();
    for mut child in in_other_processes("rotate", &folder) {
        assert!(child.wait().expect("it was started").success());
    }
    let [new, old] = ["audit-reads.jsonl", "audit-reads.old.jsonl"].map(|name| text(&folder, name));
    assert!(
        new.len() <= 20_000 && old.len() <= 20_000 && old.len() > 15_000,
        "{} {}",
        new.len(),
        old.len()
    );
    let all = found(&folder);
    assert_eq!(
        (all.records.len(), all.damaged),
        (new.lines().count() + old.lines().count(), 0)
    );
}

#[test]
fn processes_that_are_killed_leave_a_log_that_goes_on() {
    let (_scratch, folder) = scratch();
    let mut children = in_other_processes("write", &folder);
    let path = folder.join("audit-reads.jsonl");
    while fs::metadata(&path).map_or(0, |file| file.len()) < 10_000 {
        std::thread::sleep(Duration::from_millis(1));
    }
    for child in &mut children {
        let _ = child.kill();
        child.wait().expect("it was started");
    }
    let before = found(&folder);
    Audit::in_folder(run(), &folder).refused("denied", "afterwards");
    let after = found(&folder);
    assert_eq!(after.records.len(), before.records.len() + 1);
    assert!(
        after.damaged <= 1,
        "at most the line that was under way: {}",
        after.damaged
    );
}

#[test]
fn only_the_user_can_read_it() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.refused("denied", "no");
    audit.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("listed").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_that_others_could_have_written_is_not_taken() {
    let (scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    let path = folder.join("audit-writes.jsonl");
    let refused = |why: &str| {
        let error = Audit::in_folder(run(), &folder).begin_write(FILE).expect_err(why);
        assert!(error.message.contains(why), "{error}");
        assert!(records_in(&folder).is_err());
    };

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("it is ours");
    refused("others can write it");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::hard_link(&path, scratch.path().join("second")).expect("linked");
    refused("it has a second name");
    fs::rename(scratch.path().join("second"), scratch.path().join("elsewhere")).expect("renamed");
    fs::remove_file(&path).expect("removed");
    symlink(scratch.path().join("elsewhere"), &path).expect("linked");
    refused("opening");
}

#[test]
fn a_folder_in_a_checkout_is_not_taken() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(scratch.path().join(".git")).expect("made");
    let folder = scratch.path().join("state/conductor");
    let error = Audit::in_folder(run(), &folder)
        .begin_write(FILE)
        .expect_err("a checkout");
    assert!(error.message.contains("lies inside the checkout"), "{error}");
    assert!(!folder.exists());
    fs::create_dir_all(&folder).expect("made");
    assert!(records_in(&folder).is_err(), "nor is it believed");
}

#[test]
fn a_holder_of_the_lock_that_was_stopped_stops_nobody_for_ever() {
    let (_scratch, folder) = scratch();
    Audit::in_folder(run(), &folder).refused("denied", "makes the lock");
    let lock = fs::File::open(folder.join("audit.lock")).expect("it is there");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("nobody has it");
    let error = Audit::in_folder(run(), &folder)
        .begin_write(FILE)
        .expect_err("it is held");
    assert!(error.message.contains("another process holds"), "{error}");
}
