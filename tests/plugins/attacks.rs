//! What others could do to what is kept, and what two runs or a killed one do to each other: found out, and nothing lost.

use super::*;

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
fn each_file_of_decisions_that_is_broken_is_named_by_the_health() {
    let scene = Scene::new();
    let folder = scene.path("home/.config/conductor");
    fs::create_dir_all(&folder).expect("made");
    mode(&folder, 0o700);
    for name in ["grants", "config", "consents"] {
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, "{").expect("written");
        mode(&file, 0o600);
        let data = scene.run("health --json").right().data();
        let checks = data["checks"].as_array().expect("a list").clone();
        let to_look_at: Vec<_> = checks.iter().filter(|check| check["state"] == "look").collect();
        assert_eq!(to_look_at.len(), 1, "{data}");
        assert_eq!(to_look_at[0]["name"], name);
        fs::remove_file(&file).expect("removed");
    }
}
