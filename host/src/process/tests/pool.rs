//! Many programs.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::{Pool, Running, Spec, StartError, Step};
use crate::sandbox::limits;

use super::{is_gone, sh, soon, spec, text};

fn start(pool: &Pool, script: &str) -> Running {
    pool.start(sh(script)).expect("room")
}

#[test]
fn twenty_at_once_are_never_more_than_eight() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!("cd {}; touch $$; ls | wc -l; sleep 0.2; rm $$", folder.path().display());
    let pool = Pool::default();
    let all: Vec<Running> = (0..20).map(|_| start(&pool, &script)).collect();
    let counts: Vec<usize> = all
        .into_iter()
        .map(|running| running.wait().expect("it starts"))
        .map(|output| text(&output.stdout.bytes).trim().parse().expect("a count"))
        .collect();
    assert_eq!(counts.len(), 20);
    let most = counts.iter().max().expect("twenty");
    assert!((2..=8).contains(most), "{counts:?}");
}

#[test]
fn the_order_of_the_starts_is_the_order_of_the_queue() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("log");
    let pool = Pool::default();
    let blocked: Vec<Running> = (0..8).map(|_| start(&pool, "exec sleep 100")).collect();
    let queued: Vec<Running> = (0..5)
        .map(|n| start(&pool, &format!("echo {n} >> {}", log.display())))
        .collect();
    std::thread::sleep(Duration::from_millis(100));
    assert!(!log.exists(), "none has had its turn");
    blocked[0].kill();
    for running in queued {
        assert!(running.wait().expect("it starts").success());
    }
    assert_eq!(fs::read_to_string(&log).expect("written"), "0\n1\n2\n3\n4\n");
}

/// `nice` prints how nice it is itself.
#[test]
fn only_what_yields_is_nice_to_what_was_started_before_it() {
    let nice = |pool: &Pool, yields: bool| {
        let running = pool
            .start(Spec {
                yields,
                ..sh("sleep 0.05; nice")
            })
            .expect("room");
        let output = running.wait().expect("it starts");
        text(&output.stdout.bytes).parse::<i32>().expect("a number")
    };
    let ours = nice(&Pool::default(), false);
    assert_eq!(nice(&Pool::default(), true), ours, "nothing was before it");
    let pool = Pool::default();
    let before = start(&pool, "exec sleep 100");
    assert_eq!(nice(&pool, true), (ours + limits::YIELDING).min(19));
    assert_eq!(nice(&pool, false), ours);
    before.kill();
}

#[test]
fn sixty_four_are_unfinished_at_most_and_waiting_makes_room() {
    let pool = Pool::default();
    let mut all: Vec<Running> = (0..64)
        .map(|_| {
            let mut spec = sh("true");
            spec.max_output = 1000;
            pool.start(spec).expect("room")
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        matches!(pool.start(sh("true")), Err(StartError::TooMany)),
        "ended or not"
    );
    assert!(all.pop().expect("64").wait().expect("it starts").success());
    drop(pool.start(sh("true")).expect("room for one"));
    drop(all.pop());
    drop(pool.start(sh("true")).expect("room for one"));
}

#[test]
fn what_can_be_kept_is_bounded_and_freed_with_the_output() {
    let pool = Pool::default();
    let with = |script: &str, mib: usize| {
        let mut spec = sh(script);
        spec.max_output = mib << 20;
        pool.start(spec)
    };
    let first = with("head -c 40000000 /dev/zero", 60).expect("room");
    assert!(
        matches!(with("true", 60), Err(StartError::TooMuch)),
        "as much as may come counts"
    );
    let output = first.wait().expect("it starts");
    assert_eq!(output.stdout.bytes.len(), 40_000_000);
    assert!(matches!(with("true", 60), Err(StartError::TooMuch)), "what came counts");
    let second = with("true", 20).expect("room beside it");
    drop(output);
    assert!(second.wait().expect("it starts").success());
    assert!(
        with("true", 60)
            .expect("room again")
            .wait()
            .expect("it starts")
            .success()
    );
    assert!(matches!(with("true", 65), Err(StartError::TooMuch)), "never");
}

#[test]
fn killed_in_the_queue_it_never_starts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    let pool = Pool::default();
    let blocked: Vec<Running> = (0..8).map(|_| start(&pool, "exec sleep 100")).collect();
    let queued = start(&pool, &format!("touch {}", file.display()));
    let dropped = start(&pool, &format!("touch {}", file.display()));
    queued.kill();
    assert!(matches!(queued.wait(), Err(StartError::Killed)));
    drop(dropped);
    drop(blocked);
    assert!(start(&pool, "true").wait().expect("it starts").success());
    assert!(!file.exists());
}

#[test]
fn dropping_one_ends_it_and_dropping_the_pool_waits_for_that() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!(
        "echo $$ > {0}/new; mv {0}/new {0}/pid; exec sleep 100",
        folder.path().display()
    );
    let pool = Pool::default();
    let running = start(&pool, &script);
    assert!(soon(|| folder.path().join("pid").exists()));
    let pid = fs::read_to_string(folder.path().join("pid")).expect("written");
    drop(running);
    assert!(soon(|| is_gone(&pid)));

    fs::remove_file(folder.path().join("pid")).expect("ours");
    let running = start(&pool, &script);
    assert!(soon(|| folder.path().join("pid").exists()));
    let pid = fs::read_to_string(folder.path().join("pid")).expect("written");
    let began = Instant::now();
    drop(pool);
    assert!(is_gone(&pid));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(running.wait().is_ok_and(|output| output.signal == Some(15)));
}

#[test]
fn dropping_the_pool_ends_the_queue() {
    let pool = Pool::default();
    let all: Vec<Running> = (0..10).map(|_| start(&pool, "exec sleep 100")).collect();
    drop(pool);
    let results: Vec<bool> = all.into_iter().map(|running| running.wait().is_ok()).collect();
    assert!(results.len() == 10 && !results[8] && !results[9], "{results:?}");
}

#[test]
fn the_watcher_is_told_of_each_step() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = || -> super::super::Watcher {
        let told = Arc::clone(&told);
        Box::new(move |step| {
            told.lock().expect("no panic").push(step);
            Ok(())
        })
    };
    let mut good = sh("echo $$");
    good.watcher = Some(telling());
    let output = super::run(good);
    let pid: u32 = text(&output.stdout.bytes).parse().expect("a number");
    let steps = || std::mem::take(&mut *told.lock().expect("no panic"));
    assert_eq!(steps(), [Step::Starting, Step::Started(pid), Step::Ended]);

    let mut bad = sh("true");
    bad.cwd = "/nowhere".into();
    bad.watcher = Some(telling());
    assert!(Pool::default().start(bad).expect("room").wait().is_err());
    assert_eq!(steps(), [Step::Starting, Step::Ended]);
}

#[test]
fn what_can_not_be_noted_is_not_started() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    let mut spec = sh(&format!("touch {}", file.display()));
    spec.watcher = Some(Box::new(|_| anyhow::bail!("no space left")));
    let error = Pool::default()
        .start(spec)
        .expect("room")
        .wait()
        .expect_err("not noted");
    assert!(matches!(error, StartError::NotNoted(_)));
    assert_eq!(error.code(), "not-started");
    assert!(error.to_string().contains("no space left"), "{error}");
    assert!(!file.exists());
}

#[test]
fn a_watcher_that_panics_costs_its_own_command_only() {
    let pool = Pool::default();
    let mut bad = spec("sleep", &["100"]);
    bad.watcher = Some(Box::new(|_| panic!("on purpose")));
    let began = Instant::now();
    assert!(matches!(
        pool.start(bad).expect("room").wait(),
        Err(StartError::System(..))
    ));
    assert!(start(&pool, "true").wait().expect("it starts").success());
    assert!(began.elapsed() < Duration::from_secs(10));
}
