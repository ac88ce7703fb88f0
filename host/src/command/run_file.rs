//! `conductor plugin run`: runs any component in the same sandbox, with no grant but those that are named.

use std::ffi::OsString;
use std::path::Path;

use super::{not_parsed, run};
use crate::args;
use crate::grant::UserGrants;
use crate::plugin::Plugin;
use crate::render::Render;

/// Runs the component; the exit code.
pub(super) fn run(render: &Render, file: &Path, grants: Vec<String>, arguments: Vec<OsString>) -> u8 {
    let form = super::form_of(&[vec![OsString::new()], arguments.clone()].concat());
    let render = render.in_form(form);
    let plugin = match Plugin::from_file(file) {
        Ok(plugin) => plugin,
        Err(error) => return render.error(&error, &[]),
    };
    let render = render.of_plugin(&plugin.manifest.name, form);
    match args::parse_of_plugin(&plugin.manifest, arguments) {
        Ok(call) => run::run(&render, plugin, &UserGrants::Named(grants), &call),
        Err(error) => not_parsed(&render, &error),
    }
}
