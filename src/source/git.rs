//! What a git repository says about the time before a change: which commit it is, and which flow files it holds.

use std::collections::BTreeMap;
use std::path::Path;

use flowgate_core::ids::{CommitSha, RepoPath, hex};

use super::objects::{ObjectKind, Objects, git};
use super::{ComparedWith, SourceError};
use crate::settings::Environment;

/// A file in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A regular file, by its blob's id.
    Blob(String),
    /// A symbolic link.
    Symlink,
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
        match self.commit(revision)? {
            Some(id) => Ok(ComparedWith::Commit {
                name: revision.to_owned(),
                id,
            }),
            None => Err(SourceError::UnknownRevision {
                revision: revision.to_owned(),
                root: self.root.to_owned(),
                shallow: self.root.join(".git/shallow").exists(),
            }),
        }
    }

    /// Where this branch left the default branch, else the last commit.
    pub(super) fn default_base(
        &mut self,
        head: Option<&CommitSha>,
    ) -> Result<ComparedWith, SourceError> {
        let Some(head) = head else {
            return Ok(ComparedWith::Nothing {
                why: "the repository has no commit yet".to_owned(),
            });
        };
        for (reference, name) in DEFAULT_BRANCHES {
            let Some(tip) = self.commit(reference)? else {
                continue;
            };
            if tip == *head {
                break;
            }
            if let Some(id) = self.merge_base(head, &tip)? {
                let name = format!("where this branch left {name}");
                return Ok(ComparedWith::Commit { name, id });
            }
        }
        Ok(ComparedWith::Commit {
            name: "the last commit".to_owned(),
            id: head.clone(),
        })
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
    ) -> Result<BTreeMap<RepoPath, Entry>, SourceError> {
        let mut files = BTreeMap::new();
        let mut trees = vec![(String::new(), format!("{commit}^{{tree}}"))];
        while let Some((directory, name)) = trees.pop() {
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
                // A name that is not UTF-8 cannot be a path here; the work tree's side says so.
                let Ok(file_name) = std::str::from_utf8(entry.name) else {
                    continue;
                };
                let path = if directory.is_empty() {
                    file_name.to_owned()
                } else {
                    format!("{directory}/{file_name}")
                };
                let found = match entry.mode {
                    b"40000" => {
                        if may_hold(&path) {
                            trees.push((path, hex(entry.id)));
                        }
                        continue;
                    }
                    b"120000" => Entry::Symlink,
                    // A submodule's files are another repository's.
                    b"160000" => continue,
                    _ => Entry::Blob(hex(entry.id)),
                };
                if wants(&path)
                    && let Ok(path) = path.parse()
                {
                    files.insert(path, found);
                }
            }
        }
        Ok(files)
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
