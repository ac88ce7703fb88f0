//! What polecats have noted on their beads comes into the track's learnings.md when the track ends.

use std::fmt::Write;

use conductor_common::width::one_line;
use conductor_plugin::Failure;

use crate::beads::Beads;
use crate::folder;
use crate::ground::{Ground, in_folder};
use crate::identity::task_name;

/// Adds the notes that are not in the file yet. What was changed.
///
/// # Errors
/// Why the file can't be changed.
pub fn keep(ground: &Ground<'_>, beads: &Beads) -> Result<Option<String>, Failure> {
    let notes: Vec<(String, String)> = beads
        .tasks()
        .flat_map(|(at, bead)| {
            let name = format!("{} ({})", task_name(ground.plan, at), bead.id);
            let lines = bead.notes.lines().map(one_line).filter(|line| !line.trim().is_empty());
            lines
                .map(move |line| (name.clone(), line.trim().to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    let Some(path) = in_folder(ground.track, "learnings.md").filter(|_| !notes.is_empty()) else {
        return Ok(None);
    };
    let changed = folder::change_or_create(ground.host, &path, |bytes| {
        let before = bytes.unwrap_or(b"# Learnings\n");
        let known = String::from_utf8_lossy(before).into_owned();
        let mut after = String::new();
        for (name, note) in &notes {
            let line = format!("- {name}: {note}");
            if !known.lines().any(|known| known == line) {
                writeln!(after, "{line}").expect("a String takes any text");
            }
        }
        if after.is_empty() {
            return Ok(before.to_vec());
        }
        let gap = if before.ends_with(b"\n") { "\n" } else { "\n\n" };
        Ok([before, gap.as_bytes(), after.as_bytes()].concat())
    })?;
    Ok(changed.then(|| format!("{path}: what polecats have noted")))
}
