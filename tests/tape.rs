//! Runs that are recorded with the real git and replayed without it: the same bytes, nothing started, and every way in which a
//! tape may not fit is said.
//!
//! The plugin is `examples/standup`. Its own test is driven by `examples/standup/keep.tape`, which
//! `BLESS=1 cargo test --test tape` records anew.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts programs and makes files, and says when it has to skip"
)]

#[path = "process/scene.rs"]
mod scene;

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scene::{Scene, root, said};

/// The search path of a recording. A replay has an empty one.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// All that the plugin declares.
const GRANTS: [&str; 3] = ["commits", "page", "stage"];

impl Scene {
    fn tape(&self) -> PathBuf {
        self.scratch.path().join("run.tape")
    }

    /// `conductor FLAG TAPE plugin run …` in a folder.
    fn taped(&self, flag: &str, tape: &Path, folder: &Path, path: &str, arguments: &[&str]) -> Output {
        self.command(flag, tape, folder, path, &GRANTS, arguments)
            .output()
            .expect("started")
    }

    fn command(
        &self,
        flag: &str,
        tape: &Path,
        folder: &Path,
        path: &str,
        grants: &[&str],
        arguments: &[&str],
    ) -> Command {
        let mut command = self.conductor(path);
        command.current_dir(folder).args(["--verbose", flag]).arg(tape);
        command.args(["plugin", "run"]);
        command.args(grants.iter().flat_map(|grant| ["--grant", grant]));
        command.arg(&self.plugin).arg("--").args(arguments);
        command
    }

    fn record(&self, arguments: &[&str]) -> Output {
        let output = self.taped("--record", &self.tape(), &self.project(), PATH, arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        output
    }

    fn replay(&self, arguments: &[&str]) -> Output {
        self.taped("--replay", &self.tape(), &self.project(), "", arguments)
    }

    /// A copy of the project that is made for replays, under another name.
    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.scratch.path().join(name);
        let copied = Command::new("cp").arg("-R").arg(self.project()).arg(&copy).status();
        assert!(copied.expect("cp is there").success());
        File::create(copy.join(".conductor-replay")).expect("made");
        copy
    }

    /// The tape with a text in it replaced everywhere.
    fn edit(&self, from: &str, to: &str) {
        let tape = fs::read_to_string(self.tape()).expect("recorded");
        assert!(tape.contains(from), "{from}: {tape}");
        fs::write(self.tape(), tape.replace(from, to)).expect("written");
    }
}

/// The replay ended with an error that says all of this, and nothing was started.
#[track_caller]
fn fails(output: &Output, exit: i32, words: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("processes started: 1"), "{said}");
}

/// What is printed beside the outcome tells what was compiled and started.
fn started(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, behind) = stderr.split_once("processes started: ").expect("--verbose says it");
    let number = behind.split(';').next().unwrap_or_default();
    number.trim().to_owned()
}

#[test]
fn a_run_with_the_real_git_is_replayed_to_the_same_bytes_without_it() {
    let Some(scene) = Scene::new() else { return };
    let copy = scene.copy("elsewhere");
    let recorded = scene.record(&["--keep"]);
    assert!(said(&recorded).contains("plan the work"), "{}", said(&recorded));
    let tape = fs::read_to_string(scene.tape()).expect("recorded");
    let mode = fs::metadata(scene.tape()).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!tape.contains("canary-7f3a"), "nothing of the environment: {tape}");
    for place in [scene.project(), scene.home()] {
        assert!(
            !tape.contains(&place.display().to_string()),
            "no path of this machine: {tape}"
        );
    }

    let audit = scene.audit().lines().count();
    let replayed = scene.taped("--replay", &scene.tape(), &copy, "", &["--keep"]);
    assert_eq!(replayed.status.code(), Some(0), "{}", said(&replayed));
    assert_eq!(replayed.stdout, recorded.stdout);
    assert_eq!(started(&replayed), "0");
    let [there, here] = [copy.join("standup/today.md"), scene.page()].map(|page| fs::read(page).expect("written"));
    assert_eq!(there, here, "a copy is written");
    assert_eq!(
        scene.audit().matches("\"command\"").count(),
        2,
        "a replayed command is no deed: {}",
        scene.audit()
    );
    assert!(scene.audit().lines().count() >= audit);

    // The copy is not as the project was any more.
    let again = scene.taped("--replay", &scene.tape(), &copy, "", &["--keep"]);
    fails(
        &again,
        1,
        &[
            "call 3 is not that of the tape",
            "replaces `today.md`",
            "on the tape it creates",
            "call 4",
        ],
    );
}

#[test]
fn a_project_that_is_no_copy_is_not_written_in_a_replay() {
    let Some(scene) = Scene::new() else { return };
    scene.record(&["--keep"]);
    fs::remove_dir_all(scene.project().join("standup")).expect("removed");
    let output = scene.replay(&["--keep"]);
    fails(
        &output,
        1,
        &["only in a copy that was made for it", "touch COPY/.conductor-replay"],
    );
    assert!(!scene.project().join("standup").exists());

    // A link is no mark.
    symlink("/dev/null", scene.project().join(".conductor-replay")).expect("linked");
    fails(&scene.replay(&["--keep"]), 1, &["only in a copy that was made for it"]);
    assert!(!scene.project().join("standup").exists());
}

#[test]
fn the_first_call_that_differs_is_named_and_so_are_those_that_are_left() {
    let Some(scene) = Scene::new() else { return };
    scene.record(&[]);
    fails(
        &scene.replay(&["--since", "2 days ago"]),
        1,
        &["the argument `since` is `\"2 days ago\"`; in the tape it is `\"1 day ago\"`"],
    );
    fails(&scene.replay(&["--dry-run"]), 1, &["recorded without `--dry-run`"]);
    let grants = ["page"];
    let mut denied = scene.command("--replay", &scene.tape(), &scene.project(), "", &grants, &[]);
    fails(&denied.output().expect("started"), 4, &["may not start `git"]);

    scene.edit(r#""since":["1 day ago"]"#, r#""since":["1 week ago"]"#);
    fails(
        &scene.replay(&[]),
        1,
        &["call 1 is not that of the tape: `since` of `commits` is `1 day ago`, and on the tape `1 week ago`"],
    );
    scene.edit(r#""since":["1 week ago"]"#, r#""since":["1 day ago"]"#);
    scene.edit(
        r#"{"end":{"calls":1}}"#,
        "{\"lock\":{\"call\":2,\"at_ms\":9,\"name\":\"page\"}}\n{\"end\":{\"calls\":2}}",
    );
    fails(
        &scene.replay(&[]),
        1,
        &[
            "came to its end, and 1 call of the tape were not made",
            "call 2: the plugin takes the lock `page`",
        ],
    );
    fs::write(scene.project().join("conductor/tracks.md"), "# Tracks\n").expect("written");
    fails(&scene.replay(&[]), 1, &["the files in `conductor/` are not those"]);
}

#[test]
fn another_build_of_the_plugin_is_replayed_with_a_note_and_its_command_line_has_to_fit() {
    let Some(scene) = Scene::new() else { return };
    let recorded = scene.record(&[]);
    let manifest = fs::read_to_string(root().join("examples/standup/plugin.json")).expect("it is there");
    let pack = |from: &str, to: &str| {
        let changed = scene.scratch.path().join("plugin.json");
        fs::write(&changed, manifest.replace(from, to)).expect("written");
        let built = root().join("target/guests/wasm32-wasip2/guest/standup.wasm");
        let mut packed = scene.conductor(PATH);
        packed.args(["plugin", "pack", "--manifest"]).arg(changed);
        let packed = packed
            .arg("--output")
            .arg(&scene.plugin)
            .arg(built)
            .output()
            .expect("started");
        assert!(packed.status.success(), "{}", said(&packed));
    };
    pack("\"version\": \"0.1.0\"", "\"version\": \"0.2.0\"");
    let replayed = scene.replay(&[]);
    assert_eq!(replayed.status.code(), Some(0), "{}", said(&replayed));
    assert!(
        said(&replayed).contains("recorded with another build of this plugin"),
        "{}",
        said(&replayed)
    );
    assert_eq!(replayed.stdout, recorded.stdout);

    pack("%h %s", "%h %an %s");
    fails_but_compiles(
        &scene.replay(&[]),
        "argument 5 of the command line of `commits` is `--format=%h %an %s`, and on the tape `--format=%h %s`",
    );
    pack("\"name\": \"standup\"", "\"name\": \"other\"");
    fails_but_compiles(
        &scene.replay(&[]),
        "the tape is of the plugin `standup`, not of `other`",
    );
}

/// A component that was not run before is compiled in a process of its own, which is no command of a plugin.
#[track_caller]
fn fails_but_compiles(output: &Output, word: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(said(output).contains(word), "{}", said(output));
}

#[test]
fn a_tape_that_was_cut_off_edited_or_made_to_harm_is_refused_by_its_line() {
    let Some(scene) = Scene::new() else { return };
    scene.record(&[]);
    let tape = fs::read_to_string(scene.tape()).expect("recorded");
    let header = tape.lines().next().expect("a header").to_owned();
    let cases = [
        (String::new(), "line 1: the tape is empty"),
        (header.clone() + "\n", "line 2: the end is missing"),
        (tape[..tape.len() / 2].to_owned(), ": column "),
        (
            tape.replace("conductor.tape/1", "conductor.tape/9"),
            "line 1: the tape has the form `conductor.tape/9`",
        ),
        (
            tape.replace("\"values\":{", "\"values\":7,\"more\":{"),
            "line 2: column ",
        ),
        (tape.replace("\"status\":0", "\"status\":\"0\""), "line 2: column "),
        (
            tape.replace("\"call\":1", "\"call\":18446744073709551616"),
            "line 2: column ",
        ),
        (format!("{header}\n{}\n", "[".repeat(1 << 20)), "line 2: column "),
        ("\u{1b}[2J\n".to_owned(), "line 1: column "),
    ];
    for (text, what) in cases {
        fs::write(scene.tape(), text).expect("written");
        let output = scene.replay(&[]);
        fails(&output, 1, &["is no tape: ", what]);
        assert!(!said(&output).contains('\u{1b}'));
    }
    let huge = File::create(scene.tape()).expect("made");
    huge.set_len(8 << 30).expect("a file with a hole");
    fails(&scene.replay(&[]), 1, &["larger than 64 MiB"]);
    fs::remove_file(scene.tape()).expect("removed");
    fails(&scene.replay(&[]), 1, &["can't be read"]);
    fs::create_dir(scene.tape()).expect("made");
    fails(&scene.replay(&[]), 1, &["is not a regular file"]);
    fs::remove_dir(scene.tape()).expect("removed");
    assert!(
        Command::new("mkfifo")
            .arg(scene.tape())
            .status()
            .expect("it is there")
            .success()
    );
    fails(&scene.replay(&[]), 1, &["is not a regular file"]);
}

#[test]
fn a_tape_is_a_new_file_where_nothing_acts_on_it() {
    let Some(scene) = Scene::new() else { return };
    let record = |tape: &Path| scene.taped("--record", tape, &scene.project(), PATH, &[]);
    let beside = scene.scratch.path().join("beside");
    fs::write(&beside, "mine").expect("written");
    let (link, dangling) = (scene.scratch.path().join("link"), scene.scratch.path().join("dangling"));
    symlink(&beside, &link).expect("linked");
    symlink(scene.scratch.path().join("not-there"), &dangling).expect("linked");
    for there in [&beside, &link, &dangling] {
        fails(&record(there), 1, &["there is something of that name"]);
    }
    assert_eq!(fs::read_to_string(&beside).expect("there"), "mine");
    assert!(!scene.scratch.path().join("not-there").exists());

    let folder_link = scene.scratch.path().join("hooks");
    symlink(scene.project().join(".git/hooks"), &folder_link).expect("linked");
    for refused in [
        scene.project().join(".git/run.tape"),
        folder_link.join("post-commit"),
        scene.project().join("conductor/run.tape"),
    ] {
        fails(&record(&refused), 2, &["the tape can't be in"]);
        assert!(!refused.exists());
    }
    fails(
        &record(&scene.scratch.path().join("no/run.tape")),
        1,
        &["can't be used"],
    );
}

#[test]
fn the_flags_stand_before_the_name_for_one_run_of_a_plugin() {
    let Some(scene) = Scene::new() else { return };
    let tape = scene.tape();
    let tape = tape.to_str().expect("a plain path");
    let usage = |arguments: &[&str], what: &str| {
        let output = scene.conductor(PATH).args(arguments).output().expect("started");
        fails(&output, 2, &[what]);
        assert!(!Path::new(tape).exists(), "{arguments:?}");
    };
    usage(
        &["status", "--record", tape],
        "`--record` stands before the plugin's name",
    );
    usage(
        &["status", "--replay", tape],
        "`--replay` stands before the plugin's name",
    );
    usage(&["--record", tape, "--replay", tape, "status"], "cannot be used with");
    usage(&["--record", tape, "status", "--watch"], "a tape is of one run");
    usage(&["--record", tape, "audit"], "`conductor audit` is none");
    usage(
        &["--replay", tape, "plugin", "inspect", "status"],
        "are for the run of a plugin",
    );
    let plugin = scene.plugin.to_str().expect("a plain path");
    usage(
        &["plugin", "run", plugin, "--", "--record", tape],
        "`--record` stands before the plugin's name",
    );
}

/// A `git` that prints what it has of the machine, and bytes that are no text.
fn telling_git(scene: &Scene) -> String {
    let programs = scene.scratch.path().join("programs");
    fs::create_dir(&programs).expect("made");
    let git = programs.join("git");
    fs::write(&git, "#!/bin/sh\npwd\nenv\nprintf '<project>\\377\\000end\\n'\n").expect("written");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("set");
    format!("{}:/usr/bin:/bin", programs.display())
}

#[test]
fn places_are_symbols_secrets_are_not_there_and_no_byte_is_lost() {
    let Some(scene) = Scene::new() else { return };
    let path = telling_git(&scene);
    let recorded = scene.taped("--record", &scene.tape(), &scene.project(), &path, &[]);
    assert_eq!(recorded.status.code(), Some(0), "{}", said(&recorded));
    let tape = fs::read_to_string(scene.tape()).expect("recorded");
    for place in [scene.project(), scene.home()] {
        assert!(!tape.contains(&place.display().to_string()), "{tape}");
    }
    assert!(!tape.contains("canary-7f3a"), "{tape}");
    let hex: String = "<lt>project>".bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(tape.contains(&format!("{hex}ff00")), "{tape}");
    let replayed = scene.replay(&[]);
    assert_eq!(replayed.stdout, recorded.stdout);

    // Elsewhere the plugin is given the places there, and the project's name is that of the recording.
    let copy = scene.copy("elsewhere");
    let replayed = scene.taped("--replay", &scene.tape(), &copy, "", &[]);
    assert!(said(&replayed).contains("elsewhere\n"), "{}", said(&replayed));
}

#[test]
fn what_was_not_started_is_not_started_again() {
    let Some(scene) = Scene::new() else { return };
    let recorded = scene.taped("--record", &scene.tape(), &scene.project(), "/nowhere", &[]);
    assert_eq!(recorded.status.code(), Some(1), "{}", said(&recorded));
    let tape = fs::read_to_string(scene.tape()).expect("recorded");
    assert!(tape.contains(r#""result":{"refused":{"code":"no-program""#), "{tape}");
    // With a git that could be started.
    let replayed = scene.taped("--replay", &scene.tape(), &scene.project(), PATH, &[]);
    fails(&replayed, 1, &["no program `git`"]);
}

#[test]
fn clock_and_random_numbers_are_those_of_the_tape() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [plugin, tape] = ["times.wasm", "run.tape"].map(|name| folder.path().join(name));
    let manifest = folder.path().join("plugin.json");
    fs::write(
        &manifest,
        r#"{"name":"times","version":"1","summary":"times","api":"0.1.0"}"#,
    )
    .expect("written");
    let bare = folder.path().join("bare.wasm");
    fs::write(&bare, times()).expect("written");
    let conductor = |arguments: &[&std::ffi::OsStr]| {
        let output = Command::new(env!("CARGO_BIN_EXE_conductor"))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .output()
            .expect("started");
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let word = std::ffi::OsStr::new;
    conductor(
        &["plugin", "pack", "--manifest"]
            .map(word)
            .into_iter()
            .chain([
                manifest.as_os_str(),
                word("--output"),
                plugin.as_os_str(),
                bare.as_os_str(),
            ])
            .collect::<Vec<_>>(),
    );
    let run = |flag: &str| {
        conductor(&[
            word(flag),
            tape.as_os_str(),
            word("plugin"),
            word("run"),
            plugin.as_os_str(),
        ])
    };
    let recorded = run("--record");
    assert_eq!(recorded.lines().count(), 11, "{recorded}");
    for _ in 0..3 {
        assert_eq!(run("--replay"), recorded);
    }
    let numbers: Vec<&str> = recorded.lines().collect();
    assert_ne!(numbers[6], numbers[7], "random numbers go on");
    assert_ne!(numbers[2], numbers[5], "so does the clock");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is later");
    let seconds: u64 = numbers[0].parse().expect("a number");
    assert!(
        now.as_secs() - seconds < 600,
        "a recording has the real time: {recorded}"
    );
    let untaped = conductor(&[word("plugin"), word("run"), plugin.as_os_str()]);
    assert_ne!(
        untaped.lines().nth(6),
        Some(numbers[6]),
        "other runs have other numbers"
    );
}

/// `tests/tape/times.wat`, with the parts that it includes.
fn times() -> Vec<u8> {
    let tests = root().join("tests");
    let mut text = fs::read_to_string(tests.join("tape/times.wat")).expect("it is there");
    for part in ["types", "kit", "run"] {
        let included = fs::read_to_string(tests.join(format!("guests/parts/{part}.wat"))).expect("it is there");
        text = text.replace(&format!("(@include \"{part}\")"), &included);
    }
    wat::parse_str(text).expect("it is a component")
}

#[test]
fn a_bundled_plugin_is_taped_like_any_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tape = folder.path().join("run.tape");
    let conductor = |flag: &str, more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_conductor"))
            .arg(flag)
            .arg(&tape)
            .arg("status")
            .args(more)
            .current_dir(root().join("examples/shop"))
            .env_clear()
            .env("HOME", folder.path())
            .output()
            .expect("started")
    };
    let recorded = conductor("--record", &["--json"]);
    let replayed = conductor("--replay", &["--json"]);
    assert_eq!(
        (replayed.status.code(), &replayed.stdout),
        (Some(0), &recorded.stdout),
        "{}",
        said(&replayed)
    );
    fails(
        &conductor("--replay", &["checkout"]),
        1,
        &["the argument `track` is `\"checkout\"`; in the tape it is not given"],
    );
}

/// The tape that the example's own test is driven by, recorded with the real git. It is recorded anew only where it no longer
/// fits, since each recording has another time and seed.
#[test]
fn the_tape_of_the_example_is_one_of_a_run_that_can_be_had() {
    let Some(scene) = Scene::new() else { return };
    let committed = root().join("examples/standup/keep.tape");
    let replay = |copy: &str| scene.taped("--replay", &committed, &scene.copy(copy), "", &["--keep"]);
    let mut replayed = replay("copy");
    if !replayed.status.success() && std::env::var_os("BLESS").is_some() {
        let fresh = scene.copy("fresh");
        let recorded = scene.taped("--record", &scene.tape(), &fresh, PATH, &["--keep"]);
        assert!(recorded.status.success(), "{}", said(&recorded));
        fs::copy(scene.tape(), &committed).expect("copied");
        replayed = replay("another");
    }
    assert_eq!(replayed.status.code(), Some(0), "{}", said(&replayed));
    assert!(said(&replayed).contains("plan the work"), "{}", said(&replayed));
}
