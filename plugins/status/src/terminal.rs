//! The report for a person at a terminal, laid out for its columns.

use conductor_plugin::{Style, Text};

use crate::bar::bar;
use crate::layout::{Cell, HARD_SPACE, Margin, fits, paragraph, table};
use crate::report::{
    Action, Check, Finding, Group, Parallel, PhaseStatus, Report, Status, TaskStatus, TrackStatus, Waiting,
    WorkerStatus,
};
use crate::words::{self, Phrase};
use conductor_common::width::one_line;

mod live;

/// Narrower than this, labels stand on a line of their own.
const NARROW: usize = 60;

/// The columns of `problem`, and of the space around it.
const SEVERITY: usize = 12;

/// Done phases in a row from which on they share one line.
const RUN: usize = 3;

/// Lays the report out.
#[must_use]
pub fn text(report: &Report, columns: u16) -> Text {
    let mut page = Page {
        text: Text::default(),
        columns: usize::from(columns).max(20),
    };
    if report.selected.is_none() {
        page.header(report);
    }
    page.waiting(report);
    report.blocks().for_each(|track| page.track(track, report));
    if let Some(beads) = report.beads {
        page.beads(beads);
    }
    page.others(report);
    page.next(&report.next);
    page.findings(report);
    page.text
}

struct Page {
    text: Text,
    columns: usize,
}

impl Page {
    fn rows(&mut self, indent: usize, rows: Vec<Vec<Cell>>) {
        table(&mut self.text, self.columns, Margin::blank(indent), &rows);
    }

    /// Rows with a label to the left, or above where the terminal is narrow.
    fn labelled(&mut self, label: &str, rows: Vec<Vec<Cell>>) {
        if self.columns < NARROW {
            self.text.push(Style::Strong, label);
            self.text.end_line();
            return self.rows(2, rows);
        }
        let first = format!("{label:<10}");
        let margin = Margin {
            style: Style::Strong,
            first: &first,
            rest: 10,
        };
        table(&mut self.text, self.columns, margin, &rows);
    }

    fn header(&mut self, report: &Report) {
        let name = one_line(report.project).into_owned();
        let counts = words::tracks(&report.totals);
        let progress = words::progress(&report.totals.tasks).unwrap_or_default();
        let cells = [(Style::Strong, name), (Style::Plain, counts), (Style::Plain, progress)];
        self.rows(
            0,
            vec![cells.into_iter().map(|(style, text)| Cell::new(style, text)).collect()],
        );
        self.text.end_line();
    }

    fn waiting(&mut self, report: &Report) {
        if report.waiting.is_empty() && report.waiting_elsewhere.is_empty() {
            return;
        }
        self.text.push(Style::Strong, "Waiting for you\n");
        let rows = |place: fn(&str) -> &str| {
            let of_plans = report.waiting.iter().map(|waiting| waiting_row(waiting, place));
            let elsewhere = report
                .waiting_elsewhere
                .iter()
                .map(|waiting| Self::waiting_elsewhere(waiting));
            of_plans.chain(elsewhere).collect()
        };
        let whole: Vec<_> = rows(|file| file);
        // The track is named beside it: where the path is too long, the plan's name alone will do.
        let fits = fits(self.columns, Margin::blank(2), &whole);
        self.rows(2, if fits { whole } else { rows(file_name) });
        self.text.end_line();
    }

    fn track(&mut self, track: &TrackStatus, report: &Report) {
        self.rows(0, vec![heading(track)]);
        match track.phases.iter().any(|phase| phase.task_list.is_some()) {
            true => track.phases.iter().for_each(|phase| self.phase_in_full(phase)),
            false => self.rows(0, runs(&track.phases).map(phase_row).collect()),
        }
        self.details(track);
        if let Some((of_track, town)) = track.gastown.zip(report.gastown) {
            self.gastown(of_track, town);
        }
        self.text.end_line();
    }

    fn phase_in_full(&mut self, phase: &PhaseStatus) {
        self.rows(0, vec![phase_row(std::slice::from_ref(phase))]);
        let tasks = phase.task_list.iter().flatten().map(task_row).collect();
        self.rows(4, tasks);
        self.rows(4, phase.checks.iter().map(check_row).collect());
    }

    fn details(&mut self, track: &TrackStatus) {
        let name = track.plan.map(file_name).unwrap_or_default();
        let located = |tasks: &[TaskStatus]| tasks.iter().flat_map(|task| located_task(name, task)).collect();
        self.detail("Current", located(&track.current));
        self.detail("Blocked", located(&track.blockers));
        if let Some(parallel) = &track.parallel {
            self.workers(parallel);
        }
        if let Some(boxes) = track.outside {
            let place = format!("{}:{}", one_line(name), words::lines(boxes.first_line, boxes.last_line));
            let row = vec![
                Cell::new(Style::Plain, words::outside(boxes)),
                Cell::new(Style::Dim, place),
            ];
            self.detail("Outside", vec![row]);
        }
        self.last_done(track);
    }

    fn workers(&mut self, parallel: &Parallel) {
        let mut rows = vec![vec![Cell::new(Style::Plain, words::workers(parallel))]];
        if let Some(phase) = parallel.phase {
            rows[0].push(Cell::flexible(Style::Dim, one_line(phase)));
        }
        self.detail("Workers", rows);
        self.rows(4, parallel.workers.iter().map(worker_row).collect());
        let lock = |lock: &crate::report::Lock| {
            vec![
                Cell::new(Style::Plain, one_line(lock.path)),
                Cell::new(Style::Dim, one_line(lock.worker)),
            ]
        };
        self.detail("Locks", parallel.locks.iter().map(lock).collect());
    }

    fn last_done(&mut self, track: &TrackStatus) {
        let done = track
            .last_done
            .iter()
            .map(|done| format!("{} {}", one_line(&done.task), one_line(done.sha)));
        let mut row = vec![Cell::new(Style::Plain, done.collect::<Vec<_>>().join(" · "))];
        if track.last_done.iter().any(|done| done.line.is_none()) {
            row.push(Cell::new(Style::Dim, "(implement_state.json)"));
        }
        if !track.last_done.is_empty() {
            self.detail("Last done", vec![row]);
        }
    }

    /// A line of a track's block, below its phases.
    fn detail(&mut self, label: &str, rows: Vec<Vec<Cell>>) {
        if rows.is_empty() {
            return;
        }
        let (first, rest) = match self.columns < NARROW {
            true => (format!("  {label}  "), 4),
            false => (format!("  {label:<9}  "), 13),
        };
        let margin = Margin {
            style: Style::Plain,
            first: &first,
            rest,
        };
        table(&mut self.text, self.columns, margin, &rows);
    }

    /// The tracks that get a line: pending ones, and with `--all` done and removed ones.
    fn others(&mut self, report: &Report) {
        if report.selected.is_some() {
            return;
        }
        let of = |group| {
            let lines = report.tracks.iter().filter(|track| !track.has_block());
            lines.filter(move |track| track.group == group)
        };
        let rows: Vec<_> = of(Group::Pending).map(pending_row).collect();
        let (done, removed) = match report.all {
            true => (
                of(Group::Done).map(done_row).collect(),
                of(Group::Removed).map(done_row).collect(),
            ),
            false => (done_count(report), Vec::new()),
        };
        let any = !(rows.is_empty() && done.is_empty() && removed.is_empty());
        for (label, rows) in [("Pending", rows), ("Done", done), ("Removed", removed)] {
            if !rows.is_empty() {
                self.labelled(label, rows);
            }
        }
        if any {
            self.text.end_line();
        }
    }

    fn next(&mut self, actions: &[Action]) {
        let is_narrow = self.columns < NARROW;
        if is_narrow && !actions.is_empty() {
            self.text.push(Style::Strong, "Next\n");
        }
        for (index, action) in actions.iter().enumerate() {
            let or = if index > 0 { "or " } else { "" };
            let sentence = format!("{or}{}", words::action::<Terminal>(action));
            let margin = match (is_narrow, index) {
                (true, _) => Margin {
                    style: Style::Plain,
                    first: "  ",
                    rest: 4,
                },
                (false, 0) => Margin {
                    style: Style::Strong,
                    first: "Next      ",
                    rest: 10,
                },
                (false, _) => Margin::blank(10),
            };
            paragraph(&mut self.text, self.columns, margin, &sentence);
        }
    }

    /// One line for each where all of them fit, otherwise the reason below the place.
    fn finding_list(&mut self, findings: &[Finding]) {
        let rows: Vec<_> = findings.iter().map(finding_row).collect();
        if fits(self.columns, Margin::blank(2), &rows) {
            return self.rows(2, rows);
        }
        for (finding, mut row) in findings.iter().zip(rows) {
            row.pop();
            row[0] = Cell::new(severity_style(finding), format!("{:<7}", finding.severity));
            self.rows(2, vec![row]);
            let reason = words::finding_reason(finding);
            let indent = if self.columns < NARROW { 4 } else { SEVERITY };
            paragraph(&mut self.text, self.columns, Margin::blank(indent), &reason);
        }
    }

    fn findings(&mut self, report: &Report) {
        let Some(counts) = words::findings(report) else { return };
        let style = if report.problems > 0 { Style::Bad } else { Style::Plain };
        match &report.diagnostics {
            Some(findings) => {
                self.text.end_line();
                self.text.push(style, &counts);
                self.text.end_line();
                self.finding_list(findings);
            }
            None => {
                let track = report
                    .selected
                    .map(|id| format!("{} ", one_line(id)))
                    .unwrap_or_default();
                self.text.push(style, &counts);
                self.text.plain(&format!(": `conductor status {track}--diagnostics`\n"));
            }
        }
    }
}

fn waiting_row(waiting: &Waiting, place: fn(&str) -> &str) -> Vec<Cell> {
    vec![
        Cell::new(Style::Plain, one_line(waiting.track)),
        Cell::new(Style::Warn, words::waiting(waiting)),
        Cell::new(
            Style::Dim,
            format!("{}:{}", one_line(place(waiting.file)), waiting.line),
        ),
    ]
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn heading(track: &TrackStatus) -> Vec<Cell> {
    let name = format!("## Track: {} {}", one_line(track.id), track.status.checkbox());
    let mut cells = vec![
        Cell::new(Style::Strong, name),
        Cell::flexible(Style::Plain, words::title(track)),
    ];
    cells.extend(
        track
            .priority
            .as_ref()
            .map(|priority| Cell::new(Style::Plain, one_line(priority))),
    );
    cells.extend(words::waits_for(track).map(|waits| Cell::new(Style::Warn, waits)));
    cells.extend(track.archived.then(|| Cell::new(Style::Dim, "archived")));
    cells.push(Cell::new(Style::Plain, words::track_progress(track)));
    cells
}

/// The phases one by one, but done ones in a row of three or more together.
fn runs<'r, 'a>(phases: &'r [PhaseStatus<'a>]) -> impl Iterator<Item = &'r [PhaseStatus<'a>]> {
    let is_done = |phase: &PhaseStatus| phase.status == Some(Status::Done) && phase.number.is_some();
    phases
        .chunk_by(move |a, b| is_done(a) && is_done(b))
        .flat_map(|run| run.chunks(if run.len() < RUN { 1 } else { run.len() }))
}

/// One phase, or a run of done ones.
fn phase_row(run: &[PhaseStatus]) -> Vec<Cell> {
    let (first, last) = match run {
        [first, .., last] => (first, Some(last)),
        [first] => (first, None),
        [] => return Vec::new(),
    };
    let style = if first.status == Some(Status::Done) {
        Style::Good
    } else {
        Style::Plain
    };
    let Some(last) = last else {
        let state = words::phase_state::<Terminal>(first).unwrap_or_default();
        let state_style = if first.waits_for_person || first.tasks.blocked > 0 {
            Style::Warn
        } else {
            Style::Dim
        };
        return vec![
            Cell::new(style, progress(&words::phase_label(first), &first.tasks)),
            Cell::flexible(Style::Plain, one_line(first.title)),
            Cell::new(state_style, state),
        ];
    };
    let label = format!(
        "{}-{}",
        words::phase_label(first),
        one_line(last.number.unwrap_or_default())
    );
    let total = run.iter().map(|phase| phase.tasks.total).sum();
    let tasks = crate::report::Tasks {
        total,
        done: total,
        percent: Some(100),
        ..Default::default()
    };
    vec![Cell::new(style, progress(&label, &tasks))]
}

fn progress(label: &str, tasks: &crate::report::Tasks) -> String {
    match words::percent(tasks) {
        Some(percent) => format!("- {label}: {} {percent}", bar(tasks.percent.unwrap_or_default())),
        None => format!("- {label}: no tasks"),
    }
}

fn task_row(task: &TaskStatus) -> Vec<Cell> {
    let style = if task.status == Status::Blocked {
        Style::Warn
    } else {
        Style::Plain
    };
    vec![
        Cell::new(style, format!("{} {}", task.status.checkbox(), one_line(&task.label))),
        Cell::flexible(style, one_line(task.title)),
        Cell::flexible(Style::Dim, words::task_state(task)),
        Cell::new(Style::Dim, format!(":{}", task.line)),
    ]
}

fn check_row(check: &Check) -> Vec<Cell> {
    vec![
        Cell::new(Style::Plain, format!("{} check", check.status.checkbox())),
        Cell::flexible(Style::Plain, one_line(check.text)),
        Cell::new(Style::Dim, format!(":{}", check.line)),
    ]
}

/// A task in its track's block, where the track need not be named again; below it the reason, if it gives one.
fn located_task(file: &str, task: &TaskStatus) -> Vec<Vec<Cell>> {
    let place = format!("{}:{}", one_line(file), task.line);
    let mut rows = vec![vec![
        Cell::flexible(Style::Plain, words::task(task)),
        Cell::new(Style::Dim, place),
    ]];
    let reason = words::blocked_by(task);
    if !reason.is_empty() {
        rows.push(vec![Cell::flexible(Style::Warn, reason)]);
    }
    rows
}

fn worker_row(worker: &WorkerStatus) -> Vec<Cell> {
    let style = match worker.status {
        Some(Status::Done) => Style::Good,
        Some(Status::Blocked) => Style::Bad,
        _ => Style::Plain,
    };
    let commits: Vec<_> = worker.commits.iter().map(|commit| one_line(commit)).collect();
    vec![
        Cell::new(Style::Plain, one_line(worker.id)),
        Cell::new(style, words::worker_state(worker)),
        Cell::flexible(Style::Plain, one_line(worker.title.unwrap_or_default())),
        Cell::new(Style::Dim, commits.join(", ")),
    ]
}

fn pending_row(track: &TrackStatus) -> Vec<Cell> {
    let priority = track.priority.as_deref().map(one_line).unwrap_or_default();
    let mut row = track_row(track);
    row.push(Cell::new(Style::Plain, priority));
    row.push(Cell::new(Style::Plain, words::readiness(track)));
    row
}

fn done_row(track: &TrackStatus) -> Vec<Cell> {
    let mut row = track_row(track);
    row.push(Cell::new(Style::Dim, if track.archived { "archived" } else { "" }));
    row
}

fn track_row(track: &TrackStatus) -> Vec<Cell> {
    let id = format!("{} {}", track.status.checkbox(), one_line(track.id));
    vec![
        Cell::new(Style::Plain, id),
        Cell::flexible(Style::Plain, words::title(track)),
        Cell::new(Style::Plain, words::track_progress(track)),
    ]
}

fn done_count(report: &Report) -> Vec<Vec<Cell>> {
    let (done, archived) = (report.totals.done, report.totals.archived);
    let sentence = match archived {
        0 => done.to_string(),
        _ => format!("{done}, of which {archived} archived: `conductor status --all`"),
    };
    if done == 0 {
        Vec::new()
    } else {
        vec![vec![Cell::new(Style::Plain, sentence)]]
    }
}

fn severity_style(finding: &Finding) -> Style {
    if finding.severity == "problem" {
        Style::Bad
    } else {
        Style::Plain
    }
}

fn finding_row(finding: &Finding) -> Vec<Cell> {
    vec![
        Cell::new(severity_style(finding), finding.severity),
        Cell::new(Style::Plain, words::finding_place(finding)),
        Cell::new(Style::Plain, words::finding_reason(finding)),
    ]
}

/// The sentences that all forms share, for a terminal. In them a plan is named without its folder: the track is named beside it.
struct Terminal;

impl Phrase for Terminal {
    const VERIFICATION: &'static str = "you: verification";
    const ASK: &'static str = "";

    fn id(id: &str) -> String {
        one_line(id).into_owned()
    }

    fn name(name: &str) -> String {
        name.to_owned()
    }

    fn place(file: &str, lines: &str) -> String {
        match lines {
            "" => one_line(file).into_owned(),
            lines => format!("{}:{lines}", one_line(file_name(file))),
        }
    }

    fn command(command: &str) -> String {
        let whole = one_line(command).replace(' ', &HARD_SPACE.to_string());
        format!("`{whole}`")
    }
}
