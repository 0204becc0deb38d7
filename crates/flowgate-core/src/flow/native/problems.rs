//! The problems of one file as they are found, and how the thing that is wrong is called.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::json::Value;
use super::super::{Problem, ProblemKind};
use super::whole;
use crate::text::Span;

/// Problems of one file beyond this many are counted, not listed: a file of rubbish must not fill the memory.
const MOST_PROBLEMS: usize = 5_000;

/// The problems of one file.
pub(super) struct Problems {
    list: Vec<Problem>,
    unlisted: usize,
}

impl Problems {
    /// Begins with what was found before.
    pub(super) fn new(list: Vec<Problem>) -> Self {
        Self { list, unlisted: 0 }
    }

    /// One more; its words are only made where it is listed.
    pub(super) fn raise(
        &mut self,
        kind: ProblemKind,
        span: Span,
        subject: String,
        words: impl FnOnce() -> (String, Option<String>),
    ) {
        if self.list.len() >= MOST_PROBLEMS {
            self.unlisted += 1;
            return;
        }
        let (message, hint) = words();
        self.list.push(Problem {
            kind,
            span,
            message,
            subject,
            hint,
        });
    }

    /// All problems in file order, no two of a kind with one subject.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.list.sort_by_key(|problem| problem.span.start);
        let mut seen: HashMap<(ProblemKind, String), usize> = HashMap::new();
        for problem in &mut self.list {
            let count = seen
                .entry((problem.kind, problem.subject.clone()))
                .or_default();
            *count += 1;
            if *count > 1 {
                problem.subject = format!("{} #{count}", problem.subject);
            }
        }
        if self.unlisted > 0 {
            let message = format!(
                "{} more problems of this file are not listed",
                self.unlisted
            );
            self.list.push(Problem {
                subject: "unlisted".into(),
                ..whole(ProblemKind::WrongType, &message)
            });
        }
        self.list
    }
}

/// Text from the file as it stands in a message: in back-ticks, of a bearable length. Reports escape it.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let cut = text.chars().nth(LONGEST).map_or("", |_| "…");
    let text: String = text.chars().take(LONGEST).collect();
    format!("`{text}{cut}`")
}

/// Which element or connector is spoken of.
pub(super) struct Place<'d> {
    what: &'static str,
    list: &'static str,
    index: usize,
    name: Option<Cow<'d, str>>,
    /// Its id, the best place for what is missing; its first brace says little.
    pub(super) id: Option<Value<'d>>,
}

impl<'d> Place<'d> {
    pub(super) fn new(what: &'static str, list: &'static str, index: usize) -> Self {
        Self {
            what,
            list,
            index,
            name: None,
            id: None,
        }
    }

    pub(super) fn named(self, name: Option<Cow<'d, str>>, id: Option<Value<'d>>) -> Self {
        Self {
            id: id.filter(|_| name.is_some()),
            name,
            ..self
        }
    }

    /// For messages: by id, else by number as people count.
    pub(super) fn name(&self) -> String {
        match &self.name {
            Some(name) => format!("the {} {}", self.what, shown(name)),
            None => format!("{} number {}", self.what, self.index + 1),
        }
    }

    /// For fingerprints: by id, which outlives edits elsewhere in the list.
    pub(super) fn subject(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{name}", self.list),
            None => format!("{}/#{}", self.list, self.index),
        }
    }
}

/// A container is marked at its first byte, anything else as a whole.
pub(super) fn head(value: Value<'_>) -> Span {
    let span = value.span();
    if value.is_object() || value.is_array() {
        Span {
            start: span.start,
            end: span.start + 1,
        }
    } else {
        span
    }
}
