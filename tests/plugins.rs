//! Installed plugins and stored grants with the real program: what a person is asked and nobody else, what is kept, and what is
//! refused when somebody else could have written it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the program, spoils its files, and says when it has to skip"
)]

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

#[path = "plugins/attacks.rs"]
mod attacks;
#[path = "plugins/scene.rs"]
mod scene;
#[path = "terminal/script.rs"]
mod script;
#[path = "cache/word.rs"]
mod word;

use scene::{Ran, Scene, hello, manifest, starts_git, status_as};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode can be set");
}

/// The files of a folder whose names end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("listed").path());
    paths.filter(|path| path.to_string_lossy().ends_with(end)).collect()
}

/// A scene in which `standup` is installed with its reading grants; nothing where there is no terminal to install it at.
fn with_standup() -> Option<Scene> {
    let scene = Scene::new();
    let file = scene.component("standup.wasm", &hello(&manifest("standup")));
    scene.install(&file, "r")?;
    Some(scene)
}

fn component(scene: &Scene) -> PathBuf {
    let found = files(&scene.store(), ".wasm");
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// What a plugin of the list holds, and how many of how many.
fn listed(scene: &Scene, name: &str) -> Value {
    let data = scene.run("plugin list --json").right().data();
    let plugins = data["plugins"].as_array().expect("a list").clone();
    plugins
        .into_iter()
        .find(|plugin| plugin["name"] == name)
        .unwrap_or_default()
}

fn granted(scene: &Scene, name: &str) -> Vec<String> {
    let data = scene.run(&format!("plugin inspect {name} --json")).right().data();
    let wishes = data["wishes"].as_array().expect("a list").clone();
    let granted = wishes.into_iter().filter(|wish| wish["granted"] == true);
    granted
        .map(|wish| wish["grant"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn without_a_terminal_nothing_is_installed_or_granted() {
    let scene = Scene::new();
    let file = scene.component("standup.wasm", &hello(&manifest("standup")));
    let line = format!(
        "conductor plugin install {}",
        file.canonicalize().expect("there").display()
    );
    let ran = scene.run(&format!("plugin install {}", file.display()));
    ran.failed(4, &format!("in a terminal: `{line}`"));
    let ran = scene.run(&format!("plugin install {} --json", file.display()));
    let envelope: Value = serde_json::from_str(&ran.stdout).expect("an envelope");
    assert_eq!((ran.exit, &envelope["error"]["code"]), (4, &json!("needs-person")));
    assert!(!scene.store().exists() && !scene.grants().exists());
    // Taking away needs nobody; giving back does.
    scene.run("plugin revoke status").right();
    for allow in ["plugin allow status conductor", "plugin allow status"] {
        scene
            .run(allow)
            .failed(4, &format!("in a terminal: `conductor {allow}`"));
    }
}

#[test]
fn an_agent_is_told_to_ask_the_user() {
    let scene = Scene::new();
    let file = scene.component("standup.wasm", &hello(&manifest("standup")));
    for variable in ["CLAUDECODE", "AI_AGENT"] {
        let line = format!("plugin install {}", file.display());
        let Some(terminal) = scene.terminal_with(&[(variable, OsStr::new("1"))], &line) else {
            return;
        };
        let (exit, shown) = terminal.end();
        assert_eq!(exit, Some(4), "{shown}");
        assert!(
            shown
                .replace("\r\n", " ")
                .contains("ask the user to run `conductor plugin install"),
            "{shown}"
        );
    }
    assert!(!scene.store().exists());
}

#[test]
fn what_a_plugin_wants_is_shown_and_it_gets_what_is_answered() {
    let scene = Scene::new();
    let file = scene.component("standup.wasm", &hello(&manifest("standup")));
    let Some(shown) = scene.install(&file, "r") else { return };
    for says in [
        "standup 0.1.0   \"What changed since yesterday\"",
        "reads   1       conductor  files  conductor of the project",
        "WRITES  3       build      start  make -- <what:id>   in project",
        "UNBOUNDED, runs anything: `make` runs what it is given",
        "the commits",
        "Never: network",
        "It holds 2 of 4 grants, written to",
    ] {
        assert!(shown.contains(says), "`{says}` in\n{shown}");
    }
    assert_eq!(granted(&scene, "standup"), ["conductor", "commits"]);
    assert_eq!(scene.run("standup").right().stdout, "hello");
    let help = scene.run("standup --help").right().stdout;
    assert!(
        help.contains("--since <SINCE>") && help.contains("From when on"),
        "{help}"
    );
    assert!(
        scene
            .run("--help")
            .right()
            .stdout
            .contains("What changed since yesterday")
    );
    let metadata = scene.grants().metadata().expect("there");
    assert_eq!(metadata.mode() & 0o777, 0o600);
    for folder in [scene.store(), scene.path("home/.config/conductor")] {
        assert_eq!(
            folder.metadata().expect("there").mode() & 0o777,
            0o700,
            "{}",
            folder.display()
        );
    }
    for file in fs::read_dir(scene.store()).expect("there") {
        assert_eq!(file.expect("listed").metadata().expect("there").mode() & 0o777, 0o600);
    }
}

#[test]
fn a_folder_stands_for_the_one_component_in_it() {
    let scene = Scene::new();
    fs::create_dir(scene.path("dist")).expect("made");
    let line = format!("plugin install {}", scene.path("dist").display());
    scene.run(&line).failed(1, "there is no `.wasm` file");
    scene.component("dist/a.wasm", &hello(&manifest("standup")));
    scene.run(&line).failed(4, "dist/a.wasm`");
    scene.component("dist/b.wasm", b"");
    scene.run(&line).failed(1, "there are 2 `.wasm` files");
}

#[test]
fn a_plugin_holds_what_was_granted_and_its_refusal_names_the_line() {
    let scene = Scene::new();
    let file = scene.component("shop.wasm", &status_as("shop"));
    if scene.install(&file, "n").is_none() {
        return;
    }
    scene
        .run("shop")
        .failed(4, "in a terminal: `conductor plugin allow shop conductor`");
    let (exit, shown) = scene.answered("plugin allow shop conductor", &[]).expect("a terminal");
    assert!(exit == 0 && shown.contains("Granted 1."), "{shown}");
    assert!(scene.run("shop").right().stdout.starts_with("project "));
    let shown = scene.run("plugin revoke shop conductor").right().stdout;
    assert_eq!(shown, "Took back `conductor` from `shop`; it holds none\n");
    scene.run("shop").failed(4, "conductor plugin allow shop conductor");
    scene
        .run("plugin revoke shop tracks")
        .failed(2, "declares no grant `tracks`");
}

#[test]
fn what_may_run_anything_takes_a_yes_of_its_own() {
    let Some(scene) = with_standup() else { return };
    let allow = |answers: &[(&str, &str)]| scene.answered("plugin allow standup", answers).expect("a terminal").1;
    // Of the two that are left, all is only the bounded one.
    allow(&[("or none [N]?", "a")]);
    assert_eq!(granted(&scene, "standup"), ["conductor", "report", "commits"]);
    allow(&[("or none [N]?", "1"), ("runs anything as you", "n")]);
    assert_eq!(granted(&scene, "standup").len(), 3);
    let (_, shown) = scene
        .answered("plugin allow standup build", &[("runs anything as you", "y")])
        .expect("a terminal");
    assert!(shown.contains("Granted 1."), "{shown}");
    assert_eq!(granted(&scene, "standup").len(), 4);
    assert!(allow(&[]).contains("holds that already"));
}

#[test]
fn a_changed_plugin_keeps_what_is_the_same_and_asks_for_the_difference() {
    let Some(scene) = with_standup() else { return };
    let mut new = manifest("standup");
    new["version"] = json!("0.2.0");
    new["commands"]["commits"]["argv"] = json!(["git", "log", "--all", "--since=<since:text>"]);
    new["commands"]["commits"]["reason"] = json!("more commits");
    new["commands"]["diff"] =
        json!({"argv": ["git", "diff", "--stat"], "cwd": "project", "effect": "read", "reason": "size"});
    new["files"].as_array_mut().expect("files").remove(1);
    let file = scene.component("new.wasm", &hello(&new));
    let shown = scene.install(&file, "n").expect("a terminal");
    for says in [
        "replaces 0.1.0",
        "No longer wanted: `report`.",
        "Kept from your grants: 1. New or changed in it: 2",
        "was: reads start  git log --since=<since:text>   in project",
        "start  git diff --stat",
    ] {
        assert!(shown.contains(says), "`{says}` in\n{shown}");
    }
    // What was declined and has not changed is not asked again.
    assert!(!shown.contains("make -- "), "{shown}");
    assert_eq!(granted(&scene, "standup"), ["conductor"]);
    assert_eq!(files(&scene.store(), ".wasm").len(), 1, "the old component is gone");
    // Back to the first one: what the new one did not keep has to be granted again.
    let file = scene.component("old.wasm", &hello(&manifest("standup")));
    scene.install(&file, "n").expect("a terminal");
    assert_eq!(granted(&scene, "standup"), ["conductor"]);
}

#[test]
fn without_an_answer_nothing_is_installed() {
    let scene = Scene::new();
    let file = scene.component("standup.wasm", &hello(&manifest("standup")));
    let line = format!("plugin install {}", file.display());
    let Some((exit, shown)) = scene.answered(&line, &[("[N]?", "what"), ("`what` is none of", "5"), ("`5` is", "0")])
    else {
        return;
    };
    assert!(exit == 1 && shown.contains("nothing was changed"), "{exit} {shown}");
    let mut terminal = scene.terminal(&line).expect("a terminal");
    terminal.wait_for("[N]?");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().0, Some(1));
    assert!(!scene.store().exists());
}

#[test]
fn names_that_are_taken_are_not_installed() {
    let scene = Scene::new();
    for (name, whose) in [
        ("status", "a bundled plugin"),
        ("audit", "a command of"),
        ("help", "a command of"),
    ] {
        let file = scene.component("taken.wasm", &hello(&manifest(name)));
        scene
            .run(&format!("plugin install {}", file.display()))
            .failed(1, whose);
    }
}

#[test]
fn a_bundled_plugin_can_lose_its_grant_and_get_it_back() {
    let scene = Scene::new();
    scene.run("status").right();
    scene.run("plugin revoke status").right();
    scene
        .run("status")
        .failed(4, "in a terminal: `conductor plugin allow status conductor`");
    let listed = listed(&scene, "status");
    assert_eq!(listed["granted"], 0, "{listed}");
    assert_ne!(listed["wishes"], 0, "{listed}");
    scene.run("plugin remove status").failed(1, "is part of `conductor`");
    if scene
        .answered("plugin allow status", &[("or none [N]?", "a")])
        .is_some()
    {
        scene.run("status").right();
        assert_eq!(
            fs::read_to_string(scene.grants())
                .expect("there")
                .matches("wish")
                .count(),
            0
        );
    }
}

#[test]
fn what_is_removed_leaves_nothing() {
    let Some(scene) = with_standup() else { return };
    let said = scene.run("plugin remove standup").right().stdout;
    assert_eq!(said, "`standup` is removed, with its grants\n");
    assert_eq!(fs::read_dir(scene.store()).expect("there").count(), 0);
    assert!(!fs::read_to_string(scene.grants()).expect("there").contains("standup"));
    scene.run("standup").failed(2, "unknown command `standup`");
    scene.run("plugin remove standup").failed(1, "no plugin `standup`");
    scene.run("plugin remove ../standup").failed(1, "no plugin");
    scene.run("plugin allow statsu").failed(1, "did you mean `status`?");
}

#[test]
fn a_start_neither_compiles_nor_hashes_nor_parses_a_component() {
    let Some(scene) = with_standup() else { return };
    let ran = scene.run("--verbose standup").right();
    assert!(ran.stderr.contains("taken from the cache: 0, 0, 1;"), "{}", ran.stderr);
}

#[test]
fn a_component_that_was_copied_is_the_same_and_noted_so() {
    let Some(scene) = with_standup() else { return };
    let path = component(&scene);
    let copy = scene.path("copy");
    fs::copy(&path, &copy).expect("copied");
    fs::rename(&copy, &path).expect("renamed");
    let ran = scene.run("--verbose standup").right();
    assert!(ran.stderr.contains("taken from the cache: 0, 1, 1;"), "{}", ran.stderr);
    let ran = scene.run("--verbose standup").right();
    assert!(ran.stderr.contains("taken from the cache: 0, 0, 1;"), "{}", ran.stderr);
}

#[test]
fn a_shell_is_offered_installed_plugins_and_their_arguments() {
    let Some(scene) = with_standup() else { return };
    let offered = |words: &[&str]| {
        let mut command = scene.command("--");
        command.args(words).envs([
            ("COMPLETE", "bash"),
            ("_CLAP_IFS", "\n"),
            ("_CLAP_COMPLETE_COMP_TYPE", "9"),
            ("_CLAP_COMPLETE_SPACE", "false"),
        ]);
        command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
        Ran::of(&mut command).right().stdout
    };
    assert_eq!(offered(&["conductor", "stan"]), "standup");
    assert!(offered(&["conductor", "standup", "--s"]).contains("--since"));
    assert_eq!(offered(&["conductor", "plugin", "revoke", "sta"]), "status\nstandup");
    assert!(offered(&["conductor", "plugin", "al"]).contains("allow"));
}

#[test]
fn what_was_decided_is_in_the_audit_log() {
    let Some(scene) = with_standup() else { return };
    scene.run("plugin revoke standup commits").right();
    scene.run("plugin remove standup").right();
    let data = scene.run("audit --json").right().data();
    let records: Vec<Value> = data["records"].as_array().expect("a list").clone();
    let decisions: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record["decision"].as_str(),
                record["grants"].clone(),
                record["outcome"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        decisions,
        [
            (Some("install"), json!(["conductor", "commits"]), Some("done")),
            (Some("revoke"), json!(["commits"]), Some("done")),
            (Some("remove"), json!([]), Some("done")),
        ]
    );
    let shown = scene.run("audit").right().stdout;
    assert!(
        shown.contains("you      installed it, it holds `conductor`, `commits`"),
        "{shown}"
    );
    // What can't be written down is not done.
    let file = scene.path("standup.wasm");
    fs::remove_dir_all(scene.path("home/.local/state/conductor")).expect("removed");
    fs::write(scene.path("home/.local/state/conductor"), "").expect("in its way");
    scene
        .run("plugin revoke status")
        .failed(1, "it can't be written into the audit log");
    let (exit, shown) = scene
        .answered(&format!("plugin install {}", file.display()), &[("[N]?", "a")])
        .expect("a terminal");
    assert!(exit == 1 && !scene.store().join("standup.json").exists(), "{shown}");
}

#[test]
fn a_check_says_what_is_wrong_without_running_anything() {
    let scene = Scene::new();
    let right = scene.component("right.wasm", &hello(&manifest("standup")));
    let said = scene.run(&format!("plugin check {}", right.display())).right().stdout;
    assert!(said.starts_with("plugin `standup` 0.1.0 is right: "), "{said}");
    let data = scene
        .run(&format!("plugin check {} --json", right.display()))
        .right()
        .data();
    assert_eq!(
        (&data["schema"], &data["wishes"]),
        (&json!("conductor.check/1"), &json!(4))
    );
    scene.run("plugin check status").right();
    let broken = scene.component("broken.wasm", b"\0asm");
    scene
        .run(&format!("plugin check {}", broken.display()))
        .failed(1, "is no WebAssembly component");
    let wasm = wat::parse_str(r#"(component (import "evil:net/all" (instance)))"#).expect("a component");
    let text = manifest("standup").to_string();
    let wasm = conductor_host::component::with_manifest(&wasm, &text, "a test").expect("packed");
    let evil = scene.component("evil.wasm", &wasm);
    scene
        .run(&format!("plugin check {}", evil.display()))
        .failed(1, "imports `evil:net/all`");
    let empty = wat::parse_str("(component)").expect("a component");
    let empty = conductor_host::component::with_manifest(&empty, &text, "a test").expect("packed");
    let empty = scene.component("empty.wasm", &empty);
    scene
        .run(&format!("plugin check {}", empty.display()))
        .failed(1, "can't be started");
}

#[test]
fn programs_come_from_the_configuration_first() {
    let scene = Scene::new();
    let file = scene.component("starts.wasm", &starts_git("starts"));
    if scene.install(&file, "a").is_none() {
        return;
    }
    let config = scene.path("home/.config/conductor/config.json");
    let program = scene.path("home/my-git");
    fs::write(&program, "#!/bin/sh\necho mine\n").expect("written");
    mode(&program, 0o755);
    let configured = |path: &Path| {
        let text = json!({"version": 1, "programs": {"git": path}}).to_string();
        fs::write(&config, text).expect("written");
        mode(&config, 0o600);
    };
    configured(&program);
    assert_eq!(scene.run("starts").right().stdout, "mine\n");
    configured(&scene.path("home/none"));
    let ran = scene.run("starts");
    assert!(
        ran.stderr.contains("the configured `git`"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    configured(Path::new("bin/git"));
    scene
        .run("starts")
        .failed(1, "`programs.git` is `bin/git`, which is no absolute path");
    // What starts nothing does not care.
    scene.run("status").right();
    configured(&program);
    mode(&config, 0o666);
    scene.run("starts").failed(1, "others can write it");
    fs::remove_file(&config).expect("removed");
    // In a checkout the project's word would be taken for the user's.
    let brought = scene.path("project/xdg/conductor");
    fs::create_dir_all(&brought).expect("made");
    fs::write(brought.join("config.json"), json!({"version": 1}).to_string()).expect("written");
    let mut command = scene.command("starts");
    command.env("XDG_CONFIG_HOME", scene.path("project/xdg"));
    Ran::of(&mut command).failed(1, "lies inside the checkout");
}

#[test]
fn a_town_around_the_project_is_used_once_a_person_has_said_so() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("mayor")).expect("made");
    fs::write(scene.path("mayor/town.json"), "{}").expect("written");
    let wants = json!({"name": "towns", "version": "1", "summary": "s", "api": "0.1.0", "files": [
        {"grant": "conductor", "place": "project", "path": "conductor", "access": "read", "reason": "r"},
        {"grant": "town", "place": "town", "path": "mayor", "access": "read", "reason": "r"}]});
    let file = scene.component("towns.wasm", &hello(&wants));
    if scene.install(&file, "a").is_none() {
        return;
    }
    // Without a person it is not used and nothing is asked.
    assert_eq!(scene.run("towns").right().stderr, "");
    let consents = scene.path("home/.config/conductor/consents.json");
    assert!(!consents.exists());
    let (exit, shown) = scene
        .answered("towns", &[("Is that your Gas Town", "n")])
        .expect("a terminal");
    assert!(exit == 0 && shown.contains("hello"), "{shown}");
    assert!(
        fs::read_to_string(&consents)
            .expect("kept")
            .contains("\"agreed\": false")
    );
    // It is not asked again.
    let (_, shown) = scene.answered("towns", &[]).expect("a terminal");
    assert!(!shown.contains("Is that your Gas Town"), "{shown}");
    fs::remove_file(&consents).expect("removed");
    scene
        .answered("towns", &[("Is that your Gas Town", "y")])
        .expect("a terminal");
    assert!(
        fs::read_to_string(&consents)
            .expect("kept")
            .contains("\"agreed\": true")
    );
    // One inside the project's repository is not even asked about.
    fs::remove_file(&consents).expect("removed");
    fs::create_dir(scene.path(".git")).expect("made");
    fs::remove_dir(scene.path("project/.git")).expect("removed");
    let (_, shown) = scene.answered("towns", &[]).expect("a terminal");
    assert!(!shown.contains("Is that your Gas Town"), "{shown}");
}

#[test]
fn what_was_used_of_the_grants_is_shown() {
    let scene = Scene::new();
    let file = scene.component("starts.wasm", &starts_git("starts"));
    if scene.install(&file, "a").is_none() {
        return;
    }
    let page = || scene.run("plugin inspect starts").right().stdout;
    assert!(page().contains("\n2 of 2 granted.\n"), "{}", page());
    scene.run("starts");
    assert!(
        page().contains("2 of 2 granted, the last run in the audit log just now used `version`; granted and never used there: `log`."),
        "{}",
        page()
    );
    let data = scene.run("plugin inspect starts --json").right().data();
    assert_eq!(data["last_run"]["used"], json!(["version"]));
    assert!(data["wishes"][1]["last_used"].is_string(), "{data}");
    assert_eq!(data["installed"]["from"], json!(file.canonicalize().expect("there")));
}
