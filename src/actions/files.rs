//! The files that a step fills for the runner: its outputs and the job summary.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flowgate_core::ids::hex;

use super::OutputName;

/// GitHub refuses a step's whole summary when it is larger, in bytes.
pub const SUMMARY_LIMIT: u64 = 1024 * 1024;

/// Why something could not be handed to the runner.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be written.
    #[error("could not write the {what} to {path}")]
    Io {
        /// `outputs` or `job summary`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The summary has no room for this.
    #[error("could not write the job summary: {size} bytes are more than the {room} that are left")]
    TooLong {
        /// What was to be written.
        size: u64,
        /// What would fit.
        room: u64,
    },
    /// A value holds the delimiter.
    #[error("could not write the output `{name}`: it cannot be told from the text around it")]
    Ambiguous {
        /// The output.
        name: &'static str,
    },
}

/// Writes the step's outputs. `random` makes the delimiter: a value that could guess it could set other outputs.
pub fn append_outputs(
    path: &Path,
    outputs: &BTreeMap<OutputName, String>,
    random: [u8; 16],
) -> Result<(), FileError> {
    let delimiter = format!("flowgate_{}", hex(&random));
    let mut text = String::new();
    for (name, value) in outputs {
        let name = name.as_str();
        if value.contains(&delimiter) {
            return Err(FileError::Ambiguous { name });
        }
        text.extend([name, "<<", &delimiter, "\n", value, "\n", &delimiter, "\n"]);
    }
    append(path, &text).map_err(|source| FileError::Io {
        what: "outputs",
        path: path.to_owned(),
        source,
    })
}

/// How many bytes the summary of this step still takes.
pub fn summary_room(path: &Path) -> u64 {
    // A file that is not there yet is empty.
    let used = fs::metadata(path).map_or(0, |metadata| metadata.len());
    SUMMARY_LIMIT.saturating_sub(used)
}

/// Adds to the job summary, or leaves it as it is where this would not fit.
pub fn append_summary(path: &Path, markdown: &str) -> Result<(), FileError> {
    // What is added next is a paragraph of its own.
    let text = format!("{}\n\n", markdown.trim_end_matches('\n'));
    let (size, room) = (text.len() as u64, summary_room(path));
    if size > room {
        return Err(FileError::TooLong { size, room });
    }
    append(path, &text).map_err(|source| FileError::Io {
        what: "job summary",
        path: path.to_owned(),
        source,
    })
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}
