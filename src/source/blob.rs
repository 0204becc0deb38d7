//! The id that git gives to the bytes of a file: what tells, without asking git, that a file is still what a commit has.

use flowgate_core::hash::Hasher;

use flowgate_core::flow::Content;

use super::git::Entry;

/// Whether what stands in the work tree is what a commit has, byte for byte or but for line ends: git writes CRLF into a
/// work tree where it is told to, and no flow means anything by it. Of what could not be read nothing is known.
pub(super) fn is_same(content: &Content, entry: &Entry) -> bool {
    match (content, entry) {
        (Content::Bytes(bytes), Entry::Blob(id) | Entry::Nameless(id)) => {
            has_id(bytes, id) || with_line_feeds(bytes).is_some_and(|bytes| has_id(&bytes, id))
        }
        (Content::Symlink, Entry::Symlink) | (Content::Directory, Entry::Submodule) => true,
        _ => false,
    }
}

/// A text with LF in place of each CRLF; `None` where it has none.
pub(super) fn with_line_feeds(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut lines = bytes.split(|&byte| byte == b'\n').peekable();
    let mut all = Vec::with_capacity(bytes.len());
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        match line.strip_suffix(b"\r") {
            Some(line) if !is_last => all.extend_from_slice(line),
            _ => all.extend_from_slice(line),
        }
        if !is_last {
            all.push(b'\n');
        }
    }
    (all.len() < bytes.len()).then_some(all)
}

/// Whether git calls these bytes so.
pub(super) fn has_id(bytes: &[u8], id: &str) -> bool {
    let head = format!("blob {}\0", bytes.len());
    let mut hash = match id.len() {
        40 => Hasher::sha1(),
        64 => Hasher::sha256(),
        _ => return false,
    };
    hash.update(head);
    hash.update(bytes);
    hash.hex() == id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_ids_that_git_gives_them() {
        // What `git hash-object --stdin` prints, in a repository of either kind.
        assert!(has_id(
            b"hello\n",
            "ce013625030ba8dba906f756967f9e9ca394464a"
        ));
        assert!(has_id(
            b"hello\n",
            "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"
        ));
        assert!(!has_id(
            b"hello",
            "ce013625030ba8dba906f756967f9e9ca394464a"
        ));
        assert!(!has_id(b"hello\n", ""));
    }
}
