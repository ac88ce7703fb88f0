//! `just bench`: ours, the same code natively, and the floor, in one run and in turn, as a Markdown table.
//!
//! `conductor-bench [RUNS]`: 31 by default. Each figure is the median of whole processes, from start to end.
#![allow(clippy::print_stdout, reason = "a program of the bench")]

mod commands;
mod dispatch;
mod measure;
mod projects;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use measure::Runs;
use projects::Project;

/// What is run on each project, in the order of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    Floor,
    Native,
    Warm,
    Launcher,
    First,
}

const PROGRAMS: [Program; 5] = [
    Program::Floor,
    Program::Native,
    Program::Warm,
    Program::Launcher,
    Program::First,
];

impl Program {
    fn title(self) -> &'static str {
        match self {
            Self::Floor => "`/bin/true`",
            Self::Native => "the same code natively",
            Self::Warm => "`conductor status`",
            Self::Launcher => "through `bin/conductor`",
            Self::First => "first run (compiles)",
        }
    }
}

/// Where everything is.
struct Bench {
    root: PathBuf,
    binaries: PathBuf,
    home: PathBuf,
}

fn main() -> Result<()> {
    let runs: usize = env::args()
        .nth(1)
        .map_or(Ok(31), |runs| runs.parse())
        .context("usage: conductor-bench [RUNS]")?;
    let scratch = tempfile::tempdir()?;
    let binaries = env::current_exe()?
        .parent()
        .context("a program lies in a folder")?
        .to_owned();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let bench = Bench {
        root,
        binaries,
        home: scratch.path().join("home"),
    };
    fs::create_dir_all(&bench.home)?;
    println!(
        "| project | program | median ms | least ms | above the floor | peak MiB |\n| --- | --- | ---: | ---: | ---: | ---: |"
    );
    let mut figures = Vec::new();
    for project in projects::all(scratch.path(), &bench.root.join("examples/shop"))? {
        bench.check_same(&project)?;
        let measured = bench.measure(&project, runs)?;
        print_rows(&project, &measured);
        figures.push((project.title, measured));
    }
    print_ratios(&figures);
    commands::print(runs)?;
    let (conductor, example) = (bench.binaries.join("conductor"), bench.root.join("examples/shop"));
    dispatch::print(&conductor, &example, scratch.path(), runs)
}

impl Bench {
    /// Every program in turn, so that a slow moment of the machine meets them all.
    fn measure(&self, project: &Project, runs: usize) -> Result<Vec<Runs>> {
        let mut measured: Vec<Runs> = PROGRAMS.iter().map(|_| Runs::default()).collect();
        self.command(Program::Warm, project).output()?;
        for _ in 0..runs {
            for (program, runs) in PROGRAMS
                .iter()
                .zip(&mut measured)
                .filter(|(program, _)| **program != Program::First)
            {
                runs.run(&mut self.command(*program, project))?;
            }
        }
        for _ in 0..5 {
            let _ = fs::remove_dir_all(self.home.join(".cache"));
            measured[PROGRAMS.len() - 1].run(&mut self.command(Program::First, project))?;
        }
        Ok(measured)
    }

    fn command(&self, program: Program, project: &Project) -> Command {
        let mut command = Command::new(match program {
            Program::Floor => PathBuf::from("/bin/true"),
            Program::Native => self.binaries.join("native-status"),
            Program::Warm | Program::First => self.binaries.join("conductor"),
            Program::Launcher => self.root.join("bin/conductor"),
        });
        command
            .current_dir(&self.home)
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", "/usr/bin:/bin");
        match program {
            Program::Floor => &mut command,
            Program::Native => command.arg(&project.path),
            Program::Launcher => command
                .env("CONDUCTOR_BIN", self.binaries.join("conductor"))
                .arg("status")
                .arg("--project")
                .arg(&project.path),
            Program::Warm | Program::First => command.arg("status").arg("--project").arg(&project.path),
        };
        command
    }

    /// A comparison of programs that do not say the same would be worth nothing.
    fn check_same(&self, project: &Project) -> Result<()> {
        let said = |program| -> Result<String> {
            let output = self.command(program, project).output()?;
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let native = said(Program::Native)?;
        for program in [Program::Warm, Program::Launcher] {
            let ours = said(program)?;
            ensure!(
                ours == native,
                "{}: {} says\n{ours}\nbut natively it is\n{native}",
                project.title,
                program.title()
            );
        }
        Ok(())
    }
}

fn print_rows(project: &Project, measured: &[Runs]) {
    let floor = measured[0].median();
    for (program, runs) in PROGRAMS.iter().zip(measured) {
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.1} |",
            project.title,
            program.title(),
            runs.median(),
            runs.least(),
            runs.median() - floor,
            runs.peak()
        );
    }
}

/// The figures that are aimed at (docs/performance.md).
fn print_ratios(figures: &[(String, Vec<Runs>)]) {
    let median = |title: &str, program: Program| {
        let (_, runs) = figures.iter().find(|(project, _)| project == title)?;
        let at = PROGRAMS.iter().position(|&other| other == program)?;
        Some(runs[at].median())
    };
    let warm = |title| median(title, Program::Warm).unwrap_or(f64::NAN);
    let native = |title| median(title, Program::Native).unwrap_or(f64::NAN);
    println!(
        "\n2,000 tracks: {:.2} times the native program",
        warm("2000 tracks") / native("2000 tracks")
    );
    println!(
        "from 200 to 2,000 tracks: {:.1} times as long, less what a project without tracks takes",
        (warm("2000 tracks") - warm("no track")) / (warm("200 tracks") - warm("no track"))
    );
}
