//! The tutorial's file format: an object with `flowId`, `version`, `elements` and `connectors`.
//!
//! Everything that is wrong with a file's shape is raised in one pass, each with its place; what could be read becomes a
//! [`Flow`] all the same. Whether that flow is any good is for [`crate::rules`]. What CXone answers when asked for a
//! published flow has the same shape and is read by the same function.

mod bring;
mod identity;
mod members;
mod parts;
mod problems;
mod rewrite;
mod version;

pub use bring::{anew, bring_in};
pub use identity::{Identity, identity};
pub use rewrite::with_version;

use std::sync::Arc;

use self::parts::Shape;
use super::json::{Document, Names, SyntaxErrorKind};
use super::{Content, Flow, Problem, ProblemKind, Reading};
use crate::ids::{FlowId, RepoPath};
use crate::text::{SourceText, Span};

/// The keys that this format gives a meaning to.
const KEYS: Names<4> = Names::of(["flowId", "version", "elements", "connectors"]);

/// First words of the file that Git LFS leaves where the real content was not fetched.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// How much after the first byte that is not UTF-8 is kept, so that the place can be shown.
const AFTER_BAD_BYTE: usize = 200;

/// Reads what stands at `path`.
pub fn read(path: RepoPath, content: Content) -> Reading {
    let bytes = match content {
        Content::Bytes(bytes) => bytes,
        other => {
            let source = SourceText::new(path, String::new());
            return Reading {
                source,
                flow: None,
                problems: vec![no_bytes(&other)],
            };
        }
    };
    if u32::try_from(bytes.len()).is_err() {
        let content = Content::TooLarge {
            size: bytes.len() as u64,
            limit: u64::from(u32::MAX),
        };
        return read(path, content);
    }
    if bytes.starts_with(LFS) {
        let source = SourceText::new(path, String::from_utf8_lossy(&bytes).into_owned());
        let problem = Problem {
            span: Span {
                start: 0,
                end: 42,
            },
            hint: Some("fetch the content before checking: `git lfs pull`, or `lfs: true` for actions/checkout".into()),
            ..whole(ProblemKind::LfsPointer, "this is a Git LFS pointer, not the flow itself")
        };
        return nothing(source, problem);
    }
    match String::from_utf8(bytes) {
        Ok(text) => read_text(SourceText::new(path, text)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            not_utf8(path, error.as_bytes(), good)
        }
    }
}

/// Reads what CXone answered when asked for this flow.
pub fn from_platform(flow: &FlowId, body: Vec<u8>) -> Reading {
    read(RepoPath::of_published(flow), Content::Bytes(body))
}

fn read_text(source: SourceText) -> Reading {
    let mut problems = Vec::new();
    let mut start = 0;
    if source.as_str().starts_with('\u{FEFF}') {
        start = 3;
        problems.push(Problem {
            span: Span { start: 0, end: 3 },
            hint: Some("save the file as UTF-8 without BOM".into()),
            ..whole(
                ProblemKind::ByteOrderMark,
                "the file begins with a byte order mark",
            )
        });
    }
    let rest = source.as_str().get(start as usize..).unwrap_or("");
    if rest.bytes().all(|byte| byte.is_ascii_whitespace()) {
        problems.push(Problem {
            hint: Some(
                "write the flow into it, or delete the file; deleting it does not unpublish the flow".into(),
            ),
            ..whole(ProblemKind::Empty, "the file is empty")
        });
        return Reading {
            source,
            flow: None,
            problems,
        };
    }
    let document = match Document::read_from(source.clone(), start) {
        Ok(document) => document,
        Err(error) => {
            let (kind, message) = match error.kind {
                SyntaxErrorKind::Syntax => (
                    ProblemKind::NotJson,
                    format!("the file is not JSON: {}", error.message),
                ),
                SyntaxErrorKind::TooDeep => (ProblemKind::TooDeep, error.message),
            };
            let line = source.line(source.position(error.span.start).line);
            let is_conflict = line.is_some_and(|line| {
                ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
                    .iter()
                    .any(|mark| line.starts_with(mark))
            });
            let hint = is_conflict.then(|| {
                "resolve the merge conflict that is marked here, and commit the result".into()
            });
            problems.push(Problem {
                span: error.span,
                hint,
                ..whole(kind, &message)
            });
            return Reading {
                source,
                flow: None,
                problems,
            };
        }
    };
    let mut shape = Shape::new(problems);
    shape.duplicate_keys(&document);
    let (found, problems) = shape.read(&document);
    let flow = found.map(|found| Arc::new(Flow::new(found.into_parts(document))));
    Reading {
        source,
        flow,
        problems,
    }
}

fn no_bytes(content: &Content) -> Problem {
    let (kind, message, hint) = match content {
        Content::Directory => (
            ProblemKind::NotAFile,
            "this is a directory, not a file".to_owned(),
            "a flow is one regular file; check the `flows` globs",
        ),
        Content::Symlink => (
            ProblemKind::NotAFile,
            "this is a symbolic link, which is not followed".to_owned(),
            "put the file itself here",
        ),
        Content::TooLarge { size, limit } => (
            ProblemKind::TooLarge,
            format!("the file has {size} bytes, more than the limit of {limit}"),
            "split the flow, or raise the limit on file sizes",
        ),
        Content::Unreadable(why) => (
            ProblemKind::NotAFile,
            format!("the file could not be read: {why}"),
            "check that it exists and who may read it",
        ),
        // `read` handles bytes before it asks.
        Content::Bytes(_) => (ProblemKind::Empty, "the file is empty".to_owned(), ""),
    };
    Problem {
        hint: Some(hint.to_owned()),
        ..whole(kind, &message)
    }
}

fn not_utf8(path: RepoPath, bytes: &[u8], good: usize) -> Reading {
    let byte = bytes.get(good).copied().unwrap_or_default();
    let kept = &bytes[..bytes.len().min(good + AFTER_BAD_BYTE)];
    let source = SourceText::new(path, String::from_utf8_lossy(kept).into_owned());
    let hint = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it looks like UTF-16: save the file as UTF-8",
        _ => "save the file as UTF-8",
    };
    let start = u32::try_from(good).unwrap_or(u32::MAX);
    let problem = Problem {
        span: Span {
            start,
            end: start.saturating_add(3),
        },
        hint: Some(hint.into()),
        ..whole(
            ProblemKind::NotUtf8,
            &format!("the byte 0x{byte:02X} is not UTF-8; nothing more of this file was read"),
        )
    };
    nothing(source, problem)
}

fn nothing(source: SourceText, problem: Problem) -> Reading {
    Reading {
        source,
        flow: None,
        problems: vec![problem],
    }
}

/// A problem of the whole file: one of its kind, placed at the first byte.
fn whole(kind: ProblemKind, message: &str) -> Problem {
    Problem {
        kind,
        span: Span::at(0),
        message: message.to_owned(),
        subject: String::new(),
        hint: None,
    }
}
