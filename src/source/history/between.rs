//! What stands between two commits: the flow files before and after, and whether the change touches what says what it
//! may do. Where the bytes come from is the history's own business.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::parallel;

use super::{Depth, History, HistoryError, Tree};
use crate::github::contents::Listed;
use crate::source::aside::{Aside, Kind, text_in};
use crate::source::objects::folders_behind;
use crate::source::{
    ComparedWith, FlowGlobs, SourceError, Sources, Texts, Untouched, When, blob, bystanders,
    moved_in, worktree,
};
use crate::threads::{USUAL_BYTES, workers};

/// Of the files that a change leaves as they are, GitHub is asked for so many: their identities must differ from those of
/// changed files. More than that would cost more than it tells.
const UNTOUCHED_READ: usize = 200;

/// Files that say what a change may do: a change of them says so.
pub const POLICY: [&str; 6] = [
    "flowgate.toml",
    "flowgate-accepted.toml",
    ".github/flowgate.toml",
    ".github/flowgate-accepted.toml",
    ".flowgate/",
    ".github/workflows/",
];

/// What to look at between two commits.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The side after.
    pub head: &'a CommitSha,
    /// The side before, with its name for people; `None` where every flow is new.
    pub base: Option<(&'a str, &'a CommitSha)>,
    /// Where the side after left the branch of the side before; `None` where it is built on the side before.
    pub left_at: Option<&'a CommitSha>,
    /// Files that say what a change may do, besides [`POLICY`].
    pub policy: &'a [RepoPath],
    /// Globs of the flow files.
    pub flows: &'a [String],
    /// A larger file is not read.
    pub limit: u64,
    /// Whether it is fine that nothing matches.
    pub allow_empty: bool,
    /// What is read of the files that the change leaves as they are.
    pub untouched: Untouched,
}

/// What a change makes different, by the ids of its files: nothing is read yet.
#[derive(Debug)]
pub struct Differences {
    /// The flow files after the change.
    head: BTreeMap<RepoPath, Listed>,
    /// The changed ones of the flow files before it.
    before: BTreeMap<RepoPath, Listed>,
    changed: BTreeSet<RepoPath>,
    policy: Vec<RepoPath>,
    /// What is not looked at, and why: one sentence each.
    unseen: Vec<String>,
}

impl Differences {
    /// The flow files that are new, different or gone.
    pub fn changed(&self) -> &BTreeSet<RepoPath> {
        &self.changed
    }

    /// Leaves out files that are no flow files: a `!` of one list of globs also holds for those of another.
    pub fn retain(&mut self, is_flow_file: impl Fn(&str) -> bool) {
        self.head.retain(|path, _| is_flow_file(path.as_str()));
        self.before.retain(|path, _| is_flow_file(path.as_str()));
        self.changed.retain(|path| is_flow_file(path.as_str()));
    }

    /// Has these files read, whether or not they are different.
    pub fn look_at(&mut self, paths: impl IntoIterator<Item = RepoPath>) {
        let there = paths
            .into_iter()
            .filter(|path| self.head.contains_key(path));
        self.changed.extend(there);
    }

    /// The flow files after the change.
    pub fn head(&self) -> impl Iterator<Item = &RepoPath> {
        self.head.keys()
    }

    /// Whether any file is different that says what a change may do.
    pub fn touch_policy(&self) -> bool {
        !self.policy.is_empty()
    }

    /// Whether any flow file is new, different or gone.
    pub fn touch_flows(&self) -> bool {
        !self.changed.is_empty()
    }
}

/// What stands between two commits.
#[derive(Debug)]
pub struct Between {
    /// The flow files.
    pub sources: Sources,
    /// Changed files that say what a change may do, see [`POLICY`].
    pub policy: Vec<RepoPath>,
}

impl History<'_> {
    /// Which flow files a change touches, and whether it touches what says what it may do.
    pub async fn compare(&mut self, change: &Change<'_>) -> Result<Differences, HistoryError> {
        let globs = FlowGlobs::new(change.flows)?;
        let is_policy = |path: &str| {
            POLICY
                .iter()
                .any(|place| path == *place || place.ends_with('/') && path.starts_with(place))
                || change.policy.iter().any(|place| path == place.as_str())
        };
        let holds = |folder: &str| {
            let below = format!("{folder}/");
            let has_policy = |place: &str| {
                place.starts_with(&below) || place.ends_with('/') && below.starts_with(place)
            };
            let mut asked = change.policy.iter().map(RepoPath::as_str);
            globs.may_hold(folder)
                || POLICY.iter().any(|place| has_policy(place))
                || asked.any(has_policy)
        };
        let wants = |path: &str| globs.matches(path) || is_policy(path);
        let Tree {
            files: mut head,
            others,
        } = self.list(change.head, holds, wants, Depth::All).await?;
        let mut base = match change.base {
            Some((_, base)) => self.list(base, holds, wants, Depth::All).await?.files,
            None => BTreeMap::new(),
        };
        name_alike(&head, &mut base);
        let asides = self.asides(change.head, others, &globs);
        let mut unseen: Vec<String> = asides.iter().map(ToString::to_string).collect();
        if let Some(left_at) = change.left_at {
            let mut before = self.list(left_at, holds, wants, Depth::All).await?.files;
            name_alike(&head, &mut before);
            let both = merge_files(&mut head, &base, &before);
            unseen.extend(both.into_iter().map(|path| {
                format!(
                    "`{path}` was changed on the base branch too: what the merge makes of it was not looked at"
                )
            }));
        }
        let differs =
            |path: &RepoPath| head.get(path).map(Listed::id) != base.get(path).map(Listed::id);
        let all: BTreeSet<&RepoPath> = head.keys().chain(base.keys()).collect();
        let different: BTreeSet<RepoPath> = all
            .into_iter()
            .filter(|path| differs(path))
            .cloned()
            .collect();
        let (policy, changed): (Vec<RepoPath>, Vec<RepoPath>) = different
            .into_iter()
            .partition(|path| is_policy(path.as_str()));
        let changed: BTreeSet<RepoPath> = changed.into_iter().collect();
        let head: BTreeMap<RepoPath, Listed> = head
            .into_iter()
            .filter(|(path, _)| globs.matches(path.as_str()))
            .collect();
        let before: BTreeMap<RepoPath, Listed> = base
            .into_iter()
            .filter(|(path, _)| changed.contains(path))
            .collect();
        if head.is_empty() && before.is_empty() && !change.allow_empty {
            return Err(SourceError::NoMatch {
                globs: change.flows.to_vec(),
                nearest: Vec::new(),
            }
            .into());
        }
        Ok(Differences {
            head,
            before,
            changed,
            policy,
            unseen,
        })
    }

    /// What is not looked into, where flow files may be.
    fn asides(
        &mut self,
        commit: &CommitSha,
        others: BTreeMap<RepoPath, Listed>,
        globs: &FlowGlobs,
    ) -> BTreeSet<Aside> {
        let may_hold = |path: &str| globs.may_hold(path);
        let wants = |path: &str| globs.matches(path);
        let is_link = |path: &RepoPath, listed: &Listed| {
            matches!(listed, Listed::Symlink) && may_hold(path.as_str())
        };
        let (links, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = others
            .into_iter()
            .partition(|(path, listed)| is_link(path, listed));
        let mut links: Vec<RepoPath> = links.into_keys().collect();
        // GitHub does not say where a link leads: it may be a folder.
        if !links.is_empty()
            && let Some(to_folders) = self.local(|git| {
                folders_behind(git.root, git.environment, commit, links.clone()).map(Some)
            })
        {
            links = to_folders;
        }
        let links = links.iter().map(|path| (path, Kind::LinkToFolder));
        let rest = rest.iter().filter_map(|(path, listed)| match listed {
            Listed::Symlink => None,
            Listed::Submodule => Some((path, Kind::Repository)),
            Listed::File { .. } | Listed::Nameless { .. } => Some((path, Kind::File)),
        });
        let all = links.chain(rest);
        all.filter_map(|(path, kind)| Aside::of(path.as_str(), kind, may_hold, wants))
            .collect()
    }

    /// The flow files before and after a change.
    pub async fn between(
        &mut self,
        change: &Change<'_>,
        differences: Differences,
    ) -> Result<Between, HistoryError> {
        let Differences {
            mut head,
            before,
            changed,
            policy,
            mut unseen,
        } = differences;
        let untouched = head.keys().filter(|path| !changed.contains(*path)).count();
        let mut unread = 0;
        // Where nothing is changed, somebody asks about all of them.
        let is_all_wanted = change.untouched == Untouched::Judge || changed.is_empty();
        if self.git.is_none() && untouched > UNTOUCHED_READ && !is_all_wanted {
            unread = untouched;
            head.retain(|path, _| changed.contains(path));
            unseen.push(format!(
                "{untouched} flow files that this change does not touch were not read: that none of them has the same `flowId` as a changed one was not checked"
            ));
        }
        let mut bystanders = BTreeMap::new();
        if change.untouched.identifies(head.len()) {
            bystanders = self.bystanders(&head, &changed, change.limit);
        }
        let (aside, head): (BTreeMap<_, _>, BTreeMap<_, _>) = head
            .into_iter()
            .partition(|(path, _)| bystanders.contains_key(path));
        let both: BTreeMap<(When, RepoPath), Listed> = head
            .into_iter()
            .map(|(path, listed)| ((When::After, path), listed))
            .chain(
                before
                    .into_iter()
                    .map(|(path, listed)| ((When::Before, path), listed)),
            )
            .collect();
        let mut contents = self.read(&both, change.limit).await?;
        let mut claimed = HashSet::new();
        if !bystanders.is_empty() {
            let read = contents.iter();
            claimed
                .extend(read.filter_map(|((_, path), content)| bystanders::claim(path, content)));
        }
        let claimed = bystanders::take_claimed(&mut bystanders, &claimed);
        let claimed = claimed
            .into_iter()
            .filter_map(|path| aside.get_key_value(&path));
        let claimed = claimed
            .map(|(path, listed)| ((When::After, path.clone()), listed.clone()))
            .collect();
        contents.extend(self.read(&claimed, change.limit).await?);
        let moved_in = self
            .moved_in(change, &contents, &changed, &mut unseen)
            .await?;
        let moved_in = moved_in.into_iter();
        contents.extend(moved_in.map(|(path, content)| ((When::Before, path), content)));
        let paths = |at: When| -> BTreeSet<RepoPath> {
            let there = contents.keys().filter(|(when, _)| *when == at);
            there.map(|(_, path)| path.clone()).collect()
        };
        let sources = Sources {
            head: paths(When::After),
            bystanders,
            base: paths(When::Before),
            texts: Texts::all(contents),
            changed,
            asked: BTreeSet::new(),
            covered: BTreeSet::new(),
            unread,
            compared_with: change.base.map_or_else(
                || ComparedWith::Nothing {
                    why: "there is no commit before this one".to_owned(),
                },
                |(name, id)| ComparedWith::Commit {
                    name: name.to_owned(),
                    id: id.clone(),
                },
            ),
            commit: Some(change.head.clone()),
            unknown_base: None,
            notes: std::mem::take(&mut self.notes),
            unseen,
        };
        Ok(Between { sources, policy })
    }

    /// Where flows stood before that the change moves in from where no flow file is looked for.
    async fn moved_in(
        &mut self,
        change: &Change<'_>,
        contents: &BTreeMap<(When, RepoPath), Content>,
        changed: &BTreeSet<RepoPath>,
        unseen: &mut Vec<String>,
    ) -> Result<BTreeMap<RepoPath, Content>, HistoryError> {
        let Some((_, base)) = change.base else {
            return Ok(BTreeMap::new());
        };
        let mut known = HashSet::new();
        let mut new = Vec::new();
        for ((when, path), content) in contents {
            let id = bystanders::claim(path, content);
            if *when == When::After && changed.contains(path) {
                new.push(id);
            } else {
                known.extend(id);
            }
        }
        let unknown = moved_in::unknown_before(new, &known);
        if unknown.is_empty() {
            return Ok(BTreeMap::new());
        }
        let Some(gone) = self.gone(base, change.head).await? else {
            unseen.push(
                "whether a new flow stood elsewhere before was not looked at: GitHub does not list all files of so large a repository at once"
                    .to_owned(),
            );
            return Ok(BTreeMap::new());
        };
        let globs = FlowGlobs::new(change.flows)?;
        let gone = moved_in::candidates(gone, |path| globs.matches(path));
        let read = self.read(&gone, change.limit).await?;
        Ok(moved_in::places(read, unknown))
    }

    /// Untouched files whose bytes stand in the work tree, which saves asking git for them. That they are the commit's own
    /// bytes, whatever stands on the way to them, is proved by their id.
    fn bystanders(
        &self,
        head: &BTreeMap<RepoPath, Listed>,
        changed: &BTreeSet<RepoPath>,
        limit: u64,
    ) -> BTreeMap<RepoPath, FlowId> {
        let Some(git) = &self.git else {
            return BTreeMap::new();
        };
        let untouched: Vec<(&RepoPath, &Listed)> = head
            .iter()
            .filter(|(path, _)| !changed.contains(*path))
            .collect();
        let look = |(path, listed): (&RepoPath, &Listed)| {
            let Listed::File { id, .. } = listed else {
                return None;
            };
            let content = worktree::read(git.root, path, limit);
            let is_the_commits =
                matches!(&content, Content::Bytes(bytes) if blob::has_id(bytes, id.as_str()));
            let id = is_the_commits.then(|| bystanders::candidate(path, &content))?;
            Some((path.clone(), id?))
        };
        let found = parallel::map(workers(untouched.len() * USUAL_BYTES), untouched, look);
        found.into_iter().flatten().collect()
    }
}

/// Gives files whose names are no text the names that the other side has for them: git and GitHub write such names each in
/// its own way, and one side may come from each. They are the same where their bytes are, and what is text in their names.
fn name_alike(head: &BTreeMap<RepoPath, Listed>, base: &mut BTreeMap<RepoPath, Listed>) {
    let is_nameless = |listed: &Listed| matches!(listed, Listed::Nameless { .. });
    let other_names: Vec<RepoPath> = base
        .iter()
        .filter(|(path, listed)| is_nameless(listed) && !head.contains_key(*path))
        .map(|(path, _)| path.clone())
        .collect();
    for path in other_names {
        let Some(listed) = base.get(&path).cloned() else {
            continue;
        };
        let text = text_in(path.as_str());
        let its_own = head.iter().find(|(own, here)| {
            **here == listed && !base.contains_key(*own) && text_in(own.as_str()) == text
        });
        if let Some((own, _)) = its_own {
            base.remove(&path);
            base.insert(own.clone(), listed);
        }
    }
}

/// Takes over what only the branch has changed since `before`, so that the difference that is left is what the change
/// makes. The files that both have changed, each in its own way: they stay as the change has them.
fn merge_files(
    head: &mut BTreeMap<RepoPath, Listed>,
    base: &BTreeMap<RepoPath, Listed>,
    before: &BTreeMap<RepoPath, Listed>,
) -> Vec<RepoPath> {
    let all: BTreeSet<RepoPath> = head.keys().chain(base.keys()).cloned().collect();
    let mut both = Vec::new();
    for path in all {
        let [ours, theirs, old] =
            [head.get(&path), base.get(&path), before.get(&path)].map(|side| side.map(Listed::id));
        if ours == theirs || theirs == old {
            continue;
        }
        if ours == old {
            match base.get(&path) {
                Some(listed) => head.insert(path, listed.clone()),
                None => head.remove(&path),
            };
        } else {
            both.push(path);
        }
    }
    both
}
