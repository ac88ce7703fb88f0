//! `conductor plugin install`: puts a component into the store, once a person has seen what it wants and said what it gets.

use std::fs;
use std::path::{Path, PathBuf};

use super::decision::{self, Decided, names};
use super::question::{self, Open};
use super::{compiling, inspect};
use crate::ask::Person;
use crate::audit::Decision;
use crate::error::{Error, Result};
use crate::grant::Wish;
use crate::plugin::{Origin, Plugin};
use crate::render::Render;
use crate::sandbox::Sandbox;
use crate::{args, component, grant_file, store, user_file, visible};

/// Installs the component in a file, or the one in a folder.
pub(super) fn install(render: &Render, path: &Path, json: bool) -> Result<u8> {
    let file = component_in(path)?;
    let plugin = Plugin::from_file(&file)?;
    let name = plugin.manifest.name.as_str();
    check_name(name)?;
    let command = format!("conductor plugin install {}", visible::word(&file.to_string_lossy()));
    let person = Person::find("what is installed", &command)?;
    let before = Before::of(render, name)?;
    // Compiled before anything is asked: what can't be compiled needs no grants.
    Sandbox::new(compiling(render))?.check(&plugin)?;
    let wishes = plugin.wishes();
    let kept: Vec<&Wish> = wishes.iter().filter(|wish| before.granted(wish)).collect();
    let open: Vec<Open<'_>> = wishes.iter().filter_map(|wish| before.open(wish)).collect();
    let wasm = plugin.wasm()?;
    render.prompt(&match &before.plugin {
        Some(old) => before.difference(old, &plugin, &wishes, kept.len(), open.len()),
        None => inspect::head(&plugin, wasm.len()),
    });
    if before.plugin.is_none() {
        let imports = component::imports(&wasm, &plugin.title())?;
        render.prompt(&format!("{}\n", inspect::never(&plugin, &wishes, &imports)));
    }
    let chosen = if open.is_empty() {
        Vec::new()
    } else {
        question::ask(&person, render, &open)?
    };
    let granted: Vec<Wish> = kept.iter().chain(&chosen).map(|&wish| wish.clone()).collect();
    let held = names(&granted);
    decision::carry_out(Decision::Install, name, &plugin.digest, &held, || {
        // A grant that was left by another plugin of this name must never come to be this one's, wherever we are stopped.
        if before.plugin.is_none() {
            grant_file::set(name, &[])?;
        }
        store::install(name, &wasm, &file)?;
        grant_file::set(name, &granted)
    })?;
    let mut decided = Decided::new(Decision::Install, name, Some(&plugin.digest));
    decided.grants = names(chosen);
    decided.granted = held;
    let sentence = installed(&plugin, &decided, wishes.len())?;
    Ok(decided.say(render, json, &sentence))
}

/// The component that a path means.
fn component_in(path: &Path) -> Result<PathBuf> {
    let unreadable = |error: std::io::Error| {
        Error::failed("unreadable", format!("`{}` can't be read: {error}", path.display()))
            .hinted("the argument is a component, a `.wasm` file, or a folder with one in it")
    };
    let path = path.canonicalize().map_err(unreadable)?;
    if !path.is_dir() {
        return Ok(path);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|end| end == "wasm") {
            found.push(file);
        }
    }
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Error::failed(
            "no-component",
            format!("there is no `.wasm` file in `{}`", path.display()),
        )
        .hinted("name the folder that the component was built into, or the file itself")),
        several => {
            let names = several.iter().filter_map(|file| file.file_name());
            let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
            Err(Error::failed(
                "no-component",
                format!("there are {} `.wasm` files in `{}`", several.len(), path.display()),
            )
            .detailed(names.join("\n"))
            .hinted("name one of them"))
        }
    }
}

/// A plugin's name is its command; the host's own and those of bundled plugins are taken.
fn check_name(name: &str) -> Result<()> {
    let whose = match () {
        () if Plugin::bundled(name).is_some() => "a bundled plugin",
        () if args::own_commands().contains(name) => "a command of `conductor` itself",
        () => return Ok(()),
    };
    Err(Error::failed(
        "taken-name",
        format!("`{name}` is the name of {whose}: no other plugin can be installed by it"),
    )
    .hinted("its author has to give it another one; `conductor plugin run` runs it as it is"))
}

/// What was installed under the name before.
struct Before {
    plugin: Option<Plugin>,
    wishes: Vec<Wish>,
}

impl Before {
    fn of(render: &Render, name: &str) -> Result<Self> {
        let plugin = match Plugin::installed(name) {
            Ok(plugin) => plugin,
            Err(error) => {
                render.prompt(&format!("{error}\nIt is taken for a new one.\n\n"));
                None
            }
        };
        let wishes = match &plugin {
            Some(plugin) => grant_file::grants(plugin)?.wishes().collect(),
            None => Vec::new(),
        };
        Ok(Self { plugin, wishes })
    }

    /// The same wish as this one.
    fn same(&self, wish: &Wish) -> Option<&Wish> {
        self.wishes.iter().find(|old| old.digest == wish.digest)
    }

    fn granted(&self, wish: &Wish) -> bool {
        self.wishes.iter().any(|old| old.digest == wish.digest && old.granted)
    }

    /// Whether the person has to be asked about a wish: one that is new, or has changed.
    fn open<'a>(&'a self, wish: &'a Wish) -> Option<Open<'a>> {
        let was = self.wishes.iter().find(|old| old.name == wish.name);
        self.same(wish).is_none().then_some(Open { wish, was })
    }

    fn difference(&self, old: &Plugin, new: &Plugin, wishes: &[Wish], kept: usize, open: usize) -> String {
        let gone = self
            .wishes
            .iter()
            .filter(|old| !wishes.iter().any(|wish| wish.name == old.name));
        let gone = names(gone);
        let gone = match gone.as_slice() {
            [] => String::new(),
            gone => format!("No longer wanted: {}.\n", decision::listed(gone)),
        };
        let other_origin = match &old.origin {
            Origin::Installed(entry) => format!("The one before came from {}.\n", visible::word(&entry.from)),
            Origin::Bundled | Origin::File(_) => String::new(),
        };
        format!(
            "{} {} (sha256 {}) replaces {} (sha256 {}).\n{other_origin}{gone}Kept from your grants: {kept}. New or changed in it: {open}\n",
            new.manifest.name,
            visible::line(&new.manifest.version, 40),
            short(&new.digest),
            visible::line(&old.manifest.version, 40),
            short(&old.digest),
        )
    }
}

/// A digest as people compare it at a glance.
fn short(digest: &str) -> String {
    format!("{}…{}", &digest[..4], &digest[digest.len() - 4..])
}

fn installed(plugin: &Plugin, decided: &Decided<'_>, wishes: usize) -> Result<String> {
    let name = &plugin.manifest.name;
    let mut said = format!(
        "{} is installed: `conductor {name} --help`\n",
        visible::line(&plugin.title(), 80)
    );
    if wishes > 0 {
        said.push_str(&format!(
            "It holds {} of {wishes} grants, written to {}; `conductor plugin revoke {name}` takes them back\n",
            decided.granted.len(),
            user_file::path::<grant_file::GrantFile>()?.display()
        ));
    }
    if decided.granted.len() < wishes {
        said.push_str(&format!(
            "Without the others it runs; what needs one ends with exit 4 and says so. `conductor plugin allow {name}` asks again\n"
        ));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_our_own_commands_are_taken() {
        for name in ["status", "plugin", "audit", "completions", "help", "compile-component"] {
            let error = check_name(name).expect_err(name);
            assert_eq!(error.code, "taken-name");
        }
        assert!(check_name("standup").is_ok());
    }
}
