//! What there is to say about a plan by itself.

use std::collections::BTreeMap;

use memchr::memmem::find;

use crate::annotation::{Annotation, Depends, Target, TargetKind};
use crate::claims;
use crate::cycle::cycles;
use crate::diagnostic::Diagnostic;
use crate::line::Lines;
use crate::marker::State;
use crate::plan::{Plan, Task, TaskForm};
use crate::plan_reader::{Seen, count};
use crate::resolver::Resolver;
use crate::{Marker, Text};

/// At most so many lines are named in one diagnostic.
pub(crate) const MOST_LINES: usize = 100;

/// Adds what there is to say about a plan that was read.
pub(crate) fn check<'a>(
    file: &Text<'a>,
    bytes: &'a [u8],
    plan: &Plan<'a>,
    seen: &Seen<'a>,
    found: &mut Vec<Diagnostic<'a>>,
) {
    found.extend(without_tasks(file, bytes, plan, seen));
    found.extend(not_utf8(file, bytes));
    found.extend(unknown_markers(file, plan));
    found.extend(open_checks(file, plan));
    found.extend(outside(file, seen));
    found.extend(odd_boxes(file, seen));
    found.extend(seen.unbound.iter().map(|annotation| unbound(file, annotation)));
    found.extend(same_numbers(file, plan));
    let resolver = Resolver::new(plan);
    found.extend(unknown_targets(file, plan, &resolver));
    found.extend(phase_cycles(file, plan, &resolver));
    found.extend(task_cycles(file, plan, &resolver));
    claims::check(file, plan, &resolver, found);
}

/// A diagnostic about several lines.
fn lines<'a>(found: Diagnostic<'a>, lines: &[u32]) -> Diagnostic<'a> {
    lines.iter().take(MOST_LINES).fold(found, |found, line| found.at(*line))
}

/// Why a plan has no tasks.
fn without_tasks<'a>(file: &Text<'a>, bytes: &[u8], plan: &Plan<'a>, seen: &Seen<'a>) -> Option<Diagnostic<'a>> {
    if plan.tasks().next().is_some() {
        return None;
    }
    let problem = |code, reason: String| Some(Diagnostic::problem(code, file.clone(), reason));
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return problem("utf-16", "no tasks: the file is UTF-16; save it as UTF-8".into());
    }
    if bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii()
        .is_empty()
    {
        return problem("empty-plan", "no tasks: the file is empty".into());
    }
    if plan.lines <= 2 && find(bytes, br"\n- [").or_else(|| find(bytes, br"\n#")).is_some() {
        let reason = r"no tasks: the file is one line with `\n` written out; replace each `\n` by a line end";
        return problem("escaped-newlines", reason.into());
    }
    let items = plan.outside.len() + plan.phases.iter().map(|phase| phase.items.len()).sum::<usize>();
    let lists = count(items as u32, "list item", "list items");
    let boxes = plan.outside.iter().filter(|item| item.marker.is_some()).count();
    if plan.phases.is_empty() {
        let headings = count(seen.headings, "heading", "headings");
        let reason = match boxes {
            0 => format!("neither phases nor tasks: {headings} and {lists}, none with a box (`- [ ] …`)"),
            _ => format!(
                "neither phases nor tasks: {headings}, and its {boxes} boxes say when it is good, not what to do"
            ),
        };
        return problem("no-tasks", reason);
    }
    let phases = count(plan.phases.len() as u32, "phase", "phases");
    let reason = format!("{phases}, but no tasks: {lists}, none with a box (`- [ ] …`) in a phase");
    let phase_lines: Vec<u32> = plan.phases.iter().map(|phase| phase.line).collect();
    problem("no-tasks", reason).map(|found| lines(found, &phase_lines))
}

/// The lines whose bytes are not UTF-8.
fn not_utf8<'a>(file: &Text<'a>, bytes: &'a [u8]) -> Option<Diagnostic<'a>> {
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let bad: Vec<u32> = Lines::new(bytes)
        .filter(|line| std::str::from_utf8(line.text).is_err())
        .map(|line| line.number)
        .take(MOST_LINES)
        .collect();
    let reason = "bytes that are not UTF-8: kept in the file, shown as `\u{fffd}`";
    Some(lines(Diagnostic::note("not-utf8", file.clone(), reason), &bad))
}

/// `[?]` and other markers that say nothing.
fn unknown_markers<'a>(file: &Text<'a>, plan: &Plan<'a>) -> Option<Diagnostic<'a>> {
    let mut bad: Vec<(u32, char)> = Vec::new();
    let mut look = |line: u32, marker: Option<Marker>| {
        bad.extend(marker.filter(|m| m.state() == State::Unknown).map(|m| (line, m.char)));
    };
    for phase in &plan.phases {
        look(phase.line, phase.marker);
        phase.items.iter().for_each(|item| look(item.line, item.marker));
        for task in &phase.tasks {
            look(task.line, task.marker);
            task.items.iter().for_each(|item| look(item.line, item.marker));
        }
    }
    plan.outside.iter().for_each(|item| look(item.line, item.marker));
    let (_, first) = *bad.first()?;
    bad.sort_unstable();
    let reason = match bad.len() {
        1 => format!("`[{first}]` is no marker: counted as not done (known are `[ ]`, `[~]`, `[x]`, `[!]`, `[-]`)"),
        n => format!("{n} markers that are not known, such as `[{first}]`: counted as not done"),
    };
    let found = Diagnostic::note("unknown-marker", file.clone(), reason);
    Some(lines(found, &bad.iter().map(|(line, _)| *line).collect::<Vec<_>>()))
}

/// Heading tasks that are done although a check is open.
fn open_checks<'a>(file: &Text<'a>, plan: &Plan<'a>) -> Option<Diagnostic<'a>> {
    let open = |task: &Task<'_>| {
        let counts = task.item_counts();
        counts.total() - counts.done
    };
    let done: Vec<_> = plan
        .tasks()
        .filter(|task| task.form == TaskForm::Heading && task.state == State::Done && open(task) > 0)
        .collect();
    let most = done.iter().map(|task| open(task)).max()?;
    let total: u32 = done.iter().map(|task| open(task)).sum();
    let sign = if done.iter().all(|task| task.marker.is_none()) {
        " (✅)"
    } else {
        ""
    };
    let tasks = count(done.len() as u32, "done task", "done tasks");
    let reason = match (done.len(), most) {
        (1, _) => format!(
            "{tasks}{sign} with {}: counted as done",
            count(total, "open check", "open checks")
        ),
        (_, 1) => format!("{tasks}{sign} with one open check each: counted as done"),
        _ => format!("{tasks}{sign} with {total} open checks: counted as done"),
    };
    let checks = done.iter().flat_map(|task| &task.items);
    let is_open = |state: State| !state.is_closed();
    let at: Vec<u32> = checks
        .filter(|item| item.state().is_some_and(is_open))
        .map(|item| item.line)
        .collect();
    Some(lines(Diagnostic::note("open-checks", file.clone(), reason), &at))
}

fn outside<'a>(file: &Text<'a>, seen: &Seen<'a>) -> impl Iterator<Item = Diagnostic<'a>> {
    seen.outside_boxes.iter().map(|(first, last, boxes)| {
        let boxes = count(*boxes, "box", "boxes");
        let reason = format!("{boxes} outside any phase: not counted, not dispatched");
        Diagnostic::note("outside-boxes", file.clone(), reason).span(*first, *last)
    })
}

/// Boxes where no list item is.
fn odd_boxes<'a>(file: &Text<'a>, seen: &Seen<'a>) -> impl Iterator<Item = Diagnostic<'a>> {
    let kinds = [
        (
            &seen.bare_boxes,
            "bare-box",
            "a box without a list marker (`- [ ] …`): not read as a task",
        ),
        (&seen.table_boxes, "table-box", "a box in a table: not read as a task"),
        (
            &seen.word_boxes,
            "word-box",
            "a word in the box, no marker (`[ ]`, `[~]`, `[x]`, `[!]`, `[-]`): not read as a task",
        ),
    ];
    let kinds = kinds.into_iter().filter(|(at, _, _)| !at.is_empty());
    kinds
        .map(|(at, code, reason)| lines(Diagnostic::note(code, file.clone(), reason), at))
        .collect::<Vec<_>>()
        .into_iter()
}

fn unbound<'a>(file: &Text<'a>, annotation: &Annotation<'a>) -> Diagnostic<'a> {
    let (key, value) = (&annotation.key, &annotation.value);
    let reason = if annotation.is("execution") && crate::annotation::Execution::parse(value).is_none() {
        format!("`execution: {value}` is neither `sequential` nor `parallel`: read as sequential")
    } else {
        format!("`{key}: {value}` belongs to no task or phase here, or says it a second time: not used")
    };
    Diagnostic::note("unused-annotation", file.clone(), reason).at(annotation.line)
}

/// Phases, and tasks of one phase, that share a number: `depends` can't tell them apart.
fn same_numbers<'a>(file: &Text<'a>, plan: &Plan<'a>) -> Vec<Diagnostic<'a>> {
    let phases = plan
        .phases
        .iter()
        .filter_map(|phase| Some((phase.number.as_deref()?, phase.line)));
    let mut found: Vec<_> = shared(phases)
        .map(|(number, at)| same(file, "phases", number, &at))
        .collect();
    for phase in &plan.phases {
        let tasks = phase
            .tasks
            .iter()
            .filter_map(|task| Some((task.number.as_deref()?, task.line)));
        found.extend(shared(tasks).map(|(number, at)| same(file, "tasks of a phase", number, &at)));
    }
    found
}

fn shared<'n>(numbers: impl Iterator<Item = (&'n str, u32)>) -> impl Iterator<Item = (&'n str, Vec<u32>)> {
    let mut by_number: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    numbers.for_each(|(number, line)| by_number.entry(number).or_default().push(line));
    by_number.into_iter().filter(|(_, at)| at.len() > 1)
}

fn same<'a>(file: &Text<'a>, what: &str, number: &str, at: &[u32]) -> Diagnostic<'a> {
    let reason = format!(
        "{} {what} have the number {number}: `depends` means the first",
        at.len()
    );
    lines(Diagnostic::note("same-number", file.clone(), reason), at)
}

/// Targets of `depends` that the plan does not have.
fn unknown_targets<'a>(file: &Text<'a>, plan: &Plan<'a>, resolver: &Resolver<'_>) -> Vec<Diagnostic<'a>> {
    let mut found = Vec::new();
    for (at, phase) in plan.phases.iter().enumerate() {
        let name = || format!("phase {}", phase.label());
        found.extend(
            phase
                .depends
                .targets()
                .iter()
                .filter_map(|target| unknown(file, resolver, at, name, target)),
        );
        for task in &phase.tasks {
            let name = || format!("task {}", task.name(phase));
            found.extend(
                task.depends
                    .targets()
                    .iter()
                    .filter_map(|target| unknown(file, resolver, at, name, target)),
            );
        }
    }
    found
}

fn unknown<'a>(
    file: &Text<'a>,
    resolver: &Resolver<'_>,
    phase: usize,
    name: impl Fn() -> String,
    target: &Target<'a>,
) -> Option<Diagnostic<'a>> {
    let why = match target.kind {
        TargetKind::Phase if resolver.phase(&target.number).is_none() => "the plan has no such phase",
        TargetKind::Task if resolver.task(phase, &target.number).is_none() => "the plan has no such task",
        TargetKind::Other => "neither a phase nor a task",
        _ => return None,
    };
    let reason = format!("{} depends on `{}`: {why}", name(), target.text);
    Some(Diagnostic::problem("unknown-depends", file.clone(), reason).at(target.line))
}

/// Phases that wait for each other. A phase that says nothing waits for the one before it.
fn phase_cycles<'a>(file: &Text<'a>, plan: &Plan<'a>, resolver: &Resolver<'_>) -> Vec<Diagnostic<'a>> {
    let of_kind = |target: &&Target<'_>| target.kind == TargetKind::Phase;
    let edges: Vec<Vec<usize>> = plan
        .phases
        .iter()
        .enumerate()
        .map(|(at, phase)| match &phase.depends {
            Depends::Absent => at.checked_sub(1).into_iter().collect(),
            depends => depends
                .targets()
                .iter()
                .filter(of_kind)
                .filter_map(|target| resolver.phase(&target.number))
                .collect(),
        })
        .collect();
    let named = |at: &usize| (format!("phase {}", plan.phases[*at].label()), plan.phases[*at].line);
    cycles(&edges)
        .iter()
        .map(|cycle| waiting(file, cycle.iter().map(named).collect()))
        .collect()
}

/// Tasks that name each other in `depends`.
fn task_cycles<'a>(file: &Text<'a>, plan: &Plan<'a>, resolver: &Resolver<'_>) -> Vec<Diagnostic<'a>> {
    let all: Vec<(usize, usize)> = plan
        .phases
        .iter()
        .enumerate()
        .flat_map(|(phase, it)| (0..it.tasks.len()).map(move |task| (phase, task)))
        .collect();
    let of_kind = |target: &&Target<'_>| target.kind == TargetKind::Task;
    let node = |target: &Target<'_>, from: usize| all.binary_search(&resolver.task(from, &target.number)?).ok();
    let edges: Vec<Vec<usize>> = all
        .iter()
        .map(|(phase, task)| {
            let targets = plan.phases[*phase].tasks[*task].depends.targets().iter();
            targets
                .filter(of_kind)
                .filter_map(|target| node(target, *phase))
                .collect()
        })
        .collect();
    let named = |at: &usize| {
        let (phase, task) = all[*at];
        let (phase, task) = (&plan.phases[phase], &plan.phases[phase].tasks[task]);
        (format!("task {}", task.name(phase)), task.line)
    };
    cycles(&edges)
        .iter()
        .map(|cycle| waiting(file, cycle.iter().map(named).collect()))
        .collect()
}

fn waiting<'a>(file: &Text<'a>, cycle: Vec<(String, u32)>) -> Diagnostic<'a> {
    let names: Vec<&str> = cycle
        .iter()
        .chain(cycle.first())
        .map(|(name, _)| name.as_str())
        .take(MOST_LINES)
        .collect();
    let reason = format!("{}: each waits for the next, so none can begin", names.join(" → "));
    let at: Vec<u32> = cycle.iter().map(|(_, line)| *line).collect();
    lines(Diagnostic::problem("depends-cycle", file.clone(), reason), &at)
}
