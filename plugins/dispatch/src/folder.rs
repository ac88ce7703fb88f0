//! Reads and changes single files of `conductor/`: what a person writes in between is read again, never overwritten.

use conductor_plugin::{Error, Failure, Host, digest};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode};

/// The name of the file grant in `plugin.json`.
pub const GRANT: &str = "conductor";

/// How often a file that changes under our hands is read again. Somebody who saves a file does so once.
const TRIES: usize = 8;

/// Changes a file: `edit` gets its bytes, and gives what they are to be. Whether it changed.
///
/// # Errors
/// What `edit` says, and why the file can't be read or written.
pub fn change(
    host: &dyn Host,
    path: &str,
    mut edit: impl FnMut(&[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<bool, Failure> {
    for _ in 0..TRIES {
        let before = host.read(GRANT, path)?;
        let after = edit(&before)?;
        if after == before {
            return Ok(false);
        }
        match host.replace(GRANT, path, &digest(&before), &after) {
            Err(error) if error.code == "changed" => {}
            other => return other.map(|()| true).map_err(Failure::from),
        }
    }
    Err(
        Failure::new("changed", format!("`conductor/{path}` changes all the time"))
            .hinted("try again when it is saved"),
    )
}

/// The bytes of a file; nothing where it is not there.
///
/// # Errors
/// Why it can't be read.
pub fn read_if_there(host: &dyn Host, path: &str) -> Result<Option<Vec<u8>>, Error> {
    match host.read(GRANT, path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.code == "not-found" => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes a file that may not be there yet: `edit` gets its bytes, if there are any.
///
/// # Errors
/// As of [`change`].
pub fn change_or_create(
    host: &dyn Host,
    path: &str,
    mut edit: impl FnMut(Option<&[u8]>) -> Result<Vec<u8>, Failure>,
) -> Result<bool, Failure> {
    for _ in 0..TRIES {
        if read_if_there(host, path)?.is_some() {
            return change(host, path, |bytes| edit(Some(bytes)));
        }
        match host.create(GRANT, path, &edit(None)?) {
            // Somebody was faster.
            Err(error) if error.code == "exists" => {}
            other => return other.map(|()| true).map_err(Failure::from),
        }
    }
    Err(Failure::new("changed", format!("`conductor/{path}` comes and goes")))
}

/// Removes a file, if it is there.
///
/// # Errors
/// Why it can't be removed.
pub fn remove_if_there(host: &dyn Host, path: &str) -> Result<bool, Failure> {
    let Some(bytes) = read_if_there(host, path)? else {
        return Ok(false);
    };
    host.remove(GRANT, path, &digest(&bytes))?;
    Ok(true)
}

/// A value of a JSON file that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// An object of texts.
    Texts(Vec<(String, String)>),
    /// Yes or no.
    Flag(bool),
    /// None: the member goes.
    Absent,
}

/// Sets members of a JSON object and leaves its form and all other members as they are.
///
/// # Errors
/// Where the text is no JSON object: with the place.
pub fn set_members(path: &str, bytes: &[u8], members: &[(&str, Value)]) -> Result<Vec<u8>, Failure> {
    set_members_of(path, bytes, None, members)
}

/// The same in an object that is a member of the outermost one, and is made where it is missing.
///
/// # Errors
/// As of [`set_members`], and where the member is something else.
pub fn set_members_of(
    path: &str,
    bytes: &[u8],
    within: Option<&str>,
    members: &[(&str, Value)],
) -> Result<Vec<u8>, Failure> {
    let wrong = |what: String| {
        Failure::new("bad-json", format!("`conductor/{path}` {what}")).hinted("mend it; nothing was changed in it")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".to_owned()))?;
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
        .map_err(|error| wrong(format!("is not a JSON object: {error}")))?;
    let root =
        CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| wrong(format!("is not JSON: {error}")))?;
    let object = root.object_value_or_set();
    let object = match within {
        None => object,
        Some(name) => object
            .object_value_or_create(name)
            .ok_or_else(|| wrong(format!("has a `{name}` that is no object")))?,
    };
    for (name, value) in members {
        let value = match value {
            Value::Absent => {
                if let Some(member) = object.get(name) {
                    member.remove();
                }
                continue;
            }
            Value::Flag(is) => CstInputValue::Bool(*is),
            Value::Text(text) => CstInputValue::String(text.clone()),
            Value::Texts(pairs) => {
                let pairs = pairs
                    .iter()
                    .map(|(name, text)| (name.clone(), CstInputValue::String(text.clone())));
                CstInputValue::Object(pairs.collect())
            }
        };
        match object.get(name) {
            Some(member) => member.set_value(value),
            None => {
                object.append(name, value);
            }
        }
    }
    Ok(root.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::FakeHost;
    use conductor_plugin::{Host, digest};

    use super::{GRANT, Value, change, set_members, set_members_of};

    #[test]
    fn what_a_person_writes_in_between_is_read_again() {
        let host = FakeHost::new().file(GRANT, "plan.md", "a");
        let mut seen = Vec::new();
        let changed = change(&host, "plan.md", |bytes| {
            if seen.is_empty() {
                host.replace(GRANT, "plan.md", &digest(bytes), b"a, and theirs")
                    .expect("a person saves");
            }
            seen.push(bytes.to_vec());
            Ok([bytes, b", and ours"].concat())
        });
        assert_eq!(changed.map_err(|failure| failure.code), Ok(true));
        assert_eq!(seen, [b"a".to_vec(), b"a, and theirs".to_vec()]);
        assert_eq!(
            host.content(GRANT, "plan.md").expect("it is there"),
            b"a, and theirs, and ours"
        );
    }

    fn set(text: &str, members: &[(&str, Value)]) -> String {
        let bytes = set_members("metadata.json", text.as_bytes(), members).expect("JSON");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn only_the_members_that_are_set_change() {
        let text = "{\n   \"id\" : \"a\",\n   \"status\":\"new\",  \"own\": [1,\n 2]\n}\n";
        let after = set(text, &[("status", Value::Text("in_progress".to_owned()))]);
        assert_eq!(after, text.replace("\"new\"", "\"in_progress\""));
        let after = set(text, &[("execution_mode", Value::Text("native-task".to_owned()))]);
        assert!(
            after.starts_with("{\n   \"id\" : \"a\",\n   \"status\":\"new\",  \"own\": [1,\n 2]"),
            "{after}"
        );
        assert!(after.contains("\"execution_mode\": \"native-task\""), "{after}");
        let one = set(
            "{}",
            &[(
                "beads_tasks",
                Value::Texts(vec![("phase1".to_owned(), "cd-1".to_owned())]),
            )],
        );
        let read: serde_json::Value = serde_json::from_str(&one).expect("JSON");
        assert_eq!(read["beads_tasks"]["phase1"], "cd-1");
        let twice = set(&one, &[("beads_tasks", Value::Texts(Vec::new()))]);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&twice).expect("JSON")["beads_tasks"],
            serde_json::json!({})
        );
    }

    #[test]
    fn what_was_added_goes_without_a_trace() {
        for text in ["{\n  \"id\": \"a\",\n  \"own\": [1]\n}\n", "{\n\"id\":\"a\"\n}"] {
            let with = set(text, &[("gastown_epic", Value::Text("sp-1".to_owned()))]);
            assert!(with.contains("sp-1"), "{with}");
            assert_eq!(set(&with, &[("gastown_epic", Value::Absent)]), text);
            assert_eq!(set(text, &[("gastown_epic", Value::Absent)]), text);
        }
    }

    #[test]
    fn a_member_of_a_member() {
        let set = |text: &str| {
            set_members_of(
                "beads.json",
                text.as_bytes(),
                Some("gastown"),
                &[("enabled", Value::Flag(true))],
            )
            .map(|bytes| String::from_utf8(bytes).expect("text"))
        };
        let text = "{\n  \"enabled\": true,\n  \"gastown\": {\n    \"own\": 1, \"enabled\": false\n  }\n}\n";
        assert_eq!(set(text).expect("set"), text.replace("false", "true"));
        let added = set("{\n  \"enabled\": true\n}\n").expect("set");
        assert!(
            added.contains("\"gastown\": {\n    \"enabled\": true\n  }\n}\n"),
            "{added}"
        );
        assert!(set("{\"gastown\": 1}").is_err());
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        for text in ["", "[]", "{", "{\"a\": 1,}", "{} x"] {
            assert!(
                set_members("metadata.json", text.as_bytes(), &[("a", Value::Text(String::new()))]).is_err(),
                "{text}"
            );
        }
    }
}
