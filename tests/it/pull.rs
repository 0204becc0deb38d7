//! `flowgate pull`: what is live comes into the files, and nothing else changes.

use std::fs;

use flowgate_sandbox::{Config, Sandbox};
use tokio::runtime::Runtime;

use crate::drift::at_desk;
use crate::rollback::take_back;
use crate::run_deploy::stage::flow;
use crate::run_deploy::{A, B, both_live};
use crate::support::{Ended, Repo};

struct Story {
    repo: Repo,
    sandbox: Sandbox,
    _runtime: Runtime,
}

impl Story {
    /// A repository with these files, and a tenant on which these flows were made by hand.
    fn of(files: &[(&str, &str)], live: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = runtime.block_on(Sandbox::start(Config::default())).unwrap();
        let repo = Repo::git();
        for (path, text) in files {
            repo.write(path, text);
        }
        for live in live {
            sandbox.seed_published(live, "2.0.0").unwrap();
        }
        Self {
            repo: repo.commit("begin"),
            sandbox,
            _runtime: runtime,
        }
    }

    fn pull(&self, more: &[&str]) -> Ended {
        let args: Vec<&str> = std::iter::once("pull")
            .chain(more.iter().copied())
            .collect();
        at_desk(&self.repo, &self.sandbox, &args)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.repo.root().join(path)).unwrap()
    }
}

#[test]
fn an_edit_in_the_console_comes_into_its_file_alone_and_is_then_no_drift() {
    let stage = both_live();
    let (was, other) = (
        fs::read_to_string(stage.repo.root().join(A)).unwrap(),
        fs::read(stage.repo.root().join(B)).unwrap(),
    );
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let pull = |more: &[&str]| {
        let args: Vec<&str> = std::iter::once("pull")
            .chain(more.iter().copied())
            .collect();
        at_desk(&stage.repo, &stage.sandbox, &args)
    };
    let dry = pull(&["--dry-run"]);
    assert!(
        dry.out.contains("flows/accounts.json: would be written"),
        "{}",
        dry.out
    );
    assert_eq!(fs::read_to_string(stage.repo.root().join(A)).unwrap(), was);

    let done = pull(&[]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(
        done.out,
        "flows/accounts.json: brought in: 1.0.1, edited in the console: Edited by hand\n"
    );
    // The words and the number, and not a byte more.
    let now = fs::read_to_string(stage.repo.root().join(A)).unwrap();
    assert_eq!(
        now,
        was.replace("Hello", "Edited by hand")
            .replace("1.0.0", "1.0.1")
    );
    assert_eq!(fs::read(stage.repo.root().join(B)).unwrap(), other);
    let again = pull(&[]);
    assert_eq!(
        again.out,
        "nothing to do: no flow was edited in the console\n"
    );
    assert_eq!(fs::read_to_string(stage.repo.root().join(A)).unwrap(), now);
    let drift = at_desk(&stage.repo, &stage.sandbox, &["drift", "--fail-on=info"]);
    assert_eq!(drift.code, 0, "{}", drift.out);
}

#[test]
fn merging_what_was_brought_in_puts_nothing_new_live() {
    let mut stage = both_live();
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let pulled = at_desk(&stage.repo, &stage.sandbox, &["pull"]);
    assert_eq!(pulled.code, 0, "{}", pulled.err);
    let text = fs::read_to_string(stage.repo.root().join(A)).unwrap();
    stage.repo.run_git(&["checkout", "--quiet", "--", "."]);
    let before = stage.head();
    let writes = stage.writes();
    stage.merge(2, &[(A, text)]);
    stage.push(&before).end().ends(0, "nothing to do");
    assert_eq!(stage.writes(), writes);
    // The next change goes on from there.
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn what_is_ours_comes_in_only_by_name() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage).end().ends(0, "1 taken back");
    let pull = |args: &[&str]| at_desk(&stage.repo, &stage.sandbox, args);
    assert!(pull(&["pull"]).out.starts_with("nothing to do"));
    let named = pull(&["pull", "--flow=accounts,billing"]);
    assert_eq!(named.code, 0, "{}", named.err);
    assert!(
        named
            .out
            .contains("flows/accounts.json: brought in: 1.0.0, which is live (held)"),
        "{}",
        named.out
    );
    assert!(
        named.out.contains("flows/billing.json: nothing to do"),
        "{}",
        named.out
    );
    assert_eq!(
        fs::read_to_string(stage.repo.root().join(A)).unwrap(),
        flow("accounts", "1.0.0", "Hello")
    );
}

#[test]
fn a_flow_without_a_file_gets_one_in_its_place() {
    let story = Story::of(
        &[("README.md", "flows")],
        &[&flow("main-line", "2.0.0", "Hello")],
    );
    let done = story.pull(&["--flow=main-line"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(done.out, "flows/main-line.json: new: 2.0.0 is live\n");
    let text = story.read("flows/main-line.json");
    assert!(
        text.starts_with("{\n  \"flowId\": \"main-line\",\n"),
        "{text}"
    );
    let again = story.pull(&["--flow=main-line"]);
    assert!(again.out.contains("nothing to do"), "{}", again.out);
    assert_eq!(story.read("flows/main-line.json"), text);

    let elsewhere = Story::of(
        &[("README.md", "")],
        &[&flow("main-line", "2.0.0", "Hello")],
    );
    elsewhere.pull(&[
        "--flow=main-line",
        "--flows=!old/**,call flows/*/*.json,voice/**/*.json",
    ]);
    assert!(elsewhere.read("voice/main-line.json").contains("main-line"));
    let nowhere = elsewhere.pull(&["--flow=main-line", "--flows=x/?.json"]);
    assert_eq!(nowhere.code, 4, "{}", nowhere.out);
    let nobody = story.pull(&["--flow=nobody"]);
    assert_eq!(nobody.code, 4);
    assert!(
        nobody.err.contains("no flow with this id"),
        "{}",
        nobody.err
    );
}

#[test]
fn nothing_is_written_through_a_link_or_out_of_the_repository() {
    let live = flow("main-line", "2.0.0", "Hello");
    let outside = tempfile::tempdir().unwrap();
    let out = outside.path().display().to_string();
    // The folder leads elsewhere.
    let story = Story::of(&[("README.md", "")], &[&live]);
    std::os::unix::fs::symlink(outside.path(), story.repo.root().join("flows")).unwrap();
    let refused = story.pull(&["--flow=main-line"]);
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(
        refused.err.contains("flows` is a symbolic link"),
        "{}",
        refused.err
    );
    // The file itself does.
    let story = Story::of(&[("README.md", "")], &[&live]);
    fs::create_dir(story.repo.root().join("flows")).unwrap();
    fs::write(outside.path().join("real"), "{}").unwrap();
    std::os::unix::fs::symlink(
        outside.path().join("real"),
        story.repo.root().join("flows/main-line.json"),
    )
    .unwrap();
    let refused = story.pull(&["--flow=main-line"]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    assert!(refused.err.contains("symbolic link"), "{}", refused.err);
    assert_eq!(
        fs::read_to_string(outside.path().join("real")).unwrap(),
        "{}"
    );
    let names: Vec<_> = fs::read_dir(&out).unwrap().collect();
    assert_eq!(names.len(), 1);
}
