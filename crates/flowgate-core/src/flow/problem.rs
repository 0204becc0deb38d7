//! What can be wrong with the shape of a flow file, and what reading one gives.
//!
//! Problems are facts with a place; [`crate::rules`] declares the rule of each and turns it into a finding.

use std::sync::Arc;

use super::Flow;
use crate::text::{SourceText, Span};

/// What stands where a flow file should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The bytes of a regular file.
    Bytes(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link; it is not followed.
    Symlink,
    /// A file over the size limit; it was not read.
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It could not be read: why, for people.
    Unreadable(String),
}

/// A fault in the shape of a flow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// What exactly, for people: one sentence, lower case, no full stop. May hold text from the file.
    pub message: String,
    /// What tells it from others of its kind in the same file, across edits: an id, a pointer, a key.
    pub subject: String,
    /// What to do next. May hold text from the file.
    pub hint: Option<String>,
}

/// Kinds of [`Problem`]; each is a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Directory, symlink, unreadable.
    NotAFile,
    /// Over the size limit.
    TooLarge,
    /// No bytes, or white space only.
    Empty,
    /// A Git LFS pointer instead of the content.
    LfsPointer,
    /// Not UTF-8.
    NotUtf8,
    /// A byte order mark before the first byte of the value.
    ByteOrderMark,
    /// Not JSON.
    NotJson,
    /// Deeper than the depth limit.
    TooDeep,
    /// An object has a key twice.
    DuplicateKey,
    /// A value has the wrong type (the file itself, an element, a connector, one of their fields).
    WrongType,
    /// A needed field is missing (of an element or connector).
    MissingField,
    /// `flowId` is missing or is not a flow id.
    FlowIdInvalid,
    /// `version` is missing.
    VersionRequired,
    /// `version` is not semantic versioning.
    VersionNotSemver,
    /// `elements` is missing or not an array.
    ElementsNotArray,
    /// `connectors` is missing or not an array.
    ConnectorsNotArray,
}

/// What reading one file gave.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The text (where it was not UTF-8, its beginning up to some bytes past the first bad one, with replacement
    /// characters there).
    pub source: SourceText,
    /// The flow, as far as it could be read; `None` where there is nothing to look at.
    pub flow: Option<Arc<Flow>>,
    /// All that is wrong with the shape, in file order.
    pub problems: Vec<Problem>,
}
