//! `docs/pull-request.md`: what people see on a pull request, as a run wrote it.

use std::fs;

use crate::run_check::propose;
use crate::run_deploy::stage::{Done, Stage};
use crate::support::pages::{held_fresh, root};

const WORKFLOW: &str = ".github/workflows/flows.yml";
const FLOW: &str = "flows/claims-hotline.json";

fn demo(state: &str, name: &str) -> String {
    fs::read_to_string(root().join("demo").join(state).join(name)).unwrap()
}

/// What a reader sees of the only comment on a pull request that holds these words.
fn shown(stage: &Stage, pull: u64, words: &str) -> String {
    let github = stage.fake.state();
    let bodies = github.bodies(pull);
    let mut bodies = bodies.into_iter().filter(|body| body.contains(words));
    let body = bodies.next().unwrap();
    assert!(bodies.next().is_none());
    let lines = body.lines();
    let lines: Vec<&str> = lines.skip_while(|line| line.starts_with("<!-- ")).collect();
    lines.join("\n")
}

/// The annotations of a run, one a line.
fn annotations(done: &Done) -> String {
    let commands = done.log.lines().filter(|line| {
        let levels = ["::error ", "::warning ", "::notice "];
        levels.iter().any(|level| line.starts_with(level))
    });
    let commands: Vec<String> = commands.map(|line| line.replace("%0A", "\n    ")).collect();
    commands.join("\n")
}

#[test]
fn the_page_of_samples_is_fresh() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(40, &[(FLOW, demo("before", "claims-hotline.json"))]);
    stage.push(&before).end().ends(0, "1 live");

    let payload = propose(&stage, 41, &[(FLOW, demo("change", "claims-hotline.json"))]);
    let broken = stage.event("pull_request", &payload).end();
    let broken = broken.ends(1, "connector-missing-target");
    let comment = shown(&stage, 41, "to fix");
    // The last line links to the summary, there alone.
    let text = |said: &str| said.split("<sub>Checked").next().unwrap().to_owned();
    assert_eq!(text(&comment), text(&broken.summary));

    // The workflow of the examples: its form is what the result leads to.
    let workflow = root().join("docs/examples/pull-request-and-merge.yml");
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.commit(&[(WORKFLOW, fs::read_to_string(workflow).unwrap())]);
    let mended = [(FLOW, demo("mended", "claims-hotline.json"))];
    let payload = propose(&stage, 42, &mended);
    stage.event("pull_request", &payload).end().ends(0, "");
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.repo.run_git(&["branch", "--quiet", "-D", "topic-42"]);
    let before = stage.head();
    stage.merge(42, &mended);
    // The digest of an audit is another one each time.
    let run = stage.push(&before).env("FLOWGATE_AUDIT_FILE", "");
    let reference = format!("acme/flows/{WORKFLOW}@refs/heads/main");
    let run = run.env("GITHUB_WORKFLOW_REF", &reference);
    run.end().ends(0, "1 live");
    let result = shown(&stage, 42, "ver-");

    let fresh = format!(
        "# On a pull request\n\n\
         Written by `UPDATE_DOCS=1 cargo test --test it fresh`: a run on the flows in `demo/`, as it was.\n\n\
         Somebody adds a question to the claims line and mistypes one target. This comment stands on the pull request, and \
         the same text in the job summary:\n\n---\n\n{}\n\n---\n\n\
         Beside the line in \"Files changed\" stands an annotation; in the log it is this line:\n```text\n{}\n```\n\n\
         The comment changes in place with every push. Once the target is mended and the pull request is merged, a second \
         comment says what became of it:\n\n---\n\n{}\n",
        comment.trim(),
        annotations(&broken),
        result.trim()
    );
    held_fresh("docs/pull-request.md", &fresh);
}
