//! The fake host of the sdk answers as the real one does: what a plugin's author tests against is what the plugin will meet.

use std::fs;
use std::path::Path;

use conductor_host::files::Granted;
use conductor_plugin::Host;
use conductor_plugin::testing::FakeHost;

/// A folder with what patterns are about: names at several depths, equal names, names that only look alike.
const FILES: [&str; 12] = [
    "tracks.md",
    "index.md",
    "beads.json",
    "notes.txt",
    ".hidden.md",
    "tracks/a/plan.md",
    "tracks/a/metadata.json",
    "tracks/b.c/plan.md",
    "tracks/deep/er/plan.md",
    "tracks/deep/er/spec.md",
    "archive/a/plan.md",
    "archive/plan.md",
];

const PATTERNS: [&str; 17] = [
    "*.md",
    "*.{md,json}",
    "tracks/*/plan.md",
    "tracks/**/plan.md",
    "**/plan.md",
    "**/*.md",
    "**",
    "*",
    "*/",
    "**/*/",
    "tracks/*/",
    "tracks/?/plan.md",
    "tracks/{a,b.c}/{plan.md,metadata.json}",
    "archive/**/{plan,spec}.md",
    "nothing/*.md",
    "tracks",
    "tracks.md",
];

#[test]
fn patterns_mean_the_same_in_the_fake_host() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path().join("conductor");
    for file in FILES {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
        fs::write(path, file).expect("written");
    }
    for pattern in PATTERNS {
        for max_bytes in [1000, 9] {
            assert_eq!(
                real(scratch.path(), pattern, max_bytes),
                fake(&folder, pattern, max_bytes),
                "{pattern}"
            );
        }
    }
}

/// A path, and its bytes or the code of its error.
type Seen = (String, Result<Vec<u8>, String>);

fn real(project: &Path, pattern: &str, max_bytes: u64) -> Vec<Seen> {
    let granted = Granted::open(project, "conductor").expect("it is there");
    let entries = granted
        .snapshot(&[pattern.to_owned()], max_bytes)
        .expect("the pattern is right");
    entries
        .into_iter()
        .map(|entry| (entry.path, entry.content.map_err(|error| error.code.to_owned())))
        .collect()
}

fn fake(folder: &Path, pattern: &str, max_bytes: u64) -> Vec<Seen> {
    let host = FakeHost::new().files_of("conductor", folder);
    let entries = host
        .snapshot("conductor", &[pattern], max_bytes)
        .expect("it is granted");
    entries
        .into_iter()
        .map(|entry| (entry.path, entry.content.map_err(|error| error.code)))
        .collect()
}
