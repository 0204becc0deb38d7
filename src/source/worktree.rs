//! Flow files of the work tree (or of any directory): finding and reading them without following symbolic links.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;
use ignore::WalkBuilder;

use super::aside::{Aside, Kind, NOT_UTF8, text_of};
use super::selection::{has_json_name, normal};
use super::{Request, Selection, SourceError, SourceFile};

/// The root of a repository, or the directory that serves as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Absolute.
    pub root: PathBuf,
    /// Whether it is a git repository.
    pub is_repository: bool,
}

impl Place {
    /// The repository around the first of `paths`, else around `cwd`; without one the directory that holds them all.
    pub fn find(cwd: &Path, paths: &[PathBuf]) -> Self {
        let from = paths
            .first()
            .map_or_else(|| cwd.to_owned(), |path| normal(cwd, path));
        // `.git` is a directory, or in a linked work tree a file.
        if let Some(root) = from
            .ancestors()
            .find(|directory| directory.join(".git").symlink_metadata().is_ok())
        {
            return Self {
                root: root.to_owned(),
                is_repository: true,
            };
        }
        let mut root = cwd.to_owned();
        for path in paths {
            let path = normal(cwd, path);
            while !path.starts_with(&root) && root.pop() {}
        }
        Self {
            root,
            is_repository: false,
        }
    }

    /// A path inside of this place, from its root; the root itself is the empty text.
    pub(super) fn relative(&self, cwd: &Path, path: &Path) -> Result<String, SourceError> {
        let outside = || SourceError::Outside {
            path: path.to_owned(),
            root: self.root.clone(),
        };
        let absolute = normal(cwd, path);
        let inside = match absolute.strip_prefix(&self.root) {
            Ok(inside) => inside.to_owned(),
            // The way to the root may lead over a symbolic link; the way below it may not.
            Err(_) => self.relative_by_real_way(&absolute).ok_or_else(outside)?,
        };
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        Ok(parts.ok_or_else(outside)?.join("/"))
    }

    fn relative_by_real_way(&self, absolute: &Path) -> Option<PathBuf> {
        let root = self.root.canonicalize().ok()?;
        let parent = absolute.parent()?.canonicalize().ok()?;
        let inside = parent.strip_prefix(root).ok()?;
        Some(inside.join(absolute.file_name()?))
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whatever stands where a flow file should be.
    pub(super) files: BTreeSet<RepoPath>,
    /// Places that could not be looked into.
    pub(super) unlisted: Vec<SourceFile>,
    /// Files whose names are no text, by what stands for the name, and where they are: they cannot be looked at by name.
    pub(super) nameless: BTreeMap<RepoPath, PathBuf>,
    /// What is not looked into, where flow files may be.
    pub(super) asides: BTreeSet<Aside>,
    /// Folders where flow files may be, and in which nothing was found.
    pub(super) empty: Vec<RepoPath>,
}

/// Finds everything that the selection wants.
pub(super) fn find(root: &Path, selection: &Selection) -> Result<Found, SourceError> {
    // A walk asks nobody whether it may enter the place that it begins with.
    if let Some(file) = endless_ignore_file(root) {
        return Err(SourceError::NoIgnoreFile(file));
    }
    let mut found = Found::default();
    let descends = Arc::new(selection.clone());
    let repositories = Arc::new(Mutex::new(Vec::new()));
    let endless = Arc::new(Mutex::new(None));
    let (base, seen) = (root.to_owned(), Arc::clone(&repositories));
    let first_endless = Arc::clone(&endless);
    let walk = walker(root)
        .filter_entry(move |entry| {
            let directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            if !directory {
                return true;
            }
            let path = inside(&base, entry.path());
            if !descends.may_hold(&path) {
                return false;
            }
            // Git does not look into another repository either.
            let is_another =
                entry.depth() > 0 && entry.path().join(".git").symlink_metadata().is_ok();
            if is_another {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(path);
                return false;
            }
            if let Some(file) = endless_ignore_file(entry.path()) {
                let mut first = first_endless.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(file);
                return false;
            }
            true
        })
        .build();
    let aside = |path: &str, kind| {
        let may_hold = |path: &str| selection.may_hold(path);
        Aside::of(path, kind, may_hold, |path| selection.wants(path))
    };
    // The folder that the walk has just entered, and how deep it stands.
    let mut entered: Option<(usize, RepoPath)> = None;
    for entry in walk {
        match entry {
            Ok(entry) => {
                let text = inside(root, entry.path());
                let Ok(path) = text.parse::<RepoPath>() else {
                    continue; // the root itself
                };
                let before = entered.take_if(|(depth, _)| entry.depth() <= *depth);
                found.empty.extend(before.map(|(_, folder)| folder));
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                entered = is_folder.then(|| (entry.depth(), path.clone()));
                let wanted = selection.wants(&text);
                if entry.path().to_str().is_none() {
                    if wanted {
                        let place = entry.path().to_owned();
                        found.nameless.insert(path, place);
                    }
                } else if wanted {
                    found.files.insert(path);
                } else if entry.file_type().is_some_and(|kind| kind.is_file()) {
                    found.asides.extend(aside(&text, Kind::File));
                } else if entry.path_is_symlink()
                    && selection.may_hold(&text)
                    && entry.path().is_dir()
                {
                    found.asides.extend(aside(&text, Kind::LinkToFolder));
                }
            }
            Err(error) => {
                let said = error.io_error().map_or_else(|| error.to_string(), describe);
                let path = place_of(&error).map(|path| inside(root, path));
                // A directory that cannot be listed may hold flows: unknown is not empty.
                match path.and_then(|path| path.parse().ok()) {
                    Some(path) => found
                        .unlisted
                        .push(unreadable(path, &format!("it could not be listed: {said}"))),
                    None => {
                        return Err(SourceError::Unlistable {
                            root: root.to_owned(),
                            said,
                        });
                    }
                }
            }
        }
    }
    if let Some(file) = endless
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
    {
        return Err(SourceError::NoIgnoreFile(file));
    }
    found.empty.extend(entered.map(|(_, folder)| folder));
    let repositories = repositories.lock();
    let repositories = repositories.unwrap_or_else(PoisonError::into_inner);
    let repositories = repositories.iter();
    let asides = repositories.filter_map(|path| aside(path, Kind::Repository));
    found.asides.extend(asides);
    found.files.extend(selection.named());
    Ok(found)
}

/// Refuses a run that would look at nothing.
pub(super) fn refuse_empty(
    request: &Request<'_>,
    selection: &Selection,
    found: &Found,
    asked: &BTreeSet<RepoPath>,
) -> Result<(), SourceError> {
    let unlisted = found.unlisted.iter().map(|file| &file.path);
    let cannot_be_read = unlisted.chain(found.nameless.keys());
    if selection.asks_for_some() {
        return match selection.unmet(&asked.iter().chain(cannot_be_read)) {
            Some(error) => Err(error),
            None => Ok(()),
        };
    }
    if found.files.is_empty() && found.unlisted.is_empty() && found.nameless.is_empty() {
        return Err(SourceError::NoMatch {
            globs: request.flows.to_vec(),
            nearest: nearest_json(&request.place.root, request.flows),
        });
    }
    Ok(())
}

/// The JSON files that are likeliest to be meant by globs that match nothing.
fn nearest_json(root: &Path, globs: &[String]) -> Vec<String> {
    const SHOWN: usize = 5;
    let words: Vec<&str> = globs
        .iter()
        .flat_map(|glob| glob.split(['/', '*', '.', '{', '}', ',']))
        .filter(|word| word.len() > 2 && *word != "json")
        .collect();
    let mut paths: Vec<String> = json_files(root).map(|(path, _)| path).collect();
    paths.sort_by_cached_key(|path| {
        let alike = words.iter().filter(|word| path.contains(**word)).count();
        (
            std::cmp::Reverse(alike),
            path.matches('/').count(),
            path.clone(),
        )
    });
    paths.truncate(SHOWN);
    paths
}

/// JSON files, with where they are: of a folder as far as it can be looked into, and of its first entries.
pub(super) fn json_files(root: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    const LOOKED_AT: usize = 20_000;
    let entries = walker(root)
        .hidden(true)
        .filter_entry(|entry| {
            entry.file_name() != "node_modules" && endless_ignore_file(entry.path()).is_none()
        })
        .build()
        .take(LOOKED_AT)
        .flatten();
    let files = entries.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files
        .map(|entry| (inside(root, entry.path()), entry.into_path()))
        .filter(|(path, _)| has_json_name(path))
}

/// A walk in stable order that honours the repository's own `.gitignore` files and nothing of the machine's.
fn walker(root: &Path) -> WalkBuilder {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false)
        .git_ignore(true)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp);
    walk
}

/// A `.gitignore` of a folder that no walk may read: behind a link a repository can bring one without an end.
fn endless_ignore_file(folder: &Path) -> Option<PathBuf> {
    let file = folder.join(".gitignore");
    let is_endless = |data: fs::Metadata| !data.is_file() && !data.is_dir();
    file.metadata().is_ok_and(is_endless).then_some(file)
}

fn inside(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .iter()
        .map(|part| text_of(part.as_encoded_bytes()))
        .collect::<Vec<_>>()
        .join("/")
}

fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place_of(err)
        }
        _ => None,
    }
}

/// A file whose name is no text.
pub(super) fn nameless(path: RepoPath) -> SourceFile {
    unreadable(path, NOT_UTF8)
}

fn unreadable(path: RepoPath, why: &str) -> SourceFile {
    SourceFile {
        path,
        content: Content::Unreadable(why.to_owned()),
    }
}

/// Why a file could not be read, without the number that only programmers know.
fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "it is gone".to_owned(),
        _ => error.to_string(),
    }
}

/// What stands at a path of the place, by its own kind (a symbolic link is a link); `None` for nothing.
pub(super) fn kind_of(root: &Path, path: &str) -> Option<FileType> {
    root.join(path)
        .symlink_metadata()
        .ok()
        .map(|data| data.file_type())
}

/// Whether a folder stands at a path of the place.
pub(super) fn is_folder(root: &Path, path: &RepoPath) -> bool {
    kind_of(root, path.as_str()).is_some_and(|kind| kind.is_dir())
}

/// What stands in a place, by names as they are spelled there: a file system may take `Main.json` for `main.json`, which
/// to git are two.
#[derive(Debug, Default)]
pub(super) struct Spelled {
    /// The names in each folder that was looked into; `None` where it cannot be listed.
    folders: HashMap<PathBuf, Option<HashSet<OsString>>>,
}

impl Spelled {
    /// Whether anything stands at a path of the place.
    pub(super) fn has(&mut self, root: &Path, path: &str) -> bool {
        kind_of(root, path).is_some() && self.names(root, path)
    }

    /// Whether the folders on the way say so.
    fn names(&mut self, root: &Path, path: &str) -> bool {
        let mut folder = root.to_owned();
        for part in path.split('/') {
            let names = self.folders.entry(folder.clone()).or_insert_with(|| {
                let entries = fs::read_dir(&folder).ok()?;
                entries.map(|entry| Some(entry.ok()?.file_name())).collect()
            });
            if names
                .as_ref()
                .is_some_and(|names| !names.contains(OsStr::new(part)))
            {
                return false;
            }
            folder.push(part);
        }
        true
    }
}

/// Reads a file of a place; a symbolic link on the way is not followed either.
pub(super) fn read(root: &Path, path: &RepoPath, limit: u64) -> Content {
    let mut way = root.to_owned();
    let mut parts = path.as_str().split('/').peekable();
    while let Some(part) = parts.next() {
        way.push(part);
        // What stands at its end is looked at when it is read.
        let is_on_the_way = parts.peek().is_some();
        if is_on_the_way && way.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
            return Content::Symlink;
        }
    }
    read_file(&way, limit)
}

/// Reads one file; a symbolic link is not followed.
pub fn read_file(path: &Path, limit: u64) -> Content {
    let data = match path.symlink_metadata() {
        Ok(data) => data,
        Err(error) => return Content::Unreadable(describe(&error)),
    };
    if data.is_symlink() {
        return Content::Symlink;
    }
    if data.is_dir() {
        return Content::Directory;
    }
    // A pipe would wait for ever.
    if !data.is_file() {
        return Content::Unreadable("it is not a regular file".to_owned());
    }
    if data.len() > limit {
        return Content::TooLarge {
            size: data.len(),
            limit,
        };
    }
    let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or(0));
    let read = File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes));
    match read {
        Err(error) => Content::Unreadable(describe(&error)),
        // It grew since it was measured.
        Ok(size) if size as u64 > limit => Content::TooLarge {
            size: fs::symlink_metadata(path).map_or(size as u64, |data| data.len()),
            limit,
        },
        Ok(_) => Content::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file system that ignores case says of a name is not what git says: the folder's own list decides.
    #[test]
    fn a_name_counts_as_it_is_spelled() {
        let place = tempfile::TempDir::new().unwrap();
        let root = place.path();
        fs::create_dir_all(root.join("Flows")).unwrap();
        fs::write(root.join("Flows/main.json"), "{}").unwrap();
        let mut spelled = Spelled::default();
        for (path, is_there) in [
            ("Flows/main.json", true),
            ("Flows/Main.json", false),
            ("flows/main.json", false),
            ("Flows", true),
            ("flows", false),
        ] {
            assert_eq!(spelled.names(root, path), is_there, "{path}");
            assert_eq!(spelled.has(root, path), is_there, "{path}");
        }
    }
}
