//! Showing what came of a call: the only module that prints.
//!
//! A person gets the outcome on stdout and trouble on stderr; Claude gets everything on stdout; a program gets one JSON value on
//! stdout in an envelope with a schema version.

mod progress;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args::{Color, Form, Global};
use crate::error::{Error, Kind, Result};
use crate::process::interrupt;
use crate::sandbox::bindings::invocation::Format;
use crate::sandbox::bindings::types::{Choice, Outcome};
use crate::{outcome, visible};

/// The version of the envelope of `--json`.
const ENVELOPE: &str = "conductor.outcome/1";
/// The Markdown that Claude gets stays below this by default: it is read by a model at each call.
const MARKDOWN_BYTES: u32 = 4 << 10;
/// And is cut at this, whatever a plugin does: beyond about 30 kB the client shows only the beginning.
const MARKDOWN_MOST: usize = 25_000;
/// What stands where it was cut.
const CUT: &str = "\n… cut here: `--json` has everything\n";
/// The most characters of a sentence that a plugin may have put together; its details may be longer.
const SENTENCE: usize = 2_000;
/// Columns where the output is not a terminal and `COLUMNS` is not set.
const COLUMNS: u16 = 100;

/// How to show things in this run.
#[derive(Clone, Debug)]
pub struct Render {
    form: Form,
    plugin: Option<String>,
    /// What is typed to run the plugin, up to its own arguments.
    command: String,
    color: Color,
    verbose: bool,
}

impl Render {
    /// For the host's own messages.
    #[must_use]
    pub fn new(global: Global) -> Self {
        Self {
            form: Form::Terminal,
            plugin: None,
            command: "conductor".to_owned(),
            color: global.color,
            verbose: global.verbose,
        }
    }

    /// The same for a plugin's run; `command` is what is typed for it, up to its own arguments.
    #[must_use]
    pub fn of_plugin(&self, plugin: &str, command: String, form: Form) -> Self {
        Self {
            form,
            plugin: Some(plugin.to_owned()),
            command,
            ..self.clone()
        }
    }

    /// The same where only the form is known, since the command line was not understood.
    #[must_use]
    pub fn in_form(&self, form: Form) -> Self {
        Self { form, ..self.clone() }
    }

    /// What a plugin is told of it.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.form {
            Form::Terminal => Format::Terminal(columns()),
            Form::Claude => Format::Markdown(MARKDOWN_BYTES),
            Form::Json => Format::Json,
        }
    }

    /// Shows what came of a plugin's run, with the host's notes; the exit code.
    pub fn result(&self, result: &Result<Outcome>, notes: &[String]) -> u8 {
        self.result_with(result, notes, "")
    }

    /// The same, with the host's own words behind an outcome; a program is not given them.
    pub fn result_with(&self, result: &Result<Outcome>, notes: &[String], tail: &str) -> u8 {
        match result {
            Ok(outcome) => self.outcome(outcome, notes, tail),
            Err(error) => self.error(error, notes),
        }
    }

    fn outcome(&self, outcome: &Outcome, notes: &[String], tail: &str) -> u8 {
        match self.form {
            Form::Terminal => {
                notes.iter().for_each(|note| self.note(note));
                let written = self.to_stdout(&(self.styled(&outcome.text) + &visible::text(tail)));
                written.max(outcome::exit_code(outcome))
            }
            Form::Claude => {
                self.to_stdout(&markdown(&outcome.text, notes, tail, MARKDOWN_MOST));
                0
            }
            Form::Json => self.json(outcome, notes),
        }
    }

    fn json(&self, outcome: &Outcome, notes: &[String]) -> u8 {
        let data = if outcome.json.is_empty() { "null" } else { &outcome.json };
        let Ok(data) = serde_json::from_str::<&RawValue>(data) else {
            let plugin = self.plugin.as_deref().unwrap_or_default();
            return self.error(
                &Error::limit("trap", format!("plugin `{plugin}` gave data that is not JSON")),
                notes,
            );
        };
        self.envelope(&Envelope {
            data: Some(data),
            plan: outcome.plan.as_ref().map(|plan| plan.digest.as_str()),
            ..self.empty(outcome::exit_code(outcome), notes)
        })
    }

    /// Shows trouble; the exit code.
    pub fn error(&self, error: &Error, notes: &[String]) -> u8 {
        let exit = error.kind.exit_code();
        match self.form {
            Form::Terminal => {
                notes.iter().for_each(|note| self.note(note));
                self.to_stderr(&self.wording(error));
                exit
            }
            Form::Claude if error.choices.is_empty() => {
                self.to_stdout(&one_line(error, notes));
                0
            }
            Form::Claude => {
                let text = [("plain".to_owned(), self.wording(error))];
                self.to_stdout(&markdown(&text, notes, "", MARKDOWN_MOST));
                0
            }
            Form::Json => self.envelope(&Envelope {
                error: Some(Trouble::from(error)),
                ..self.empty(exit, notes)
            }),
        }
    }

    fn wording(&self, error: &Error) -> String {
        let message = visible::line(&error.message, SENTENCE);
        let mut text = match error.kind {
            Kind::Choice => format!("{message}\n"),
            _ => format!("{}: {message}\n", self.paint(AnsiColor::Red, "error")),
        };
        for line in error.details.lines() {
            text.push_str(&format!("  {}\n", visible::text(line)));
        }
        if !error.choices.is_empty() {
            text.push_str("Options:\n");
        }
        for choice in &error.choices {
            text.push_str(&self.choice(choice));
        }
        if let Some(hint) = &error.hint {
            text.push_str(&format!(
                "{}: {}\n",
                self.paint(AnsiColor::Cyan, "hint"),
                visible::line(hint, SENTENCE)
            ));
        }
        text
    }

    fn choice(&self, choice: &Choice) -> String {
        let words = choice.args.iter().map(|word| visible::word(word));
        let command = [self.command.clone()]
            .into_iter()
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ");
        let [key, label, description] =
            [&choice.key, &choice.label, &choice.description].map(|text| visible::line(text, SENTENCE));
        format!("{key}) {label}  {command}  {description}\n")
    }

    /// A line beside the outcome, for a person.
    pub fn note(&self, text: &str) {
        self.to_stderr(&format!(
            "{}: {}\n",
            self.paint(AnsiColor::Yellow, "note"),
            visible::text(text)
        ));
    }

    /// What Claude is shown of an outcome, as text of so many bytes at most, with the host's own words behind it.
    #[must_use]
    pub fn for_claude(&self, outcome: &Outcome, notes: &[String], tail: &str, most: usize) -> String {
        markdown(&outcome.text, notes, tail, most)
    }

    /// The command line that this is about, as far as it is known.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// A question, or what has to be seen before it: on stderr, since the outcome may go elsewhere.
    pub fn prompt(&self, text: &str) {
        self.to_stderr(&visible::text(text));
    }

    /// Shows how far a run has come; `None` where whoever asked reads only the outcome.
    #[must_use]
    pub fn waiting(&self) -> Option<progress::Shown> {
        (self.form == Form::Terminal).then(|| progress::Shown::new(self.clone()))
    }

    /// Who speaks in a line for a person.
    fn speaker(&self) -> String {
        self.plugin.clone().unwrap_or_else(|| "conductor".to_owned())
    }

    /// A line for a person who waits.
    pub fn progress(&self, text: &str) {
        if self.form == Form::Terminal && io::stderr().is_terminal() {
            self.note(text);
        }
    }

    /// Whether [`detail`](Self::detail) shows anything.
    #[must_use]
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// A line that only `--verbose` shows.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            let name = self.speaker();
            for line in text.lines() {
                self.to_stderr(&format!(
                    "{}: {}\n",
                    self.paint(AnsiColor::BrightBlack, &name),
                    visible::text(line)
                ));
            }
        }
    }

    /// Text of the host's own, such as help; the exit code.
    pub fn text(&self, text: &str) -> u8 {
        self.to_stdout(text)
    }

    /// Shows data of the host's own, for a program; the exit code.
    pub fn data(&self, data: &impl Serialize, notes: &[String]) -> u8 {
        let data = serde_json::value::to_raw_value(data).expect("the host's own types are JSON");
        self.envelope(&Envelope {
            data: Some(&data),
            ..self.empty(0, notes)
        })
    }

    /// Replaces what the terminal shows.
    pub fn screen(&self, outcome: &Result<Outcome>, notes: &[String]) {
        self.to_stdout("\x1b[H\x1b[2J");
        self.result(outcome, notes);
    }

    fn styled(&self, text: &[(String, String)]) -> String {
        let mut out = String::new();
        for (style, text) in text {
            let style = if self.colors(&io::stdout()) {
                ansi(style)
            } else {
                Style::new()
            };
            out.push_str(&format!("{style}{}{style:#}", visible::text(text)));
        }
        out
    }

    fn paint(&self, color: AnsiColor, word: &str) -> String {
        if self.form != Form::Terminal || !self.colors(&io::stderr()) {
            return word.to_owned();
        }
        let style = color.on_default().bold();
        format!("{style}{word}{style:#}")
    }

    fn colors(&self, stream: &impl IsTerminal) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    fn empty<'a>(&'a self, exit: u8, notes: &'a [String]) -> Envelope<'a> {
        Envelope {
            schema: ENVELOPE,
            plugin: self.plugin.as_deref(),
            exit: interrupt::exit_code().unwrap_or(exit),
            notes,
            plan: None,
            data: None,
            error: None,
        }
    }

    fn envelope(&self, envelope: &Envelope<'_>) -> u8 {
        let json = serde_json::to_string(envelope).expect("these types are JSON");
        let written = self.to_stdout(&format!("{}\n", visible::json(&json)));
        written.max(envelope.exit)
    }

    /// Writes to stdout; the exit code. A reader that has gone away (`| head`) wants no more; a full disk is trouble.
    fn to_stdout(&self, text: &str) -> u8 {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.to_stderr(&format!("error: the outcome can't be written: {error}\n"));
                Kind::Failed.exit_code()
            }
            _ => 0,
        }
    }

    fn to_stderr(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// The envelope of `--json`, published as `docs/schema/outcome.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Envelope<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<&'a str>,
    exit: u8,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    /// What the plugin, or the command of the host, publishes a schema for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Trouble<'a>>,
}

/// An error in the envelope.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Trouble<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    details: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Way<'a>>,
}

/// A choice in the envelope.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Way<'a> {
    key: &'a str,
    label: &'a str,
    description: &'a str,
    args: &'a [String],
}

impl<'a> From<&'a Error> for Trouble<'a> {
    fn from(error: &'a Error) -> Self {
        let way = |choice: &'a Choice| Way {
            key: &choice.key,
            label: &choice.label,
            description: &choice.description,
            args: &choice.args,
        };
        Self {
            code: &error.code,
            message: &error.message,
            details: &error.details,
            hint: error.hint.as_deref(),
            choices: error.choices.iter().map(way).collect(),
        }
    }
}

/// The styles of the interface (`wit/types.wit`).
fn ansi(style: &str) -> Style {
    match style {
        "strong" => Style::new().bold(),
        "dim" => Style::new().dimmed(),
        "good" => AnsiColor::Green.on_default(),
        "warn" => AnsiColor::Yellow.on_default(),
        "bad" => AnsiColor::Red.on_default(),
        _ => Style::new(),
    }
}

/// Trouble for Claude, which takes the first line that a command prints for all there is to say: so one line is all.
fn one_line(error: &Error, notes: &[String]) -> String {
    let part = |label: &str, text: &str| {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{label}{}", visible::line(&words, SENTENCE))
    };
    let message = [part("error: ", &error.message)].into_iter();
    let details = error.details.lines().map(|line| part("", line));
    let hint = error.hint.iter().map(|hint| part("hint: ", hint));
    let notes = notes.iter().map(|note| part("note: ", note));
    let parts = message.chain(details).chain(hint).chain(notes);
    let mut line = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    line.truncate(line.floor_char_boundary(MARKDOWN_MOST));
    line + "\n"
}

/// Markdown for Claude: the notes first, then the text, cut at a line where a plugin gave too much. The host's own words behind it
/// are never cut: they say what is to be done with the rest.
fn markdown(text: &[(String, String)], notes: &[String], tail: &str, most: usize) -> String {
    let mut out: String = notes
        .iter()
        .map(|note| format!("Note: {}\n", visible::text(note)))
        .collect();
    text.iter().for_each(|(_, text)| out.push_str(&visible::text(text)));
    let tail = visible::text(tail);
    let most = most.saturating_sub(tail.len());
    if out.len() > most {
        let cut = out.floor_char_boundary(most.saturating_sub(CUT.len()));
        out.truncate(out[..cut].rfind('\n').unwrap_or(cut));
        out.push_str(CUT);
    }
    out + &tail
}

/// The columns to lay out for.
fn columns() -> u16 {
    let terminal = rustix::termios::tcgetwinsize(io::stdout())
        .ok()
        .map(|size| size.ws_col)
        .filter(|&columns| columns > 0);
    let said = || {
        std::env::var("COLUMNS")
            .ok()?
            .parse()
            .ok()
            .filter(|&columns| columns > 0)
    };
    terminal.or_else(said).unwrap_or(COLUMNS).max(20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_for_claude_is_one_line() {
        let error = Error::limit("trap", "it ended\n by a fault")
            .detailed("in a < b\n\nrefused  before that: c")
            .hinted("report it");
        let line = one_line(&error, &["using `a`".to_owned()]);
        let expected =
            "error: it ended by a fault · in a < b · refused before that: c · hint: report it · note: using `a`\n";
        assert_eq!(line, expected);
        let long = Error::failed("x", "m").detailed("d\n".repeat(20_000));
        assert!(one_line(&long, &[]).len() <= MARKDOWN_MOST + 1);
    }

    #[test]
    fn what_a_plugin_says_is_cut_and_what_the_host_says_behind_it_is_not() {
        let text = [("plain".to_owned(), "a line\n".repeat(2_000))];
        let tail = "\nask this: `x`\n";
        let shown = markdown(&text, &[], tail, 9_500);
        assert!(shown.len() <= 9_500 && shown.len() > 9_400, "{}", shown.len());
        assert!(
            shown.ends_with(&format!("a line{CUT}{tail}")),
            "{}",
            &shown[shown.len() - 100..]
        );
        let one_line = [("plain".to_owned(), "é".repeat(20_000))];
        assert!(markdown(&one_line, &[], tail, 9_500).len() <= 9_500);
    }

    #[test]
    fn the_published_schema_of_the_envelope_is_that_of_the_types() {
        crate::published::check::<Envelope<'static>>("outcome");
    }
}
