//! Which files are flow files, and which of them were asked for. One answer for the work tree and for git's trees.
//!
//! Hidden files (a part of the path begins with a dot) are flow files only where a glob or a path says so by a part
//! that begins with a dot itself; `.git` never is.

use std::path::{Component, Path, PathBuf};

use flowgate_core::ids::RepoPath;
use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::worktree::{Place, Spelled, kind_of};
use super::{LeftOut, Request, SourceError};

/// Globs from the root of a repository; `!` in front leaves out.
#[derive(Debug, Clone)]
pub struct FlowGlobs {
    visible: GlobSet,
    hidden: GlobSet,
    left_out: GlobSet,
    /// The directories on the way to a match, by glob.
    ways: Vec<Vec<Step>>,
    /// Directories of which everything is left out.
    closed: GlobSet,
}

impl FlowGlobs {
    /// Understands globs as people write them.
    pub fn new<S: AsRef<str>>(globs: &[S]) -> Result<Self, SourceError> {
        let [mut visible, mut hidden, mut left_out] = [(); 3].map(|()| GlobSetBuilder::new());
        let (mut ways, mut closed) = (Vec::new(), GlobSetBuilder::new());
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
            set.add(one(pattern).map_err(refuse)?);
            if !glob.as_ref().starts_with('!') {
                ways.push(way(pattern).map_err(refuse)?);
            } else if let Some(directory) = pattern.strip_suffix("/**") {
                closed.add(one(directory).map_err(refuse)?);
                closed.add(one(pattern).map_err(refuse)?);
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
            ways,
            closed: build(&closed)?,
        })
    }

    /// Whether a file with this path is meant.
    pub fn matches(&self, path: &str) -> bool {
        (self.hidden.is_match(path) || (!is_hidden(path) && self.visible.is_match(path)))
            && !self.left_out.is_match(path)
    }

    /// Whether a match may stand in this directory or below.
    pub(super) fn may_hold(&self, directory: &str) -> bool {
        if directory.is_empty() {
            return true;
        }
        (!is_hidden(directory) || !self.hidden.is_empty())
            && self.ways.iter().any(|way| leads(way, directory))
            && !self.closed.is_match(directory)
    }
}

/// A part of a glob that a directory may have in its place.
#[derive(Debug, Clone)]
enum Step {
    /// A directory of such a name.
    Named(GlobMatcher),
    /// Any directories, as many as there are.
    Any,
}

/// The directories on the way to what a glob matches.
fn way(pattern: &str) -> Result<Vec<Step>, globset::Error> {
    let mut steps = Vec::new();
    let parts: Vec<&str> = pattern.split('/').collect();
    let directories = match parts.split_last() {
        // `**` in place of a file is whatever stands below.
        Some((file, directories)) if !file.contains("**") => directories,
        _ => &parts[..],
    };
    for part in directories {
        // What stands in braces may hold a slash: then nobody knows where this part ends.
        let unclear = ["{", "}", "[", "]", "\\", "**"];
        if unclear.iter().any(|special| part.contains(special)) {
            steps.push(Step::Any);
            return Ok(steps);
        }
        steps.push(Step::Named(one(part)?.compile_matcher()));
    }
    Ok(steps)
}

/// Whether such a directory stands on the way.
fn leads(way: &[Step], directory: &str) -> bool {
    let mut steps = way.iter();
    for part in directory.split('/') {
        match steps.next() {
            Some(Step::Any) => return true,
            Some(Step::Named(name)) if name.is_match(part) => {}
            Some(Step::Named(_)) | None => return false,
        }
    }
    true
}

fn one(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
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
        for no in [
            "docs",
            "flowsheet",
            "flows/old",
            "flows/old/eu",
            ".ci/deeper",
        ] {
            assert!(!globs.may_hold(no), "{no}");
        }
    }

    #[test]
    fn folders_that_no_glob_can_match_are_not_looked_into() {
        let globs = FlowGlobs::new(&["packages/*/flows/*.json", "{eu,us/west}/x/*.json"]).unwrap();
        for yes in [
            "packages",
            "packages/a",
            "packages/a/flows",
            "us/west/x",
            "eu",
        ] {
            assert!(globs.may_hold(yes), "{yes}");
        }
        let globs = FlowGlobs::new(&["packages/*/flows/*.json"]).unwrap();
        for no in [
            "packages/a/node_modules",
            "packages/a/flows/old",
            "node_modules",
            "package",
        ] {
            assert!(!globs.may_hold(no), "{no}");
        }
    }

    proptest::proptest! {
        /// Whatever matches, every folder on the way to it is looked into.
        #[test]
        fn no_match_stands_in_a_folder_that_is_passed_by(
            glob in "(a|b|\\*|\\*\\*|a\\*|\\?|\\{a,b\\}|\\{a,b/a\\}|[ab]b)(/(a|b|\\*|\\*\\*|a\\*|\\{b,a/b\\})){0,3}",
            left_out in "(!a/\\*\\*|!b/a/\\*\\*|!\\*\\*/b/\\*\\*)?",
            path in "(a|b|ab)(/(a|b|ab)){0,4}",
        ) {
            let mut all = vec![glob];
            all.extend(Some(left_out).filter(|glob| !glob.is_empty()));
            if let Ok(globs) = FlowGlobs::new(&all) && globs.matches(&path) {
                for (end, _) in path.match_indices('/') {
                    proptest::prop_assert!(globs.may_hold(&path[..end]), "{all:?} {path}");
                }
            }
        }
    }
}
