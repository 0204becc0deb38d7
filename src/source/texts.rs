//! The bytes of flow files before and after a change, each handed out when its turn comes: what a review looks at is a few
//! files at a time, however many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;

use super::git::Entry;
use super::objects::Objects;
use super::{SourceError, blob, worktree};

/// So many bytes that were read to be compared are kept, so that they need not be read again.
const ROOM: usize = 32 * 1024 * 1024;

/// On which side of the change a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// As the change leaves it.
    After,
    /// As it was.
    Before,
}

/// The bytes of flow files. Many threads may ask at once.
pub struct Texts {
    kept: Mutex<Kept>,
    /// Where files are read again; `None` where everything is kept.
    origin: Option<Origin>,
}

struct Kept {
    contents: BTreeMap<(When, RepoPath), Content>,
    room: usize,
}

impl Kept {
    fn give(&mut self, when: When, path: &RepoPath) -> Option<Content> {
        let content = self.contents.remove(&(when, path.clone()))?;
        self.room = self.room.saturating_add(size(&content));
        Some(content)
    }
}

/// A work tree, and what it is compared with.
pub(super) struct Origin {
    pub(super) root: PathBuf,
    /// A larger file is not read.
    pub(super) limit: u64,
    pub(super) old: Old,
}

/// How a file compares with what was before.
pub(super) enum Compared {
    Same,
    /// It is new, or otherwise; with what stood there, where it was read for that.
    Different(Option<Content>),
}

/// The side before the change.
pub(super) enum Old {
    /// A commit: what stands at its paths, and who knows it.
    Commit(Mutex<Objects>, BTreeMap<RepoPath, Entry>),
    /// Another directory, and what is there.
    Directory(PathBuf, BTreeSet<RepoPath>),
    /// Nothing.
    Nothing,
}

impl Texts {
    /// Everything is at hand.
    pub(super) fn all(contents: BTreeMap<(When, RepoPath), Content>) -> Self {
        let kept = Mutex::new(Kept { contents, room: 0 });
        Self { kept, origin: None }
    }

    /// What is not kept is read where it stands.
    pub(super) fn of(origin: Origin) -> Self {
        let contents = BTreeMap::new();
        let kept = Mutex::new(Kept {
            contents,
            room: ROOM,
        });
        Self {
            kept,
            origin: Some(origin),
        }
    }

    /// Keeps what was read, as long as there is room.
    pub(super) fn keep(&self, when: When, path: &RepoPath, content: Content) {
        let mut kept = lock(&self.kept);
        if let Some(room) = kept.room.checked_sub(size(&content)) {
            kept.room = room;
            kept.contents.insert((when, path.clone()), content);
        }
    }

    /// What stands at a path. To be asked once: what was kept is given away, and is read anew if it is asked for again.
    pub fn take(&self, when: When, path: &RepoPath) -> Result<Content, SourceError> {
        let kept = lock(&self.kept).give(when, path);
        match (kept, &self.origin) {
            (Some(content), _) => Ok(content),
            (None, Some(origin)) => origin.read(when, path),
            (None, None) => Ok(Content::Unreadable("it was not kept".to_owned())),
        }
    }

    /// How many bytes a file has, as far as that is known without reading it.
    pub fn size(&self, when: When, path: &RepoPath) -> usize {
        if let Some(content) = lock(&self.kept).contents.get(&(when, path.clone())) {
            return size(content);
        }
        let root = match (&self.origin, when) {
            (None, _) => None,
            (Some(origin), When::After) => Some(&origin.root),
            (Some(origin), When::Before) => match &origin.old {
                Old::Directory(root, _) => Some(root),
                // It is much the same as what stands there now.
                Old::Commit(..) => Some(&origin.root),
                Old::Nothing => None,
            },
        };
        let data = root.and_then(|root| root.join(path.as_str()).symlink_metadata().ok());
        data.map_or(0, |data| usize::try_from(data.len()).unwrap_or(usize::MAX))
    }

    /// The side before the change.
    pub(super) fn old(&self) -> &Old {
        self.origin
            .as_ref()
            .map_or(&Old::Nothing, |origin| &origin.old)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = lock(&self.kept).contents.len();
        f.debug_struct("Texts")
            .field("kept", &kept)
            .finish_non_exhaustive()
    }
}

impl Origin {
    fn read(&self, when: When, path: &RepoPath) -> Result<Content, SourceError> {
        match (when, &self.old) {
            (When::After, _) => Ok(worktree::read(&self.root, path, self.limit)),
            (When::Before, Old::Directory(root, _)) => Ok(worktree::read(root, path, self.limit)),
            (When::Before, Old::Commit(objects, entries)) => match entries.get(path) {
                Some(Entry::Blob(id)) => lock(objects).blob(id, self.limit),
                Some(Entry::Symlink) => Ok(Content::Symlink),
                None => Ok(Content::Unreadable("it was not there".to_owned())),
            },
            (When::Before, Old::Nothing) => Ok(Content::Unreadable("it was not there".to_owned())),
        }
    }
}

impl Old {
    /// Its flow files, in order.
    pub(super) fn paths(&self) -> Vec<&RepoPath> {
        match self {
            Old::Commit(_, entries) => entries.keys().collect(),
            Old::Directory(_, paths) => paths.iter().collect(),
            Old::Nothing => Vec::new(),
        }
    }

    /// Whether it has no flow file.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Old::Commit(_, entries) => entries.is_empty(),
            Old::Directory(_, paths) => paths.is_empty(),
            Old::Nothing => true,
        }
    }

    /// Compares a file with what stood at its path before. Of what could not be read nothing is known.
    pub(super) fn compare(&self, path: &RepoPath, now: &Content, limit: u64) -> Compared {
        match self {
            Old::Commit(_, entries) => match entries.get(path) {
                Some(entry) if blob::is_same(now, entry) => Compared::Same,
                _ => Compared::Different(None),
            },
            Old::Directory(root, paths) if paths.contains(path) => {
                let before = worktree::read(root, path, limit);
                let is_comparable = matches!(now, Content::Bytes(_) | Content::Symlink);
                if is_comparable && before == *now {
                    Compared::Same
                } else {
                    Compared::Different(Some(before))
                }
            }
            Old::Directory(..) | Old::Nothing => Compared::Different(None),
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(content: &Content) -> usize {
    match content {
        Content::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}
