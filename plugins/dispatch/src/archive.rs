//! State files that `conductor migrate` has put away: each stays beside its track until that is done.

use conductor_plugin::{Failure, Host, digest};

use crate::folder::{self, GRANT};

/// The state files of a track's folder.
pub const FILES: [&str; 4] = [
    "parallel_state.json",
    "implement_parallel_state.json",
    "dispatch_state.json",
    "implement_state.json",
];

/// How many of one name are kept.
const MOST: usize = 20;

/// `parallel_state.migrated.json`, then `parallel_state.migrated2.json`.
fn name(of: &str, number: usize) -> String {
    let stem = of.strip_suffix(".json").unwrap_or(of);
    match number {
        1 => format!("{stem}.migrated.json"),
        number => format!("{stem}.migrated{number}.json"),
    }
}

/// Puts a file away, under the first name that no other content has. What was changed.
///
/// # Errors
/// Why it can't be written or removed.
pub fn put_away(host: &dyn Host, folder: &str, of: &str) -> Result<Option<String>, Failure> {
    let folder = folder.trim_end_matches('/');
    let path = format!("{folder}/{of}");
    let Some(bytes) = folder::read_if_there(host, &path)? else {
        return Ok(None);
    };
    for number in 1..=MOST {
        let kept = format!("{folder}/{}", name(of, number));
        match folder::read_if_there(host, &kept)? {
            // A run that was killed in between has written it.
            Some(there) if there == bytes => {}
            Some(_) => continue,
            None => host.create(GRANT, &kept, &bytes)?,
        }
        host.remove(GRANT, &path, &digest(&bytes))?;
        return Ok(Some(format!("{path} is {} now", name(of, number))));
    }
    Err(
        Failure::new("archive", format!("`conductor/{path}` was put away {MOST} times"))
            .hinted("remove those that nobody needs any more"),
    )
}

/// Removes all that was put away. What was changed.
///
/// # Errors
/// Why a file can't be removed.
pub fn clear(host: &dyn Host, folder: &str) -> Result<Vec<String>, Failure> {
    let folder = folder.trim_end_matches('/');
    let mut changed = Vec::new();
    for of in FILES {
        for number in 1..=MOST {
            let path = format!("{folder}/{}", name(of, number));
            if !folder::remove_if_there(host, &path)? {
                break;
            }
            changed.push(format!("{path} removed"));
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use conductor_plugin::testing::FakeHost;

    use super::{clear, put_away};
    use crate::folder::GRANT;

    #[test]
    fn what_is_put_away_stays_until_the_end() {
        let host = FakeHost::new()
            .file(GRANT, "t/parallel_state.json", "two")
            .file(GRANT, "t/parallel_state.migrated.json", "one")
            .file(GRANT, "t/plan.md", "plan");
        let said = put_away(&host, "t/", "parallel_state.json").expect("put away");
        assert_eq!(
            said.as_deref(),
            Some("t/parallel_state.json is parallel_state.migrated2.json now")
        );
        assert_eq!(
            put_away(&host, "t/", "parallel_state.json").expect("nothing there"),
            None
        );
        assert_eq!(
            host.content(GRANT, "t/parallel_state.migrated.json"),
            Some(b"one".to_vec())
        );
        assert_eq!(
            host.content(GRANT, "t/parallel_state.migrated2.json"),
            Some(b"two".to_vec())
        );
        assert_eq!(clear(&host, "t/").map(|lines| lines.len()).ok(), Some(2));
        assert_eq!(host.content(GRANT, "t/plan.md"), Some(b"plan".to_vec()));
    }

    #[test]
    fn one_that_a_killed_run_has_written_is_not_written_again() {
        let host = FakeHost::new().file(GRANT, "t/dispatch_state.json", "{}").file(
            GRANT,
            "t/dispatch_state.migrated.json",
            "{}",
        );
        put_away(&host, "t", "dispatch_state.json").expect("put away");
        assert_eq!(host.content(GRANT, "t/dispatch_state.json"), None);
        assert_eq!(host.content(GRANT, "t/dispatch_state.migrated2.json"), None);
    }
}
