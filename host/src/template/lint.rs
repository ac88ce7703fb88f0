//! Programs that run what they are given: a command with one of them is unbounded, whatever its template says.
//!
//! This is a lint, not a boundary: it knows the programs that are in common use, and a program that it does not know may do the
//! same. Its word is for the person who grants.

use super::{Element, Item, Template};

/// Programs that run what they are given, or what lies in the folder in which they start. In turn: shells; programs that start
/// others; interpreters; editors and pagers; build tools and package managers; ways to other machines and containers; agents,
/// which do what a text says.
const RUNNERS: &str = "
    ash bash busybox cmd csh dash elvish fish ksh mksh nu powershell pwsh sh tcsh toybox xonsh zsh

    at batch chroot chrt command crontab doas entr env eval exec expect flock gdb ionice launchctl lldb ltrace nice nohup nsenter
    open parallel script setsid stdbuf strace su sudo systemd-run taskset time timeout unshare valgrind watch watchexec xargs
    xdg-open

    awk bun deno elixir erl gawk ghci java jshell julia lua luajit mawk nawk node nodejs osascript perl php pypy python r rscript
    ruby runghc scala sed tclsh ts-node tsx wish

    ed emacs ex less man more nano nvim vi vim

    ant bazel brew bundle cargo cmake composer dotnet gem go gradle just make meson mvn ninja nix nox npm npx pip pipx pnpm poetry
    rake scons swift task tox uv uvx yarn

    docker kubectl lxc mosh nc ncat podman rsync scp screen sftp socat ssh telnet tmux

    aider claude codex gemini goose opencode";

/// Programs that run something only with one of these options.
const OPTIONS: [(&str, &str); 3] = [
    ("find", "-exec -execdir -ok -okdir"),
    (
        "tar",
        "-I -F --checkpoint-action --info-script --new-volume-script --rsh-command --to-command --use-compress-program",
    ),
    (
        "git",
        "-O -x --config --config-env --exec --exec-path --ext-diff --extcmd --open-files-in-pager --receive-pack --template \
         --textconv --upload-pack",
    ),
];

/// Commands of git that run what is in their arguments, or in a configuration that they write.
const GIT_RUNNERS: &str = "
    bisect citool config credential daemon difftool filter-branch for-each-repo gui help hook instaweb mergetool remote-ext
    send-email submodule";

/// Behind `git config`: it only reads.
const GIT_CONFIG_READS: &str = "--get --get-all --get-regexp --list get list";

/// Settings of git that start nothing: the first few keep a reading command from starting what a repository configures.
const GIT_SETTINGS: &str = "
    core.fsmonitor=false core.hooksPath=/dev/null core.pager=cat log.showSignature=false core.quotePath=false color.ui=false
    commit.gpgSign=false gc.auto=0 maintenance.auto=false";

/// Variables by which common programs are made to run something.
const VARIABLES: &str = "
    BASH_ENV BROWSER CLASSPATH EDITOR ENV GIT_ASKPASS GIT_CONFIG GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_PARAMETERS
    GIT_CONFIG_SYSTEM GIT_EDITOR GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_PAGER GIT_PROXY_COMMAND GIT_SEQUENCE_EDITOR GIT_SSH
    GIT_SSH_COMMAND GIT_TEMPLATE_DIR JAVA_TOOL_OPTIONS LESSOPEN MANPAGER NODE_OPTIONS PAGER PERL5LIB PERL5OPT PYTHONHOME PYTHONPATH
    PYTHONSTARTUP RUBYLIB RUBYOPT SHELL SSH_ASKPASS VISUAL";

/// Values of such a variable that start nothing of anyone's.
const HARMLESS: [&str; 6] = ["", "cat", "true", "false", ":", "/dev/null"];

/// Whether a list of words has this one.
fn lists(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|listed| listed == word)
}

/// Why a command is unbounded, as part of a sentence; nothing when it is not known to be.
#[must_use]
pub fn unbounded(template: &Template) -> Option<String> {
    let program = base_name(template.program());
    if asks_for_version(template) {
        return None;
    }
    if lists(RUNNERS, &program) {
        return Some(format!("`{}` runs what it is given", template.program()));
    }
    let by_command = || match program.as_str() {
        "git" => by_git(template),
        "conductor" => by_ourselves(template),
        _ => None,
    };
    by_option(template, &program).or_else(by_command)
}

/// Whether a fixed variable makes programs run something.
#[must_use]
pub fn runs_by_environment(name: &str, value: &str) -> bool {
    let listed = lists(VARIABLES, name) || name.starts_with("GIT_CONFIG_KEY_");
    listed && !HARMLESS.contains(&value)
}

/// A program by its common name: without a version at its end, and in lower case, since file systems may not tell these apart.
fn base_name(program: &str) -> String {
    let lower = program.to_ascii_lowercase();
    let lower = lower.strip_suffix(".exe").unwrap_or(&lower);
    lower
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        .to_owned()
}

/// `go version`, `tmux -V`: any program may be asked which one it is.
fn asks_for_version(template: &Template) -> bool {
    match template.items.as_slice() {
        [Item::Always(only)] => matches!(only.literal(), Some("--version" | "-V" | "-v" | "version")),
        _ => false,
    }
}

/// Whether an argument that begins so is this option: alone, with its value behind it or behind `=`, or cut short, as long options
/// may be (`--upload-p`; six characters and more, since `--text` is one of its own).
fn is_option(start: &str, option: &str) -> bool {
    let name = start.split('=').next().unwrap_or(start);
    match start.strip_prefix(option) {
        Some(rest) => rest.is_empty() || rest.starts_with('=') || option.len() == 2,
        None => name.len() > 6 && name.starts_with("--") && option.starts_with(name),
    }
}

fn by_option(template: &Template, program: &str) -> Option<String> {
    let (_, options) = OPTIONS.iter().find(|(name, _)| *name == program)?;
    let starts = template.elements().map(Element::start);
    let mut found = starts.flat_map(|start| {
        options
            .split_whitespace()
            .filter(move |option| is_option(start, option))
    });
    found
        .next()
        .map(|option| format!("`{program} {option}` runs what it is given"))
}

/// What this program itself does at the user's word is not done at a plugin's.
fn by_ourselves(template: &Template) -> Option<String> {
    match template.elements().next().and_then(Element::literal) {
        Some("plugin") => Some("`conductor plugin` runs any plugin".to_owned()),
        Some(command) if !command.starts_with('-') => None,
        _ => Some("the command of `conductor` does not stand first".to_owned()),
    }
}

/// The settings of git and its command have to be literal, and of those that start nothing.
fn by_git(template: &Template) -> Option<String> {
    let mut elements = template.elements();
    while let Some(element) = elements.next() {
        let mut next = || elements.next().and_then(Element::literal).unwrap_or_default();
        match element.literal() {
            Some("-c") => {
                let setting = next();
                if !lists(GIT_SETTINGS, setting) {
                    return Some(format!("`git -c {setting}` may run anything"));
                }
            }
            Some("-C" | "--git-dir" | "--work-tree" | "--namespace") => drop(next()),
            Some(option) if option.starts_with('-') => {}
            Some("config") if lists(GIT_CONFIG_READS, next()) => return None,
            Some(command) => {
                return lists(GIT_RUNNERS, command).then(|| format!("`git {command}` runs what it is given"));
            }
            None if element.start().starts_with('-') => {}
            None => return Some("the command of `git` is not literal".to_owned()),
        }
    }
    None
}
