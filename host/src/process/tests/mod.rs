//! The programs of these tests are real: `sh`, `sleep`, `cat`, `yes`.

mod bounds;
mod child;
mod environment;
mod interrupt;
mod leaks;
mod path;
mod pool;
mod start;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Configured, Output, Pool, Program, Programs, Spec};

/// Long enough for a busy machine, for what should come at once.
const SOON: Duration = Duration::from_secs(10);

/// A program of the system.
fn program(name: &str) -> Program {
    let programs = Programs::new(OsStr::new("/usr/bin:/bin"), Configured::new(), &[]);
    programs.find(name).expect("every system has it")
}

/// A file as it is, unchecked.
fn file(path: &Path) -> Program {
    Program {
        name: "test".to_owned(),
        path: path.to_owned(),
        called: path.to_owned(),
    }
}

fn spec(name: &str, args: &[&str]) -> Spec {
    Spec {
        args: args.iter().map(Into::into).collect(),
        timeout: Duration::from_secs(60),
        ..Spec::new(program(name), PathBuf::from("/"))
    }
}

fn sh(script: &str) -> Spec {
    let env = [("PATH".into(), "/usr/bin:/bin".into())].into();
    Spec {
        env,
        ..spec("sh", &["-c", script])
    }
}

fn run(spec: Spec) -> Output {
    Pool::default()
        .start(spec)
        .expect("nothing else is in the pool")
        .wait()
        .expect("it can be started")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes)
        .expect("these programs print text")
        .trim_end()
}

/// Whether something becomes true soon.
fn soon(what: impl Fn() -> bool) -> bool {
    let until = Instant::now() + SOON;
    while !what() {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Whether a process has ended; in a container there may be nobody who waits for orphans.
fn is_gone(pid: &str) -> bool {
    let output = Command::new("ps")
        .args(["-o", "stat=", "-p", pid.trim()])
        .output()
        .expect("it starts");
    let stat = text(&output.stdout);
    stat.is_empty() || stat.starts_with('Z')
}

/// The command that runs one ignored test of this file in a process of its own.
fn alone(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("it runs"));
    let test = format!("{}::{test}", module_path!().split_once("::").expect("in a crate").1);
    command.args([&test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command
}
