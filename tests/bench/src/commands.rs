//! Commands of a plugin: what the bounds cost beside starting the same program plainly, and how long eight at once take.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use conductor_host::process::{Configured, Pool, Program, Programs, Running, Spec};

use crate::measure::Runs;

/// How many commands are started at once, and how long each takes.
const AT_ONCE: usize = 8;
const SECONDS: &str = "0.3";
/// A program that does nothing is measured more often than others: what is looked for is a fraction of a millisecond.
const MORE: usize = 10;

/// Measures both and prints them with what is aimed at (docs/performance.md).
pub(crate) fn print(runs: usize) -> Result<()> {
    let programs = Programs::new(OsStr::new("/usr/bin:/bin"), Configured::new(), &[]);
    let (plain, bounded) = one(&programs.find("true")?, runs * MORE)?;
    println!(
        "\none command: {:.2} ms bounded, {:.2} ms plainly, so {:.2} ms more (at most 1 ms)",
        bounded.median(),
        plain.median(),
        bounded.median() - plain.median()
    );
    let eight = at_once(&programs.find("sleep")?, runs)?;
    println!(
        "{AT_ONCE} commands of {SECONDS} s at once: {:.0} ms (at most 400 ms)",
        eight.median()
    );
    Ok(())
}

/// The same program plainly and in bounds, in turn.
fn one(program: &Program, runs: usize) -> Result<(Runs, Runs)> {
    let pool = Pool::default();
    let (mut plain, mut bounded) = (Runs::default(), Runs::default());
    for _ in 0..runs {
        plain.run(Command::new(&program.path).env_clear())?;
        bounded.time(|| ended(pool.start(spec(program, &[]))?))?;
    }
    Ok((plain, bounded))
}

fn at_once(program: &Program, runs: usize) -> Result<Runs> {
    let pool = Pool::default();
    let mut measured = Runs::default();
    for _ in 0..runs {
        measured.time(|| {
            let started = (0..AT_ONCE).map(|_| pool.start(spec(program, &[SECONDS])));
            let started: Vec<Running> = started.collect::<Result<_, _>>()?;
            started.into_iter().try_for_each(ended)
        })?;
    }
    Ok(measured)
}

fn spec(program: &Program, arguments: &[&str]) -> Spec {
    Spec {
        args: arguments.iter().map(Into::into).collect(),
        ..Spec::new(program.clone(), PathBuf::from("/"))
    }
}

fn ended(running: Running) -> Result<()> {
    let output = running.wait()?;
    ensure!(output.success(), "it ended with {output:?}");
    Ok(())
}
