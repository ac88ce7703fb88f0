//! The real `bd`, `gt`, `dolt` and `tmux` for a test: a whole Gas Town with a script in place of every agent, or a project with
//! beads alone. Both in folders of their own, several at once, gone when the test ends however it ends.
//!
//! ```ignore
//! let Some(town) = Town::up() else { return };        // says that it skips where the tools are missing; fails in CI
//! let [a, b] = town.beads("pairings_20260316", ["Count views", "Count orders"]);
//! town.working(&a);                                    // slung to a polecat that waits
//! town.submitted(&b);                                  // its merge request is in the queue
//! let output = town.conductor(&["status"]);            // our program, as a person starts it in the project
//! ```
//!
//! `states` has a function for each state that work can be in. `tests/real/town.sh` makes the town and says in its head what is
//! where; `tests/real/town/agent` what a scripted agent can be told. Making a town takes 15 s on two cores, so tests that only
//! read share one.
#![allow(dead_code, reason = "each test file uses its part")]

#[path = "../required.rs"]
pub(crate) mod required;

mod beads;
mod footprint;
mod states;
mod tools;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

#[allow(unused_imports, reason = "each test file uses its part")]
pub(crate) use beads::BeadsProject;
#[allow(unused_imports, reason = "each test file uses its part")]
pub(crate) use footprint::Footprint;
pub(crate) use states::Act;
pub(crate) use tools::Tools;

/// The rig of every town.
pub(crate) const RIG: &str = "shop";
/// How long anything in a town may take before a test gives up on it: seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A Gas Town that is up. Dropping it takes it down.
pub(crate) struct Town {
    folder: PathBuf,
    env: BTreeMap<String, String>,
    /// `town.sh`, which takes the town down when its standard input ends.
    keeper: Child,
}

impl Town {
    /// A town with a clone of `examples/shop` as the person's project and as the rig `shop`. `None` where a tool is missing.
    pub(crate) fn up() -> Option<Self> {
        Self::up_with(&[])
    }

    /// The same with keys of `town.sh`, such as `BRIDGE=0` for a `bd` that gt misunderstands, as every released pair does.
    pub(crate) fn up_with(keys: &[&str]) -> Option<Self> {
        Some(Self::try_up_with(keys)?.unwrap_or_else(|why| panic!("{why}")))
    }

    /// The same for tools with which there may be no town: what `town.sh` said then.
    pub(crate) fn try_up_with(keys: &[&str]) -> Option<Result<Self, String>> {
        let tools = Tools::find()?;
        let folder = tempfile::Builder::new()
            .prefix("town-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let complaints = tempfile::tempfile().expect("a temporary file");
        // A process group of its own: Ctrl-C ends the test, and then the town goes in good order.
        let mut keeper = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/real/town.sh"))
            .arg(&folder)
            .arg(format!("TOOLS={}", tools.folder().display()))
            .args(keys)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().expect("a second handle"))
            .spawn()
            .expect("bash starts");
        let answer = BufReader::new(keeper.stdout.take().expect("it is piped"))
            .lines()
            .next();
        if !matches!(&answer, Some(Ok(line)) if line == "ready") {
            drop(keeper.stdin.take());
            let status = keeper.wait().expect("it ends");
            return Some(Err(format!("town.sh: {status}\n{}", tools::content(complaints))));
        }
        let variables = fs::read_to_string(folder.join("env")).expect("the town's variables");
        let pair = |line: &str| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        Some(Ok(Self {
            env: variables.lines().filter_map(pair).collect(),
            folder,
            keeper,
        }))
    }

    /// A file or folder in the town's folder: `log/install`, `ctl/acts`.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    /// The home folder of everything that is started here.
    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The person's clone, with `conductor/` pushed.
    pub(crate) fn project(&self) -> PathBuf {
        self.path("project")
    }

    /// The town itself, `~/gt`.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("home/gt")
    }

    /// The rig in the town, where its beads are asked for.
    pub(crate) fn rig(&self) -> PathBuf {
        self.root().join(RIG)
    }

    /// The bare repository that project and rig push to.
    pub(crate) fn remote(&self) -> PathBuf {
        self.path(&format!("remotes/{RIG}.git"))
    }

    /// A program with the town's environment and nothing else, started in the town.
    pub(crate) fn command(&self, program: &str) -> Command {
        tools::started_in(&self.root(), program, &self.env)
    }

    /// `gt` in the town. The test fails when gt does.
    pub(crate) fn gt(&self, arguments: &[&str]) -> String {
        done(self.command("gt").args(arguments))
    }

    /// The JSON that `gt` prints.
    pub(crate) fn gt_json(&self, arguments: &[&str]) -> Value {
        read_json(&self.gt(arguments))
    }

    /// `bd` in the rig.
    pub(crate) fn bd(&self, arguments: &[&str]) -> String {
        done(self.command("bd").args(arguments).current_dir(self.rig()))
    }

    /// The JSON that `bd` prints.
    pub(crate) fn bd_json(&self, arguments: &[&str]) -> Value {
        read_json(&self.bd(arguments))
    }

    /// What `gt prime` shows a polecat, `RIG/polecats/NAME`, in its worktree.
    pub(crate) fn prime(&self, polecat: &str) -> String {
        let name = polecat.rsplit('/').next().unwrap_or_default();
        let mut prime = self.command("gt");
        prime
            .arg("prime")
            .current_dir(self.rig().join("polecats").join(name).join(RIG));
        let root = self.root();
        prime.envs([
            ("GT_ROLE", polecat),
            ("BD_ACTOR", polecat),
            ("GT_RIG", RIG),
            ("GT_POLECAT", name),
        ]);
        prime.envs([("GT_TOWN_ROOT", &root), ("GT_ROOT", &root)]);
        done(&mut prime)
    }

    /// `git` in the rig's own repository.
    pub(crate) fn git_in_rig(&self, arguments: &[&str]) -> String {
        let repository = self.rig().join(".repo.git");
        done(self.command("git").arg("--git-dir").arg(repository).args(arguments))
    }

    /// `git` in the person's project.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        done(self.command("git").args(arguments).current_dir(self.project()))
    }

    /// Our program in the project, with the few variables that a person's shell has.
    pub(crate) fn conductor(&self, arguments: &[&str]) -> Output {
        self.conductor_command()
            .args(arguments)
            .output()
            .expect("conductor starts")
    }

    /// The same, for a test that adds something.
    pub(crate) fn conductor_command(&self) -> Command {
        tools::conductor_in(&self.project(), &self.env)
    }

    /// One variable of the town, of those in `FOLDER/env`.
    pub(crate) fn variable(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// Makes an epic for a track and a task for each title, with the metadata that ours carry, in one call. The ids of the tasks.
    pub(crate) fn beads<const N: usize>(&self, track: &str, titles: [&str; N]) -> [String; N] {
        let file = self.path(&format!("ctl/graph-{track}.json"));
        fs::write(&file, beads::graph(track, &titles).to_string()).expect("written");
        beads::ids(&self.bd_json(&["create", "--graph", file.to_str().expect("text"), "--json"]))
    }

    /// A bead as `bd show` has it.
    pub(crate) fn bead(&self, id: &str) -> Value {
        self.bd_json(&["show", id, "--json"])[0].take()
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let status = self.keeper.wait();
        if !thread::panicking() {
            assert!(
                !self.folder.exists(),
                "town.sh left {}: {status:?}",
                self.folder.display()
            );
        }
    }
}

/// Asks again until there is an answer.
///
/// # Panics
/// When there is none in [`PATIENCE`].
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} for: {what}");
        thread::sleep(Duration::from_millis(400));
    }
}

/// The data of `conductor status --json`, once no tool was too slow: on a busy machine 2 s are soon over.
pub(crate) fn status(ask: impl Fn() -> Output) -> Value {
    until("a status", || {
        let output = ask();
        assert!(output.status.success(), "{}", said(&output));
        let envelope: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let is_slow = envelope["data"].to_string().contains(r#""code":"timed-out""#);
        (!is_slow).then(|| envelope["data"].clone())
    })
}

/// Runs a command that must succeed; what it printed.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// All that a program said, for a message.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}

fn read_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}
