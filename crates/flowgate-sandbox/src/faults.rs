//! Fault scripts: what goes wrong, at which call. This file holds the format, `book` the counting;
//! `serve` carries the faults out. How to write a script is told in the crate's documentation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::operation::Operation;
use crate::retry_after::RetryAfter;

mod book;

pub(crate) use book::{Book, Drawn};

/// A fault script: a JSON array of [`Entry`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Script {
    /// The entries, in the order in which they are asked.
    pub entries: Vec<Entry>,
}

/// Why a fault script cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("cannot read the fault script `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a script.
    #[error("the fault script is not valid")]
    Parse(#[source] serde_json::Error),
}

impl Script {
    /// Reads a script from JSON text.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        serde_json::from_str(text).map_err(ScriptError::Parse)
    }

    /// Reads a script from a file.
    pub fn read(path: &Path) -> Result<Self, ScriptError> {
        let text = std::fs::read_to_string(path).map_err(|source| ScriptError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }
}

/// One line of a script: which calls, and what happens to them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Calls of this operation; left out: of any.
    #[serde(default)]
    pub operation: Option<Operation>,
    /// Calls about this flow; left out: about any.
    #[serde(default)]
    pub flow_id: Option<String>,
    /// The first call that is hit.
    #[serde(default)]
    pub nth: Nth,
    /// How many calls in a row are hit; left out: one, or all with `"nth": "always"`.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub fault: Fault,
}

impl Entry {
    /// The next call of `operation` suffers `fault`.
    #[must_use]
    pub fn new(operation: Operation, fault: Fault) -> Self {
        Self {
            operation: Some(operation),
            flow_id: None,
            nth: Nth::Call(1),
            times: None,
            fault,
        }
    }

    /// Only for calls about this flow.
    #[must_use]
    pub fn on_flow(mut self, flow_id: &str) -> Self {
        self.flow_id = Some(flow_id.to_owned());
        self
    }

    /// From the `nth` matching call on, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = Nth::Call(nth);
        self
    }

    /// So many calls in a row.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Every matching call.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.nth = Nth::Always;
        self
    }

    fn matches(&self, operation: Option<Operation>, flow_id: Option<&str>) -> bool {
        self.operation
            .is_none_or(|wanted| operation == Some(wanted))
            && self
                .flow_id
                .as_deref()
                .is_none_or(|wanted| flow_id == Some(wanted))
    }

    /// Whether the `seen`-th matching call is hit.
    fn hits(&self, seen: u32) -> bool {
        let (first, times) = match self.nth {
            Nth::Call(first) => (first, self.times.unwrap_or(1)),
            Nth::Always => (1, self.times.unwrap_or(u32::MAX)),
        };
        seen >= first && seen - first < times
    }
}

/// Which matching call is the first to be hit: `3`, or `"always"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "NthText")]
pub enum Nth {
    /// The n-th, counted from 1.
    Call(u32),
    /// Every one.
    Always,
}

impl Default for Nth {
    fn default() -> Self {
        Self::Call(1)
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`nth` is a number from 1, or \"always\"")]
enum NthText {
    Number(u32),
    Word(String),
}

impl TryFrom<NthText> for Nth {
    type Error = &'static str;

    fn try_from(text: NthText) -> Result<Self, Self::Error> {
        match text {
            NthText::Number(nth) if nth >= 1 => Ok(Self::Call(nth)),
            NthText::Word(word) if word == "always" => Ok(Self::Always),
            NthText::Number(_) | NthText::Word(_) => Err("`nth` is a number from 1, or \"always\""),
        }
    }
}

/// Before or after the platform has done what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Moment {
    /// The request is read whole; nothing has happened yet.
    #[default]
    Received,
    /// The state has changed (and is on disk); nothing has been answered.
    Committed,
}

/// A [`Moment`], or the one after both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Position {
    /// As [`Moment::Received`].
    #[default]
    Received,
    /// As [`Moment::Committed`].
    Committed,
    /// The answer has been handed to the network.
    Answered,
}

impl PartialEq<Moment> for Position {
    fn eq(&self, moment: &Moment) -> bool {
        matches!(
            (self, moment),
            (Self::Received, Moment::Received) | (Self::Committed, Moment::Committed)
        )
    }
}

/// What happens to a call. `Delay`, `Pause`, `ConsoleEdit`, `RevokeTokens` and `Garble` add up; of the
/// others the first that matches decides.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// This answer instead of the true one.
    Status(Scripted),
    /// The connection closes; nothing has happened.
    DropBefore,
    /// The connection closes without an answer; what was asked has happened.
    DropAfter,
    /// What was asked has happened; the JSON of the answer ends in the middle.
    Truncate(Cut),
    /// What was asked has happened; the answer is 200 with text that is not JSON.
    Rubbish,
    /// The call waits, and then goes on, even if the client has left.
    Delay(Delay),
    /// The call tells somebody and waits for them.
    Pause(Pause),
    /// Somebody edits and publishes a flow in the console meanwhile.
    ConsoleEdit(ConsoleEdit),
    /// All tokens given out so far stop working before this call is judged.
    RevokeTokens,
    /// The version that this write is about is stored without its last element.
    Garble,
}

impl Fault {
    /// An answer with this status and a plain JSON error, nothing having happened.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Status(Scripted::new(code))
    }

    /// A wait before anything happens.
    #[must_use]
    pub fn delay_ms(ms: u64) -> Self {
        Self::Delay(Delay {
            ms,
            at: Moment::Received,
        })
    }

    fn adds_up(&self) -> bool {
        matches!(
            self,
            Self::Delay(_)
                | Self::Pause(_)
                | Self::ConsoleEdit(_)
                | Self::RevokeTokens
                | Self::Garble
        )
    }
}

/// An answer made up by the script.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scripted {
    /// HTTP status.
    pub code: u16,
    /// Body; left out: a JSON error that names the status, or an HTML page if `contentType` is HTML.
    #[serde(default)]
    pub body: Option<String>,
    /// `Content-Type`; left out: `application/json`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// `Retry-After`, in either form.
    #[serde(default)]
    pub retry_after: Option<RetryAfter>,
    /// `received`: nothing has happened (default); `committed`: what was asked has happened.
    #[serde(default)]
    pub at: Moment,
}

impl Scripted {
    /// An answer with this status.
    #[must_use]
    pub fn new(code: u16) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }
}

/// What the `Content-Length` of a truncated answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cut {
    /// The length of what is sent: a whole HTTP answer around broken JSON.
    RightLength,
    /// The length of the whole: the connection closes before all is there.
    WrongLength,
}

/// A wait.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// Milliseconds.
    pub ms: u64,
    /// When.
    #[serde(default)]
    pub at: Moment,
}

/// A window in which a test can act, such as kill the client.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// When. At `answered` there is nothing left to hold, so only `touch` happens.
    #[serde(default)]
    pub at: Position,
    /// File to which one line `{operation} {flowId}` is appended when the moment has come.
    #[serde(default)]
    pub touch: Option<PathBuf>,
    /// Hold until this file exists …
    #[serde(default)]
    pub until: Option<PathBuf>,
    /// … or so many milliseconds have passed, whichever is first.
    #[serde(default)]
    pub ms: Option<u64>,
}

/// An edit in the console, at a chosen moment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleEdit {
    /// When.
    #[serde(default)]
    pub at: Moment,
    /// The flow as the console saves it: `flowId`, `elements`, `connectors`, perhaps `name`.
    pub flow: Box<RawValue>,
}

#[cfg(test)]
mod tests;
