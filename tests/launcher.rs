//! The launcher `bin/conductor` finds the right program, and says one clear line when there is none.
//!
//! The programs it finds here are shell scripts that print what they were given; every case runs under every POSIX shell
//! of this machine (`sh`, `dash`, `bash --posix`, `busybox sh`).
#![cfg(unix)]

#[path = "launcher/place.rs"]
mod place;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use place::{Ended, PROGRAM, in_every_shell};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.claude-plugin/plugin.json");

#[test]
fn the_first_place_that_holds_a_program_wins() {
    in_every_shell(|place| {
        let tools = place.path("tools");
        let order = [
            "tools/conductor",
            "homebrew/conductor",
            "usr-local/conductor",
            "home/.local/bin/conductor",
        ];
        for relative in order.into_iter().chain(["home/.cargo/bin/conductor"]) {
            let program = place.program(relative);
            place.run_with("PATH", &tools).ran(&program);
        }
        let named = place.program("elsewhere/any-name");
        place.run_with("CONDUCTOR_BIN", &named).ran(&named);
    });
}

#[test]
fn arguments_arrive_unchanged_and_the_process_stays_the_same() {
    in_every_shell(|place| {
        place.program("home/.cargo/bin/conductor");
        let arguments = [
            "status",
            "",
            "a b",
            "$(touch x)",
            "*",
            "new\nline",
            "--",
            "--format",
            "claude",
        ];
        let mut child = place.command(&arguments);
        let child = child
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("the shell starts");
        let pid = child.id();
        let output = child.wait_with_output().expect("our child");
        let printed = String::from_utf8(output.stdout).expect("text");
        let bracketed: String = arguments.iter().map(|argument| format!("[{argument}]")).collect();
        assert!(printed.contains(&bracketed), "{printed}");
        assert!(printed.ends_with(&format!("\npid {pid}\n")), "{printed}");
    });
}

#[test]
fn the_exit_code_is_the_programs() {
    in_every_shell(|place| {
        place.executable("home/.cargo/bin/conductor", "#!/bin/sh\nexit 5\n");
        assert_eq!(place.run(&["status"]).code, Some(5));
    });
}

#[test]
fn the_program_learns_the_plugins_version() {
    let manifest = fs::read_to_string(MANIFEST).expect("the plugin's manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let version = manifest["version"].as_str().expect("a version");
    assert_eq!(
        version,
        env!("CARGO_PKG_VERSION"),
        "the plugin and the program are released together"
    );
    in_every_shell(|place| {
        place.program("home/.cargo/bin/conductor");
        let ended = place.run_with("CONDUCTOR_PLUGIN_VERSION", "99.0.0");
        assert!(
            ended.stdout.contains(&format!("\nversion {version}\n")),
            "{}",
            ended.stdout
        );
    });
}

#[test]
fn without_a_program_one_line_says_how_to_get_it() {
    in_every_shell(|place| {
        let ended = place.run(&["status", "--json"]);
        ended.found_none();
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        for word in ["cargo install --locked --path host", "minutes"] {
            assert!(ended.stderr.contains(word), "{}", ended.stderr);
        }
    });
}

#[test]
fn for_claude_that_line_is_on_stdout_and_the_code_is_0() {
    in_every_shell(|place| {
        let line = place.run(&["status"]).stderr;
        for arguments in [
            &["status", "--format", "claude"][..],
            &["status", "--format=claude", "x"],
        ] {
            let ended = place.run(arguments);
            assert_eq!((ended.code, &ended.stdout, ended.stderr.as_str()), (Some(0), &line, ""));
        }
        for arguments in [
            &["status", "--", "--format=claude"][..],
            &["status", "claude"],
            &["--format", "json"],
            &[],
        ] {
            place.run(arguments).found_none();
        }
    });
}

#[test]
fn the_line_names_the_plugins_own_clone_where_that_can_be_typed() {
    in_every_shell(|place| {
        place.file("plugin/host/Cargo.toml", "");
        let line = place.run(&[]).stderr;
        assert!(
            line.contains(" in a clone of this plugin "),
            "a path with quotes and newlines: {line}"
        );

        let plain = tempfile::tempdir().expect("a temporary folder");
        let root = plain.path().canonicalize().expect("just made");
        for folder in ["bin", "host"] {
            fs::create_dir(root.join(folder)).expect("a folder");
        }
        fs::write(root.join("host/Cargo.toml"), "").expect("a file");
        fs::copy(place.path("plugin/bin/conductor"), root.join("bin/conductor")).expect("a copy");
        for (launcher, folder) in [("bin/conductor", ""), ("./conductor", "bin"), ("conductor", "bin")] {
            let mut command = Command::new(&place.shell[0]);
            command
                .args(&place.shell[1..])
                .arg(launcher)
                .current_dir(root.join(folder))
                .env_clear();
            let line = Ended::of(&mut command).stderr;
            assert!(
                line.contains(&format!(" in `{}` ", root.display())),
                "{launcher}: {line}"
            );
        }
    });
}

#[test]
fn what_is_no_program_is_passed_over() {
    in_every_shell(|place| {
        fs::create_dir_all(place.path("home/.cargo/bin/conductor")).expect("a folder");
        place.file("home/.local/bin/conductor", PROGRAM);
        symlink("nowhere", place.path("usr-local/conductor")).expect("a link");
        symlink("conductor", place.path("homebrew/conductor")).expect("a link");
        place.run(&["status"]).found_none();
        let tools = place.program("tools/conductor");
        place.run_with("PATH", place.path("tools")).ran(&tools);
    });
}

#[test]
fn a_program_the_system_refuses_is_named() {
    in_every_shell(|place| {
        let program = place.executable("home/.cargo/bin/conductor", "#!/no/such/interpreter\n");
        let expected = format!("error: `{}` is there but can not be started", program.display());
        let ended = place.run(&["status"]);
        assert_eq!(ended.code, Some(126));
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        let ended = place.run(&["status", "--format", "claude"]);
        assert_eq!(ended.code, Some(0));
        assert!(ended.stdout.starts_with(&expected), "{}", ended.stdout);
    });
}

#[test]
fn it_never_starts_itself() {
    in_every_shell(|place| {
        let own = place.path("plugin/bin");
        symlink(own.join("conductor"), place.path("tools/conductor")).expect("a link");
        symlink(&own, place.path("linked")).expect("a link");
        let own = own.display();
        let path = format!(
            "{own}:{own}/:{own}/../bin:{}:{}",
            place.path("tools").display(),
            place.path("linked").display()
        );
        place.run_with("PATH", &path).found_none();
        let program = place.program("last/conductor");
        place
            .run_with("PATH", format!("{path}:{}", place.path("last").display()))
            .ran(&program);
        place
            .run_with("CONDUCTOR_BIN", place.path("plugin/bin/conductor"))
            .found_none();
    });
}

#[test]
fn two_launchers_do_not_start_each_other_for_ever() {
    in_every_shell(|place| {
        let other = place.launcher("other/conductor");
        let local = place.launcher("home/.local/bin/conductor");
        for launcher in [&other, &local] {
            let text = fs::read_to_string(launcher).expect("just written");
            let text = text.replacen("\nplugin_version=", "\nplugin_version=9", 1);
            place.executable(&launcher.display().to_string(), &text);
        }
        let path = ["plugin/bin", "other", "plugin/bin", "other", "last"].map(|folder| place.path(folder));
        let path = std::env::join_paths(path).expect("no colon in a temporary path");
        place.run_with("PATH", &path).found_none();

        let program = place.program("last/conductor");
        for named in [Path::new(""), &other, &place.path("plugin/bin/conductor")] {
            let mut command = place.command(&["status"]);
            let ended = Ended::of(command.env("PATH", &path).env("CONDUCTOR_BIN", named));
            ended.ran(&program);
            let first = format!("\nversion {}\n", env!("CARGO_PKG_VERSION"));
            assert!(ended.stdout.contains(&first), "{}", ended.stdout);
        }
    });
}

#[test]
fn a_program_of_the_project_is_never_taken_from_the_variable() {
    in_every_shell(|place| {
        let installed = place.program("home/.cargo/bin/conductor");
        let evil = place.program("project/sub/evil");
        fs::create_dir(place.path("links")).expect("a folder");
        symlink("../project/sub/evil", place.path("links/to-file")).expect("a link");
        symlink("to-file", place.path("links/to-link")).expect("a link");
        symlink(place.path("project/sub"), place.path("links/to-folder")).expect("a link");
        let inside = [
            "project/sub/evil",
            "tools/../project/sub/evil",
            "links/to-file",
            "links/to-link",
            "links/to-folder/evil",
        ];
        for relative in inside {
            let ended = place.run_with("CONDUCTOR_BIN", place.path(relative));
            ended.ran(&installed);
            assert_eq!(
                ended.stderr, "note: $CONDUCTOR_BIN is ignored: it lies inside this project\n",
                "{relative}"
            );
        }
        let mut command = place.command(&["status"]);
        Ended::of(command.env("CONDUCTOR_BIN", &evil).current_dir(place.path("tools"))).ran(&evil);
    });
}

#[test]
fn the_project_reaches_up_to_the_outermost_git_root() {
    in_every_shell(|place| {
        let installed = place.program("home/.cargo/bin/conductor");
        let program = place.program("project/evil");
        symlink(place.path("project/sub"), place.path("way-in")).expect("a link");
        let from = |folder: &str| {
            Ended::of(
                place
                    .command(&[])
                    .env("CONDUCTOR_BIN", &program)
                    .current_dir(place.path(folder)),
            )
        };
        from("project/sub").ran(&program);
        place.file("project/sub/.git", "gitdir: elsewhere\n");
        from("project/sub").ran(&program);
        fs::create_dir(place.path("project/.git")).expect("a folder");
        from("project/sub").ran(&installed);
        from("way-in").ran(&installed);
        from("tools").ran(&program);
    });
}

#[test]
fn the_home_folder_and_the_root_are_no_project() {
    in_every_shell(|place| {
        fs::create_dir(place.path("home/.git")).expect("a folder");
        let own = place.program("home/bin/conductor");
        fs::create_dir_all(place.path("home/work")).expect("a folder");
        for folder in [place.path("home"), place.path("home/work"), PathBuf::from("/")] {
            Ended::of(
                place
                    .command(&["status"])
                    .env("CONDUCTOR_BIN", &own)
                    .current_dir(&folder),
            )
            .ran(&own);
            Ended::of(
                place
                    .command(&["status"])
                    .env("PATH", place.path("home/bin"))
                    .current_dir(&folder),
            )
            .ran(&own);
        }
    });
}

#[test]
fn a_useless_variable_is_named_and_passed_over() {
    in_every_shell(|place| {
        let installed = place.program("home/.cargo/bin/conductor");
        place.program("project/conductor");
        let no_file = place.path("nowhere").display().to_string();
        let a_folder = place.path("tools").display().to_string();
        for value in [
            no_file.as_str(),
            &a_folder,
            "conductor",
            "./conductor",
            "../tools",
            "-x",
        ] {
            let ended = place.run_with("CONDUCTOR_BIN", value);
            ended.ran(&installed);
            assert!(
                ended.stderr.starts_with("note: $CONDUCTOR_BIN is ignored: it "),
                "{value}: {}",
                ended.stderr
            );
            assert_eq!(ended.stderr.lines().count(), 1);
        }
        assert_eq!(place.run_with("CONDUCTOR_BIN", "").stderr, "");
    });
}

#[test]
fn path_entries_of_the_project_are_passed_over() {
    in_every_shell(|place| {
        place.program("project/conductor");
        place.program("project/sub/conductor");
        symlink(place.path("project/sub"), place.path("linked")).expect("a link");
        let project = place.path("project").display().to_string();
        let linked = place.path("linked").display().to_string();
        let path = format!(":.:sub:./sub:{project}:{project}/sub:{linked}::*:");
        place.run_with("PATH", &path).found_none();
        let tools = place.program("tools/conductor");
        place.run_with("PATH", place.path("tool?")).found_none();
        place
            .run_with("PATH", format!("{path}:{}", place.path("tools").display()))
            .ran(&tools);
    });
}

#[test]
fn home_and_path_may_be_missing_or_wrong() {
    in_every_shell(|place| {
        place.program("project/.cargo/bin/conductor");
        Ended::of(place.command(&["status"]).env_remove("HOME")).found_none();
        for home in ["", ".", "/no/such/home"] {
            place.run_with("HOME", home).found_none();
        }
        Ended::of(place.command(&["status"]).env("PATH", "")).found_none();
        let tools = place.program("tools/conductor");
        Ended::of(
            place
                .command(&["status"])
                .env_remove("HOME")
                .env("PATH", place.path("tools")),
        )
        .ran(&tools);
    });
}

#[test]
fn a_command_that_hides_ours_is_named_for_claude_only() {
    in_every_shell(|place| {
        let installed = place.program("home/.cargo/bin/conductor");
        place.file("home/.claude/commands/conductor-status.md", "old\n");
        place.file("project/.claude/commands/conductor-status.md", "old\n");
        let mut by_claude = place.command(&["status", "--format", "claude"]);
        let ended = Ended::of(by_claude.env("CLAUDECODE", "1"));
        ended.ran(&installed);
        let lines: Vec<_> = ended.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].starts_with("note: `~/.claude/commands/conductor-status.md` hides"),
            "{lines:?}"
        );
        assert!(
            lines[1].starts_with("note: `.claude/commands/conductor-status.md` hides"),
            "{lines:?}"
        );

        let ended = Ended::of(by_claude.env("CLAUDE_CONFIG_DIR", place.path("home/other")));
        assert_eq!(
            ended.stderr.lines().count(),
            1,
            "another configuration has other commands: {}",
            ended.stderr
        );
        let quiet: [&[&str]; 3] = [
            &["status", "--json"],
            &["status"],
            &["plugin", "list", "--format", "claude"],
        ];
        for arguments in quiet {
            assert_eq!(Ended::of(place.command(arguments).env("CLAUDECODE", "1")).stderr, "");
        }
        assert_eq!(
            place.run(&["status", "--format", "claude"]).stderr,
            "",
            "a person typed it"
        );
    });
}
