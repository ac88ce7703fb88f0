//! Starts every command that a bundled plugin declares as reading, the way the host does, and looks whether anything changed.
//!
//! `town/reads.json` lists what more can be asked without a change. Not in it, since they do change something:
//! * `bd show`, even with `--readonly`: it keeps the bead's id in `.beads/last-touched`, and a `bd close` without an id closes that
//!   one. `bd list --id` shows the same.
//! * `gt dolt status`: it makes a table in the town's database, writes into it and drops it, to see whether that can be done.
//!
//! Every gt command adds a line to `~/.gt/cmd-usage.jsonl` in the person's home folder.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use conductor_host::manifest::{self, CommandWish, Cwd, Effect, Manifest, Place};
use conductor_host::plugin::bundled_manifests;
use conductor_host::process::{self, Environment, FindError, Output, Program, Programs, Spec};
use conductor_host::template::Argument;

use crate::town::Footprint;

/// What could be asked beside what the bundled plugins ask.
const MORE: &str = include_str!("town/reads.json");

/// Where commands are started, and what must not change meanwhile.
pub(crate) struct Ground {
    /// The person's project.
    pub(crate) project: PathBuf,
    /// The town, if there is one.
    pub(crate) town: Option<PathBuf>,
    /// Folders that no command may change anything in.
    pub(crate) watched: Vec<PathBuf>,
    /// The person's variables.
    pub(crate) variables: Vec<(OsString, OsString)>,
}

/// Starts each declared read once, with these values for the holes of their templates. Those that need a town are left out where
/// there is none.
///
/// # Panics
/// When one changes anything, does not end with 0, or has a hole that there is no value for.
pub(crate) fn check(ground: &Ground, values: &[(&str, &str)]) {
    let values: BTreeMap<&str, &str> = values.iter().copied().collect();
    let more = manifest::parse(MORE, "reads.json").expect("a manifest");
    let manifests: Vec<Manifest> = bundled_manifests().chain([more]).collect();
    let commands = manifests
        .iter()
        .flat_map(|manifest| manifest.commands.iter().map(move |command| (manifest, command)));
    let reads = commands.filter(|(_, (_, command))| command.effect == Effect::Read && !ground.lacks(command));
    let reads = reads.filter(|(_, (_, command))| !ground.is_elsewhere(command));
    let (mut started, mut wrong) = (0, Vec::new());
    let mut before = ground.look();
    for (manifest, (name, command)) in reads {
        let output = ground.start(manifest, command, &values);
        let after = ground.look();
        started += 1;
        let mut complain = |what: String| wrong.push(format!("{} {name}: {}\n    {what}", manifest.name, command.argv));
        if !output.success() && !ground.has_no_answer(command) {
            let said = String::from_utf8_lossy(&output.stderr.bytes);
            complain(format!("{:?} {:?}: {said}", output.ending, output.status));
        }
        let changed = before.changed(&after).into_iter();
        for path in changed.filter(|path| !may_change(command, path)) {
            complain(format!("changes {}", path.display()));
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(started > 5, "only {started} commands were started");
}

/// How long each read of a bundled plugin takes alone, at the median of some runs: its name and its time, the slowest first.
pub(crate) fn alone(ground: &Ground, plugin: &str, values: &[(&str, &str)], runs: usize) -> Vec<(String, Duration)> {
    let values: BTreeMap<&str, &str> = values.iter().copied().collect();
    let manifest = bundled_manifests().find(|manifest| manifest.name == plugin);
    let manifest = manifest.expect("it is bundled");
    let mut times: Vec<(String, Duration)> = manifest
        .commands
        .iter()
        .filter(|(_, command)| !ground.lacks(command))
        .map(|(name, command)| {
            let time = || ground.start(&manifest, command, &values).duration;
            (name.clone(), median((0..runs).map(|_| time()).collect()))
        })
        .collect();
    times.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    times
}

/// How long these reads of a bundled plugin take when all are started at once, at the median of some runs.
pub(crate) fn at_once(
    ground: &Ground,
    plugin: &str,
    values: &[(&str, &str)],
    runs: usize,
    asked: impl Fn(&str) -> bool,
) -> Duration {
    let values: BTreeMap<&str, &str> = values.iter().copied().collect();
    let manifest = bundled_manifests().find(|manifest| manifest.name == plugin);
    let manifest = manifest.expect("it is bundled");
    let run = || {
        let began = std::time::Instant::now();
        std::thread::scope(|scope| {
            for (_, command) in manifest.commands.iter().filter(|(name, _)| asked(name)) {
                scope.spawn(|| ground.start(&manifest, command, &values));
            }
        });
        began.elapsed()
    };
    median((0..runs).map(|_| run()).collect())
}

/// The middle one of some times.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

impl Ground {
    fn look(&self) -> Footprint {
        Footprint::of(&self.watched)
    }

    /// Whether a command wants a place that is not here.
    fn lacks(&self, command: &CommandWish) -> bool {
        let in_town = matches!(command.cwd, Cwd::Place(Place::Town) | Cwd::Rig(_));
        in_town && self.town.is_none()
    }

    /// Whether its program is one that nothing here needs, so that it may lie where the town does not look.
    fn is_elsewhere(&self, command: &CommandWish) -> bool {
        let program = command.argv.program();
        ["claude", "go"].contains(&program) && self.program(program).is_err()
    }

    fn program(&self, name: &str) -> Result<Program, FindError> {
        // By that name the host means itself, and here that would be the test.
        if name == "conductor" {
            let path = PathBuf::from(env!("CARGO_BIN_EXE_conductor"));
            return Ok(Program {
                name: name.to_owned(),
                called: path.clone(),
                path,
            });
        }
        self.programs().find(name)
    }

    fn programs(&self) -> Programs {
        let path = self.variables.iter().find(|(variable, _)| variable == "PATH");
        let (_, path) = path.expect("a search path");
        Programs::new(path, BTreeMap::new(), &[])
    }

    /// Whether a command asks for what is not here: for beads where there is no database of them, for remote repositories of a
    /// project without one, or for a conflict that nobody resolves. It must change nothing, not even make one.
    fn has_no_answer(&self, command: &CommandWish) -> bool {
        let asks_project = |program| command.argv.program() == program && command.cwd == Cwd::Place(Place::Project);
        let no_beads = asks_project("bd") && !self.project.join(".beads").exists();
        let asks_rig = command.argv.program() == "git" && matches!(command.cwd, Cwd::Rig(_));
        let asks_remotes = asks_project("git") && command.argv.to_string().contains("remote");
        let text = command.argv.to_string();
        let asks_conflict = ["-C .conductor/", "refs/conductor/resolve/"]
            .iter()
            .any(|part| asks_rig && text.contains(part));
        no_beads || asks_conflict || asks_remotes && self.town.is_none()
    }

    fn start(&self, manifest: &Manifest, command: &CommandWish, values: &BTreeMap<&str, &str>) -> Output {
        let holes = command.argv.holes().chain(command.cwd.hole());
        let mut given: Vec<(String, Vec<String>)> = holes
            .map(|hole| {
                let value = values.get(hole.name.as_str());
                let value = value.unwrap_or_else(|| {
                    panic!(
                        "no value for {hole} of {}: add one where `check` is called",
                        command.argv
                    )
                });
                (hole.name.clone(), vec![(*value).to_owned()])
            })
            .collect();
        given.sort();
        given.dedup();
        let filled = command
            .fill(&given, None)
            .unwrap_or_else(|error| panic!("{}: {error:?}", command.argv));
        let mut folder = self.place(filled.place);
        folder.extend(&filled.rig);
        let program = self.program(&filled.line.program);
        let program = program.unwrap_or_else(|error| panic!("{error}"));
        let wish = &manifest.programs[command.argv.program()];
        let mut spec = Spec::new(program, folder);
        spec.args = filled
            .line
            .arguments
            .into_iter()
            .map(|argument| self.argument(argument))
            .collect();
        spec.env = Environment::new(self.variables.clone(), self.programs().path().to_owned())
            .of(&wish.env, |name| wish.passes(name));
        // Whether it changes anything is asked, not how fast it is: on a busy machine 2 s are soon over.
        spec.timeout = Duration::from_millis(command.timeout_ms).max(Duration::from_secs(60));
        process::run(spec).unwrap_or_else(|error| panic!("{}: {error}", command.argv))
    }

    fn argument(&self, argument: Argument) -> OsString {
        match argument {
            Argument::Text(text) => text.into(),
            Argument::Path { before, place, path } => {
                let mut whole = OsString::from(before);
                whole.push(self.place(place).join(path));
                whole
            }
            Argument::Tempfile { .. } => panic!("a read that is given a file: say here what is in it"),
        }
    }

    fn place(&self, place: Place) -> PathBuf {
        match place {
            Place::Project => self.project.clone(),
            Place::Town => self.town.clone().expect("a town"),
            // What starts there asks for a version, or the like: it looks at nothing in it.
            Place::Data => std::env::temp_dir(),
        }
    }
}

/// Whether a file may be another one after a command though nothing of a person's changed.
///
/// gt asks for its own beads with `bd show`, which keeps the id of the bead that was shown last. That is in the town and its rigs,
/// not in the project, where no command of gt starts. dolt keeps a lock in its own folder of the home folder.
fn may_change(command: &CommandWish, path: &Path) -> bool {
    let in_town = command.cwd == Cwd::Place(Place::Town);
    let last_shown = in_town && command.argv.program() == "gt" && path.ends_with(".beads/last-touched");
    let of_dolt = command.argv.program() == "dolt" && path.iter().any(|part| part == ".dolt");
    last_shown || of_dolt
}
