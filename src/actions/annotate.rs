//! Annotations: what GitHub shows beside the lines of the change.

use std::fmt;
use std::io::{self, Write};

use super::defuse::defuse;

/// So many annotations of one level does GitHub show for one step.
pub const SHOWN_PER_LEVEL: usize = 10;

/// GitHub cuts off longer ones; cutting here keeps the end of the line out of harm's way.
const LONGEST_MESSAGE: usize = 4_000;
const LONGEST_TITLE: usize = 255;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Worth a look.
    Warning,
    /// To be fixed.
    Error,
}

impl Level {
    const ALL: [Self; 3] = [Level::Error, Level::Warning, Level::Notice];

    fn command(self) -> &'static str {
        match self {
            Level::Notice => "notice",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A place in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path (hostile).
    pub path: String,
    /// Line and column, both from 1.
    pub at: Option<(u32, u32)>,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// A few words above the message.
    pub title: Option<String>,
    /// What there is to say (may be hostile).
    pub message: String,
    /// Where.
    pub place: Option<Place>,
}

impl Annotation {
    /// A notice about the run itself.
    pub fn notice(message: impl Into<String>) -> Self {
        Self {
            level: Level::Notice,
            title: None,
            message: message.into(),
            place: None,
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut properties = Vec::new();
        if let Some(place) = &self.place {
            properties.push(format!("file={}", escape_property(&place.path)));
            if let Some((line, column)) = place.at {
                properties.push(format!("line={line}"));
                properties.push(format!("col={column}"));
            }
        }
        if let Some(title) = &self.title {
            let title = cut(title, LONGEST_TITLE);
            properties.push(format!("title={}", escape_property(&title)));
        }
        let space = if properties.is_empty() { "" } else { " " };
        writeln!(
            out,
            "::{}{space}{}::{}",
            self.level.command(),
            properties.join(","),
            escape_data(&visible(
                &cut(&self.message, LONGEST_MESSAGE),
                &['\n', '\r', '\t']
            ))
        )
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.level.command())?;
        if let Some(place) = &self.place {
            write!(f, "{}: ", visible(&place.path, &[]))?;
            if let Some((line, column)) = place.at {
                write!(f, "{line}:{column}: ")?;
            }
        }
        if let Some(title) = &self.title {
            write!(f, "{}: ", visible(title, &[]))?;
        }
        f.write_str(&visible(&self.message, &['\n', '\t']))
    }
}

/// How many of each level this step has shown so far.
#[derive(Debug, Default)]
pub(super) struct Shown([usize; 3]);

impl Shown {
    pub(super) fn write(
        &mut self,
        out: &mut impl Write,
        annotations: &[Annotation],
    ) -> io::Result<()> {
        for (level, shown) in Level::ALL.into_iter().zip(&mut self.0) {
            let all: Vec<_> = annotations.iter().filter(|a| a.level == level).collect();
            let room = SHOWN_PER_LEVEL.saturating_sub(*shown);
            let fitting = if all.len() <= room {
                all.len()
            } else {
                room.saturating_sub(1)
            };
            let (first, rest) = all.split_at(fitting);
            for annotation in first {
                annotation.write(out)?;
            }
            *shown += fitting;
            if rest.is_empty() {
                continue;
            }
            // Where even this line finds no room beside the code, the log still has it.
            *shown += 1;
            let plural = if rest.len() == 1 { "" } else { "s" };
            let word = level.command();
            writeln!(
                out,
                "::{word}::and {} more {word}{plural}: see the job summary for all of them",
                rest.len()
            )?;
        }
        Ok(())
    }
}

/// Makes text fit for the message of a command.
pub(super) fn escape_data(text: &str) -> String {
    defuse(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Makes text fit for a property of a command.
fn escape_property(text: &str) -> String {
    escape_data(&visible(text, &[]))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// The text with `�` in place of control characters but these: a log is read in terminals too.
fn visible(text: &str, but: &[char]) -> String {
    let shown = |c: char| {
        if c.is_control() && !but.contains(&c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
