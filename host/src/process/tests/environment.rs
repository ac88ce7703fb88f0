//! The environment of a child is exactly what is said.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::super::{Environment, Spec};
use super::{program, run};

fn of_user() -> Environment {
    let variables = [
        ("HOME", "/home/u"),
        ("USER", "u"),
        ("LANG", "C.UTF-8"),
        ("LC_ALL", "C"),
        ("TMPDIR", "/tmp"),
        ("XDG_CONFIG_HOME", "/home/u/.config"),
        ("PATH", "/evil:."),
        ("TERM", "xterm"),
        ("ANTHROPIC_API_KEY", "canary"),
        ("GIT_DIR", "/evil"),
        ("LD_PRELOAD", "/evil.so"),
        ("GT_TOWN_ROOT", "/home/u/gt"),
        ("LANGUAGE", "de"),
        ("HOMEX", "x"),
        ("XDG", "x"),
    ];
    let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Environment::new(variables, "/usr/bin".into())
}

/// What `env` in a child prints.
fn seen(env: BTreeMap<OsString, OsString>) -> Vec<String> {
    let spec = Spec {
        args: vec!["-0".into()],
        env,
        ..Spec::new(program("env"), "/".into())
    };
    let output = run(spec);
    assert!(output.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.bytes).expect("text");
    let mut seen: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
    seen.sort();
    seen
}

#[test]
fn common_names_and_nothing_else() {
    let common = [
        "HOME=/home/u",
        "LANG=C.UTF-8",
        "LC_ALL=C",
        "NO_COLOR=1",
        "PATH=/usr/bin",
        "TERM=dumb",
        "TMPDIR=/tmp",
        "USER=u",
        "XDG_CONFIG_HOME=/home/u/.config",
    ];
    assert_eq!(seen(of_user().of(&BTreeMap::new(), |_| false)), common);
}

#[test]
fn what_the_manifest_names_comes_too_and_the_path_stays_ours() {
    let set = [("BD_JSON", "1"), ("PATH", "/evil"), ("USER", "other")].map(|(name, value)| (name.into(), value.into()));
    let passed = ["GT_TOWN_ROOT", "PATH", "NOT_THERE"].map(str::to_owned);
    let seen = seen(of_user().of(&set.into(), |name| passed.iter().any(|passed| passed == name)));
    for one in ["BD_JSON=1", "GT_TOWN_ROOT=/home/u/gt", "PATH=/usr/bin", "USER=other"] {
        assert!(seen.iter().any(|seen| seen == one), "{one}: {seen:?}");
    }
    assert_eq!(seen.len(), 11);
    assert!(!seen.join(" ").contains("canary"));
}
