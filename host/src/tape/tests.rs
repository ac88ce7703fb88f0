use std::time::Duration;

use conductor_tape::Seed;
use rand_core::Rng;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

use super::clock::Clock;
use super::random::{Stream, number};

#[test]
fn a_replayed_clock_shows_what_the_recorded_one_did() {
    let (recording, replay) = (Clock::recording(5_000), Clock::replay(5_000));
    let look = |clock: &Clock| (HostWallClock::now(clock), HostMonotonicClock::now(clock));
    assert_eq!(look(&recording), look(&replay));
    std::thread::sleep(Duration::from_millis(20));
    let first = recording.answered();
    assert!(first >= 20, "{first}");
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(
        look(&recording).0,
        Duration::from_micros((5_000 + first) * 1_000 + 100),
        "it stands still"
    );
    let second = recording.answered();
    replay.set(first);
    look(&replay);
    replay.set(second);
    assert_eq!(look(&recording), look(&replay));
    replay.set(first);
    assert!(
        HostMonotonicClock::now(&replay) > second * 1_000_000,
        "it does not go back"
    );
}

#[test]
fn a_seed_gives_the_same_numbers_in_every_version() {
    let mut stream = Stream::new(&Seed([7; 32]), "secure");
    // SHA-256 of the seed, `secure` and a counter: 72 bytes are of three blocks.
    let mut bytes = [0; 72];
    stream.fill_bytes(&mut bytes);
    let sha = |counter: u64| {
        let input = [[7; 32].as_slice(), b"secure", &counter.to_le_bytes()].concat();
        crate::digest::sha256(&input)
    };
    let expected = [sha(0), sha(1), sha(2)].concat();
    assert_eq!(crate::digest::hex(&bytes), expected[..144]);
    assert_ne!(number(&Seed([7; 32]), "a"), number(&Seed([7; 32]), "b"));
    assert_ne!(number(&Seed([7; 32]), "a"), number(&Seed([8; 32]), "a"));
}
