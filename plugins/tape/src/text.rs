//! Bytes as they stand on a tape: text where they are text, hexadecimal digits where they are not. Nothing is lost.

use std::borrow::Cow;
use std::fmt::Write;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes in which places stand as symbols ([`crate::Places`]): a JSON text, or `{"hex": "ff00"}` where they are not UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Vec<u8>);

/// The two forms.
#[derive(Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a text, or `{\"hex\": …}` for bytes that are none")]
enum Form<'a> {
    Text(Cow<'a, str>),
    Hex(Hex<'a>),
}

#[derive(Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Hex<'a> {
    hex: Cow<'a, str>,
}

impl Text {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes, with symbols for places.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match std::str::from_utf8(&self.0) {
            Ok(text) => Form::Text(text.into()),
            Err(_) => Form::Hex(Hex {
                hex: to_hex(&self.0).into(),
            }),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Self(text.into_owned().into_bytes())),
            Form::Hex(Hex { hex }) => from_hex(&hex)
                .map(Self)
                .ok_or_else(|| D::Error::custom("`hex` takes pairs of hexadecimal digits")),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Form::json_schema(generator)
    }
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes any text");
            text
        })
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_come_back() {
        for bytes in [b"".as_slice(), b"plain\n\t\0", "漢字 é".as_bytes(), &[0xff, 0, b'a']] {
            let text = Text::new(bytes.to_vec());
            let json = serde_json::to_string(&text).expect("it is JSON");
            assert_eq!(
                serde_json::from_str::<Text>(&json).expect("it is a text"),
                text,
                "{json}"
            );
        }
        let json = serde_json::to_string(&Text::new(vec![0xff, 0])).expect("it is JSON");
        assert_eq!(json, r#"{"hex":"ff00"}"#);
    }

    #[test]
    fn what_is_neither_form_is_refused() {
        for wrong in [
            "1",
            "null",
            "[]",
            r#"{"hex":"f"}"#,
            r#"{"hex":"xy"}"#,
            r#"{"hex":"","more":1}"#,
            r#"{}"#,
        ] {
            assert!(serde_json::from_str::<Text>(wrong).is_err(), "{wrong}");
        }
    }
}
