//! What a plugin may do: its manifest's wishes, less what the user has not granted. Pure.
//!
//! The sandbox takes only [`Grants`]; there is no other way to a file or a program.

use std::collections::BTreeSet;

use crate::digest::sha256;
use crate::error::{Error, Result, near};
use crate::manifest::{CommandWish, Effect, FileWish, Manifest, ProgramWish};
use crate::visible;

/// The most characters that are shown of a grant's name when a plugin has made it up; declared ones have at most 32.
const NAME: usize = 64;

/// What the user has granted to a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserGrants {
    /// All that its manifest declares, but no command that may run anything: a bundled plugin.
    Declared,
    /// The grants of these names, from `--grant` of `conductor plugin run`.
    Named(Vec<String>),
    /// The grants of these names, from the user's own list for an installed plugin. One that the manifest no longer declares
    /// gives nothing.
    Kept(Vec<String>),
}

/// What a plugin may do in this run, and how to word what it may not.
#[derive(Clone, Debug)]
pub struct Grants {
    manifest: Manifest,
    granted: BTreeSet<String>,
    /// Whether they were named on the command line: what would grant more is then said in its words.
    named: bool,
}

/// A refusal, as data from where it arises to where it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// `denied` (declared, not granted) or `undeclared`.
    pub code: &'static str,
    /// What the plugin may not do.
    pub message: String,
    /// Why.
    pub reason: String,
    /// What would grant it, for `denied`.
    pub hint: Option<String>,
    /// The grant that was missing.
    pub grant: String,
}

/// One thing that a plugin wants, as a person is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The name of the grant.
    pub name: String,
    /// Whether it is granted.
    pub granted: bool,
    /// Whether it only reads, by the author's word.
    pub effect: Effect,
    /// What kind it is.
    pub kind: WishKind,
    /// What it is about: a folder or file, or the command line with its holes.
    pub what: String,
    /// The place or folder: `project`, `town/<rig:id>`.
    pub place: String,
    /// What the program gets of the environment: `NAME=value`, or a name or `BEGINNING_*` for what is passed on.
    pub environment: Vec<String>,
    /// Why it may run anything, where it is known to.
    pub unbounded: Option<String>,
    /// The author's reason.
    pub reason: String,
    /// A digest of all of this that a person grants: not of its name, nor of the reason. Another one is another wish.
    pub digest: String,
}

/// What kind of wish it is, with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WishKind {
    /// Files.
    Files,
    /// Starting a program, which is ended after so many milliseconds and of whose outputs so many bytes are kept.
    Start {
        /// Milliseconds.
        timeout_ms: u64,
        /// Bytes.
        max_output_bytes: u64,
    },
}

impl Grants {
    /// Joins the manifest's wishes with the user's word.
    ///
    /// # Errors
    /// A usage error when the user names a grant that the manifest does not declare.
    pub fn of(manifest: &Manifest, user: &UserGrants) -> Result<Self> {
        if let UserGrants::Named(names) = user {
            for name in names {
                check_declared(manifest, name)?;
            }
        }
        let unbounded = |name: &str| {
            let command = manifest.commands.get(name);
            command.is_some_and(|command| manifest.unbounded(command).is_some())
        };
        let granted = |name: &&str| match user {
            UserGrants::Declared => !unbounded(name),
            UserGrants::Named(names) | UserGrants::Kept(names) => names.iter().any(|named| named == name),
        };
        Ok(Self {
            manifest: manifest.clone(),
            granted: declared(manifest).filter(granted).map(str::to_owned).collect(),
            named: matches!(user, UserGrants::Named(_)),
        })
    }

    /// The plugin that holds them.
    #[must_use]
    pub fn plugin(&self) -> &str {
        &self.manifest.name
    }

    /// The files behind a grant, to read.
    ///
    /// # Errors
    /// The refusal, when it is not declared or not granted.
    pub fn files(&self, name: &str) -> std::result::Result<&FileWish, Denial> {
        let wish = self.manifest.files.iter().find(|wish| wish.grant == name);
        let wish = wish.ok_or_else(|| self.undeclared(name))?;
        if self.granted.contains(name) {
            return Ok(wish);
        }
        let path = visible::text(&wish.path);
        Err(self.denied(
            name,
            wish.access,
            format!("{} `{path}` of the {}", may_not(wish.access), wish.place),
        ))
    }

    /// The files behind a grant, to write.
    ///
    /// # Errors
    /// The refusal, when it is not declared, not to be written, or not granted.
    pub fn files_to_write(&self, name: &str) -> std::result::Result<&FileWish, Denial> {
        let wish = self.files(name)?;
        if wish.access == Effect::Write {
            return Ok(wish);
        }
        Err(Denial {
            code: "undeclared",
            message: format!(
                "plugin `{}` may not write `{}` of the {}",
                self.plugin(),
                visible::text(&wish.path),
                wish.place
            ),
            reason: format!("its manifest declares the grant `{name}` for reading"),
            hint: None,
            grant: name.to_owned(),
        })
    }

    /// A command that the plugin may start.
    ///
    /// # Errors
    /// The refusal, when it is not declared or not granted.
    pub fn command(&self, name: &str) -> std::result::Result<&CommandWish, Denial> {
        let wish = self.manifest.commands.get(name).ok_or_else(|| self.undeclared(name))?;
        if self.granted.contains(name) {
            return Ok(wish);
        }
        Err(self.denied(name, wish.effect, format!("start `{}`", wish.argv)))
    }

    /// The program of a command, with what it gets of the environment.
    #[must_use]
    pub fn program(&self, command: &CommandWish) -> &ProgramWish {
        let program = self.manifest.programs.get(command.argv.program());
        program.expect("a manifest is refused when a command's program is not in it")
    }

    /// All that the plugin wants, in the order of its manifest: files, then commands by name.
    pub fn wishes(&self) -> impl Iterator<Item = Wish> {
        let files = self.manifest.files.iter().map(|wish| self.of_files(wish));
        let commands = self.manifest.commands.iter();
        files.chain(commands.map(|(name, wish)| self.of_command(name, wish)))
    }

    fn of_files(&self, wish: &FileWish) -> Wish {
        Wish {
            name: wish.grant.clone(),
            granted: self.granted.contains(&wish.grant),
            effect: wish.access,
            kind: WishKind::Files,
            what: wish.path.clone(),
            place: wish.place.to_string(),
            environment: Vec::new(),
            unbounded: None,
            reason: wish.reason.clone(),
            digest: digest(&("files", wish.access, wish.place, &wish.path)),
        }
    }

    fn of_command(&self, name: &str, wish: &CommandWish) -> Wish {
        let program = self.program(wish);
        let (timeout_ms, max_output_bytes) = (wish.timeout_ms, wish.max_output_bytes);
        let fixed = program.env.iter().map(|(name, value)| format!("{name}={value}"));
        let own = wish.env.iter().map(|(name, value)| format!("{name}={value}"));
        Wish {
            name: name.to_owned(),
            granted: self.granted.contains(name),
            effect: wish.effect,
            kind: WishKind::Start {
                timeout_ms,
                max_output_bytes,
            },
            what: wish.argv.to_string(),
            place: wish.cwd.to_string(),
            environment: own.chain(fixed).chain(program.pass_env.iter().cloned()).collect(),
            unbounded: self.manifest.unbounded(wish),
            reason: wish.reason.clone(),
            digest: digest(&(
                ("start", wish.effect, &wish.argv, &wish.cwd, &wish.env),
                (timeout_ms, max_output_bytes, &program.env, &program.pass_env),
            )),
        }
    }

    fn denied(&self, name: &str, effect: Effect, what: String) -> Denial {
        let plugin = self.plugin();
        let (reason, hint) = if self.named {
            (
                "its manifest declares it, you have not granted it".to_owned(),
                format!("`conductor plugin run --grant {name} …` does"),
            )
        } else {
            (
                format!(
                    "its manifest declares it (`{name}`, {}); you have not granted it",
                    does(effect)
                ),
                format!("in a terminal: `conductor plugin allow {plugin} {name}`"),
            )
        };
        Denial {
            code: "denied",
            message: format!("plugin `{plugin}` may not {what}"),
            reason,
            hint: Some(hint),
            grant: name.to_owned(),
        }
    }

    fn undeclared(&self, name: &str) -> Denial {
        let shown = visible::line(name, NAME);
        Denial {
            code: "undeclared",
            message: format!("plugin `{}` may not use the grant `{shown}`", self.plugin()),
            reason: "its manifest does not declare it, so nothing can grant it".to_owned(),
            hint: None,
            grant: shown,
        }
    }
}

impl Denial {
    /// All of it as one sentence: what a plugin is told.
    #[must_use]
    pub fn sentence(&self) -> String {
        let hint = self.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        format!("{}: {}{hint}", self.message, self.reason)
    }
}

impl From<Denial> for Error {
    /// As a person reads it: the message, the reason below it, the hint.
    fn from(denial: Denial) -> Self {
        let error = Self::denied(denial.code, denial.message).detailed(denial.reason);
        match denial.hint {
            Some(hint) => error.hinted(hint),
            None => error,
        }
    }
}

impl Wish {
    /// `reads`, `WRITES`: as it stands in a list of wishes.
    #[must_use]
    pub fn shown_effect(&self) -> &'static str {
        match self.effect {
            Effect::Read => "reads",
            Effect::Write => "WRITES",
        }
    }
}

/// A digest of values that are written in one order only.
fn digest(of: &impl serde::Serialize) -> String {
    sha256(&serde_json::to_vec(of).expect("plain values are JSON"))
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "reads",
        Effect::Write => "writes",
    }
}

fn may_not(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
    }
}

/// The names of all that a manifest declares, of both kinds.
fn declared(manifest: &Manifest) -> impl Iterator<Item = &str> {
    let files = manifest.files.iter().map(|wish| wish.grant.as_str());
    files.chain(manifest.commands.keys().map(String::as_str))
}

/// The wishes of these names, each once; all where none is named.
///
/// # Errors
/// A usage error when one is named that the manifest does not declare.
pub fn chosen(manifest: &Manifest, wishes: &[Wish], names: &[String]) -> Result<Vec<Wish>> {
    for name in names {
        check_declared(manifest, name)?;
    }
    let is_meant = |wish: &&Wish| names.is_empty() || names.contains(&wish.name);
    Ok(wishes.iter().filter(is_meant).cloned().collect())
}

fn check_declared(manifest: &Manifest, name: &str) -> Result<()> {
    if declared(manifest).any(|grant| grant == name) {
        return Ok(());
    }
    let error = Error::usage(format!(
        "plugin `{}` declares no grant `{}`",
        manifest.name,
        visible::line(name, NAME)
    ));
    Err(
        match (near(name, declared(manifest)), declared(manifest).collect::<Vec<_>>()) {
            (Some(name), _) => error.hinted(format!("did you mean `{name}`?")),
            (None, all) if all.is_empty() => error.hinted("it declares none"),
            (None, all) => error.hinted(format!("it declares `{}`", all.join("`, `"))),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn manifest() -> Manifest {
        let text = r#"{"name": "p", "version": "1", "summary": "s", "api": "0.1.0",
            "files": [
                {"grant": "specs", "place": "project", "path": "conductor", "access": "read", "reason": "r"},
                {"grant": "docs", "place": "project", "path": "docs", "access": "write", "reason": "r"}],
            "programs": {
                "gh": {"pass_env": ["GH_TOKEN"], "env": {"GH_PAGER": "cat"}, "reason": "r"},
                "make": {"reason": "r"}},
            "commands": {
                "prs": {"argv": ["gh", "pr", "list", "--author", "<who:id>", "--json", "title,url"], "cwd": "project",
                        "effect": "read", "reason": "open pull requests"},
                "build": {"argv": ["make", "--", "<what:id>"], "cwd": "project", "effect": "write", "reason": "r"}}}"#;
        manifest::parse(text, "a test").expect("the test's manifest is right")
    }

    fn grants(user: &UserGrants) -> Grants {
        Grants::of(&manifest(), user).expect("nothing is named that is not declared")
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn granted(grants: &Grants) -> Vec<String> {
        let granted = grants.wishes().filter(|wish| wish.granted);
        granted.map(|wish| wish.name).collect()
    }

    #[test]
    fn a_bundled_plugin_holds_what_it_declares_and_nothing_else() {
        let grants = grants(&UserGrants::Declared);
        assert_eq!(grants.files("docs").map(|wish| wish.path.as_str()), Ok("docs"));
        assert_eq!(grants.files("src").expect_err("not declared").code, "undeclared");
        assert_eq!(grants.command("prs").map(|wish| wish.argv.program()), Ok("gh"));
    }

    #[test]
    fn what_may_run_anything_is_granted_only_by_name() {
        assert_eq!(granted(&grants(&UserGrants::Declared)), ["specs", "docs", "prs"]);
        assert_eq!(granted(&grants(&UserGrants::Kept(names(&["build"])))), ["build"]);
    }

    #[test]
    fn only_what_is_named_is_granted_and_the_refusal_names_the_flag() {
        let grants = grants(&UserGrants::Named(names(&["specs"])));
        assert!(grants.files("specs").is_ok());
        let denial = grants.files("docs").expect_err("not granted");
        assert_eq!((denial.code, denial.grant.as_str()), ("denied", "docs"));
        assert_eq!(
            denial.sentence(),
            "plugin `p` may not write `docs` of the project: its manifest declares it, you have not granted it; \
             `conductor plugin run --grant docs …` does"
        );
        let denial = grants.command("prs").expect_err("not granted");
        assert!(denial.sentence().contains("--grant prs"), "{denial:?}");
        assert_eq!(granted(&grants), ["specs"]);
    }

    #[test]
    fn the_refusal_of_a_command_says_what_would_have_been_run_and_what_to_type() {
        let denial = grants(&UserGrants::Kept(names(&["specs"]))).command("prs").map(|_| ());
        let error = Error::from(denial.expect_err("not granted"));
        assert_eq!((error.kind.exit_code(), error.code.as_str()), (4, "denied"));
        assert_eq!(
            error.message,
            "plugin `p` may not start `gh pr list --author <who:id> --json title,url`"
        );
        assert_eq!(
            error.details,
            "its manifest declares it (`prs`, reads); you have not granted it"
        );
        assert_eq!(
            error.hint.as_deref(),
            Some("in a terminal: `conductor plugin allow p prs`")
        );
    }

    #[test]
    fn a_name_is_of_one_kind() {
        let grants = grants(&UserGrants::Declared);
        for denial in [grants.command("specs").map(|_| ()), grants.files("prs").map(|_| ())] {
            assert_eq!(denial.expect_err("of the other kind").code, "undeclared");
        }
    }

    #[test]
    fn what_is_declared_for_reading_is_not_written() {
        let grants = grants(&UserGrants::Declared);
        assert!(grants.files_to_write("docs").is_ok());
        let denial = grants.files_to_write("specs").expect_err("for reading");
        assert_eq!(denial.code, "undeclared");
        assert_eq!(
            denial.sentence(),
            "plugin `p` may not write `conductor` of the project: its manifest declares the grant `specs` for reading"
        );
    }

    #[test]
    fn a_grant_that_is_not_declared_is_a_usage_error_with_the_near_name() {
        for (typed, near) in [("spec", "specs"), ("pr", "prs")] {
            let error = Grants::of(&manifest(), &UserGrants::Named(names(&[typed]))).expect_err("not declared");
            assert_eq!(error.hint, Some(format!("did you mean `{near}`?")));
        }
        // What the user once granted to another version is no error of this run.
        assert_eq!(granted(&grants(&UserGrants::Kept(names(&["spec"])))), [""; 0]);
    }

    #[test]
    fn wishes_say_all_that_is_granted_with_them() {
        let wishes: Vec<Wish> = grants(&UserGrants::Kept(names(&["prs"]))).wishes().collect();
        let listed: Vec<_> = wishes
            .iter()
            .map(|wish| (wish.shown_effect(), wish.granted, wish.what.as_str()))
            .collect();
        assert_eq!(
            listed,
            [
                ("reads", false, "conductor"),
                ("WRITES", false, "docs"),
                ("WRITES", false, "make -- <what:id>"),
                ("reads", true, "gh pr list --author <who:id> --json title,url"),
            ]
        );
        assert_eq!(wishes[2].unbounded.as_deref(), Some("`make` runs what it is given"));
        let prs = &wishes[3];
        assert_eq!(
            prs.kind,
            WishKind::Start {
                timeout_ms: 10_000,
                max_output_bytes: 1 << 20
            }
        );
        assert_eq!(
            (prs.place.as_str(), prs.reason.as_str()),
            ("project", "open pull requests")
        );
        assert_eq!(prs.environment, ["GH_PAGER=cat", "GH_TOKEN"]);
    }

    #[test]
    fn another_wish_has_another_digest_and_another_reason_has_not() {
        let digest = |change: &dyn Fn(&mut Manifest)| {
            let mut manifest = manifest();
            change(&mut manifest);
            let grants = Grants::of(&manifest, &UserGrants::Declared).expect("nothing is named");
            grants.wishes().map(|wish| wish.digest).collect::<Vec<_>>().concat()
        };
        fn prs(manifest: &mut Manifest) -> &mut CommandWish {
            manifest.commands.get_mut("prs").expect("it is there")
        }
        let now = digest(&|_| {});
        let changes: [&dyn Fn(&mut Manifest); 7] = [
            &|manifest| {
                let argv = manifest.commands["build"].argv.clone();
                prs(manifest).argv = argv;
            },
            &|manifest| prs(manifest).effect = Effect::Write,
            &|manifest| prs(manifest).timeout_ms = 1,
            &|manifest| prs(manifest).max_output_bytes = 1,
            &|manifest| prs(manifest).cwd = manifest::Cwd::Place(manifest::Place::Data),
            &|manifest| manifest.programs.get_mut("gh").expect("it is there").pass_env.clear(),
            &|manifest| manifest.files[0].access = Effect::Write,
        ];
        for change in changes {
            assert_ne!(digest(change), now);
        }
        assert_eq!(digest(&|manifest| prs(manifest).reason = "another".to_owned()), now);
    }
}
