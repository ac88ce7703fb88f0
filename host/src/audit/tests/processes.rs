//! Several processes that write at once, and some that are killed.

use super::*;

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
            .args(["--exact", "audit::tests::processes::another_process"])
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
