//! `conductor dispatch`: what a run computes without any program outside, and the order of a plan of 5,000 tasks.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::measure::Runs;

/// Phases, and tasks of each.
const PHASES: usize = 100;
const TASKS: usize = 50;
const BIG: &str = "big_20260101";

/// Measures in turn and prints it with what is aimed at (docs/performance.md).
pub(crate) fn print(conductor: &Path, example: &Path, scratch: &Path, runs: usize) -> Result<()> {
    let home = scratch.join("dispatch-home");
    fs::create_dir_all(&home)?;
    let big = big(scratch)?;
    let command = |project: &Path, arguments: &[&str]| {
        let mut command = Command::new(conductor);
        command
            .args(arguments)
            .arg("--project")
            .arg(project)
            .current_dir(&home)
            .env_clear();
        command.env("HOME", &home).env("PATH", "/usr/bin:/bin");
        command
    };
    let wanted: [(&Path, &[&str]); 4] = [
        (example, &["dispatch", "pairings", "--dry-run"]),
        (&big, &["dispatch", BIG, "--dry-run", "--json"]),
        (&big, &["dispatch", BIG, "--graph", "--json"]),
        (&big, &["status", BIG, "--json"]),
    ];
    let mut measured: Vec<Runs> = wanted.iter().map(|_| Runs::default()).collect();
    for round in 0..=runs {
        for ((project, arguments), runs) in wanted.iter().zip(&mut measured) {
            match round {
                // It compiles.
                0 => drop(command(project, arguments).output()?),
                _ => runs.run(&mut command(project, arguments))?,
            }
        }
    }
    let [example, plan, graph, status] = &measured[..] else {
        return Ok(());
    };
    println!(
        "\na dispatch of the example, shown: {:.1} ms (at most 100 ms without programs outside)",
        example.median()
    );
    println!("a plan of {} tasks, shown: {:.1} ms", PHASES * TASKS, plan.median());
    println!(
        "its graph as data: {:.1} ms, of which its status takes {:.1} ms, so {:.1} ms more (at most 50 ms)",
        graph.median(),
        status.median(),
        graph.median() - status.median()
    );
    Ok(())
}

/// A project with one plan: every second phase is parallel, and its tasks claim files.
fn big(scratch: &Path) -> Result<PathBuf> {
    let project = scratch.join("dispatch-big");
    let track = project.join("conductor/tracks").join(BIG);
    fs::create_dir_all(&track)?;
    let mut plan = "# Plan: Big\n".to_owned();
    for phase in 1..=PHASES {
        let how = if phase % 2 == 0 { "parallel" } else { "sequential" };
        write!(plan, "\n## Phase {phase}: Part {phase}\n<!-- execution: {how} -->\n\n")?;
        for task in 1..=TASKS {
            writeln!(
                plan,
                "- [ ] Task {task}: Build piece {task} of part {phase}\n  <!-- files: src/part{phase}/piece{}.rs -->",
                task / 2
            )?;
        }
    }
    fs::write(track.join("plan.md"), plan)?;
    let registry =
        format!("# Project Tracks\n\n---\n\n- [ ] **Track: Big**\n  *Link: [./tracks/{BIG}/](./tracks/{BIG}/)*\n");
    fs::write(project.join("conductor/tracks.md"), registry)?;
    Ok(project)
}
