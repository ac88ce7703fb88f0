//! Reads what `bd` and `gt` print: JSON in one of two shapes, `null` for nothing, or an error on either of two streams.

use conductor_plugin::Output;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use crate::error::{Error, Kind};

/// What Graphite's `gt` says when it is asked what only Gas Town's knows. It hands a part of that on to git.
const OTHERS: [&str; 2] = ["Passing command through to git", "Graphite is a command line tool"];

/// What `bd` warns of on stderr when it can't read the workspace's metadata.json: it goes on with an empty database of another name,
/// so that nothing that it answers is to be trusted.
const WRONG_DATABASE: &str = "warning: failed to load beads config";

/// `BD_JSON_ENVELOPE=1` puts every answer into `data`; for a time arrays were put into `items`. An error takes their place.
///
/// What is in it is read in a second step: one that read both at once would be compiled anew for each kind of answer.
#[derive(Deserialize)]
struct Envelope<'t> {
    #[serde(default, borrow, deserialize_with = "there")]
    data: Option<&'t RawValue>,
    #[serde(default, borrow, deserialize_with = "there")]
    items: Option<&'t RawValue>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// What is printed instead of an answer; it comes in the envelope too.
#[derive(Default, Deserialize)]
struct Failure {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    data: Option<Box<Failure>>,
}

/// An array, bare or in an envelope; `null` is an empty one.
///
/// # Errors
/// What the tool said of its failure, or that this is no answer of its.
pub fn list<T: DeserializeOwned>(output: &Output) -> Result<Vec<T>, Error> {
    let text = answered(output)?;
    let inner = match text.starts_with('{') {
        true => enveloped(text)?.ok_or_else(|| not_understood(text))?,
        false => text,
    };
    read::<Option<Vec<T>>>(inner).map(Option::unwrap_or_default)
}

/// An object, bare or in an envelope.
///
/// # Errors
/// What the tool said of its failure, or that this is no answer of its.
pub fn object<T: DeserializeOwned>(output: &Output) -> Result<T, Error> {
    let text = answered(output)?;
    read(enveloped(text)?.unwrap_or(text))
}

/// Reads a member that may be missing or `null` as its default.
///
/// # Errors
/// When it is of another type.
pub fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// Tells `null` from a member that is not there.
fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// What is in an envelope; nothing when it is none.
fn enveloped(text: &str) -> Result<Option<&str>, Error> {
    let envelope: Envelope = read(text)?;
    match failure(envelope.error, envelope.message) {
        Some(failure) => Err(failure),
        None => Ok(envelope.data.or(envelope.items).map(RawValue::get)),
    }
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| not_understood(text))
}

/// The text of an answer; what has failed gives none.
fn answered(output: &Output) -> Result<&str, Error> {
    if let Some(damaged) = wrong_database(output) {
        return Err(damaged);
    }
    let text = std::str::from_utf8(&output.stdout).unwrap_or_default().trim();
    if output.success() {
        return Ok(text);
    }
    // `bd show` and others write it to stdout, the rest to stderr.
    Err(error_object(text).unwrap_or_else(|| failed(output)))
}

fn wrong_database(output: &Output) -> Option<Error> {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.starts_with(WRONG_DATABASE))?;
    let why = line.split_once(".beads: ").map_or(line, |(_, why)| why);
    let message = format!("it can't read `.beads/metadata.json`: {}", why.trim());
    Some(Error::new(Kind::Damaged, message))
}

fn failure(error: Option<String>, message: Option<String>) -> Option<Error> {
    let error = error?;
    Some(Error::said(&match message {
        Some(message) => format!("{error}: {message}"),
        None => error,
    }))
}

/// The first error object in a text: `bd` may warn before it, and `gt` hands it on with words of its own around it.
fn error_object(text: &str) -> Option<Error> {
    let start = &text[text.find('{')?..];
    let mut objects = serde_json::Deserializer::from_str(start).into_iter::<Failure>();
    let object = objects.next()?.ok()?;
    let inner = object.data.unwrap_or_default();
    failure(object.error.or(inner.error), object.message.or(inner.message))
}

/// An answer whose text says no more than that it is done.
///
/// # Errors
/// Why the call failed, or that it said nothing at all: another program of that name.
pub fn done(output: &Output) -> Result<(), Error> {
    match output.success() {
        true if output.stdout.is_empty() => Err(not_understood("")),
        true => Ok(()),
        false => Err(failed(output)),
    }
}

/// What git printed. It has no form that one could check: whether it answered is told by its exit code.
///
/// # Errors
/// What it complained of.
pub fn text(output: &Output) -> Result<String, Error> {
    match output.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(Error::said(&String::from_utf8_lossy(&output.stderr))),
    }
}

/// The same where 1 says that there is nothing to print: no match, no such commit, no conflict.
///
/// # Errors
/// As of [`text`].
pub fn text_if_any(output: &Output) -> Result<Option<String>, Error> {
    match output.status {
        Some(1) => Ok(None),
        _ => text(output).map(Some),
    }
}

/// Why a call failed: what `gt` says of it, an error object on stderr, or else its lines up to the usage that `gt` puts below them.
#[must_use]
pub fn failed(output: &Output) -> Error {
    let text = String::from_utf8_lossy(&output.stderr);
    let text = text.trim();
    let is_others = |text: &str| OTHERS.iter().any(|other| text.contains(other));
    if is_others(text) || is_others(&String::from_utf8_lossy(&output.stdout)) {
        return Error::new(Kind::NotUnderstood, "is another program of that name");
    }
    let error = text.split("Usage:").next().unwrap_or_default();
    let own = last_error(error);
    // What a `bd` that `gt` has started says of its own failure comes before what `gt` makes of it.
    let object = match own {
        Some(own) => error_object(own),
        None => error_object(text),
    };
    object.unwrap_or_else(|| match (own.unwrap_or(error).trim(), output.status) {
        ("", Some(status)) => Error::new(
            Kind::Failed,
            format!("it ended with exit code {status} and said nothing"),
        ),
        ("", None) => Error::new(Kind::Failed, "it was ended by a signal".to_owned()),
        (said, _) => Error::said(said),
    })
}

/// What stands behind the last `Error: ` that begins a line.
fn last_error(text: &str) -> Option<&str> {
    const START: &str = "Error: ";
    let starts = text.match_indices(START).map(|(at, _)| at);
    let at = starts.filter(|at| *at == 0 || text[..*at].ends_with('\n')).last()?;
    Some(&text[at + START.len()..])
}

fn not_understood(text: &str) -> Error {
    let start: String = text.chars().take(60).collect();
    let start: Vec<&str> = start.split_whitespace().collect();
    let message = match start.as_slice() {
        [] => "answered nothing".to_owned(),
        words => format!("gave no answer that is known: `{}`", words.join(" ")),
    };
    Error::new(Kind::NotUnderstood, message)
}

#[cfg(test)]
mod tests {
    use conductor_plugin::Output;

    use super::{list, object};
    use crate::error::{Error, Kind};
    use crate::refusal::Refusal;

    fn output(status: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            status: Some(status),
            stdout: stdout.into(),
            stderr: stderr.into(),
            ..Output::default()
        }
    }

    fn numbers(stdout: &str) -> Result<Vec<u8>, Kind> {
        list(&output(0, stdout, "")).map_err(|error| error.kind)
    }

    fn failed(status: i32, stdout: &str, stderr: &str) -> Error {
        list::<u8>(&output(status, stdout, stderr)).expect_err("it failed")
    }

    #[test]
    fn a_list_comes_bare_in_an_envelope_or_not_at_all() {
        assert_eq!(numbers("[1, 2]\n"), Ok(vec![1, 2]));
        assert_eq!(numbers(r#"{"schema_version": 1, "data": [1, 2]}"#), Ok(vec![1, 2]));
        assert_eq!(numbers(r#"{"schema_version": 1, "items": [1, 2]}"#), Ok(vec![1, 2]));
        assert_eq!(numbers(r#"{"schema_version": 1, "data": null}"#), Ok(vec![]));
        assert_eq!(numbers("null\n"), Ok(vec![]));
    }

    #[test]
    fn an_object_comes_bare_or_in_an_envelope() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Where {
            prefix: String,
        }
        for text in [
            r#"{"prefix": "a"}"#,
            r#"{"schema_version": 1, "data": {"prefix": "a"}}"#,
        ] {
            let read: Result<Where, Error> = object(&output(0, text, ""));
            assert_eq!(read.map(|read| read.prefix), Ok("a".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_understood() {
        assert_eq!(numbers("No issues found."), Err(Kind::NotUnderstood));
        assert_eq!(numbers(""), Err(Kind::NotUnderstood));
        assert_eq!(numbers(r#"["a"]"#), Err(Kind::NotUnderstood));
    }

    #[test]
    fn an_error_is_found_on_either_stream() {
        let stdout = failed(
            1,
            r#"{"error": "no issues found", "schema_version": 1}"#,
            "Error fetching a",
        );
        assert_eq!(
            (stdout.kind, stdout.message.as_str()),
            (Kind::Failed, "no issues found")
        );

        let stderr = failed(
            1,
            "",
            "warning: x\n{\n  \"error\": \"failed to open database: Dolt server unreachable\"\n}\n",
        );
        assert_eq!(stderr.kind, Kind::ServerDown);

        let enveloped = failed(
            1,
            "",
            r#"{"data": {"error": "Dolt server unreachable"}, "schema_version": 1}"#,
        );
        assert_eq!(enveloped.kind, Kind::ServerDown);

        let handed_on = failed(
            1,
            "",
            "Error: listing messages: {\"error\": \"Dolt server unreachable\"}\nUsage:\n  gt mail\n",
        );
        assert_eq!(handed_on.kind, Kind::ServerDown);

        let plain = failed(1, "", "Error: no beads database found\nHint: run 'bd where'");
        assert_eq!(plain.kind, Kind::NoWorkspace);

        let usage = failed(1, "", "Error: convoy 'x' not found\nUsage:\n  gt convoy status\n");
        assert_eq!(
            (usage.kind, usage.message.as_str()),
            (Kind::Refused(Refusal::NotFound), "convoy 'x' not found")
        );

        let own = failed(
            1,
            "",
            "{\n  \"error\": \"'x' not found\"\n}\nError: instantiating formula m: exit status 1 (feature=is already being slung)\nUsage:\n",
        );
        assert_eq!(
            own.kind,
            Kind::Refused(Refusal::Formula),
            "what is said first, by the one that was asked: {own}"
        );

        assert_eq!(failed(3, "", "").message, "it ended with exit code 3 and said nothing");
    }

    #[test]
    fn an_answer_from_another_database_is_none() {
        let warning =
            "warning: failed to load beads config from /p/.beads: parsing config: unexpected end of JSON input\n";
        for (status, stdout, stderr) in [
            (0, "[]", ""),
            (1, "", "Error resolving cd-1: no issue found matching \"cd-1\""),
        ] {
            let error = failed(status, stdout, &format!("{warning}{stderr}"));
            assert_eq!(error.kind, Kind::Damaged);
            assert!(
                error
                    .message
                    .ends_with("`.beads/metadata.json`: parsing config: unexpected end of JSON input")
            );
        }
    }

    #[test]
    fn an_error_object_counts_even_with_exit_code_0() {
        assert_eq!(failed(0, r#"{"error": "x"}"#, "").kind, Kind::Failed);
    }
}
