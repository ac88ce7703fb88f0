//! Workers live in the process of their Claude Code session: once that is gone they are given up, and nobody is asked.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::YES;
use crate::events::{answered, digest, question};
use crate::scene::{PROGRAM, Scene, TRACK};

/// A shell in the place of Claude Code: the process that a session's hooks and commands are started by.
struct Client {
    shell: Child,
    session: String,
}

impl Client {
    fn start(scene: &Scene, session: &str) -> Self {
        let mut command = Command::new("sh");
        scene.as_in("project", &mut command);
        // As Claude Code does: only what it starts for a command knows the session.
        command.env_remove("CLAUDE_CODE_SESSION_ID");
        let shell = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let session = session.to_owned();
        Self { shell, session }
    }

    /// Has it run the program: what that prints.
    fn runs(&mut self, arguments: &str, stdin: &Value) -> String {
        let session = &self.session;
        let line = format!(
            "printf '%s' '{stdin}' | env CLAUDE_CODE_SESSION_ID={session} {PROGRAM} {arguments}; echo; echo end-of-this\n"
        );
        self.types(&line)
    }

    /// Has it run a line that ends by saying so: what that prints.
    fn types(&mut self, line: &str) -> String {
        let pipe = self.shell.stdin.as_mut().expect("a pipe");
        pipe.write_all(line.as_bytes()).expect("written");
        let mut output = BufReader::new(self.shell.stdout.as_mut().expect("a pipe"));
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if output.read_line(&mut line).expect("text") == 0 || line == "end-of-this\n" {
                return text;
            }
            text.push_str(&line);
        }
    }

    /// The user types the slash command and agrees, and it is begun.
    fn begins(&mut self, scene: &Scene, session: &str) -> Value {
        let event = json!({"session_id": session, "cwd": scene.project(), "hook_event_name": "UserPromptExpansion",
            "command_name": "conductor:conductor-dispatch", "command_args": TRACK});
        let said: Value = serde_json::from_str(&self.runs("hook prompt", &event)).expect("JSON");
        let context = said["hookSpecificOutput"]["additionalContext"].as_str().expect("text");
        let asked = question(context);
        let answer = answered(session, &asked, asked["options"][0]["label"].as_str().expect("a yes"));
        self.runs("hook answer", &answer);
        let begun = self.runs(
            &format!("dispatch {TRACK} --json --apply {}", digest(&asked)),
            &Value::Null,
        );
        serde_json::from_str::<Value>(&begun).expect("JSON")["data"].clone()
    }

    fn kill(mut self) {
        self.shell.kill().expect("killed");
        self.shell.wait().expect("it ends");
    }
}

#[test]
fn workers_of_a_session_that_was_killed_are_given_up_and_their_tasks_begun_again() {
    let scene = Scene::new();
    let mut client = Client::start(&scene, "session-0");
    let begun = client.begins(&scene, "session-0");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
    // As long as it runs, another session asks.
    assert_eq!(scene.code(&[]), "lost-workers");
    client.kill();
    let before = scene.file("parallel_state.json");
    let shown = scene.data(&["--dry-run"]);
    assert_eq!(shown["begins"].as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(before, scene.file("parallel_state.json"), "a dry run writes nothing");
    let offered = scene.data(&[]);
    assert_eq!(offered["begins"].as_array().map(Vec::len), Some(2), "{offered}");
    assert!(
        offered["changed"].to_string().contains("its Claude session is over"),
        "{offered}"
    );
    assert!(scene.file("parallel_state.json").contains("timed_out"));
}

/// Claude Code starts a shell for a command: it ends, and the session does not.
#[test]
fn a_shell_that_two_looks_have_in_common_is_not_the_session() {
    let scene = Scene::new();
    let mut client = Client::start(&scene, "session-0");
    // All that is known of this session comes from one shell of it.
    let agreed = scene.agree(YES);
    let look = format!("{PROGRAM} dispatch {TRACK} --json >/dev/null");
    let begin = format!("{PROGRAM} dispatch {TRACK} --json --apply {agreed}");
    let line =
        format!("env CLAUDE_CODE_SESSION_ID=session-0 sh -c '{look}; {look}; {begin}; true'; echo; echo end-of-this\n");
    let begun = client.types(&line);
    assert!(begun.contains("\"what\":\"begun\""), "{begun}");
    assert_eq!(scene.code(&[]), "lost-workers", "it still runs, so the person is asked");
    client.kill();
}

#[test]
fn a_session_that_is_resumed_has_none_of_its_workers_any_more() {
    let scene = Scene::new();
    let mut client = Client::start(&scene, "session-0");
    client.begins(&scene, "session-0");
    client.kill();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let mut resumed = Client::start(&scene, "session-0");
    let begun = resumed.begins(&scene, "session-0");
    assert_eq!(
        begun["begins"][0]["worker"], "worker_3_table",
        "a new worker for the first task: {begun}"
    );
    // And these are its own.
    let shown = resumed.runs(&format!("dispatch {TRACK} --json"), &Value::Null);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["data"]["at_work"].as_array().map(Vec::len), Some(2), "{shown}");
}

#[test]
fn a_file_of_sessions_that_is_not_right_is_told() {
    let scene = Scene::new();
    scene.context(TRACK);
    let path = scene.home().join(".local/state/conductor/sessions.json");
    assert!(path.exists());
    fs::write(&path, "{").expect("written");
    assert_eq!(scene.code(&[]), "bad-config");
}
