//! The locks that a run holds, and what they have to know of its commands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::lock::Held;
use crate::process::{Step, Watcher};

/// The locks of one run, shared with the threads that wait for its commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Locks(Arc<Mutex<BTreeMap<u32, Held>>>);

/// A lock in the hands of a plugin; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    /// None where a tape says that it was held: nothing is locked then.
    id: Option<u32>,
    of: Locks,
}

impl Locks {
    /// Keeps a lock until what it returns is dropped.
    pub(super) fn keep(&self, held: Held) -> Lock {
        let mut all = self.all();
        let id = all.last_key_value().map_or(0, |(last, _)| last + 1);
        all.insert(id, held);
        Lock {
            id: Some(id),
            of: self.clone(),
        }
    }

    /// A lock that a tape says was held.
    pub(super) fn replayed(&self) -> Lock {
        Lock {
            id: None,
            of: self.clone(),
        }
    }

    /// Notes a command that writes in every lock that is held when it starts, so that the next holder can wait for it when this
    /// process is killed. `mark` is what its environment has, `timeout` how long it may take.
    pub(super) fn watcher(&self, mark: String, timeout: Duration) -> Watcher {
        let locks = self.clone();
        Box::new(move |step| {
            for held in locks.all().values_mut() {
                match step {
                    Step::Starting => held.starting(&mark, timeout)?,
                    Step::Started(group) => held.started(&mark, group),
                    Step::Ended => held.ended(&mark),
                }
            }
            Ok(())
        })
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.of.all().remove(&id);
        }
    }
}
