//! What a git repository says about the time before a change: which commit it is, and which flow files it holds.

use std::collections::BTreeMap;
use std::path::Path;

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath, hex};
use flowgate_core::rules::{Instead, UnknownBase};

use super::aside::{NOT_UTF8, has_large_ending, text_of};
use super::clone::Extent;
use super::objects::{ObjectKind, Objects, git};
use super::{ComparedWith, Place, SourceError};
use crate::settings::Environment;

/// What stands at a path of a commit, or of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A regular file, by its blob's id.
    Blob(String),
    /// A symbolic link.
    Symlink,
    /// Another repository, of which this one knows a commit.
    Submodule,
    /// A file whose name is no text, by its blob's id: it cannot be asked for by its path.
    Nameless(String),
}

impl Entry {
    /// What git says with a mode and an id.
    pub(super) fn new(mode: &[u8], id: String, is_text: bool) -> Self {
        match mode {
            b"120000" => Entry::Symlink,
            b"160000" => Entry::Submodule,
            _ if is_text => Entry::Blob(id),
            _ => Entry::Nameless(id),
        }
    }

    /// What stands there.
    pub(super) fn read(&self, objects: &mut Objects, limit: u64) -> Result<Content, SourceError> {
        match self {
            Entry::Blob(id) => objects.blob(id, limit),
            Entry::Symlink => Ok(Content::Symlink),
            Entry::Submodule => Ok(Content::Directory),
            Entry::Nameless(_) => Ok(Content::Unreadable(NOT_UTF8.to_owned())),
        }
    }
}

/// What a commit holds that is of interest.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The files that were wanted.
    pub(super) files: BTreeMap<RepoPath, Entry>,
    /// What else may have to be named: links, submodules, and files whose ending is not in small letters.
    pub(super) others: Vec<(RepoPath, Entry)>,
}

/// Where the default branch may be found, likeliest first, with its name for people.
const DEFAULT_BRANCHES: [(&str, &str); 5] = [
    ("refs/remotes/origin/HEAD", "the default branch"),
    ("refs/remotes/origin/main", "origin/main"),
    ("refs/remotes/origin/master", "origin/master"),
    ("refs/heads/main", "main"),
    ("refs/heads/master", "master"),
];

/// A repository that is being read.
pub(super) struct Repository<'a> {
    pub(super) root: &'a Path,
    pub(super) environment: &'a Environment,
    pub(super) objects: Objects,
}

impl<'a> Repository<'a> {
    pub(super) fn open(root: &'a Path, environment: &'a Environment) -> Result<Self, SourceError> {
        Ok(Self {
            root,
            environment,
            objects: Objects::open(root, environment)?,
        })
    }

    /// The commit that a revision names; `None` where there is none.
    pub(super) fn commit(&mut self, revision: &str) -> Result<Option<CommitSha>, SourceError> {
        // Asked for as it was typed: a `^{commit}` behind it would become a part of `:/words of a message`.
        let object = match self.objects.get(revision)? {
            Some(tag) if tag.kind == ObjectKind::Other => {
                self.objects.get(&format!("{}^{{commit}}", tag.id))?
            }
            other => other,
        };
        Ok(object
            .filter(|object| object.kind == ObjectKind::Commit)
            .and_then(|object| object.id.parse().ok()))
    }

    /// The commit that a person named.
    pub(super) fn named(&mut self, revision: &str) -> Result<ComparedWith, SourceError> {
        if let Some(id) = self.commit(revision)? {
            let name = revision.to_owned();
            return Ok(ComparedWith::Commit { name, id });
        }
        let extent = Extent::of(self.root, self.environment)?;
        Err(SourceError::UnknownRevision {
            revision: revision.to_owned(),
            root: self.root.to_owned(),
            brought_by: extent.bring(revision),
        })
    }

    /// Where this branch left the default branch, else the last commit; and why that is not known, where it is not.
    pub(super) fn default_base(
        &mut self,
        head: Option<&CommitSha>,
    ) -> Result<(ComparedWith, Option<UnknownBase>), SourceError> {
        let Some(head) = head else {
            let why = "the repository has no commit yet".to_owned();
            return Ok((ComparedWith::Nothing { why }, None));
        };
        let mut unrelated = None;
        for (reference, name) in DEFAULT_BRANCHES {
            if let Some(base) = self.left(head, reference, name, &mut unrelated)? {
                return Ok((base, None));
            }
        }
        let extent = Extent::of(self.root, self.environment)?;
        for remote in extent.remotes.iter().filter(|remote| *remote != "origin") {
            for branch in ["HEAD", "main", "master"] {
                let reference = format!("refs/remotes/{remote}/{branch}");
                let name = format!("{remote}/{branch}");
                if let Some(base) = self.left(head, &reference, &name, &mut unrelated)? {
                    return Ok((base, None));
                }
            }
        }
        // Where there is one branch and nowhere else, it is the default branch, whatever it is called.
        if let ([only], []) = (extent.branches.as_slice(), extent.remotes.as_slice()) {
            let name = only.strip_prefix("refs/heads/").unwrap_or(only);
            if let Some(base) = self.left(head, only, name, &mut unrelated)? {
                return Ok((base, None));
            }
        }
        Ok((last_commit(head), Some(unknown(&extent, unrelated))))
    }

    /// Where HEAD left a branch: the last commit, where it stands at its tip. `None` where there is no such branch, or
    /// nobody can say, which is noted.
    fn left(
        &mut self,
        head: &CommitSha,
        reference: &str,
        name: &str,
        unrelated: &mut Option<String>,
    ) -> Result<Option<ComparedWith>, SourceError> {
        let Some(tip) = self.commit(reference)? else {
            return Ok(None);
        };
        if tip == *head {
            return Ok(Some(last_commit(head)));
        }
        let Some(id) = self.merge_base(head, &tip)? else {
            unrelated.get_or_insert_with(|| name.to_owned());
            return Ok(None);
        };
        let name = format!("where this branch left {name}");
        Ok(Some(ComparedWith::Commit { name, id }))
    }

    /// Where two commits parted; `None` where they never were one, or this clone does not reach back so far.
    pub(super) fn merge_base(
        &self,
        a: &CommitSha,
        b: &CommitSha,
    ) -> Result<Option<CommitSha>, SourceError> {
        let output = git(self.root, self.environment)
            .args(["merge-base", a.as_str(), b.as_str()])
            .output()
            .map_err(SourceError::NoGit)?;
        // No common ancestor, or a shallow clone that does not reach it.
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
    }

    /// The parents of a commit, the first one first; `None` where the commit is not in this clone. A shallow clone knows
    /// them by name, too, without having them.
    pub(super) fn parents(
        &mut self,
        commit: &CommitSha,
    ) -> Result<Option<Vec<CommitSha>>, SourceError> {
        let object = self.objects.get(commit.as_str())?;
        let Some(object) = object.filter(|object| object.kind == ObjectKind::Commit) else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&object.bytes);
        let parents = text.lines().take_while(|line| !line.is_empty());
        Ok(Some(
            parents
                .filter_map(|line| line.strip_prefix("parent ")?.parse().ok())
                .collect(),
        ))
    }

    /// The files of a commit that are wanted; `may_hold` says which folders are worth a look.
    pub(super) fn files(
        &mut self,
        commit: &CommitSha,
        may_hold: impl Fn(&str) -> bool,
        wants: impl Fn(&str) -> bool,
    ) -> Result<Listing, SourceError> {
        let mut found = Listing::default();
        let mut trees = vec![(String::new(), true, format!("{commit}^{{tree}}"))];
        while let Some((directory, is_text, name)) = trees.pop() {
            let tree = self.objects.get(&name)?;
            let Some(tree) = tree.filter(|tree| tree.kind == ObjectKind::Tree) else {
                return Err(SourceError::Git {
                    attempted: "list the files of the base",
                    said: format!(
                        "the directory `{directory}` of commit {commit} is not in this clone"
                    ),
                });
            };
            for entry in entries(&tree.bytes, tree.id.len() / 2) {
                let is_text = is_text && std::str::from_utf8(entry.name).is_ok();
                let file_name = text_of(entry.name);
                let path = if directory.is_empty() {
                    file_name.into_owned()
                } else {
                    format!("{directory}/{file_name}")
                };
                if entry.mode == b"40000" {
                    if may_hold(&path) {
                        trees.push((path, is_text, hex(entry.id)));
                    }
                    continue;
                }
                let is_wanted = entry.mode != b"160000" && wants(&path);
                let is_file = !matches!(entry.mode, b"120000" | b"160000");
                if !is_wanted && is_file && !has_large_ending(&path) {
                    continue;
                }
                let stands = Entry::new(entry.mode, hex(entry.id), is_text);
                let Ok(path) = path.parse::<RepoPath>() else {
                    continue; // such a path cannot stand in a work tree
                };
                if is_wanted {
                    found.files.insert(path, stands);
                } else {
                    found.others.push((path, stands));
                }
            }
        }
        Ok(found)
    }
}

/// Why no commit is known to be checked out at a place.
pub fn without_commit(place: &Place, environment: &Environment) -> String {
    let root = &place.root;
    if !place.is_repository {
        return format!("`{}` is no git repository", root.display());
    }
    let asked = Repository::open(root, environment);
    match asked.and_then(|mut repository| repository.commit("HEAD")) {
        Ok(_) => format!("the repository `{}` has no commit", root.display()),
        Err(error) => error.to_string(),
    }
}

/// What a tree holds at each name.
type Names = BTreeMap<Vec<u8>, (Vec<u8>, Vec<u8>)>;

impl Repository<'_> {
    /// The files of one commit that another one has not, or otherwise, wherever they stand. Folders that both have alike are
    /// not looked into.
    pub(super) fn gone(
        &mut self,
        before: &CommitSha,
        after: &CommitSha,
    ) -> Result<BTreeMap<RepoPath, Entry>, SourceError> {
        let mut gone = BTreeMap::new();
        let top = |commit: &CommitSha| format!("{commit}^{{tree}}");
        let mut folders = vec![(String::new(), top(before), Some(top(after)))];
        while let Some((folder, before, after)) = folders.pop() {
            let old = self.names(&folder, &before)?;
            let new = match after {
                Some(after) => self.names(&folder, &after)?,
                None => Names::new(),
            };
            for (name, (mode, id)) in old {
                let now = new.get(&name);
                let Ok(name) = String::from_utf8(name) else {
                    continue; // nothing is known to be the same by such a name
                };
                if now.is_some_and(|now| *now == (mode.clone(), id.clone())) {
                    continue;
                }
                let path = if folder.is_empty() {
                    name
                } else {
                    format!("{folder}/{name}")
                };
                if mode == b"40000" {
                    let now = now.filter(|(mode, _)| mode == b"40000");
                    folders.push((path, hex(&id), now.map(|(_, id)| hex(id))));
                } else if let Ok(path) = path.parse::<RepoPath>() {
                    gone.insert(path, Entry::new(&mode, hex(&id), true));
                }
            }
        }
        Ok(gone)
    }

    fn names(&mut self, folder: &str, tree: &str) -> Result<Names, SourceError> {
        let found = self.objects.get(tree)?;
        let found = found.filter(|found| found.kind == ObjectKind::Tree);
        let found = found.ok_or_else(|| SourceError::Git {
            attempted: "compare the files of two commits",
            said: format!("the directory `{folder}` ({tree}) is not in this clone"),
        })?;
        let entries = entries(&found.bytes, found.id.len() / 2);
        let entry = |entry: TreeEntry<'_>| {
            let stands = (entry.mode.to_vec(), entry.id.to_vec());
            (entry.name.to_vec(), stands)
        };
        Ok(entries.map(entry).collect())
    }
}

fn last_commit(head: &CommitSha) -> ComparedWith {
    ComparedWith::Commit {
        name: "the last commit".to_owned(),
        id: head.clone(),
    }
}

/// Why nobody can say where this branch began, and what to do. `unrelated` is a branch that this one has no commit in
/// common with, as far as the clone goes.
fn unknown(extent: &Extent, unrelated: Option<String>) -> UnknownBase {
    let usual = || "say what to compare with: `--base REV`".to_owned();
    match (extent.is_shallow, unrelated) {
        (true, _) => UnknownBase {
            why: "this clone is shallow, and does not reach back to where the branch left the default branch"
                .to_owned(),
            hint: extent.bring_branches().unwrap_or_else(usual),
            instead: Instead::Uncommitted,
        },
        (false, Some(other)) => UnknownBase {
            why: format!("this branch and {other} have no commit in common"),
            hint: "say which commit to compare with: `--base REV`".to_owned(),
            instead: Instead::Uncommitted,
        },
        (false, None) if extent.remotes.is_empty() => UnknownBase {
            why: "this repository has several branches, none of them `main` or `master`, and no remote that says which one is the default"
                .to_owned(),
            hint: usual(),
            instead: Instead::Uncommitted,
        },
        (false, None) => UnknownBase {
            why: "this clone does not hold the default branch".to_owned(),
            hint: extent.bring_branches().unwrap_or_else(usual),
            instead: Instead::Uncommitted,
        },
    }
}

struct TreeEntry<'t> {
    mode: &'t [u8],
    name: &'t [u8],
    id: &'t [u8],
}

/// The entries of a tree object: `mode SP name NUL id`, with the id in bytes.
fn entries(tree: &[u8], id_length: usize) -> impl Iterator<Item = TreeEntry<'_>> {
    let mut rest = tree;
    std::iter::from_fn(move || {
        let space = rest.iter().position(|&byte| byte == b' ')?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        let entry = TreeEntry {
            mode: rest.get(..space)?,
            name: rest.get(space + 1..end)?,
            id: rest.get(end + 1..end + 1 + id_length)?,
        };
        rest = rest.get(end + 1 + id_length..)?;
        Some(entry)
    })
}
