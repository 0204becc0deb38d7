//! Replacing a file of the work tree: whole or not at all, never through a symbolic link, never over what somebody else
//! wrote meanwhile.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flowgate_core::flow::Content;

use crate::exit::{Ends, Exit};
use crate::source::read_file;

/// Why a file was not replaced. What stood there is untouched.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// It is no longer what was read.
    #[error("`{}` was changed by somebody else since it was read", .0.display())]
    Changed(PathBuf),
    /// It could not be written.
    #[error("could not write `{}`", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Ends for ReplaceError {
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ReplaceError::Changed(_) => "run it again".to_owned(),
            ReplaceError::Io { .. } => "the file is as it was before".to_owned(),
        })
    }
}

/// Replaces the file that held `before` (`None`: where nothing stands yet) with `after`.
pub fn replace(path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), ReplaceError> {
    let stands = match before {
        Some(before) => {
            let limit = u64::try_from(before.len()).unwrap_or(u64::MAX);
            matches!(read_file(path, limit), Content::Bytes(now) if now == before)
        }
        None => path.symlink_metadata().is_err(),
    };
    if !stands {
        return Err(ReplaceError::Changed(path.to_owned()));
    }
    write_beside(path, after).map_err(|source| ReplaceError::Io {
        path: path.to_owned(),
        source,
    })
}

/// A rename puts the whole file in place at once; it replaces a link rather than following it.
fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)?;
        file.write_all(bytes)?;
        if let Ok(data) = path.symlink_metadata() {
            file.set_permissions(data.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        // What was begun is of no use to anybody; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_while_it_is_what_was_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        replace(&path, None, b"one").unwrap();
        replace(&path, Some(b"one"), b"two").unwrap();
        for before in [None, Some(b"one".as_slice())] {
            let refused = replace(&path, before, b"three");
            assert!(matches!(refused, Err(ReplaceError::Changed(_))));
        }
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&real, "one").unwrap();
        symlink(&real, &link).unwrap();
        assert!(replace(&link, Some(b"one"), b"two").is_err());
        assert_eq!(fs::read(&real).unwrap(), b"one");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&real, Some(b"one"), b"two").unwrap();
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
