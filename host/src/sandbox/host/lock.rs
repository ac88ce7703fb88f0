//! `interface lock`: one run at a time.

use std::time::Duration;

use wasmtime::component::Resource;

use super::plain;
use crate::folders;
use crate::lock::{self, Busy, Held};
use crate::manifest::Place;
use crate::sandbox::State;
use crate::sandbox::bindings::lock::{Host, HostHeld};
use crate::sandbox::bindings::types::Error;
use crate::sandbox::locks::Lock;
use crate::tape::Turn;

/// The most characters of a name.
const NAME: usize = 64;

impl Host for State {
    fn acquire(&mut self, name: String, wait_ms: u32) -> wasmtime::Result<Result<Resource<Lock>, Error>> {
        if let Err(error) = check_name(&name) {
            return Ok(Err(error));
        }
        let lock = match self.tape.lock(&name)? {
            Turn::Answered(held) => held.map(|()| self.locks.replayed()),
            Turn::CarryOut(ticket) => {
                let held = self.try_acquire(&name, Duration::from_millis(wait_ms.into()));
                self.tape.locked(ticket, held.as_ref().err());
                held.map(|held| self.locks.keep(held))
            }
        };
        match lock {
            Ok(lock) => Ok(Ok(self.table.push(lock)?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl State {
    fn try_acquire(&mut self, name: &str, wait: Duration) -> Result<Held, Error> {
        let (place, name) = of_place(name);
        let place = self.invocation.places.find(place)?;
        let folder = folders::state().map(|state| state.join("locks"));
        let folder = folder.and_then(|folder| folders::checked(&folder).map(|()| folder));
        let locked = folder.and_then(|folder| lock::acquire(&folder, place, name, wait.min(self.commands.left())));
        match locked {
            Ok(Ok(held)) => Ok(held),
            Ok(Err(busy)) => Err(plain("busy", wording(name, &busy))),
            Err(error) => Err(plain(
                "unwritable",
                format!("the lock `{name}` can't be taken: {error:#}"),
            )),
        }
    }
}

/// `town/shop` is one of the town, whichever project it is asked from.
fn of_place(name: &str) -> (Place, &str) {
    match name.strip_prefix("town/") {
        Some(name) => (Place::Town, name),
        None => (Place::Project, name),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let (_, name) = of_place(name);
    let plain_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !name.is_empty() && name.len() <= NAME && name.chars().all(plain_name) {
        return Ok(());
    }
    let what = format!("the name of a lock takes letters, digits, `.`, `_` and `-`, at most {NAME}");
    Err(plain("invalid-value", what))
}

fn wording(name: &str, busy: &Busy) -> String {
    match busy {
        Busy::Held { pid } => format!("another run (process {pid}) holds the lock `{name}`"),
        Busy::LeftRunning { groups } if groups.is_empty() => {
            "a run that was killed may have left a command running that writes: its time is not over".to_owned()
        }
        Busy::LeftRunning { groups } => {
            let groups: Vec<String> = groups.iter().map(u32::to_string).collect();
            let groups = groups.join(", ");
            format!("a run that was killed has left commands running that write (process groups {groups})")
        }
    }
}

impl HostHeld for State {
    fn drop(&mut self, held: Resource<Lock>) -> wasmtime::Result<()> {
        self.table.delete(held)?;
        Ok(())
    }
}
