//! Many programs, few at once: the rest waits for its turn, and what all of them leave is bounded.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

use super::child;
use super::interrupt::{Control, Wish};
use super::output::Output;
use super::spec::{Spec, StartError};
use crate::sandbox::limits;

/// Starts programs, [`limits::AT_ONCE`] at once. Dropping it ends all of them and waits until they are gone.
#[derive(Default)]
pub struct Pool(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    /// Whose turn it is.
    running: Vec<Arc<Task>>,
    /// Threads; each takes the next from the queue when it is done, and goes when there is none.
    workers: usize,
    unfinished: usize,
    kept: usize,
}

impl State {
    fn check_room(&self, spec: &Spec) -> Result<(), StartError> {
        if self.unfinished >= limits::COMMANDS {
            return Err(StartError::TooMany);
        }
        if spec.max_kept() > limits::RETAINED - self.kept {
            return Err(StartError::TooMuch);
        }
        Ok(())
    }
}

/// A program whose turn has not come.
struct Job {
    spec: Spec,
    task: Arc<Task>,
    kept: Kept,
}

/// What the one who waits and the one who works share.
#[derive(Default)]
struct Task {
    control: Arc<Control>,
    result: Mutex<Option<Result<Output, StartError>>>,
    done: Condvar,
}

/// A program that was started, or will be. Dropping it ends it.
#[must_use = "dropping it ends it"]
pub struct Running {
    task: Arc<Task>,
    shared: Arc<Shared>,
}

/// Bytes that count as kept, until this is dropped. At the start they are all that may come, so that whether a program can be
/// started does not depend on how fast the others are.
pub(super) struct Kept {
    bytes: usize,
    shared: Arc<Shared>,
}

impl Pool {
    /// Whether a program can be started now.
    ///
    /// # Errors
    /// When too much is unfinished or kept.
    pub fn check_room(&self, spec: &Spec) -> Result<(), StartError> {
        self.0.state().check_room(spec)
    }

    /// Starts a program as soon as its turn comes. That it can't be is told by [`Running::wait`].
    ///
    /// # Errors
    /// When too much is unfinished or kept.
    pub fn start(&self, mut spec: Spec) -> Result<Running, StartError> {
        let task = Arc::<Task>::default();
        let mut state = self.0.state();
        state.check_room(&spec)?;
        let bytes = spec.max_kept();
        state.kept += bytes;
        spec.yields &= !(state.running.is_empty() && state.queue.is_empty());
        state.unfinished += 1;
        let running = Running {
            task: Arc::clone(&task),
            shared: Arc::clone(&self.0),
        };
        let kept = Kept {
            bytes,
            shared: Arc::clone(&self.0),
        };
        let path = spec.program.path.clone();
        state.queue.push_back(Job { spec, task, kept });
        let worker = self.0.employ(&mut state);
        drop(state);
        worker.map_err(|error| StartError::System(path, error))?;
        Ok(running)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let queue = std::mem::take(&mut state.queue);
        state.running.iter().for_each(|task| task.control.ask(Wish::End));
        while state.workers > 0 {
            state = self.0.idle.wait(state).expect("nothing panics while it is held");
        }
        drop(state);
        queue
            .into_iter()
            .for_each(|job| job.task.finish(Err(StartError::Killed)));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it is held")
    }

    /// Takes on a thread for what is in the queue, unless there are enough.
    fn employ(self: &Arc<Self>, state: &mut State) -> io::Result<()> {
        if state.workers >= limits::AT_ONCE {
            return Ok(());
        }
        let shared = Arc::clone(self);
        match thread::Builder::new().spawn(move || shared.work()) {
            Ok(_) => state.workers += 1,
            // Those that there are will come to it.
            Err(_) if state.workers > 0 => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn work(&self) {
        while let Some(Job { spec, task, kept }) = self.next() {
            let path = spec.program.path.clone();
            let result = catch_unwind(AssertUnwindSafe(|| child::run(spec, &task.control)))
                .unwrap_or_else(|_| Err(StartError::System(path, io::Error::other("it panicked, see above"))));
            self.state().running.retain(|running| !Arc::ptr_eq(running, &task));
            task.finish(result.map(|output| Output {
                kept: Some(kept),
                ..output
            }));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        let job = state.queue.pop_front();
        match &job {
            Some(job) => state.running.push(Arc::clone(&job.task)),
            None => state.workers -= 1,
        }
        self.idle.notify_all();
        job
    }
}

impl Task {
    fn finish(&self, result: Result<Output, StartError>) {
        *self.result() = Some(result);
        self.done.notify_all();
    }

    fn result(&self) -> MutexGuard<'_, Option<Result<Output, StartError>>> {
        self.result.lock().expect("nothing panics while it is held")
    }
}

impl Running {
    /// Waits for its end, which its deadline bounds.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn wait(self) -> Result<Output, StartError> {
        let mut result = self.task.result();
        let mut output = loop {
            match result.take() {
                Some(result) => break result?,
                None => result = self.task.done.wait(result).expect("nothing panics while it is held"),
            }
        };
        let bytes = output.bytes();
        if let Some(kept) = &mut output.kept {
            kept.shrink(bytes);
        }
        Ok(output)
    }

    /// Ends it, as at its deadline, or takes it from the queue; does not wait for that.
    pub fn kill(&self) {
        if let Some(job) = self.take_from_queue() {
            job.task.finish(Err(StartError::Killed));
        }
        self.task.control.ask(Wish::End);
    }

    fn take_from_queue(&self) -> Option<Job> {
        let mut state = self.shared.state();
        let place = state.queue.iter().position(|job| Arc::ptr_eq(&job.task, &self.task))?;
        state.queue.remove(place)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        self.shared.state().unfinished -= 1;
    }
}

impl Kept {
    fn shrink(&mut self, bytes: usize) {
        self.shared.state().kept -= self.bytes - bytes;
        self.bytes = bytes;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shared.state().kept -= self.bytes;
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes)
    }
}
