//! The one writer of workflow commands, outputs and the job summary.
//!
//! The runner reads commands out of everything that a step prints, so whatever else goes to stdout or stderr passes through
//! [`Defused`] or [`defuse`]. What is said is decided elsewhere.

mod annotate;
mod defuse;
mod files;
mod outputs;

use std::io::{self, Write};

use secrecy::{ExposeSecret, SecretString};

pub use annotate::{Annotation, Level, Place, SHOWN_PER_LEVEL};
pub use defuse::{Defused, defuse, defuse_json};
pub use files::{FileError, SUMMARY_LIMIT, append_outputs, append_summary, summary_room};
pub use outputs::OutputName;

/// Who reads what this process prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The runner of GitHub Actions, which obeys commands.
    Runner,
    /// A person, who has no use for them.
    Person,
}

impl Reader {
    /// From the value of `GITHUB_ACTIONS`.
    pub fn from_variable(value: Option<&str>) -> Self {
        if value == Some("true") {
            Reader::Runner
        } else {
            Reader::Person
        }
    }
}

/// The log of this step.
#[derive(Debug)]
pub struct Log<W> {
    out: W,
    reader: Reader,
    shown: annotate::Shown,
}

impl<W: Write> Log<W> {
    /// A log for this reader.
    pub fn new(out: W, reader: Reader) -> Self {
        Self {
            out,
            reader,
            shown: annotate::Shown::default(),
        }
    }

    /// Writes text that is no command, whatever stands in it; ends the line.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let safe = defuse(text);
        self.out.write_all(safe.as_bytes())?;
        if !safe.ends_with('\n') {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Has the runner hide this secret from now on. A person's terminal must not see it: there nothing is written.
    pub fn mask(&mut self, secret: &SecretString) -> io::Result<()> {
        if self.reader == Reader::Person {
            return Ok(());
        }
        // The runner compares line by line.
        for line in secret.expose_secret().lines() {
            if !line.trim().is_empty() {
                writeln!(self.out, "::add-mask::{}", annotate::escape_data(line))?;
            }
        }
        self.out.flush()
    }

    /// Writes annotations, the worst first as they are given. GitHub shows [`SHOWN_PER_LEVEL`] of a level in one step;
    /// where there are more, the last place says how many. A person gets plain lines, all of them.
    pub fn annotate(&mut self, annotations: &[Annotation]) -> io::Result<()> {
        match self.reader {
            Reader::Runner => self.shown.write(&mut self.out, annotations),
            Reader::Person => {
                for annotation in annotations {
                    self.text(&annotation.to_string())?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
