//! Nothing is left: descriptors, threads, processes. Each of these counts all of a process, so it has one of its own.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::super::Pool;
use super::{alone, run, sh, soon, text};

fn passes_alone(test: &str) {
    let output = alone(test).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).expect("Linux has it").count()
}

/// Children of this process that have ended and were not waited for, or still run.
fn children() -> Vec<String> {
    let us = std::process::id().to_string();
    let stats = fs::read_dir("/proc").expect("Linux has it").filter_map(|entry| {
        let text = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // The name can hold anything, but it ends with the last parenthesis.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        (fields.get(1) == Some(&us.as_str())).then(|| text.clone())
    });
    stats.collect()
}

#[test]
fn two_hundred_runs_leave_nothing() {
    passes_alone("leaks::two_hundred_runs");
}

#[test]
#[ignore = "started in a process of its own"]
fn two_hundred_runs() {
    // The listening for signals begins with the first.
    run(sh("true"));
    assert!(soon(|| count("/proc/self/task") <= 3));
    let before = (count("/proc/self/fd"), count("/proc/self/task"));
    let pool = Pool::default();
    for n in 0..200 {
        let mut spec = sh(["true", "exit 1", "cat; sleep 100", "cd /nowhere"][n % 4]);
        spec.stdin = Some(vec![0; 100_000]);
        if n % 5 == 0 {
            spec.cwd = "/nowhere".into();
        }
        let running = pool.start(spec).expect("room");
        match n % 4 {
            2 => drop(running),
            _ => drop(running.wait()),
        }
    }
    drop(pool);
    assert!(
        soon(|| (count("/proc/self/fd"), count("/proc/self/task")) == before),
        "{before:?}, then {:?}",
        (count("/proc/self/fd"), count("/proc/self/task"))
    );
    assert!(children().is_empty(), "{:?}", children());
}

#[test]
fn one_that_is_never_waited_for_leaves_no_zombie() {
    passes_alone("leaks::never_waited_for");
}

#[test]
#[ignore = "started in a process of its own"]
fn never_waited_for() {
    let pool = Pool::default();
    let ended = pool.start(sh("true")).expect("room");
    let mut spec = sh("exec sleep 100");
    spec.timeout = Duration::from_millis(100);
    let timed_out = pool.start(spec).expect("room");
    assert!(soon(|| children().is_empty()), "{:?}", children());
    assert_eq!(timed_out.wait().expect("it was started").signal, Some(15));
    assert!(ended.wait().expect("it was started").success());
}

#[test]
fn a_child_inherits_three_descriptors() {
    passes_alone("leaks::inherited_descriptors");
}

#[test]
#[ignore = "started in a process of its own"]
fn inherited_descriptors() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    symlink("/", folder.path().join("link")).expect("ours");
    let _file = fs::File::create(folder.path().join("canary")).expect("ours");
    let _pipe = std::io::pipe().expect("a pipe");
    let _socket = std::os::unix::net::UnixStream::pair().expect("sockets");
    let pool = Pool::default();
    let others: Vec<_> = (0..4)
        .map(|_| pool.start(sh("exec sleep 100")).expect("room"))
        .collect();
    for _ in 0..20 {
        let output = pool
            .start(sh("ls -l /proc/$$/fd"))
            .expect("room")
            .wait()
            .expect("it starts");
        let fds: Vec<&str> = text(&output.stdout.bytes)
            .lines()
            .filter(|line| line.contains("->"))
            .collect();
        // What this process was itself given by a careless parent, it passes on.
        let ours: Vec<&&str> = fds.iter().filter(|line| is_ours(line)).collect();
        assert!(fds.len() >= 3, "{fds:?}");
        assert!(ours.is_empty(), "{ours:?}");
    }
    drop(others);
}

/// Beyond the three standard streams, and not something that this process had already when it began.
fn is_ours(line: &str) -> bool {
    let (name, target) = line.rsplit_once(" -> ").expect("a link");
    let number: u32 = name
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number");
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let close_on_exec =
        flags.is_none_or(|flags| u32::from_str_radix(flags.trim(), 8).expect("an octal number") & 0o2_000_000 != 0);
    number > 2 && (close_on_exec || target.contains("canary"))
}
