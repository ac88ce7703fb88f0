use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// How long something takes that others wait for: long enough to be seen, also on a busy machine.
const WHILE: Duration = Duration::from_millis(700);
const LONG: Duration = Duration::from_secs(60);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn take(folder: &Path, wait: Duration) -> std::result::Result<Held, Busy> {
    acquire(folder, Path::new("/project"), "write", wait).expect("the folder can be used")
}

/// A mark that no other test has.
fn mark() -> String {
    static MARKS: AtomicU32 = AtomicU32::new(0);
    format!("test-{}-{}", std::process::id(), MARKS.fetch_add(1, Ordering::Relaxed))
}

/// A process with a mark that takes its time, in a session of its own or not.
fn marked(mark: &str, script: &str) -> std::process::Child {
    std::process::Command::new("/bin/sh")
        .args(["-c", script])
        .env(MARK, mark)
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts")
}

#[test]
fn one_holds_it_at_a_time_by_name_and_project() {
    let folder = folder();
    let held = take(folder.path(), Duration::ZERO).expect("free");
    let us = std::process::id();
    assert!(matches!(take(folder.path(), Duration::ZERO), Err(Busy::Held { pid }) if pid == us));
    for (project, name) in [("/project", "other"), ("/other", "write")] {
        let other = acquire(folder.path(), Path::new(project), name, Duration::ZERO);
        assert!(other.is_ok_and(|other| other.is_ok()), "{project} {name}");
    }
    drop(held);
    // A program that another test starts at this moment has the file open until it is itself.
    assert!(take(folder.path(), Duration::from_secs(5)).is_ok());
}

/// The worst moment: it was started, and its host was killed before it could note the group.
#[test]
#[cfg(target_os = "linux")]
fn a_command_whose_start_was_not_noted_is_found_by_its_mark() {
    let (folder, mark) = (folder(), mark());
    let mut held = take(folder.path(), Duration::ZERO).expect("free");
    held.starting(&mark, LONG).expect("noted");
    let began = Instant::now();
    let mut command = marked(&mark, &format!("sleep {}", WHILE.as_secs_f32()));
    drop(held);
    let busy = take(folder.path(), WHILE / 4).expect_err("it still runs");
    assert!(
        matches!(&busy, Busy::LeftRunning { groups } if groups.len() == 1),
        "{busy:?}"
    );
    assert!(take(folder.path(), LONG).is_ok());
    assert!(began.elapsed() >= WHILE);
    command.wait().expect("ours");
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_waits_for_another_mark_nor_for_a_daemon_nor_for_what_has_ended() {
    let (folder, mark, other) = (folder(), mark(), mark());
    let mut held = take(folder.path(), Duration::ZERO).expect("free");
    held.starting(&mark, LONG).expect("noted");
    let mut another = marked(&other, "exec sleep 100");
    let mut daemon = marked(&mark, "exec setsid --fork sleep 1.5 >/dev/null");
    daemon.wait().expect("ours");
    drop(held);
    let began = Instant::now();
    assert!(take(folder.path(), LONG).is_ok());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    another.kill().and_then(|()| another.wait()).expect("ours");
}

#[test]
fn a_group_that_was_noted_is_waited_for_and_its_end_is_an_end() {
    let (folder, mark) = (folder(), mark());
    let mut held = take(folder.path(), Duration::ZERO).expect("free");
    held.starting(&mark, LONG).expect("noted");
    let mut command = std::process::Command::new("/bin/sleep")
        .arg("100")
        .process_group(0)
        .spawn()
        .expect("it starts");
    held.started(&mark, command.id());
    drop(held);
    let id = command.id();
    assert!(matches!(take(folder.path(), WHILE), Err(Busy::LeftRunning { groups }) if groups == [id]));
    command.kill().and_then(|()| command.wait()).expect("ours");
    let mut held = take(folder.path(), LONG).expect("it has ended");

    held.starting(&mark, LONG).expect("noted");
    held.ended(&mark);
    drop(held);
    let mut held = take(folder.path(), Duration::ZERO).expect("all of it has ended");
    assert_eq!(read(&mut held.file).commands, []);
}

/// What is in the file at any moment can be read: no note empties it first, and no note makes it longer.
#[test]
fn a_note_changes_bytes_that_are_there() {
    let folder = folder();
    let mut held = take(folder.path(), Duration::ZERO).expect("free");
    let length = |held: &Held| held.file.metadata().expect("open").len();
    assert_eq!(length(&held), FILE_BYTES as u64);
    for number in 0..8 {
        let mark = format!("19c8e4f0a1b-7fffffff-ffff.{number}");
        held.starting(&mark, LONG).expect("noted");
        held.started(&mark, u32::MAX);
        assert_eq!(read(&mut held.file).commands.len(), number + 1);
        assert_eq!(length(&held), FILE_BYTES as u64);
    }
}

#[test]
fn what_can_not_be_noted_is_told_and_forgotten() {
    let folder = folder();
    let mut held = take(folder.path(), Duration::ZERO).expect("free");
    let path = std::fs::read_dir(folder.path())
        .expect("there")
        .next()
        .expect("one")
        .expect("one");
    held.file = File::open(path.path()).expect("to read only");
    assert!(held.starting("a", LONG).is_err());
    assert_eq!(held.holder.commands, []);
}

#[test]
fn where_marks_can_not_be_seen_its_time_is_waited_for() {
    let command = |timeout| Command::new("a", timeout);
    let seen = if Path::new("/proc/self/environ").exists() {
        Left::Nothing
    } else {
        Left::Unknown
    };
    assert_eq!(command(LONG).left(None), seen);
    assert_eq!(command(Duration::ZERO).left(None), Left::Nothing);
}

#[test]
fn what_is_no_note_of_ours_holds_nobody_up() {
    let folder = folder();
    drop(take(folder.path(), Duration::ZERO).expect("free"));
    let path = std::fs::read_dir(folder.path())
        .expect("there")
        .next()
        .expect("one")
        .expect("one");
    for text in ["", "{", "{\"pid\":1}", "[]"] {
        std::fs::write(path.path(), text).expect("written");
        assert!(take(folder.path(), Duration::ZERO).is_ok(), "{text}");
    }
}
