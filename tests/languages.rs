//! Plugins in Python and JavaScript, built by their own toolchains against `wit/`, run in the same sandbox as any other.
//!
//! They need `componentize-py` (PyPI) and `componentize-js` (npm, `@bytecodealliance/componentize-js`) on the PATH; without one
//! of them its test says that it skips (and fails where `CI` is set). Tried with componentize-py 0.25.1 and componentize-js 0.23.0.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the toolchains and the program, and says when it has to skip"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the repository")
}

/// A packed component, beside a project and a home folder to run it in.
struct Plugin {
    scratch: TempDir,
}

impl Plugin {
    /// Builds one with a toolchain, unless that is not there.
    fn build(program: &str, build: impl FnOnce(&mut Command, &Path)) -> Option<Self> {
        if !Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
        {
            assert!(
                std::env::var_os("CI").is_none(),
                "there is no `{program}` on the PATH, and CI needs it"
            );
            eprintln!("skipped: there is no `{program}` on the PATH");
            return None;
        }
        let plugin = Self {
            scratch: tempfile::tempdir().expect("a temporary folder"),
        };
        let mut command = Command::new(program);
        build(command.current_dir(plugin.scratch.path()), &plugin.component());
        let output = command.output().expect("it can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        plugin.project();
        plugin.pack();
        Some(plugin)
    }

    fn component(&self) -> PathBuf {
        self.scratch.path().join("boxes.wasm")
    }

    fn project(&self) {
        let folder = self.scratch.path().join("project/conductor/tracks/sign-in_20260101");
        fs::create_dir_all(&folder).expect("made");
        fs::write(
            folder.join("plan.md"),
            "# Plan\n- [x] Task: a\n- [~] Task: b\n- [ ] Task: c\n",
        )
        .expect("written");
        fs::write(self.scratch.path().join("project/conductor/tracks.md"), "# Tracks\n").expect("written");
    }

    fn pack(&self) {
        let manifest = root().join("tests/guests/boxes.json");
        let (exit, _, stderr) = self.conductor(
            &["plugin", "pack", "--manifest", manifest.to_str().expect("UTF-8")],
            &[],
        );
        assert_eq!(exit, 0, "{stderr}");
    }

    /// Runs the program on the component: exit code, stdout, stderr.
    fn conductor(&self, before: &[&str], behind: &[&str]) -> (i32, String, String) {
        let project = self.scratch.path().join("project");
        let output = Command::new(env!("CARGO_BIN_EXE_conductor"))
            .args(before)
            .arg(self.component())
            .args(behind)
            .current_dir(if project.is_dir() {
                &project
            } else {
                self.scratch.path()
            })
            .env_clear()
            .env("HOME", self.scratch.path().join("home"))
            .output()
            .expect("it can be started");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.code().unwrap_or(-1), stdout, stderr)
    }

    /// Runs it with its grant and the data it gives, cold and warm; warm it takes no second.
    fn holds(&self) {
        let run = || {
            self.conductor(
                &["--verbose", "plugin", "run", "--grant", "conductor"],
                &["--", "--json", "--note", "hi"],
            )
        };
        let (exit, _, stderr) = run();
        assert_eq!(exit, 0, "{stderr}");
        let started = Instant::now();
        let (exit, stdout, stderr) = run();
        assert!(exit == 0 && stderr.contains("from the cache: 0, 2, 1"), "{stderr}");
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        let outcome: Value = serde_json::from_str(&stdout).expect("it is JSON");
        let counts = json!({"tracks/sign-in_20260101/plan.md": 3});
        assert_eq!(outcome["data"], json!({"counts": counts, "arguments": {"note": "hi"}}));
        let (exit, _, stderr) = self.conductor(&["plugin", "run"], &[]);
        assert_eq!(exit, 4, "{stderr}");
        assert!(
            stderr.contains("`conductor plugin run --grant conductor …`"),
            "{stderr}"
        );
    }
}

#[test]
fn a_plugin_in_python() {
    let built = Plugin::build("componentize-py", |command, to| {
        // It leaves its compiled files beside the source.
        let source = to.with_file_name("app.py");
        fs::copy(root().join("tests/guests/python/app.py"), source).expect("copied");
        command
            .arg("-d")
            .arg(root().join("wit"))
            .args(["-w", "conductor-plugin", "componentize", "app", "-o"])
            .arg(to);
    });
    let Some(plugin) = built else { return };
    plugin.holds();
    let (_, shown, _) = plugin.conductor(&["plugin", "run", "--grant", "conductor"], &[]);
    for what in [
        "folder: closed",
        "file: closed",
        "socket: closed",
        "name: closed",
        "environment: 0",
    ] {
        assert!(shown.contains(what), "{shown}");
    }
}

#[test]
fn a_plugin_in_javascript() {
    let built = Plugin::build("componentize-js", |command, to| {
        command
            .arg(root().join("tests/guests/javascript/app.js"))
            .arg("--wit")
            .arg(root().join("wit"));
        command.args(["-n", "conductor-plugin", "-o"]).arg(to);
    });
    if let Some(plugin) = built {
        plugin.holds();
    }
}
