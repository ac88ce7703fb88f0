//! The reader over real files: a table of what it finds in each, and counters of their own that check that no line is lost.
//!
//! The files are other people's text and not in the repository. `CONDUCTOR_CORPUS` names a folder with them and their
//! `INDEX.md`; without it these tests say that they skip. `BLESS=1` rewrites the tables in `tests/corpus/`, which are
//! keyed by a short digest of each file's content and hold numbers only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use conductor_tracks::beads_config::BeadsConfig;
use conductor_tracks::diagnostic::Diagnostic;
use conductor_tracks::edit::apply;
use conductor_tracks::implement_state::ImplementState;
use conductor_tracks::metadata::Metadata;
use conductor_tracks::parallel_state::ParallelState;
use conductor_tracks::plan::{ItemKind, TaskForm};
use conductor_tracks::registry::Registry;
use conductor_tracks::{Counts, Plan, Project, Severity, Source, State};
use sha2::{Digest, Sha256};

/// The corpus folder; says that the test skips where there is none.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CONDUCTOR_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        say("skipped: CONDUCTOR_CORPUS names no folder");
    }
    folder
}

#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// Every file of a kind: its name and its bytes.
fn files(folder: &Path, kind: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("the corpus folder can be listed");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a UTF-8 name")
    });
    let mut names: Vec<String> = names.filter(|name| name.ends_with(kind)).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), std::fs::read(folder.join(name)).expect("a readable file")))
        .collect()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .take(6)
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string");
            text
        })
}

/// Compares a table with the committed one, or rewrites it.
fn compare(name: &str, head: &str, mut lines: Vec<String>) {
    lines.sort();
    lines.dedup();
    let table = format!("{head}\n{}\n", lines.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, table).expect("the table can be written");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let (known, found): (BTreeSet<&str>, BTreeSet<&str>) = (known.lines().collect(), table.lines().collect());
    let gone: Vec<_> = known.difference(&found).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "{name} differs (BLESS=1 rewrites it)\nwas {gone:#?}\nis {new:#?}"
    );
}

/// `done 3 pending 1`, without zeros.
fn counts(counts: Counts) -> String {
    let parts = [
        ("done", counts.done),
        ("in_progress", counts.in_progress),
        ("pending", counts.pending),
        ("blocked", counts.blocked),
        ("removed", counts.removed),
        ("unknown", counts.unknown),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| format!("{name} {n}"))
        .collect();
    parts.join(" ")
}

/// `2 problems: code ×2 | 1 notes: code`
fn findings(found: &[Diagnostic<'_>]) -> String {
    let of = |severity: Severity| {
        let mut codes: BTreeMap<&str, u32> = BTreeMap::new();
        found
            .iter()
            .filter(|d| d.severity == severity)
            .for_each(|d| *codes.entry(d.code).or_default() += 1);
        codes.iter().map(|(code, n)| format!(" {code}×{n}")).collect::<String>()
    };
    format!("problems{} | notes{}", of(Severity::Problem), of(Severity::Note))
}

#[test]
fn plans() {
    let Some(folder) = corpus() else { return };
    let mut groups = [0; 4];
    let mut lines = Vec::new();
    for (name, bytes) in files(&folder, "-plan.md") {
        let (plan, found) = Plan::read("plan.md", &bytes);
        let phases = plan.phases.iter().filter(|phase| !phase.implicit).count();
        let tasks = plan.tasks().count();
        groups[usize::from(phases == 0) + 2 * usize::from(tasks == 0)] += 1;
        lines.push(format!("{} {}", digest(&bytes), plan_row(&plan, phases, tasks, &found)));
        let reasons = ["no-tasks", "empty-plan", "escaped-newlines", "utf-16"];
        assert!(
            tasks > 0 || found.iter().any(|d| reasons.contains(&d.code)),
            "{name} has no tasks and no reason"
        );
        every_item_is_somewhere(&name, &bytes, &plan, &found);
    }
    // Phases and tasks; tasks only; phases only; neither.
    assert_eq!(groups, [170, 6, 1, 4]);
    compare(
        "plans.txt",
        "# digest phases tasks | states | sub-tasks checks plain outside | commits checkpoints | findings",
        lines,
    );
}

fn plan_row(plan: &Plan<'_>, phases: usize, tasks: usize, found: &[Diagnostic<'_>]) -> String {
    let items = || {
        plan.phases
            .iter()
            .flat_map(|p| p.items.iter().chain(p.tasks.iter().flat_map(|t| &t.items)))
    };
    let kind = |kind: ItemKind| items().filter(|item| item.kind == kind).count();
    let checkpoints = plan.phases.iter().filter(|p| p.checkpoint.is_some()).count()
        + plan.tasks().filter(|t| t.checkpoint.is_some()).count();
    format!(
        "{phases} {tasks} | {} | {} {} {} {} | {} {checkpoints} | {}",
        counts(plan.counts()),
        kind(ItemKind::SubTask),
        kind(ItemKind::Check),
        kind(ItemKind::Plain),
        plan.outside.len(),
        plan.tasks().map(|task| task.shas.len()).sum::<usize>(),
        findings(found),
    )
}

/// Every line that begins with a list marker is a task, an item, or lies in a code block or comment.
fn every_item_is_somewhere(name: &str, bytes: &[u8], plan: &Plan<'_>, found: &[Diagnostic<'_>]) {
    let mut known: BTreeSet<u32> = plan
        .tasks()
        .filter(|t| t.form == TaskForm::Box)
        .map(|t| t.line)
        .collect();
    known.extend(plan.tasks().flat_map(|task| &task.items).map(|item| item.line));
    known.extend(plan.phases.iter().flat_map(|phase| &phase.items).map(|item| item.line));
    known.extend(plan.outside.iter().map(|item| item.line));
    let named = |line: u32| {
        found
            .iter()
            .any(|d| d.lines.iter().any(|l| (l.first..=l.last).contains(&line)))
    };
    for (line, has_box) in list_lines(bytes) {
        assert!(
            known.contains(&line) || named(line),
            "{name}:{line} is lost (box: {has_box})"
        );
    }
    let boxes = list_lines(bytes).iter().filter(|(_, has_box)| *has_box).count();
    let items = || {
        plan.phases
            .iter()
            .flat_map(|p| p.items.iter().chain(p.tasks.iter().flat_map(|t| &t.items)))
    };
    let read = items()
        .chain(&plan.outside)
        .filter(|item| item.marker.is_some())
        .count()
        + plan.tasks().filter(|task| task.form == TaskForm::Box).count();
    let headings = plan
        .outside
        .iter()
        .filter(|item| item.marker.is_some() && !list_lines(bytes).contains(&(item.line, true)));
    assert_eq!(boxes, read - headings.count(), "{name}: boxes in the file, boxes read");
}

/// A second opinion on what a list item is, as plain as it gets: line number, and whether it has a box. Code blocks and
/// comments are left out.
fn list_lines(bytes: &[u8]) -> Vec<(u32, bool)> {
    let text = String::from_utf8_lossy(bytes);
    let (mut fence, mut comment) = (false, false);
    let mut found = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let start = line.trim_start();
        if start.starts_with("```") && !comment {
            fence = !fence;
            continue;
        }
        let was_comment = comment;
        if !fence && !line.contains('`') {
            comment = match (line.rfind("<!--"), line.rfind("-->")) {
                (Some(open), Some(close)) => open > close,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => comment,
            };
        }
        if fence || was_comment || start.chars().all(|c| c == '-' || c == ' ') && start.len() > 2 {
            continue;
        }
        let digits = start.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = match start.chars().next() {
            Some('-' | '*' | '+') => &start[1..],
            Some(c) if c.is_ascii_digit() && digits.starts_with(['.', ')']) => &digits[1..],
            _ => continue,
        };
        let body = rest.trim_start();
        let mut chars = body.chars();
        let has_box = chars.next() == Some('[')
            && chars.next().is_some()
            && chars.next() == Some(']')
            && chars.next() != Some('(');
        if has_box || rest.starts_with([' ', '\t']) {
            found.push((index as u32 + 1, has_box));
        }
    }
    found
}

#[test]
fn registries() {
    let Some(folder) = corpus() else { return };
    let mut lines = Vec::new();
    for (name, bytes) in files(&folder, "-tracks.md") {
        let (registry, found) = Registry::read("tracks.md", &bytes);
        let states = registry.entries.iter().filter_map(|entry| entry.state).collect();
        let with = |has: &dyn Fn(&conductor_tracks::registry::Entry<'_>) -> bool| {
            registry.entries.iter().filter(|e| has(e)).count()
        };
        lines.push(format!(
            "{} {} | {} | folders {} archived {} priorities {} depends {} | {}",
            digest(&bytes),
            registry.entries.len(),
            counts(states),
            with(&|entry| entry.folder.is_some()),
            with(&|entry| entry.archived),
            with(&|entry| entry.priority.is_some()),
            with(&|entry| !entry.depends_on.is_empty()),
            findings(&found),
        ));
        assert!(
            registry
                .entries
                .iter()
                .all(|entry| !entry.id.is_empty() && !entry.title.is_empty()),
            "{name}"
        );
        every_box_is_somewhere(&name, &bytes, &registry, &found);
    }
    compare("registries.txt", "# digest entries | states | … | findings", lines);
}

/// Every list item with a box is an entry or named.
fn every_box_is_somewhere(name: &str, bytes: &[u8], registry: &Registry<'_>, found: &[Diagnostic<'_>]) {
    let entries: BTreeSet<u32> = registry.entries.iter().map(|entry| entry.line).collect();
    let named = |line: u32| {
        found
            .iter()
            .any(|d| d.lines.iter().any(|l| (l.first..=l.last).contains(&line)))
    };
    for (line, _) in list_lines(bytes).into_iter().filter(|(_, has_box)| *has_box) {
        assert!(entries.contains(&line) || named(line), "{name}:{line} is lost");
    }
}

#[test]
fn json_files() {
    let Some(folder) = corpus() else { return };
    let mut lines = Vec::new();
    let file = "x.json".into();
    for (_, bytes) in files(&folder, "-metadata.json") {
        let mut found = Vec::new();
        let row = Metadata::read(&file, &bytes, &mut found).map_or("unreadable".to_string(), |m| {
            let state = m.state().map_or("-", State::as_str);
            format!(
                "{state} id {} depends {} beads {}",
                m.track_id.is_some(),
                m.depends_on.len(),
                m.beads_tasks.len()
            )
        });
        lines.push(format!("{} metadata {row} | {}", digest(&bytes), findings(&found)));
    }
    for (_, bytes) in files(&folder, "-implement_state.json") {
        let mut found = Vec::new();
        let row = ImplementState::read(&file, &bytes, &mut found).map_or("unreadable".to_string(), |s| {
            let (phase, task) = (s.current_phase_index, s.current_task_index);
            format!(
                "phase {phase:?} task {task:?} done {} {}",
                s.completed_phases.len(),
                s.completed_tasks.len()
            )
        });
        lines.push(format!(
            "{} implement_state {row} | {}",
            digest(&bytes),
            findings(&found)
        ));
    }
    for (_, bytes) in files(&folder, "-parallel_state.json") {
        let mut found = Vec::new();
        let row = ParallelState::read(&file, &bytes, &mut found).map_or("unreadable".to_string(), |s| {
            let beads = s.workers.iter().filter(|w| w.beads_id.is_some()).count();
            let titles = s.workers.iter().filter(|w| w.title.is_some()).count();
            let commits: usize = s.workers.iter().map(|w| w.commits.len()).sum();
            let (done, all) = (s.completed(), s.workers.len());
            format!(
                "{done}/{all} titles {titles} beads {beads} commits {commits} locks {}",
                s.file_locks.len()
            )
        });
        lines.push(format!(
            "{} parallel_state {row} | {}",
            digest(&bytes),
            findings(&found)
        ));
    }
    for (_, bytes) in files(&folder, "-beads.json") {
        let mut found = Vec::new();
        let row = BeadsConfig::read(&file, &bytes, &mut found).map_or("unreadable".to_string(), |b| {
            format!(
                "enabled {:?} mode {} gastown {}",
                b.enabled,
                b.mode.is_some(),
                b.gastown.is_some()
            )
        });
        lines.push(format!("{} beads {row} | {}", digest(&bytes), findings(&found)));
    }
    compare("json.txt", "# digest kind … | findings", lines);
}

/// Where a file of the corpus lies in its project: file name, project, path below `conductor/`, note.
fn index(folder: &Path) -> Vec<[String; 4]> {
    let text = std::fs::read_to_string(folder.join("INDEX.md")).expect("INDEX.md");
    let rows = text.lines().filter(|line| line.starts_with("| 0"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let path = cells[5]
            .find("conductor/")
            .map_or(cells[5], |at| &cells[5][at + "conductor/".len()..]);
        [cells[1], cells[4], path, cells[6]].map(String::from)
    })
    .collect()
}

/// Every project as a snapshot of its newest files: path → bytes.
fn projects(folder: &Path) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let mut projects: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for [name, project, path, note] in index(folder) {
        let files = projects.entry(project).or_default();
        if note == "HEAD" || !files.contains_key(&path) {
            files.insert(path, std::fs::read(folder.join(name)).expect("a readable file"));
        }
    }
    projects
}

fn sources(files: &BTreeMap<String, Vec<u8>>) -> Vec<Source<'_>> {
    files
        .iter()
        .map(|(path, bytes)| Source {
            path,
            content: Ok(bytes),
        })
        .collect()
}

#[test]
fn whole_projects() {
    let Some(folder) = corpus() else { return };
    let mut lines = Vec::new();
    for (name, files) in projects(&folder) {
        let sources = sources(&files);
        let project = Project::read(&sources);
        let plans = files.keys().filter(|path| path.ends_with("plan.md")).count();
        assert_eq!(
            project.tracks.iter().filter(|track| track.plan.is_some()).count(),
            plans,
            "{name}: a plan is lost"
        );
        let ids: BTreeSet<&str> = project.tracks.iter().map(|track| &*track.id).collect();
        assert_eq!(ids.len(), project.tracks.len(), "{name}: an id is there twice");
        let live = || project.tracks.iter().filter(|track| !track.archived);
        let mut tasks = Counts::default();
        live().for_each(|track| tasks.merge(track.counts()));
        lines.push(format!(
            "{} tracks {} archived {} | {} | tasks {} of {} | {}",
            digest(name.as_bytes()),
            project.tracks.len(),
            project.tracks.len() - live().count(),
            counts(project.tracks.iter().map(|track| track.state).collect()),
            tasks.done,
            tasks.total(),
            findings(&project.diagnostics),
        ));
    }
    compare(
        "projects.txt",
        "# digest of the name | states of the tracks | tasks of those not archived | findings",
        lines,
    );
}

#[test]
fn edits_change_only_their_bytes() {
    let Some(folder) = corpus() else { return };
    for (name, bytes) in files(&folder, "-plan.md") {
        assert_eq!(apply(&bytes, &[]).as_deref(), Ok(&bytes[..]), "{name}");
        let (plan, _) = Plan::read("plan.md", &bytes);
        for (at, task) in plan.tasks().enumerate() {
            let new = if task.state == State::Done {
                State::Pending
            } else {
                State::Done
            };
            let Some(edit) = task.set_state(new) else { continue };
            let changed = apply(&bytes, std::slice::from_ref(&edit)).expect("it fits");
            let kept = changed.len() - edit.text.len();
            assert_eq!(
                kept,
                bytes.len() - (edit.span.end - edit.span.start),
                "{name}:{}",
                task.line
            );
            assert_eq!(
                changed[..edit.span.start],
                bytes[..edit.span.start],
                "{name}:{}",
                task.line
            );
            assert_eq!(
                changed[edit.span.start + edit.text.len()..],
                bytes[edit.span.end..],
                "{name}:{}",
                task.line
            );
            let (again, _) = Plan::read("plan.md", &changed);
            let states: Vec<State> = again.tasks().map(|task| task.state).collect();
            let wanted: Vec<State> = plan
                .tasks()
                .enumerate()
                .map(|(i, t)| if i == at { new } else { t.state })
                .collect();
            assert_eq!(states, wanted, "{name}:{}", task.line);
            let titles = plan
                .tasks()
                .map(|task| &task.title)
                .eq(again.tasks().map(|task| &task.title));
            assert!(titles, "{name}:{}", task.line);
        }
    }
}

#[test]
fn commits_and_checkpoints_can_be_set() {
    let Some(folder) = corpus() else { return };
    for (name, bytes) in files(&folder, "-plan.md") {
        let (plan, _) = Plan::read("plan.md", &bytes);
        let edits: Vec<_> = plan.tasks().map(|task| task.set_sha("0a1b2c3")).collect();
        let changed = apply(&bytes, &edits).expect("they fit");
        let (again, _) = Plan::read("plan.md", &changed);
        for (old, new) in plan.tasks().zip(again.tasks()) {
            let last = new.shas.iter().filter(|sha| sha.sha == "0a1b2c3").count();
            assert_eq!(
                (last, new.shas.len()),
                (1, old.shas.len().max(1)),
                "{name}:{}",
                old.line
            );
            assert_eq!((&old.title, old.state), (&new.title, new.state), "{name}:{}", old.line);
        }
        let edits: Vec<_> = plan
            .phases
            .iter()
            .filter_map(|phase| phase.set_checkpoint("0a1b2c3"))
            .collect();
        let changed = apply(&bytes, &edits).expect("they fit");
        let (again, _) = Plan::read("plan.md", &changed);
        for (old, new) in plan.phases.iter().zip(&again.phases).filter(|(old, _)| !old.implicit) {
            assert_eq!(
                new.checkpoint.as_ref().map(|c| &*c.text),
                Some("0a1b2c3"),
                "{name}:{}",
                old.line
            );
            assert_eq!(
                (&old.title, &old.number),
                (&new.title, &new.number),
                "{name}:{}",
                old.line
            );
        }
    }
}
