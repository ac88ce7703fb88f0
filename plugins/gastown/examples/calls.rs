//! Prints every call of this library as JSON: `tests/real/record.py` makes each of them on the real tools.
#![allow(clippy::print_stdout, reason = "it is a program of its own, for a script")]

#[path = "../tests/calls/mod.rs"]
mod calls;

use conductor_gastown::polecat;
use serde_json::{Map, Value, json};

fn main() {
    let calls = calls::ALL.iter().map(|call| {
        let mut call_as_json = json!({"argv": call.argv, "cwd": call.cwd});
        if call.name == polecat::HEARTBEAT.name {
            call_as_json["env"] = polecat::HEARTBEAT_ENV
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect::<Map<String, Value>>()
                .into();
        }
        (call.name.to_owned(), call_as_json)
    });
    println!("{}", Value::Object(calls.collect()));
}
