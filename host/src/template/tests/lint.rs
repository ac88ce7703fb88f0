//! Which commands are known to run anything.

use serde_json::json;

use super::super::*;
use super::template;

#[test]
fn programs_that_run_what_they_are_given_are_known() {
    for argv in [
        json!(["sh", "-c", "ls"]),
        json!(["BASH", "--", "<x:text>"]),
        json!(["env", "FOO=1", "bd"]),
        json!(["xargs", "rm"]),
        json!(["python3.11", "-m", "http.server"]),
        json!(["make", "test"]),
        json!(["ssh", "host"]),
        json!(["cargo", "build"]),
        json!(["claude", "-p"]),
        json!(["find", "conductor", "-name", "x", "-exec", "<x:id>"]),
        json!(["tar", "xf", "a.tar", "--to-command=<x:text>"]),
        json!(["tar", "-Ixz"]),
        json!(["git", "-c", "alias.x=!sh"]),
        json!(["git", "-c", "<x:id>=<y:id>", "log"]),
        json!(["git", "--no-pager", "<x:id>"]),
        json!(["git", "--bare", "--git-dir=<x:path in project>", "<y:id>"]),
        json!(["git", "fetch", "--upload-pack=<x:text>"]),
        json!(["git", "fetch", ["--upload-p=<x:text>"]]),
        json!(["git", "grep", "-Ovi", "x"]),
        json!(["git", "rebase", "-x", "<x:id>"]),
        json!(["git", "bisect", "run", "x"]),
        json!(["git", "config", "alias.x", "!sh"]),
        json!(["conductor", "plugin", "run", "x.wasm"]),
        json!(["conductor", "--color", "never", "plugin"]),
    ] {
        let why = unbounded(&template(&argv)).unwrap_or_else(|| panic!("{argv} runs anything"));
        assert!(why.contains(['`']), "{why}");
    }
    for argv in [
        json!(["bd", "list", "--json"]),
        json!(["gt", "sling", "<x:id>"]),
        json!(["gh", "pr", "list"]),
        json!(["find", "conductor", "-name", "<x:id>"]),
        json!(["git", "log", "--since=<since:text>", "--format=%h %s"]),
        json!(["git", "diff", "--text", "--stat", "<from:sha>", "<to:sha>"]),
        json!([
            "git",
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-C",
            "<x:path in project>",
            "status"
        ]),
        json!(["git", "config", "--get", "remote.origin.url"]),
        json!(["go", "version"]),
        json!(["conductor", "health", "--json"]),
        json!(["tmux", "-V"]),
        json!(["python3", "--version"]),
    ] {
        assert_eq!(unbounded(&template(&argv)), None, "{argv}");
    }
    for (name, value, runs) in [
        ("GIT_SSH_COMMAND", "sh", true),
        ("GIT_CONFIG_KEY_0", "alias.x", true),
        ("GIT_PAGER", "cat", false),
        ("GIT_CONFIG_GLOBAL", "/dev/null", false),
        ("BD_JSON_ENVELOPE", "0", false),
    ] {
        assert_eq!(runs_by_environment(name, value), runs, "{name}={value}");
    }
}
