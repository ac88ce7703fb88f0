//! The report for a terminal: a line for each thing that one may want, and the steps below those that need some.

use conductor_plugin::{Style, Text};
use unicode_width::UnicodeWidthStr;

use crate::check::{Check, State};
use crate::report::{Area, Report};
use crate::words;

/// Where the second column begins.
const TEXT_AT: usize = 28;
/// Where the text of a check begins.
const CHECK_AT: usize = 4;

/// Lays the report out for so many columns.
pub(crate) fn text(report: &Report, columns: u16) -> Text {
    let columns = usize::from(columns);
    let mut text = Text::default();
    for area in &report.areas {
        let sign = words::sign(area.state, area.needed);
        put_row(
            &mut text,
            sign,
            area.name.title(),
            &words::of_area(report, area),
            columns,
        );
        put_checks(&mut text, report, area, columns);
    }
    put_host(&mut text, report, columns);
    let style = if report.ok { Style::Plain } else { Style::Bad };
    put(&mut text, style, &words::all(report), 0, columns);
    text
}

fn put_row(text: &mut Text, sign: &str, title: &str, said: &str, columns: usize) {
    text.push(style(sign), sign);
    let title = format!(" {title}");
    text.push(Style::Strong, &title);
    text.plain(&" ".repeat(TEXT_AT.saturating_sub(1 + title.width()).max(1)));
    put(text, Style::Plain, said, TEXT_AT, columns);
}

fn put_checks(text: &mut Text, report: &Report, area: &Area, columns: usize) {
    if words::is_opened(report, area) {
        let shown = area.checks.iter().filter(|check| words::is_shown(report, check));
        shown.for_each(|check| put_check(text, check, area.needed, columns));
    }
}

fn put_check(text: &mut Text, check: &Check, needed: bool, columns: usize) {
    let sign = words::sign(check.state, needed);
    text.plain("  ");
    text.push(style(sign), sign);
    text.plain(" ");
    let said = match words::needed(check) {
        Some(needed) => format!("{} ({needed})", check.text),
        None => check.text.clone(),
    };
    put(text, Style::Plain, &said, CHECK_AT, columns);
    if let Some(next) = check.next.as_ref().filter(|_| check.state != State::Ok) {
        put_next(text, next, CHECK_AT, columns);
    }
}

fn put_host(text: &mut Text, report: &Report, columns: usize) {
    let open: Vec<&Check> = report.host.iter().filter(|check| check.state != State::Ok).collect();
    if open.iter().all(|check| check.name == "slash-command") {
        put_row(text, "✓", "conductor itself", words::HOST_OK, columns);
    }
    for check in open {
        text.push(Style::Warn, "!");
        text.plain(" ");
        put(text, Style::Plain, &check.text, 2, columns);
        if let Some(next) = &check.next {
            put_next(text, next, 2, columns);
        }
    }
}

/// The next step, with its first words behind `next:` however long they are: they are often a command.
fn put_next(text: &mut Text, next: &str, at: usize, columns: usize) {
    text.plain(&" ".repeat(at));
    text.plain("next: ");
    put(text, Style::Plain, next, at + "next: ".len(), columns);
}

fn style(sign: &str) -> Style {
    match sign {
        "✓" => Style::Good,
        "!" => Style::Warn,
        _ => Style::Dim,
    }
}

/// Puts a text that begins at a column, broken between words, each further line at that column. What stands in backticks can be
/// copied, so it is never broken.
fn put(text: &mut Text, style: Style, said: &str, at: usize, columns: usize) {
    let mut column = at;
    let mut first = true;
    for word in unbroken(said) {
        let space = usize::from(!first);
        if !first && column + space + word.width() > columns {
            text.end_line();
            text.plain(&" ".repeat(at));
            column = at;
        } else if !first {
            text.push(style, " ");
            column += 1;
        }
        text.push(style, &word);
        column += word.width();
        first = false;
    }
    text.end_line();
}

/// The words of a text; what stands in backticks is one.
fn unbroken(said: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    for word in said.split_whitespace() {
        match words.last_mut() {
            Some(last) if inside => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
        inside ^= word.matches('`').count() % 2 == 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_never_broken() {
        let mut text = Text::default();
        put(
            &mut text,
            Style::Plain,
            "do this: `one two three`, or else `four`",
            2,
            20,
        );
        assert_eq!(text.to_plain(), "do this:\n  `one two three`,\n  or else `four`\n");
    }
}
