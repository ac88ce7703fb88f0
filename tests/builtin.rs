//! The bundled components are what the repository says they are, checked without any WebAssembly compiler.

use std::path::Path;

use conductor_host::plugin::{INDEX, Index, Plugin};
use conductor_host::{component, digest, manifest};

#[path = "../host/examples/bundle/sources.rs"]
mod sources;

fn index() -> Index {
    serde_json::from_str(INDEX).expect("host/builtin/index.json is an index")
}

#[test]
fn components_were_rebuilt_after_the_last_change_of_their_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = sources::digest(&root).expect("the sources can be read");
    for entry in index().plugins {
        assert_eq!(
            entry.sources, sources,
            "`{}` is not of these sources: run `just guests` and commit host/builtin/",
            entry.name
        );
    }
}

#[test]
fn index_components_and_manifests_agree() {
    for entry in index().plugins {
        let plugin = Plugin::bundled(&entry.name).expect("the index names only bundled plugins");
        let wasm = plugin.wasm().expect("it is bundled");
        assert_eq!(digest::sha256(&wasm), entry.digest, "{}", entry.name);
        let text = component::manifest(&wasm, &entry.name).expect("it has a manifest");
        let packed = manifest::parse(text, &entry.name).expect("the manifest is right");
        assert_eq!(packed, plugin.manifest);
        assert_eq!((packed.name, packed.api), (entry.name, entry.api));
    }
}

#[test]
fn every_bundled_plugin_is_in_the_index() {
    let indexed: Vec<String> = index().plugins.into_iter().map(|entry| entry.name).collect();
    let bundled: Vec<String> = conductor_host::plugin::bundled_manifests()
        .map(|manifest| manifest.name)
        .collect();
    assert_eq!(indexed, bundled);
}

#[test]
fn no_path_of_the_machine_that_built_it_is_in_a_component() {
    for entry in index().plugins {
        let plugin = Plugin::bundled(&entry.name).expect("it is bundled");
        let wasm = plugin.wasm().expect("it is bundled");
        let text = String::from_utf8_lossy(&wasm);
        for path in ["/root/", "/home/", "/Users/", ".cargo/registry"] {
            assert!(!text.contains(path), "`{}` holds `{path}`", entry.name);
        }
    }
}
