//! What can be typed, where settings come from, and how a run ends.

use std::fmt::Write as _;
use std::fs;

use flowgate::actions::OutputName;

use crate::support::pages::held_fresh_between;
use crate::support::{FLOW, Repo};

/// One test writes the whole page, since two that wrote parts of it at once would lose one.
#[test]
fn docs_usage_is_fresh() {
    let page = "docs/usage.md";
    let options = format!("\n{}", flowgate::reference::markdown());
    held_fresh_between(
        page,
        "<!-- options: begin",
        "<!-- options: end -->",
        &options,
    );
    let mut outputs = "| output | what it tells |\n|---|---|\n".to_owned();
    for output in OutputName::ALL {
        writeln!(outputs, "| `{}` | {} |", output.as_str(), output.about()).unwrap();
    }
    held_fresh_between(
        page,
        "<!-- outputs: begin",
        "<!-- outputs: end -->",
        &outputs,
    );
}

#[test]
fn help_and_version_are_answers_and_a_typing_error_is_wrong_use() {
    let repo = Repo::new();
    let version = repo.flowgate(&["--version"]).end();
    assert_eq!(
        (version.code, version.out.starts_with("flowgate ")),
        (0, true)
    );
    for command in [
        "check",
        "deploy",
        "diff",
        "bump",
        "demo",
        "sandbox",
        "rules",
        "explain",
        "accept",
        "schema",
        "audit verify",
    ] {
        let mut args: Vec<&str> = command.split(' ').collect();
        args.push("--help");
        let help = repo.flowgate(&args).end();
        assert_eq!((help.code, help.err.as_str()), (0, ""), "{command}");
        assert!(
            help.out.contains("Usage: flowgate"),
            "{command}: {}",
            help.out
        );
    }
    insta::assert_snapshot!(repo.flowgate(&["explian"]).end().all(), @r#"
    exit 2
    --- err
    error: unrecognized subcommand 'explian'

      tip: a similar subcommand exists: 'explain'

    Usage: flowgate [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
}

#[test]
fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
    let repo = Repo::new()
        .file("flowgate.toml", "flows = [\"from-file/*.json\"]\n")
        .file("from-file/a.json", FLOW)
        .file("from-env/a.json", FLOW)
        .file("from-flag/a.json", FLOW);
    let changed = |args: &[&str], env: &str| {
        let ended = repo
            .flowgate(args)
            .env("FLOWGATE_FLOWS", env)
            .env("FLOWGATE_LOG", "info")
            .end();
        let (_, path) = ended.err.split_once("changed: ").unwrap();
        path.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        changed(&["check", "--flows", "from-flag/*.json"], "from-env/*.json"),
        "from-flag/a.json"
    );
    assert_eq!(changed(&["check"], "from-env/*.json"), "from-env/a.json");
    // The Action passes every input, also those that nobody filled in.
    assert_eq!(changed(&["check"], ""), "from-file/a.json");
}

#[test]
fn switches_in_the_environment_are_true_false_or_empty() {
    let repo = Repo::new();
    let code = |value: &str| {
        repo.flowgate(&["check"])
            .env("FLOWGATE_ALLOW_EMPTY", value)
            .end()
            .code
    };
    assert_eq!((code("true"), code("false"), code("")), (0, 2, 2));
    let ended = repo
        .flowgate(&["check"])
        .env("FLOWGATE_ALLOW_EMPTY", "yes")
        .end();
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("--allow-empty"), "{}", ended.err);
    assert_eq!(
        repo.flowgate(&["check", "--allow-empty=false"])
            .env("FLOWGATE_ALLOW_EMPTY", "true")
            .end()
            .code,
        2
    );
}

#[test]
fn an_unknown_or_forbidden_key_of_the_file_is_an_error_with_its_line() {
    let repo = Repo::new().file(
        ".github/flowgate.toml",
        "# ours\nflow = [\"flows/*.json\"]\nconcurrency = \"many\"\ncxone-base-url = \"https://evil.example\"\n",
    );
    insta::assert_snapshot!(repo.flowgate(&["check"]).end().all(), @r#"
    exit 2
    --- err
    error: the configuration cannot be used
      .github/flowgate.toml:2:1: unknown key `flow`; did you mean `flows`?
      .github/flowgate.toml:3:15: `concurrency`: invalid type: string "many", expected u16
      .github/flowgate.toml:4:1: `cxone-base-url` may not stand in this file, since it decides where secrets go: set it as a flag, an action input or an environment variable
    "#);
}

#[test]
fn two_configuration_files_are_one_too_many_and_a_named_one_must_be_there() {
    let repo = Repo::new()
        .file("flowgate.toml", "")
        .file(".github/flowgate.toml", "");
    insta::assert_snapshot!(repo.flowgate(&["check"]).end().all(), @r#"
    exit 2
    --- err
    error: there are two configuration files, `flowgate.toml` and `.github/flowgate.toml`: keep one
    "#);
    insta::assert_snapshot!(repo.flowgate(&["check", "--config", "x.toml"]).end().all(), @r#"
    exit 2
    --- err
    error: there is no configuration file `[ROOT]/x.toml`
    "#);
}

#[test]
fn an_api_path_cannot_leave_the_base_url() {
    let repo = Repo::new();
    for path in [
        "//evil.example/token",
        "https://evil.example",
        "/a/../b",
        "/a?b",
        "token",
    ] {
        let ended = repo
            .flowgate(&["check"])
            .env("FLOWGATE_API_TOKEN_PATH", path)
            .end();
        assert_eq!(ended.code, 2, "{path}");
        assert!(ended.err.contains("--api-token-path"), "{}", ended.err);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let repo = Repo::new().file("flows/a.json", FLOW);
    let binary = assert_cmd::cargo::cargo_bin!("flowgate");
    let run = |stdout: std::process::Stdio| {
        std::process::Command::new(binary)
            .args(["check", "--help"])
            .current_dir(repo.root())
            .env_clear()
            .stdout(stdout)
            .output()
            .unwrap()
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let gone = run(writer.into());
    assert_eq!(
        (gone.status.code(), gone.stderr.as_slice()),
        (Some(0), &b""[..])
    );
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let full = run(full.into());
        assert_eq!(full.status.code(), Some(4));
        let said = String::from_utf8(full.stderr).unwrap();
        assert!(
            said.starts_with("error: could not write the output\n"),
            "{said}"
        );
    }
}
