//! Ctrl-C. It ends a process, so each test has one, which tells what it started.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::super::{Ending, OnInterrupt, Pool, Spec, StartError, interrupt};
use super::{alone, is_gone, sh, soon};

/// A process that has started what its scenario says.
struct Process {
    child: Child,
    folder: tempfile::TempDir,
    stdout: Box<dyn BufRead>,
}

impl Process {
    fn start(scenario: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = heeding_signals(&alone("interrupt::scenario"))
            .env("SCENARIO", scenario)
            .env("FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let stdout = Box::new(BufReader::new(child.stdout.take().expect("piped")));
        let process = Self { child, folder, stdout };
        assert!(soon(|| process.folder.path().join("ready").exists()));
        process
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    fn file(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join(name)).ok()
    }

    fn end(&mut self) -> ExitStatus {
        self.child.wait().expect("ours")
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).expect("text");
        said
    }
}

/// The same command with no signal ignored: tests that run in the background inherit that from the shell.
fn heeding_signals(command: &Command) -> Command {
    if !cfg!(target_os = "linux") {
        let mut same = Command::new(command.get_program());
        same.args(command.get_args());
        return same;
    }
    let mut env = Command::new("env");
    env.arg("--default-signal=INT,HUP,TERM")
        .arg(command.get_program())
        .args(command.get_args());
    env
}

/// What the process of each test does.
#[test]
#[ignore = "started in a process of its own"]
fn scenario() {
    let Ok(scenario) = std::env::var("SCENARIO") else {
        return;
    };
    let folder = std::env::var_os("FOLDER").expect("set with it");
    let folder = Path::new(&folder);
    let started = |then: &str| {
        let shown = folder.display();
        sh(&format!(
            "echo $$ > {shown}/pid; touch {shown}/ready; {then}; touch {shown}/done"
        ))
    };
    let writes = |spec: Spec| Spec {
        on_interrupt: OnInterrupt::Finish,
        ..spec
    };
    interrupt::on_wait(|names| println!("waiting for {}", names.join(", ")));
    let pool = Pool::default();
    let start = |spec| pool.start(spec).expect("room");
    match scenario.as_str() {
        "read" => drop(start(started("sleep 100")).wait()),
        "deaf" => drop(start(started("trap '' TERM; while :; do sleep 0.05; done")).wait()),
        "write" => drop(start(writes(started("sleep 1"))).wait()),
        "long write" => drop(start(writes(started("sleep 100"))).wait()),
        "idle" => {
            drop(start(started("true")).wait());
            fs::write(folder.join("idle"), "").expect("ours");
        }
        "leaves" => {
            let output = start(started("sleep 100")).wait().expect("it was started");
            let later = start(started("touch later")).wait();
            assert_eq!(output.ending, Ending::Interrupted);
            assert!(matches!(later, Err(StartError::Interrupted)));
            assert_eq!(interrupt::exit_code(), Some(130));
            std::process::exit(77);
        }
        "queue" => {
            let first: Vec<_> = (0..8).map(|_| start(started("sleep 100"))).collect();
            let queued = start(sh(&format!("touch {}/queued", folder.display())));
            drop(first.into_iter().map(super::super::Running::wait).collect::<Vec<_>>());
            drop(queued.wait());
        }
        "end all" => {
            let running = start(writes(started("sleep 100")));
            assert!(soon(|| folder.join("ready").exists()));
            interrupt::end_all();
            let pid = fs::read_to_string(folder.join("pid")).expect("written");
            assert!(is_gone(&pid));
            drop(running);
            std::process::exit(78);
        }
        other => panic!("no scenario {other}"),
    }
    // The signal has still to come, or its way out is under way.
    std::thread::sleep(Duration::from_secs(30));
}

#[test]
fn what_reads_is_ended_and_so_are_we() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut process = Process::start("read");
        let began = Instant::now();
        process.signal(signal);
        assert_eq!(process.end().code(), Some(code));
        assert!(began.elapsed() < Duration::from_millis(1900), "{:?}", began.elapsed());
        assert!(is_gone(&process.file("pid").expect("written")));
        assert!(process.file("done").is_none());
        assert!(!process.said().contains("waiting"));
    }
}

#[test]
fn who_ignores_it_is_killed_after_the_grace() {
    let mut process = Process::start("deaf");
    let began = Instant::now();
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert!(is_gone(&process.file("pid").expect("written")));
}

#[test]
fn a_second_one_does_not_wait_for_the_grace() {
    let mut process = Process::start("deaf");
    let began = Instant::now();
    process.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(100));
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(began.elapsed() < Duration::from_millis(1900), "{:?}", began.elapsed());
    assert!(is_gone(&process.file("pid").expect("written")));
}

#[test]
fn what_writes_comes_to_its_end_and_the_person_is_told() {
    let mut process = Process::start("write");
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(process.file("done").is_some());
    assert!(process.said().contains("waiting for sh"));
}

#[test]
fn a_second_one_kills_what_writes() {
    let mut process = Process::start("long write");
    process.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!is_gone(&process.file("pid").expect("written")));
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(process.file("done").is_none());
    assert!(is_gone(&process.file("pid").expect("written")));
}

#[test]
fn when_nothing_runs_we_end_at_once() {
    let mut process = Process::start("idle");
    assert!(soon(|| process.file("idle").is_some()));
    let began = Instant::now();
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn the_program_may_end_by_itself_and_starts_nothing_more() {
    let mut process = Process::start("leaves");
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(77));
}

#[test]
fn what_waits_for_its_turn_never_gets_it() {
    let mut process = Process::start("queue");
    process.signal(Signal::INT);
    assert_eq!(process.end().code(), Some(130));
    assert!(process.file("queued").is_none());
}

#[test]
fn all_can_be_ended_by_the_program_itself() {
    assert_eq!(Process::start("end all").end().code(), Some(78));
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_our_parent_has_ignored_stays_ignored() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ours = alone("interrupt::scenario");
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .arg(ours.get_program())
        .args(ours.get_args());
    shell
        .env("SCENARIO", "read")
        .env("FOLDER", folder.path())
        .stdout(Stdio::null());
    let mut child = shell.spawn().expect("it starts");
    assert!(soon(|| folder.path().join("ready").exists()));
    let signal = |signal| kill_process(Pid::from_child(&child), signal).expect("it runs");
    signal(Signal::HUP);
    std::thread::sleep(Duration::from_millis(200));
    signal(Signal::TERM);
    assert_eq!(child.wait().expect("ours").code(), Some(143));
}
