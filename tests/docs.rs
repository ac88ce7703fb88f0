//! What the documents say is so: their commands run and print what stands there, their links lead somewhere, their numbers are
//! those of the code.
//!
//! What a fenced block is, is said by its first line: `sh` (each line is a command that succeeds), `console` (`$ command`, and
//! below it what it prints: stdout, then stderr), `json`, `python`, `rust`, `toml`, `markdown`, `text`. A comment, which nobody sees who
//! reads the page, may stand right above a block:
//!
//! - `<!-- not run: why -->`: these commands can't run in a test.
//! - `<!-- needs: PATH -->`: they run only where this file was built before; elsewhere the test says that it skips them.
//! - `<!-- file: PATH -->`: the block is that file, written where the commands below it run.
//! - `<!-- from: PATH -->`: the block is a part of that file of the repository.
//!
//! `BLESS=1 cargo test --test docs` writes anew what the commands print; read the difference before you commit it.

#[path = "docs/facts.rs"]
mod facts;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/page.rs"]
mod page;
#[path = "docs/place.rs"]
mod place;

use std::fs;
use std::path::Path;

use conductor_host::manifest;
use page::{Block, Page, pages, root};
use place::Place;

#[test]
fn every_command_does_what_the_page_says() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for page in pages() {
        let place = Place::new();
        let mut text = page.text.clone();
        for block in &page.blocks {
            let came = follow(&place, &page, block, &mut wrong);
            if let Some(came) = came.filter(|came| *came != block.body) {
                if bless {
                    text = text.replacen(&block.body, &came, 1);
                } else {
                    wrong.push(format!("{}\n{came}(BLESS=1 writes this)", page.at(block)));
                }
            }
        }
        if text != page.text {
            fs::write(root().join(&page.name), text).expect("a page can be written");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Writes the file that a block is, or runs its commands; for a `console` block what it should have said.
fn follow(place: &Place, page: &Page, block: &Block, wrong: &mut Vec<String>) -> Option<String> {
    if let Some(path) = &block.file {
        place.write(path, &block.body);
        return None;
    }
    if block.not_run.is_some() || block.needs.as_ref().is_some_and(|path| !place.has(path)) {
        return None;
    }
    match block.language.as_str() {
        "sh" => {
            for command in block.commands() {
                let ended = place.run(&command);
                if ended.exit != 0 {
                    wrong.push(format!(
                        "{}: `{command}` ended with {}\n{}",
                        page.at(block),
                        ended.exit,
                        ended.printed
                    ));
                }
            }
            None
        }
        "console" => Some(block.as_it_came(|command| place.run(command))),
        _ => None,
    }
}

#[test]
fn every_block_says_what_it_is_and_is_that() {
    for page in pages() {
        for block in &page.blocks {
            let at = page.at(block);
            match block.language.as_str() {
                "json" => {
                    serde_json::from_str::<serde_json::Value>(&block.body)
                        .unwrap_or_else(|error| panic!("{at}: {error}"));
                }
                "sh" | "console" | "python" | "rust" | "toml" | "markdown" | "text" => {}
                other => panic!("{at}: `{other}` is no kind of block (see tests/docs.rs)"),
            }
            if block
                .file
                .iter()
                .chain(&block.from)
                .any(|path| path.ends_with("plugin.json"))
            {
                manifest::parse(&block.body, &at).unwrap_or_else(|error| panic!("{error}"));
            }
            if let Some(why) = &block.not_run {
                assert!(why.len() > 10, "{at}: `not run` needs its reason");
            }
        }
    }
}

#[test]
fn the_two_commands_of_the_readme_are_what_ci_runs() {
    let ci = fs::read_to_string(root().join(".ci/run")).expect("the script of CI");
    let readme = Page::read("README.md");
    let commands: Vec<String> = readme
        .blocks
        .iter()
        .take_while(|block| !block.body.contains("cargo install"))
        .flat_map(Block::commands)
        .collect();
    for command in [
        "cargo run --bin conductor -- status --project examples/shop",
        "cargo test --workspace",
    ] {
        assert!(commands.iter().any(|typed| typed == command), "README.md: `{command}`");
        assert!(ci.lines().any(|line| line == command), ".ci/run: `{command}`");
    }
}

#[test]
fn what_is_said_to_be_from_a_file_stands_in_it() {
    for page in pages() {
        for block in &page.blocks {
            let Some(path) = &block.from else { continue };
            let file = fs::read_to_string(root().join(path))
                .unwrap_or_else(|error| panic!("{}: {path}: {error}", page.at(block)));
            assert!(
                file.contains(&block.body),
                "{}: this does not stand in {path}",
                page.at(block)
            );
        }
    }
}

#[test]
fn links_and_paths_lead_somewhere() {
    let broken: Vec<String> = pages().iter().flat_map(links::broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let all: String = pages().iter().map(|page| page.text.as_str()).collect();
    for page in pages().iter().filter(|page| page.name != "README.md") {
        let name = Path::new(&page.name)
            .file_name()
            .expect("a page has a name")
            .to_string_lossy()
            .into_owned();
        assert!(
            all.contains(&format!("{name})")) || all.contains(&format!("{name}#")),
            "no page links to {}",
            page.name
        );
    }
}

#[test]
fn every_limit_stands_on_the_security_page_with_its_number() {
    facts::limits(&Page::read("docs/security.md"));
}

#[test]
fn every_problem_and_note_is_described() {
    facts::diagnostics(&Page::read("docs/plan-format.md"));
}

#[test]
fn every_code_of_the_host_is_described() {
    facts::error_codes(&Page::read("docs/plugins.md"));
}

#[test]
fn every_key_of_a_manifest_is_described() {
    facts::manifest(&Page::read("docs/plugins.md"));
}

#[test]
fn every_exit_code_is_in_the_readme() {
    facts::exit_codes(&Page::read("README.md"));
}
