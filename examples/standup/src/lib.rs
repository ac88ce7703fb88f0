//! A plugin that starts a program and writes a file: what was committed lately, kept as a page that goes into the next commit.

use conductor_plugin::{Error, Failure, Host, Outcome, Output, Plugin, Style, Text, digest};

/// The plugin.
#[derive(Debug)]
pub struct Standup;

const PAGE: &str = "today.md";

impl Plugin for Standup {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let arguments = host.arguments();
        let since = arguments.text("since").unwrap_or("1 day ago");
        host.begin_progress("reading the commits", None);
        let commits = run(host, "commits", &[("since", &[since])])?;
        let commits = String::from_utf8_lossy(&commits.stdout).into_owned();
        let mut text = Text::default();
        text.push(Style::Strong, &format!("since {since}\n"));
        text.plain(if commits.is_empty() {
            "nothing was committed\n"
        } else {
            &commits
        });
        if arguments.flag("keep") {
            keep(host, &commits)?;
            text.push(Style::Good, "kept as standup/today.md\n");
        }
        Ok(text.into())
    }
}

conductor_plugin::export!(Standup);

fn run(host: &dyn Host, command: &str, values: &[(&str, &[&str])]) -> Result<Output, Failure> {
    let output = host.start(command, values, None)?.wait()?;
    if output.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new("git-failed", format!("`{command}` did not do what it should")).detailed(said))
}

/// Writes the page, unless somebody has changed it since it was read, and stages it; one run at a time.
fn keep(host: &dyn Host, commits: &str) -> Result<(), Failure> {
    host.begin_progress("keeping the page", Some(2));
    let _lock = host.lock("page", 10_000)?;
    match host.read("page", PAGE) {
        Ok(old) => host.replace("page", PAGE, &digest(&old), commits.as_bytes()),
        Err(Error { code, .. }) if code == "not-found" => host.create("page", PAGE, commits.as_bytes()),
        Err(error) => Err(error),
    }?;
    host.advance_progress(1, Some("staging the page"));
    run(host, "stage", &[])?;
    host.end_progress();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use conductor_plugin::testing::FakeHost;

    /// A run with `--keep` on the real git (tests/tape.rs records it).
    const TAPE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/keep.tape");

    #[test]
    fn what_the_real_git_said_is_kept() {
        let host = FakeHost::from_tape(TAPE).grant("page");
        let outcome = Standup::run(&host).expect("it is granted");
        let page = host.content("page", PAGE).expect("it is written");
        assert!(page.ends_with(b" plan the work\n"), "{page:?}");
        assert!(outcome.text.iter().any(|(_, text)| text.as_bytes() == page));
        assert_eq!(host.calls_left(), 0);
    }

    #[test]
    #[should_panic(expected = "call 3 is not that of the tape: the plugin replaces `today.md` of the grant `page`")]
    fn on_another_project_the_tape_does_not_fit() {
        let host = FakeHost::from_tape(TAPE).file("page", PAGE, "old");
        let _ = Standup::run(&host);
    }

    fn printed(stdout: &str) -> Output {
        Output {
            status: Some(0),
            stdout: stdout.into(),
            ..Output::default()
        }
    }

    #[test]
    fn the_page_is_what_was_committed_and_a_dry_run_leaves_it() {
        let host = |page: &str| {
            FakeHost::new()
                .file("page", PAGE, page)
                .argument("keep", true)
                .argument("since", "monday")
                .command("commits", &[("since", &["monday"])], printed("abc1234 one\n"))
        };
        let kept = host("old").command("stage", &[], printed(""));
        Standup::run(&kept).expect("it is granted");
        assert_eq!(kept.content("page", PAGE).as_deref(), Some(b"abc1234 one\n".as_slice()));
        assert_eq!(kept.calls_left(), 0);
        assert_eq!(
            kept.progress(),
            [
                "reading the commits",
                "keeping the page (of 2)",
                "1: staging the page",
                "end"
            ]
        );

        let dry = host("old").dry();
        assert_eq!(Standup::run(&dry).expect_err("nothing is written").code, "dry-run");
        assert_eq!(dry.content("page", PAGE).as_deref(), Some(b"old".as_slice()));

        let second = host("old").busy();
        assert_eq!(Standup::run(&second).expect_err("another one is at it").code, "busy");
    }
}
