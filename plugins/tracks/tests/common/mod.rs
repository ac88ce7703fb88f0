//! What the tests of this folder share.

/// The diagnostics as `severity code lines`.
pub fn said(found: &[conductor_tracks::Diagnostic<'_>]) -> Vec<String> {
    let lines = |d: &conductor_tracks::Diagnostic<'_>| d.lines.iter().map(|l| format!(" {l}")).collect::<String>();
    found
        .iter()
        .map(|d| format!("{} {}{}", d.severity.as_str(), d.code, lines(d)))
        .collect()
}
