//! Where the log lies, and who can read and write it.

use super::*;

#[test]
fn only_the_user_can_read_it() {
    let (_scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.refused("denied", "no");
    audit.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("listed").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_that_others_could_have_written_is_not_taken() {
    let (scratch, folder) = scratch();
    let audit = Audit::in_folder(run(), &folder);
    audit.begin_write(FILE).expect("it can be written").end(Outcome::Done);
    let path = folder.join("audit-writes.jsonl");
    let refused = |why: &str| {
        let error = Audit::in_folder(run(), &folder).begin_write(FILE).expect_err(why);
        assert!(error.message.contains(why), "{error}");
        assert!(records_in(&folder).is_err());
    };

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("it is ours");
    refused("others can write it");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::hard_link(&path, scratch.path().join("second")).expect("linked");
    refused("it has a second name");
    fs::rename(scratch.path().join("second"), scratch.path().join("elsewhere")).expect("renamed");
    fs::remove_file(&path).expect("removed");
    symlink(scratch.path().join("elsewhere"), &path).expect("linked");
    refused("opening");
}

#[test]
fn a_folder_in_a_checkout_is_not_taken() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(scratch.path().join(".git")).expect("made");
    let folder = scratch.path().join("state/conductor");
    let error = Audit::in_folder(run(), &folder)
        .begin_write(FILE)
        .expect_err("a checkout");
    assert!(error.message.contains("lies inside the checkout"), "{error}");
    assert!(!folder.exists());
    fs::create_dir_all(&folder).expect("made");
    assert!(records_in(&folder).is_err(), "nor is it believed");
}
