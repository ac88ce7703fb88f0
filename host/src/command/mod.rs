//! The host's commands: one file each, and the way from what was typed to an exit code.

mod allow;
mod audit;
mod check;
mod completions;
mod consent;
mod decision;
mod health;
mod hook;
mod inspect;
mod install;
mod list;
mod pack;
mod plan;
mod question;
mod remove;
mod revoke;
mod run;
mod run_file;
mod town;
mod usage;
mod watch;
mod wishes;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::error::ContextKind;
use rustix::process::{Resource, getrlimit};

use crate::args::{self, Asked, Form, Global};
use crate::error::{Error, Kind, Result};
use crate::plugin::{self, Known, Plugin};
use crate::process::interrupt;
use crate::render::Render;
use crate::sandbox::{compile, limits};
use crate::{completion, visible};

/// The stack that all work is done on. The main thread's is what `ulimit -s` says; one that is too small for a plugin would end the
/// process, so a thread with this one takes its place. Only what is used of it takes memory.
const OUR_STACK: usize = 8 << 20;
const _: () = assert!(OUR_STACK >= 4 * limits::STACK, "a plugin's stack lies on ours");

/// With less address space than this (`ulimit -v`) the process would end in the middle, wherever its memory runs out.
const LEAST_SPACE: u64 = 128 << 20;

/// Carries out a command line, the program's name first; the exit code.
#[must_use]
pub fn main(typed: Vec<OsString>) -> u8 {
    let form = form_of(&typed);
    if let Some(most) = getrlimit(Resource::As).current.filter(|most| *most < LEAST_SPACE) {
        let cause = format!("this process may have {} MiB of address space", most >> 20);
        return untyped(form).error(&Error::no_memory("too little to start with", &cause), &[]);
    }
    let work = move || {
        let code = guarded(form, || begin(typed, form));
        interrupt::exit_code().unwrap_or(code)
    };
    // A thread's memory comes from an arena of its own, which grows by small steps: not taken where it is not needed.
    if getrlimit(Resource::Stack)
        .current
        .is_none_or(|most| most >= OUR_STACK as u64)
    {
        return work();
    }
    let thread = std::thread::Builder::new()
        .name("conductor".to_owned())
        .stack_size(OUR_STACK);
    match thread.spawn(work) {
        Ok(work) => work.join().expect("it is guarded against panics"),
        Err(error) => untyped(form).error(&Error::no_memory("a thread can't be started", &error), &[]),
    }
}

fn begin(typed: Vec<OsString>, form: Form) -> u8 {
    if typed.get(1).is_some_and(|command| command == compile::COMMAND) {
        return compile_component();
    }
    completion::answer();
    carry_out(typed, form)
}

/// A panic is trouble like any other: it is told in the form that is asked for.
fn guarded(form: Form, work: impl FnOnce() -> u8) -> u8 {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        untyped(form).error(&Error::bug(&anyhow::anyhow!("it panicked: {said}")), &[])
    })
}

/// For what is said before the command line is understood, or when nothing else is left.
fn untyped(form: Form) -> Render {
    Render::new(Global::default()).in_form(form)
}

fn carry_out(typed: Vec<OsString>, form: Form) -> u8 {
    let render = untyped(form);
    if let Err(error) = check_version() {
        return render.error(&error, &[]);
    }
    // A command line that is understood with few plugins means the same with all: their names differ. So only the one that is named is read
    // first, and all of them for what is installed, for the help, and for what is said of a line that is not understood.
    let mut words = typed.iter().skip(1);
    let named = words.find_map(|word| plugin::bundled_manifest(word.to_str()?));
    if let Ok((global, asked)) = args::parse(named.map_or(&[], std::slice::from_ref), typed.clone()) {
        return dispatch(&Render::new(global), asked);
    }
    let known = plugin::known();
    match args::parse(&known.manifests(), typed) {
        Ok((global, asked)) => dispatch(&Render::new(global), asked),
        Err(error) => match broken(&known, &error) {
            Some(error) => render.error(&error, &[]),
            None => not_parsed(&render, &error),
        },
    }
}

/// Why a command is not known that is an installed plugin's, or may be one.
fn broken(known: &Known, error: &clap::Error) -> Option<Error> {
    let name = error.get(ContextKind::InvalidSubcommand)?.to_string();
    let plugin = known.broken.iter().find(|plugin| plugin.name == name);
    plugin
        .map(|plugin| &plugin.error)
        .or(known.store_error.as_ref())
        .cloned()
}

/// Says that a plugin is being compiled, to a person who waits.
fn compiling(render: &Render) -> impl Fn(&Plugin) + 'static {
    let shown = render.clone();
    move |plugin| shown.progress(&format!("compiling {}, once", plugin.title()))
}

fn dispatch(render: &Render, asked: Asked) -> u8 {
    match asked {
        Asked::Plugin(name, call) => run::named(render, &name, &call),
        Asked::Run {
            file,
            grants,
            arguments,
            tape,
        } => run_file::run(render, &file, grants, arguments, tape),
        Asked::Pack { file, manifest, output } => said(render, pack::pack(render, &file, &manifest, output.as_deref())),
        Asked::Inspect { plugin, json } => {
            let render = in_form(render, json);
            said(&render, inspect::inspect(&render, &plugin, json))
        }
        Asked::Install { path, json } => {
            let render = in_form(render, json);
            said(&render, install::install(&render, &path, json))
        }
        Asked::Remove { plugin, json } => {
            let render = in_form(render, json);
            said(&render, remove::remove(&render, &plugin, json))
        }
        Asked::Check { plugin, json } => {
            let render = in_form(render, json);
            said(&render, check::check(&render, &plugin, json))
        }
        Asked::Allow { plugin, grants, json } => {
            let render = in_form(render, json);
            said(&render, allow::allow(&render, &plugin, &grants, json))
        }
        Asked::Revoke { plugin, grants, json } => {
            let render = in_form(render, json);
            said(&render, revoke::revoke(&render, &plugin, &grants, json))
        }
        Asked::List { json } => {
            let render = in_form(render, json);
            said(&render, list::list(&render, json))
        }
        Asked::Audit(call) => audit::show(render, &call),
        Asked::Health { move_aside: true, .. } => said(render, health::move_aside(render)),
        Asked::Health { json, .. } => health::show(render, json),
        Asked::Consents { json } => {
            let render = in_form(render, json);
            said(&render, consent::list(&render, json))
        }
        Asked::AgreeToAll { plugin, project, json } => {
            let render = in_form(render, json);
            said(&render, consent::add(&render, &plugin, project.as_deref(), json))
        }
        Asked::TakeBack { named, json } => {
            let render = in_form(render, json);
            said(&render, consent::remove(&render, named, json))
        }
        Asked::HookPrompt => hook::prompt(render),
        Asked::HookAnswer => hook::answer(render),
        Asked::Completions(shell) => said(render, completions::print(render, &shell)),
    }
}

fn in_form(render: &Render, json: bool) -> Render {
    render.in_form(if json { Form::Json } else { Form::Terminal })
}

fn said(render: &Render, result: Result<u8>) -> u8 {
    result.unwrap_or_else(|error| render.error(&error, &[]))
}

/// Help and the version are answers; anything else is a usage error.
fn not_parsed(render: &Render, error: &clap::Error) -> u8 {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => render.text(&visible::text(&error.render().to_string())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            render.text(&visible::text(&error.render().to_string()));
            Kind::Usage.exit_code()
        }
        _ => render.error(&args::wording(error), &[]),
    }
}

/// The form that is asked for, known before the command line is understood, since even its errors have to come in it.
fn form_of(typed: &[OsString]) -> Form {
    let mut words = typed.iter().skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        let form = match word.strip_prefix("--format") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('=').map(|value| value.to_owned().into()),
            None if word == "--json" => return Form::Json,
            None => None,
        };
        match form.as_deref() {
            Some("claude") => return Form::Claude,
            Some("json") => return Form::Json,
            _ => {}
        }
    }
    Form::Terminal
}

/// The launcher of the Claude Code plugin says its version; both are released together, and speak to each other.
fn check_version() -> Result<()> {
    let ours = env!("CARGO_PKG_VERSION");
    let theirs = std::env::var("CONDUCTOR_PLUGIN_VERSION").unwrap_or_default();
    if theirs.is_empty() {
        return Ok(());
    }
    let minor = |version: &str| version.splitn(3, '.').take(2).map(str::to_owned).collect::<Vec<_>>();
    if minor(&theirs) == minor(ours) {
        return Ok(());
    }
    Err(Error::failed(
        "wrong-version",
        format!("the Claude Code plugin is {theirs}, but the `conductor` program is {ours}"),
    )
    .hinted("bring both to one version: `cargo install --locked --path host` in a clone of that version, or update the plugin"))
}

fn compile_component() -> u8 {
    match compile::child() {
        Ok(()) => 0,
        Err(error) => Render::new(Global::default()).error(&Error::failed("bad-component", format!("{error:#}")), &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_known_whatever_else_is_wrong() {
        let form = |line: &str| form_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(form("conductor status --bogus --format claude"), Form::Claude);
        assert_eq!(form("conductor status --format=claude x"), Form::Claude);
        assert_eq!(form("conductor status --json"), Form::Json);
        assert_eq!(form("conductor status --format terminal"), Form::Terminal);
    }

    #[test]
    fn a_panic_is_told_and_ends_with_the_code_of_a_fault_of_ours() {
        assert_eq!(guarded(Form::Terminal, || panic!("of a test")), Kind::Bug.exit_code());
        assert_eq!(guarded(Form::Claude, || panic!("of a test: {}", 1)), 0);
    }
}
