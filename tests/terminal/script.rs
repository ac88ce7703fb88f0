//! The program in a terminal of its own (`script` of util-linux), with everything that the terminal shows in a file.

#![allow(dead_code, reason = "of the tests that have it each uses a part")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// The program while it runs.
pub(crate) struct Terminal {
    child: Child,
    typescript: PathBuf,
    keyboard: Option<ChildStdin>,
}

impl Terminal {
    /// Starts it in a folder; nothing where there is no `script`.
    pub(crate) fn start(folder: &Path, home: &Path, environment: &[(&str, &OsStr)], arguments: &str) -> Option<Self> {
        Self::behind("", folder, home, environment, arguments)
    }

    /// The same where the program is not told that its terminal goes away, as below `nohup`.
    pub(crate) fn start_unheard(folder: &Path, home: &Path, arguments: &str) -> Option<Self> {
        Self::behind("trap '' HUP; ", folder, home, &[], arguments)
    }

    fn behind(
        before: &str,
        folder: &Path,
        home: &Path,
        environment: &[(&str, &OsStr)],
        arguments: &str,
    ) -> Option<Self> {
        let typescript = tempfile::Builder::new()
            .prefix("typescript-")
            .tempfile_in(home.parent().expect("beside it there is room"))
            .expect("a file")
            .into_temp_path()
            .keep()
            .expect("kept");
        let line = format!(
            "{before}stty cols 100; exec {} {arguments}",
            env!("CARGO_BIN_EXE_conductor")
        );
        let mut child = Command::new("script")
            .args(["--quiet", "--flush", "--return", "--command", &line])
            .arg(&typescript)
            .current_dir(folder)
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self {
            keyboard: child.stdin.take(),
            child,
            typescript,
        })
    }

    /// All that was shown so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.typescript).unwrap_or_default()).into_owned()
    }

    /// Waits until a text is shown.
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.shown().contains(text) {
            assert!(
                Instant::now() < deadline,
                "`{text}` does not come; there is\n{}",
                self.shown()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types something.
    pub(crate) fn keys(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("it runs");
        keyboard.write_all(keys.as_bytes()).expect("it is read");
        keyboard.flush().expect("it is read");
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs until it is ended");
        self.child.wait().expect("ended");
    }

    /// Kills the program itself, as nothing can be done against (`kill -9`), where the system tells its number.
    pub(crate) fn kill_program(self) {
        if let Some(pid) = self.program() {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            self.end();
        } else {
            self.kill();
        }
    }

    /// The program itself, where the system tells its number.
    pub(crate) fn program(&self) -> Option<rustix::process::Pid> {
        let of_script = format!("/proc/{0}/task/{0}/children", self.child.id());
        let pids = fs::read_to_string(of_script).ok()?;
        rustix::process::Pid::from_raw(pids.trim().parse().ok()?)
    }

    /// Waits for its end; the exit code and all that was shown.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("it ends");
        (status.code(), self.shown())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = fs::remove_file(&self.typescript);
    }
}
