//! Which rig of a town a project is: one that was made from the same repository.

use std::collections::BTreeMap;

use conductor_beads::answer::or_default;
use serde::Deserialize;

/// The town's list of rigs, `mayor/rigs.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Registry {
    /// By name.
    #[serde(default, deserialize_with = "or_default")]
    pub rigs: BTreeMap<String, Entry>,
}

/// A rig in that list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Where it was cloned from.
    #[serde(default, deserialize_with = "or_default")]
    pub git_url: String,
    /// Where it pushes to, if that is another place.
    #[serde(default, deserialize_with = "or_default")]
    pub push_url: String,
    /// The repository that it was made from on this machine.
    #[serde(default, deserialize_with = "or_default")]
    pub local_repo: String,
    /// How its beads are told apart.
    #[serde(default, deserialize_with = "or_default")]
    pub beads: Routed,
}

/// How `gt` tells whose bead an id is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Routed {
    /// What the ids begin with, as `gt` expects it; what `bd` gives them is another matter.
    #[serde(default, deserialize_with = "or_default")]
    pub prefix: String,
}

impl Registry {
    /// The rig whose repository is one of these, the first ones first.
    #[must_use]
    pub fn of_repository(&self, urls: &[String]) -> Option<&str> {
        let is_of = |entry: &Entry, url: &str| {
            let of_rig = [&entry.git_url, &entry.push_url, &entry.local_repo];
            of_rig.iter().any(|of_rig| !of_rig.is_empty() && same(of_rig, url))
        };
        let of_url = |url: &String| self.rigs.iter().find(|(_, entry)| is_of(entry, url));
        urls.iter().find_map(of_url).map(|(name, _)| name.as_str())
    }
}

/// What a project's rig is called where nobody says: a rig's name takes letters, digits and `_`.
#[must_use]
pub fn name_for(project: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    project.chars().map(plain).collect()
}

/// Whether two addresses are of one repository: `git@host:a/b.git` is `https://host/a/b`.
fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return scp(url);
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    match scheme {
        "file" => rest.to_owned(),
        _ => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.split(':').next().unwrap_or(host);
            format!("{}/{path}", host.to_ascii_lowercase())
        }
    }
}

/// `user@host:path`; anything else without a scheme is a path.
fn scp(url: &str) -> String {
    match url.split_once(':') {
        Some((host, path)) if !host.contains('/') => {
            let host = host.rsplit('@').next().unwrap_or(host);
            format!("{}/{}", host.to_ascii_lowercase(), path.trim_start_matches('/'))
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Registry, name_for, same};

    #[test]
    fn a_rig_is_called_as_its_project() {
        assert_eq!(name_for("My shop-2"), "my_shop_2");
    }

    #[test]
    fn one_repository_has_many_addresses() {
        let one = "https://github.com/acme/shop.git";
        for other in [
            "https://github.com/acme/shop",
            "https://GitHub.com/acme/shop/",
            "git@github.com:acme/shop.git",
            "ssh://git@github.com/acme/shop.git",
            "ssh://git@github.com:22/acme/shop",
            "https://token@github.com/acme/shop.git",
        ] {
            assert!(same(one, other), "{other}");
        }
        for other in [
            "https://github.com/acme/shop2",
            "https://gitlab.com/acme/shop",
            "/srv/acme/shop.git",
            "",
        ] {
            assert!(!same(one, other), "{other}");
        }
        assert!(same("file:///srv/shop.git", "/srv/shop"));
    }

    #[test]
    fn the_rig_of_the_first_remote_is_taken() {
        let text = r#"{"version": 1, "rigs": {
            "fork": {"git_url": "git@github.com:me/shop.git", "push_url": null},
            "shop": {"git_url": "https://github.com/acme/shop.git", "beads": {"prefix": "sh"}},
            "other": {"git_url": ""}}}"#;
        let registry: Registry = serde_json::from_str(text).expect("it is JSON");
        let rig = |urls: &[&str]| {
            let urls: Vec<String> = urls.iter().map(|&url| url.to_owned()).collect();
            registry.of_repository(&urls).map(str::to_owned)
        };
        assert_eq!(rig(&["https://github.com/acme/shop"]).as_deref(), Some("shop"));
        assert_eq!(
            rig(&["https://github.com/me/shop", "https://github.com/acme/shop"]).as_deref(),
            Some("fork")
        );
        assert_eq!(rig(&["", "https://example.com/x"]), None);
        assert_eq!(rig(&[]), None);
    }
}
