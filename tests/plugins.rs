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
fn an_entry_that_was_exchanged_or_spoilt_is_found_out_and_put_right() {
    type Spoil = fn(&Scene, &Path, &Path);
    let spoils: [(&str, Spoil); 12] = [
        ("is not the component that was installed", |_, wasm, _| {
            fs::write(wasm, hello(&manifest("other"))).expect("written");
        }),
        ("is not the component that was installed", |_, wasm, _| {
            let bytes = fs::read(wasm).expect("read");
            fs::write(wasm, &bytes[..bytes.len() / 2]).expect("written");
        }),
        ("is not the component that was installed", |_, wasm, _| {
            // The same length and the same time.
            let modified = wasm.metadata().expect("there").modified().expect("a time");
            let mut bytes = fs::read(wasm).expect("read");
            *bytes.last_mut().expect("not empty") ^= 1;
            fs::write(wasm, bytes).expect("written");
            fs::File::options()
                .write(true)
                .open(wasm)
                .expect("open")
                .set_modified(modified)
                .expect("dated");
        }),
        ("No such file", |_, wasm, _| fs::remove_file(wasm).expect("removed")),
        ("others can write it", |_, wasm, _| mode(wasm, 0o666)),
        ("it is a link", |scene, wasm, _| {
            fs::rename(wasm, scene.path("elsewhere")).expect("renamed");
            symlink(scene.path("elsewhere"), wasm).expect("linked");
        }),
        ("second name", |scene, wasm, _| {
            fs::hard_link(wasm, scene.path("second")).expect("linked")
        }),
        ("EOF", |_, _, sidecar| {
            let text = fs::read(sidecar).expect("read");
            fs::write(sidecar, &text[..text.len() - 9]).expect("written");
        }),
        ("EOF", |_, _, sidecar| fs::write(sidecar, "").expect("written")),
        ("others can write it", |_, _, sidecar| mode(sidecar, 0o622)),
        ("its version is 7", |_, _, sidecar| {
            let text = fs::read_to_string(sidecar).expect("read");
            fs::write(sidecar, text.replace("\"version\":1,", "\"version\":7,")).expect("written");
        }),
        ("it is of the plugin `other`", |_, _, sidecar| {
            let text = fs::read_to_string(sidecar).expect("read");
            fs::write(sidecar, text.replace("\"standup\"", "\"other\"")).expect("written");
        }),
    ];
    let Some(scene) = with_standup() else { return };
    for (says, spoil) in spoils {
        spoil(&scene, &component(&scene), &scene.store().join("standup.json"));
        scene.run("standup").failed(1, says);
        scene.run("standup").failed(1, "conductor plugin remove standup");
        scene.run("plugin check standup").failed(1, says);
        // The others are no worse for it.
        scene.run("status").right();
        scene.run("plugin list").right();
        let line = format!("plugin install {}", scene.path("standup.wasm").display());
        let mut terminal = scene.terminal(&line).expect("a terminal");
        thread::sleep(Duration::from_millis(20));
        while !terminal.shown().contains("[N]?") && !terminal.shown().contains("is installed:") {
            thread::sleep(Duration::from_millis(20));
        }
        if terminal.shown().contains("[N]?") {
            terminal.keys("r\n");
        }
        let (exit, shown) = terminal.end();
        assert_eq!(exit, Some(0), "{shown}");
        assert_eq!(scene.run("standup").right().stdout, "hello");
        assert_eq!(granted(&scene, "standup"), ["conductor", "commits"], "{says}");
    }
    // One that can't be read at all can be removed.
    fs::write(scene.store().join("standup.json"), "{}").expect("written");
    scene.run("plugin remove standup").right();
    assert!(files(&scene.store(), ".json").is_empty());
}

#[test]
fn a_manifest_that_was_changed_beside_the_component_gets_nothing_by_it() {
    let Some(scene) = with_standup() else { return };
    let sidecar = scene.store().join("standup.json");
    let text = fs::read_to_string(&sidecar).expect("read");
    fs::write(&sidecar, text.replace(r#"["git","log","#, r#"["git","log","--all","#)).expect("written");
    assert_eq!(granted(&scene, "standup"), ["conductor"]);
    scene
        .run("plugin check standup")
        .failed(1, "is not what stands in its component");
}

#[test]
fn a_broken_file_of_grants_is_named_with_its_line_and_grants_nothing() {
    let Some(scene) = with_standup() else { return };
    let right = fs::read_to_string(scene.grants()).expect("read");
    fs::write(scene.grants(), right.replace("\"wish\"", "\"wihs\"")).expect("written");
    for command in [
        "standup",
        "status",
        "plugin list",
        "plugin inspect standup",
        "plugin revoke standup",
    ] {
        let ran = scene
            .run(command)
            .failed(1, "grants.json` is not right: unknown field `wihs`");
        assert!(
            ran.stderr.contains("line 8") && ran.stderr.contains("did you mean `wish`?"),
            "{}",
            ran.stderr
        );
    }
    fs::write(scene.grants(), &right).expect("written");
    mode(&scene.grants(), 0o666);
    scene.run("standup").failed(1, "others can write it");
    fs::remove_file(scene.grants()).expect("removed");
    fs::write(scene.path("elsewhere.json"), &right).expect("written");
    symlink(scene.path("elsewhere.json"), scene.grants()).expect("linked");
    scene.run("standup").failed(1, "it is a link");
    if rustix::process::geteuid().is_root() {
        fs::remove_file(scene.grants()).expect("removed");
        fs::write(scene.grants(), &right).expect("written");
        std::os::unix::fs::chown(scene.grants(), Some(65534), None).expect("given away");
        scene.run("standup").failed(1, "another user's");
    }
}

#[test]
fn folders_of_a_project_are_not_taken_and_nothing_is_made_in_them() {
    let Some(scene) = with_standup() else { return };
    // What a repository would bring: a store and grants, as they are in the home folder.
    let brought = scene.path("project/xdg");
    fs::create_dir_all(brought.join("conductor")).expect("made");
    fs::rename(scene.store(), brought.join("conductor/.installed")).expect("moved");
    fs::copy(scene.grants(), brought.join("conductor/grants.json")).expect("copied");
    mode(&brought.join("conductor"), 0o700);
    let with = |variable: &str, value: &Path, arguments: &str| Ran::of(scene.command(arguments).env(variable, value));
    with("XDG_DATA_HOME", &brought, "standup").failed(1, "lies inside the checkout");
    with("XDG_DATA_HOME", &brought, "plugin list").failed(1, "lies inside the checkout");
    with("XDG_DATA_HOME", &brought, "status").right();
    with("XDG_CONFIG_HOME", &brought, "status").failed(1, "lies inside the checkout");
    with("XDG_CONFIG_HOME", &brought, "plugin revoke status").failed(1, "lies inside the checkout");
    let new = scene.path("project/new");
    let ran = with("XDG_CONFIG_HOME", &new, "plugin revoke status");
    ran.failed(1, "lies inside the checkout");
    assert!(!new.exists(), "nothing is made");
    // A relative one is no folder at all.
    with("XDG_DATA_HOME", Path::new("xdg"), "plugin list").right();
}

#[test]
fn several_at_once_leave_a_whole_store_and_all_grants() {
    let scene = Scene::new();
    let names: Vec<String> = (0..6).map(|number| format!("plugin-{number}")).collect();
    let start = |name: &String| {
        let file = scene.component(&format!("{name}.wasm"), &hello(&manifest(name)));
        scene.terminal(&format!("plugin install {}", file.display()))
    };
    let Some(mut terminals) = names.iter().map(start).collect::<Option<Vec<_>>>() else {
        return;
    };
    terminals.iter().for_each(|terminal| terminal.wait_for("[N]?"));
    terminals.iter_mut().for_each(|terminal| terminal.keys("r\n"));
    for terminal in terminals {
        let (exit, shown) = terminal.end();
        assert_eq!(exit, Some(0), "{shown}");
    }
    for name in &names {
        assert_eq!(granted(&scene, name), ["conductor", "commits"]);
        assert_eq!(scene.run(name).right().stdout, "hello");
    }
    // And taken back by several at once.
    let revoke = |name: &String| {
        let mut command = scene.command(&format!("plugin revoke {name} commits"));
        command.stdout(Stdio::null()).spawn().expect("started")
    };
    let running: Vec<_> = names.iter().map(revoke).collect();
    running
        .into_iter()
        .for_each(|mut child| assert!(child.wait().expect("it ends").success()));
    assert!(names.iter().all(|name| granted(&scene, name) == ["conductor"]));
    assert!(
        files(&scene.store(), "")
            .iter()
            .all(|path| !path.to_string_lossy().contains(".new-"))
    );
}

#[test]
fn the_same_name_twice_at_once_is_one_of_the_two() {
    let scene = Scene::new();
    let mut second = manifest("standup");
    second["version"] = json!("0.2.0");
    let files_of = [("a.wasm", manifest("standup")), ("b.wasm", second)];
    let start = |(file, manifest): &(&str, Value)| {
        let file = scene.component(file, &hello(manifest));
        scene.terminal(&format!("plugin install {}", file.display()))
    };
    let Some(mut terminals) = files_of.iter().map(start).collect::<Option<Vec<_>>>() else {
        return;
    };
    terminals.iter().for_each(|terminal| terminal.wait_for("[N]?"));
    terminals.iter_mut().for_each(|terminal| terminal.keys("r\n"));
    for terminal in terminals {
        assert_eq!(terminal.end().0, Some(0));
    }
    scene.run("plugin check standup").right();
    assert_eq!(scene.run("standup").right().stdout, "hello");
    component(&scene);
    assert_eq!(granted(&scene, "standup"), ["conductor", "commits"]);
}

#[test]
fn an_installation_that_was_killed_leaves_nothing_wrong() {
    let Some(scene) = with_standup() else { return };
    let mut new = manifest("standup");
    new["version"] = json!("0.2.0");
    new["commands"]["diff"] = json!({"argv": ["git", "diff"], "cwd": "project", "effect": "read", "reason": "size"});
    let new = scene.component("new.wasm", &hello(&new));
    let old = scene.path("standup.wasm");
    for after in [0, 1, 2, 3, 4, 6, 8, 12, 20, 40] {
        for file in [&new, &old] {
            let mut terminal = scene
                .terminal(&format!("plugin install {}", file.display()))
                .expect("a terminal");
            let asked = |terminal: &script::Terminal| {
                let shown = terminal.shown();
                shown.contains("[N]?") || shown.contains("is installed:")
            };
            while !asked(&terminal) {
                thread::sleep(Duration::from_millis(1));
            }
            if terminal.shown().contains("[N]?") {
                terminal.keys("a\n");
            }
            thread::sleep(Duration::from_millis(after));
            terminal.kill_program();
            assert_eq!(scene.run("standup").right().stdout, "hello");
            scene.run("plugin check standup").right();
            let granted = granted(&scene, "standup");
            assert!(
                granted.starts_with(&["conductor".to_owned(), "commits".to_owned()]),
                "{granted:?}"
            );
        }
    }
}

#[test]
fn an_authors_words_can_not_play_tricks_on_the_terminal() {
    let scene = Scene::new();
    let trick = "\u{1b}[2J\u{202e}evil\u{200b}";
    let mut manifest = manifest("tricks");
    manifest["summary"] = json!(trick);
    manifest["version"] = json!(format!("1{trick}"));
    manifest["arguments"][0]["help"] = json!(trick);
    for wish in ["build", "commits"] {
        manifest["commands"][wish]["reason"] = json!(format!("{trick}\n  1  reads  forged  row"));
    }
    manifest["files"][0]["reason"] = json!(trick);
    let file = scene.component("tricks\u{1b}[2J.wasm", &hello(&manifest));
    let Some((exit, shown)) = scene.answered(
        &format!("plugin install '{}'", file.display()),
        &[("or none [N]?", "r")],
    ) else {
        return;
    };
    assert_eq!(exit, 0, "{shown}");
    // In the first line `script` says what it was asked to run.
    let shown = shown.lines().skip(1).collect::<Vec<_>>().join("\n");
    let mut all = vec![shown];
    for command in [
        "--help",
        "tricks --help",
        "tricks --bogus",
        "plugin list",
        "plugin list --json",
        "plugin inspect tricks",
        "plugin inspect tricks --json",
        "plugin check tricks",
        "plugin revoke tricks",
        "audit",
    ] {
        let ran = scene.run(command);
        all.push(ran.stdout + &ran.stderr);
    }
    let mut command = scene.command("");
    command
        .args(["--", "conductor", ""])
        .envs([("COMPLETE", "fish"), ("_CLAP_COMPLETE_INDEX", "1")]);
    all.push(Ran::of(&mut command).stdout);
    for shown in all {
        // A terminal's own colours are the host's: `ESC [ … m` around words of its own.
        let hidden = ["\u{1b}[2J", "\u{202e}", "\u{200b}", "\n  1  reads  forged"];
        assert!(hidden.iter().all(|hidden| !shown.contains(hidden)), "{shown:?}");
    }
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
