//! The audit on disk: one file, one writer, append and sync.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use super::{Sink, first_prev, hash};

/// Where an audit stands: what the next line has to be chained to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// How many lines there are, a torn last one included.
    pub lines: u64,
    /// Hash of the last line.
    pub head: String,
    /// Length of the last line where it has no end.
    pub torn: Option<usize>,
}

impl Default for Tail {
    /// Nothing is written yet.
    fn default() -> Self {
        Self {
            lines: 0,
            head: first_prev(),
            torn: None,
        }
    }
}

impl Tail {
    /// Reads an audit to its end.
    ///
    /// # Errors
    /// The reader's.
    pub fn read(mut reader: impl BufRead) -> io::Result<Self> {
        let mut tail = Tail::default();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let whole = line.pop_if(|last| *last == b'\n').is_some();
            tail.lines += 1;
            tail.head = hash(&line);
            tail.torn = (!whole).then_some(line.len());
            line.clear();
        }
        Ok(tail)
    }
}

/// A file that lines are appended to.
#[derive(Debug)]
pub struct FileSink {
    file: File,
}

impl FileSink {
    /// Opens the file, or makes one, and reads where it stands.
    ///
    /// # Errors
    /// The file system's; it is no file; or another process holds it.
    pub fn open(path: &Path) -> io::Result<(Self, Tail)> {
        let is_new = !path.exists();
        if !is_new && !path.is_file() {
            // A pipe or a device would take the lines and keep none, or have no end to read to.
            return Err(io::Error::other("it is no regular file"));
        }
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        // Two writers would fork the chain. Where the file system knows no locks, the run's own order has to do.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::Error::other("another process is appending to it"));
        }
        if is_new {
            sync_folder(path);
        }
        let tail = Tail::read(BufReader::new(&file))?;
        Ok((Self { file }, tail))
    }
}

/// Makes the new file's name survive a crash too. Not every file system lets a folder be synced: then its lines still are.
fn sync_folder(path: &Path) {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if let Err(err) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!("could not sync the folder of the audit: {err}");
    }
}

impl Sink for FileSink {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }
}
