//! A repository, its GitHub and its tenant, and what the acts of a story do to them. After each act the laws are asked.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, State};
use serde_json::{Value, json};

use super::edits::Hand;
use super::laws::{
    Broken, Held, Law, about, as_the_trees_say, hold, is_red_elsewhere, names, published,
};
use super::oracle::{self, Change, Does, Globs, InFile, Platform};
use super::repository::{Tree, Upstream};
use super::story::{Act, Asked, ByHand, CheckOut, DeployedBy, Edit, Merge, Odd, Pull, Story};
use crate::run_deploy::stage::{Begun, Done, Stage};
use crate::support::{Ended, Run};

/// What was done, for the figures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) changes: usize,
    pub(super) runs: usize,
}

/// A commit that `main` stood at.
struct Step {
    commit: String,
    /// The pull request that brought it.
    pull: Option<u64>,
}

pub(super) struct World {
    stage: Stage,
    upstream: Upstream,
    hand: Hand,
    /// Where `main` stood, one after the other.
    steps: Vec<Step>,
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

/// What was merged.
struct Merged {
    number: u64,
    /// Where `main` stood, and stands.
    before: String,
    after: String,
}

/// Plays a story; what was done, or the law that was broken.
pub(super) fn play(story: &Story) -> Result<Counted, Broken> {
    let mut world = World::begin(story)?;
    for act in &story.acts {
        match act {
            Act::Pull(pull) => world.pull(pull)?,
            Act::Direct(edits) => world.direct(edits)?,
            Act::Missed(edits) => {
                world.merged_by_others(edits);
            }
            Act::Queue(first, second) => world.queue(first, second)?,
            Act::Stack(below, above, how) => world.stack(below, above, *how)?,
            Act::Dispatch(by_hand) => world.dispatch(*by_hand)?,
        }
    }
    Ok(world.counted)
}

/// What a run of GitHub Actions is started with.
struct Started<'a> {
    event: &'a str,
    payload: Value,
    reference: String,
    sha: &'a str,
}

impl World {
    fn begin(story: &Story) -> Result<Self, Broken> {
        let stage = Stage::on(Config::default());
        let upstream = Upstream::at(stage.repo.root());
        let mut world = Self {
            stage,
            upstream,
            hand: Hand::default(),
            steps: Vec::new(),
            check_outs: 0,
            pulls: 0,
            counted: Counted::default(),
        };
        let mut tree = world.main();
        for start in story.flows.iter().filter(|start| !start.is_live) {
            world.hand.add(&mut tree, start.folder);
        }
        world.push_directly(&tree);
        for start in story.flows.iter().filter(|start| start.is_live) {
            world.hand.add(&mut tree, start.folder);
        }
        if let Some(topic) = world.branch(&[tree]) {
            let merged = world.merge(&topic, Merge::Squash).unwrap();
            world.deploy(
                &merged,
                &merged.before,
                CheckOut::Depth(1),
                DeployedBy::Push,
            )?;
        }
        Ok(world)
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

    /// `main` gets a commit with this tree, and no pull request.
    fn push_directly(&mut self, tree: &Tree) -> bool {
        let before = self.upstream.main().to_owned();
        if *self.tree(&before) == *tree && !self.steps.is_empty() {
            return false;
        }
        let commit = self.upstream.commit(&before, tree);
        self.upstream.set_main(&commit);
        self.steps.push(Step { commit, pull: None });
        self.mirror();
        true
    }

    /// The tree with these edits.
    fn edited(&mut self, mut tree: Tree, edits: &[Edit]) -> Tree {
        for edit in edits {
            self.hand.apply(&mut tree, edit);
        }
        tree
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
        self.propose(&topic, None);
        Some(topic)
    }

    /// GitHub's picture of an open pull request.
    fn propose(&self, topic: &Topic, trial: Option<&str>) {
        let mut github = self.stage.fake.state();
        let pull = github.open_pull(topic.number, "nobody");
        topic.head().clone_into(&mut pull.head);
        pull.merge_commit = trial.map(str::to_owned);
        pull.commits.clone_from(&topic.commits);
    }

    fn mirror(&self) {
        self.upstream
            .mirror(&mut self.stage.fake.state().repository);
    }

    /// Merges a branch into `main`; `None` where they are in conflict.
    fn merge(&mut self, topic: &Topic, how: Merge) -> Option<Merged> {
        let before = self.upstream.main().to_owned();
        let brought = match how {
            Merge::Commit => vec![self.upstream.merge(&before, topic.head())?],
            Merge::Squash => vec![self.upstream.squash(&before, topic.head())?],
            Merge::Rebase => self.upstream.rebase(&before, &topic.commits, &topic.from)?,
        };
        Some(self.landed(topic, brought))
    }

    /// `main` has these commits more, by this pull request.
    fn landed(&mut self, topic: &Topic, brought: Vec<String>) -> Merged {
        let before = self.upstream.main().to_owned();
        let after = brought.last().unwrap().clone();
        self.upstream.set_main(&after);
        let number = topic.number;
        let steps = brought.iter().map(|commit| Step {
            commit: commit.clone(),
            pull: Some(number),
        });
        self.steps.extend(steps);
        self.mirror();
        let changed = self.changed_paths(&before, &after);
        let mut github = self.stage.fake.state();
        let pull = github.pulls.get_mut(&number).unwrap();
        pull.merged = true;
        pull.merge_commit = Some(after.clone());
        pull.commits.extend(brought);
        github.files.insert(number, changed);
        drop(github);
        Merged {
            number,
            before,
            after,
        }
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

    /// A run in a checkout of this commit.
    fn run(&mut self, kind: CheckOut, commit: &str, fetched: &str, started: &Started<'_>) -> Done {
        let begun = self.begin_run(kind, commit, fetched, started);
        begun.end()
    }

    fn begin_run(
        &mut self,
        kind: CheckOut,
        commit: &str,
        fetched: &str,
        started: &Started<'_>,
    ) -> Begun {
        self.counted.runs += 1;
        let workspace = self.folder("checkout");
        let to = match kind {
            CheckOut::InFolder => workspace.join("sources"),
            _ => workspace.clone(),
        };
        self.upstream.check_out(kind, commit, fetched, &to);
        let begun = self
            .stage
            .event(started.event, &started.payload)
            .env("GITHUB_REF", &started.reference)
            .env("GITHUB_SHA", started.sha)
            .cwd(&workspace);
        match kind {
            CheckOut::InFolder => begun.env("FLOWGATE_WORKING_DIRECTORY", "sources"),
            _ => begun,
        }
    }

    /// A folder that was not there before.
    fn folder(&mut self, name: &str) -> PathBuf {
        self.check_outs += 1;
        let name = format!("{name}-{}", self.check_outs);
        self.stage.folder.path().join(name)
    }

    /// The job of a push to `main`.
    fn push(&mut self, before: &str, after: &str, kind: CheckOut) -> Done {
        let started = Started {
            event: "push",
            payload: Stage::push_of(before, after),
            reference: "refs/heads/main".to_owned(),
            sha: after,
        };
        self.run(kind, after, "refs/remotes/origin/main", &started)
    }

    /// The job of a pull request that was closed by its merge.
    fn closed(&mut self, merged: &Merged, kind: CheckOut) -> Done {
        let Merged {
            number,
            before,
            after,
        } = merged;
        let github = self.stage.fake.state();
        let pull = &github.pulls[number];
        let own = pull
            .commits
            .iter()
            .take_while(|commit| !self.steps.iter().any(|step| step.commit == **commit));
        let payload = json!({"action": "closed", "number": number, "pull_request": {
            "number": number, "merged": true, "merge_commit_sha": after, "commits": own.count(),
            "head": {"ref": format!("topic-{number}"), "sha": pull.head, "repo": {"id": 10}},
            "base": {"ref": "main", "sha": before, "repo": {"id": 10}},
        }});
        drop(github);
        let started = Started {
            event: "pull_request",
            payload,
            reference: "refs/heads/main".to_owned(),
            sha: after,
        };
        self.run(kind, after, "refs/remotes/origin/main", &started)
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
    fn check(&mut self, topic: &Topic, trial: &str, asked: Asked, kind: CheckOut) -> Done {
        let main = self.upstream.main().to_owned();
        self.check_into("main", &main, topic, trial, asked, kind)
    }

    /// The same of a pull request into a branch that stands at this commit.
    fn check_into(
        &mut self,
        branch: &str,
        tip: &str,
        topic: &Topic,
        trial: &str,
        asked: Asked,
        kind: CheckOut,
    ) -> Done {
        let number = topic.number;
        let main = tip.to_owned();
        // GitHub writes a new base down when commits are pushed, not when a title is edited.
        let (action, base) = match asked {
            Asked::Opened | Asked::Target => ("opened", &main),
            Asked::Edited => ("edited", &topic.from),
            Asked::Retargeted => ("edited", &main),
        };
        let mut payload = json!({"action": action, "number": number, "pull_request": {
            "number": number, "merged": false, "merge_commit_sha": trial, "commits": topic.commits.len(),
            "head": {"ref": format!("topic-{number}"), "sha": topic.head(), "repo": {"id": 10}},
            "base": {"ref": branch, "sha": base, "repo": {"id": 10}},
        }});
        match asked {
            Asked::Opened => {}
            Asked::Edited => payload["changes"] = json!({"title": {"from": "another title"}}),
            Asked::Retargeted => {
                payload["changes"] =
                    json!({"base": {"ref": {"from": "release"}, "sha": {"from": topic.from}}});
            }
            Asked::Target => payload["pull_request"]["merge_commit_sha"] = Value::Null,
        }
        if asked == Asked::Target {
            let started = Started {
                event: "pull_request_target",
                payload,
                reference: "refs/heads/main".to_owned(),
                sha: &main,
            };
            return self.run(kind, &main, "refs/remotes/origin/main", &started);
        }
        let reference = format!("refs/pull/{number}/merge");
        let started = Started {
            event: "pull_request",
            payload,
            reference,
            sha: trial,
        };
        let commit = if kind == CheckOut::Head {
            topic.head()
        } else {
            trial
        };
        self.run(
            kind,
            commit,
            &format!("refs/remotes/pull/{number}/merge"),
            &started,
        )
    }

    /// A check of two trees: by GitHub Actions and at a desk; whether it is green.
    fn checked(
        &mut self,
        said: &Done,
        base: &str,
        trial: &str,
        sparse_desk: bool,
    ) -> Result<Change, Broken> {
        self.counted.changes += 1;
        let (old, new) = (self.tree(base), self.tree(trial));
        let change = oracle::change(&old, &new, &self.platform());
        names_what_is_odd(&said.log, &new, "the check")?;
        let covered = Globs::of(&old);
        for file in oracle::flows(&new, &Globs::of(&new)).values() {
            let is_new = !covered.match_path(file.path.as_bytes());
            hold(
                Law::EveryFile,
                !is_new || names(&said.log, &file.path),
                || {
                    format!(
                        "{} is newly covered by `flows`, and not shown: {}",
                        file.path, said.log
                    )
                },
            )?;
        }
        for odd in Odd::ALL {
            let is_flow_file =
                !matches!(odd, Odd::Submodule | Odd::LinkToFolder | Odd::CapitalJson);
            let is_new =
                new.contains_key(odd.path().0) && old.get(odd.path().0) != new.get(odd.path().0);
            hold(
                Law::EveryFile,
                !(is_new && is_flow_file) || said.code == 1,
                || {
                    format!(
                        "{odd:?} cannot be read, and the check ends with exit code {}: {}",
                        said.code, said.log
                    )
                },
            )?;
        }
        let settings = &b"flowgate.toml"[..];
        if old.get(settings) == new.get(settings) {
            self.at_the_desk(trial, base, &change, said)?;
            if sparse_desk {
                self.at_a_sparse_desk(trial, base, &change)?;
            }
        }
        Ok(change)
    }

    fn pull(&mut self, pull: &Pull) -> Held {
        let mut trees: Vec<Tree> = Vec::new();
        for edits in &pull.commits {
            let tree = trees.last().cloned().unwrap_or_else(|| self.main());
            trees.push(self.edited(tree, edits));
        }
        let Some(mut topic) = self.branch(&trees) else {
            return Ok(());
        };
        if let Some(merged) = self.merged_by_others(&pull.meanwhile) {
            self.deploy(
                &merged,
                &merged.before,
                CheckOut::Depth(1),
                DeployedBy::Push,
            )?;
        }
        let mut how = pull.merge;
        if pull.updates && topic.from != self.upstream.main() {
            let Some(update) = self.upstream.update(topic.head()) else {
                return Ok(());
            };
            topic.commits.push(update);
            if how == Merge::Rebase {
                how = Merge::Squash;
            }
        }
        let base = self.upstream.main().to_owned();
        let Some(trial) = self.upstream.merge(&base, topic.head()) else {
            return self.in_conflict(&topic);
        };
        self.mirror();
        self.propose(&topic, Some(&trial));

        let said = self.check(&topic, &trial, pull.asked, pull.check_out);
        let change = self.checked(&said, &base, &trial, pull.sparse_desk)?;
        if said.code != 0 {
            return Ok(());
        }
        if let Some(merged) = self.merged_by_others(&pull.late) {
            self.deploy(
                &merged,
                &merged.before,
                CheckOut::Depth(1),
                DeployedBy::Push,
            )?;
        }
        let start = self.upstream.main().to_owned();
        let tree = self.main();
        let tree = self.edited(tree, &pull.alongside);
        let is_alone = !self.push_directly(&tree);
        let Some(merged) = self.merge(&topic, how) else {
            return Ok(());
        };
        let by = if is_alone {
            pull.deployed_by
        } else {
            DeployedBy::Push
        };
        let was = self.stage.sandbox.state();
        let done = self.deploy(&merged, &start, pull.check_out, by)?;
        self.as_reviewed(&trial, &base, &merged, &done)?;
        if start == base && self.tree(&trial) == self.tree(&merged.after) && is_alone {
            self.as_checked(&change, &said, &done, &was, &merged)?;
        }
        Ok(())
    }

    /// A pull request that GitHub cannot merge: that is said, and the files are looked at all the same.
    fn in_conflict(&mut self, topic: &Topic) -> Held {
        self.mirror();
        self.propose(topic, None);
        {
            let mut github = self.stage.fake.state();
            github.pulls.get_mut(&topic.number).unwrap().mergeable = Some(false);
        }
        let number = topic.number;
        let payload = json!({"action": "synchronize", "number": number, "pull_request": {
            "number": number, "merged": false, "merge_commit_sha": null, "commits": topic.commits.len(),
            "head": {"ref": format!("topic-{number}"), "sha": topic.head(), "repo": {"id": 10}},
            "base": {"ref": "main", "sha": self.upstream.main(), "repo": {"id": 10}},
        }});
        let main = self.upstream.main().to_owned();
        let started = Started {
            event: "pull_request_target",
            payload,
            reference: "refs/heads/main".to_owned(),
            sha: &main,
        };
        let said = self.run(
            CheckOut::Depth(1),
            &main,
            "refs/remotes/origin/main",
            &started,
        );
        for words in [
            "the merge itself was not looked at",
            "the pull request conflicts with `main`",
        ] {
            hold(Law::EveryFile, said.log.contains(words), || {
                format!(
                    "{words:?} is not said of a pull request in conflict: {}",
                    said.log
                )
            })?;
        }
        // Every file that the branch changed is judged or named.
        let change = oracle::change(
            &self.tree(&topic.from),
            &self.tree(topic.head()),
            &self.platform(),
        );
        for flow in &change.flows {
            let same = self.tree(topic.head()).get(flow.path.as_bytes())
                == self.tree(&main).get(flow.path.as_bytes());
            let is_named = same || names(&said.log, &flow.path);
            hold(Law::EveryFile, is_named || said.code > 1, || {
                format!("{} is named nowhere: {}", flow.path, said.log)
            })?;
        }
        Ok(())
    }

    /// A pull request upon another one's branch: its own check, and the way to `main` once the other one is merged.
    fn stack(&mut self, below: &[Edit], above: &[Edit], how: Merge) -> Held {
        let tree = self.main();
        let tree = self.edited(tree, below);
        let Some(first) = self.branch(std::slice::from_ref(&tree)) else {
            return Ok(());
        };
        let tree = self.edited(tree, above);
        if *self.tree(first.head()) == tree {
            return Ok(());
        }
        let commit = self.upstream.commit(first.head(), &tree);
        self.pulls += 1;
        let mut second = Topic {
            number: self.pulls,
            from: first.head().to_owned(),
            commits: vec![commit],
        };
        let branch = format!("topic-{}", first.number);
        let Some(trial) = self.upstream.merge(first.head(), second.head()) else {
            return Ok(());
        };
        self.mirror();
        self.propose(&second, Some(&trial));
        {
            let mut github = self.stage.fake.state();
            let tip = first.head().to_owned();
            github.repository.branches.insert(branch.clone(), tip);
            github
                .pulls
                .get_mut(&second.number)
                .unwrap()
                .base_ref
                .clone_from(&branch);
        }
        let kind = CheckOut::Depth(2);
        let tip = first.head().to_owned();
        let said = self.check_into(&branch, &tip, &second, &trial, Asked::Opened, kind);
        let (old, new) = (self.tree(&tip), self.tree(&trial));
        let change = oracle::change(&old, &new, &self.platform());
        let words = format!("merging into `{branch}` publishes nothing");
        let writes = change
            .flows
            .iter()
            .any(|flow| flow.does == Does::Writes && !flow.only_moved);
        hold(
            Law::SameEverywhere,
            !writes
                || said.log.contains(&words)
                || old.get(&b"flowgate.toml"[..]) != new.get(&b"flowgate.toml"[..]),
            || format!("{words:?} is not said: {}", said.log),
        )?;

        let Some(merged) = self.merge(&first, how) else {
            return Ok(());
        };
        self.deploy(
            &merged,
            &merged.before,
            CheckOut::Depth(1),
            DeployedBy::Push,
        )?;
        // GitHub makes `main` the base of what stood on a branch that is merged and gone.
        second.from.clone_from(&merged.before);
        let base = self.upstream.main().to_owned();
        let Some(trial) = self.upstream.merge(&base, second.head()) else {
            return Ok(());
        };
        self.mirror();
        self.propose(&second, Some(&trial));
        "main".clone_into(
            &mut self
                .stage
                .fake
                .state()
                .pulls
                .get_mut(&second.number)
                .unwrap()
                .base_ref,
        );
        let said = self.check(&second, &trial, Asked::Retargeted, kind);
        let change = self.checked(&said, &base, &trial, false)?;
        if said.code != 0 {
            return Ok(());
        }
        let Some(merged) = self.merge(&second, Merge::Squash) else {
            return Ok(());
        };
        let was = self.stage.sandbox.state();
        let done = self.deploy(&merged, &base, CheckOut::Depth(1), DeployedBy::Push)?;
        self.as_reviewed(&trial, &base, &merged, &done)?;
        self.as_checked(&change, &said, &done, &was, &merged)
    }

    /// A run that somebody started: what it publishes it may, or was named.
    fn dispatch(&mut self, by_hand: ByHand) -> Held {
        let main = self.upstream.main().to_owned();
        let older = self
            .steps
            .len()
            .checked_sub(2)
            .map(|at| self.steps[at].commit.clone());
        let commit = match (by_hand, older) {
            (ByHand::OlderCheckOut, Some(older)) => older,
            _ => main.clone(),
        };
        let flows = oracle::flows(&self.tree(&main), &Globs::of(&self.tree(&main)));
        let named = match by_hand {
            ByHand::Naming(number) => flows.keys().nth(number % flows.len().max(1)).cloned(),
            ByHand::Plain | ByHand::OlderCheckOut => None,
        };
        let started = Started {
            event: "workflow_dispatch",
            payload: json!({"ref": "refs/heads/main", "inputs": {}}),
            reference: "refs/heads/main".to_owned(),
            sha: &main,
        };
        let was = self.stage.sandbox.state();
        let begun = self.begin_run(
            CheckOut::Depth(1),
            &commit,
            "refs/remotes/origin/main",
            &started,
        );
        let begun = match &named {
            Some(id) => begun.env("FLOWGATE_FLOW", id),
            None => begun,
        };
        let done = begun.end();
        let now = self.stage.sandbox.state();
        let published = published(&was, &now);
        if commit != main {
            return hold(Law::Refused, done.code == 3 && published.is_empty(), || {
                format!("a start by hand on another checkout ends so: {}", done.log)
            });
        }
        for id in published.keys().filter(|id| named.as_ref() != Some(id)) {
            let why_not = self.why_not(id, &was);
            hold(Law::NothingUnseen, why_not.is_none(), || {
                let why_not = why_not.unwrap_or_default();
                format!("{id} was published by hand, though {why_not}: {}", done.log)
            })?;
            self.recorded(id, &now)?;
        }
        names_what_is_odd(&done.log, &self.tree(&main), "the run by hand")
    }

    /// Another pull request is merged.
    fn merged_by_others(&mut self, edits: &[Edit]) -> Option<Merged> {
        let tree = self.main();
        let tree = self.edited(tree, edits);
        let topic = self.branch(&[tree])?;
        self.merge(&topic, Merge::Squash)
    }

    fn direct(&mut self, edits: &[Edit]) -> Held {
        let before = self.upstream.main().to_owned();
        let tree = self.main();
        let tree = self.edited(tree, edits);
        if !self.push_directly(&tree) {
            return Ok(());
        }
        let was = self.stage.sandbox.state();
        let after = self.upstream.main().to_owned();
        let done = self.push(&before, &after, CheckOut::Depth(1));
        let published = published(&was, &self.stage.sandbox.state());
        hold(Law::Refused, done.code == 3 && published.is_empty(), || {
            format!("a direct push ends so: {}", done.log)
        })
    }

    fn queue(&mut self, first: &[Edit], second: &[Edit]) -> Held {
        let main = self.main();
        let trees = [first, second].map(|edits| self.edited(main.clone(), edits));
        let topics: Vec<Topic> = trees
            .into_iter()
            .filter_map(|tree| self.branch(&[tree]))
            .collect();
        let mut base = self.upstream.main().to_owned();
        let mut groups = Vec::new();
        for topic in topics {
            let Some(group) = self.upstream.merge(&base, topic.head()) else {
                return Ok(());
            };
            self.mirror();
            let reference = format!("refs/heads/gh-readonly-queue/main/pr-{}", topic.number);
            let payload = json!({"action": "checks_requested", "merge_group": {
                "head_sha": group, "base_sha": base, "base_ref": "refs/heads/main", "head_ref": reference,
            }});
            let started = Started {
                event: "merge_group",
                payload,
                reference,
                sha: &group,
            };
            let said = self.run(
                CheckOut::Depth(1),
                &group,
                "refs/remotes/origin/queue",
                &started,
            );
            if said.code != 0 {
                return Ok(());
            }
            base.clone_from(&group);
            groups.push((topic, group, said));
        }
        for (topic, group, said) in groups {
            let merged = self.landed(&topic, vec![group]);
            let was = self.stage.sandbox.state();
            let change = oracle::change(
                &self.tree(&merged.before),
                &self.tree(&merged.after),
                &Platform::of(&was),
            );
            let done = self.deploy(
                &merged,
                &merged.before,
                CheckOut::Depth(1),
                DeployedBy::Push,
            )?;
            let is_good = done.code == 0 || change.paths.is_empty();
            hold(Law::GreenDeploys, is_good, || {
                format!(
                    "the check of the merge group was green:\n{}\nand the deployment ends so:\n{}",
                    said.log, done.log
                )
            })?;
        }
        Ok(())
    }

    fn at_the_desk(&mut self, trial: &str, base: &str, change: &Change, said: &Done) -> Held {
        let report = self.desk(trial, base, &["--format", "json"]);
        hold(Law::EveryFile, report.code < 2, || {
            format!("the desk's check ended so: {}", report.all())
        })?;
        let json: Value = serde_json::from_str(&report.out).unwrap();
        as_the_trees_say(&json, change)?;
        let text = self.desk(trial, base, &[]);
        names_what_is_odd(&text.all(), &self.tree(trial), "the desk")?;
        same(
            "the desk",
            &text.out,
            "the pull request",
            &said.out,
            &change.paths,
        )?;
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

    /// What a desk says in whose clone most flows are not checked out: the same, and nothing of them is deleted.
    fn at_a_sparse_desk(&mut self, trial: &str, base: &str, change: &Change) -> Held {
        let to = self.folder("sparse");
        self.upstream.sparse_clone(trial, &to);
        let [whole, sparse] = [false, true].map(|is_sparse| {
            let text = if is_sparse {
                let args = ["check", "--base", base, "--allow-empty"];
                let run = self.with_tenant(self.stage.repo.flowgate(&args)).cwd(&to);
                run.end()
            } else {
                self.desk(trial, base, &[])
            };
            (text.code, text)
        });
        hold(Law::SameEverywhere, whole.0 == sparse.0, || {
            format!(
                "a sparse desk says {}\n--- a whole one {}",
                sparse.1.all(),
                whole.1.all()
            )
        })?;
        same(
            "the desk",
            &whole.1.out,
            "a sparse desk",
            &sparse.1.out,
            &change.paths,
        )
    }

    /// The deployment of a merge; what it published it may. `start` is where `main` stood before the push.
    fn deploy(
        &mut self,
        merged: &Merged,
        start: &str,
        kind: CheckOut,
        by: DeployedBy,
    ) -> Result<Done, Broken> {
        // HEAD of a deployment is read from git, whatever a check makes do with.
        let kind = if matches!(kind, CheckOut::None | CheckOut::Head) {
            CheckOut::Depth(1)
        } else {
            kind
        };
        let was = self.stage.sandbox.state();
        let (before, after) = (self.tree(&merged.before), self.tree(&merged.after));
        let touched = oracle::change(&before, &after, &Platform::of(&was));
        let done = match by {
            DeployedBy::Push => self.push(start, &merged.after, kind),
            DeployedBy::Closed => self.closed(merged, kind),
        };
        hold(Law::GreenDeploys, matches!(done.code, 0 | 4), || {
            format!("a deployment ends so: {}", done.log)
        })?;
        let now = self.stage.sandbox.state();
        for id in published(&was, &now).keys() {
            let is_touched = touched.flows.iter().any(|flow| flow.id == *id);
            let why_not = if is_touched {
                None
            } else {
                self.why_not(id, &was)
            };
            hold(Law::NothingUnseen, why_not.is_none(), || {
                format!(
                    "{id} was published, though {}: {}",
                    why_not.unwrap_or_default(),
                    done.log
                )
            })?;
            self.recorded(id, &now)?;
        }
        names_what_is_odd(&done.log, &after, "the deployment")?;
        Ok(done)
    }

    /// Why a flow that no merged pull request of this push touches may not be published; `None` where it may.
    fn why_not(&self, id: &str, was: &State) -> Option<String> {
        let Some(recorded) =
            source(was, id).and_then(|source| source["commit"].as_str().map(str::to_owned))
        else {
            return Some("it was not live, without a record, and nothing touched it".to_owned());
        };
        let from = self.steps.iter().position(|step| step.commit == recorded)?;
        self.changes(id, InFile::says_as)
            .into_iter()
            .find_map(|(at, step)| {
                (at > from && step.pull.is_none()).then(|| {
                    format!(
                        "commit {} changed it and came by no pull request",
                        step.commit
                    )
                })
            })
    }

    /// The steps of `main` that changed a flow's file, in what it says or where it stands.
    fn changes(&self, id: &str, same: fn(&InFile, &InFile) -> bool) -> Vec<(usize, &Step)> {
        let mut before = None;
        let mut changes = Vec::new();
        for (number, step) in self.steps.iter().enumerate() {
            let now = oracle::flows(&self.tree(&step.commit), &Globs::everywhere()).remove(id);
            let is_same = match (&before, &now) {
                (None, None) => true,
                (Some(before), Some(now)) => same(before, now),
                _ => false,
            };
            if !is_same {
                changes.push((number, step));
            }
            before = now;
        }
        changes
    }

    /// The version names the pull request that changed the flow, or moved its file since.
    fn recorded(&self, id: &str, now: &State) -> Held {
        let said = source(now, id).map_or(Value::Null, |source| source["pullRequest"].clone());
        let last = |same| self.changes(id, same).pop().map(|(_, step)| step.pull);
        let right = [last(InFile::says_as), last(InFile::stands_as)];
        let is_right = right
            .into_iter()
            .flatten()
            .any(|pull| pull.is_none_or(|number| said == number));
        hold(Law::Recorded, is_right, || {
            format!("{id} came by pull request {right:?}, and its version says {said}")
        })
    }

    /// What the receipts say of the review is so, and why. `base` is what it was checked against.
    fn as_reviewed(&self, trial: &str, base: &str, merged: &Merged, done: &Done) -> Held {
        let (shown, now) = (self.tree(trial), self.tree(&merged.after));
        let (shown, now) = (
            oracle::flows(&shown, &Globs::everywhere()),
            oracle::flows(&now, &Globs::everywhere()),
        );
        let receipts = done.outputs.get("published").map_or("[]", String::as_str);
        let receipts: Value = serde_json::from_str(receipts).unwrap();
        let ids_of_change = |before: &str, after: &str| -> BTreeSet<String> {
            let change =
                oracle::change(&self.tree(before), &self.tree(after), &Platform::default());
            change.flows.into_iter().map(|flow| flow.id).collect()
        };
        let touched = ids_of_change(&merged.before, &merged.after);
        let mut in_the_comment = ids_of_change(base, trial);
        // What the change newly covers is shown too.
        let trial = self.tree(trial);
        let (covered, covers) = (Globs::of(&self.tree(base)), Globs::of(&trial));
        let all = oracle::flows(&trial, &covers).into_iter();
        let new = all.filter(|(_, file)| !covered.match_path(file.path.as_bytes()));
        in_the_comment.extend(new.map(|(id, _)| id));
        for receipt in receipts.as_array().unwrap() {
            let id = receipt["flowId"].as_str().unwrap();
            if !touched.contains(id) {
                continue;
            }
            let is_same = shown
                .get(id)
                .zip(now.get(id))
                .is_some_and(|(shown, now)| shown.content.says(&now.content));
            let expected = match is_same {
                _ if !in_the_comment.contains(id) => "notShown",
                true => "same",
                false => "different",
            };
            hold(
                Law::NothingUnseen,
                receipt["asReviewed"] == expected,
                || format!("{id} is {expected}, by both trees, and the receipt is {receipt}"),
            )?;
            let why = format!(
                "`main` moved on from {} to {} between check and merge",
                &base[..7],
                &merged.before[..7]
            );
            // A check of no flow leaves no comment that could say what it was made against.
            let unseen = "no comment of the pull request showed it";
            let has_no_comment = in_the_comment.is_empty() && done.log.contains(unseen);
            let is_said = expected == "same"
                || base == merged.before
                || has_no_comment
                || done.log.contains(&why);
            hold(Law::NothingUnseen, is_said, || {
                format!(
                    "{id} is not what was shown, and nobody says why: {}",
                    done.log
                )
            })?;
        }
        // What a green check did not say of a flow that is blocked now came in between, and that is said.
        let is_moved = base != merged.before;
        let is_blocked = done.code == 4;
        let is_said = !is_blocked
            || !touched.iter().any(|id| done.log.contains(id.as_str()))
            || done.log.contains("moved on from")
            || (in_the_comment.is_empty() && done.log.contains("no comment of the pull request"))
            || !done.log.contains("blocked, nothing was written");
        hold(Law::GreenDeploys, !is_moved || is_said, || {
            format!(
                "the check was green, and what changed since is not said: {}",
                done.log
            )
        })
    }

    /// The deployment of the very trees that were checked.
    fn as_checked(
        &self,
        change: &Change,
        said: &Done,
        done: &Done,
        was: &State,
        merged: &Merged,
    ) -> Held {
        // The check of a change without flows does not ask what is live: what is said of other flows then is news.
        if change.paths.is_empty() {
            return Ok(());
        }
        hold(Law::GreenDeploys, done.code == 0, || {
            format!(
                "the check was green, and the deployment ends so: {}",
                done.log
            )
        })?;
        let covered = Globs::of(&self.tree(&merged.before));
        let after = oracle::flows(&self.tree(&merged.after), &covered);
        let all: BTreeSet<String> = after
            .values()
            .map(|file| file.path.clone())
            .chain(change.paths.iter().cloned())
            .collect();
        same(
            "the pull request",
            &said.out,
            "the deployment",
            &done.out,
            &all,
        )?;
        let published = published(was, &self.stage.sandbox.state());
        for flow in change
            .flows
            .iter()
            .filter(|flow| flow.does == Does::Writes && !flow.only_moved)
        {
            hold(Law::GreenDeploys, published.contains_key(&flow.id), || {
                format!("{} is not live: {}", flow.id, done.log)
            })?;
        }
        for (id, version) in &published {
            let shown = after.get(id).is_some_and(|file| {
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
        Ok(())
    }
}

/// Whether a log names what stands where flow files do and is none that can be read.
fn names_what_is_odd(log: &str, tree: &Tree, who: &str) -> Held {
    for odd in Odd::ALL
        .into_iter()
        .filter(|odd| tree.contains_key(odd.path().0))
    {
        let name = odd.path().1;
        hold(Law::EveryFile, log.contains(name), || {
            format!("{who} does not name {odd:?} ({name}): {log}")
        })?;
    }
    Ok(())
}

/// `metadata.source` of what is live.
fn source(state: &State, id: &str) -> Option<Value> {
    let metadata = state.flow(id)?.published()?.metadata.as_ref()?;
    let json: Value = serde_json::from_str(metadata.get()).unwrap();
    Some(json["source"].clone())
}

fn same(one: &str, of_one: &str, other: &str, of_other: &str, paths: &BTreeSet<String>) -> Held {
    let (first, second) = (about(of_one, paths), about(of_other, paths));
    hold(Law::SameEverywhere, first == second, || {
        format!(
            "{one} says\n{}\n--- and {other}\n{}\n--- whole:\n{of_one}\n--- and\n{of_other}",
            first.join("\n\n"),
            second.join("\n\n")
        )
    })
}
