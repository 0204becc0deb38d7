//! What a person at a terminal sees of a long run: one line that goes away, and nothing of it anywhere else. The terminal
//! is a real one, made by `script`.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{Entry, Fault, Operation};

use crate::run_deploy::stage::{Stage, flow};

/// A repository with a flow that is not live, on a sandbox that takes its time with one kind of call.
fn slow(operation: Operation) -> Stage {
    let stage = Stage::new();
    stage.commit(&[("flows/a.json", flow("a", "1.0.0", "hello"))]);
    let entry = Entry::new(operation, Fault::delay_ms(2_500));
    stage.sandbox.add_fault(entry.always());
    stage
}

/// Starts a command at a terminal.
fn at_terminal(stage: &Stage, args: &str, more: &[(&str, &str)]) -> Child {
    let line = format!("{} {args}", cargo_bin!("flowgate").display());
    let mut command = Command::new("script");
    command
        .args([
            "--quiet",
            "--return",
            "--flush",
            "--command",
            &line,
            "/dev/null",
        ])
        .current_dir(stage.repo.root())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("CXONE_CLIENT_ID", flowgate_sandbox::CLIENT_ID)
        .env("CXONE_CLIENT_SECRET", flowgate_sandbox::CLIENT_SECRET)
        .env("CXONE_ENVIRONMENT", flowgate_sandbox::ENVIRONMENT)
        .env("CXONE_BASE_URL", stage.sandbox.base_url())
        .envs(more.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().unwrap()
}

/// All that was sent to the terminal until the command ended.
fn sent(mut child: Child) -> String {
    let mut all = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut all).unwrap();
    child.wait().unwrap();
    String::from_utf8(all).unwrap()
}

/// What stands on the screen in the end: a carriage return goes back to the beginning of the line.
fn screen(sent: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut column = 0;
    for letter in sent.chars() {
        match letter {
            '\n' => {
                lines.push(Vec::new());
                column = 0;
            }
            '\r' => column = 0,
            letter => {
                let line = lines.last_mut().unwrap();
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    let text = |line: Vec<char>| line.into_iter().collect::<String>().trim_end().to_owned();
    lines.into_iter().map(text).collect()
}

#[track_caller]
fn nothing_is_left(sent: &str, line: &str) {
    assert!(!sent.contains('\u{1b}'), "an escape: {sent:?}");
    let screen = screen(sent);
    assert!(
        !screen.iter().any(|shown| shown.contains(line)),
        "{line:?} is left over: {screen:#?}"
    );
}

#[test]
fn who_waits_sees_how_far_asking_is_and_nothing_of_it_in_the_end() {
    let stage = slow(Operation::ReadFlow);
    for args in ["drift", "pull --flow a", "check --baseline published flows"] {
        let sent = sent(at_terminal(&stage, args, &[]));
        assert!(
            sent.contains("\rasking CXone about flow 1 of 1"),
            "{args}: {sent:?}"
        );
        nothing_is_left(&sent, "asking CXone about flow");
    }
}

#[test]
fn who_deploys_sees_how_many_flows_are_live_by_now() {
    let stage = slow(Operation::CreateVersion);
    let args = format!("deploy --sandbox={}", stage.sandbox.base_url());
    let sent = sent(at_terminal(&stage, &args, &[]));
    let plan = sent.find("creates 1.0.0, live at once").unwrap();
    let line = sent.find("\rputting flows live on CXone: 0 of 1").unwrap();
    assert!(plan < line, "the plan stands first: {sent:?}");
    nothing_is_left(&sent, "putting flows live");
    assert!(
        screen(&sent).iter().any(|line| line.contains("✅ a 1.0.0")),
        "{sent:?}"
    );
}

#[test]
fn who_takes_back_sees_it_too() {
    let stage = Stage::new();
    let to_sandbox = format!("--sandbox={}", stage.sandbox.base_url());
    for version in ["1.0.0", "1.1.0"] {
        stage.commit(&[("flows/a.json", flow("a", version, version))]);
        sent(at_terminal(&stage, &format!("deploy {to_sandbox}"), &[]));
    }
    assert_eq!(stage.live("a").as_deref(), Some("1.1.0"));
    let slow = Entry::new(Operation::Publish, Fault::delay_ms(2_500));
    stage.sandbox.add_fault(slow.always());
    let sent = sent(at_terminal(
        &stage,
        &format!("rollback --flow a {to_sandbox}"),
        &[],
    ));
    let plan = sent.find("puts 1.0.0 live again").expect(&sent);
    let line = sent.find("\rputting flows live on CXone: 0 of 1");
    assert!(plan < line.expect(&sent), "the plan stands first: {sent:?}");
    nothing_is_left(&sent, "putting flows live");
    assert_eq!(stage.live("a").as_deref(), Some("1.0.0"));
}

#[test]
fn machines_see_no_line() {
    let stage = slow(Operation::ReadFlow);
    for machine in [("CI", "true"), ("TERM", "dumb")] {
        let sent = sent(at_terminal(&stage, "drift", &[machine]));
        assert!(!sent.contains("asking CXone"), "{machine:?}: {sent:?}");
    }
}

#[test]
fn whoever_interrupts_finds_the_terminal_as_it_was() {
    let stage = slow(Operation::ReadFlow);
    let mut child = at_terminal(&stage, "drift", &[]);
    let mut seen = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains("asking CXone about flow 1 of 1") {
        assert_eq!(out.read(&mut byte).unwrap(), 1, "{seen:?}");
        seen.push(byte[0]);
    }
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    out.read_to_end(&mut seen).unwrap();
    child.wait().unwrap();
    let sent = String::from_utf8(seen).unwrap();
    nothing_is_left(&sent, "asking CXone about flow");
    assert!(
        sent.contains("interrupted: nothing was written"),
        "{sent:?}"
    );
}
