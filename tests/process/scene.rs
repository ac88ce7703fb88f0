//! Where `examples/standup` runs in the tests: a project in the real git, a home folder, and the plugin as `plugins/build.sh`
//! builds it; without that build the tests say that they skip, and fail where `CI` is set.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A packed plugin, a project in git with one commit, and a home folder.
pub(crate) struct Scene {
    pub(crate) scratch: TempDir,
    pub(crate) plugin: PathBuf,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Scene {
    pub(crate) fn new() -> Option<Self> {
        let built = root().join("target/guests/wasm32-wasip2/guest/standup.wasm");
        if !built.is_file() {
            assert!(
                std::env::var_os("CI").is_none(),
                "plugins/build.sh has not been run, and CI needs it"
            );
            eprintln!("skipped: plugins/build.sh has not been run");
            return None;
        }
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let scene = Self {
            plugin: scratch.path().join("standup.wasm"),
            scratch,
        };
        let project = scene.project();
        fs::create_dir_all(project.join("conductor")).expect("made");
        fs::create_dir_all(scene.home()).expect("made");
        fs::write(project.join("conductor/tracks.md"), "# Project Tracks\n").expect("written");
        scene.git(&["init", "--quiet"]);
        scene.git(&["add", "."]);
        scene.git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "--quiet",
            "-m",
            "plan the work",
        ]);
        let manifest = root().join("examples/standup/plugin.json");
        let packed = Command::new(env!("CARGO_BIN_EXE_conductor"))
            .args(["plugin", "pack", "--manifest"])
            .arg(manifest)
            .arg("--output")
            .arg(&scene.plugin)
            .arg(built)
            .output()
            .expect("started");
        assert!(packed.status.success(), "{}", said(&packed));
        Some(scene)
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.scratch.path().join("project")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    pub(crate) fn page(&self) -> PathBuf {
        self.project().join("standup/today.md")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.project())
            .env("HOME", self.home())
            .output()
            .expect("git is there");
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(crate) fn conductor(&self, path: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        command
            .current_dir(self.project())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", path);
        command.env("SECRET_TOKEN", "canary-7f3a");
        command
    }

    pub(crate) fn run(&self, grants: &[&str], arguments: &[&str]) -> Output {
        self.run_with("/usr/local/bin:/usr/bin:/bin", grants, arguments)
    }

    pub(crate) fn run_with(&self, path: &str, grants: &[&str], arguments: &[&str]) -> Output {
        let mut command = self.conductor(path);
        command.args(["plugin", "run"]);
        command
            .args(grants.iter().flat_map(|grant| ["--grant", grant]))
            .arg(&self.plugin)
            .arg("--")
            .args(arguments)
            .output()
            .expect("started")
    }

    /// Keeps the page with all grants, and looks at it.
    pub(crate) fn keep(&self) {
        let output = self.run(&["commits", "page", "stage"], &["--keep"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let page = fs::read_to_string(self.page()).expect("written");
        assert!(page.contains("plan the work"), "{page}");
    }

    pub(crate) fn audit(&self) -> String {
        let output = self
            .conductor("/usr/bin:/bin")
            .args(["audit", "--json"])
            .output()
            .expect("started");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
