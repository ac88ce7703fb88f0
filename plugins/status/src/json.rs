//! The report for programs: the report itself, under the published schema `conductor.status/1`.

use crate::report::Report;

/// Writes the report as one JSON value.
#[must_use]
pub fn text(report: &Report) -> String {
    serde_json::to_string(report).expect("a report holds only text, numbers and lists, which JSON has")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::report::Report;

    /// The published schema is made from the types. `BLESS=1` writes it anew.
    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Report<'static>)).expect("a schema is JSON");
        let expected = format!("{schema}\n");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/status.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("folder");
            std::fs::write(&path, &expected).expect("schema");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == expected,
            "{} is not up to date: BLESS=1 writes it anew",
            path.display()
        );
    }
}
