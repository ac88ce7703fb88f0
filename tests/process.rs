//! Commands and files of a plugin on the real git: what is granted is done and written down, what is not is refused, and a dry
//! run changes nothing.
//!
//! The plugin is `examples/standup`, as `plugins/build.sh` builds it; without that build the tests say that they skip, and fail
//! where `CI` is set.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts programs and makes files, and says when it has to skip"
)]

#[path = "process/scene.rs"]
mod scene;

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use scene::{Scene, said};

#[test]
fn all_that_it_could_do_is_a_short_list_before_it_does_anything() {
    let Some(scene) = Scene::new() else { return };
    let inspect = |more: &[&str]| {
        let mut command = scene.conductor("/usr/bin:/bin");
        let output = command
            .args(["plugin", "inspect"])
            .arg(&scene.plugin)
            .args(more)
            .output()
            .expect("started");
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    let page = inspect(&[]);
    for line in [
        "  WRITES  no       page     files  standup of the project\n",
        "  reads   no       commits  start  git --no-optional-locks log --since=<since:text> --format='%h %s'   in project, 10 s",
        "  WRITES  no       stage    start  git add -- standup/today.md   in project, 10 s",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    let data: serde_json::Value = serde_json::from_str(&inspect(&["--json"])).expect("it is JSON");
    assert_eq!(data["data"]["only_reads"], false);
    assert_eq!(data["data"]["wishes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn without_its_grant_a_command_is_not_started_and_the_refusal_names_it() {
    let Some(scene) = Scene::new() else { return };
    let output = scene.run(&["page"], &[]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(
        said(&output).contains("may not start `git --no-optional-locks log"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("--grant commits"), "{}", said(&output));
    assert!(scene.audit().contains("\"denied\""), "{}", scene.audit());
}

#[test]
fn a_granted_command_that_reads_is_started_and_written_down() {
    let Some(scene) = Scene::new() else { return };
    let output = scene.run(&["commits"], &["--since", "1 hour ago"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("plan the work"), "{}", said(&output));
    let audit = scene.audit();
    assert!(audit.contains("--since=1 hour ago"), "{audit}");
    assert!(
        audit.contains("git --no-optional-locks log --since=<since:text>"),
        "{audit}"
    );
    assert!(!audit.contains("canary"), "{audit}");
}

#[test]
fn what_is_kept_is_written_staged_and_written_down() {
    let Some(scene) = Scene::new() else { return };
    scene.keep();
    assert!(scene.git(&["status", "--porcelain"]).contains("A  standup/today.md"));

    fs::write(scene.page(), "old\n").expect("written");
    fs::set_permissions(scene.page(), fs::Permissions::from_mode(0o640)).expect("set");
    scene.keep();
    let mode = fs::metadata(scene.page()).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "the mode stays");
    let left: Vec<_> = fs::read_dir(scene.project().join("standup")).expect("there").collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    let audit = scene.audit();
    for word in ["\"create\"", "\"replace\"", "\"done\"", "git add -- standup/today.md"] {
        assert!(audit.contains(word), "{word}: {audit}");
    }
}

#[test]
fn a_dry_run_writes_no_file_and_starts_nothing_that_writes() {
    let Some(scene) = Scene::new() else { return };
    let before = scene.git(&["status", "--porcelain"]);
    let output = scene.run(&["commits", "page", "stage"], &["--keep", "--dry-run"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("in a dry run"), "{}", said(&output));
    assert!(!scene.project().join("standup").exists());
    assert_eq!(scene.git(&["status", "--porcelain"]), before);
}

#[test]
fn a_command_gets_nothing_of_the_environment_that_it_does_not_list() {
    let Some(scene) = Scene::new() else { return };
    let programs = scene.scratch.path().join("programs");
    fs::create_dir(&programs).expect("made");
    let git = programs.join("git");
    fs::write(&git, "#!/bin/sh\nenv\n").expect("written");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("set");
    let output = scene.run_with(&format!("{}:/usr/bin:/bin", programs.display()), &["commits"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("TERM=dumb"), "{}", said(&output));
    assert!(!said(&output).contains("canary"), "{}", said(&output));
}

#[test]
fn a_program_that_the_project_brings_is_never_started() {
    let Some(scene) = Scene::new() else { return };
    let git = scene.project().join("bin/git");
    fs::create_dir_all(scene.project().join("bin")).expect("made");
    fs::write(&git, "#!/bin/sh\ntouch ../started\n").expect("written");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("set");
    let output = scene.run_with(&scene.project().join("bin").display().to_string(), &["commits"], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("no program `git`"), "{}", said(&output));
    assert!(!scene.scratch.path().join("started").exists());
}

#[test]
fn values_that_do_not_fit_are_refused_before_anything_starts() {
    let Some(scene) = Scene::new() else { return };
    let long = "x".repeat(40 << 10);
    let output = scene.run(&["commits"], &["--since", &long]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("can't be filled"), "{}", said(&output));
    assert!(scene.audit().contains("can't be filled"), "{}", scene.audit());
}

/// A `git` that takes so many seconds to stage, and says in the home folder when it begins and ends. Where there is a file
/// `kill`, it first of all kills the host, once.
fn slow_git(scene: &Scene, seconds: f32) -> String {
    let programs = scene.scratch.path().join("programs");
    fs::create_dir(&programs).expect("made");
    let git = programs.join("git");
    let script = format!(
        "#!/bin/sh\ncase $1 in\nadd)\n  echo begin >>\"$HOME/log\"\n  \
         if [ -e \"$HOME/kill\" ]; then kill -9 $PPID; rm \"$HOME/kill\"; fi\n  \
         sleep {seconds}; echo end >>\"$HOME/log\" ;;\n*) echo one ;;\nesac\n"
    );
    fs::write(&git, script).expect("written");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("set");
    format!("{}:/usr/bin:/bin", programs.display())
}

impl Scene {
    fn keeping(&self, path: &str) -> Command {
        let mut command = self.conductor(path);
        command.args([
            "plugin", "run", "--grant", "commits", "--grant", "page", "--grant", "stage",
        ]);
        command.arg(&self.plugin).args(["--", "--keep"]);
        command
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home().join("log")).unwrap_or_default()
    }

    /// Runs it while nobody else does, and asserts that it has waited for what wrote before.
    fn keep_after_a_kill(&self, path: &str, why: &str) {
        let output = self.keeping(path).output().expect("started");
        assert_eq!(output.status.code(), Some(0), "{why}: {}", said(&output));
        assert_eq!(self.log(), "begin\nend\nbegin\nend\n", "{why}");
        fs::remove_file(self.home().join("log")).expect("there");
    }
}

#[test]
fn whoever_waits_is_told_what_for_and_nobody_else() {
    let Some(scene) = Scene::new() else { return };
    let path = slow_git(&scene, 2.0);
    let stderr = |command: &mut Command| {
        let output = command.output().expect("started");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    // The first is quick and is not spoken of; what takes two seconds is.
    assert_eq!(
        stderr(&mut scene.keeping(&path)),
        "standup: staging the page (1 of 2)\n"
    );
    assert_eq!(stderr(scene.keeping(&path).arg("--json")), "");
    assert_eq!(stderr(scene.keeping(&path).args(["--format", "claude"])), "");
}

#[test]
fn two_runs_at_once_write_one_after_the_other() {
    let Some(scene) = Scene::new() else { return };
    let path = slow_git(&scene, 1.0);
    let mut first = scene.keeping(&path).spawn().expect("started");
    let mut second = scene.keeping(&path).spawn().expect("started");
    assert!(first.wait().expect("ended").success() && second.wait().expect("ended").success());
    assert_eq!(scene.log(), "begin\nend\nbegin\nend\n");
}

#[test]
fn whenever_it_is_killed_the_next_run_waits_for_what_the_dead_one_started() {
    let Some(scene) = Scene::new() else { return };
    let path = slow_git(&scene, 0.4);
    for number in 0..8 {
        // By the command's own first act, which may come before anything is known of its start; the lock has to find it.
        fs::write(scene.home().join("kill"), "").expect("written");
        let killed = scene.keeping(&path).output().expect("started");
        assert_eq!(killed.status.signal(), Some(9), "{}", said(&killed));
        scene.keep_after_a_kill(&path, &format!("its own first act, {number}"));
    }
    let random = RandomState::new();
    for number in 0..8 {
        let micros = random.hash_one(number) % 3000;
        let mut killed = scene.keeping(&path).spawn().expect("started");
        let deadline = Instant::now() + Duration::from_secs(60);
        while scene.log().is_empty() {
            assert!(Instant::now() < deadline, "it does not come to its write");
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(micros) {}
        killed.kill().expect("it runs");
        killed.wait().expect("ended");
        scene.keep_after_a_kill(&path, &format!("{micros} microseconds after its beginning"));
    }
    let audit = scene.audit();
    assert!(
        audit.contains("\"begun\""),
        "the killed one's write has no end: {audit}"
    );
}
