//! Runs a plugin: loads its compiled component, bounds it, links only our imports, calls it once, and says what came of it.
//!
//! Deny by default: no network, environment, arguments, standard streams or preopened folders. What a plugin can reach is the
//! interfaces in `host/`, and these ask [`Grants`] first.

mod beads;
pub mod bindings;
pub mod cache;
mod commands;
pub mod compile;
mod engine;
mod fault;
mod host;
mod imports;
pub mod limits;
mod locks;
mod log;
mod protected;
mod refusals;
mod traps;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::audit::Audit;
use crate::error::{Error, Result};
use crate::grant::Grants;
use crate::outcome;
use crate::place::Places;
use crate::plugin::Plugin;
use crate::process::interrupt;
use crate::progress::{self, Progress};
use crate::tape::Tape;
use bindings::invocation::Format;
use bindings::types::Outcome;
use commands::Commands;
use conductor_tape::Over;
use locks::Locks;
use log::Log;
use refusals::Refusals;
use watchdog::{Clock, Watchdog};

/// How a plugin is asked for: what it can see of the command line and the places.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its arguments as one JSON object.
    pub arguments: String,
    /// The form in which the outcome will be read.
    pub format: Format,
    /// The places that the manifest speaks of.
    pub places: Places,
    /// Whether nothing may be changed.
    pub dry_run: bool,
    /// The digest of the plan that the person has agreed to.
    pub applies: Option<String>,
    /// The Claude Code session that it belongs to.
    pub session: Option<String>,
    /// The sessions that are over as far as is known.
    pub over: Vec<Over>,
    /// The scopes that the person has agreed to as a whole.
    pub consents: Vec<String>,
}

/// What came of a run, and what is worth knowing beside it.
#[derive(Debug)]
pub struct Run {
    /// The outcome, or why there is none.
    pub result: Result<Outcome>,
    /// What the plugin was refused, one sentence each.
    pub refusals: Vec<String>,
    /// What the plugin logged.
    pub log: String,
    /// Why compiled plugins are not kept.
    pub warning: Option<String>,
    /// After which time at the latest it wants to be run again, where it is watched.
    pub again_after: Option<Duration>,
}

impl Run {
    /// The exit code of the process, whatever form the outcome is shown in.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let exit = || match &self.result {
            Ok(outcome) => outcome::exit_code(outcome),
            Err(error) => error.kind.exit_code(),
        };
        interrupt::exit_code().unwrap_or_else(exit)
    }
}

/// What the calls of a plugin can reach.
struct State {
    invocation: Invocation,
    grants: Grants,
    refusals: Refusals,
    commands: Commands,
    locks: Locks,
    audit: Audit,
    tape: Tape,
    log: Log,
    again_after: Option<Duration>,
    clock: Clock,
    progress: Arc<dyn Progress>,
    limiter: limits::Limiter,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// An engine with its cache: set up once for a process, for any number of runs (`--watch`).
pub struct Sandbox {
    engine: Engine,
    cache: cache::Cache,
    on_compile: Box<dyn Fn(&Plugin)>,
    progress: Arc<dyn Progress>,
}

impl Sandbox {
    /// Sets it up. `on_compile` is called before a plugin is compiled, which takes longer than a person waits gladly.
    ///
    /// # Errors
    /// When this machine is not supported, or the system gives this process too little room.
    pub fn new(on_compile: impl Fn(&Plugin) + 'static) -> Result<Self> {
        engine::check_room()?;
        let engine = engine::engine().map_err(|error| Error::bug(&error))?;
        let cache = cache::Cache::open(&engine);
        Ok(Self {
            engine,
            cache,
            on_compile: Box::new(on_compile),
            progress: Arc::new(progress::Unseen),
        })
    }

    /// The same, where somebody waits for the runs: what a plugin says of its progress is told to them.
    #[must_use]
    pub fn telling(mut self, progress: impl Progress + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Runs a plugin once; what it does goes into `audit` and past `tape`. `stuck` ends the process when a call of the host does
    /// not come back.
    pub fn run(
        &self,
        plugin: &Plugin,
        grants: &Grants,
        invocation: Invocation,
        audit: &Audit,
        tape: Tape,
        stuck: impl FnOnce(Error) + Send + 'static,
    ) -> Run {
        // Compiling has bounds of its own: the run, and its time, begin behind it.
        let component = self.load(plugin);
        let run = run_time(plugin);
        let mut store = self.store(plugin, grants, invocation, audit, tape, run);
        let name = plugin.title();
        let watchdog = Watchdog::start(&self.engine, run, move || {
            stuck(fault::stopped(&name, &limits::Hit::Run(run)))
        });
        let result = match (component, watchdog) {
            (Ok(component), Ok(_watchdog)) => self.call(plugin, &component, &mut store),
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        self.progress.end();
        let state = store.data_mut();
        Run {
            result: std::mem::take(&mut state.tape).end(result),
            refusals: std::mem::take(&mut state.refusals).sentences(),
            log: state.log.text(),
            warning: self.cache.warning(),
            again_after: state.again_after,
        }
    }

    /// Compiles and links a plugin without running any of it.
    ///
    /// # Errors
    /// When it can't be compiled, imports what there is not, or is no plugin.
    pub fn check(&self, plugin: &Plugin) -> Result<()> {
        let component = self.load(plugin)?;
        let linker = self.linker(plugin, &component)?;
        let fits = linker
            .instantiate_pre(&component)
            .and_then(bindings::ConductorPluginPre::new);
        fits.map(drop).map_err(|error| fault::at_start(plugin, error))
    }

    fn store(
        &self,
        plugin: &Plugin,
        grants: &Grants,
        invocation: Invocation,
        audit: &Audit,
        tape: Tape,
        run: Duration,
    ) -> Store<State> {
        let memory = plugin.manifest.limits.as_ref().and_then(|limits| limits.memory_mib);
        let memory = memory.map_or(limits::MEMORY, |mib| (mib as usize) << 20);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::RESOURCES);
        let log = Log::default();
        let mut wasi = WasiCtxBuilder::new();
        wasi.stderr(log.clone())
            .stdout(log.clone())
            .max_random_size(limits::RANDOM)
            .allow_blocking_current_thread(true);
        tape.equip(&mut wasi);
        let state = State {
            invocation,
            grants: grants.clone(),
            refusals: Refusals::default(),
            commands: Commands::new(run),
            locks: Locks::default(),
            audit: audit.clone(),
            tape,
            log,
            again_after: None,
            clock: Clock::start(run),
            progress: Arc::clone(&self.progress),
            limiter: limits::Limiter::new(memory),
            wasi: wasi.build(),
            table,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits::HOSTCALL_BYTES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().clock.check().map_err(wasmtime::Error::new)?;
            Ok(UpdateDeadline::Continue(1))
        });
        store.call_hook(|mut store, hook| {
            store.data_mut().clock.cross(hook);
            Ok(())
        });
        store
    }

    fn load(&self, plugin: &Plugin) -> Result<Component> {
        let compile = || {
            (self.on_compile)(plugin);
            plugin.compile(&self.engine)
        };
        self.cache.load(&self.engine, &plugin.digest, compile)
    }

    fn call(&self, plugin: &Plugin, component: &Component, store: &mut Store<State>) -> Result<Outcome> {
        let linker = self.linker(plugin, component)?;
        let instance = bindings::ConductorPlugin::instantiate(&mut *store, component, &linker)
            .map_err(|error| fault::at_start(plugin, error))?;
        match instance.conductor_plugin_plugin().call_run(&mut *store) {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(failure)) => Err(fault::said_by(plugin, failure, &store.data().refusals)),
            Err(error) => Err(fault::in_run(plugin, error)),
        }
    }

    fn linker(&self, plugin: &Plugin, component: &Component) -> Result<Linker<State>> {
        let mut linker = Linker::new(&self.engine);
        imports::check(plugin, &self.engine, component)?;
        let link = |linker: &mut Linker<State>| -> wasmtime::Result<()> {
            bindings::ConductorPlugin::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
            wasmtime_wasi::p2::add_to_linker_sync(linker)?;
            traps::link(linker, &self.engine, component)
        };
        link(&mut linker).map_err(|error| Error::bug(&error.into()))?;
        Ok(linker)
    }
}

fn run_time(plugin: &Plugin) -> Duration {
    let wish = plugin.manifest.limits.as_ref().and_then(|limits| limits.run_ms);
    wish.map_or(limits::RUN, Duration::from_millis)
}
