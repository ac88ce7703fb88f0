//! Runs every hostile guest of `tests/guests/*.wat` with the real program, in a project that is hostile too.
//!
//! A file is a case: a component as text, with what is expected of it in its first lines.
//!
//!     ;; One sentence: what it tries.
//!     ;; manifest: {"limits": …}   members of its manifest beside the usual ones; `none` packs none
//!     ;; grant: NAME               given as `--grant`
//!     ;; args: WORDS               given behind `--`
//!     ;; seconds: N                how long it may take (10)
//!     ;; hangs: PROGRAM            starting it takes as long as the guest runs, as on a file system that hangs (needs `python3`)
//!     ;; mib: N                    how much memory the program may have taken
//!     ;; exit: N                   the exit code
//!     ;; stdout: TEXT              stands in what it prints; likewise `stderr`
//!     ;; never: TEXT               stands in neither
//!     ;; audit: TEXT               stands in a line of its audit log (several lines: the first stands before the second)
//!
//! One takes a minute and is left out: `cargo test --test sandbox -- --include-ignored` runs it too.
//!
//! `(@include "NAME")` stands for `tests/guests/parts/NAME.wat`. Whatever a guest does, the secret beside the project never
//! shows, no file changes, nothing that a terminal obeys is printed, a message says which plugin it is about, and nothing runs any more that was
//! started. The programs that guests start are the scripts of [`PROGRAMS`], which lie beside the project too. The project brings
//! some of the same names, and comes first on the search path.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use wait4::Wait4;

#[path = "guests/ground.rs"]
mod ground;
#[path = "guests/made.rs"]
mod made;

/// Lies beside the project: a guest that prints it has read outside its grant.
const SECRET: &str = "the-secret-beside-the-project";
/// How long a guest may take that says nothing else: starting, and compiling in a child, on a busy machine.
const SECONDS: u64 = 10;

/// Programs, each a script for `sh`.
const PROGRAMS: [(&str, &str); 9] = [
    ("show", r#"for argument; do printf '[%s]' "$argument"; done"#),
    ("environment", "env"),
    ("look", r#"echo "found show: $(show 'by its own look-up') on $PATH""#),
    ("slow", "exec sleep 100"),
    ("deaf", "trap '' TERM; echo deaf; sleep 100 & sleep 100; sleep 100"),
    ("daemon", "echo left; cd /; setsid sleep 2 &"),
    // Of a pipeline the last one's exit code counts: `head` fails when what it writes is not taken.
    ("torrent", "yes | head -c 10737418240"),
    ("closed", "exec <&-; sleep 0.2; echo closed"),
    ("escapes", r"printf '\033[31mred\033[0m \033]0;title\007\342\200\256\n'"),
];
/// What a project brings by itself.
const BROUGHT: [&str; 3] = ["show", "brought", "sleep"];

/// One home folder for all guests.
static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = guests()
        .into_iter()
        .map(|path| trial(&name(&path), move || from_text(&path)))
        .collect();
    trials.extend(made::ALL.map(|(name, guest)| trial(name, move || Ok(guest()))));
    trials.extend(made::SLOW.map(|(name, guest)| trial(name, move || Ok(guest())).with_ignored_flag(true)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, guest: impl FnOnce() -> Result<Guest, Failed> + Send + 'static) -> Trial {
    Trial::test(name, move || check(&guest()?))
}

/// A guest, and what is expected of it.
#[derive(Debug, Default)]
struct Guest {
    wasm: Vec<u8>,
    grants: Vec<String>,
    arguments: Vec<String>,
    seconds: Option<u64>,
    mib: Option<u64>,
    hangs: Option<String>,
    exit: Option<i32>,
    stdout: Vec<String>,
    stderr: Vec<String>,
    never: Vec<String>,
    audit: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests")
}

fn guests() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of the guests");
    let paths = entries.map(|entry| entry.expect("listed").path());
    let mut guests: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "wat"))
        .collect();
    guests.sort();
    assert!(!guests.is_empty(), "there are guests");
    guests
}

fn name(path: &Path) -> String {
    path.file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}

fn from_text(path: &Path) -> Result<Guest, Failed> {
    let text = fs::read_to_string(path)?;
    let mut guest = Guest::default();
    let mut extra = json!({});
    for line in text.lines().map_while(|line| line.strip_prefix(";; ")).skip(1) {
        let (key, value) = line
            .split_once(": ")
            .ok_or_else(|| format!("`{line}` is no expectation"))?;
        match key {
            "manifest" if value == "none" => extra = Value::Null,
            "manifest" => extra = serde_json::from_str(value)?,
            "grant" => guest.grants.push(value.to_owned()),
            "args" => guest.arguments = value.split(' ').map(str::to_owned).collect(),
            "seconds" => guest.seconds = Some(value.parse()?),
            "hangs" => guest.hangs = Some(value.to_owned()),
            "mib" => guest.mib = Some(value.parse()?),
            "exit" => guest.exit = Some(value.parse()?),
            "stdout" => guest.stdout.push(value.to_owned()),
            "stderr" => guest.stderr.push(value.to_owned()),
            "audit" => guest.audit.push(value.to_owned()),
            "never" => guest.never.push(value.to_owned()),
            _ => return Err(format!("`{key}` is no expectation").into()),
        }
    }
    if guest.exit.is_none() || (guest.stdout.is_empty() && guest.stderr.is_empty()) {
        return Err("it has to say its exit code, and something that it prints".into());
    }
    guest.wasm = wat::parse_str(included(&text)?).map_err(|error| format!("{}: {error}", path.display()))?;
    if !extra.is_null() {
        guest.wasm = packed(&guest.wasm, &extra);
    }
    Ok(guest)
}

/// The text with its parts in their places, on one line each so that the lines of errors are those of the file.
fn included(text: &str) -> Result<String, Failed> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("(@include \"") {
        let (name, behind) = behind.split_once("\")").ok_or("an include has no end")?;
        let part = fs::read_to_string(folder().join("parts").join(format!("{name}.wat")))?;
        out.push_str(before);
        out.extend(
            part.lines()
                .map(|line| format!("{} ", line.split(";;").next().unwrap_or_default().trim())),
        );
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// The component with a manifest: the usual one with these members.
fn packed(wasm: &[u8], members: &Value) -> Vec<u8> {
    let mut manifest = json!({
        "name": "hostile", "version": "1.0", "summary": "attacks the host", "api": "0.1.0",
        "files": [
            {"grant": "conductor", "place": "project", "path": "conductor", "access": "read", "reason": "a test"},
            {"grant": "linked", "place": "project", "path": "linked", "access": "read", "reason": "a test"},
            {"grant": "pipe", "place": "project", "path": "conductor/pipe", "access": "read", "reason": "a test"},
            {"grant": "missing", "place": "project", "path": "nowhere", "access": "read", "reason": "a test"},
            {"grant": "single", "place": "project", "path": "conductor/tracks.md", "access": "read", "reason": "a test"},
        ]
    });
    for (key, value) in members.as_object().expect("the manifest's members are an object") {
        manifest[key] = value.clone();
    }
    conductor_host::component::with_manifest(wasm, &manifest.to_string(), "a guest").expect("it can be packed")
}

fn check(guest: &Guest) -> Result<(), Failed> {
    let scratch = tempfile::tempdir()?;
    let project = ground::project(scratch.path())?;
    let file = scratch.path().join("hostile.wasm");
    fs::write(&file, &guest.wasm)?;
    let grants = guest.grants.iter().flat_map(|grant| ["--grant", grant]);
    let printed = ["stdout", "stderr"].map(|name| scratch.path().join(name));
    let [to_stdout, to_stderr] = [fs::File::create(&printed[0])?, fs::File::create(&printed[1])?];
    let hang = match &guest.hangs {
        Some(program) => match hang(&scratch.path().join("programs").join(program))? {
            Some(hang) => Some(hang),
            None => return Ok(()),
        },
        None => None,
    };
    let outside = project.with_file_name("outside");
    let before = ground::look(&project, &outside)?;
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_conductor"))
        .args(["--verbose", "plugin", "run"])
        .args(grants)
        .arg(&file)
        .arg("--")
        .args(&guest.arguments)
        .current_dir(&project)
        .env_clear()
        .env("HOME", HOME.path())
        .env("PATH", search_path(&project)?)
        .env("SECRET_IN_THE_ENVIRONMENT", SECRET)
        .stdin(Stdio::null())
        .stdout(to_stdout)
        .stderr(to_stderr)
        .spawn()?
        .wait4()?;
    let took = started.elapsed();
    if let Some(mut hang) = hang {
        hang.kill()?;
        hang.wait()?;
        // What could not be started until now is started, and ends.
        std::thread::sleep(Duration::from_secs(1));
    }
    let left = left_running(scratch.path())?;
    let [stdout, stderr] = printed.map(|path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let [stdout, stderr] = [stdout?, stderr?];
    let all = format!(
        "exit {:?} after {took:?}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        cut(&stdout),
        cut(&stderr)
    );
    let mut wrong = Vec::new();
    let mut need = |right: bool, what: String| {
        if !right {
            wrong.push(what)
        }
    };
    need(
        output.status.code() == guest.exit,
        format!("the exit code is not {:?}", guest.exit),
    );
    for text in &guest.stdout {
        need(stdout.contains(text.as_str()), format!("stdout has no `{text}`"));
    }
    for text in &guest.stderr {
        need(stderr.contains(text.as_str()), format!("stderr has no `{text}`"));
    }
    for text in guest.never.iter().map(String::as_str).chain([SECRET]) {
        need(
            !stdout.contains(text) && !stderr.contains(text),
            format!("it printed `{text}`"),
        );
    }
    need(
        !stdout.contains(obeyed) && !stderr.contains(obeyed),
        "it printed what a terminal obeys".to_owned(),
    );
    let named = |text: &str| text.contains("plugin `hostile`") || text.contains("hostile.wasm");
    need(
        guest.exit == Some(0) || named(&stderr) || named(&stdout),
        "the message does not name the plugin".to_owned(),
    );
    let log = audited(&project)?;
    // What it was refused first, how often, how often other things, and how it ended; and 64 commands are unfinished at most.
    let is_deed = |line: &&String| {
        [r#""kind":"command""#, r#""kind":"file""#]
            .iter()
            .any(|kind| line.contains(kind))
    };
    let commands = log.iter().filter(is_deed).count();
    need(
        log.len() - commands <= 18 && commands <= 400,
        format!("it filled the audit log: {}", log.len()),
    );
    need(left.is_empty(), format!("it left {left:?} running"));
    need(
        ground::look(&project, &outside)? == before,
        "it changed the project, or what lies beside it".to_owned(),
    );
    let mib = output.rusage.maxrss >> 20;
    need(
        guest.mib.is_none_or(|most| mib <= most),
        format!("the program took {mib} MiB"),
    );
    need(
        !log.concat().contains(SECRET),
        "the audit log has the secret".to_owned(),
    );
    let mut lines = log.iter();
    for text in &guest.audit {
        need(
            lines.any(|line| line.contains(text.as_str())),
            format!("the audit log has no `{text}`: {}", cut(&log.join("\n"))),
        );
    }
    let most = Duration::from_secs(guest.seconds.unwrap_or(SECONDS));
    need(took < most, format!("it took longer than {most:?}"));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{all}", wrong.join("\n")).into())
    }
}

/// Holds a lease on a file: until that is gone, whoever opens the file waits, also the system that starts a program. Nothing where
/// there is no `python3`, which only CI has to have.
#[expect(clippy::print_stderr, reason = "a test says when it has to skip")]
fn hang(file: &Path) -> Result<Option<Child>, Failed> {
    const LEASE: &str = "import fcntl, os, signal, sys, time\n\
                         signal.signal(signal.SIGIO, signal.SIG_IGN)\n\
                         fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK)\n\
                         os.write(1, b'held')\n\
                         time.sleep(60)";
    let started = Command::new("python3")
        .args(["-c", LEASE])
        .arg(file)
        .current_dir("/")
        .stdout(Stdio::piped())
        .spawn();
    let (true, Ok(mut holder)) = (cfg!(target_os = "linux"), started) else {
        return match env::var_os("CI") {
            Some(_) if cfg!(target_os = "linux") => Err("CI needs python3".into()),
            _ => {
                eprintln!("skipped: it needs Linux and python3");
                Ok(None)
            }
        };
    };
    let mut said = [0; 4];
    holder.stdout.take().ok_or("it is piped")?.read_exact(&mut said)?;
    Ok(Some(holder))
}

/// Programs of the user, and before them folders that a project brings.
fn search_path(project: &Path) -> Result<String, Failed> {
    let scratch = project.parent().ok_or("it lies in a folder")?;
    let [bin, programs] = [project.join("bin"), scratch.join("programs")];
    Ok(format!("{}:.:bin:{}:/usr/bin:/bin", bin.display(), programs.display()))
}

/// Processes that run in a folder: what a guest started runs in its project.
fn left_running(folder: &Path) -> Result<Vec<String>, Failed> {
    if !cfg!(target_os = "linux") {
        return Ok(Vec::new());
    }
    let folder = folder.canonicalize()?;
    let processes = fs::read_dir("/proc")?.flatten().map(|entry| entry.path());
    let of_it = processes.filter(|path| fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&folder)));
    Ok(of_it
        .map(|path| {
            fs::read_to_string(path.join("cmdline"))
                .unwrap_or_default()
                .replace('\0', " ")
        })
        .collect())
}

/// What the audit log says of the runs in a project, a line each.
fn audited(project: &Path) -> Result<Vec<String>, Failed> {
    let audit = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_conductor"))
            .arg("audit")
            .args(arguments)
            .env_clear()
            .env("HOME", HOME.path())
            .output()
    };
    let shown = audit(&[])?.stdout;
    if String::from_utf8_lossy(&shown).contains(obeyed) {
        return Err("`conductor audit` prints what a terminal obeys".into());
    }
    let said: Value = serde_json::from_slice(&audit(&["--json"])?.stdout)?;
    let records = said["data"]["records"].as_array().ok_or("it has records")?;
    let of_it = records
        .iter()
        .filter(|record| record["project"].as_str().map(Path::new) == Some(project));
    Ok(of_it.map(Value::to_string).collect())
}

/// What a terminal acts by instead of showing it.
fn obeyed(c: char) -> bool {
    (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)
}

fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(4_000);
    if end < text.len() {
        format!("{}… ({} bytes)", &text[..end], text.len())
    } else {
        text.to_owned()
    }
}
