//! Where settings files stand, how they are read, and why one cannot be used.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use flowgate_core::ids::RepoPath;

use crate::exit::{Ends, Exit};
use crate::files;

/// The places where the file is looked for, from the root of the repository.
pub const PLACES: [&str; 2] = ["flowgate.toml", ".github/flowgate.toml"];

/// One thing that is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalars, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// `--config` names a file that is not there.
    #[error("there is no configuration file `{}`", .0.display())]
    NotThere(PathBuf),
    /// It could not be read.
    #[error("could not read the configuration file `{}`", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// Both places have one.
    #[error("there are two configuration files, `{}` and `{}`: keep one", .0.display(), .1.display())]
    Two(PathBuf, PathBuf),
    /// What it says is wrong.
    #[error("the configuration cannot be used{}", Listed(path, problems))]
    Problems {
        /// The file.
        path: PathBuf,
        /// All that is wrong, in file order.
        problems: Vec<FileProblem>,
    },
}

impl Ends for FileError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

struct Listed<'a>(&'a Path, &'a [FileProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.1 {
            let FileProblem {
                line,
                column,
                message,
            } = problem;
            write!(f, "\n  {}:{line}:{column}: {message}", self.0.display())?;
        }
        Ok(())
    }
}

/// What stands in a file that is not on disk although it is there; `None` where it is not there at all.
pub type Elsewhere<'e> = dyn Fn(&Path) -> io::Result<Option<Vec<u8>>> + 'e;

/// The text of a file; `None` where there is none.
pub(super) fn read(path: &Path, elsewhere: &Elsewhere<'_>) -> Result<Option<String>, FileError> {
    /// More than any team has to say.
    const MOST: u64 = 16 * 1024 * 1024;
    match files::read_text(path, MOST) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = elsewhere(path).and_then(|bytes| {
                let text = bytes.map(String::from_utf8).transpose();
                text.map_err(io::Error::other)
            });
            text.map_err(|error| FileError::Unreadable(path.to_owned(), error))
        }
        Err(error) => Err(FileError::Unreadable(path.to_owned(), error)),
    }
}

/// A file's path for findings: in the repository, or, where it is not in there, its name.
pub(super) fn repo_path(root: &Path, path: &Path) -> Result<RepoPath, FileError> {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let name = Path::new(inside.file_name().unwrap_or_default());
    let parsed = |path: &Path| path.to_string_lossy().replace('\\', "/").parse();
    parsed(inside)
        .or_else(|_| parsed(name))
        .map_err(|error| FileError::Unreadable(path.to_owned(), io::Error::other(error)))
}
