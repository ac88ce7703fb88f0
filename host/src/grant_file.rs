//! What the user has granted and revoked, kept from run to run: `grants.json` in the configuration folder.
//!
//! Grants are kept by the plugin's name and bound to digests of the wishes (`Wish::digest`): a plugin that changes what it wants
//! does not hold the new wish by the old word. A bundled plugin holds what it declares but for what was revoked; any other holds
//! what was granted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::grant::{Grants, UserGrants, Wish};
use crate::plugin::{Origin, Plugin};
use crate::user_file::{self, Content};

/// The content of `grants.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GrantFile {
    version: u32,
    #[serde(default, deserialize_with = "crate::unique::map")]
    plugins: BTreeMap<String, Decided>,
}

/// What was decided about a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    granted: Vec<Word>,
    /// Of a bundled plugin, which holds the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revoked: Vec<Word>,
}

/// The user's word about one wish.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Word {
    /// The grant's name when the word was given.
    grant: String,
    /// The digest of the wish.
    wish: String,
}

impl Default for GrantFile {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            plugins: BTreeMap::new(),
        }
    }
}

impl Content for GrantFile {
    const NAME: &'static str = "grants.json";
    const VERSION: u32 = 1;
    const WITHOUT: &'static str = "installed plugins hold no grants, and bundled ones all that they declare";

    fn check(&self) -> std::result::Result<(), String> {
        let words = self
            .plugins
            .values()
            .flat_map(|plugin| plugin.granted.iter().chain(&plugin.revoked));
        let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match words.into_iter().find(|word| !is_digest(&word.wish)) {
            Some(word) => Err(format!("`wish` of `{}` is no SHA-256", word.grant.escape_debug())),
            None => Ok(()),
        }
    }
}

impl Word {
    fn of(wish: &Wish) -> Self {
        Self {
            grant: wish.name.clone(),
            wish: wish.digest.clone(),
        }
    }
}

impl Decided {
    /// Whether a bundled plugin holds a wish. What was revoked stays so when either its name or its content is the same.
    fn bundled_holds(&self, wish: &Wish) -> bool {
        let revoked = |word: &Word| word.wish == wish.digest || word.grant == wish.name;
        !self.revoked.iter().any(revoked) && (wish.unbounded.is_none() || self.was_granted(wish))
    }

    fn was_granted(&self, wish: &Wish) -> bool {
        self.granted.iter().any(|word| word.wish == wish.digest)
    }
}

impl GrantFile {
    /// What a plugin holds by the user's word.
    fn of(&self, plugin: &Plugin) -> UserGrants {
        let decided = self.plugins.get(&plugin.manifest.name);
        match (&plugin.origin, decided) {
            (Origin::Bundled, None) => UserGrants::Declared,
            (Origin::Bundled, Some(decided)) => kept(plugin, |wish| decided.bundled_holds(wish)),
            (Origin::File(_), _) => UserGrants::Named(Vec::new()),
            (Origin::Installed(_), None) => UserGrants::Kept(Vec::new()),
            (Origin::Installed(_), Some(decided)) => kept(plugin, |wish| decided.was_granted(wish)),
        }
    }

    fn allow(&mut self, plugin: &Plugin, wishes: &[Wish]) {
        let decided = self.plugins.entry(plugin.manifest.name.clone()).or_default();
        for wish in wishes {
            let same = |word: &Word| word.wish == wish.digest || word.grant == wish.name;
            decided.revoked.retain(|word| !same(word));
            decided.granted.retain(|word| !same(word));
            if plugin.origin != Origin::Bundled || wish.unbounded.is_some() {
                decided.granted.push(Word::of(wish));
            }
        }
        self.remove_empty();
    }

    fn revoke(&mut self, plugin: &Plugin, wishes: &[Wish]) {
        let decided = self.plugins.entry(plugin.manifest.name.clone()).or_default();
        for wish in wishes {
            let same = |word: &Word| word.wish == wish.digest || word.grant == wish.name;
            decided.granted.retain(|word| !same(word));
            decided.revoked.retain(|word| !same(word));
            if plugin.origin == Origin::Bundled {
                decided.revoked.push(Word::of(wish));
            }
        }
        self.remove_empty();
    }

    fn remove_empty(&mut self) {
        self.plugins.retain(|_, decided| *decided != Decided::default());
    }
}

/// The names of the wishes that are held.
fn kept(plugin: &Plugin, holds: impl Fn(&Wish) -> bool) -> UserGrants {
    let held = plugin.wishes().into_iter().filter(|wish| holds(wish));
    UserGrants::Kept(held.map(|wish| wish.name).collect())
}

/// What the user has granted to a plugin that is bundled or installed.
///
/// # Errors
/// When the file is not right, or others could have written it.
pub fn of(plugin: &Plugin) -> Result<UserGrants> {
    Ok(user_file::read::<GrantFile>()?.of(plugin))
}

/// The same as grants.
///
/// # Errors
/// As of [`of`].
pub fn grants(plugin: &Plugin) -> Result<Grants> {
    Grants::of(&plugin.manifest, &of(plugin)?)
}

/// Grants wishes of a plugin, beside those that it holds.
///
/// # Errors
/// When the file is not right, or can't be written.
pub fn allow(plugin: &Plugin, wishes: &[Wish]) -> Result<()> {
    user_file::change(|file: &mut GrantFile| {
        file.allow(plugin, wishes);
        Ok(())
    })
}

/// Takes wishes of a plugin back.
///
/// # Errors
/// As of [`allow`].
pub fn revoke(plugin: &Plugin, wishes: &[Wish]) -> Result<()> {
    user_file::change(|file: &mut GrantFile| {
        file.revoke(plugin, wishes);
        Ok(())
    })
}

/// Lets an installed plugin hold these wishes and no others: all that was said about its name before is forgotten.
///
/// # Errors
/// As of [`allow`].
pub fn set(name: &str, wishes: &[Wish]) -> Result<()> {
    user_file::change(|file: &mut GrantFile| {
        let decided = Decided {
            granted: wishes.iter().map(Word::of).collect(),
            revoked: Vec::new(),
        };
        file.plugins.insert(name.to_owned(), decided);
        file.remove_empty();
        Ok(())
    })
}
