//! Keeps the state on disk: one JSON file, replaced whole before a write is answered, so that
//! killing the sandbox or its client at any moment loses nothing that was answered.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::state::State;

const FILE: &str = "state.json";

/// Why the state on disk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or file cannot be read or written.
    #[error("cannot {doing} the sandbox's data at `{}`", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a state.
    #[error("`{}` is not a state of the sandbox; remove it to start afresh", path.display())]
    Broken {
        /// Where.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl State {
    /// The state that a sandbox with this data folder has written; empty if none has.
    pub fn load(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(failed("read", &path)(source)),
        };
        serde_json::from_str(&text).map_err(|source| StoreError::Broken { path, source })
    }

    /// Writes beside and renames: a reader finds the old state or the new one, never half of it.
    pub(crate) fn save(&self, data: &Path) -> Result<(), StoreError> {
        let path = data.join(FILE);
        let beside = data.join(format!("{FILE}.new"));
        let text = serde_json::to_vec(self).map_err(|source| StoreError::Broken {
            path: path.clone(),
            source,
        })?;
        fs::create_dir_all(data).map_err(failed("create", data))?;
        fs::write(&beside, text).map_err(failed("write", &beside))?;
        fs::rename(&beside, &path).map_err(failed("replace", &path))
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}
