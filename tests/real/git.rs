//! git in the repository of a test.

use std::path::Path;
use std::process::Command;

/// What it prints there, without the last line end.
pub(crate) fn git(repository: &Path, home: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    let output = command
        .args(arguments)
        .current_dir(repository)
        .env("HOME", home)
        .output();
    let output = output.expect("git starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
