//! Where rules put their findings.

use std::collections::HashMap;

use super::Rule;
use crate::finding::{Finding, Fingerprint, Location};
use crate::flow::Flow;
use crate::ids::{ElementId, FlowId};
use crate::text::{SourceText, Span};

/// Where rules put their findings.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
    seen: HashMap<Fingerprint, u32>,
    /// Ids that are other ones now: findings about them are fingerprinted by these.
    renamed: HashMap<String, String>,
}

impl Sink {
    /// A sink that fingerprints findings about things of these ids by the ids that they have now.
    pub(super) fn renaming(renamed: HashMap<String, String>) -> Self {
        Self {
            renamed,
            ..Self::default()
        }
    }

    /// Raises a finding of `rule` at `span` of `source`. `subject` is what tells it from others of the same rule and
    /// flow (ids, never places): its fingerprint is made of it. Where that does not tell two apart, the second one's
    /// fingerprint is that of "the second". Returns the finding, to add element, hint or cause.
    pub fn raise(
        &mut self,
        rule: &'static Rule,
        flow: Option<&Flow>,
        (source, span): (&SourceText, Span),
        subject: &[&str],
        message: String,
    ) -> &mut Finding {
        let location = Location::new(source, span);
        self.raise_at(rule, flow.and_then(Flow::id), location, subject, message)
    }

    /// The same for a place whose text is not at hand; `flow` is the one that it is in, where it is in one.
    pub(super) fn raise_at(
        &mut self,
        rule: &'static Rule,
        flow: Option<&FlowId>,
        location: Location,
        subject: &[&str],
        message: String,
    ) -> &mut Finding {
        let owner = flow.map_or(location.path.as_str(), FlowId::as_str);
        let fingerprint = self.unique(rule, owner, subject);
        let index = self.findings.len();
        self.findings.push(Finding {
            rule: rule.id,
            severity: rule.severity,
            message,
            location,
            flow: flow.cloned(),
            element: None,
            element_name: None,
            fingerprint,
            cause: None,
            existing: false,
            excuse: None,
            hint: None,
        });
        &mut self.findings[index]
    }

    fn unique(&mut self, rule: &'static Rule, owner: &str, subject: &[&str]) -> Fingerprint {
        let subject: Vec<String> = subject
            .iter()
            .map(|part| {
                self.renamed
                    .get(*part)
                    .map_or(*part, String::as_str)
                    .to_owned()
            })
            .collect();
        let subject: Vec<&str> = subject.iter().map(String::as_str).collect();
        let subject = subject.as_slice();
        let first = Fingerprint::of(rule.id, owner, subject);
        let seen = self.seen.entry(first.clone()).or_insert(0);
        *seen += 1;
        if *seen == 1 {
            return first;
        }
        let nth = seen.to_string();
        let parts: Vec<&str> = subject.iter().copied().chain([nth.as_str()]).collect();
        Fingerprint::of(rule.id, owner, &parts)
    }

    /// All findings, in the order they were raised.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

impl Finding {
    /// Says which element the finding is about.
    pub fn about(&mut self, id: &ElementId, name: impl Into<String>) -> &mut Self {
        self.element = Some(id.clone());
        self.element_name = Some(name.into());
        self
    }

    /// Says what to do next.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which finding this one follows from.
    pub fn follows_from(&mut self, cause: Fingerprint) -> &mut Self {
        self.cause = Some(cause);
        self
    }
}
