//! A home, a project and a plugin's launcher to try, and the shells to try it with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const LAUNCHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bin/conductor");

/// Prints its own path, its arguments in brackets, the plugin's version and its process id.
pub(super) const PROGRAM: &str = r#"#!/bin/sh
printf 'ran %s\n' "$0"
printf '[%s]' "$@"
printf '\nversion %s\npid %s\n' "$CONDUCTOR_PLUGIN_VERSION" "$$"
"#;

/// A home, a project and a plugin in one temporary folder. The launcher's two fixed system folders are replaced by two
/// inside it, so that what is installed on this machine plays no part.
pub(super) struct Place {
    top: TempDir,
    /// The shell's own path and its options.
    pub(super) shell: Vec<PathBuf>,
}

impl Place {
    fn new(shell: Vec<PathBuf>) -> Self {
        let top = tempfile::Builder::new()
            .prefix("a b\n'c")
            .tempdir()
            .expect("a temporary folder");
        let place = Self { top, shell };
        for folder in ["home", "project/sub", "usr-local", "homebrew", "tools"] {
            fs::create_dir_all(place.path(folder)).expect("a folder");
        }
        place.launcher("plugin/bin/conductor");
        place
    }

    /// The physical path of `relative`: a temporary folder may itself lie behind a link.
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        let top = self.top.path().canonicalize().expect("the temporary folder is there");
        top.join(relative)
    }

    /// A copy of the launcher.
    pub(super) fn launcher(&self, relative: &str) -> PathBuf {
        let mut text = fs::read_to_string(LAUNCHER).expect("the launcher");
        for (system, ours) in [("/usr/local/bin", "usr-local"), ("/opt/homebrew/bin", "homebrew")] {
            assert_eq!(
                text.matches(system).count(),
                1,
                "the launcher looks into {system} in one place"
            );
            let quoted = self.path(ours).display().to_string().replace('\'', r"'\''");
            text = text.replace(system, &format!("'{quoted}'"));
        }
        self.executable(relative, &text)
    }

    /// A file that can be started. It is `cp` that writes it: a file that this process has open for writing, and with it
    /// a child that another test's thread has just forked, can't be started ("text file busy").
    pub(super) fn executable(&self, relative: &str, text: &str) -> PathBuf {
        let draft = self.file("draft", text);
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).expect("our own file");
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("below the temporary folder")).expect("a folder");
        let copied = Command::new("cp").arg(&draft).arg(&path).status();
        assert!(copied.is_ok_and(|status| status.success()), "{relative}");
        path
    }

    pub(super) fn program(&self, relative: &str) -> PathBuf {
        self.executable(relative, PROGRAM)
    }

    pub(super) fn file(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("below the temporary folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    /// The plugin's launcher in the project, with HOME and PATH and nothing else.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.shell[0]);
        command
            .args(&self.shell[1..])
            .arg(self.path("plugin/bin/conductor"))
            .args(arguments);
        command.current_dir(self.path("project")).env_clear();
        command.env("HOME", self.path("home")).env("PATH", "/usr/bin:/bin");
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&mut self.command(arguments))
    }

    pub(super) fn run_with(&self, variable: &str, value: impl AsRef<std::ffi::OsStr>) -> Ended {
        Ended::of(self.command(&["status"]).env(variable, value))
    }
}

/// What a run printed, and how it ended.
pub(super) struct Ended {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) code: Option<i32>,
}

impl Ended {
    pub(super) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the shell starts");
        let text = |bytes| String::from_utf8(bytes).expect("the launcher prints text");
        Self {
            stdout: text(stdout),
            stderr: text(stderr),
            code: status.code(),
        }
    }

    #[track_caller]
    pub(super) fn ran(&self, program: &Path) {
        let expected = format!("ran {}\n", program.display());
        assert!(
            self.stdout.starts_with(&expected),
            "{expected}is wanted, not:\n{}{}",
            self.stdout,
            self.stderr
        );
        assert_eq!(self.code, Some(0));
    }

    #[track_caller]
    pub(super) fn found_none(&self) {
        assert_eq!(self.code, Some(127), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        let last = self.stderr.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("error: the `conductor` program is not installed"),
            "{}",
            self.stderr
        );
    }
}

/// Runs `case` once for each shell that this machine has.
pub(super) fn in_every_shell(case: impl Fn(Place)) {
    let shells: [&[&str]; 4] = [&["sh"], &["dash"], &["bash", "--posix"], &["busybox", "sh"]];
    for shell in shells {
        match on_path(shell[0]) {
            Some(found) => {
                let options = shell[1..].iter().map(PathBuf::from);
                case(Place::new([found].into_iter().chain(options).collect()));
            }
            None => assert_ne!(shell[0], "sh", "a POSIX system has `sh`"),
        }
    }
}

/// The cases change PATH, by which a command is found too, so a shell is named by its own path.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
