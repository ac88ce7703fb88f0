//! The real `bd` (Beads), which `tests/real/install.sh` builds, and a database in a project.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::required;

/// The program, in the folder that `CONDUCTOR_REAL` names or in the default of `install.sh`. `None` after saying that it is missing.
pub(crate) fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CONDUCTOR_REAL").map(PathBuf::from);
    let usual = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/conductor-ci/town"));
    let bd = named
        .or_else(usual)
        .map(|folder| folder.join("bin/bd"))
        .filter(|bd| bd.is_file());
    bd.or_else(|| {
        required::skip(
            "the tests with the real bd",
            "there is none; tests/real/install.sh builds it",
        )
    })
}

/// What it prints in a project.
pub(crate) fn run(bd: &Path, project: &Path, home: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(bd);
    command
        .args(arguments)
        .current_dir(project)
        .env("HOME", home)
        .stdin(Stdio::null());
    let output = command.output().expect("bd starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bd {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// Makes a database, and nothing else of the repository.
pub(crate) fn init(bd: &Path, project: &Path, home: &Path) {
    const QUIETLY: [&str; 5] = [
        "--stealth",
        "--skip-agents",
        "--skip-hooks",
        "--quiet",
        "--non-interactive",
    ];
    run(
        bd,
        project,
        home,
        &[&["init", "--prefix", "cd"], QUIETLY.as_slice()].concat(),
    );
}
