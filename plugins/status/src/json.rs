//! The report for programs: the report itself, under the published schema `conductor.status/1`.

use crate::report::Report;

/// Writes the report as one JSON value.
#[must_use]
pub fn text(report: &Report) -> String {
    serde_json::to_string(report).expect("a report holds only text, numbers and lists, which JSON has")
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::published;

    use crate::report::Report;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        published(
            env!("CARGO_MANIFEST_DIR"),
            "status",
            &schemars::schema_for!(Report<'static>),
        );
    }
}
