//! Where the host keeps its own things for a user, and whether such a folder can be trusted.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use etcetera::BaseStrategy;
use rustix::fs::{Mode, OFlags};

/// The folder for compiled plugins, `<cache>/conductor`. It can be deleted at any time.
///
/// # Errors
/// When this system tells no home folder.
pub fn cache() -> Result<PathBuf> {
    Ok(etcetera::choose_base_strategy()
        .context("finding the cache folder")?
        .cache_dir()
        .join("conductor"))
}

/// The folder for what plugins keep for themselves, `<data>/conductor`, one folder a plugin.
///
/// # Errors
/// When this system tells no home folder.
pub fn data() -> Result<PathBuf> {
    Ok(etcetera::choose_base_strategy()
        .context("finding the data folder")?
        .data_dir()
        .join("conductor"))
}

/// The folder for what is kept from run to run, `<state>/conductor` (`~/.local/state/conductor` unless `XDG_STATE_HOME` says
/// otherwise): the audit log.
///
/// # Errors
/// When this system tells no home folder.
pub fn state() -> Result<PathBuf> {
    Ok(etcetera::choose_base_strategy()
        .context("finding the state folder")?
        .state_dir()
        .context("this system has no state folder")?
        .join("conductor"))
}

/// Makes one of our folders if it is not there, and checks that nobody else can write what we will trust.
///
/// # Errors
/// When it belongs to another user, others can write it, it is a link, or it lies inside a checkout: what a repository brings
/// must never be taken for ours.
pub fn checked(folder: &Path) -> Result<()> {
    check_not_in_checkout(folder)?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("making `{}`", folder.display()))?;
    check_ours(folder)
}

/// The same for a folder that is only read: nothing is made. Whether it is there.
///
/// # Errors
/// As of [`checked`].
pub fn checked_if_there(folder: &Path) -> Result<bool> {
    if !folder.try_exists()? {
        return Ok(false);
    }
    check_not_in_checkout(folder)?;
    check_ours(folder)?;
    Ok(true)
}

fn check_ours(folder: &Path) -> Result<()> {
    let metadata = folder
        .symlink_metadata()
        .with_context(|| format!("looking at `{}`", folder.display()))?;
    let shown = folder.display();
    ensure!(metadata.is_dir(), "`{shown}` is not a folder");
    ensure!(
        metadata.uid() == rustix::process::geteuid().as_raw(),
        "`{shown}` belongs to another user"
    );
    ensure!(
        metadata.permissions().mode() & 0o022 == 0,
        "`{shown}` can be written by others"
    );
    Ok(())
}

/// Opens a file in one of our folders without following a link, and checks what was opened: a regular file of ours, under one
/// name, that others can't write. One that is made by this can be read by nobody else either.
///
/// # Errors
/// When it can't be opened, or is not such a file.
pub fn open_own(path: &Path, flags: OFlags) -> Result<File> {
    let always = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags | always, Mode::RUSR | Mode::WUSR)?);
    let metadata = file.metadata()?;
    ensure!(metadata.is_file(), "not a regular file");
    ensure!(metadata.uid() == rustix::process::geteuid().as_raw(), "another user's");
    ensure!(metadata.nlink() == 1, "it has a second name");
    ensure!(metadata.mode() & 0o022 == 0, "others can write it");
    Ok(file)
}

/// Configuration, state and cache inside a project or a checkout would be the repository's word, not the user's. Looked at from
/// the deepest folder that is there, so that nothing is made in a place that is refused.
fn check_not_in_checkout(folder: &Path) -> Result<()> {
    let canonical = folder
        .ancestors()
        .find_map(|above| above.canonicalize().ok())
        .context("the folder has no absolute path")?;
    let home = etcetera::home_dir().ok().and_then(|home| home.canonicalize().ok());
    for above in canonical.ancestors() {
        // People keep their home folder in git.
        if home.as_deref() == Some(above) {
            return Ok(());
        }
        if above.join(".git").exists() || above.join("conductor/tracks.md").exists() {
            bail!("`{}` lies inside the checkout `{}`", folder.display(), above.display());
        }
    }
    Ok(())
}
