//! The bytes of flow files before and after a change, each handed out when its turn comes: what a review looks at is a few
//! files at a time, however many there are. Reading a file does not consume it: who asks again is given the same again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;

use super::git::Entry;
use super::objects::Objects;
use super::{LeftOut, SourceError, blob, worktree};

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

/// Files, and what stands in them.
pub(super) type Contents = BTreeMap<(When, RepoPath), Content>;

/// The bytes of flow files. Many threads may ask at once.
pub struct Texts {
    /// What is nowhere to be read again.
    held: Contents,
    /// What was read to be compared: given away to the first who asks, since it can be read again.
    spare: Mutex<Spare>,
    /// Where files are read; `None` where everything is held.
    origin: Option<Origin>,
}

struct Spare {
    contents: Contents,
    room: usize,
}

impl Spare {
    fn give(&mut self, place: &(When, RepoPath)) -> Option<Content> {
        let content = self.contents.remove(place)?;
        self.room = self.room.saturating_add(size(&content));
        Some(content)
    }
}

/// A work tree, and what it is compared with.
pub(super) struct Origin {
    pub(super) root: PathBuf,
    /// A larger file is not read.
    pub(super) limit: u64,
    /// Files that are not in the work tree although they are there.
    pub(super) left_out: LeftOut,
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
    pub(super) fn all(held: Contents) -> Self {
        Self::new(held, None)
    }

    /// What is not held is read where it stands.
    pub(super) fn of(origin: Origin, held: Contents) -> Self {
        Self::new(held, Some(origin))
    }

    fn new(held: Contents, origin: Option<Origin>) -> Self {
        let contents = BTreeMap::new();
        let spare = Mutex::new(Spare {
            contents,
            room: ROOM,
        });
        Self {
            held,
            spare,
            origin,
        }
    }

    /// Keeps what was read where it stands, as long as there is room: it need not be read again so soon.
    pub(super) fn keep(&self, when: When, path: &RepoPath, content: Content) {
        let mut spare = lock(&self.spare);
        if let Some(room) = spare.room.checked_sub(size(&content)) {
            spare.room = room;
            spare.contents.insert((when, path.clone()), content);
        }
    }

    /// Holds what stands where nobody would look again.
    pub(super) fn hold(&mut self, when: When, path: RepoPath, content: Content) {
        self.held.insert((when, path), content);
    }

    /// What stands at a path.
    pub fn read(&self, when: When, path: &RepoPath) -> Result<Content, SourceError> {
        let place = (when, path.clone());
        if let Some(content) = self.held.get(&place) {
            return Ok(content.clone());
        }
        let spare = lock(&self.spare).give(&place);
        match (spare, &self.origin) {
            (Some(content), _) => Ok(content),
            (None, Some(origin)) => origin.read(when, path),
            (None, None) => Ok(Content::Unreadable("it was not there".to_owned())),
        }
    }

    /// How many bytes a file has, as far as that is known without reading it.
    pub fn size(&self, when: When, path: &RepoPath) -> usize {
        let place = (when, path.clone());
        if let Some(content) = self.held.get(&place) {
            return size(content);
        }
        if let Some(content) = lock(&self.spare).contents.get(&place) {
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

    /// What git has at a path that is not in the work tree although it is there.
    pub(super) fn left_out(&self, path: &RepoPath) -> Option<&Entry> {
        self.origin.as_ref()?.left_out.entry(path)
    }

    /// The contents of blobs, by the paths that they stood at; nothing where the side before is no commit.
    pub(super) fn blobs(
        &self,
        ids: BTreeMap<RepoPath, String>,
        limit: u64,
    ) -> Result<BTreeMap<RepoPath, Content>, SourceError> {
        let Old::Commit(objects, _) = self.old() else {
            return Ok(BTreeMap::new());
        };
        let mut objects = lock(objects);
        let read = |(path, id): (RepoPath, String)| Ok((path, objects.blob(&id, limit)?));
        ids.into_iter().map(read).collect()
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
        f.debug_struct("Texts")
            .field("held", &self.held.len())
            .field("spare", &lock(&self.spare).contents.len())
            .finish_non_exhaustive()
    }
}

impl Origin {
    fn read(&self, when: When, path: &RepoPath) -> Result<Content, SourceError> {
        match (when, &self.old) {
            (When::After, _) => match self.left_out.read(path, self.limit)? {
                Some(content) => Ok(content),
                None => Ok(worktree::read(&self.root, path, self.limit)),
            },
            (When::Before, Old::Directory(root, _)) => Ok(worktree::read(root, path, self.limit)),
            (When::Before, Old::Commit(objects, entries)) => match entries.get(path) {
                Some(entry) => entry.read(&mut lock(objects), self.limit),
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

    /// Whether anything stood at a path.
    pub(super) fn holds(&self, path: &RepoPath) -> bool {
        match self {
            Old::Commit(_, entries) => entries.contains_key(path),
            Old::Directory(_, paths) => paths.contains(path),
            Old::Nothing => false,
        }
    }

    /// Whether it is the commit that has this at a path.
    pub(super) fn has(&self, path: &RepoPath, now: &Entry) -> bool {
        match self {
            Old::Commit(_, entries) => entries.get(path) == Some(now),
            Old::Directory(..) | Old::Nothing => false,
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
