//! Reads a `plan.md` in one pass: headings say where we are, list items are collected until the next heading and then
//! given their places.

use crate::annotation::Annotation;
use crate::block::{Block, Blocks, Comment, Hidden, comments};
use crate::diagnostic::{Diagnostic, cap};
use crate::heading::{self, Heading, Kind, is_verification};
use crate::inline::visible;
use crate::line::{Line, contains_ignore_case, text};
use crate::list::{checkbox, list_line};
use crate::marker::{Marker, State};
use crate::plan::{Item, ItemKind, Phase, Plan, Task, TaskForm};
use crate::plan_section::{RawItem, Section, bind};
use crate::tail::Tail;
use crate::{Span, Text, plan_check};

impl<'a> Plan<'a> {
    /// Reads a plan. `file` is its path relative to `conductor/`, for the diagnostics.
    ///
    /// Never fails. What can't be read as a phase, a task or something under one is named in a diagnostic.
    pub fn read(file: impl Into<Text<'a>>, bytes: &'a [u8]) -> (Self, Vec<Diagnostic<'a>>) {
        let mut reader = Reader::new(file.into(), bytes);
        for block in Blocks::new(bytes) {
            reader.block(block);
        }
        reader.finish()
    }
}

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Outside phases: boxes are shown, never counted.
    Outside,
    /// In a phase: boxes are tasks.
    Phase,
    /// In a phase, under a heading of this level whose boxes are checks.
    Checks(u8),
    /// Under a heading task of this level: boxes are its checks.
    HeadingTask(u8),
}

/// What was seen and is said once for the whole file.
#[derive(Debug, Default)]
pub(crate) struct Seen<'a> {
    /// Lines that begin with a box and no bullet, also behind `>`.
    pub(crate) bare_boxes: Vec<u32>,
    /// Table rows with a box.
    pub(crate) table_boxes: Vec<u32>,
    /// List items such as `- [WIP] …`.
    pub(crate) word_boxes: Vec<u32>,
    /// Annotations that stand outside phases, or say what they can't say there.
    pub(crate) unbound: Vec<Annotation<'a>>,
    /// Runs of boxes outside phases: first line, last line, how many.
    pub(crate) outside_boxes: Vec<(u32, u32, u32)>,
    /// How many headings there are that begin no phase.
    pub(crate) headings: u32,
}

struct Reader<'a> {
    file: Text<'a>,
    bytes: &'a [u8],
    plan: Plan<'a>,
    diagnostics: Vec<Diagnostic<'a>>,
    seen: Seen<'a>,
    place: Place,
    /// The level of the open phase's heading; 0 in a plan without phases.
    phase_level: u8,
    /// Whether the file has no phase heading, so that its tasks make one implicit phase.
    implicit: bool,
    /// In a plan without phases: the level of the heading whose boxes are no tasks.
    aside: Option<u8>,
    /// Whether the first heading is the plan's title though it reads like a phase.
    title_is_phase: bool,
    section: Section<'a>,
    lines: u32,
}

impl<'a> Reader<'a> {
    fn new(file: Text<'a>, bytes: &'a [u8]) -> Self {
        let (implicit, title_is_phase) = look_for_phases(bytes);
        Self {
            file,
            bytes,
            plan: Plan::default(),
            diagnostics: Vec::new(),
            seen: Seen::default(),
            place: if implicit { Place::Phase } else { Place::Outside },
            phase_level: 0,
            implicit,
            aside: None,
            title_is_phase,
            section: Section::default(),
            lines: 0,
        }
    }

    fn block(&mut self, block: Block<'a>) {
        match block {
            Block::Line(line) => self.line(line),
            Block::Comment(comment) => self.comment(comment),
            Block::Code(hidden) => self.hidden(hidden, "code block"),
            Block::Unclosed(unclosed) => {
                self.lines = self.lines.max(unclosed.line);
                unclosed.report(&self.file, &mut self.diagnostics);
            }
        }
    }

    fn line(&mut self, line: Line<'a>) {
        self.lines = self.lines.max(line.number);
        match line.text.trim_ascii_start() {
            [] => {}
            [b'#', ..] if heading::level(line.text).is_some() => self.heading(&line),
            [b'-' | b'*' | b'+' | b'0'..=b'9', ..] => match list_line(&line) {
                Some(item) => self.item(&line, item.indent, item.marker, item.content),
                None => self.other_text(&line),
            },
            _ => self.other_text(&line),
        }
    }

    fn item(&mut self, line: &Line<'a>, indent: u32, marker: Option<Marker>, content: usize) {
        let rest = &line.text[content..];
        if marker.is_none() && is_word_box(rest) {
            self.seen.word_boxes.push(line.number);
        }
        let item = RawItem {
            line: line.number,
            last_line: line.number,
            indent,
            marker,
            text: rest,
            text_start: line.start + content,
            line_end: line.text_end().max(line.start + content),
        };
        self.section.push(item);
    }

    /// A line that is neither heading nor list item: annotations, boxes in unusual places, or prose.
    fn other_text(&mut self, line: &Line<'a>) {
        let start = line.text.trim_ascii_start();
        match start {
            [b'<', b'!', ..] => self.annotations(line),
            [b'[' | b'\\', ..] if checkbox(start).is_some_and(|found| start.get(found.length) == Some(&b' ')) => {
                self.seen.bare_boxes.push(line.number);
            }
            [b'>', ..] => self.quoted(line),
            [b'|', ..] if cells(start).any(|cell| checkbox(cell).is_some_and(|found| found.length == cell.len())) => {
                self.seen.table_boxes.push(line.number);
            }
            _ => {}
        }
        self.section.extend_to(line.number);
    }

    fn quoted(&mut self, line: &Line<'a>) {
        let at = line
            .text
            .iter()
            .position(|b| !matches!(b, b' ' | b'\t' | b'>'))
            .unwrap_or(line.text.len());
        let inner = Line {
            text: &line.text[at..],
            start: line.start + at,
            ..*line
        };
        if list_line(&inner).is_some_and(|item| item.marker.is_some()) {
            self.seen.bare_boxes.push(line.number);
        }
    }

    fn annotations(&mut self, line: &Line<'a>) {
        for comment in comments(line.text) {
            let (Some(end), Some(body)) = (comment.end, comment.body(line.text)) else {
                continue;
            };
            let span = Span {
                start: line.start + comment.start,
                end: line.start + end,
            };
            if let Some(found) = Annotation::parse(body, line.number, span) {
                self.section.annotate(found);
            }
        }
    }

    fn comment(&mut self, comment: Comment<'a>) {
        let hidden = comment.hidden;
        self.lines = self.lines.max(hidden.last);
        let span = Span {
            start: comment.start,
            end: comment.start + comment.body.len() + 7,
        };
        let annotation = Annotation::parse(comment.body, hidden.first, span);
        let known = annotation.filter(|a| ["files", "depends", "execution"].iter().any(|key| a.is(key)));
        known.into_iter().for_each(|found| self.section.annotate(found));
        self.hidden(hidden, "comment");
    }

    fn hidden(&mut self, hidden: Hidden, what: &str) {
        self.lines = self.lines.max(hidden.last);
        self.section.extend_to(hidden.last);
        if hidden.boxes > 0 {
            let reason = format!("{} in a {what}: not read as tasks", count(hidden.boxes, "box", "boxes"));
            let found = Diagnostic::note("hidden-boxes", self.file.clone(), reason);
            self.diagnostics.push(found.span(hidden.first, hidden.last));
        }
    }

    fn heading(&mut self, line: &Line<'a>) {
        let Some(heading) = heading::read(line) else { return };
        self.close_section();
        if heading.level == 1 && self.plan.title.is_none() && (self.title_is_phase || !is_phase(&heading)) {
            self.plan.title = Some(visible(heading.text));
        }
        match heading.kind {
            Kind::Phase { .. } if std::mem::take(&mut self.title_is_phase) => {}
            Kind::Phase { .. } => self.phase(line, heading),
            Kind::Task { .. } => self.heading_task(line, heading),
            _ => {
                self.title_is_phase = false;
                self.other_heading(&heading);
            }
        }
    }

    fn phase(&mut self, line: &Line<'a>, heading: Heading<'a>) {
        let line_end = heading.end();
        let Kind::Phase { number, title } = heading.kind else {
            return;
        };
        if self.repeats_phase(number.as_ref(), &title) {
            self.place = Place::Checks(heading.level);
            return;
        }
        let mut phase = Phase {
            number,
            ordinal: self.plan.phases.len() as u32 + 1,
            title,
            line: line.number,
            line_end,
            marker: heading.marker,
            said_done: heading.tail.said_done,
            ..Phase::default()
        };
        self.place = Place::Phase;
        self.phase_level = heading.level;
        let Tail {
            comments, checkpoint, ..
        } = heading.tail;
        phase.checkpoint = checkpoint;
        self.plan.phases.push(phase);
        self.section.annotate_all(comments, line.number);
    }

    /// `## Phase 1: Checkpoint` right after phase 1 is no phase of its own.
    fn repeats_phase(&self, number: Option<&Text<'a>>, title: &str) -> bool {
        let last = self
            .plan
            .phases
            .last()
            .filter(|_| self.place != Place::Outside && number.is_some());
        last.is_some_and(|phase| phase.number.as_ref() == number)
            && ["checkpoint", "verification"]
                .iter()
                .any(|word| contains_ignore_case(title.as_bytes(), word))
    }

    fn heading_task(&mut self, line: &Line<'a>, heading: Heading<'a>) {
        let line_end = heading.end();
        let Kind::Task { number, title } = heading.kind else {
            return;
        };
        if self.aside.is_some_and(|level| heading.level <= level) {
            self.aside = None;
            self.place = Place::Phase;
        }
        if self.place == Place::Outside {
            let item = Item {
                kind: ItemKind::Check,
                line: line.number,
                line_end: line.text_end(),
                indent: 0,
                marker: heading.marker,
                text: text(heading.text),
            };
            self.seen.outside_boxes.push((line.number, line.number, 1));
            self.plan.outside.push(item);
            return;
        }
        let is_checkpoint = number.is_none() && contains_ignore_case(title.as_bytes(), "checkpoint");
        let state = match heading.marker {
            Some(marker) => marker.state(),
            None if heading.tail.said_done => State::Done,
            None => State::Pending,
        };
        let verification = is_verification(&title) || is_checkpoint;
        let phase = self.open_phase(line.number);
        let task = Task {
            number,
            ordinal: phase.tasks.len() as u32 + 1,
            title,
            form: TaskForm::Heading,
            line: line.number,
            text_start: heading.start,
            line_end,
            last_line: line.number,
            marker: heading.marker,
            state,
            said_done: heading.tail.said_done,
            shas: heading.tail.shas,
            checkpoint: heading.tail.checkpoint.map(Box::new),
            verification,
            remark: heading.tail.remark,
            depends: Default::default(),
            files: None,
            annotations: Vec::new(),
            items: Vec::new(),
        };
        phase.tasks.push(task);
        self.place = Place::HeadingTask(heading.level);
        self.section.annotate_all(heading.tail.comments, line.number);
    }

    /// The last phase; makes the implicit one when there is none.
    fn open_phase(&mut self, line: u32) -> &mut Phase<'a> {
        if self.plan.phases.is_empty() {
            self.plan.phases.push(Phase {
                ordinal: 1,
                line,
                implicit: true,
                ..Phase::default()
            });
        }
        let last = self.plan.phases.len() - 1;
        &mut self.plan.phases[last]
    }

    fn other_heading(&mut self, heading: &Heading<'a>) {
        self.seen.headings += 1;
        let (level, checks) = (heading.level, heading.kind == Kind::Checks);
        if self.implicit {
            return self.other_heading_without_phases(level, checks);
        }
        self.place = match self.place {
            Place::Outside => Place::Outside,
            // The same level as the phases, or above: the phase is over, but for `### Tasks` and `### Verification`.
            _ if level <= self.phase_level => match heading.kind {
                Kind::Tasks => Place::Phase,
                Kind::Checks if level > 2 => Place::Checks(level),
                _ => Place::Outside,
            },
            Place::HeadingTask(task) if level > task => Place::HeadingTask(task),
            Place::Checks(above) if level > above => Place::Checks(above),
            _ if checks => Place::Checks(level),
            _ => Place::Phase,
        };
    }

    fn other_heading_without_phases(&mut self, level: u8, checks: bool) {
        if self.aside.is_some_and(|aside| level > aside) {
            return;
        }
        self.aside = checks.then_some(level);
        self.place = match self.place {
            _ if checks => Place::Outside,
            Place::HeadingTask(task) if level > task => Place::HeadingTask(task),
            _ => Place::Phase,
        };
    }

    /// Gives the collected items their places.
    fn close_section(&mut self) {
        if self.section.is_empty() {
            return;
        }
        let section = std::mem::take(&mut self.section);
        match self.place {
            Place::Outside => self.section_outside(section),
            Place::Phase => self.section_of_tasks(section),
            Place::Checks(_) => self.section_of_checks(section),
            Place::HeadingTask(_) => self.section_of_heading(section),
        }
    }

    fn section_outside(&mut self, section: Section<'a>) {
        self.seen.unbound.extend(section.annotations());
        self.seen.outside_boxes.extend(section.boxes());
        self.plan.outside.extend(section.items(ItemKind::Check));
    }

    fn section_of_tasks(&mut self, section: Section<'a>) {
        if self.implicit && section.min_box_indent().is_none() {
            // Prose before, between or after the tasks; only annotations may be meant for a task.
            self.seen.unbound.extend(section.annotations());
            self.plan.outside.extend(section.items(ItemKind::Check));
            return;
        }
        let line = section.first_line();
        let phase = self.open_phase(line);
        let unbound = section.into_tasks(phase);
        self.seen.unbound.extend(unbound);
    }

    fn section_of_checks(&mut self, section: Section<'a>) {
        self.seen.unbound.extend(section.annotations());
        let line = section.first_line();
        self.open_phase(line).items.extend(section.items(ItemKind::Check));
    }

    fn section_of_heading(&mut self, section: Section<'a>) {
        let line = section.first_line();
        let phase = self.open_phase(line);
        let mut unbound = Vec::new();
        let Some(at) = phase.tasks.len().checked_sub(1) else {
            return;
        };
        for annotation in section.annotations() {
            unbound.extend(bind(phase, Some(at), annotation));
        }
        let task = &mut phase.tasks[at];
        task.last_line = task.last_line.max(section.last_line());
        task.items.extend(section.items(ItemKind::Check));
        self.seen.unbound.extend(unbound);
    }

    fn finish(mut self) -> (Plan<'a>, Vec<Diagnostic<'a>>) {
        self.close_section();
        self.plan.lines = self.lines;
        for phase in &mut self.plan.phases {
            phase.tasks.iter_mut().for_each(settle_heading_task);
            // A large project holds all its plans at once, and a third of a vector that grew is empty.
            phase.tasks.shrink_to_fit();
        }
        plan_check::check(&self.file, self.bytes, &self.plan, &self.seen, &mut self.diagnostics);
        self.diagnostics.sort_by_key(|found| found.lines.first().copied());
        cap(&self.file, &mut self.diagnostics);
        (self.plan, self.diagnostics)
    }
}

/// The state of a heading task without a marker or `✅`: its checks'.
fn settle_heading_task(task: &mut Task<'_>) {
    if task.form == TaskForm::Heading && task.marker.is_none() && !task.said_done {
        task.state = task.item_counts().state().unwrap_or(State::Pending);
    }
}

/// Whether the file has no phase heading, and whether its first heading (level 1) only looks like one because the
/// phases are below it.
fn look_for_phases(bytes: &[u8]) -> (bool, bool) {
    let mut first = None;
    let mut seen_heading = false;
    for block in Blocks::new(bytes) {
        let Block::Line(line) = block else { continue };
        if heading::level(line.text).is_none() {
            continue;
        }
        let Some(heading) = heading::read(&line) else { continue };
        let is_first = !std::mem::replace(&mut seen_heading, true);
        match (is_phase(&heading), first) {
            (true, None) if is_first && heading.level == 1 => first = Some(heading.level),
            (true, None) => return (false, false),
            (true, Some(level)) => return (false, heading.level > level),
            (false, _) => {}
        }
    }
    (first.is_none(), false)
}

fn is_phase(heading: &Heading<'_>) -> bool {
    matches!(heading.kind, Kind::Phase { .. })
}

/// `[WIP] …`, `[done] …`: a word where a marker is expected.
fn is_word_box(rest: &[u8]) -> bool {
    let Some(inner) = rest.strip_prefix(b"[") else {
        return false;
    };
    let Some(close) = inner.iter().take(16).position(|b| *b == b']') else {
        return false;
    };
    let word = String::from_utf8_lossy(&inner[..close]);
    !matches!(inner.get(close + 1), Some(b'(' | b'[' | b':')) && crate::status_word::state(&word).is_some()
}

/// The cells of a table row, trimmed.
fn cells(row: &[u8]) -> impl Iterator<Item = &[u8]> {
    row.split(|b| *b == b'|').map(<[u8]>::trim_ascii).map(|cell| {
        cell.strip_prefix(b"`")
            .and_then(|cell| cell.strip_suffix(b"`"))
            .unwrap_or(cell)
    })
}

/// `1 box`, `3 boxes`
pub(crate) fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
