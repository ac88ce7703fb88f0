//! The real Claude Code client, in a home of its own, with a scripted stand-in (`stub_model.py`) for the model.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::required;

/// The repository's root, which is the plugin's root too.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What a run may take: a whole one with twenty turns needs about two seconds.
const SECONDS: &str = "90";
const REQUESTS: &str = "40";

/// Where the parts are that a checkout of this repository does not bring along.
pub(crate) struct Client {
    program: PathBuf,
    python: PathBuf,
    /// `unshare` with its options where this system lets us have a network namespace without a way out, else nothing.
    alone: Vec<&'static str>,
}

impl Client {
    /// The client that `CONDUCTOR_CLAUDE` names, else `claude` on PATH. `None` after saying what is missing, so that the
    /// test can end; where `CI` or `CONDUCTOR_REQUIRE_REAL` is set it panics instead, for there nothing may be skipped.
    pub(crate) fn find() -> Option<Self> {
        let named = std::env::var_os("CONDUCTOR_CLAUDE").map(PathBuf::from);
        let Some(program) = named.or_else(|| on_path("claude")).filter(|program| program.is_file()) else {
            return skip("Claude Code is not here; install it, or name it with CONDUCTOR_CLAUDE");
        };
        let Some(python) = on_path("python3") else {
            return skip("`python3` is not here, which runs the stand-in for the model");
        };
        Some(Self {
            program: fs::canonicalize(program).expect("a file"),
            python,
            alone: own_network(),
        })
    }

    /// A program in a network namespace of its own, where that can be had.
    fn alone(&self, program: &Path) -> Command {
        let Some((first, options)) = self.alone.split_first() else {
            return Command::new(program);
        };
        let mut command = Command::new(first);
        command.args(options).arg(program);
        command
    }

    /// What `claude plugin validate --strict --json TARGET` prints, and whether it passed.
    pub(crate) fn validate(&self, target: &Path) -> (Value, bool) {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = self.alone(&self.program);
        command.args(["plugin", "validate", "--strict", "--json"]).arg(target);
        let output = quiet(&mut command, home.path()).output().expect("the client starts");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)));
        (report, output.status.success())
    }
}

fn skip(why: &str) -> Option<Client> {
    required::skip("the real client's tests", why)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn own_network() -> Vec<&'static str> {
    let ways: [&[&str]; 2] = [&["unshare", "-n"], &["unshare", "-rn"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new(way[0]).args(&way[1..]).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    };
    ways.iter().find(works).map(|way| way.to_vec()).unwrap_or_default()
}

/// Nothing of this machine's settings, and nothing that would want a network.
fn quiet<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home);
    command
        .env("TMPDIR", home)
        .env("CLAUDE_CODE_TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("TERM", "dumb");
    for switch in [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "DISABLE_TELEMETRY",
    ] {
        command.env(switch, "1");
    }
    command.env("DISABLE_ERROR_REPORTING", "1")
}

fn shown(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}

/// A home with our program installed, a project (a copy of `examples/shop`) and a copy of the plugin.
pub(crate) struct Session {
    client: Client,
    top: TempDir,
    plugin: &'static str,
    /// A town whose project, home and tools are used in place of our own.
    town: Option<(PathBuf, PathBuf, String)>,
}

impl Session {
    /// `None` where the client is missing, see [`Client::find`].
    pub(crate) fn new() -> Option<Self> {
        let client = Client::find()?;
        let top = tempfile::tempdir().expect("a temporary folder");
        let session = Self {
            client,
            top,
            plugin: "the plugin",
            town: None,
        };
        copy(&Path::new(ROOT).join("examples/shop"), &session.project());
        session.equip();
        Some(session)
    }

    /// A session in a town: its project, its home, its search path. The network is this machine's, since the town's Dolt listens there.
    pub(crate) fn in_town(project: PathBuf, home: PathBuf, path: &str) -> Option<Self> {
        let session = Self {
            client: Client {
                alone: Vec::new(),
                ..Client::find()?
            },
            top: tempfile::tempdir().expect("a temporary folder"),
            plugin: "the plugin",
            town: Some((project, home, path.to_owned())),
        };
        session.equip();
        Some(session)
    }

    /// Installs the program and the plugin.
    fn equip(&self) {
        let session = self;
        fs::create_dir_all(session.home().join(".cargo/bin")).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_conductor"), session.program()).expect("a link");
        for part in [".claude-plugin", "bin", "commands", "hooks"] {
            copy(&Path::new(ROOT).join(part), &session.plugin().join(part));
        }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.top.path().join(relative)
    }

    pub(crate) fn home(&self) -> PathBuf {
        match &self.town {
            Some((_, home, _)) => home.clone(),
            None => self.path("home"),
        }
    }

    pub(crate) fn project(&self) -> PathBuf {
        match &self.town {
            Some((project, ..)) => project.clone(),
            None => self.path("project"),
        }
    }

    /// Nothing of this machine's settings; the town's search path in a town.
    fn quiet<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let command = quiet(command, &self.home());
        match &self.town {
            Some((_, _, path)) => command.env("PATH", path),
            None => command,
        }
    }

    /// Where the plugin is; at first in a folder with a blank in its name, for a plugin's path may have one.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.path(self.plugin)
    }

    /// Moves the plugin to another folder of this session.
    pub(crate) fn move_plugin(&mut self, folder: &'static str) {
        fs::rename(self.plugin(), self.path(folder)).expect("our own folder");
        self.plugin = folder;
    }

    /// The installed program: a link to the one that was built for this test.
    pub(crate) fn program(&self) -> PathBuf {
        self.home().join(".cargo/bin/conductor")
    }

    /// Changes the plugin's launcher: `from` must be in it exactly once.
    pub(crate) fn edit_launcher(&self, from: &str, to: &str) {
        let path = self.plugin().join("bin/conductor");
        let text = fs::read_to_string(&path).expect("the launcher");
        assert_eq!(text.matches(from).count(), 1, "`{from}` in the launcher");
        fs::write(&path, text.replace(from, to)).expect("our own copy");
    }

    /// What the program itself prints in the project, without launcher and client.
    pub(crate) fn direct(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(self.program());
        command.args(arguments).current_dir(self.project());
        let output = self.quiet(&mut command).output().expect("our program starts");
        assert!(output.status.success(), "{}", shown(&output));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Installs the plugin for good, as a person does it: from the marketplace that its own folder is.
    pub(crate) fn install(&self) {
        let plugin = self.plugin();
        let steps: [&[&OsStr]; 2] = [
            &["marketplace".as_ref(), "add".as_ref(), plugin.as_ref()],
            &["install".as_ref(), "conductor@conductor".as_ref()],
        ];
        for step in steps {
            let mut command = self.client.alone(&self.client.program);
            command.arg("plugin").args(step).current_dir(self.project());
            let output = self.quiet(&mut command).output().expect("the client starts");
            assert!(output.status.success(), "{}", shown(&output));
        }
    }

    /// The client with one prompt and the plugin where it lies: what it sent to the model, which gave the scripted answers.
    pub(crate) fn ask(&self, mode: &str, prompt: &str, answers: &[Value]) -> Asked {
        let mut client = self.scripted(answers);
        client
            .args(["-p", prompt, "--permission-mode", mode, "--plugin-dir"])
            .arg(self.plugin());
        self.finish(client)
    }

    /// The same, with the plugins that are installed.
    pub(crate) fn ask_installed(&self, mode: &str, prompt: &str, answers: &[Value]) -> Asked {
        let mut client = self.scripted(answers);
        client.args(["-p", prompt, "--permission-mode", mode]);
        self.finish(client)
    }

    /// The client with a person before it, who answers each question with the next of these labels, or the last one, and allows
    /// everything else.
    pub(crate) fn with_person<'l>(
        &self,
        mode: &str,
        prompt: &str,
        labels: impl IntoIterator<Item = &'l str>,
        answers: &[Value],
    ) -> Asked {
        let client = self.person(mode, prompt, labels, answers);
        self.finish(client)
    }

    /// The same, where the client is killed on the way.
    pub(crate) fn with_person_until_killed(&self, prompt: &str, label: &str, answers: &[Value]) {
        let client = self.person("manual", prompt, [label], answers);
        let output = self.output(client);
        assert!(!output.status.success(), "it was to be killed: {}", shown(&output));
    }

    fn person<'l>(
        &self,
        mode: &str,
        prompt: &str,
        labels: impl IntoIterator<Item = &'l str>,
        answers: &[Value],
    ) -> Command {
        let mut command = self.stub(answers);
        let person = Path::new(ROOT).join("tests/real/person.py");
        command.arg(&self.client.python).arg(person).args(["--prompt", prompt]);
        command.args(labels.into_iter().flat_map(|label| ["--answer", label]));
        command.arg("--").arg(&self.client.program);
        command
            .args(["--permission-mode", mode, "--plugin-dir"])
            .arg(self.plugin());
        command
    }

    /// The client behind the stub; its arguments are still to come.
    fn scripted(&self, answers: &[Value]) -> Command {
        let mut command = self.stub(answers);
        command.arg(&self.client.program);
        command
    }

    /// The stub; the program that it starts is still to come.
    fn stub(&self, answers: &[Value]) -> Command {
        let script = self.path("answers.json");
        fs::write(&script, serde_json::to_vec(answers).expect("JSON")).expect("a file");
        let mut command = self.client.alone(&self.client.python);
        command.arg(Path::new(ROOT).join("tests/real/stub_model.py"));
        command.arg("--script").arg(&script).arg("--log").arg(self.log());
        command.args(["--seconds", SECONDS, "--requests", REQUESTS, "--"]);
        command
    }

    fn log(&self) -> PathBuf {
        self.path("requests.jsonl")
    }

    fn finish(&self, client: Command) -> Asked {
        let output = self.output(client);
        assert!(output.status.success(), "{}", shown(&output));
        Asked::read(&self.log(), &output.stdout)
    }

    fn output(&self, mut client: Command) -> Output {
        // As root the client refuses to work without permissions unless it is told that this is a sandbox. The key is for
        // the stub only: `claude plugin` with one needs twenty seconds to find that it has no network.
        self.quiet(&mut client)
            .env("IS_SANDBOX", "1")
            .env("ANTHROPIC_API_KEY", "none");
        client.current_dir(self.project()).output().expect("the stub starts")
    }
}

/// Copies a folder with all in it; one that is not there is left out.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.is_file() {
        fs::copy(from, to).expect("a copy");
    }
}

/// What came of a prompt: the bodies of the requests that reached the model, and what the client printed for the person.
pub(crate) struct Asked {
    requests: Vec<Value>,
    printed: String,
}

impl Asked {
    fn read(log: &Path, printed: &[u8]) -> Self {
        let log = fs::read_to_string(log).expect("the stub's log");
        let requests = log.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        Self {
            requests: requests.collect(),
            printed: String::from_utf8_lossy(printed).into_owned(),
        }
    }

    /// What the person reads in the end.
    pub(crate) fn printed(&self) -> &str {
        &self.printed
    }

    /// How often the model was asked.
    pub(crate) fn count(&self) -> usize {
        self.requests.len()
    }

    /// The blocks of the user's side in the last request, which holds the whole conversation.
    fn blocks(&self) -> impl Iterator<Item = &Value> {
        let messages = self.requests.last().and_then(|request| request["messages"].as_array());
        let users = messages
            .into_iter()
            .flatten()
            .filter(|message| message["role"] == "user");
        users.filter_map(|message| message["content"].as_array()).flatten()
    }

    /// All that the user's side said: the slash command's text with what its inline command printed.
    pub(crate) fn text(&self) -> String {
        self.blocks()
            .filter_map(|block| block["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Everything that reached the model.
    pub(crate) fn all_text(&self) -> String {
        self.requests
            .iter()
            .map(Value::to_string)
            .collect::<String>()
            .replace("\\\"", "\"")
    }

    /// What came back from the tools, in their order: the text, or the reason why it was refused.
    pub(crate) fn results(&self) -> Vec<Result<String, String>> {
        let results = self.blocks().filter(|block| block["type"] == "tool_result");
        let one = |block: &Value| {
            let text = match &block["content"] {
                Value::String(text) => text.clone(),
                blocks => blocks[0]["text"].as_str().unwrap_or_default().to_owned(),
            };
            if block["is_error"] == true { Err(text) } else { Ok(text) }
        };
        results.map(one).collect()
    }
}
