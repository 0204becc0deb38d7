//! What every section writes with: text from flows, redacted first and escaped then, and links to lines.

use super::{CommentSettings, safe};
use crate::finding::Location;
use crate::flow::FlowView;
use crate::ids::ElementId;
use crate::redact::Redactor;

/// More steps of a way than are ever shown: that there were more is seen all the same.
pub(super) const LONGEST_WAY: usize = 8;

pub(super) struct Ink<'a> {
    pub(super) redactor: &'a Redactor,
    pub(super) settings: &'a CommentSettings,
}

impl<'a> Ink<'a> {
    pub(super) fn new(redactor: &'a Redactor, settings: &'a CommentSettings) -> Self {
        Self { redactor, settings }
    }

    /// Text in a sentence or cell.
    pub(super) fn text(&self, text: &str) -> String {
        safe::inline(&self.redactor.of_flow(&safe::line(text)))
    }

    /// A message with literals between back-ticks.
    pub(super) fn prose(&self, text: &str) -> String {
        safe::prose(&self.redactor.of_flow(&safe::line(text)))
    }

    /// An id or value.
    pub(super) fn code(&self, text: &str) -> String {
        safe::code(&self.redactor.of_flow(&safe::line(text)))
    }

    /// Several names on a way.
    pub(super) fn way(&self, steps: &[String]) -> String {
        const SHOWN: usize = 5;
        let skipped = steps.len().saturating_sub(SHOWN);
        let mut shown: Vec<String> = steps.iter().skip(skipped).map(|s| self.text(s)).collect();
        if skipped > 0 {
            shown.insert(0, "…".to_owned());
        }
        shown.join(" → ")
    }

    /// Where a way leads: `Queue *Accounts*`, or the id that is missing.
    pub(super) fn target(&self, view: &FlowView<'_>, id: &ElementId) -> String {
        match view.flow().element(id) {
            Some(element) => {
                let name = view.name(id).unwrap_or_default();
                let kind = element.kind.as_str();
                if name.to_lowercase().contains(&kind.to_lowercase()) {
                    format!("*{}*", self.text(&name))
                } else {
                    format!("{} *{}*", self.text(kind), self.text(&name))
                }
            }
            None if view.has(id) => self.code(id.as_str()),
            None => format!("{} (missing)", self.code(id.as_str())),
        }
    }

    /// An element by name, with type and id beside it.
    pub(super) fn element(&self, view: &FlowView<'_>, id: &ElementId) -> String {
        match (view.flow().element(id), view.name(id)) {
            (Some(element), Some(name)) if name.contains(id.as_str()) => {
                format!(
                    "**{}** ({})",
                    self.text(&name),
                    self.text(element.kind.as_str())
                )
            }
            (Some(element), Some(name)) => format!(
                "**{}** ({}, {})",
                self.text(&name),
                self.text(element.kind.as_str()),
                self.code(id.as_str())
            ),
            _ => self.code(id.as_str()),
        }
    }

    /// `**Main menu** –[press 2]→ ?` where a place in the flow is inside a connector.
    pub(super) fn connector_at(&self, view: &FlowView<'_>, location: &Location) -> Option<String> {
        let connector = view.flow().connectors().iter().find(|connector| {
            let span = view.flow().value(connector.node).span();
            span.start <= location.span.start && location.span.end <= span.end
        })?;
        let nth = view
            .exits(&connector.source)
            .iter()
            .position(|&exit| view.index.way(exit).node() == connector.node)
            .unwrap_or(0);
        let number = view.exits(&connector.source).get(nth);
        let label = number.map(|&number| view.label_or_nth(number, nth));
        let label = label.unwrap_or_default();
        let source = view.name(&connector.source);
        let target = view.name(&connector.target);
        Some(format!(
            "**{}** –\\[{}\\]→ {}",
            source.map_or_else(|| "?".to_owned(), |name| self.text(&name)),
            self.text(&label),
            target.map_or_else(|| "?".to_owned(), |name| self.text(&name)),
        ))
    }

    /// `line 84`, as a link where there is one.
    pub(super) fn line(&self, location: &Location) -> String {
        let line = location.start.line;
        match &self.settings.file_link {
            Some(base) => {
                let path = safe::url_path(location.path.as_str());
                format!("[line {line}]({base}{path}#L{line})")
            }
            None => format!("line {line}"),
        }
    }
}
