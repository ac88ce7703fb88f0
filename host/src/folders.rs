//! Where the host keeps its own things for a user, and whether such a folder can be trusted.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use etcetera::BaseStrategy;

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
