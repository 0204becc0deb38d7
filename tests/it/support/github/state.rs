//! What the fake GitHub knows.

use std::collections::BTreeMap;

use flowgate::github::Account;
use sha2::{Digest as _, Sha256};

/// The account of a job's own token, with its real number.
pub(crate) const ACTIONS_BOT: (&str, u64) = ("github-actions[bot]", 41_898_282);

/// A commit id for a test: the same for the same name.
pub(crate) fn sha(name: &str) -> String {
    id(b"commit", name.as_bytes())
}

fn id(kind: &[u8], bytes: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update(bytes)
        .finalize();
    flowgate_core::ids::hex(&digest[..20])
}

#[derive(Debug, Clone)]
pub(crate) struct FakePull {
    pub(crate) number: u64,
    pub(crate) head: String,
    pub(crate) head_repository: Option<u64>,
    pub(crate) base_ref: String,
    pub(crate) base_repository: u64,
    pub(crate) merged: bool,
    pub(crate) merge_commit: Option<String>,
    /// Whether GitHub has tried to merge it, and could.
    pub(crate) mergeable: Option<bool>,
    /// The commits that it is listed for.
    pub(crate) commits: Vec<String>,
    /// The heads that the next answers still name: GitHub's own answers are late.
    pub(crate) late_heads: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FakeComment {
    pub(crate) id: u64,
    pub(crate) pull: u64,
    pub(crate) author: Account,
    pub(crate) body: String,
    /// Somebody hid it: its text is a click away.
    pub(crate) hidden: bool,
}

/// A run of a workflow.
#[derive(Debug, Clone)]
pub(crate) struct FakeRun {
    pub(crate) workflow: &'static str,
    pub(crate) event: String,
    pub(crate) head: String,
    pub(crate) attempt: u64,
}

/// Why GitHub refuses what a token is allowed to; its words are GitHub's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barrier {
    Locked,
    Archived,
    Saml,
    IpAllowList,
}

impl Barrier {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Barrier::Locked => "Unable to create comment because issue is locked.",
            Barrier::Archived => "Repository was archived so is read-only.",
            Barrier::Saml => {
                "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."
            }
            Barrier::IpAllowList => {
                "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."
            }
        }
    }

    /// Whether reading is refused, too.
    pub(super) fn is_for_reads(self) -> bool {
        matches!(self, Barrier::Saml | Barrier::IpAllowList)
    }
}

#[derive(Debug, Clone)]
pub(crate) enum File {
    Regular(Vec<u8>),
    Symlink(String),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct FakeRepository {
    pub(crate) branches: BTreeMap<String, String>,
    /// Parents by commit.
    pub(crate) parents: BTreeMap<String, Vec<String>>,
    /// Roots by commit.
    pub(crate) roots: BTreeMap<String, String>,
    /// Entries (name, mode, id) by tree.
    pub(crate) trees: BTreeMap<String, Vec<(String, &'static str, String)>>,
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// Ids that git itself gave, by content.
    pub(crate) real_blobs: BTreeMap<Vec<u8>, String>,
}

impl FakeRepository {
    /// A commit with these files.
    pub(crate) fn commit(&mut self, name: &str, parents: &[&str], files: &BTreeMap<String, File>) {
        let root = self.tree("", files);
        self.roots.insert(sha(name), root);
        self.parents.insert(
            sha(name),
            parents.iter().map(|parent| sha(parent)).collect(),
        );
    }

    /// A real commit, under its own id.
    pub(crate) fn real_commit(
        &mut self,
        id: &str,
        parents: Vec<String>,
        files: &BTreeMap<String, File>,
    ) {
        let root = self.tree("", files);
        self.roots.insert(id.to_owned(), root);
        self.parents.insert(id.to_owned(), parents);
    }

    fn tree(&mut self, folder: &str, files: &BTreeMap<String, File>) -> String {
        let mut entries = BTreeMap::new();
        for (path, file) in files {
            let Some(rest) = path.strip_prefix(folder) else {
                continue;
            };
            if let Some((name, _)) = rest.split_once('/') {
                if !entries.contains_key(name) {
                    let below = self.tree(&format!("{folder}{name}/"), files);
                    entries.insert(name.to_owned(), ("040000", below));
                }
                continue;
            }
            let (mode, bytes) = match file {
                File::Regular(bytes) => ("100644", bytes.clone()),
                File::Symlink(to) => ("120000", to.clone().into_bytes()),
            };
            let real = self.real_blobs.get(&bytes).cloned();
            let blob = real.unwrap_or_else(|| id(b"blob", &bytes));
            self.blobs.insert(blob.clone(), bytes);
            entries.insert(rest.to_owned(), (mode, blob));
        }
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(name, (mode, id))| (name, mode, id))
            .collect();
        let tree = id(b"tree", format!("{entries:?}").as_bytes());
        self.trees.insert(tree.clone(), entries);
        tree
    }

    /// The id of what stands at a path of a commit.
    pub(crate) fn blob_at(&self, commit: &str, path: &str) -> Option<&str> {
        let mut at = self.roots.get(commit)?.as_str();
        for part in path.split('/') {
            let entries = self.trees.get(at)?;
            let (_, _, id) = entries.iter().find(|(name, _, _)| name == part)?;
            at = id;
        }
        Some(at)
    }

    pub(crate) fn ancestors(&self, commit: &str) -> Vec<String> {
        let mut all = vec![commit.to_owned()];
        let mut next = 0;
        while let Some(commit) = all.get(next).cloned() {
            all.extend(self.parents.get(&commit).cloned().unwrap_or_default());
            next += 1;
        }
        all
    }
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) repository_id: u64,
    pub(crate) pulls: BTreeMap<u64, FakePull>,
    pub(crate) comments: Vec<FakeComment>,
    pub(crate) next_comment: u64,
    /// Whose token the program has.
    pub(crate) me: Account,
    /// Whether this token may write; GitHub answers 403 else.
    pub(crate) may_write: bool,
    /// Runs of workflows, by their numbers.
    pub(crate) runs: BTreeMap<u64, FakeRun>,
    /// Whether this token may read them.
    pub(crate) may_read_runs: bool,
    /// Why GitHub refuses all the same.
    pub(crate) barrier: Option<Barrier>,
    /// The repository was renamed: GitHub leads from its old name to here, with the repository's number.
    pub(crate) moved_to: Option<String>,
    pub(crate) repository: FakeRepository,
    /// Recursive trees with more entries are cut.
    pub(crate) tree_limit: usize,
    /// The paths that a pull request changes.
    pub(crate) files: BTreeMap<u64, Vec<String>>,
    /// Whether GraphQL fails where it is asked which commits changed a file.
    pub(crate) histories_fail: bool,
    /// Who said what about a pull request (name, state).
    pub(crate) reviews: BTreeMap<u64, Vec<(String, &'static str)>>,
}

pub(crate) fn account((login, id): (&str, u64)) -> Account {
    Account {
        login: login.to_owned(),
        id: Some(id),
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            repository_id: 10,
            pulls: BTreeMap::new(),
            comments: Vec::new(),
            next_comment: 1000,
            me: account(ACTIONS_BOT),
            may_write: true,
            runs: BTreeMap::new(),
            may_read_runs: true,
            barrier: None,
            moved_to: None,
            repository: FakeRepository::default(),
            tree_limit: 100_000,
            files: BTreeMap::new(),
            histories_fail: false,
            reviews: BTreeMap::new(),
        }
    }
}

impl State {
    /// An open pull request whose head is the commit of this name.
    pub(crate) fn open_pull(&mut self, number: u64, head: &str) -> &mut FakePull {
        let pull = FakePull {
            number,
            head: sha(head),
            head_repository: Some(self.repository_id),
            base_ref: "main".into(),
            base_repository: self.repository_id,
            merged: false,
            merge_commit: None,
            mergeable: None,
            commits: vec![sha(head)],
            late_heads: Vec::new(),
        };
        self.pulls.remove(&number);
        self.pulls.entry(number).or_insert(pull)
    }

    /// A run of the workflow that checks, for the commit of this id.
    pub(crate) fn ran(&mut self, number: u64, attempt: u64, event: &str, head: &str) {
        let run = FakeRun {
            workflow: ".github/workflows/flows.yml",
            event: event.to_owned(),
            head: head.to_owned(),
            attempt,
        };
        self.runs.insert(number, run);
    }

    /// A comment that stands there already.
    pub(crate) fn comment(
        &mut self,
        pull: u64,
        author: (&str, u64),
        body: impl Into<String>,
    ) -> u64 {
        let id = self.next_comment;
        self.next_comment += 1;
        self.comments.push(FakeComment {
            id,
            pull,
            author: account(author),
            body: body.into(),
            hidden: false,
        });
        id
    }

    /// The bodies on a pull request, the oldest first.
    pub(crate) fn bodies(&self, pull: u64) -> Vec<&str> {
        self.comments
            .iter()
            .filter(|c| c.pull == pull)
            .map(|c| c.body.as_str())
            .collect()
    }
}
