//! Programs that can't be started.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::{Pool, Spec, StartError};
use super::{file, sh, spec};

fn error(spec: Spec) -> StartError {
    Pool::default()
        .start(spec)
        .expect("room")
        .wait()
        .expect_err("it can't be started")
}

fn error_of(path: &Path) -> StartError {
    error(Spec::new(file(path), PathBuf::from("/")))
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).expect("a temporary folder");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
}

#[test]
fn a_file_that_has_gone_is_named() {
    let error = error_of(Path::new("/nowhere/prog"));
    assert!(matches!(error, StartError::Vanished(_)));
    assert_eq!(error.to_string(), "`/nowhere/prog` is not there any more");
}

#[test]
fn each_fault_of_a_file_is_told_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("prog");
    write(&path, "#!/bin/sh\n", 0o644);
    assert!(matches!(error_of(&path), StartError::NotAllowed(_)));
    assert!(matches!(error_of(folder.path()), StartError::NotAllowed(_)));
    write(&path, "#!/nowhere/interpreter\n", 0o755);
    assert!(matches!(error_of(&path), StartError::NoInterpreter(_)));
}

/// The system's own `posix_spawnp` of macOS gives such a file to a shell.
#[test]
#[cfg(target_os = "linux")]
fn a_text_without_an_interpreter_is_not_given_to_a_shell() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("prog");
    write(&path, "echo run\n", 0o755);
    assert!(matches!(error_of(&path), StartError::NotAProgram(_)));
}

#[test]
fn a_folder_that_has_gone_is_told_apart_from_the_program() {
    let mut spec = sh("true");
    spec.cwd = PathBuf::from("/nowhere");
    assert!(matches!(error(spec), StartError::NoFolder(path) if path == Path::new("/nowhere")));
    let mut spec = sh("true");
    spec.cwd = PathBuf::from("/bin/sh");
    assert!(matches!(error(spec), StartError::NoFolder(_)));
}

#[test]
fn arguments_that_are_too_long_or_hold_a_nul_are_an_error() {
    for bad in ["x".repeat(8 << 20), "a\0b".to_owned()] {
        let error = error(spec("true", &[&bad]));
        assert!(matches!(error, StartError::System(..)), "{error}");
        assert_eq!(error.code(), "not-started");
    }
}

#[test]
fn a_run_that_is_over_starts_nothing() {
    let mut spec = sh("true");
    spec.until = Some(std::time::Instant::now() - Duration::from_millis(1));
    assert!(matches!(error(spec), StartError::TooLate));
}
