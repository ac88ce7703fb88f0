//! What there is to say about a registry by itself.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::line::Lines;
use crate::marker::{Marker, State};
use crate::plan_reader::count;
use crate::registry::{Entry, Registry};
use crate::status_word::phrase;

/// Adds what there is to say about a registry that was read. `boxes`: lines with boxes that are no entries.
pub(crate) fn check<'a>(bytes: &[u8], registry: &Registry<'a>, boxes: &[u32], found: &mut Vec<Diagnostic<'a>>) {
    found.extend(not_utf8(bytes, registry));
    found.extend(nothing(bytes, registry));
    found.extend(other_boxes(registry, boxes));
    found.extend(registry.entries.iter().flat_map(|entry| about(registry, entry)));
    found.extend(repeated(registry));
}

fn not_utf8<'a>(bytes: &[u8], registry: &Registry<'a>) -> Option<Diagnostic<'a>> {
    std::str::from_utf8(bytes).err()?;
    let bad = Lines::new(bytes)
        .filter(|line| std::str::from_utf8(line.text).is_err())
        .map(|line| line.number)
        .take(100);
    let reason = "bytes that are not UTF-8: kept in the file, shown as `\u{fffd}`";
    Some(bad.fold(
        Diagnostic::note("not-utf8", registry.file.clone(), reason),
        Diagnostic::at,
    ))
}

/// A registry that names no track.
fn nothing<'a>(bytes: &[u8], registry: &Registry<'a>) -> Option<Diagnostic<'a>> {
    if !registry.entries.is_empty() {
        return None;
    }
    let reason = match bytes.trim_ascii() {
        [] => "the file is empty",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "no tracks: the file is UTF-16; save it as UTF-8",
        _ => "no line of it names a track (`## [ ] Track: …`, `- [ ] **Track: …**` or a table row)",
    };
    Some(Diagnostic::note("no-tracks", registry.file.clone(), reason))
}

fn other_boxes<'a>(registry: &Registry<'a>, boxes: &[u32]) -> Option<Diagnostic<'a>> {
    let number = u32::try_from(boxes.len()).unwrap_or(u32::MAX);
    let reason = format!(
        "{} with a box, an id or a link in a legend, under an entry, in a quote or in a table of other columns: not read as tracks",
        count(number, "line", "lines")
    );
    let found = Diagnostic::note("other-boxes", registry.file.clone(), reason);
    (number > 0).then(|| boxes.iter().take(100).fold(found, |found, line| found.at(*line)))
}

/// Oddities of one entry.
fn about<'a>(registry: &Registry<'a>, entry: &Entry<'a>) -> Vec<Diagnostic<'a>> {
    let note = |code, reason: String| Diagnostic::note(code, registry.file.clone(), reason).at(entry.line);
    let mut found = Vec::new();
    if let Some(Marker { char, .. }) = entry.marker.filter(|marker| marker.state() == State::Unknown) {
        found.push(note(
            "unknown-marker",
            format!("`[{char}]` is no marker: {} counts as not done", entry.id),
        ));
    }
    let word = entry.status_word.as_deref();
    if let (Some(marker), Some(word)) = (entry.marker, word)
        && phrase(word).is_some_and(|state| state != marker.state())
    {
        let reason = format!("{} is [{}] and says `{word}`: the marker counts", entry.id, marker.char);
        found.push(note("two-states", reason));
    }
    if let (None, Some(word)) = (entry.marker, word.filter(|word| phrase(word).is_none())) {
        let counts = match entry.state {
            Some(state) => format!("{} counts as {}", entry.id, state.as_str().replace('_', " ")),
            None => format!("where {} stands comes from its plan", entry.id),
        };
        let reason = format!("`{word}` is no status that is known: {counts}");
        found.push(note("unknown-status", reason));
    }
    if entry.leads_outside && entry.folder.is_none() {
        let link = entry.link.as_deref().unwrap_or_default();
        let reason = format!("{} links to `{link}`, which is outside conductor/: not read", entry.id);
        found.push(Diagnostic::problem("outside-link", registry.file.clone(), reason).at(entry.line));
    }
    found
}

/// Entries that share an id. A table row and a section of one track are usual; two of one form, or two states, are not.
fn repeated<'a>(registry: &Registry<'a>) -> Vec<Diagnostic<'a>> {
    let mut by_id: BTreeMap<&str, Vec<&Entry<'a>>> = BTreeMap::new();
    registry
        .entries
        .iter()
        .for_each(|entry| by_id.entry(&entry.id).or_default().push(entry));
    by_id
        .into_iter()
        .filter_map(|(id, entries)| repeated_id(registry, id, &entries))
        .collect()
}

fn repeated_id<'a>(registry: &Registry<'a>, id: &str, entries: &[&Entry<'a>]) -> Option<Diagnostic<'a>> {
    let first = entries.first()?;
    let states_differ = entries
        .iter()
        .any(|entry| entry.state != first.state && entry.state.is_some() && first.state.is_some());
    let forms_repeat = entries.iter().skip(1).any(|entry| entry.form == first.form);
    let at = |found: Diagnostic<'a>| {
        entries
            .iter()
            .take(100)
            .fold(found, |found, entry| found.at(entry.line))
    };
    let number = entries.len();
    if states_differ {
        let states: Vec<String> = entries.iter().map(|entry| entry.shown_state()).collect();
        let reason = format!(
            "{id} has {number} entries that differ ({}): the first one that is not done counts",
            states.join(", ")
        );
        return Some(at(Diagnostic::problem("entries-differ", registry.file.clone(), reason)));
    }
    let reason = format!("{id} has {number} entries: the first one counts");
    (number > 1 && forms_repeat).then(|| at(Diagnostic::note("entries-repeat", registry.file.clone(), reason)))
}
