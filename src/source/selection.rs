//! Which files are flow files, and which of them were asked for. One answer for the work tree and for git's trees.
//!
//! Hidden files (a part of the path begins with a dot) are flow files only where a glob or a path says so by a part
//! that begins with a dot itself; `.git` never is.

use std::path::{Component, Path, PathBuf};

use flowgate_core::ids::RepoPath;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::worktree::{Place, Spelled, kind_of};
use super::{LeftOut, Request, SourceError};

/// Globs from the root of a repository; `!` in front leaves out.
#[derive(Debug, Clone)]
pub struct FlowGlobs {
    visible: GlobSet,
    hidden: GlobSet,
    left_out: GlobSet,
    /// Directories in which a match may stand; `""` is the root.
    prefixes: Vec<String>,
}

impl FlowGlobs {
    /// Understands globs as people write them.
    pub fn new<S: AsRef<str>>(globs: &[S]) -> Result<Self, SourceError> {
        let [mut visible, mut hidden, mut left_out] = [(); 3].map(|()| GlobSetBuilder::new());
        let mut prefixes = Vec::new();
        for glob in globs {
            let (set, pattern) = match glob.as_ref().strip_prefix('!') {
                Some(pattern) => (&mut left_out, pattern),
                None if is_hidden(glob.as_ref().trim_start_matches("./")) => {
                    (&mut hidden, glob.as_ref())
                }
                None => (&mut visible, glob.as_ref()),
            };
            let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
            let refuse = |source| SourceError::Glob {
                glob: glob.as_ref().to_owned(),
                source,
            };
            set.add(
                GlobBuilder::new(pattern)
                    .literal_separator(true)
                    .build()
                    .map_err(refuse)?,
            );
            if !glob.as_ref().starts_with('!') {
                prefixes.push(literal_prefix(pattern));
            }
        }
        let build = |set: &GlobSetBuilder| {
            set.build().map_err(|source| SourceError::Glob {
                glob: globs
                    .iter()
                    .map(AsRef::as_ref)
                    .collect::<Vec<_>>()
                    .join(", "),
                source,
            })
        };
        Ok(Self {
            visible: build(&visible)?,
            hidden: build(&hidden)?,
            left_out: build(&left_out)?,
            prefixes,
        })
    }

    /// Whether a file with this path is meant.
    pub fn matches(&self, path: &str) -> bool {
        (self.hidden.is_match(path) || (!is_hidden(path) && self.visible.is_match(path)))
            && !self.left_out.is_match(path)
    }

    /// Whether a match may stand in this directory or below.
    pub(super) fn may_hold(&self, directory: &str) -> bool {
        (!is_hidden(directory) || !self.hidden.is_empty())
            && self
                .prefixes
                .iter()
                .any(|prefix| is_within(directory, prefix) || is_within(prefix, directory))
    }
}

/// Something that was asked for by path.
#[derive(Debug, Clone)]
enum Asked {
    File(String),
    Directory(String),
    Glob(FlowGlobs),
}

impl Asked {
    fn matches(&self, path: &str) -> bool {
        match self {
            Asked::File(file) => file == path,
            Asked::Directory(directory) => {
                is_within(path, directory)
                    && has_json_name(path)
                    && !is_hidden(path.get(directory.len()..).unwrap_or(path))
            }
            Asked::Glob(globs) => globs.matches(path),
        }
    }

    fn may_hold(&self, directory: &str) -> bool {
        match self {
            Asked::File(file) => is_within(file, directory),
            Asked::Directory(asked) => {
                is_within(asked, directory)
                    || (is_within(directory, asked)
                        && !is_hidden(directory.get(asked.len()..).unwrap_or(directory)))
            }
            Asked::Glob(globs) => globs.may_hold(directory),
        }
    }
}

/// Which files are flow files, and which of them were asked for.
#[derive(Debug, Clone)]
pub struct Selection {
    flows: FlowGlobs,
    /// What was asked for, each with the words it was asked with.
    asked: Vec<(PathBuf, Asked)>,
}

impl Selection {
    pub(super) fn new(request: &Request<'_>, left_out: &LeftOut) -> Result<Self, SourceError> {
        let mut spelled = Spelled::default();
        let mut ask = |path| ask(request.place, request.cwd, path, (left_out, &mut spelled));
        let asked = request
            .paths
            .iter()
            .map(|path| Ok((path.clone(), ask(path)?)))
            .collect::<Result<_, SourceError>>()?;
        Ok(Self {
            flows: FlowGlobs::new(request.flows)?,
            asked,
        })
    }

    /// Whether anything was asked for by path.
    pub fn asks_for_some(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Whether this file was asked for by path.
    pub fn asks(&self, path: &str) -> bool {
        self.asked.iter().any(|(_, asked)| asked.matches(path))
    }

    /// Whether this file is a flow file.
    pub fn wants(&self, path: &str) -> bool {
        self.flows.matches(path) || self.asks(path)
    }

    /// Whether a flow file may stand in this directory or below.
    pub fn may_hold(&self, directory: &str) -> bool {
        let git = directory.split('/').any(|part| part == ".git");
        !git && (self.flows.may_hold(directory)
            || self
                .asked
                .iter()
                .any(|(_, asked)| asked.may_hold(directory)))
    }

    /// Files that were asked for by name, whether or not a walk would come by.
    pub(super) fn named(&self) -> impl Iterator<Item = RepoPath> {
        self.asked.iter().filter_map(|(_, asked)| match asked {
            Asked::File(path) => path.parse().ok(),
            _ => None,
        })
    }

    /// What was asked for and is met by none of these files.
    pub(super) fn unmet<'a>(
        &self,
        found: &(impl Iterator<Item = &'a RepoPath> + Clone),
    ) -> Option<SourceError> {
        self.asked.iter().find_map(|(typed, asked)| {
            if found.clone().any(|path| asked.matches(path.as_str())) {
                return None;
            }
            Some(match asked {
                Asked::Directory(_) => SourceError::EmptyDirectory(typed.display().to_string()),
                _ => SourceError::NoSuchPath(typed.clone()),
            })
        })
    }
}

fn ask(
    place: &Place,
    cwd: &Path,
    path: &Path,
    (left_out, spelled): (&LeftOut, &mut Spelled),
) -> Result<Asked, SourceError> {
    let inside = place.relative(cwd, path)?;
    let text = inside.as_str();
    let is_root = text.is_empty();
    let kind = kind_of(&place.root, text);
    match kind.filter(|_| is_root || spelled.has(&place.root, text)) {
        Some(kind) if kind.is_dir() => Ok(Asked::Directory(text.to_owned())),
        Some(_) => Ok(Asked::File(text.to_owned())),
        None if left_out.holds(text) => Ok(Asked::File(text.to_owned())),
        None if left_out.holds_below(text) => Ok(Asked::Directory(text.to_owned())),
        None if text.contains(['*', '?', '[', '{']) => Ok(Asked::Glob(FlowGlobs::new(&[text])?)),
        None => Err(SourceError::NoSuchPath(path.to_owned())),
    }
}

/// A normal form of a path: absolute, without `.` and `..`.
pub(super) fn normal(cwd: &Path, path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in cwd.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Whether `path` is `directory` or stands below it.
fn is_within(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path
            .strip_prefix(directory)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_hidden(path: &str) -> bool {
    path.split('/')
        .any(|part| part.starts_with('.') && !matches!(part, "." | ".."))
}

pub(super) fn has_json_name(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// The directories in front of a glob's first special character.
fn literal_prefix(glob: &str) -> String {
    let special = glob
        .find(['*', '?', '[', ']', '{', '}', '\\'])
        .unwrap_or(glob.len());
    let end = glob[..special].rfind('/').unwrap_or(0);
    glob[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_know_what_they_match_and_where_to_look() {
        let globs = FlowGlobs::new(&["flows/**/*.json", "!flows/old/**", ".ci/*.json"]).unwrap();
        for yes in ["flows/a.json", "flows/eu/north/a.json", ".ci/a.json"] {
            assert!(globs.matches(yes), "{yes}");
        }
        for no in [
            "a.json",
            "flows/a.jsonc",
            "flows/old/a.json",
            "flows/.x/a.json",
            "x/flows/a.json",
        ] {
            assert!(!globs.matches(no), "{no}");
        }
        for yes in ["", "flows", "flows/eu", ".ci"] {
            assert!(globs.may_hold(yes), "{yes}");
        }
        for no in ["docs", "flowsheet"] {
            assert!(!globs.may_hold(no), "{no}");
        }
    }

    #[test]
    fn the_prefix_of_a_glob_ends_before_its_first_special_character() {
        assert_eq!(literal_prefix("flows/**/*.json"), "flows");
        assert_eq!(literal_prefix("a/b/c*.json"), "a/b");
        assert_eq!(literal_prefix("*.json"), "");
        assert_eq!(literal_prefix("a/b.json"), "a");
    }
}
