//! Search paths that somebody has tampered with.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::{Configured, FindError, Program, Programs, Why};

/// A good folder `bin` with the program `tool`, and a project with one of the same name.
struct Setup(TempDir);

impl Setup {
    fn new() -> Self {
        let setup = Self(tempfile::tempdir().expect("a temporary folder"));
        for folder in ["bin", "project/bin", "other"] {
            fs::create_dir_all(setup.path(folder)).expect("ours");
            setup.chmod(folder, 0o755);
        }
        setup.program("bin/tool");
        setup.program("project/bin/tool");
        setup
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().expect("it is there").join(path)
    }

    fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).expect("ours");
    }

    fn program(&self, path: &str) {
        fs::write(self.path(path), "#!/bin/sh\n").expect("ours");
        self.chmod(path, 0o755);
    }

    fn link(&self, from: &str, to: &str) {
        symlink(self.path(to), self.path(from)).expect("ours");
    }

    fn programs(&self, entries: &[&str]) -> Programs {
        self.configured(entries, Configured::new())
    }

    fn configured(&self, entries: &[&str], configured: Configured) -> Programs {
        let entries = entries.iter().map(|entry| match *entry {
            "" | "." | "relative" => OsString::from(entry),
            entry => self.path(entry).into_os_string(),
        });
        let path = entries.collect::<Vec<_>>().join(&OsString::from(":"));
        Programs::new(&path, configured, &[self.path("project")])
    }

    fn good(&self) -> Program {
        Program {
            name: "tool".to_owned(),
            path: self.path("bin/tool"),
            called: self.path("bin/tool"),
        }
    }

    /// Looks in one folder more, before the good one; what it holds must not be found, and the reason must be told.
    fn skips(&self, entry: &str, why: &Why) {
        let programs = self.programs(&[entry, "bin"]);
        assert_eq!(programs.find("tool"), Ok(self.good()), "{entry}");
        let Err(FindError::NotFound { left_out, .. }) = self.programs(&[entry]).find("tool") else {
            panic!("{entry}: found")
        };
        assert_eq!(
            left_out.iter().map(|left_out| &left_out.why).collect::<Vec<_>>(),
            [why],
            "{entry}"
        );
    }
}

#[test]
fn entries_that_depend_on_the_current_folder_are_left_out() {
    let setup = Setup::new();
    for entry in ["", ".", "relative"] {
        setup.skips(entry, &Why::NotAbsolute);
        assert_eq!(setup.programs(&[entry, "bin"]).path(), setup.path("bin").as_os_str());
    }
}

#[test]
fn nothing_in_a_project_is_a_program() {
    let setup = Setup::new();
    let inside = Why::Inside(setup.path("project"));
    setup.skips("project/bin", &inside);
    setup.skips("other/../project/bin", &inside);
    setup.link("folder-link", "project/bin");
    setup.skips("folder-link", &inside);
    setup.link("other/tool", "project/bin/tool");
    setup.skips("other", &inside);
    assert_eq!(
        setup.programs(&["project/bin", "other"]).path(),
        setup.path("other").as_os_str()
    );
}

#[test]
fn what_others_can_write_is_left_out() {
    let setup = Setup::new();
    setup.program("other/tool");
    setup.chmod("other/tool", 0o757);
    setup.skips("other", &Why::Writable(setup.path("other/tool")));
    setup.chmod("other/tool", 0o755);
    assert!(setup.programs(&["other"]).find("tool").is_ok());
    for mode in [0o757, 0o1777] {
        setup.chmod("other", mode);
        setup.skips("other", &Why::Writable(setup.path("other")));
    }
}

#[test]
fn a_folder_that_others_can_exchange_is_left_out() {
    let setup = Setup::new();
    fs::create_dir(setup.path("other/bin")).expect("ours");
    setup.program("other/bin/tool");
    setup.chmod("other/bin", 0o755);
    setup.chmod("other", 0o777);
    setup.skips("other/bin", &Why::Writable(setup.path("other")));
    // As in `/tmp`, what is there and ours can't be exchanged.
    setup.chmod("other", 0o1777);
    assert!(setup.programs(&["other/bin"]).find("tool").is_ok());
}

#[test]
fn what_is_no_program_is_passed_over() {
    let setup = Setup::new();
    fs::create_dir(setup.path("other/tool")).expect("ours");
    setup.skips("other", &Why::NotAFile);
    fs::remove_dir(setup.path("other/tool")).expect("ours");
    fs::write(setup.path("other/tool"), "").expect("ours");
    setup.chmod("other/tool", 0o644);
    setup.skips("other", &Why::NotExecutable);
    setup.skips("bin/tool", &Why::NotAFolder);
    setup.skips("nowhere", &Why::NotThere);
    fs::create_dir(setup.path("co:lon")).expect("ours");
    setup.link("colon-link", "co:lon");
    setup.skips("colon-link", &Why::Colon);
}

#[test]
fn links_are_followed_once_and_the_program_keeps_its_name() {
    let setup = Setup::new();
    setup.link("other/alias", "bin/tool");
    let program = setup.programs(&["other"]).find("alias").expect("a good link");
    assert_eq!(
        (program.path, program.called),
        (setup.path("bin/tool"), setup.path("other/alias"))
    );
}

#[test]
fn a_program_is_looked_for_once() {
    let setup = Setup::new();
    let programs = setup.programs(&["other", "bin"]);
    let first = programs.find("tool");
    setup.program("other/tool");
    assert_eq!(programs.find("tool"), first);
    assert!(programs.find("later").is_err());
    setup.program("bin/later");
    assert!(programs.find("later").is_err());
}

#[test]
fn a_name_is_no_path() {
    let setup = Setup::new();
    for name in ["", ".", "..", "a/b", "/bin/sh", "a\0"] {
        assert!(
            matches!(setup.programs(&["bin"]).find(name), Err(FindError::NoName(_))),
            "{name:?}"
        );
    }
}

#[test]
fn the_configuration_comes_first_and_is_checked() {
    let setup = Setup::new();
    setup.program("other/mine");
    let find = |path: &Path| {
        let configured = [("tool".to_owned(), path.to_owned())].into();
        setup.configured(&["bin"], configured).find("tool")
    };
    assert_eq!(
        find(&setup.path("other/mine")).map(|program| program.path),
        Ok(setup.path("other/mine"))
    );
    let refused = |path: &Path, expected: Why| match find(path) {
        Err(FindError::Refused { why, .. }) => assert_eq!(why, expected),
        other => panic!("{other:?}"),
    };
    refused(Path::new("mine"), Why::NotAbsolute);
    refused(&setup.path("nowhere"), Why::NotThere);
    refused(&setup.path("other"), Why::NotAFile);
    refused(&setup.path("project/bin/tool"), Why::Inside(setup.path("project")));
    setup.chmod("other/mine", 0o777);
    refused(&setup.path("other/mine"), Why::Writable(setup.path("other/mine")));
}

#[test]
fn who_finds_nothing_learns_where_it_was_looked_for() {
    let setup = Setup::new();
    let error = setup.programs(&["bin", "", "bin"]).find("gt").expect_err("not there");
    assert_eq!(error.to_string(), "no program `gt` is on the search path");
    let looked = format!("looked in `{}`", setup.path("bin").display());
    assert_eq!(error.details(), [looked, "left out ``: not absolute".to_owned()]);
}

#[test]
fn our_own_name_is_this_program_whatever_else_has_it() {
    let setup = Setup::new();
    setup.program("bin/conductor");
    let configured = Configured::from([("conductor".to_owned(), setup.path("bin/tool"))]);
    let found = setup
        .configured(&["bin"], configured)
        .find("conductor")
        .expect("we run");
    assert_eq!(found.path, std::env::current_exe().expect("we run"));
}
