//! A repository, its GitHub and its tenant, and what the acts of a story do to them. After each act the laws are asked.

use std::path::PathBuf;
use std::rc::Rc;

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT};
use serde_json::{Value, json};

use super::edits::Hand;
use super::laws::{Held, Law, about, as_the_trees_say, hold, is_red_elsewhere, names, published};
use super::oracle::{self, Change, Does, Platform};
use super::repository::{Tree, Upstream};
use super::story::{Act, CheckOut, Merge, Pull, Story};
use crate::run_deploy::stage::{Done, Stage};
use crate::support::{Ended, Run};

/// What was done, for the figures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) changes: usize,
    pub(super) runs: usize,
}

pub(super) struct World {
    stage: Stage,
    upstream: Upstream,
    hand: Hand,
    check_outs: usize,
    pulls: u64,
    counted: Counted,
}

/// A branch that is to be merged.
struct Topic {
    number: u64,
    from: String,
    commits: Vec<String>,
}

impl Topic {
    fn head(&self) -> &str {
        self.commits.last().unwrap()
    }
}

/// Plays a story; what was done, or the law that was broken.
pub(super) fn play(story: &Story) -> Result<Counted, super::laws::Broken> {
    let mut world = World::begin(story);
    for act in &story.acts {
        match act {
            Act::Pull(pull) => world.pull(pull)?,
        }
    }
    Ok(world.counted)
}

impl World {
    fn begin(story: &Story) -> Self {
        let stage = Stage::on(Config::default());
        let upstream = Upstream::at(stage.repo.root());
        let mut world = Self {
            stage,
            upstream,
            hand: Hand::default(),
            check_outs: 0,
            pulls: 0,
            counted: Counted::default(),
        };
        let mut tree = world.main();
        for &folder in &story.flows {
            world.hand.add(&mut tree, folder);
        }
        let topic = world.branch(&[tree]).unwrap();
        let (before, after) = world.merge(&topic, Merge::Squash).unwrap();
        let done = world.push(&before, &after, CheckOut::Whole);
        assert_eq!(done.code, 0, "{}", done.log);
        world
    }

    fn tree(&self, commit: &str) -> Rc<Tree> {
        self.upstream.read(commit)
    }

    /// What `main` holds, to be changed.
    fn main(&self) -> Tree {
        Tree::clone(&self.tree(self.upstream.main()))
    }

    fn platform(&self) -> Platform {
        Platform::of(&self.stage.sandbox.state())
    }

    /// A branch with these trees, from where `main` is; `None` where nothing is different.
    fn branch(&mut self, trees: &[Tree]) -> Option<Topic> {
        let from = self.upstream.main().to_owned();
        let mut commits: Vec<String> = Vec::new();
        for tree in trees {
            let parent = commits.last().unwrap_or(&from).clone();
            if *self.tree(&parent) != *tree {
                commits.push(self.upstream.commit(&parent, tree));
            }
        }
        if commits.is_empty() {
            return None;
        }
        self.pulls += 1;
        let topic = Topic {
            number: self.pulls,
            from,
            commits,
        };
        let mut github = self.stage.fake.state();
        let pull = github.open_pull(topic.number, "nobody");
        topic.head().clone_into(&mut pull.head);
        pull.commits.clone_from(&topic.commits);
        drop(github);
        Some(topic)
    }

    fn mirror(&self) {
        self.upstream
            .mirror(&mut self.stage.fake.state().repository);
    }

    /// Merges a branch into `main`; where `main` stood, and stands. `None` where they are in conflict.
    fn merge(&mut self, topic: &Topic, how: Merge) -> Option<(String, String)> {
        let before = self.upstream.main().to_owned();
        let brought = match how {
            Merge::Commit => vec![self.upstream.merge(&before, topic.head())?],
            Merge::Squash => vec![self.upstream.squash(&before, topic.head())?],
            Merge::Rebase => self.upstream.rebase(&before, &topic.commits, &topic.from)?,
        };
        let after = brought.last().unwrap().clone();
        self.upstream.set_main(&after);
        self.mirror();
        let changed = self.changed_paths(&before, &after);
        let mut github = self.stage.fake.state();
        let pull = github.pulls.get_mut(&topic.number).unwrap();
        pull.merged = true;
        pull.merge_commit = Some(after.clone());
        pull.commits.extend(brought);
        github.files.insert(topic.number, changed);
        drop(github);
        Some((before, after))
    }

    fn changed_paths(&self, before: &str, after: &str) -> Vec<String> {
        let (before, after) = (self.tree(before), self.tree(after));
        let paths = before
            .keys()
            .chain(after.keys())
            .filter(|path| before.get(*path) != after.get(*path));
        paths
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect()
    }

    /// The folder that a run of this commit finds itself in.
    fn check_out(&mut self, kind: CheckOut, commit: &str, reference: &str) -> PathBuf {
        self.check_outs += 1;
        let to = self
            .stage
            .folder
            .path()
            .join(format!("checkout-{}", self.check_outs));
        self.upstream.check_out(kind, commit, reference, &to);
        to
    }

    /// The job of a push to `main`.
    fn push(&mut self, before: &str, after: &str, kind: CheckOut) -> Done {
        self.counted.runs += 1;
        // HEAD of a deployment is read from git, whatever a check makes do with.
        let kind = if kind == CheckOut::None {
            CheckOut::Depth(1)
        } else {
            kind
        };
        let place = self.check_out(kind, after, "refs/remotes/origin/main");
        let payload = Stage::push_of(before, after);
        self.stage
            .event("push", &payload)
            .env("GITHUB_SHA", after)
            .cwd(&place)
            .end()
    }

    /// `flowgate check` at the desk of somebody who has the whole repository, with this commit in the work tree.
    fn desk(&mut self, commit: &str, base: &str, args: &[&str]) -> Ended {
        self.counted.runs += 1;
        self.upstream.detach(commit);
        let mut all = vec!["check", "--base", base, "--allow-empty"];
        all.extend(args);
        self.with_tenant(self.stage.repo.flowgate(&all)).end()
    }

    fn with_tenant(&self, run: Run) -> Run {
        run.env("CXONE_CLIENT_ID", CLIENT_ID)
            .env("CXONE_CLIENT_SECRET", CLIENT_SECRET)
            .env("CXONE_ENVIRONMENT", ENVIRONMENT)
            .env("CXONE_BASE_URL", &self.stage.sandbox.base_url())
    }

    /// The job that checks a pull request; `trial` is what GitHub made of it and `main`.
    fn check(&mut self, topic: &Topic, trial: &str, kind: CheckOut) -> Done {
        self.counted.runs += 1;
        let number = topic.number;
        let reference = format!("refs/remotes/pull/{number}/merge");
        let place = self.check_out(kind, trial, &reference);
        let payload = json!({"action": "opened", "number": number, "pull_request": {
            "number": number, "merged": false, "merge_commit_sha": trial, "commits": topic.commits.len(),
            "head": {"ref": format!("topic-{number}"), "sha": topic.head(), "repo": {"id": 10}},
            "base": {"ref": "main", "sha": self.upstream.main(), "repo": {"id": 10}},
        }});
        self.stage
            .event("pull_request", &payload)
            .env("GITHUB_REF", &format!("refs/pull/{number}/merge"))
            .env("GITHUB_SHA", trial)
            .cwd(&place)
            .end()
    }

    fn pull(&mut self, pull: &Pull) -> Held {
        let mut trees = Vec::new();
        let mut tree = self.main();
        for edits in &pull.commits {
            for edit in edits {
                self.hand.apply(&mut tree, edit);
            }
            trees.push(tree.clone());
        }
        let Some(topic) = self.branch(&trees) else {
            return Ok(());
        };
        self.others(pull);
        let base = self.upstream.main().to_owned();
        let Some(trial) = self.upstream.merge(&base, topic.head()) else {
            return Ok(());
        };
        self.mirror();
        let mut github = self.stage.fake.state();
        github.pulls.get_mut(&topic.number).unwrap().merge_commit = Some(trial.clone());
        drop(github);
        self.counted.changes += 1;
        let change = oracle::change(&self.tree(&base), &self.tree(&trial), &self.platform());

        let said = self.check(&topic, &trial, pull.check_out);
        self.at_the_desk(&trial, &base, &change, &said)?;
        if said.code != 0 {
            return Ok(());
        }
        let Some((before, after)) = self.merge(&topic, pull.merge) else {
            return Ok(());
        };
        if self.tree(&after) != self.tree(&trial) {
            return Ok(());
        }
        self.deploy(&before, &after, &change, &said, pull.check_out)
    }

    /// Other people's pull requests are merged meanwhile, and deployed.
    fn others(&mut self, pull: &Pull) {
        for edit in &pull.meanwhile {
            let mut tree = self.main();
            self.hand.apply(&mut tree, edit);
            let Some(topic) = self.branch(&[tree]) else {
                continue;
            };
            if let Some((before, after)) = self.merge(&topic, Merge::Squash) {
                self.push(&before, &after, CheckOut::Depth(1));
            }
        }
    }

    fn at_the_desk(&mut self, trial: &str, base: &str, change: &Change, said: &Done) -> Held {
        let report = self.desk(trial, base, &["--format", "json"]);
        hold(Law::EveryFile, report.code < 2, || {
            format!("the desk's check ended so: {}", report.all())
        })?;
        let json: Value = serde_json::from_str(&report.out).unwrap();
        as_the_trees_say(&json, change)?;
        let text = self.desk(trial, base, &[]);
        same("the desk", &text.out, "the pull request", &said.out, change)?;
        // At a desk CXone is asked about the flows of the change alone: what blocks another one shows on the pull request.
        let others_are_red = is_red_elsewhere(&said.out, &change.paths);
        hold(
            Law::SameEverywhere,
            said.code == text.code || others_are_red,
            || {
                format!(
                    "the desk ends with exit code {}, the pull request with {}: {}",
                    text.code, said.code, said.log
                )
            },
        )
    }

    fn deploy(
        &mut self,
        before: &str,
        after: &str,
        change: &Change,
        said: &Done,
        kind: CheckOut,
    ) -> Held {
        let was = self.stage.sandbox.state();
        let done = self.push(before, after, kind);
        // The check of a change without flows does not ask what is live: what is said of other flows then is news.
        let is_good = done.code == 0 || change.paths.is_empty();
        hold(Law::GreenDeploys, is_good, || {
            format!(
                "the check was green, and the deployment ends so: {}",
                done.log
            )
        })?;
        same(
            "the pull request",
            &said.out,
            "the deployment",
            &done.out,
            change,
        )?;
        let published = published(&was, &self.stage.sandbox.state());
        for flow in change.flows.iter().filter(|flow| flow.does == Does::Writes) {
            hold(Law::GreenDeploys, published.contains_key(&flow.id), || {
                format!("{} is not live: {}", flow.id, done.log)
            })?;
        }
        let tree = oracle::flows(&self.tree(after), &oracle::Globs::of(&self.tree(before)));
        for (id, version) in &published {
            let shown = tree.get(id).is_some_and(|file| {
                said.out
                    .split("\n\n")
                    .any(|block| names(block, &file.path) && block.contains(version.as_str()))
            });
            hold(Law::NothingUnseen, shown, || {
                format!(
                    "{id} {version} was published, and the check had not shown it: {}",
                    said.log
                )
            })?;
        }
        let receipts: Value =
            serde_json::from_str(done.outputs.get("published").map_or("[]", String::as_str))
                .unwrap();
        for receipt in receipts.as_array().unwrap() {
            let is_touched = change
                .flows
                .iter()
                .any(|flow| receipt["flowId"] == flow.id.as_str());
            hold(
                Law::NothingUnseen,
                !is_touched || receipt["asReviewed"] == "same",
                || format!("not as reviewed: {receipt}"),
            )?;
        }
        Ok(())
    }
}

fn same(one: &str, of_one: &str, other: &str, of_other: &str, change: &Change) -> Held {
    let (first, second) = (about(of_one, &change.paths), about(of_other, &change.paths));
    hold(Law::SameEverywhere, first == second, || {
        format!(
            "{one} says\n{}\n--- and {other}\n{}\n--- whole:\n{of_one}\n--- and\n{of_other}",
            first.join("\n\n"),
            second.join("\n\n")
        )
    })
}
