//! How a run ends: the exit codes, and the one error that reaches `main`.
//!
//! Inside, every room has errors of its own; at this edge they become an exit code, a chain of causes and a hint.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// What the exit code says (design, "Commands").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// Done; nothing at or above `fail-on`.
    Done = 0,
    /// Findings at or above `fail-on`.
    Findings = 1,
    /// Wrong use or configuration.
    Usage = 2,
    /// The gate refused.
    Refused = 3,
    /// CXone, GitHub or git failed, or a flow is blocked at deployment; what happened is known.
    Failed = 4,
    /// The outcome is unknown; a person must look.
    Unknown = 5,
}

impl Exit {
    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// An error that knows how a run ends with it. Implemented by the error enum of each room.
pub trait Ends: std::error::Error + Send + Sync + 'static {
    /// The exit code.
    fn exit(&self) -> Exit;

    /// What to do next.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Why a run could not do what it was asked to.
#[derive(Debug)]
pub struct Failure {
    /// How the run ends.
    pub exit: Exit,
    /// What was attempted and why it failed, as a chain.
    pub error: anyhow::Error,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            hint: None,
        }
    }

    /// Wrong use or configuration.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, anyhow::anyhow!("{message}"))
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what was attempted when it failed.
    #[must_use]
    pub fn context(mut self, attempted: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.error = self.error.context(attempted);
        self
    }

    /// Writes the failure for people: the error, what caused it, what to do.
    pub fn write(&self, err: &mut dyn Write) -> io::Result<()> {
        let mut causes = self.error.chain();
        if let Some(error) = causes.next() {
            writeln!(err, "error: {}", Plain(&error.to_string()))?;
        }
        for cause in causes {
            writeln!(err, "  because: {}", Plain(&cause.to_string()))?;
        }
        if let Some(hint) = &self.hint {
            writeln!(err, "  hint: {}", Plain(hint))?;
        }
        Ok(())
    }
}

impl<E: Ends> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            exit: error.exit(),
            hint: error.hint(),
            error: error.into(),
        }
    }
}

/// An output that could not be written: a full disk, a closed file. (A reader that went away is not one: `Patient`.)
#[derive(Debug, thiserror::Error)]
#[error("could not write the output")]
pub struct OutputError(#[source] io::Error);

impl Ends for OutputError {
    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        OutputError(error).into()
    }
}

/// Text that may be hostile, made harmless for a terminal: control and bidirectional characters are spelled out.
pub struct Plain<'a>(pub &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            let direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c != '\n' && (c.is_control() || direction) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        Ok(())
    }
}

/// A writer that goes on when its reader went away (`flowgate … | head`): a deployment must not stop half-way, and the
/// exit code must still be the run's own, because somebody stopped reading.
pub struct Patient<W> {
    inner: W,
    gone: bool,
}

impl<W: Write> Patient<W> {
    /// Wraps a writer.
    pub fn new(inner: W) -> Self {
        Self { inner, gone: false }
    }

    fn tolerate<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.tolerate(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let result = self.inner.flush();
        self.tolerate(result, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_file_name_cannot_drive_the_terminal() {
        let shown = Plain("a\u{1b}[2Jb\u{202e}c\nd").to_string();
        assert_eq!(shown, "a\\u{1b}[2Jb\\u{202e}c\nd");
    }

    #[test]
    fn a_failure_tells_the_chain_and_the_way_out() {
        let failure = Failure::usage("no such thing")
            .context("could not read `x`")
            .hint("look again");
        let mut text = Vec::new();
        failure.write(&mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "error: could not read `x`\n  because: no such thing\n  hint: look again\n"
        );
    }
}
