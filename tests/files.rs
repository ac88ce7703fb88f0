//! Hostile projects, read as plugins read them: what is too large, broken, no file, not ours to read, or changes while it is
//! read. Each gives an entry with its error, or an answer of `conductor status`; nothing hangs, and nothing outside is read.
#![expect(clippy::disallowed_methods, reason = "a test starts the program and makes files")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conductor_host::files::{Entry, FileError, Granted, MAX_SNAPSHOT_BYTES};
use tempfile::TempDir;

/// Lies beside the granted folder.
const SECRET: &str = "the-secret-beside-the-project";
/// More than any of these has to take, on a busy machine.
const SECONDS: u64 = 20;
/// `nobody`.
const OTHER: u32 = 65534;

/// A project whose folder `conductor` is granted.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("project/.git")).expect("made");
        fs::create_dir(folder.path().join("project/conductor")).expect("made");
        fs::create_dir_all(folder.path().join("outside/one")).expect("made");
        fs::write(folder.path().join("outside/one/plan.md"), SECRET).expect("written");
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("project")
    }

    fn inside(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join("conductor").join(path)
    }

    fn file(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.inside(path);
        fs::create_dir_all(path.parent().expect("it lies in the project")).expect("made");
        fs::write(path, content).expect("written");
    }

    /// A registry with these tracks.
    fn tracks(&self, names: &[&str]) {
        let track = |name: &&str| format!("## [~] Track: {name}\n*Link: [./tracks/{name}/](./tracks/{name}/)*\n\n");
        self.file(
            "tracks.md",
            format!("# Tracks\n\n{}", names.iter().map(track).collect::<String>()),
        );
    }

    fn granted(&self) -> Granted {
        Granted::open(&self.path(), "conductor").expect("it is there")
    }

    fn snapshot(&self, patterns: &[&str], most: u64) -> Result<Vec<Entry>, FileError> {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let started = Instant::now();
        let entries = self.granted().snapshot(&patterns, most);
        assert!(started.elapsed().as_secs() < SECONDS, "it took {:?}", started.elapsed());
        entries
    }

    /// Path and `N bytes` or code of each entry.
    fn told(&self, patterns: &[&str]) -> Vec<String> {
        self.snapshot(patterns, 1 << 20)
            .expect("the walk itself succeeds")
            .iter()
            .map(told)
            .collect()
    }

    fn status(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        self.run(command.args(["status"]).args(arguments))
    }

    fn run(&self, command: &mut Command) -> String {
        let home = tempfile::tempdir().expect("a temporary folder");
        let started = Instant::now();
        let output = command
            .current_dir(self.path())
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .output()
            .expect("it can be started");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
        assert!(started.elapsed().as_secs() < SECONDS, "it took {:?}", started.elapsed());
        stdout
    }
}

fn told(entry: &Entry) -> String {
    let Entry { path, content } = entry;
    match content {
        Ok(bytes) => format!("{path}: {} bytes", bytes.len()),
        Err(error) => format!("{path}: {}", error.code),
    }
}

fn fifo(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_plan_of_100_mb_is_named_and_the_other_tracks_are_shown() {
    let project = Project::new();
    project.tracks(&["huge", "sparse", "million", "small"]);
    project.file(
        "tracks/huge/plan.md",
        "- [ ] Task: something to do\n".repeat(100_000_000 / 28),
    );
    project.file("tracks/sparse/plan.md", "# Plan\n");
    let sparse = File::options()
        .write(true)
        .open(project.inside("tracks/sparse/plan.md"))
        .expect("opened");
    sparse.set_len(1 << 40).expect("a hole of a terabyte takes no room");
    project.file(
        "tracks/million/plan.md",
        format!("# Plan\n## Phase 1\n{}", "- [ ] Task: it\n".repeat(1_000_000)),
    );
    project.file(
        "tracks/small/plan.md",
        "# Plan\n## Phase 1: One\n- [x] Task: a\n- [ ] Task: b\n",
    );
    let shown = project.status(&["--diagnostics"]);
    for name in ["huge", "sparse", "million"] {
        assert!(shown.contains(&format!("tracks/{name}/plan.md")), "{shown}");
    }
    assert!(shown.contains("(too-big)") && shown.contains("(1/2 tasks)"), "{shown}");
}

#[test]
fn a_file_larger_than_asked_for_is_an_entry_with_its_bound() {
    let project = Project::new();
    project.file("a.md", "12345");
    project.file("b.md", "123456");
    let entries = project.snapshot(&["*"], 5).expect("walked");
    assert_eq!(
        entries.iter().map(told).collect::<Vec<_>>(),
        ["a.md: 5 bytes", "b.md: too-big"]
    );
    let error = entries[1].content.clone().expect_err("too big");
    assert!(error.message.contains("the 5 bytes"), "{}", error.message);
    // The largest number is no way round the host's own bound.
    assert_eq!(project.snapshot(&["a.md"], u64::MAX).expect("walked").len(), 1);
}

#[test]
fn one_call_reads_no_more_than_its_bound_in_all() {
    let project = Project::new();
    for name in 0..100 {
        let file = project.inside(format!("{name}.md"));
        File::create(file)
            .and_then(|file| file.set_len(1_000_000))
            .expect("a hole takes no room");
    }
    let entries = project.snapshot(&["*"], u64::MAX).expect("walked");
    let read: usize = entries
        .iter()
        .filter_map(|entry| entry.content.as_ref().ok())
        .map(Vec::len)
        .sum();
    assert!(read as u64 <= MAX_SNAPSHOT_BYTES, "{read} bytes");
    let too_much: Vec<&Entry> = entries.iter().filter(|entry| entry.content.is_err()).collect();
    assert_eq!(entries.len(), 100);
    assert_eq!(
        too_much.len(),
        100 - usize::try_from(MAX_SNAPSHOT_BYTES).expect("it fits") / 1_000_000
    );
    let message = |entry: &Entry| entry.content.clone().expect_err("chosen so").message;
    assert!(
        too_much.iter().all(|entry| message(entry).contains("in one go")),
        "{}",
        message(too_much[0])
    );
}

#[test]
fn names_that_are_not_utf8_are_shown_where_they_are_asked_for() {
    let project = Project::new();
    let bad = |bytes: &'static [u8]| Path::new(OsStr::from_bytes(bytes)).to_owned();
    if fs::write(project.inside(bad(b"tr\xff.md")), "x").is_err() {
        return eprintln!("skipped: this file system takes no such names");
    }
    project.file(bad(b"tracks/d\xfe/plan.md"), "x");
    project.file("tracks/good/plan.md", "x");
    assert_eq!(project.told(&["*.md"]), ["tr\u{fffd}.md: name-not-utf8"]);
    assert_eq!(
        project.told(&["tracks/*/plan.md"]),
        ["tracks/d\u{fffd}: name-not-utf8", "tracks/good/plan.md: 1 bytes"]
    );
    assert_eq!(project.told(&["*.json"]), [""; 0], "nobody has asked for it");
    let odd = ["new\nline.md", "\u{1b}[2J.md", " .md", "-rf.md", "…\u{202e}.md"];
    odd.iter().for_each(|name| project.file(name, "x"));
    assert_eq!(project.told(&["*.md"]).len(), 1 + odd.len());
}

#[test]
fn bytes_come_as_they_are() {
    let project = Project::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    project.file("plan.md", &bytes);
    project.file("empty.md", "");
    let entries = project.snapshot(&["*"], 1 << 20).expect("walked");
    assert_eq!(entries[1].content.as_ref(), Ok(&bytes));
    assert_eq!(entries[0].content.as_ref(), Ok(&Vec::new()));
    assert_eq!(project.granted().read("plan.md"), Ok(bytes));
}

#[test]
fn what_is_no_regular_file_is_named_without_waiting() {
    let project = Project::new();
    fs::create_dir_all(project.inside("tracks/one/plan.md")).expect("a folder of that name");
    fs::create_dir_all(project.inside("tracks/two")).expect("made");
    fifo(&project.inside("tracks/two/plan.md"));
    fifo(&project.inside("product.md"));
    let _socket = UnixListener::bind(project.inside("index.md")).expect("bound");
    project.tracks(&["one", "two"]);
    assert_eq!(
        project.told(&["*.md"]),
        ["index.md: unreadable", "product.md: not-a-file", "tracks.md: 126 bytes"]
    );
    assert_eq!(project.told(&["tracks/*/plan.md"]), ["tracks/two/plan.md: not-a-file"]);
    let shown = project.status(&["--diagnostics"]);
    assert!(
        shown.contains("tracks/two/plan.md") && shown.contains("not-a-file"),
        "{shown}"
    );
}

#[test]
fn a_registry_that_is_a_fifo_is_an_answer_too() {
    let project = Project::new();
    fifo(&project.inside("tracks.md"));
    project.file("index.md", "# Index\n");
    let shown = project.status(&["--diagnostics"]);
    assert!(shown.contains("not-a-file"), "{shown}");
}

#[test]
fn links_count_as_what_they_lead_to_inside_and_are_named_outside() {
    let project = Project::new();
    project.file("tracks/one/plan.md", "plan");
    let link = |target: &str, name: &str| symlink(target, project.inside(name)).expect("linked");
    link("tracks/one/plan.md", "inside.md");
    link("../../outside/one/plan.md", "outside.md");
    link("/etc/passwd", "absolute.md");
    link("nowhere.md", "dangling.md");
    link("loop.md", "loop.md");
    link("one", "tracks/two");
    link("../../../outside/one", "tracks/three");
    link("..", "tracks/four");
    link(".", "tracks/five");
    assert_eq!(
        project.told(&["*.md"]),
        [
            "absolute.md: outside",
            "dangling.md: not-found",
            "inside.md: 4 bytes",
            "loop.md: unreadable",
            "outside.md: outside"
        ]
    );
    assert_eq!(
        project.told(&["tracks/*/plan.md"]),
        ["tracks/one/plan.md: 4 bytes", "tracks/two/plan.md: 4 bytes"]
    );
    assert_eq!(
        project.told(&["tracks/*/"]),
        [
            "tracks/five/: 0 bytes",
            "tracks/four/: 0 bytes",
            "tracks/one/: 0 bytes",
            "tracks/two/: 0 bytes"
        ]
    );
    assert_eq!(
        project.told(&["**/plan.md"]),
        ["tracks/one/plan.md: 4 bytes", "tracks/two/plan.md: 4 bytes"]
    );
}

/// Twelve folders, each with links to the others: twenty million ways through them.
#[test]
fn links_that_multiply_end_in_a_clear_error() {
    let project = Project::new();
    for at in 0..12 {
        project.file(format!("{at}/plan.md"), "x");
        for other in (0..12).filter(|&other| other != at) {
            symlink(format!("../{other}"), project.inside(format!("{at}/{other}"))).expect("linked");
        }
    }
    for pattern in ["**/nothing.md", "**"] {
        let error = project.snapshot(&[pattern], 1 << 20).expect_err("too many");
        assert_eq!(error.code, "limit", "{}", error.message);
    }
    assert_eq!(
        project.told(&["*/plan.md"]).len(),
        12,
        "a walk that does not go there is not disturbed"
    );
}

#[test]
fn folders_deeper_than_the_walk_are_named() {
    let project = Project::new();
    let folders: Vec<String> = (1..=12).map(|at| format!("d{at:02}")).collect();
    project.file(format!("{}/plan.md", folders.join("/")), "x");
    project.file(format!("{}/plan.md", folders[..8].join("/")), "x");
    let at = |depth: usize| folders[..depth].join("/");
    let expected = [format!("{}/: too-deep", at(9)), format!("{}/plan.md: 1 bytes", at(8))];
    assert_eq!(project.told(&["**/plan.md"]), expected);
    let path = format!("{}/plan.md", folders.join("/"));
    assert_eq!(
        project.granted().read(&path),
        Ok(b"x".to_vec()),
        "a single file may lie as deep as it likes"
    );
}

#[test]
fn what_may_not_be_read_is_named() {
    let project = Project::new();
    project.tracks(&["one", "two"]);
    project.file("tracks/one/plan.md", SECRET);
    project.file("tracks/two/plan.md", "# Plan\n## Phase 1\n- [x] Task: a\n");
    project.file("closed/x.md", "x");
    fs::set_permissions(project.inside("tracks/one/plan.md"), Permissions::from_mode(0o000)).expect("closed");
    fs::set_permissions(project.inside("closed"), Permissions::from_mode(0o000)).expect("closed");
    let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
    if is_root() {
        // Root may read everything: another user has to ask.
        command = Command::new("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            env!("CARGO_BIN_EXE_conductor"),
        ]);
        fs::set_permissions(project.0.path(), Permissions::from_mode(0o755)).expect("opened");
        chown(project.path(), Some(OTHER), None).expect("given away");
        let mut probe = Command::new("setpriv");
        probe.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            env!("CARGO_BIN_EXE_conductor"),
            "--version",
        ]);
        if !probe.output().is_ok_and(|output| output.status.success()) {
            return eprintln!("skipped: there is no setpriv, or another user can't run the program where it lies");
        }
    }
    let shown = project.run(command.args(["status", "--diagnostics"]));
    assert!(
        shown.contains("tracks/one/plan.md") && shown.contains("unreadable"),
        "{shown}"
    );
    assert!(shown.contains("1 of 1") && !shown.contains(SECRET), "{shown}");
    fs::set_permissions(project.inside("closed"), Permissions::from_mode(0o755)).expect("opened");
}

/// Runs a walk again and again while another thread changes the files; every entry has to be one that can be.
fn while_changing(project: &Project, change: impl Fn(usize) + Sync, check: impl Fn(&[Entry])) {
    let over = AtomicBool::new(false);
    let walks = std::thread::scope(|scope| {
        scope.spawn(|| (0..).take_while(|_| !over.load(Ordering::Relaxed)).for_each(&change));
        // However this ends, the other thread has to hear of it.
        let walked = catch_unwind(AssertUnwindSafe(|| walk_for(Duration::from_secs(2), project, &check)));
        over.store(true, Ordering::Relaxed);
        walked
    });
    let walks = walks.unwrap_or_else(|panic| resume_unwind(panic));
    assert!(walks > 10, "{walks} walks");
}

fn walk_for(time: Duration, project: &Project, check: impl Fn(&[Entry])) -> usize {
    let started = Instant::now();
    let mut walks = 0;
    while started.elapsed() < time {
        check(&project.snapshot(&["**"], 1 << 20).expect("the walk goes on"));
        walks += 1;
    }
    walks
}

#[test]
fn files_that_vanish_while_they_are_read_do_not_end_the_walk() {
    let project = Project::new();
    (0..200).for_each(|at| project.file(format!("tracks/{at}/plan.md"), "plan"));
    let change = |round: usize| {
        let folder = project.inside(format!("tracks/{}", round % 200));
        // The walk may stand in any of these states.
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::create_dir_all(&folder);
        let _ = fs::write(folder.join("plan.md"), "plan");
    };
    while_changing(&project, change, |entries| {
        for entry in entries {
            let right = match &entry.content {
                Ok(bytes) => bytes.is_empty() || bytes == b"plan",
                Err(error) => matches!(error.code, "vanished" | "not-found"),
            };
            assert!(right, "{}: {entry:?}", told(entry));
        }
        assert!(
            entries.windows(2).all(|two| two[0].path < two[1].path),
            "sorted, and each once"
        );
    });
}

/// The classic race: a folder is looked at, replaced by a link, and gone through.
#[test]
fn a_folder_that_becomes_a_link_while_it_is_walked_leads_nowhere() {
    let project = Project::new();
    project.file("tracks/one/plan.md", "plan");
    symlink("../../../outside/one", project.inside("tracks/link")).expect("linked");
    let swap = |_| {
        let flags = rustix::fs::RenameFlags::EXCHANGE;
        let [one, link] = ["tracks/one", "tracks/link"].map(|name| project.inside(name));
        rustix::fs::renameat_with(rustix::fs::CWD, &one, rustix::fs::CWD, &link, flags).expect("exchanged");
    };
    let check = |content: Result<&Vec<u8>, &FileError>| match content {
        Ok(bytes) => assert!(bytes != SECRET.as_bytes(), "it was read outside"),
        // It may stand in any of these states; only the way out has to stay closed.
        Err(error) => assert!(!error.message.contains(SECRET), "{error:?}"),
    };
    while_changing(&project, swap, |entries| {
        entries.iter().for_each(|entry| check(entry.content.as_ref()));
        check(project.granted().read("tracks/one/plan.md").as_ref());
    });
}

#[test]
fn the_granted_folder_may_vanish() {
    let project = Project::new();
    let granted = project.granted();
    fs::remove_dir_all(project.inside("")).expect("removed");
    assert_eq!(granted.read("tracks.md").map_err(|error| error.code), Err("not-found"));
    let entries = granted.snapshot(&["*".to_owned()], 1);
    assert!(entries.as_ref().is_ok_and(Vec::is_empty) || entries.is_err_and(|error| error.code == "not-found"));
    let error = Granted::open(&project.path(), "conductor").expect_err("it is gone");
    assert_eq!(error.code, "not-found");
}

/// Reads what the patterns mean by the plainest way there is.
fn plainly(project: &Project, folder: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(project.inside(folder)).expect("listed") {
        let name = entry
            .expect("listed")
            .file_name()
            .into_string()
            .expect("the test's names are UTF-8");
        let path = format!("{folder}{name}");
        if project.inside(&path).is_dir() {
            plainly(project, &format!("{path}/"), found);
        } else if name == "plan.md" || name.ends_with(".json") {
            found.insert(path.clone(), fs::read(project.inside(&path)).expect("read"));
        }
    }
}

#[test]
fn five_thousand_tracks_on_all_cores_are_what_one_after_the_other_gives() {
    let project = Project::new();
    for at in 0..5_000 {
        project.file(format!("tracks/t{at}/plan.md"), format!("plan {at}"));
        if at % 3 == 0 {
            project.file(format!("tracks/t{at}/metadata.json"), format!("{{\"at\": {at}}}"));
        }
        project.file(format!("tracks/t{at}/spec.md"), "not asked for");
    }
    let mut expected = BTreeMap::new();
    plainly(&project, "", &mut expected);
    assert_eq!(expected.len(), 5_000 + 1_667);
    // The last two ask for the same files again.
    let patterns = ["tracks/*/{plan.md,*.json}", "**/plan.md", "tracks/**"];
    for patterns in [&patterns[..1], &patterns[..2]] {
        let entries = project.snapshot(patterns, 1 << 20).expect("walked");
        assert!(
            entries.windows(2).all(|two| two[0].path < two[1].path),
            "sorted, and each once"
        );
        let found: BTreeMap<_, _> = entries
            .into_iter()
            .map(|entry| (entry.path, entry.content.expect("read")))
            .collect();
        assert_eq!(found, expected);
    }
    assert_eq!(
        project.snapshot(&patterns, 1 << 20).expect("walked").len(),
        5_000 * 2 + 1_667
    );
}

#[test]
fn a_grant_that_leads_out_is_refused_when_it_is_opened() {
    let project = Project::new();
    symlink("../outside", project.path().join("linked")).expect("linked");
    symlink("conductor", project.path().join("inside")).expect("linked");
    project.file("a.md", "a");
    let open = |path: &str| Granted::open(&project.path(), path);
    assert_eq!(open("linked").expect_err("outside").code, "outside");
    assert_eq!(open("linked/one").expect_err("outside").code, "outside");
    assert_eq!(open("../outside").expect_err("outside").code, "outside");
    assert_eq!(open("nowhere").expect_err("missing").code, "not-found");
    assert_eq!(
        open("inside").and_then(|granted| granted.read("a.md")),
        Ok(b"a".to_vec())
    );
    let single = open("conductor/a.md").expect("a single file");
    assert_eq!(single.read(""), Ok(b"a".to_vec()));
    assert_eq!(single.read("a.md").map_err(|error| error.code), Err("invalid-path"));
    assert_eq!(
        single.snapshot(&["*".to_owned()], 1).map_err(|error| error.code),
        Err("not-a-folder")
    );
}
