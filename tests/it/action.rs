//! The action: what it offers, how its script finds the binary, and that a signal reaches it.

mod binary;
mod build;
mod checkout;

use std::fmt::Write as _;
use std::{env, fs};

use flowgate::actions::OutputName;
use flowgate::reference::action_inputs;

use crate::support::pages::{code_below, held_fresh_between, root};

/// What a release is built for.
pub(crate) const PLATFORMS: [&str; 5] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-musl",
];

/// A YAML string on one line: JSON is YAML.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Every option of `flowgate run` is an input, and every output of the code is one of the action. Where an input is
/// empty its variable counts, if the job has it.
#[test]
fn action_yml_is_fresh() {
    let (mut inputs, mut variables) = (String::new(), String::new());
    let taken = [
        "github-token",
        "binary-path",
        "download-url",
        "download-timeout",
    ];
    let options = action_inputs();
    assert!(options.len() > 40);
    for option in options {
        let (name, variable) = (option.name, option.variable);
        assert!(
            !taken.contains(&name.as_str()),
            "{name} is the action's own"
        );
        let about = quoted(&option.about);
        // The one input whose value the runner knows best.
        let default = if name == "job-index" {
            "${{ strategy.job-index }}"
        } else {
            "\"\""
        };
        writeln!(
            inputs,
            "  {name}:\n    description: {about}\n    default: {default}"
        )
        .unwrap();
        writeln!(
            variables,
            "        {variable}: ${{{{ inputs.{name} || env.{variable} }}}}"
        )
        .unwrap();
    }
    let mut outputs = String::new();
    for output in OutputName::ALL {
        let (name, about) = (output.as_str(), output.about());
        let value = format!("${{{{ steps.flowgate.outputs.{name} }}}}");
        writeln!(
            outputs,
            "  {name}:\n    description: {}\n    value: {value}",
            quoted(about)
        )
        .unwrap();
    }
    let action = "action.yml";
    held_fresh_between(action, "# inputs: begin", "  # inputs: end", &inputs);
    held_fresh_between(action, "# outputs: begin", "  # outputs: end", &outputs);
    held_fresh_between(action, "# env: begin", "        # env: end", &variables);
}

#[test]
fn every_output_is_written_and_every_input_that_others_look_for_is_there() {
    let commands = code_below(&["src/commands"]);
    for output in OutputName::ALL {
        let written = format!("OutputName::{output:?}");
        assert!(commands.contains(&written), "nobody writes {written}");
    }
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    for name in "github-token mode flow to target scope direct-push max-changes verify flows config deploy-branch \
                 fail-on comment baseline on-drift dry-run concurrency report-file sarif-file audit-file metrics-file \
                 binary-path download-url ca-file"
        .split_whitespace()
    {
        assert!(action.contains(&format!("\n  {name}:\n")), "{name}");
    }
}

#[test]
fn the_actions_own_inputs_reach_its_script_and_no_script_holds_an_expression() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let script = fs::read_to_string(root().join("action/run")).unwrap();
    let usage = fs::read_to_string(root().join("docs/usage.md")).unwrap();
    for (input, variable) in [
        ("binary-path", "FLOWGATE_BINARY_PATH"),
        ("download-url", "FLOWGATE_DOWNLOAD_URL"),
        ("download-timeout", "FLOWGATE_DOWNLOAD_TIMEOUT"),
    ] {
        assert!(action.contains(&format!("{variable}: ${{{{ inputs.{input} }}}}")));
        assert!(script.contains(variable), "{variable}");
        assert!(usage.contains(&format!("`{input}`")), "{input}");
    }
    assert!(action.contains("GITHUB_TOKEN: ${{ inputs.github-token }}"));
    assert!(action.contains("default: ${{ github.token }}"));
    let runs = action.lines().filter(|line| line.contains(" run: "));
    assert_eq!(
        runs.collect::<Vec<_>>(),
        [r#"      run: exec bash "$FLOWGATE_ACTION_PATH/action/run""#]
    );
    for word in ["${{", "eval ", "jq ", "wget ", "node ", "docker "] {
        assert!(!script.contains(word), "{word}");
    }
}

/// Between releases no digest can be right, and a release lists every platform that it is built for.
#[test]
fn the_table_of_binaries_fits_the_version() {
    let table = fs::read_to_string(root().join("action/binaries.tsv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("version\tplatform\tsha256\tcommit\turl"));
    let version = env!("CARGO_PKG_VERSION");
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    if version.ends_with("-dev") {
        assert!(rows.is_empty(), "{rows:?}");
        return;
    }
    let mut platforms = Vec::new();
    for row in &rows {
        let [of, platform, digest, commit, url] = row[..] else {
            panic!("five columns: {row:?}")
        };
        let hex =
            |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(
            of == version && hex(digest, 64) && hex(commit, 40),
            "{row:?}"
        );
        assert!(
            url.starts_with("https://") && url.contains(platform),
            "{url}"
        );
        platforms.push(platform);
    }
    platforms.sort_unstable();
    assert_eq!(platforms, PLATFORMS);
}
