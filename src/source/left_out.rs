//! Files that git leaves out of the work tree: a sparse checkout, or `skip-worktree` set by hand. They are absent on disk,
//! and neither deleted nor changed: what stands in them is what git's index says.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;

use super::aside::text_of;
use super::git::Entry;
use super::objects::{Objects, answer, git};
use super::{Place, Request, SourceError};
use crate::settings::Environment;

/// Files that git leaves out of the work tree.
#[derive(Default)]
pub struct LeftOut {
    files: BTreeMap<RepoPath, Entry>,
    /// Folders that hold other repositories.
    submodules: Vec<RepoPath>,
    /// Git was asked about the whole index.
    was_asked: bool,
    /// Who knows their contents; `None` where there is no such file.
    objects: Option<Mutex<Objects>>,
}

impl LeftOut {
    /// Asks git which files of a place are left out. Git is not started where no file can be.
    pub fn find(place: &Place, environment: &Environment) -> Result<Self, SourceError> {
        let mut found = Self::default();
        if !place.is_repository || !is_worth_asking(&place.root) {
            return Ok(found);
        }
        found.was_asked = true;
        let listed = list(place, environment, [])?;
        for Listed {
            tag,
            mode,
            id,
            name,
        } in lines(&listed)
        {
            let Ok(path) = text_of(name).parse::<RepoPath>() else {
                continue;
            };
            if mode == SUBMODULE {
                found.submodules.push(path);
                continue;
            }
            let is_left_out = tag == "S" && !stands(&place.root, &path);
            if is_left_out {
                let is_text = std::str::from_utf8(name).is_ok();
                found
                    .files
                    .insert(path, Entry::new(mode.as_bytes(), id.to_owned(), is_text));
            }
        }
        if !found.files.is_empty() {
            let objects = Objects::open(&place.root, environment)?;
            found.objects = Some(Mutex::new(objects));
        }
        Ok(found)
    }

    /// Which they are.
    pub(super) fn files(&self) -> impl Iterator<Item = (&RepoPath, &Entry)> {
        self.files.iter()
    }

    /// Folders that hold other repositories. One that is not checked out is an empty folder, and git has no other empty
    /// folders: it is asked about those, unless it has told of all.
    pub(super) fn submodules(
        &self,
        request: &Request<'_>,
        empty: &[RepoPath],
    ) -> Result<Vec<RepoPath>, SourceError> {
        if self.was_asked || empty.is_empty() || !request.place.is_repository {
            return Ok(self.submodules.clone());
        }
        let folders = empty.iter().map(|folder| format!(":(literal){folder}"));
        let listed = list(request.place, request.environment, folders)?;
        let is_submodule = |listed: Listed<'_>| {
            let path = text_of(listed.name).parse::<RepoPath>().ok()?;
            (listed.mode == SUBMODULE).then_some(path)
        };
        Ok(lines(&listed).filter_map(is_submodule).collect())
    }

    /// What git has at a path.
    pub(super) fn entry(&self, path: &RepoPath) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Whether this file is left out.
    pub fn holds(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether files in this folder are left out.
    pub(super) fn holds_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        self.files
            .keys()
            .any(|path| path.as_str().starts_with(&below))
    }

    /// What stands in a file that is left out; `None` for any other.
    pub fn read(&self, path: &RepoPath, limit: u64) -> Result<Option<Content>, SourceError> {
        let (Some(entry), Some(objects)) = (self.files.get(path), &self.objects) else {
            return Ok(None);
        };
        let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
        entry.read(&mut objects, limit).map(Some)
    }
}

/// The mode of a submodule, as git writes it.
const SUBMODULE: &str = "160000";

/// A line of `git ls-files -t --stage`.
struct Listed<'l> {
    tag: &'l str,
    mode: &'l str,
    id: &'l str,
    name: &'l [u8],
}

/// What git's index holds, everywhere or at these places.
fn list(
    place: &Place,
    environment: &Environment,
    at: impl IntoIterator<Item = String>,
) -> Result<Vec<u8>, SourceError> {
    let mut command = git(&place.root, environment);
    command
        .args(["ls-files", "-z", "-t", "--stage", "--"])
        .args(at);
    answer(&mut command, "list the files that are not checked out")
}

/// `S 100644 ID 0 TAB PATH`, each with NUL behind it.
fn lines(listed: &[u8]) -> impl Iterator<Item = Listed<'_>> {
    listed.split(|&byte| byte == 0).filter_map(|line| {
        let tab = line.iter().position(|&byte| byte == b'\t')?;
        let (head, name) = line.split_at(tab);
        let mut words = std::str::from_utf8(head).ok()?.split(' ');
        Some(Listed {
            tag: words.next()?,
            mode: words.next()?,
            id: words.next()?,
            name: name.get(1..)?,
        })
    })
}

/// The command that brings a file that is left out, as a hint.
pub fn check_out(path: &str) -> String {
    format!(
        "`git restore --ignore-skip-worktree-bits -- '{path}'` at the root of the repository brings it"
    )
}

/// Whether git's index may have files that are left out, or submodules. It says so in its version: 3 and above have room
/// for more marks than 2. An index that is split says it in its other half.
fn is_worth_asking(root: &Path) -> bool {
    if root.join(".gitmodules").symlink_metadata().is_ok() {
        return true;
    }
    let Some(folder) = git_folder(root) else {
        return true;
    };
    let mut head = [0; 8];
    let read = fs::File::open(folder.join("index")).and_then(|mut file| file.read_exact(&mut head));
    let has_more_marks = match read {
        Ok(()) => head.get(7).is_none_or(|&version| version != 2),
        // Nothing was ever added, or nobody can say.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    has_more_marks || is_split(&folder)
}

fn is_split(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("sharedindex.")
    })
}

/// Where git keeps what belongs to this work tree.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    // In a linked work tree a file says where it is.
    let said = fs::read_to_string(git).ok()?;
    let folder = said.strip_prefix("gitdir:")?.trim();
    Some(root.join(folder))
}

fn stands(root: &Path, path: &RepoPath) -> bool {
    root.join(path.as_str()).symlink_metadata().is_ok()
}
