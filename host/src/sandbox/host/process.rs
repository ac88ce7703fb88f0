//! `interface process`: the commands that the manifest declares and the user granted.

use wasmtime::component::Resource;

use super::{plain, refuse};
use crate::audit::Deed;
use crate::manifest::{CommandWish, Effect, FilledCommand};
use crate::process::{Ending, Output};
use crate::sandbox::State;
use crate::sandbox::bindings::process::{Host, HostOutput, HostRunning};
use crate::sandbox::bindings::types::Error;
use crate::sandbox::commands::{Awaited, Started, Watched};
use crate::tape::Turn;

/// What a call gives a plugin; a trap is for faults that are not its own to handle.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl Host for State {
    fn start(
        &mut self,
        command: String,
        values: Vec<(String, Vec<String>)>,
        stdin: Option<Vec<u8>>,
    ) -> Answer<Resource<Started>> {
        let (wish, filled) = match self.startable(&command, &values, stdin) {
            Ok(startable) => startable,
            Err(error) => return Ok(Err(error)),
        };
        let awaited = match self.tape.command(&command, &values, &filled)? {
            Turn::Answered(replayed) => replayed.map(Awaited::Replayed),
            Turn::CarryOut(ticket) => self
                .carry_out(&command, &wish, filled)
                .map(|watched| Awaited::Running(Box::new(watched), ticket))
                .inspect_err(|error| self.tape.refused(ticket, error)),
        };
        match awaited {
            Ok(awaited) => Ok(Ok(self.table.push(Started { running: Some(awaited) })?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

/// Granted, filled, allowed in this run, not on a tape that is replayed, written down, started: each step can refuse, and a later
/// one never runs before an earlier one.
impl State {
    fn startable(
        &mut self,
        name: &str,
        values: &[(String, Vec<String>)],
        stdin: Option<Vec<u8>>,
    ) -> Result<(CommandWish, FilledCommand), Error> {
        let wish = self
            .grants
            .command(name)
            .map_err(|denial| refuse(&mut self.refusals, &self.audit, denial))?;
        let filled = wish.fill(values, stdin).map_err(|error| {
            let message = format!("the command `{name}` can't be filled: {error}");
            self.audit.refused(error.code(), &message);
            plain(error.code(), message)
        })?;
        if self.invocation.dry_run && wish.effect == Effect::Write {
            return Err(plain("dry-run", format!("in a dry run `{}` is not started", wish.argv)));
        }
        Ok((wish.clone(), filled))
    }

    fn carry_out(&mut self, name: &str, wish: &CommandWish, filled: FilledCommand) -> Result<Watched, Error> {
        let program = self.grants.program(wish);
        let ready = self
            .commands
            .prepare(wish, program, filled, &self.invocation.places)
            .inspect_err(|error| self.audit.refused(&error.code, &error.message))?;
        let template = wish.argv.to_string();
        let argv = ready.argv();
        let deed = Deed::Command {
            name,
            template: &template,
            argv: &argv,
            stdin: ready.stdin.as_ref(),
            files: &ready.contents,
        };
        let pending = match wish.effect {
            Effect::Read => self.audit.read(deed),
            Effect::Write => self
                .audit
                .begin_write(deed)
                .map_err(|error| plain(&error.code, error.message))?,
        };
        self.commands.start(ready, pending, &self.locks)
    }
}

impl HostRunning for State {
    fn wait(&mut self, running: Resource<Started>) -> Answer<Resource<Output>> {
        let started = self.table.get_mut(&running)?;
        let Some(awaited) = started.running.take() else {
            return Ok(Err(plain(
                "already-waited",
                "the end of this command was waited for before".to_owned(),
            )));
        };
        let ended = match awaited {
            Awaited::Replayed(replayed) => self.tape.waited(replayed)?,
            Awaited::Running(watched, ticket) => {
                let files = watched.files();
                let ended = watched.wait().map_err(|error| plain(error.code(), error.to_string()));
                self.tape.ended(ticket, &ended, &files);
                ended
            }
        };
        match ended {
            Ok(output) => Ok(Ok(self.table.push(output)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn kill(&mut self, running: Resource<Started>) -> wasmtime::Result<()> {
        if let Some(Awaited::Running(running, _)) = &self.table.get(&running)?.running {
            running.kill();
        }
        Ok(())
    }

    fn drop(&mut self, running: Resource<Started>) -> wasmtime::Result<()> {
        self.table.delete(running)?;
        Ok(())
    }
}

impl HostOutput for State {
    fn status(&mut self, output: Resource<Output>) -> wasmtime::Result<Option<i32>> {
        Ok(self.table.get(&output)?.status)
    }

    fn signal(&mut self, output: Resource<Output>) -> wasmtime::Result<Option<i32>> {
        Ok(self.table.get(&output)?.signal)
    }

    fn timed_out(&mut self, output: Resource<Output>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&output)?.ending == Ending::TimeOut)
    }

    fn stdout(&mut self, output: Resource<Output>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&output)?.stdout.bytes.clone())
    }

    fn stderr(&mut self, output: Resource<Output>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&output)?.stderr.bytes.clone())
    }

    fn truncated(&mut self, output: Resource<Output>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&output)?.truncated())
    }

    fn pipe_left_open(&mut self, output: Resource<Output>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&output)?.pipe_left_open)
    }

    fn duration_ms(&mut self, output: Resource<Output>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&output)?.duration_ms())
    }

    fn drop(&mut self, output: Resource<Output>) -> wasmtime::Result<()> {
        self.table.delete(output)?;
        Ok(())
    }
}
