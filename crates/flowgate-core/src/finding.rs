//! What a rule says about one place: rule, severity, message, location, fingerprint, cause.
//!
//! A finding without a place cannot be built. Which findings there are is for [`crate::rules`]; what they mean for the
//! exit code is for the policy.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::hash::Hasher;
use crate::ids::{ElementId, FlowId, RepoPath};
use crate::redact::REDACTED;
use crate::text::{Position, SourceText, Span};

/// How bad a finding is. Ordered: `Info < Warning < Error`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably a fault.
    Warning,
    /// Merging this would fail or harm callers.
    Error,
}

impl Severity {
    /// The word that people and machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stable kebab-case rule id. Only [`crate::rules`] declares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(pub &'static str);

impl RuleId {
    /// The id as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Names a finding across runs: survives moves, renames of the file and reformatting. 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

/// Why a text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fingerprint; expected the 32 hexadecimal digits that a finding shows")]
pub struct InvalidFingerprint(pub String);

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 32 && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidFingerprint(text.to_owned()))
        }
    }
}

impl Fingerprint {
    /// The fingerprint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Made of what the finding is about, never of where it stands: the rule, the flow (or, where the flow has no
    /// readable id, its path) and `subject`, the parts that tell it from others of the same rule and flow.
    pub fn of(rule: RuleId, flow: &str, subject: &[&str]) -> Self {
        let mut hash = Hasher::sha256();
        for part in [rule.0, flow].iter().chain(subject) {
            // Length before content: ("ab", "c") and ("a", "bc") are two subjects.
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut hash = hash.hex();
        hash.truncate(32);
        Self(hash)
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// Bytes in the file.
    pub span: Span,
    /// First line and column.
    pub start: Position,
    /// Line and column past the end.
    pub end: Position,
    /// The line at `start`, for excerpts; long lines are cut around the place.
    pub excerpt: Excerpt,
}

/// The line that a finding points at, cut to a bearable length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The (part of the) line.
    pub text: String,
    /// First marked scalar of `text`, from 0.
    pub mark: usize,
    /// How many scalars are marked, at least one.
    pub length: usize,
}

impl Location {
    /// The place of a span in a text.
    pub fn new(source: &SourceText, span: Span) -> Self {
        let start = source.position(span.start);
        let end = source.position(span.end.max(span.start));
        Self {
            path: source.path().clone(),
            span,
            start,
            end,
            excerpt: Excerpt::new(source, span.start, start, end),
        }
    }
}

impl Excerpt {
    /// How much is shown before the place of a line that is cut, and how much of it at all.
    const BEFORE: usize = 60;
    const WHOLE: usize = 160;

    fn new(source: &SourceText, offset: u32, start: Position, end: Position) -> Self {
        let (text, mark) = source.around(offset, Self::BEFORE, Self::WHOLE);
        let rest = text.chars().count().saturating_sub(mark);
        let length = if end.line == start.line {
            (end.column - start.column) as usize
        } else {
            rest
        };
        Self {
            mark,
            length: length.min(rest).max(1),
            text: text.to_owned(),
        }
    }

    /// The same without secrets, which are bytes of the source, in order and apart: they are hidden first, and the line is
    /// cut afterwards, so that no part of one is left at an edge.
    pub(crate) fn hiding(source: &SourceText, span: Span, secrets: &[Range<usize>]) -> Self {
        let line = source.line_around(span.start);
        let start = (span.start as usize).clamp(line.start, line.end);
        let end = (span.end as usize).clamp(start, line.end);
        let from = secrets.partition_point(|secret| secret.end <= line.start);
        let of_line = secrets.get(from..).unwrap_or(&[]);
        let to = of_line.partition_point(|secret| secret.start < line.end);
        let of_line = of_line.get(..to).unwrap_or(&[]);
        let pieces = Pieces {
            text: source.as_str(),
            secrets: of_line,
        };
        let length = pieces.letters(line.clone()).take(Self::WHOLE + 1).count();
        let before = if length <= Self::WHOLE {
            usize::MAX
        } else {
            Self::BEFORE
        };
        let mut text: Vec<char> = pieces
            .letters_back(line.start, start)
            .take(before)
            .collect();
        text.reverse();
        let mark = text.len();
        let marked = pieces
            .letters(start..end.max(start))
            .take(Self::WHOLE)
            .count();
        let behind = pieces.letters(start..line.end);
        text.extend(behind.take(Self::WHOLE.saturating_sub(mark)));
        let rest = text.len().saturating_sub(mark);
        Self {
            mark,
            length: marked.min(rest).max(1),
            text: text.into_iter().collect(),
        }
    }
}

/// A text with what stands in the place of its secrets.
struct Pieces<'t> {
    text: &'t str,
    secrets: &'t [Range<usize>],
}

impl Pieces<'_> {
    /// The letters of a part; a secret that reaches into it is hidden as a whole.
    fn letters(&self, part: Range<usize>) -> impl Iterator<Item = char> {
        let mut at = part.start;
        let mut instead = "".chars();
        std::iter::from_fn(move || {
            if let Some(letter) = instead.next() {
                return Some(letter);
            }
            if at >= part.end {
                return None;
            }
            let nth = self.secrets.partition_point(|secret| secret.end <= at);
            if let Some(secret) = self.secrets.get(nth).filter(|secret| secret.start <= at) {
                at = secret.end;
                instead = REDACTED.chars();
                return instead.next();
            }
            let letter = self.text.get(at..)?.chars().next()?;
            at += letter.len_utf8();
            Some(letter)
        })
    }

    /// The letters from one place back to another.
    fn letters_back(&self, from: usize, to: usize) -> impl Iterator<Item = char> {
        let mut at = to;
        let mut instead = "".chars().rev();
        std::iter::from_fn(move || {
            if let Some(letter) = instead.next() {
                return Some(letter);
            }
            if at <= from {
                return None;
            }
            let nth = self.secrets.partition_point(|secret| secret.start < at);
            let last = nth.checked_sub(1).and_then(|nth| self.secrets.get(nth));
            // A secret that the place itself stands in is shown behind it.
            if let Some(secret) = last.filter(|secret| secret.end >= at) {
                let is_split = at == to && secret.end > at;
                at = secret.start;
                if !is_split {
                    instead = REDACTED.chars().rev();
                    return instead.next();
                }
                if at <= from {
                    return None;
                }
            }
            let letter = self.text.get(..at)?.chars().next_back()?;
            at -= letter.len_utf8();
            Some(letter)
        })
    }
}

/// What a rule says about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that says it.
    pub rule: RuleId,
    /// How bad it is, after policy.
    pub severity: Severity,
    /// One sentence: lower case, no full stop. Holds text from the flow: escape before showing.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The flow it is about, where the file says one.
    pub flow: Option<FlowId>,
    /// The element it is about.
    pub element: Option<ElementId>,
    /// That element's name for people.
    pub element_name: Option<String>,
    /// Names it across runs.
    pub fingerprint: Fingerprint,
    /// The finding that this one follows from: mend that one and this one goes away with it.
    pub cause: Option<Fingerprint>,
    /// Whether the baseline has it already.
    pub existing: bool,
    /// Why it does not count, though it is there.
    pub excuse: Option<Excuse>,
    /// What to do next.
    pub hint: Option<String>,
}

/// Why a finding does not count, though it is there. It stays visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excuse {
    /// Somebody lives with it for a while.
    Waived {
        /// Why, in their words: text from a file, escape before showing.
        reason: String,
        /// The last day on which it does not count.
        until: Day,
    },
    /// It was there when `flowgate accept` recorded what was there.
    Accepted,
}

impl Finding {
    /// Whether this change answers for it: the baseline does not have it already, and nobody excused it.
    pub fn is_news(&self) -> bool {
        !self.existing && self.excuse.is_none()
    }

    /// Order for every list: by file, place, rule, message.
    pub fn sort_key(&self) -> impl Ord + '_ {
        (
            &self.location.path,
            self.location.span,
            self.rule,
            &self.message,
        )
    }
}
