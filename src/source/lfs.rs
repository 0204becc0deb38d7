//! Files that git LFS has put in place of their pointers: the commit holds the pointer, and the work tree what it points to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flowgate_core::flow::Content;
use flowgate_core::hash::sha256_hex;
use flowgate_core::ids::RepoPath;

use super::read_file;

/// A larger file is no pointer.
const LONGEST_POINTER: usize = 1024;

/// Attributes that are larger are not read.
const MOST_ATTRIBUTES: u64 = 1024 * 1024;

/// The first line of every pointer.
const FIRST_LINE: &str = "version https://git-lfs.github.com/spec/v1";

/// Whether a work tree may hold such files, folder by folder.
pub(super) struct Lfs<'r> {
    root: &'r Path,
    folders: Mutex<HashMap<PathBuf, bool>>,
}

impl<'r> Lfs<'r> {
    pub(super) fn of(root: &'r Path) -> Self {
        Self {
            root,
            folders: Mutex::default(),
        }
    }

    /// Whether attributes on the way to a file hand anything to LFS.
    pub(super) fn may_hold(&self, path: &RepoPath) -> bool {
        let at = self.root.join(path.as_str());
        let folders = at.ancestors().skip(1);
        let mut folders = folders.take_while(|folder| folder.starts_with(self.root));
        folders.any(|folder| self.says_so(&folder.join(".gitattributes")))
            || self.says_so(&self.root.join(".git/info/attributes"))
    }

    fn says_so(&self, attributes: &Path) -> bool {
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(attributes) {
            return *known;
        }
        // Git follows no link to its attributes either.
        let text = match read_file(attributes, MOST_ATTRIBUTES) {
            Content::Bytes(bytes) => bytes,
            _ => Vec::new(),
        };
        let says_so = String::from_utf8_lossy(&text).contains("filter=lfs");
        known.insert(attributes.to_owned(), says_so);
        says_so
    }
}

/// Whether a pointer leads to these bytes.
pub(super) fn points_to(pointer: &[u8], bytes: &[u8]) -> bool {
    if pointer.len() > LONGEST_POINTER {
        return false;
    }
    let Ok(pointer) = std::str::from_utf8(pointer) else {
        return false;
    };
    let mut lines = pointer.lines();
    let is_pointer = lines.next() == Some(FIRST_LINE);
    let value = |name: &str| {
        let mut of = pointer.lines().filter_map(|line| line.strip_prefix(name));
        of.next()
    };
    is_pointer
        && value("size ").is_some_and(|size| size == bytes.len().to_string())
        && value("oid sha256:").is_some_and(|id| id == sha256_hex(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_the_very_bytes() {
        // `printf hello | git lfs pointer --stdin`
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n";
        assert!(points_to(pointer, b"hello"));
        assert!(!points_to(pointer, b"hallo"));
        assert!(!points_to(b"hello", b"hello"));
    }
}
