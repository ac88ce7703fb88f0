//! What the host does with plans, whoever makes them: lines that mean what they say, a yes that is used once, and one plugin's yes
//! that is no other's.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use super::events::{answered, digest, question};
use super::guest::{RIGHT, guest};
use super::scene::{PROGRAM, SESSION, Scene, TRACK};
use super::script::Terminal;
use super::{STANDING, YES};

/// The first command in what Claude is told.
fn command_of(context: &str) -> &str {
    let (_, rest) = context.split_once("): run `").expect("a command");
    rest.split_once('`').expect("its end").0
}

fn said(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let output = scene.run(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// Whose yes begins another plan than the one that was shown agrees to nothing: so the line has all that was typed.
#[test]
fn the_line_that_belongs_to_a_yes_begins_what_was_shown() {
    let mut scene = Scene::new();
    // A path that a shell would take for much more.
    let root = scene.beside("a b$(touch PWNED)\\");
    fs::create_dir_all(root.join("bin")).expect("made");
    symlink(PROGRAM, root.join("bin/conductor")).expect("linked");
    scene.variables.push(("CLAUDE_PLUGIN_ROOT", root.display().to_string()));
    let context = scene.context("auth --max-workers 1");
    let question = question(&context);
    let (line, plan) = (command_of(&context), digest(&question));
    assert!(
        line.ends_with(&format!(
            "/bin/conductor\" dispatch auth --max-workers 1 --apply {plan} --format claude"
        )),
        "{line}"
    );
    let person = format!("`conductor dispatch auth --max-workers 1 --apply {plan}`");
    assert!(context.contains(&person), "{context}");
    let yes = question["options"][0]["label"].as_str().expect("a label");
    assert_eq!(yes, "Start 1 agent");
    scene.hook("answer", &answered(SESSION, &question, yes).to_string());
    let mut shell = Command::new("sh");
    let output = scene
        .as_in("project", shell.args(["-c", line]))
        .output()
        .expect("a shell");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("worker_1_table"),
        "{output:?}"
    );
    assert!(!scene.project().join("PWNED").exists());
    let state: Value = serde_json::from_str(&scene.file("parallel_state.json")).expect("JSON");
    assert_eq!(state["total_workers"], 1);
}

/// A report and a verification are done by the run that shows the next plan, and are no part of the line that begins it.
#[test]
fn a_deed_is_not_done_again_with_the_yes_to_what_comes_next() {
    let scene = Scene::new();
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    let sha = scene.commit("db.rs", "table");
    let report = [
        "dispatch",
        TRACK,
        "--report",
        "worker_1_table=completed",
        "--sha",
        &sha,
        "--format",
        "claude",
    ];
    let (_, context) = said(&scene, &report);
    let line = command_of(&context);
    let plan = digest(&question(&context));
    assert_eq!(
        line,
        format!("conductor dispatch {TRACK} --apply {plan} --format claude"),
        "{context}"
    );
    scene.hook(
        "answer",
        &answered(SESSION, &question(&context), "Start 1 agent").to_string(),
    );
    assert_eq!(scene.data(&["--apply", &plan])["what"], "begun");
}

#[test]
fn a_yes_is_used_up_by_a_run_on_a_tape_too() {
    let scene = Scene::new();
    let agreed = scene.agree(YES);
    let tape = scene.beside("a.tape").display().to_string();
    let record = ["--record", tape.as_str(), "dispatch", TRACK, "--apply", &agreed];
    let (exit, text) = said(&scene, &record);
    assert_eq!(exit, Some(0), "{text}");
    scene.reset();
    assert_eq!(scene.code(&["--apply", &agreed]), "no-consent");
    // A replay begins nothing, and so needs no yes; but it is of the plan that was begun.
    fs::write(scene.project().join(".conductor-replay"), "").expect("written");
    let replay = |plan: &str| said(&scene, &["--replay", &tape, "dispatch", TRACK, "--apply", plan]);
    let (exit, text) = replay("00000000");
    assert!(
        exit == Some(1) && text.contains("not of a run that began this plan"),
        "{text}"
    );
    let (exit, text) = replay(&agreed);
    assert!(exit == Some(0) && text.contains("worker_1_table"), "{text}");
    let (exit, text) = said(&scene, &["--record", "b.tape", "dispatch", TRACK, "--yes"]);
    assert!(exit == Some(2) && text.contains("a tape is of one"), "{text}");
}

#[test]
fn of_two_that_use_one_yes_one_begins() {
    for _ in 0..4 {
        let scene = Scene::new();
        let agreed = scene.agree(YES);
        let codes = thread::scope(|scope| {
            let run = || {
                scene
                    .run(&["dispatch", TRACK, "--json", "--apply", &agreed])
                    .status
                    .code()
            };
            let runs = [scope.spawn(run), scope.spawn(run)];
            runs.map(|run| run.join().expect("it ends"))
        });
        assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
        assert_eq!(scene.code(&["--apply", &agreed]), "no-consent");
    }
}

#[test]
fn what_claude_is_told_says_how_far_the_yes_goes() {
    let scene = Scene::new();
    let (_, shown) = said(&scene, &["dispatch", TRACK]);
    assert!(shown.contains("Start 2 agents, once you agree: "), "{shown}");
    assert!(
        shown.contains(&format!("`conductor dispatch {TRACK} --apply ")),
        "{shown}"
    );
    scene.agree(STANDING);
    let context = scene.context(TRACK);
    assert!(
        context.contains(&format!("has agreed to `track:{TRACK}` before")),
        "{context}"
    );
    assert!(!context.contains("AskUserQuestion"), "{context}");
    // Without a session there is nobody whose answer could be taken.
    let output = scene
        .command(&["dispatch", TRACK, "--format", "claude"])
        .env_remove("CLAUDE_CODE_SESSION_ID")
        .output();
    let text = String::from_utf8_lossy(&output.expect("it starts").stdout).into_owned();
    assert!(
        text.contains("no answer can be taken here") && text.contains("--apply"),
        "{text}"
    );
}

#[test]
fn a_question_with_more_in_it_is_told_and_one_about_something_else_is_not() {
    let scene = Scene::new();
    let ours = question(&scene.context(TRACK));
    let told = |questions: Value| {
        let event = json!({"session_id": SESSION, "tool_name": "AskUserQuestion", "tool_input": {"questions": questions},
            "tool_response": {"answers": {ours["question"].as_str().expect("text"): YES}}});
        !scene.hook("answer", &event.to_string()).stdout.is_empty()
    };
    let theirs = json!({"question": "Shall we plan the API now?", "header": "API", "options": [
        {"label": "Yes", "description": "now"}, {"label": "No", "description": "later"}]});
    assert!(!told(json!([theirs])));
    assert!(told(json!([ours, theirs])));
    let mut with_more = ours.clone();
    with_more["options"][0]["preview"] = json!("It only reads.");
    assert!(told(json!([with_more])));
    assert_eq!(scene.code(&["--apply", &digest(&ours)]), "no-consent");
}

#[test]
fn what_was_agreed_to_is_taken_back_by_its_name() {
    let scene = Scene::new();
    scene.agree(STANDING);
    let removed = |arguments: &[&str]| {
        let output = scene.run(&[&["consent", "remove", "dispatch", "--json"], arguments].concat());
        let envelope: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        envelope["data"]["removed"].as_u64().expect("a number")
    };
    assert_eq!(removed(&["track:other"]), 0);
    assert_eq!(removed(&["--project", "/"]), 0);
    assert_eq!(removed(&[&format!("track:{TRACK}"), "--project", "."]), 1);
    assert_eq!(removed(&[]), 1, "the plan itself");
}

#[test]
fn a_file_that_is_not_the_users_own_says_nothing() {
    let scene = Scene::new();
    let agreed = scene.agree(YES);
    let file = scene.home().join(".local/state/conductor/agreements.json");
    let elsewhere = scene.beside("elsewhere.json");
    fs::rename(&file, &elsewhere).expect("moved");
    symlink(&elsewhere, &file).expect("linked");
    assert_eq!(scene.code(&["--apply", &agreed]), "bad-config");
    let (exit, text) = said(&scene, &["health"]);
    assert!(
        exit == Some(0) && text.contains("! what you agreed to is not used"),
        "{text}"
    );
    assert!(text.contains("it is a link"), "{text}");
    // Nor does an answer, or a question, write through it.
    let before = fs::read(&elsewhere).expect("read");
    assert!(scene.types(TRACK)["decision"] == "block");
    assert_eq!(fs::read(&elsewhere).expect("read"), before);
    fs::remove_file(&file).expect("removed");
    fs::copy(&elsewhere, &file).expect("copied");
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&file, Some(65534), None).expect("given away");
        assert_eq!(scene.code(&["--apply", &agreed]), "bad-config");
    }
}

#[test]
fn a_plugin_in_a_file_has_no_part_in_the_yes_of_one_of_its_name() {
    let scene = Scene::new();
    scene.agree(STANDING);
    let file = guest(&scene, "dispatch", true, RIGHT).display().to_string();
    let (exit, text) = said(&scene, &["plugin", "run", &file, "--", "--yes"]);
    assert!(
        exit == Some(3) && text.contains("has not agreed to plan `7f3a91c2`"),
        "{text}"
    );
}

#[test]
fn a_plan_that_is_not_right_is_a_fault_of_its_plugin() {
    let scene = Scene::new();
    let [digest, subject, scope, yes] = RIGHT;
    for (plans, words, says) in [
        (false, RIGHT, "does not say `plans`"),
        (true, ["7f3a91c", subject, scope, yes], "its digest"),
        (true, ["7f3a91c2 --yes", subject, scope, yes], "its digest"),
        (true, [digest, "a\nb", scope, yes], "its subject"),
        (true, [digest, subject, "track:a b", yes], "its scope"),
        (true, [digest, subject, scope, ""], "its yes"),
    ] {
        let file = guest(&scene, "planner", plans, words).display().to_string();
        let (exit, text) = said(&scene, &["plugin", "run", &file]);
        assert!(exit == Some(5) && text.contains(says), "{says}: {exit:?} {text}");
    }
}

fn at_terminal(scene: &Scene, arguments: &str, answers: &[&str]) -> Option<(Option<i32>, String)> {
    let Some(mut terminal) = Terminal::start(&scene.project(), &scene.home(), &[], arguments) else {
        eprintln!("skipped: `script` of util-linux is not here");
        return None;
    };
    for answer in answers {
        terminal.wait_for("[N]o");
        terminal.keys(&format!("{answer}\n"));
    }
    Some(terminal.end())
}

#[test]
fn at_a_terminal_the_person_is_asked_until_they_have_agreed_to_all() {
    let scene = Scene::new();
    let file = guest(&scene, "planner", true, RIGHT);
    let line = format!("plugin run {} --", file.display());
    let begun = format!("begun {}", RIGHT[0]);
    let apply = format!("{line} --apply {}", &RIGHT[0][..8]);
    for (line, answer, is_begun) in [
        (&line, "", false),
        (&line, "no", false),
        (&line, "o", true),
        (&apply, "n", false),
        (&apply, "o", true),
        (&line, "y", true),
    ] {
        let Some((exit, shown)) = at_terminal(&scene, line, &[answer]) else {
            return;
        };
        assert_eq!(exit, Some(0), "{shown}");
        assert!(
            shown.contains("shown") && shown.contains("Start 2 agents now, and later ones without asking?"),
            "{shown}"
        );
        assert_eq!(shown.contains(&begun), is_begun, "{answer}: {shown}");
    }
    // From here on nobody is asked, at a terminal or elsewhere.
    for line in [&line, &apply, &format!("{line} --yes")] {
        let Some((exit, shown)) = at_terminal(&scene, line, &[]) else {
            return;
        };
        assert!(exit == Some(0) && shown.contains(&begun), "{shown}");
    }
    let file = file.display().to_string();
    let (exit, text) = said(&scene, &["plugin", "run", &file, "--", "--yes"]);
    assert!(exit == Some(0) && text.contains(&begun), "{text}");
    // What it only shows elsewhere is not begun by itself.
    let (exit, text) = said(&scene, &["plugin", "run", &file]);
    assert!(
        exit == Some(0) && text.contains("once you agree") && !text.contains(&begun),
        "{text}"
    );
    let (exit, text) = said(&scene, &["plugin", "run", &file, "--", "--apply", "00000000"]);
    assert!(
        exit == Some(1) && text.contains("the plan is `7f3a91c2` by now"),
        "{text}"
    );
}

#[test]
fn a_watch_begins_what_was_agreed_to_as_a_whole() {
    let scene = Scene::new();
    let file = guest(&scene, "planner", true, RIGHT);
    let line = format!("plugin run {} --", file.display());
    if at_terminal(&scene, &line, &["y"]).is_none() {
        return;
    }
    let watch = |flags: &str, says: &str| {
        let line = format!("{line} --watch{flags}");
        let terminal = Terminal::start(&scene.project(), &scene.home(), &[], &line).expect("as before");
        terminal.wait_for(says);
        let shown = terminal.shown();
        terminal.kill();
        shown
    };
    assert!(!watch("", "shown").contains("begun"));
    watch(" --yes", &format!("begun {}", RIGHT[0]));
}

#[test]
fn a_track_is_watched_while_others_carry_it_out() {
    let scene = Scene::new();
    let line = format!("dispatch {TRACK} --watch");
    let Some(terminal) = Terminal::start(&scene.project(), &scene.home(), &[], &line) else {
        eprintln!("skipped: `script` of util-linux is not here");
        return;
    };
    terminal.wait_for("Plan for");
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    terminal.wait_for("worker_1_table: Table for sessions");
    for (worker, file) in [("worker_1_table", "db.rs"), ("worker_2_login", "form.rs")] {
        let sha = scene.commit(file, worker);
        scene.data(&["--report", &format!("{worker}=completed"), "--sha", &sha]);
    }
    terminal.wait_for("worker_3_notes on 1.3");
    terminal.kill();
}

#[test]
fn a_command_that_would_carry_out_by_hand_what_workers_have_is_told_so() {
    let scene = Scene::new();
    let implement = |cwd: &std::path::Path| {
        let event = json!({"session_id": SESSION, "cwd": cwd, "hook_event_name": "UserPromptExpansion",
            "command_name": "conductor-implement", "command_args": TRACK});
        let output = scene.hook("prompt", &event.to_string());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(implement(&scene.project()), "", "nobody has anything");
    // Where there is nothing of ours the command goes on as if we were not there.
    assert_eq!(implement(&scene.home()), "");
    let agreed = scene.agree(YES);
    scene.data(&["--apply", &agreed]);
    let told: Value = serde_json::from_str(&implement(&scene.project())).expect("JSON");
    let told = told["hookSpecificOutput"]["additionalContext"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(
        told.contains(&format!("Track `{TRACK}` is held by 2 workers")) && told.contains("done twice"),
        "{told}"
    );
}
