//! The projects that the bench measures on: made anew in a temporary folder at each run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A project, with the words that name it in the table.
pub(crate) struct Project {
    pub(crate) title: String,
    pub(crate) path: PathBuf,
}

/// All of them: none, the example, the corpus's plans as one project where `CONDUCTOR_CORPUS` names it, 200 and 2,000 tracks.
pub(crate) fn all(folder: &Path, example: &Path) -> Result<Vec<Project>> {
    let mut projects = vec![
        Project {
            title: "no track".to_owned(),
            path: tracks(&folder.join("empty"), 0)?,
        },
        Project {
            title: "the example".to_owned(),
            path: example.to_owned(),
        },
    ];
    if let Some(corpus) = std::env::var_os("CONDUCTOR_CORPUS") {
        let (path, plans) = real_plans(&folder.join("real"), Path::new(&corpus))?;
        projects.push(Project {
            title: format!("{plans} real plans"),
            path,
        });
    }
    for count in [200, 2000] {
        let path = tracks(&folder.join(count.to_string()), count)?;
        projects.push(Project {
            title: format!("{count} tracks"),
            path,
        });
    }
    Ok(projects)
}

fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("writing {}", path.display()))
}

/// A project of equal tracks: 4 phases of 6 tasks, about 3 kB of plan (the median of real ones), metadata and a registry.
fn tracks(project: &Path, count: usize) -> Result<PathBuf> {
    let mut registry = String::from("# Project Tracks\n");
    for at in 0..count {
        let marker = ["x", "~", " ", " "][at % 4];
        let id = format!("track-{at:04}_20260301");
        registry.push_str(&format!(
            "\n---\n\n## [{marker}] Track: Track number {at}\n*Link: [./tracks/{id}/](./tracks/{id}/)*\n"
        ));
        let folder = project.join("conductor/tracks").join(&id);
        write(&folder.join("plan.md"), plan(at))?;
        let metadata = format!(
            "{{\n  \"track_id\": \"{id}\",\n  \"type\": \"feature\",\n  \"status\": \"new\",\n  \"priority\": \"medium\",\n  \
             \"depends_on\": [],\n  \"created_at\": \"2026-03-01T00:00:00Z\",\n  \"description\": \"Track number {at}\"\n}}\n"
        );
        write(&folder.join("metadata.json"), metadata)?;
    }
    write(&project.join("conductor/tracks.md"), registry)?;
    Ok(project.to_owned())
}

fn plan(track: usize) -> String {
    let done = track % 24;
    let mut plan = format!("# Plan: Track number {track}\n");
    for phase in 1..=4 {
        plan.push_str(&format!(
            "\n## Phase {phase}: Part {phase} of the work\n<!-- execution: parallel -->\n\n"
        ));
        for task in 1..=6 {
            let marker = if (phase - 1) * 6 + task <= done { "x" } else { " " };
            plan.push_str(&format!(
                "- [{marker}] Task {task}: Write the part that does step {task} of phase {phase}\n  <!-- files: src/part{phase}/step{task}.rs -->\n    \
                 - [{marker}] Write tests that fail\n    - [{marker}] Make them pass\n"
            ));
        }
    }
    plan
}

/// The corpus's plans as one project: its files are read in place and copied into the temporary folder only.
fn real_plans(project: &Path, corpus: &Path) -> Result<(PathBuf, usize)> {
    let mut names: Vec<String> = fs::read_dir(corpus)
        .with_context(|| format!("reading {}", corpus.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with("-plan.md"))
        .collect();
    names.sort();
    let mut registry = String::from("# Project Tracks\n");
    for name in &names {
        let id = format!("plan-{}_20260301", &name[..4]);
        registry.push_str(&format!(
            "\n---\n\n## [~] Track: Plan {}\n*Link: [./tracks/{id}/](./tracks/{id}/)*\n",
            &name[..4]
        ));
        let plan = fs::read(corpus.join(name)).with_context(|| format!("reading {name}"))?;
        write(&project.join("conductor/tracks").join(&id).join("plan.md"), plan)?;
    }
    write(&project.join("conductor/tracks.md"), registry)?;
    Ok((project.to_owned(), names.len()))
}
