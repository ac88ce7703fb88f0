//! The random numbers of a taped run, made of its seed: the same in a replay, by whatever version of this program.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read};

use conductor_tape::Seed;
use rand_core::TryRng;
use sha2::{Digest, Sha256};

/// Bytes without end: SHA-256 of the seed, the stream's name and a counter. (The generators of the `rand` crate may give others
/// in their next version.)
pub(super) struct Stream {
    seed: Seed,
    name: &'static str,
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Stream {
    pub(super) fn new(seed: &Seed, name: &'static str) -> Self {
        Self {
            seed: *seed,
            name,
            counter: 0,
            block: [0; 32],
            used: 32,
        }
    }

    fn next(&mut self) -> u8 {
        if self.used == self.block.len() {
            let sha = Sha256::new().chain_update(self.seed.0).chain_update(self.name);
            self.block = sha.chain_update(self.counter.to_le_bytes()).finalize().into();
            self.counter += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().for_each(|byte| *byte = self.next());
        Ok(())
    }
}

/// One number.
pub(super) fn number(seed: &Seed, name: &'static str) -> u128 {
    u128::from_le_bytes(Stream::new(seed, name).take())
}

/// A new seed, from the system.
///
/// # Errors
/// When the system has none.
pub(super) fn seed() -> io::Result<Seed> {
    let mut seed = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    Ok(Seed(seed))
}
