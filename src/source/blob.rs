//! The id that git gives to the bytes of a file: what tells, without asking git, that a file is still what a commit has.

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use flowgate_core::flow::Content;
use flowgate_core::ids::hex;

use super::git::Entry;

/// Whether what stands in the work tree is, byte for byte, what a commit has. Of what could not be read nothing is known.
pub(super) fn is_same(content: &Content, entry: &Entry) -> bool {
    match (content, entry) {
        (Content::Bytes(bytes), Entry::Blob(id) | Entry::Nameless(id)) => has_id(bytes, id),
        (Content::Symlink, Entry::Symlink) | (Content::Directory, Entry::Submodule) => true,
        _ => false,
    }
}

/// Whether git calls these bytes so.
pub(super) fn has_id(bytes: &[u8], id: &str) -> bool {
    let head = format!("blob {}\0", bytes.len());
    match id.len() {
        40 => {
            hex(&Sha1::new()
                .chain_update(head)
                .chain_update(bytes)
                .finalize())
                == id
        }
        64 => {
            hex(&Sha256::new()
                .chain_update(head)
                .chain_update(bytes)
                .finalize())
                == id
        }
        _ => false,
    }
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
