//! `conductor plugin run`: runs any component in the same sandbox, with no grant but those that are named.

use std::ffi::OsString;
use std::path::Path;

use super::{not_parsed, run};
use crate::args::{self, PluginCall};
use crate::grant::UserGrants;
use crate::plugin::Plugin;
use crate::render::Render;
use crate::tape::Taping;
use crate::visible;

/// Runs the component; the exit code.
pub(super) fn run(
    render: &Render,
    file: &Path,
    grants: Vec<String>,
    arguments: Vec<OsString>,
    tape: Option<Taping>,
) -> u8 {
    let form = super::form_of(&[vec![OsString::new()], arguments.clone()].concat());
    let render = render.in_form(form);
    let plugin = match Plugin::from_file(file) {
        Ok(plugin) => plugin,
        Err(error) => return render.error(&error, &[]),
    };
    let render = render.of_plugin(&plugin.manifest.name, command(file, &grants), form);
    match args::parse_of_plugin(&plugin.manifest, arguments, "conductor plugin run … --") {
        Ok(call) => {
            let call = PluginCall { tape, ..call };
            run::run(&render, plugin, &UserGrants::Named(grants), &call)
        }
        Err(error) => not_parsed(&render, &error),
    }
}

/// What is typed to run it again, up to its own arguments.
fn command(file: &Path, grants: &[String]) -> String {
    let grants: String = grants
        .iter()
        .map(|grant| format!("--grant {} ", visible::word(grant)))
        .collect();
    let file = visible::word(&file.to_string_lossy());
    format!("conductor plugin run {grants}{file} --")
}
