//! Holds the JSON Schemas in `docs/schema/` to the types that they are made from (tests only).

use std::path::Path;

/// Compares a published schema with the one of its type. `BLESS=1` writes it anew.
#[track_caller]
pub(crate) fn check<T: schemars::JsonSchema>(name: &str) {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(T)).expect("a schema is JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/schema/{name}.json"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &schema).expect("the schema can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == schema,
        "{} is not up to date: BLESS=1 writes it anew",
        path.display()
    );
}
