//! A TOML file as tables are read from it: every value with its place, and all that is wrong, not only the first.

use std::borrow::Cow;
use std::ops::Range;

use flowgate_core::finding::Location;
use flowgate_core::flow::nearest;
use flowgate_core::text::{SourceText, Span};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::place::FileProblem;

/// A key or value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The file, and what is wrong with it so far.
pub(super) struct Document<'t> {
    source: &'t SourceText,
    problems: Vec<FileProblem>,
}

impl<'t> Document<'t> {
    /// A file of which nothing was read yet.
    pub(super) fn new(source: &'t SourceText) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    /// Its top-level table; nothing of it where the file is no TOML.
    pub(super) fn table(&mut self) -> DeTable<'t> {
        let (table, syntax) = DeTable::parse_recoverable(self.source.as_str());
        for error in &syntax {
            self.say(error.span(), error.message().trim().to_owned());
        }
        if syntax.is_empty() {
            table.into_inner()
        } else {
            DeTable::new()
        }
    }

    /// Says what is wrong at a place; without one, at the beginning.
    pub(super) fn say(&mut self, place: Option<Range<usize>>, message: String) {
        let at = place.map_or(0, |place| place.start);
        let at = self.source.position(u32::try_from(at).unwrap_or(u32::MAX));
        self.problems.push(FileProblem {
            line: at.line as usize,
            column: at.column as usize,
            message,
        });
    }

    /// All that is wrong, in file order.
    pub(super) fn into_problems(mut self) -> Vec<FileProblem> {
        let problems = &mut self.problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    /// A place as findings have it.
    pub(super) fn location(&self, place: &Range<usize>) -> Location {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span {
            start: byte(place.start),
            end: byte(place.end),
        };
        Location::new(self.source, span)
    }

    /// The members of a table.
    pub(super) fn members<'i>(&mut self, what: &str, value: Value<'i>) -> DeTable<'i> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => table,
            other => {
                self.expected(what, "a table", &other, span);
                DeTable::new()
            }
        }
    }

    /// The entries of an array.
    pub(super) fn entries<'i>(
        &mut self,
        what: &str,
        expected: &str,
        value: Value<'i>,
    ) -> DeArray<'i> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(array) => array,
            other => {
                self.expected(what, expected, &other, span);
                DeArray::new()
            }
        }
    }

    /// A text, with its place.
    pub(super) fn text<'i>(
        &mut self,
        what: &str,
        value: Value<'i>,
    ) -> Option<Spanned<Cow<'i, str>>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::String(text) => Some(Spanned::new(span, text)),
            other => {
                self.expected(what, "a text in quotes", &other, span);
                None
            }
        }
    }

    /// One text, or a list of them.
    pub(super) fn texts<'i>(&mut self, what: &str, value: Value<'i>) -> Vec<Spanned<Cow<'i, str>>> {
        if matches!(value.get_ref(), DeValue::String(_)) {
            return self.text(what, value).into_iter().collect();
        }
        let entries = self.entries(what, "a text in quotes, or a list of them", value);
        entries
            .into_iter()
            .filter_map(|entry| self.text(what, entry))
            .collect()
    }

    /// What a text means, if it means it.
    pub(super) fn parsed<T: std::str::FromStr>(&mut self, what: &str, value: Value<'_>) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(what, value)?;
        match text.get_ref().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(Some(text.span()), format!("{what}: {error}"));
                None
            }
        }
    }

    /// A key that nothing is known of.
    pub(super) fn unknown_key(&mut self, key: &Spanned<Cow<'_, str>>, known: &[&str]) {
        let name = key.get_ref().as_ref();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", listed(known)),
        };
        self.say(Some(key.span()), format!("unknown key `{name}`; {hint}"));
    }

    fn expected(&mut self, what: &str, expected: &str, found: &DeValue<'_>, span: Range<usize>) {
        let found = found.type_str();
        self.say(
            Some(span),
            format!("{what}: expected {expected}, found {found}"),
        );
    }
}

/// Names between back-ticks, with commas.
pub(super) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
