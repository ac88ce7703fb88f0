//! A track as a move finds it: its workers, and the files as they are to be read while it is looked at.

use conductor_dispatch::ground::{self, Overlay};
use conductor_dispatch::settle::{Marks, marked};
use conductor_dispatch::{choose, folder};
use conductor_plugin::{Failure, Host};

use crate::survey::Survey;

/// The state file that a dispatch reads: in another's form it would stop it.
const OURS: &str = "parallel_state.json";

/// A track with a plan.
#[derive(Debug)]
pub struct Seen {
    /// Its id.
    pub track: String,
    /// Its folder below `conductor/`.
    pub folder: Option<String>,
    /// Its plan.md below `conductor/`.
    pub plan_path: String,
    /// Its workers.
    pub survey: Survey,
    /// What is done and not marked in the plan.
    pub marks: Marks,
}

impl Seen {
    /// Looks at the track that was named, or else the one that is begun.
    ///
    /// # Errors
    /// Which track is meant is not clear, or its repository can't be read.
    pub fn of(host: &dyn Host, wanted: Option<&str>) -> Result<Self, Failure> {
        ground::project(host, |project| {
            let track = choose::track(project, wanted)?;
            let (Some(plan), Some(path)) = (&track.plan, track.plan_file.as_deref()) else {
                return Err(
                    Failure::new("no-plan", format!("`{}` has no plan.md that can be read", track.id))
                        .hinted("`conductor status --diagnostics` says what is wrong with it"),
                );
            };
            let survey = Survey::of(host, track, plan)?;
            let marks = match survey.problems.is_empty() {
                true => survey.marks(host, plan)?,
                false => Marks::default(),
            };
            Ok(Self {
                track: track.id.to_string(),
                folder: track.folder.as_deref().map(str::to_owned),
                plan_path: path.to_owned(),
                survey,
                marks,
            })
        })?
    }

    /// The files as they are when the track has moved: no workers of its own, and what is done marked.
    ///
    /// # Errors
    /// Why the plan can't be read.
    pub fn overlay(&self, host: &dyn Host) -> Result<Overlay, Failure> {
        let mut overlay = self.without_workers();
        if !self.marks.marks.is_empty() {
            let bytes = host.read(folder::GRANT, &self.plan_path)?;
            let (bytes, _) = marked(&self.plan_path, &bytes, &self.marks)?;
            overlay.insert(self.plan_path.clone(), bytes);
        }
        Ok(overlay)
    }

    /// The files as they are, without the track's workers.
    #[must_use]
    pub fn without_workers(&self) -> Overlay {
        let path = self
            .folder
            .as_deref()
            .map(|folder| format!("{}/{OURS}", folder.trim_end_matches('/')));
        path.map(|path| (path, b"{}".to_vec())).into_iter().collect()
    }
}
