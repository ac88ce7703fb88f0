//! Running a program many times and saying what it took.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// What the runs of one program took, in the order in which they were made.
#[derive(Default)]
pub(crate) struct Runs {
    /// Milliseconds from the start of the process to its end.
    wall: Vec<f64>,
    /// The most memory that was resident, in MiB.
    peak: f64,
}

impl Runs {
    /// Runs it once more.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let ended = child.wait4().context("waiting")?;
        self.wall.push(started.elapsed().as_secs_f64() * 1e3);
        ensure!(ended.status.success(), "{command:?} ended with {}", ended.status);
        self.peak = self.peak.max(ended.rusage.maxrss as f64 / (1 << 20) as f64);
        Ok(())
    }

    /// Does something once more that is no process of its own.
    pub(crate) fn time(&mut self, what: impl FnOnce() -> Result<()>) -> Result<()> {
        let started = Instant::now();
        what()?;
        self.wall.push(started.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    /// The median of the runs, in milliseconds: single runs on a shared machine say little.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.wall.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The quickest, in milliseconds.
    pub(crate) fn least(&self) -> f64 {
        self.wall.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The most memory, in MiB.
    pub(crate) fn peak(&self) -> f64 {
        self.peak
    }
}
