//! Writing and reading files that were named from outside: written whole or not at all, never through a symbolic link that
//! the repository brought, never over what somebody else wrote meanwhile; read only where they are files and not endless.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
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
    /// A symbolic link stands on the way to it: it may lead anywhere.
    #[error("could not write `{}`: `{}` is a symbolic link", path.display(), link.display())]
    Link {
        /// Which file.
        path: PathBuf,
        /// The link.
        link: PathBuf,
    },
    /// Something stands there that cannot be replaced as a whole: a folder, a pipe, a device.
    #[error("could not write `{}`: what stands there is no regular file", .0.display())]
    NoFile(PathBuf),
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
        match self {
            ReplaceError::Link { .. } | ReplaceError::NoFile(_) => Exit::Usage,
            ReplaceError::Changed(_) | ReplaceError::Io { .. } => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ReplaceError::Changed(_) => "run it again".to_owned(),
            ReplaceError::Link { .. } | ReplaceError::NoFile(_) => {
                "name a file that is none, or remove what stands there".to_owned()
            }
            ReplaceError::Io { .. } => "the file is as it was before".to_owned(),
        })
    }
}

/// Replaces the file that held `before` (`None`: where nothing stands yet) with `after`.
pub fn replace(path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), ReplaceError> {
    through_no_link(path)?;
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
    put(path, after)
}

/// Writes a whole file, whatever stood in it before.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    through_no_link(path)?;
    put(path, bytes)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    write_beside(path, bytes).map_err(|source| ReplaceError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Whether a file may be written, or opened for appending: it is none yet or a regular one, and no symbolic link of the
/// repository that it stands in leads to it. What stands above a repository is its owner's.
pub fn through_no_link(path: &Path) -> Result<(), ReplaceError> {
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|data| data.is_symlink());
    let link = |link: &Path| ReplaceError::Link {
        path: path.to_owned(),
        link: link.to_owned(),
    };
    if is_link(path) {
        return Err(link(path));
    }
    if path.symlink_metadata().is_ok_and(|data| !data.is_file()) {
        return Err(ReplaceError::NoFile(path.to_owned()));
    }
    // `..` would take back a step that a link made elsewhere.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut links = Vec::new();
    for folder in whole.ancestors().skip(1) {
        if is_link(folder) {
            links.push(folder);
        } else if folder.join(".git").exists() {
            return links.first().map_or(Ok(()), |first| Err(link(first)));
        }
    }
    Ok(())
}

/// The bytes of a file that a person named, be it behind a link: a pipe or a device would have no end.
///
/// # Errors
/// The file system's; it is no regular file; or it is larger than so many bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    // It may have grown since it was opened.
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {most} bytes")));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// Those of [`read`]; also where it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
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
    fn nothing_is_written_through_a_link_of_a_repository_nor_into_what_is_no_file() {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("repository");
        let outside = directory.path().join("outside");
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::create_dir_all(root.join("real")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("kept"), "kept").unwrap();
        symlink(outside.join("kept"), root.join("file")).unwrap();
        symlink(outside.join("new"), root.join("dangling")).unwrap();
        symlink(&outside, root.join("folder")).unwrap();
        symlink(root.join("real"), root.join("inside")).unwrap();
        for (path, link) in [
            ("file", "file"),
            ("dangling", "dangling"),
            ("folder/kept", "folder"),
            ("folder/new", "folder"),
            ("inside/new", "inside"),
        ] {
            let refused = write(&root.join(path), b"x").unwrap_err();
            assert_eq!(refused.exit(), Exit::Usage, "{path}");
            let said = refused.to_string();
            assert!(
                said.ends_with(&format!("repository/{link}` is a symbolic link")),
                "{said}"
            );
            assert!(replace(&root.join(path), None, b"x").is_err(), "{path}");
            assert!(through_no_link(&root.join(path)).is_err(), "{path}");
        }
        assert_eq!(fs::read(outside.join("kept")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        assert!(matches!(
            write(&root.join("real"), b"x"),
            Err(ReplaceError::NoFile(_))
        ));
        assert!(matches!(
            write(Path::new("/dev/null"), b"x"),
            Err(ReplaceError::NoFile(_))
        ));
        // What stands above the repository is its owner's: a home behind a link, `/tmp` on macOS.
        symlink(directory.path(), directory.path().join("home")).unwrap();
        let above = directory.path().join("home/repository/real/report.json");
        write(&above, b"one").unwrap();
        write(&above, b"two").unwrap();
        assert_eq!(fs::read(root.join("real/report.json")).unwrap(), b"two");
        assert_eq!(fs::read_dir(root.join("real")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), directory.path()] {
            let refused = read(path, 10).unwrap_err();
            assert_eq!(refused.to_string(), "it is no regular file", "{path:?}");
        }
        let file = directory.path().join("file");
        fs::write(&file, "0123456789a").unwrap();
        assert_eq!(
            read(&file, 10).unwrap_err().to_string(),
            "it is larger than 10 bytes"
        );
        assert_eq!(read(&file, 11).unwrap().len(), 11);
        fs::write(&file, [0xff]).unwrap();
        assert!(read_text(&file, 11).is_err());
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
