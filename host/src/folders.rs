//! Where the host keeps its own things for a user, and whether such a folder can be trusted.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use etcetera::BaseStrategy;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

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

/// The folder for what the user has decided, `<config>/conductor` (`~/.config/conductor` unless `XDG_CONFIG_HOME` says otherwise):
/// settings, grants, consents.
///
/// # Errors
/// When this system tells no home folder.
pub fn config() -> Result<PathBuf> {
    Ok(etcetera::choose_base_strategy()
        .context("finding the configuration folder")?
        .config_dir()
        .join("conductor"))
}

/// The folder of the installed plugins, beside what plugins keep for themselves: `<data>/conductor/.installed`. No plugin's name
/// begins with a dot.
///
/// # Errors
/// When this system tells no home folder.
pub fn installed() -> Result<PathBuf> {
    Ok(data()?.join(".installed"))
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

/// One of our folders, held against other processes of ours until it is dropped. What is held is the folder itself: no file is
/// left in it.
#[derive(Debug)]
pub struct Held(File);

/// How long another holder is waited for. It holds the folder while it writes a file or two.
const HELD_WAIT: Duration = Duration::from_secs(5);
/// How often it is tried.
const HELD_TRY: Duration = Duration::from_millis(5);

/// Makes one of our folders if need be, checks it as [`checked`] does, and holds it.
///
/// # Errors
/// As of [`checked`], and when another process does not let go of it.
pub fn hold(folder: &Path) -> Result<Held> {
    checked(folder)?;
    let file = File::open(folder).with_context(|| format!("opening `{}`", folder.display()))?;
    let deadline = Instant::now() + HELD_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(HELD_TRY),
            Err(TryLockError::WouldBlock) => bail!("another `conductor` holds `{}`", folder.display()),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("locking `{}`", folder.display()));
            }
        }
    }
}

impl Held {
    /// Writes a file in the folder: under a temporary name, brought to the disk, then renamed, so that nobody ever sees half of
    /// one. Only the user can read it.
    ///
    /// # Errors
    /// When the system does not let it; what was there before is there still.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let failed = || format!("writing `{}`", path.display());
        let folder = path.parent().with_context(failed)?;
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(folder)
            .with_context(failed)?;
        file.write_all(bytes).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).with_context(failed)?;
        self.0.sync_all().with_context(failed)
    }

    /// Removes temporary files that a killed process has left. No other is being written while this is held.
    pub fn remove_left(&self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// How the name of a file begins that is not complete yet.
const TEMPORARY: &str = ".new-";

/// Opens a file in one of our folders without following a link, and checks what was opened: a regular file of ours, under one
/// name, that others can't write. One that is made by this can be read by nobody else either.
///
/// # Errors
/// When it can't be opened, or is not such a file.
pub fn open_own(path: &Path, flags: OFlags) -> Result<File> {
    let always = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rustix::fs::open(path, flags | always, Mode::RUSR | Mode::WUSR) {
        Err(Errno::LOOP) => bail!("it is a link"),
        opened => File::from(opened?),
    };
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
