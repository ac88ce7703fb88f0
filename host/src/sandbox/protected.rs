//! What is never written, by whatever name: a link in a project can give `.git` or `.claude` another one.

use std::path::Path;

use crate::manifest::why_not_written;

/// Why a path in a place is never written, as it is named or where its links lead; `place` is without links. What leads out of the
/// place is left to the one who opens it.
pub(super) fn why_not(place: &Path, path: &str) -> Option<String> {
    why_not_written(path).or_else(|| why_not_written(&resolved(place, path)?))
}

/// The path in the place with the links followed of as much of it as is there.
fn resolved(place: &Path, path: &str) -> Option<String> {
    let whole = place.join(path);
    let there = whole
        .ancestors()
        .find_map(|above| Some((above, above.canonicalize().ok()?)));
    let (above, real) = there?;
    let real = real.strip_prefix(place).ok()?.join(whole.strip_prefix(above).ok()?);
    Some(real.to_string_lossy().into_owned())
}
