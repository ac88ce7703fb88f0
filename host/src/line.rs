//! The command lines that are shown with a plan: what a person types, and what Claude runs. Pure but for what names the launcher.

use std::path::Path;

use serde_json::{Map, Value};

use crate::manifest::{ArgumentType, Manifest};
use crate::visible;

/// Where the client says that its plugin lies. It does so only in hooks.
const PLUGIN_ROOT: &str = "CLAUDE_PLUGIN_ROOT";
/// Where the launcher says by which path it was started.
const LAUNCHER: &str = "CONDUCTOR_LAUNCHED_AS";

/// How a plugin is run, up to its own arguments.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// For a person: `conductor dispatch`, or `conductor plugin run FILE --`.
    pub command: &'a str,
    /// What the plugin takes.
    pub manifest: &'a Manifest,
    /// The project, where it was named.
    pub project: Option<&'a Path>,
}

impl Line<'_> {
    /// The line for a person, with these arguments and flags of the host's.
    #[must_use]
    pub fn for_person(&self, arguments: &Map<String, Value>, flags: &[&str]) -> String {
        self.with(self.command, words(self.manifest, arguments), flags)
    }

    /// The line for Claude's shell. In it the launcher stands by its path, since another `conductor` may come first on the search
    /// path, and in double quotes, as in the rules by which the client allows a command.
    #[must_use]
    pub fn for_claude(&self, arguments: &Map<String, Value>, flags: &[&str]) -> String {
        self.with(&self.program(), words(self.manifest, arguments), flags)
    }

    /// The line for a person with arguments as a plugin gives them in a choice.
    #[must_use]
    pub fn for_person_with(&self, arguments: &[String]) -> String {
        self.with(self.command, given(arguments), &[])
    }

    /// The same for Claude's shell.
    #[must_use]
    pub fn for_claude_with(&self, arguments: &[String], flags: &[&str]) -> String {
        self.with(&self.program(), given(arguments), flags)
    }

    fn program(&self) -> String {
        let rest = self.command.strip_prefix("conductor").unwrap_or(self.command);
        match launcher() {
            Some(path) => format!("{}{rest}", double_quoted(&path)),
            None => self.command.to_owned(),
        }
    }

    fn with(&self, command: &str, words: Words, flags: &[&str]) -> String {
        let flags = flags.iter().map(|&flag| flag.to_owned());
        let project = self.project.map(|project| project.to_string_lossy().into_owned());
        let project = project
            .into_iter()
            .flat_map(|project| ["--project".to_owned(), project]);
        let dashed = words.positional.iter().any(|word| word.starts_with('-'));
        let ordered: Vec<String> = if dashed {
            let ends = ["--".to_owned()];
            let options = words.options.into_iter().chain(project).chain(flags);
            options.chain(ends).chain(words.positional).collect()
        } else {
            let own = words.positional.into_iter().chain(words.options);
            own.chain(project).chain(flags).collect()
        };
        let quoted = ordered.iter().map(|word| visible::word(word));
        std::iter::once(command.to_owned())
            .chain(quoted)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Arguments as they are typed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    options: Vec<String>,
    positional: Vec<String>,
}

/// Arguments as a plugin gives them, in its order.
fn given(arguments: &[String]) -> Words {
    Words {
        options: arguments.to_vec(),
        positional: Vec::new(),
    }
}

/// Arguments that were read, as they are typed again; what has its default is left out.
fn words(manifest: &Manifest, arguments: &Map<String, Value>) -> Words {
    let mut words = Words::default();
    for argument in &manifest.arguments {
        let Some(value) = arguments.get(&argument.name) else {
            continue;
        };
        if argument.default.as_ref() == Some(value) {
            continue;
        }
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = format!("--{}", argument.name);
        match argument.kind {
            ArgumentType::Flag => words.options.push(name),
            _ if argument.positional => words.positional.push(text),
            _ if text.is_empty() || text.starts_with('-') => words.options.push(format!("{name}={text}")),
            _ => words.options.extend([name, text]),
        }
    }
    words
}

/// The launcher of the plugin for Claude Code, by an absolute path that can stand in a line.
fn launcher() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|path| is_plain(path));
    variable(PLUGIN_ROOT)
        .map(|root| format!("{}/bin/conductor", root.trim_end_matches('/')))
        .or_else(|| variable(LAUNCHER))
}

/// In a line for Claude a command ends at a backtick.
fn is_plain(path: &str) -> bool {
    path.starts_with('/') && !path.contains(['\n', '`']) && visible::text(path) == path
}

/// A word in double quotes, in which a shell changes nothing.
fn double_quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for character in word.chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest;

    fn manifest() -> Manifest {
        let text = r#"{"name": "p", "version": "1", "summary": "s", "api": "0.1.0", "arguments": [
            {"name": "track", "help": "h", "type": "text", "positional": true},
            {"name": "mode", "help": "h", "type": {"one_of": ["a", "b"]}, "default": "a"},
            {"name": "except", "help": "h", "type": "text"},
            {"name": "most", "help": "h", "type": "int"},
            {"name": "all", "help": "h", "type": "flag"}]}"#;
        manifest::parse(text, "a test").expect("it is right")
    }

    fn line(arguments: Value, project: Option<&Path>) -> String {
        let manifest = manifest();
        let line = Line {
            command: "conductor p",
            manifest: &manifest,
            project,
        };
        line.for_person(arguments.as_object().expect("members"), &["--apply", "7f3a91c2"])
    }

    #[test]
    fn arguments_are_typed_again_without_their_defaults() {
        let given = json!({"track": "app_1", "mode": "a", "except": "6.3", "most": 4, "all": true});
        assert_eq!(
            line(given, None),
            "conductor p app_1 --except 6.3 --most 4 --all --apply 7f3a91c2"
        );
        assert_eq!(
            line(json!({"mode": "b"}), None),
            "conductor p --mode b --apply 7f3a91c2"
        );
    }

    #[test]
    fn what_a_shell_or_clap_would_take_for_more_is_quoted_or_stands_last() {
        let given = json!({"track": "-x; $(touch y)", "except": "-1", "most": -2});
        assert_eq!(
            line(given, Some(Path::new("/a b"))),
            "conductor p --except=-1 --most=-2 --project '/a b' --apply 7f3a91c2 -- '-x; $(touch y)'"
        );
    }

    #[test]
    fn a_path_in_double_quotes_is_that_path() {
        assert_eq!(double_quoted("/a b/bin"), "\"/a b/bin\"");
        assert_eq!(double_quoted(r#"/$(x)`"\"#), r#""/\$(x)\`\"\\""#);
    }
}
