//! The list items between two headings, and which of them are tasks.

use crate::annotation::{Annotation, Depends, Execution, Files};
use crate::heading::is_verification;
use crate::line::text;
use crate::marker::Marker;
use crate::plan::{Item, ItemKind, Phase, Task, TaskForm};
use crate::{Span, State, label, tail};

/// A list item before it is known what it is.
#[derive(Debug)]
pub(crate) struct RawItem<'a> {
    pub(crate) line: u32,
    /// The last line of text that belongs to it.
    pub(crate) last_line: u32,
    pub(crate) indent: u32,
    pub(crate) marker: Option<Marker>,
    /// What follows bullet and box.
    pub(crate) text: &'a [u8],
    /// Where that starts in the file.
    pub(crate) text_start: usize,
    pub(crate) line_end: usize,
}

impl<'a> RawItem<'a> {
    fn into_item(self, kind: ItemKind) -> Item<'a> {
        Item {
            kind: if self.marker.is_some() { kind } else { ItemKind::Plain },
            line: self.line,
            line_end: self.line_end,
            indent: self.indent,
            marker: self.marker,
            text: text(self.text.trim_ascii()),
        }
    }

    fn into_task(self, ordinal: u32) -> (Task<'a>, Vec<Annotation<'a>>) {
        let tail = tail::read(self.text, self.text_start);
        let mut labelled = label::read(&self.text[..tail.title_end]);
        if labelled.title.is_empty() {
            labelled.title = tail.remark.clone().unwrap_or_default();
        }
        let annotations = tail
            .comments
            .iter()
            .filter_map(|(span, body)| Annotation::parse(body, self.line, *span))
            .collect();
        let task = Task {
            verification: is_verification(&labelled.title),
            number: labelled.number,
            ordinal,
            title: labelled.title,
            form: TaskForm::Box,
            line: self.line,
            text_start: self.text_start,
            line_end: self.line_end,
            last_line: self.last_line,
            marker: self.marker,
            state: self.marker.map_or(State::Pending, Marker::state),
            said_done: tail.said_done,
            shas: tail.shas,
            checkpoint: tail.checkpoint.map(Box::new),
            remark: tail.remark,
            depends: Depends::Absent,
            files: None,
            annotations: Vec::new(),
            items: Vec::new(),
        };
        (task, annotations)
    }
}

#[derive(Debug)]
enum Raw<'a> {
    Item(RawItem<'a>),
    Annotation(Annotation<'a>),
}

/// What stands between two headings, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Section<'a> {
    raw: Vec<Raw<'a>>,
    last_item: Option<usize>,
    last_line: u32,
}

impl<'a> Section<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty() && self.last_line == 0
    }

    pub(crate) fn push(&mut self, item: RawItem<'a>) {
        self.last_line = item.line;
        self.last_item = Some(self.raw.len());
        self.raw.push(Raw::Item(item));
    }

    pub(crate) fn annotate(&mut self, annotation: Annotation<'a>) {
        self.last_line = self.last_line.max(annotation.line);
        self.raw.push(Raw::Annotation(annotation));
    }

    /// The annotations among a heading's comments.
    pub(crate) fn annotate_all(&mut self, comments: Vec<(Span, &'a [u8])>, line: u32) {
        for (span, body) in comments {
            if let Some(found) = Annotation::parse(body, line, span) {
                self.annotate(found);
            }
        }
    }

    /// A line of text that belongs to what stands before it.
    pub(crate) fn extend_to(&mut self, line: u32) {
        self.last_line = self.last_line.max(line);
        if let Some(Raw::Item(item)) = self.last_item.and_then(|at| self.raw.get_mut(at)) {
            item.last_line = item.last_line.max(line);
        }
    }

    pub(crate) fn first_line(&self) -> u32 {
        let lines = self.raw.iter().map(|raw| match raw {
            Raw::Item(item) => item.line,
            Raw::Annotation(annotation) => annotation.line,
        });
        lines.min().unwrap_or(self.last_line)
    }

    pub(crate) fn last_line(&self) -> u32 {
        self.last_line
    }

    /// First line, last line and number of the boxes.
    pub(crate) fn boxes(&self) -> Option<(u32, u32, u32)> {
        let mut boxes = self.raw.iter().filter_map(|raw| match raw {
            Raw::Item(item) if item.marker.is_some() => Some(item.line),
            _ => None,
        });
        let first = boxes.next()?;
        let (last, more) = boxes.fold((first, 0), |(_, more), line| (line, more + 1));
        Some((first, last, more + 1))
    }

    /// The smallest indent of a box.
    pub(crate) fn min_box_indent(&self) -> Option<u32> {
        let boxes = self.raw.iter().filter_map(|raw| match raw {
            Raw::Item(item) if item.marker.is_some() => Some(item.indent),
            _ => None,
        });
        boxes.min()
    }

    pub(crate) fn annotations(&self) -> impl Iterator<Item = Annotation<'a>> {
        self.raw.iter().filter_map(|raw| match raw {
            Raw::Annotation(annotation) => Some(annotation.clone()),
            Raw::Item(_) => None,
        })
    }

    /// Its items, where none of them is a task. Those with a box become `kind`.
    pub(crate) fn items(self, kind: ItemKind) -> impl Iterator<Item = Item<'a>> {
        self.raw.into_iter().filter_map(move |raw| match raw {
            Raw::Item(item) => Some(item.into_item(kind)),
            Raw::Annotation(_) => None,
        })
    }

    /// Makes the boxes at the smallest indent tasks of the phase, and what is indented deeper belong to them. Gives
    /// back the annotations that fit nowhere.
    pub(crate) fn into_tasks(self, phase: &mut Phase<'a>) -> Vec<Annotation<'a>> {
        // One column more is no deeper level: ` - [ ]` beside `- [ ]`.
        let deeper = self.min_box_indent().unwrap_or(0).saturating_add(2);
        let mut task: Option<usize> = None;
        let mut unbound = Vec::new();
        for raw in self.raw {
            match raw {
                Raw::Annotation(annotation) => unbound.extend(bind(phase, task, annotation)),
                Raw::Item(item) if item.marker.is_some() && item.indent < deeper => {
                    let (found, annotations) = item.into_task(phase.tasks.len() as u32 + 1);
                    task = Some(phase.tasks.len());
                    phase.tasks.push(found);
                    for annotation in annotations {
                        unbound.extend(bind(phase, task, annotation));
                    }
                }
                Raw::Item(item) => match task.filter(|_| item.indent >= deeper) {
                    Some(at) => {
                        let task = &mut phase.tasks[at];
                        task.last_line = item.last_line;
                        task.items.push(item.into_item(ItemKind::SubTask));
                    }
                    None => phase.items.push(item.into_item(ItemKind::Check)),
                },
            }
        }
        unbound
    }
}

/// Gives an annotation to a task, or to the phase where there is none; back when it can't be used there.
pub(crate) fn bind<'a>(
    phase: &mut Phase<'a>,
    task: Option<usize>,
    annotation: Annotation<'a>,
) -> Option<Annotation<'a>> {
    // `execution` is a phase's, wherever in it it stands.
    if let Some(task) = task
        .filter(|_| !annotation.is("execution"))
        .and_then(|at| phase.tasks.get_mut(at))
    {
        bind_to_task(task, &annotation);
        task.last_line = task.last_line.max(annotation.line);
        task.annotations.push(annotation);
        return None;
    }
    let refused = !bind_to_phase(phase, &annotation);
    phase.annotations.push(annotation.clone());
    refused.then_some(annotation)
}

/// A second `depends` or `files` adds to the first.
fn bind_to_task<'a>(task: &mut Task<'a>, annotation: &Annotation<'a>) {
    if annotation.is("depends") {
        task.depends.add(Depends::parse(&annotation.value, annotation.line));
    } else if annotation.is("files") {
        let more = Files::parse(&annotation.value, annotation.line);
        match &mut task.files {
            None => task.files = Some(Box::new(more)),
            Some(files) => {
                files.claims.extend(more.claims);
                files.prose.extend(more.prose);
            }
        }
    }
}

/// `false` when the annotation is known and can't be used: a second `execution`, a wrong value, `files` of a phase.
fn bind_to_phase<'a>(phase: &mut Phase<'a>, annotation: &Annotation<'a>) -> bool {
    if annotation.is("depends") {
        phase.depends.add(Depends::parse(&annotation.value, annotation.line));
    } else if annotation.is("execution") && phase.execution.is_none() {
        phase.execution = Execution::parse(&annotation.value);
        return phase.execution.is_some();
    } else {
        return !["execution", "files"].iter().any(|key| annotation.is(key));
    }
    true
}
