//! What each kind of rule is shown, and where it puts its findings.

use std::sync::Arc;

use super::Rule;
use crate::delta::Delta;
use crate::finding::{Finding, Fingerprint, Location};
use crate::flow::Flow;
use crate::ids::{ElementId, RepoPath};
use crate::platform::FlowOnPlatform;
use crate::text::{SourceText, Span};

/// Settings that rules read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSettings {
    /// Element types that the tenant accepts (`allowed-node-types`).
    pub allowed_types: Vec<String>,
}

/// One flow.
pub struct FlowContext<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Settings that rules read.
    pub settings: &'a RuleSettings,
}

/// A flow and what it is compared with.
pub struct ChangeContext<'a> {
    /// The proposed flow.
    pub head: &'a Flow,
    /// The baseline.
    pub baseline: &'a Flow,
    /// What is different.
    pub delta: &'a Delta,
    /// What CXone said, where it was asked.
    pub platform: Option<&'a FlowOnPlatform>,
}

/// One flow file of the repository.
pub struct FileContext {
    /// Where it stands.
    pub path: RepoPath,
    /// The flow, where it could be read at all.
    pub flow: Arc<Flow>,
    /// Whether this change touches the file.
    pub changed: bool,
}

/// All flow files together.
pub struct RepositoryContext<'a> {
    /// In order of their paths.
    pub files: &'a [FileContext],
}

/// A flow and what CXone said about it.
pub struct PlatformContext<'a> {
    /// The proposed flow.
    pub head: &'a Flow,
    /// What CXone said.
    pub platform: &'a FlowOnPlatform,
    /// Whether merging would create a version.
    pub creates_version: bool,
}

/// Where rules put their findings.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Raises a finding of `rule` at `span` of `source`. `subject` is what tells it from others of the same rule and
    /// flow (ids, never places): its fingerprint is made of it. Returns the finding, to add element, hint or cause.
    pub fn raise(
        &mut self,
        rule: &'static Rule,
        flow: Option<&Flow>,
        (source, span): (&SourceText, Span),
        subject: &[&str],
        message: String,
    ) -> &mut Finding {
        let id = flow.and_then(Flow::id);
        let owner = id.map_or(source.path().as_str(), |id| id.as_str());
        let index = self.findings.len();
        self.findings.push(Finding {
            rule: rule.id,
            severity: rule.severity,
            message,
            location: Location::new(source, span),
            flow: id.cloned(),
            element: None,
            element_name: None,
            fingerprint: Fingerprint::of(rule.id, owner, subject),
            cause: None,
            existing: false,
            hint: None,
        });
        &mut self.findings[index]
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
