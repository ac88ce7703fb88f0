//! Runs every case below `tests/cases/<command>/<what>/` with the real program.
//!
//! A folder is a case: `cmd` has the arguments (words as a shell splits them, one line), `project/` is where it runs (or
//! `project` is a file that names a folder of this repository), `stdout`, `stderr` and `exit` are what comes of it (a file that
//! is not there: nothing printed, 0). One that needs certain things in the home folder has them in `home/` (or names a folder
//! likewise); it is copied, with nobody else's rights on it. One for which it matters what is installed has all the programs of
//! its machine in `bin/` (or names a folder likewise): scripts that print what the real ones do. `BLESS=1 cargo test --test cli`
//! writes what came; read the difference before you commit it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};

/// One home folder for all cases: the first one compiles the bundled plugins, the others find them in the cache.
static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut cases = Vec::new();
    for command in folders(&root) {
        for case in folders(&command) {
            let name = case.strip_prefix(&root).expect("below the root").display().to_string();
            cases.push(Trial::test(name, move || run(&case)));
        }
    }
    assert!(!cases.is_empty(), "there are cases");
    libtest_mimic::run(&Arguments::from_args(), cases).exit_code()
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("listed").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn run(case: &Path) -> Result<(), Failed> {
    let cmd = fs::read_to_string(case.join("cmd"))?;
    let scratch = tempfile::tempdir()?;
    let project = project(case, scratch.path())?;
    let home = folder(case, "home", 0o600, scratch.path())?;
    let programs = folder(case, "bin", 0o700, scratch.path())?;
    let path = programs.map_or("/usr/bin:/bin".into(), PathBuf::into_os_string);
    let output = Command::new(env!("CARGO_BIN_EXE_conductor"))
        .args(words(cmd.trim_end()))
        .current_dir(&project)
        .env_clear()
        .env("HOME", home.as_deref().unwrap_or(HOME.path()))
        .env("PATH", path)
        .output()?;
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&project.display().to_string(), "[project]");
    let exit = output
        .status
        .code()
        .map_or("signal".to_owned(), |code| code.to_string());
    let came = [
        ("stdout", shown(&output.stdout)),
        ("stderr", shown(&output.stderr)),
        ("exit", if exit == "0" { String::new() } else { exit + "\n" }),
    ];
    for (name, came) in came {
        check(&case.join(name), &came)?;
    }
    Ok(())
}

/// A copy of the case's project, in a git root of its own, or the folder of this repository that it names.
fn project(case: &Path, scratch: &Path) -> Result<PathBuf, Failed> {
    let from = case.join("project");
    if from.is_file() {
        return named(&from);
    }
    let project = scratch.canonicalize()?.join("project");
    fs::create_dir_all(project.join(".git"))?;
    if from.is_dir() {
        copy(&from, &project)?;
    }
    Ok(project)
}

/// A copy of a folder of the case, where it has one of that name, with these rights on its files.
fn folder(case: &Path, name: &str, mode: u32, scratch: &Path) -> Result<Option<PathBuf>, Failed> {
    let from = case.join(name);
    if !from.exists() {
        return Ok(None);
    }
    let to = scratch.canonicalize()?.join(name);
    copy(&if from.is_file() { named(&from)? } else { from }, &to)?;
    // What others can write is not taken for the user's own, and a checkout may come with such rights.
    private(&to, mode)?;
    Ok(Some(to))
}

fn private(path: &Path, mode: u32) -> std::io::Result<()> {
    let is_dir = path.is_dir();
    fs::set_permissions(path, fs::Permissions::from_mode(if is_dir { 0o700 } else { mode }))?;
    if is_dir {
        for entry in fs::read_dir(path)? {
            private(&entry?.path(), mode)?;
        }
    }
    Ok(())
}

/// The folder of this repository that a file names.
fn named(file: &Path) -> Result<PathBuf, Failed> {
    let named = fs::read_to_string(file)?;
    Ok(Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(named.trim())
        .canonicalize()?)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?
        } else {
            fs::copy(entry.path(), to).map(drop)?
        }
    }
    Ok(())
}

/// Words as a shell splits them, with `'…'` and `"…"` around what belongs together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn check(path: &Path, came: &str) -> Result<(), Failed> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == came {
        return Ok(());
    }
    if env::var_os("BLESS").is_some() {
        if came.is_empty() {
            fs::remove_file(path)?
        } else {
            fs::write(path, came)?
        }
        return Ok(());
    }
    Err(format!(
        "{}\n--- expected\n{expected}--- came\n{came}--- (BLESS=1 rewrites it)",
        path.display()
    )
    .into())
}
