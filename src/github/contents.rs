//! Files at a commit, read as data through the API: a list of what is there, and then the bytes of what is wanted.
//!
//! For a change of a hundred files at any depth of history these are two lists and a few batches.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::source::NOT_UTF8;

use super::{Client, Depth, EntryKind, Extent, GitHubError, ObjectId, Tree};

/// So many calls at a time; GitHub frowns on more than a few.
const AT_ONCE: usize = 4;

/// A batch holds so many files and so many bytes.
const BATCH_FILES: usize = 100;
const BATCH_BYTES: u64 = 2_000_000;

/// Larger files come alone: GraphQL cuts long texts.
const LONGEST_IN_BATCH: u64 = 400_000;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A regular file.
    File {
        /// Its content.
        id: ObjectId,
        /// In bytes, where GitHub says.
        size: Option<u64>,
    },
    /// A symbolic link; it is not followed.
    Symlink,
    /// Another repository (a submodule).
    Submodule,
    /// A file whose name is no text, as far as GitHub can write it.
    Nameless {
        /// Its content.
        id: ObjectId,
    },
}

impl Listed {
    /// What makes a file the same: its bytes' id. (A link is a link, wherever it leads.)
    pub fn id(&self) -> Option<&ObjectId> {
        match self {
            Listed::File { id, .. } | Listed::Nameless { id } => Some(id),
            Listed::Symlink | Listed::Submodule => None,
        }
    }

    /// What stands there; of a regular file what has to be read for that, and its bytes, where GitHub says.
    pub fn content(&self) -> Result<Content, (&ObjectId, Option<u64>)> {
        match self {
            Listed::File { id, size } => Err((id, *size)),
            Listed::Symlink => Ok(Content::Symlink),
            Listed::Submodule => Ok(Content::Directory),
            Listed::Nameless { .. } => Ok(Content::Unreadable(NOT_UTF8.to_owned())),
        }
    }
}

/// The files of a commit that are of interest. A tree that is too large for one answer is walked folder by folder;
/// `folder` then says which folders (such as `flows/eu`) are worth the walk.
pub async fn list(
    github: &Client,
    commit: &CommitSha,
    folder: impl Fn(&str) -> bool,
    file: impl Fn(&RepoPath) -> bool,
) -> Result<BTreeMap<RepoPath, Listed>, GitHubError> {
    let root = root(github, commit).await?;
    let is_meant = |path: &RepoPath, listed: &Listed| *listed != Listed::Submodule && file(path);
    list_from(github, commit, &root, folder, is_meant).await
}

/// Everything that a commit holds, in one call; where that is too much, what GitHub gives of it.
pub async fn root(github: &Client, commit: &CommitSha) -> Result<Tree, GitHubError> {
    let id = ObjectId::from(commit.clone());
    github.tree(&id, Depth::Recursive).await
}

/// What [`list`] finds, from a root that is known already.
pub async fn list_from(
    github: &Client,
    commit: &CommitSha,
    root: &Tree,
    folder: impl Fn(&str) -> bool,
    file: impl Fn(&RepoPath, &Listed) -> bool,
) -> Result<BTreeMap<RepoPath, Listed>, GitHubError> {
    let mut found = BTreeMap::new();
    let top = ObjectId::from(commit.clone());
    let mut trees = vec![below(github, String::new(), &top, root.clone()).await?];
    while !trees.is_empty() {
        let mut level = Vec::new();
        for (path, kind, id, size) in std::mem::take(&mut trees).into_iter().flatten() {
            let listed = match kind {
                // GitHub writes this in place of what is no text.
                EntryKind::File if path.contains('\u{fffd}') => Listed::Nameless { id },
                EntryKind::File => Listed::File { id, size },
                EntryKind::Symlink => Listed::Symlink,
                EntryKind::Other => Listed::Submodule,
                EntryKind::Folder => {
                    if folder(&path) {
                        level.push((path, id));
                    }
                    continue;
                }
            };
            // A path that cannot stand in a work tree is no flow file.
            if let Ok(path) = path.parse::<RepoPath>()
                && file(&path, &listed)
            {
                found.insert(path, listed);
            }
        }
        trees = stream::iter(level)
            .map(|(path, id)| walk(github, path, id))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
    }
    Ok(found)
}

/// What stands at these paths of a commit: folder by folder, so that a large repository costs no more than a small one.
pub async fn find(
    github: &Client,
    commit: &CommitSha,
    paths: &[RepoPath],
) -> Result<BTreeMap<RepoPath, Listed>, GitHubError> {
    let mut folders = BTreeMap::from([(String::new(), ObjectId::from(commit.clone()))]);
    let mut found = BTreeMap::new();
    let depth = |path: &RepoPath| path.as_str().matches('/').count();
    for level in 0..=paths.iter().map(depth).max().unwrap_or(0) {
        let mut read = BTreeMap::new();
        for path in paths {
            let parts: Vec<&str> = path.as_str().split('/').collect();
            let Some(&part) = parts.get(level) else {
                continue;
            };
            let folder = parts[..level].join("/");
            let Some(id) = folders.get(&folder).cloned() else {
                continue;
            };
            if !read.contains_key(&folder) {
                read.insert(folder.clone(), github.tree(&id, Depth::Flat).await?.entries);
            }
            let entry = read[&folder].iter().find(|entry| entry.path == part);
            let is_last = level + 1 == parts.len();
            match entry.map(|entry| (entry.kind, entry)) {
                Some((EntryKind::File, entry)) if is_last => {
                    let (id, size) = (entry.id.clone(), entry.size);
                    found.insert(path.clone(), Listed::File { id, size });
                }
                Some((EntryKind::Symlink, _)) if is_last => {
                    found.insert(path.clone(), Listed::Symlink);
                }
                Some((EntryKind::Folder, entry)) if !is_last => {
                    folders.insert(parts[..=level].join("/"), entry.id.clone());
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

type Entry = (String, EntryKind, ObjectId, Option<u64>);

/// Everything below a folder; where that is too much, what stands in it, folders included for the next round.
async fn walk(github: &Client, path: String, id: ObjectId) -> Result<Vec<Entry>, GitHubError> {
    let whole = github.tree(&id, Depth::Recursive).await?;
    below(github, path, &id, whole).await
}

async fn below(
    github: &Client,
    path: String,
    id: &ObjectId,
    whole: Tree,
) -> Result<Vec<Entry>, GitHubError> {
    let (tree, folders) = match whole.extent {
        Extent::Whole => (whole, false),
        Extent::Truncated => (github.tree(id, Depth::Flat).await?, true),
    };
    let below = tree.entries.into_iter();
    Ok(below
        .filter(|entry| folders || entry.kind != EntryKind::Folder)
        .map(|entry| {
            let path = if path.is_empty() {
                entry.path
            } else {
                format!("{path}/{}", entry.path)
            };
            (path, entry.kind, entry.id, entry.size)
        })
        .collect())
}

/// What stands at these places. Equal files are read once; one over `limit` bytes is not read.
pub async fn read<K: Ord + Clone>(
    github: &Client,
    wanted: &BTreeMap<K, Listed>,
    limit: u64,
) -> Result<BTreeMap<K, Content>, GitHubError> {
    let mut small = BTreeSet::new();
    let mut alone = BTreeSet::new();
    for listed in wanted.values() {
        match listed {
            Listed::File {
                size: Some(size), ..
            } if *size > limit => {}
            Listed::File {
                id,
                size: Some(size),
            } if *size <= LONGEST_IN_BATCH => {
                small.insert((id, *size));
            }
            Listed::File { id, .. } => {
                alone.insert(id);
            }
            Listed::Symlink | Listed::Submodule | Listed::Nameless { .. } => {}
        }
    }
    let batches: Vec<_> = stream::iter(batches(small))
        .map(|ids| batch(github, ids))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut bytes = BTreeMap::new();
    let mut rest: Vec<ObjectId> = alone.into_iter().cloned().collect();
    for (id, text) in batches.into_iter().flatten() {
        match text {
            Some(text) => {
                bytes.insert(id, text);
            }
            None => rest.push(id),
        }
    }
    let rest: Vec<_> = stream::iter(rest)
        .map(|id| async {
            let blob = github.blob(&id).await?;
            Ok((id, blob))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    bytes.extend(rest);
    let content = |listed: &Listed| {
        let (id, size) = match listed.content() {
            Ok(known) => return known,
            Err((id, size)) => (id, size),
        };
        match bytes.get(id) {
            Some(bytes) if bytes.len() as u64 <= limit => Content::Bytes(bytes.clone()),
            Some(bytes) => Content::TooLarge {
                size: bytes.len() as u64,
                limit,
            },
            // Everything else was read above.
            None => Content::TooLarge {
                size: size.unwrap_or_default(),
                limit,
            },
        }
    };
    Ok(wanted
        .iter()
        .map(|(place, listed)| (place.clone(), content(listed)))
        .collect())
}

fn batches(files: BTreeSet<(&ObjectId, u64)>) -> Vec<Vec<ObjectId>> {
    let mut all: Vec<Vec<ObjectId>> = Vec::new();
    let mut room = 0;
    for (id, size) in files {
        match all.last_mut() {
            Some(batch) if batch.len() < BATCH_FILES && size <= room => {
                room -= size;
                batch.push(id.clone());
            }
            _ => {
                room = BATCH_BYTES.saturating_sub(size);
                all.push(vec![id.clone()]);
            }
        }
    }
    all
}

type Texts = Vec<(ObjectId, Option<Vec<u8>>)>;

/// One call for many files. Where GraphQL does not serve, each file is asked for by itself.
async fn batch(github: &Client, ids: Vec<ObjectId>) -> Result<Texts, GitHubError> {
    let texts = match github.blobs(&ids).await {
        Ok(texts) => texts,
        Err(error) => {
            tracing::info!(%error, "reading the files one by one");
            vec![None; ids.len()]
        }
    };
    Ok(ids.into_iter().zip(texts).collect())
}
