//! What an outcome says to a script: a plugin whose data has `"ok": false` was asked something, and its answer is no.

use serde::Deserialize;

use crate::error::Kind;
use crate::sandbox::bindings::types::Outcome;

/// The exit code of an outcome: 1 when its data says `"ok": false`, as with `grep` and `diff`, otherwise 0.
///
/// The member is the interface for this since records of the interface never change (`wit/world.wit`). A plugin that uses it gives
/// its data in every presentation.
#[must_use]
pub fn exit_code(outcome: &Outcome) -> u8 {
    #[derive(Deserialize)]
    struct Verdict {
        #[serde(default)]
        ok: Option<serde_json::Value>,
    }
    // Most outcomes are pages of text without any data; and a list is no object, though serde would take it for one.
    if !outcome.json.trim_start().starts_with('{') {
        return 0;
    }
    match serde_json::from_str(&outcome.json) {
        Ok(Verdict {
            ok: Some(serde_json::Value::Bool(false)),
        }) => Kind::Failed.exit_code(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_that_says_no_is_a_no() {
        let code = |json: &str| {
            exit_code(&Outcome {
                text: Vec::new(),
                json: json.to_owned(),
                plan: None,
            })
        };
        assert_eq!(code(r#"{"schema":"x/1","ok":false,"areas":[]}"#), 1);
        for json in [
            "",
            "null",
            "[false]",
            "{}",
            r#"{"ok":true}"#,
            r#"{"ok":null}"#,
            r#"{"ok":"false"}"#,
            r#"{"inner":{"ok":false}}"#,
            r#"{"ok":false"#,
        ] {
            assert_eq!(code(json), 0, "{json}");
        }
    }
}
