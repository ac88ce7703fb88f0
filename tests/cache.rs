//! Attacks on the cache of compiled plugins, with the real program: compiled code is machine code that it will run, so an entry
//! or a folder that somebody else could have written has to be refused, and the answer has to be right all the same.
#![expect(
    clippy::disallowed_methods,
    reason = "a test starts the program and spoils its files"
)]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

#[path = "cache/place.rs"]
mod place;
#[path = "cache/word.rs"]
mod word;

use place::{COLD, Place, Ran, WARM, entries, plugin};

/// `nobody`.
const OTHER: u32 = 65534;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode can be set");
}

fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("it can be read");
    change(&mut bytes);
    fs::write(path, bytes).expect("it can be written");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_second_start_of_a_bundled_plugin_neither_compiles_nor_hashes_nor_parses_nor_starts_anything() {
    let place = Place::new();
    let status = || Ran::of(place.command().args(["--verbose", "status"])).said("sign-in_20260101");
    status().counted("taken from the cache: 1, 0, 0; processes started: 0");
    status().counted("taken from the cache: 0, 0, 1; processes started: 0");
    status().counted("bundled manifests read: 1");
}

#[test]
fn an_entry_is_written_once_and_for_nobody_else() {
    let place = Place::new();
    let entry = place.warm();
    let metadata = entry.metadata().expect("it is there");
    assert_eq!(metadata.mode() & 0o777, 0o600, "nobody else can read or write it");
    assert_eq!(place.folder().metadata().expect("there").mode() & 0o777, 0o700);
    place.ask().right().counted(WARM);
    assert_eq!(
        entry.metadata().expect("there").ino(),
        metadata.ino(),
        "it was not written again"
    );
}

#[test]
fn an_entry_that_was_cut_off_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    let length = usize::try_from(entry.metadata().expect("there").len()).expect("it fits");
    for keep in [0, 1, 15, 16, 4_096, length / 2, length - 1] {
        spoil(&entry, |bytes| bytes.truncate(keep));
        place.recovers();
    }
}

#[test]
fn an_entry_that_grew_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    spoil(&entry, |bytes| bytes.push(0));
    place.recovers();
}

#[test]
fn an_entry_with_the_right_end_and_something_else_in_it_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    for forged in [vec![0; 100_000], b"#!/bin/sh\n".repeat(1_000), Vec::new()] {
        spoil(&entry, |bytes| {
            let mark = bytes[bytes.len() - 8..].to_vec();
            bytes.clear();
            bytes.extend(&forged);
            bytes.extend((forged.len() as u64).to_le_bytes());
            bytes.extend(mark);
        });
        place.recovers();
    }
}

#[test]
fn an_entry_of_another_compiler_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    // wasmtime begins the code with its version and the processor; the name of the entry says the same, but a file can be renamed.
    let processor = format!("{}-", std::env::consts::ARCH).into_bytes();
    spoil(&entry, |bytes| {
        let at = bytes.windows(processor.len()).position(|window| window == processor);
        bytes[at.expect("the processor is in the code")] ^= 1;
    });
    place.recovers();
}

#[test]
fn an_entry_that_others_can_write_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    for others in [0o602, 0o620, 0o666] {
        mode(&entry, others);
        place.recovers();
    }
}

#[test]
fn an_entry_with_a_second_name_is_refused() {
    let place = Place::new();
    let entry = place.warm();
    fs::hard_link(&entry, place.path("second")).expect("linked");
    place.recovers();
    assert!(
        place.path("second").metadata().is_ok_and(|second| second.nlink() == 1),
        "it was replaced, not written"
    );
}

#[test]
fn an_entry_that_is_a_link_is_refused_and_what_it_leads_to_stays() {
    let place = Place::new();
    let entry = place.warm();
    let elsewhere = place.path("elsewhere");
    fs::rename(&entry, &elsewhere).expect("moved");
    let before = fs::read(&elsewhere).expect("read");
    symlink(&elsewhere, &entry).expect("linked");
    place.recovers();
    assert_eq!(fs::read(&elsewhere).expect("read"), before);
}

#[test]
fn an_entry_that_is_no_file_is_refused_without_waiting() {
    let place = Place::new();
    let entry = place.warm();
    fs::remove_file(&entry).expect("removed");
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &entry, fifo, rustix::fs::Mode::RUSR, 0).expect("a FIFO");
    place.recovers();
    fs::remove_file(&entry).expect("removed");
    fs::create_dir(&entry).expect("a folder");
    place.ask().right().counted(COLD);
    place.ask().right().counted(COLD);
}

#[test]
fn an_entry_of_another_user_is_refused() {
    if !is_root() {
        return eprintln!("skipped: only root can give a file away");
    }
    let place = Place::new();
    let entry = place.warm();
    chown(&entry, Some(OTHER), None).expect("given away");
    place.recovers();
}

#[test]
fn a_folder_of_another_user_is_not_used() {
    if !is_root() {
        return eprintln!("skipped: only root can give a folder away");
    }
    let place = Place::new();
    let entry = place.warm();
    chown(place.folder(), Some(OTHER), None).expect("given away");
    let before = entry.metadata().expect("there").mtime_nsec();
    place.works_without("belongs to another user");
    assert_eq!(entry.metadata().expect("there").mtime_nsec(), before);
}

#[test]
fn a_folder_that_others_can_write_is_not_used() {
    let place = Place::new();
    place.warm();
    for others in [0o777, 0o1777, 0o720] {
        mode(&place.folder(), others);
        place.works_without("can be written by others");
    }
}

#[test]
fn a_folder_that_is_a_link_is_not_used() {
    let place = Place::new();
    place.warm();
    fs::rename(place.folder(), place.path("moved")).expect("moved");
    symlink(place.path("moved"), place.folder()).expect("linked");
    place.works_without("is not a folder");
}

#[test]
fn a_folder_in_a_checkout_is_not_used_and_nothing_is_made_there() {
    let place = Place::new();
    let inside = place.path("project/.cache");
    for variable in [inside.clone(), place.path("project/conductor/../.cache")] {
        let mut command = place.command();
        command.env("XDG_CACHE_HOME", &variable).args(place.question());
        Ran::of(&mut command)
            .right()
            .counted(COLD)
            .noted("lies inside the checkout");
        assert!(!inside.exists(), "nothing is made in it");
    }
    // What the repository brings is not taken either.
    fs::create_dir_all(inside.join("conductor")).expect("made");
    mode(&inside.join("conductor"), 0o700);
    let entry = place.warm();
    fs::copy(
        &entry,
        inside.join("conductor").join(entry.file_name().expect("it has one")),
    )
    .expect("copied");
    let mut command = place.command();
    command.env("XDG_CACHE_HOME", &inside).args(place.question());
    Ran::of(&mut command)
        .right()
        .counted(COLD)
        .noted("lies inside the checkout");
}

#[test]
fn a_relative_folder_is_not_taken_from_the_project() {
    let place = Place::new();
    let mut command = place.command();
    command.env("XDG_CACHE_HOME", ".cache").args(place.question());
    Ran::of(&mut command).right().counted(COLD);
    assert!(!place.path("project/.cache").exists(), "nothing is made in the project");
}

#[test]
fn no_home_at_all_costs_only_time() {
    let place = Place::new();
    for home in ["/proc/nowhere", "/dev/null"] {
        let mut command = place.command();
        command.env("HOME", home).args(place.question());
        Ran::of(&mut command).right().counted(COLD).noted("making");
    }
}

#[test]
fn a_home_that_can_only_be_read_costs_only_time() {
    let place = Place::new();
    let mut command = if is_root() {
        // Root may write everywhere: another user has to ask.
        chown(place.path("project"), Some(OTHER), None).expect("given away");
        mode(place.scratch.path(), 0o755);
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(env!("CARGO_BIN_EXE_conductor"));
        if !command
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
        {
            return eprintln!("skipped: there is no setpriv, or another user can't run the program where it lies");
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(env!("CARGO_BIN_EXE_conductor"));
        command
    } else {
        mode(&place.path("home"), 0o500);
        Command::new(env!("CARGO_BIN_EXE_conductor"))
    };
    place.surround(&mut command);
    Ran::of(command.args(place.question()))
        .right()
        .counted(COLD)
        .noted("making");
}

#[test]
fn a_full_disk_costs_only_time_and_leaves_nothing_behind() {
    let place = Place::new();
    fs::create_dir_all(place.folder()).expect("made");
    let script = "mount -t tmpfs -o size=16k,mode=700 tmpfs \"$1\" && \"$2\" --verbose plugin run \"$3\" && ls -A \"$1\" >&2 && echo done >&2";
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(place.folder())
        .arg(env!("CARGO_BIN_EXE_conductor"))
        .arg(place.path("word.wasm"));
    place.surround(&mut command);
    let ran = Ran::of(&mut command);
    if !ran.stderr.contains("taken from the cache") {
        return eprintln!("skipped: no file system can be mounted here: {}", ran.stderr);
    }
    let ran = ran.right().counted(COLD);
    let left = ran
        .stderr
        .lines()
        .skip_while(|line| !line.contains("taken from the cache"))
        .skip(1);
    assert_eq!(left.collect::<Vec<_>>(), ["done"], "{}", ran.stderr);
}

#[test]
fn ten_at_once_all_answer_and_leave_one_entry() {
    let place = Place::new();
    let start = |_| {
        let mut command = place.command();
        command
            .args(place.question())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("started")
    };
    let running: Vec<Child> = (0..10).map(start).collect();
    for child in running {
        Ran::from(child.wait_with_output().expect("it ends")).right();
    }
    place.entry();
    place.ask().right().counted(WARM);
}

#[test]
fn what_is_old_is_removed_and_what_is_not_ours_stays() {
    let place = Place::new();
    let entry = place.warm();
    let old = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    let make = |name: &str, time| {
        let path = place.folder().join(name);
        let file = fs::File::create(&path).expect("made");
        file.set_modified(time).expect("dated");
        path
    };
    let removed = [make("0123-0000000000000000.cwasm", old), make(".new-abc", old)];
    let kept = [
        make("0123-1111111111111111.cwasm", SystemTime::now()),
        make(".new-def", SystemTime::now()),
        make("notes.txt", old),
    ];
    fs::remove_file(&entry).expect("removed");
    place.ask().right().counted(COLD);
    assert!(
        removed.iter().all(|path| !path.exists()),
        "{:?}",
        entries(&place.folder())
    );
    assert!(kept.iter().all(|path| path.exists()), "{:?}", entries(&place.folder()));
}

#[test]
fn a_file_that_changed_is_another_plugin() {
    let place = Place::new();
    let file = place.path("word.wasm");
    for word in ["hello", "world", "hello"] {
        fs::write(&file, plugin(word)).expect("written");
        let ran = Ran::of(place.command().args(["plugin", "run"]).arg(&file));
        assert_eq!(String::from_utf8_lossy(&ran.output.stdout), word, "{}", ran.stderr);
    }
    assert_eq!(entries(&place.folder()).len(), 2);
}

#[test]
fn a_start_that_was_killed_leaves_nothing_wrong() {
    let place = Place::new();
    for after in [0, 20, 60, 150, 400, 900] {
        let mut child = place
            .command()
            .arg("status")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        thread::sleep(Duration::from_millis(after));
        child.kill().expect("killed");
        child.wait().expect("it has ended");
        place.ask().right();
        for entry in entries(&place.folder()) {
            if entry.extension().is_some_and(|end| end == "cwasm") {
                fs::remove_file(entry).expect("removed");
            }
        }
    }
}

/// A component that is compiled for longer than a test waits.
fn slow_to_compile() -> Vec<u8> {
    let values = "i32 ".repeat(1_000);
    let body = "(call 0)".repeat(5_000);
    let get: String = (0..1_000).map(|local| format!("(local.get {local})")).collect();
    let wasm = wat::parse_str(format!(
        "(component (core module (type $t (func (param {values}) (result {values}))) (func (type $t) {get} {body})))"
    ));
    let manifest = r#"{"name": "slow", "version": "1", "summary": "s", "api": "0.1.0"}"#;
    conductor_host::component::with_manifest(&wasm.expect("a component"), manifest, "a test").expect("packed")
}

#[test]
fn the_compiler_ends_with_the_one_who_waits_for_it() {
    let place = Place::new();
    let file = place.path("slow.wasm");
    fs::File::create(&file)
        .expect("made")
        .write_all(&slow_to_compile())
        .expect("written");
    // Not Ctrl-C's: tests that run in the background have that one ignored.
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::KILL] {
        let mut child = place
            .command()
            .args(["plugin", "run"])
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let threads = format!("/proc/{}/task", child.id());
        if !Path::new(&format!("{threads}/{}/children", child.id())).exists() {
            child.kill().expect("killed");
            child.wait().expect("it has ended");
            return eprintln!("skipped: this system does not tell the children of a process");
        }
        let compiler = until("a compiler is started", || {
            let children = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).ok();
            let threads = fs::read_dir(&threads).ok()?.flatten();
            threads
                .filter_map(children)
                .find_map(|children| children.trim().parse::<u32>().ok())
        });
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).expect("sent");
        child.wait().expect("it has ended");
        until("the compiler has ended", || is_over(compiler).then_some(()));
    }
}

/// Whether a process has ended, whoever has to collect it.
fn is_over(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
