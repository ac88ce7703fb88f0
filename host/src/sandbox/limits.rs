//! Every bound on a plugin, each with its reason, and the limiter that holds it to memory, tables and instances.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// The plugin's own computing. A status of 2,000 tracks takes a twentieth of a second; a plugin in an interpreted language is up
/// to fifty times slower.
pub const COMPUTING: Duration = Duration::from_secs(10);
/// A whole run, waiting included. A manifest may ask for more, which is shown like a grant.
pub const RUN: Duration = Duration::from_secs(60);
/// How long after the end of a run's time a call of the host may still take before the process ends.
/// A command has [`GRACE`] of it.
pub const STUCK: Duration = Duration::from_secs(3);
/// How often the watchdog looks: what a plugin can compute beyond its time, at no cost that can be measured.
pub const TICK: Duration = Duration::from_millis(50);
/// All of a plugin's memories together. Python and JavaScript begin with 9 to 13 MiB; a snapshot may hold 64, and what a reader
/// makes of it takes several times as much.
pub const MEMORY: usize = 256 << 20;
/// All elements of a plugin's tables together (8 bytes each). Python's tables of functions have 5,800, JavaScript's 7,700.
pub const TABLE_ELEMENTS: usize = 500_000;
/// Core instances. A component of Python's tools has 14, one of JavaScript's 4.
pub const INSTANCES: usize = 200;
/// Memories. Every component met has one: its adapters share it.
pub const MEMORIES: usize = 32;
/// Tables. Those components have two each, one of them the adapters'.
pub const TABLES: usize = 64;
/// Stack of the plugin. Recursive parsers go deep; it has to be well below what a thread of ours has.
pub const STACK: usize = 1 << 20;
/// What a plugin may hand over in one call: an outcome for 2,000 tracks has 2 MiB.
pub const HOSTCALL_BYTES: usize = 32 << 20;
/// WASI resources (streams, pollables) that are open at once.
pub const RESOURCES: usize = 1_000;
/// Random bytes in one call.
pub const RANDOM: u64 = 64 << 10;
/// What a plugin logs to stderr; the rest is counted.
pub const LOG: usize = 64 << 10;
/// A component. Those of Python have 18 MB, those of JavaScript 12.
pub const COMPONENT_BYTES: u64 = 64 << 20;
/// Compiling a component that is not bundled, in a process of its own: processor time. 18 MB of Python take 12 s, 12 MB of
/// JavaScript 16 s, and there are machines a third as fast.
pub const COMPILE_CPU: Duration = Duration::from_secs(60);
/// The same, as a person waits.
pub const COMPILE_WALL: Duration = Duration::from_secs(90);
/// Address space of that process: 18 MB of Python take 430 MiB on one thread and 840 on eight; a bomb of 15 kB takes all.
pub const COMPILE_MEMORY: u64 = 3 << 29;
/// Threads of that process. Each takes about 60 MiB of address space: on a machine with 64 cores they alone would fill it.
pub const COMPILE_THREADS: usize = 8;
/// A command that says nothing else. The slowest read of `bd` and `gt` takes 3 s; what takes longer says so.
pub const COMMAND: Duration = Duration::from_secs(10);
/// What is kept of its output, likewise. A bead has up to 2 KiB as JSON: 500 of them.
pub const COMMAND_OUTPUT: usize = 1 << 20;
/// What is kept of what it complains of: people read the beginning.
pub const STDERR: usize = 64 << 10;
/// How nice a program is that others of its run were started before, where it only reads: what a plugin asks first is mostly what
/// takes longest, and what comes last is waited for.
pub const YIELDING: i32 = 19;
/// From the request to end to the end, so that files can be closed and locks removed.
pub const GRACE: Duration = Duration::from_secs(2);
/// After the end of a program, for what is still in its pipes. A daemon that it left would hold them for ever.
pub const DRAIN: Duration = Duration::from_millis(200);
/// Programs that run at once: eight calls of `bd` already wait for each other.
pub const AT_ONCE: usize = 8;
/// Commands that are not waited for yet: more is not a plan.
pub const COMMANDS: usize = 64;
/// What all commands of a run may keep together: as much as one call reads of files.
pub const RETAINED: usize = 64 << 20;

/// Which bound a plugin has hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// [`COMPUTING`].
    Computing,
    /// [`RUN`], or what the manifest asked for.
    Run(Duration),
    /// [`MEMORY`], or what the manifest asked for, in bytes.
    Memory(usize),
    /// [`TABLE_ELEMENTS`].
    Table,
    /// [`INSTANCES`], [`MEMORIES`] or [`TABLES`].
    Parts,
    /// [`HOSTCALL_BYTES`].
    Handed,
    /// [`RESOURCES`].
    Resources,
}

impl std::fmt::Display for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Computing => write!(f, "it used its {} s of computing", COMPUTING.as_secs()),
            Self::Run(run) => write!(f, "the run took longer than its {} s", run.as_secs_f32()),
            Self::Memory(bytes) => write!(f, "it wanted more than its {} MiB of memory", bytes >> 20),
            Self::Table => write!(f, "it wanted more than its {TABLE_ELEMENTS} table elements"),
            Self::Parts => {
                write!(
                    f,
                    "it wanted more than its {INSTANCES} instances, {MEMORIES} memories and {TABLES} tables"
                )
            }
            Self::Handed => write!(f, "it handed over more than {} MiB in one call", HOSTCALL_BYTES >> 20),
            Self::Resources => write!(f, "it had more than {RESOURCES} streams and pollables open at once"),
        }
    }
}

impl std::error::Error for Hit {}

/// Counts memory and tables over everything that one plugin instantiates.
#[derive(Debug)]
pub struct Limiter {
    most_memory: usize,
    memory: usize,
    elements: usize,
}

impl Limiter {
    /// A limiter for a plugin that may have this much memory, in bytes.
    #[must_use]
    pub fn new(most_memory: usize) -> Self {
        Self {
            most_memory,
            memory: 0,
            elements: 0,
        }
    }
}

impl ResourceLimiter for Limiter {
    /// A growth beyond the memory's own maximum fails inside the plugin, as the standard has it; one beyond ours ends it, since
    /// few programs come to a good end without memory. (A growth that the system can't serve afterwards stays counted.)
    fn memory_growing(&mut self, current: usize, desired: usize, most: Option<usize>) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        // A 64-bit memory can ask for more bytes than there are numbers.
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        if memory > self.most_memory {
            return Err(wasmtime::Error::new(Hit::Memory(self.most_memory)));
        }
        self.memory = memory;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, most: Option<usize>) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let elements = self.elements.saturating_add(desired.saturating_sub(current));
        if elements > TABLE_ELEMENTS {
            return Err(wasmtime::Error::new(Hit::Table));
        }
        self.elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
