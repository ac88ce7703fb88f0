//! Ends, and what is read and written until then.

use std::time::{Duration, Instant};

use super::super::{Ending, Pool};
use super::{program, run, sh, spec, text};

#[test]
fn exit_codes_and_signals_are_told() {
    let output = run(sh("echo out; echo err >&2; exit 3"));
    assert_eq!(
        (output.ending, output.status, output.signal),
        (Ending::Itself, Some(3), None)
    );
    assert_eq!((text(&output.stdout.bytes), text(&output.stderr.bytes)), ("out", "err"));
    assert!(!output.success() && !output.truncated() && !output.pipe_left_open);
    assert!(run(sh("exit 0")).success());

    let output = run(sh("kill -SEGV $$"));
    assert_eq!(
        (output.ending, output.status, output.signal),
        (Ending::Itself, None, Some(11))
    );
}

#[test]
fn arguments_arrive_as_they_are() {
    let output = run(spec("printf", &["%s|", "a b", "", "$HOME", "*", "-x", "ü\n"]));
    assert_eq!(text(&output.stdout.bytes), "a b||$HOME|*|-x|ü\n|");
}

#[test]
fn the_program_sees_the_name_under_which_it_was_found() {
    let mut spec = sh("echo $0");
    spec.args.pop();
    spec.args = vec!["-c".into(), "echo $0".into()];
    assert_eq!(
        text(&run(spec).stdout.bytes),
        program("sh").called.to_str().expect("text")
    );
}

#[test]
fn without_input_a_program_reads_nothing_and_with_it_exactly_that() {
    assert_eq!(run(spec("cat", &[])).stdout.bytes, b"");
    let mut given = spec("cat", &[]);
    given.stdin = Some(b"a\0b".to_vec());
    assert_eq!(run(given).stdout.bytes, b"a\0b");
    let mut empty = spec("cat", &[]);
    empty.stdin = Some(Vec::new());
    assert!(run(empty).success());
}

#[test]
fn ten_megabytes_go_through_while_both_sides_write() {
    let mut spec = spec("cat", &[]);
    let input: Vec<u8> = (0..10u32 << 20).map(|n| (n % 251) as u8).collect();
    spec.stdin = Some(input.clone());
    spec.max_output = 16 << 20;
    let output = run(spec);
    assert!(output.success() && !output.truncated());
    assert!(output.stdout.bytes == input);
}

#[test]
fn input_that_nobody_reads_is_no_trouble() {
    for script in ["sleep 0.1", "exec <&-; sleep 0.1; echo done", "head -c 1 >/dev/null"] {
        let mut spec = sh(script);
        spec.stdin = Some(vec![b'x'; 10 << 20]);
        let output = run(spec);
        assert!(output.success(), "{script}: {output:?}");
        assert!(output.duration < Duration::from_secs(5), "{script}");
    }
}

#[test]
fn a_flood_of_both_streams_is_read_and_cut() {
    let mut spec = sh("yes out | head -c 50000000 & yes err | head -c 50000000 >&2; wait; echo last");
    spec.max_output = 100_000;
    let output = run(spec);
    assert!(output.success(), "{:?}", output.status);
    assert_eq!(
        (output.stdout.bytes.len(), output.stderr.bytes.len()),
        (100_000, 64 << 10)
    );
    assert!(output.stdout.truncated && output.stderr.truncated);
    assert!(output.stdout.bytes.starts_with(b"out\nout\n") && output.stderr.bytes.starts_with(b"err\n"));
}

#[test]
fn exactly_the_bound_is_not_cut() {
    let mut spec = sh("printf 12345");
    spec.max_output = 5;
    let output = run(spec);
    assert_eq!(
        (output.stdout.bytes.as_slice(), output.truncated()),
        (&b"12345"[..], false)
    );
}

#[test]
fn a_flood_without_an_end_ends_at_the_deadline() {
    let mut spec = spec("yes", &[]);
    spec.timeout = Duration::from_millis(200);
    let output = run(spec);
    assert_eq!((output.ending, output.signal), (Ending::TimeOut, Some(15)));
    assert!(output.stdout.truncated && output.stdout.bytes.len() == 1 << 20);
}

#[test]
fn several_at_once_take_the_time_of_one() {
    let pool = Pool::default();
    let began = Instant::now();
    let all: Vec<_> = (0..8)
        .map(|_| pool.start(spec("sleep", &["0.5"])).expect("room"))
        .collect();
    for running in all {
        assert!(running.wait().expect("it starts").success());
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
