//! A plugin as small as they come: counts the words of every track's specification. docs/plugins.md goes through it.

use conductor_plugin::{Failure, Host, Outcome, Plugin, Style, Text};

/// The plugin.
pub struct Words;

impl Plugin for Words {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let at_least = host.arguments().int("at-least").unwrap_or(0);
        let mut text = Text::default();
        for file in host.snapshot("conductor", &["tracks/*/spec.md"], 1 << 20)? {
            let words = String::from_utf8_lossy(&file.content?).split_whitespace().count();
            if words as i64 >= at_least {
                text.push(Style::Strong, &format!("{words:>6}"));
                text.plain(&format!("  {}\n", file.path));
            }
        }
        Ok(text.into())
    }
}

conductor_plugin::export!(Words);

#[cfg(test)]
mod tests {
    use super::*;
    use conductor_plugin::testing::FakeHost;

    #[test]
    fn short_ones_are_left_out() {
        let host = FakeHost::new()
            .file("conductor", "tracks/a/spec.md", "one two three")
            .file("conductor", "tracks/b/spec.md", "one")
            .argument("at-least", 2);
        let outcome = Words::run(&host).expect("it reads what it is granted");
        let text: String = outcome.text.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(text, "     3  tracks/a/spec.md\n");
    }

    #[test]
    fn a_refusal_is_passed_on() {
        let failure = Words::run(&FakeHost::new()).expect_err("nothing is granted");
        assert_eq!(failure.code, "denied");
    }
}
