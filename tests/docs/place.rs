//! Where the commands of a page run: a scratch copy of what they name, with the real program.

use std::cell::Cell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Once};

use crate::page::{Ended, root};

/// One home folder for all pages, in which the bundled plugins are compiled already.
static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let home = tempfile::tempdir().expect("a temporary folder");
    let ended = program(home.path(), &root().join("examples/shop"))
        .arg("status")
        .output()
        .expect("the program starts");
    assert!(ended.status.success(), "{ended:?}");
    home
});

/// Where a reader has the example plugin after building it. `plugins/build.sh` builds it elsewhere.
const WORDS: &str = "target/wasm32-wasip2/release/words.wasm";

/// A scratch copy of the parts of the repository that commands name.
pub(crate) struct Place {
    _scratch: tempfile::TempDir,
    folder: PathBuf,
    last_exit: Cell<i32>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let folder = scratch.path().canonicalize().expect("it is there").join("project");
        for part in ["examples", "host/builtin"] {
            copy(&root().join(part), &folder.join(part));
        }
        fs::create_dir(folder.join(".git")).expect("a git root");
        let place = Self {
            _scratch: scratch,
            folder,
            last_exit: Cell::new(0),
        };
        let built = root().join("target/guests/wasm32-wasip2/guest/words.wasm");
        if let Ok(component) = fs::read(built) {
            place.write(WORDS, component);
        }
        place
    }

    /// Whether a file is there that commands need; says so where it is not, and fails where nothing may be skipped.
    pub(crate) fn has(&self, path: &str) -> bool {
        let there = self.folder.join(path).is_file();
        if !there {
            assert!(
                std::env::var_os("CI").is_none(),
                "`{path}` is missing: run plugins/build.sh first"
            );
            // Once, and not by `eprintln!`, which the test harness keeps to itself when a test passes.
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                writeln!(
                    io::stderr(),
                    "skipped, commands that need `{path}`: plugins/build.sh makes it"
                )
                .expect("standard error");
            });
        }
        there
    }

    /// Puts a file of the page where its commands run.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("below the place")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Runs one line: a command of `conductor`, the README's `cargo run`, or `echo $?`, in the folder that a `cd … &&` before
    /// it names.
    pub(crate) fn run(&self, line: &str) -> Ended {
        if line == "echo $?" {
            return Ended {
                exit: 0,
                printed: format!("{}\n", self.last_exit.get()),
            };
        }
        let (folder, command) = line
            .strip_prefix("cd ")
            .and_then(|rest| rest.split_once(" && "))
            .map_or((PathBuf::new(), line), |(folder, command)| (folder.into(), command));
        let Some(arguments) = command
            .strip_prefix("conductor ")
            .or_else(|| command.strip_prefix("cargo run --bin conductor -- "))
        else {
            panic!("the test does not know how to run `{command}`: mark the block with `<!-- not run: why -->`");
        };
        assert!(
            !arguments.contains(['"', '\'', '|', '>']),
            "the test is no shell: `{command}`"
        );
        let output = program(HOME.path(), &self.folder.join(folder))
            .args(arguments.split_whitespace())
            .output()
            .expect("the program starts");
        let exit = output.status.code().unwrap_or(-1);
        self.last_exit.set(exit);
        let printed = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat();
        Ended {
            exit,
            printed: printed.replace(&self.folder.display().to_string(), "/home/ada/project"),
        }
    }
}

fn program(home: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin");
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let path = entry.expect("listed").path();
        let to = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).expect("a file is copied");
        }
    }
}
