//! Deadlines, groups, and what a program leaves behind.

use std::time::{Duration, Instant};

use super::super::exit::ExitNotice;
use super::super::{Ending, Pool};
use super::{is_gone, run, sh, soon, spec, text};

/// The script's first line is the number of a process that it started.
fn ended_at_deadline(script: &str) -> (super::Output, String) {
    let mut spec = sh(script);
    spec.timeout = Duration::from_millis(300);
    let output = run(spec);
    assert_eq!(output.ending, Ending::TimeOut, "{output:?}");
    let pid = text(&output.stdout.bytes)
        .lines()
        .next()
        .expect("it printed one")
        .to_owned();
    (output, pid)
}

#[test]
fn who_listens_ends_at_once_and_with_its_own_code() {
    let (output, _) = ended_at_deadline("trap 'echo cleaned; exit 7' TERM; echo $$; while :; do sleep 0.05; done");
    assert_eq!(output.status, Some(7));
    assert!(text(&output.stdout.bytes).ends_with("cleaned"));
    assert!(output.duration < Duration::from_secs(2), "{:?}", output.duration);
}

#[test]
fn who_ignores_it_is_killed_after_the_grace() {
    let (output, pid) = ended_at_deadline("trap '' TERM; echo $$; while :; do sleep 0.05; done");
    assert_eq!(output.signal, Some(9));
    assert!(output.duration >= Duration::from_millis(2300), "{:?}", output.duration);
    assert!(output.duration < Duration::from_secs(5), "{:?}", output.duration);
    assert!(is_gone(&pid));
}

#[test]
fn one_that_was_stopped_is_ended_as_well() {
    let (output, _) = ended_at_deadline("echo $$; kill -STOP $$");
    assert_eq!(output.signal, Some(15));
    assert!(output.duration < Duration::from_secs(2), "{:?}", output.duration);
}

#[test]
fn grandchildren_in_the_group_go_too() {
    let (_, pid) = ended_at_deadline("sleep 100 & echo $!; wait");
    assert!(soon(|| is_gone(&pid)));
}

#[test]
fn grandchildren_that_ignore_it_go_too_though_their_parent_has_gone_before() {
    let began = Instant::now();
    let (output, pid) = ended_at_deadline("(trap '' TERM; exec sleep 100) >/dev/null 2>&1 & echo $!; exec sleep 100");
    assert_eq!(output.signal, Some(15));
    assert!(began.elapsed() >= Duration::from_secs(2), "it has its time to clean up");
    assert!(soon(|| is_gone(&pid)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_that_holds_the_pipe_is_flagged_and_lives() {
    let mut spec = sh("echo before; setsid sh -c 'echo $$; exec sleep 30' & sleep 0.2; exit 0");
    spec.timeout = Duration::from_secs(20);
    let began = Instant::now();
    let output = run(spec);
    assert!(output.success() && output.pipe_left_open, "{output:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(
        output.duration < began.elapsed() - Duration::from_millis(150),
        "its own end counts"
    );
    let pid = text(&output.stdout.bytes)
        .lines()
        .nth(1)
        .expect("its number")
        .to_owned();
    assert!(!is_gone(&pid));
    assert!(run(sh(&format!("kill {pid}"))).success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_that_floods_the_pipe_does_not_hold_us_up() {
    let output = run(sh("setsid sh -c 'echo $$; exec timeout 20 yes' & sleep 0.2"));
    assert!(output.success() && output.pipe_left_open && output.truncated());
    assert_eq!(output.stdout.bytes.len(), 1 << 20);
    // Its pipe has no reader any more.
    let pid = text(&output.stdout.bytes[..8])
        .lines()
        .next()
        .expect("its number")
        .to_owned();
    assert!(soon(|| is_gone(&pid)));
}

#[test]
#[cfg(target_os = "linux")]
fn who_leaves_the_group_before_the_deadline_is_flagged_and_not_ours_to_end() {
    let (output, pid) = ended_at_deadline("setsid sh -c 'echo $$; exec sleep 30' & sleep 100");
    assert!(output.pipe_left_open);
    assert!(!is_gone(&pid));
    assert!(run(sh(&format!("kill {pid}"))).success());
}

#[test]
fn a_child_in_the_background_that_let_go_of_the_pipes_is_no_matter() {
    let output = run(sh("sleep 5 >/dev/null 2>&1 & exit 0"));
    assert!(output.success() && !output.pipe_left_open);
    assert!(output.duration < Duration::from_secs(4), "{:?}", output.duration);
}

/// Only soon after the end; on a busy machine the child may be later.
#[test]
fn what_comes_from_a_child_shortly_after_the_end_is_read() {
    let late = || run(sh("(sleep 0.05; echo late) & echo first"));
    let is_whole = |output: super::Output| text(&output.stdout.bytes) == "first\nlate" && !output.pipe_left_open;
    assert!((0..5).any(|_| is_whole(late())));
}

#[test]
fn killing_gives_what_there_was_so_far() {
    let pool = Pool::default();
    let running = pool.start(sh("echo begun; exec sleep 100")).expect("room");
    std::thread::sleep(Duration::from_millis(300));
    running.kill();
    let output = running.wait().expect("it was started");
    assert_eq!((output.ending, output.signal), (Ending::Killed, Some(15)));
    assert_eq!(text(&output.stdout.bytes), "begun");
}

#[test]
fn the_end_of_the_run_is_an_end_as_well() {
    let mut spec = spec("sleep", &["100"]);
    spec.until = Some(Instant::now() + Duration::from_millis(200));
    let output = run(spec);
    assert_eq!(output.ending, Ending::TimeOut);
    assert!(output.duration < Duration::from_secs(2));
}

/// macOS, and Linux where the descriptor is refused.
#[test]
fn a_thread_notices_the_end_where_there_is_no_descriptor_for_it() {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let mut child = std::process::Command::new("/bin/sh")
        .args(["-c", "sleep 0.2; exit 4"])
        .spawn()
        .expect("it starts");
    let notice = ExitNotice::by_thread(rustix::process::Pid::from_child(&child), writer).expect("a thread");
    assert!(notice.fd().is_none());
    std::io::Read::read_exact(&mut reader, &mut [0]).expect("it writes a byte");
    let status = child.try_wait().expect("it is still ours").expect("it has ended");
    assert_eq!(status.code(), Some(4));
}
