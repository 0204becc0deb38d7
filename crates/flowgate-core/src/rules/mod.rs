//! Rules: one rule, one file, and the list.
//!
//! A rule's id, severity and documentation come from one declaration, [`Rule`]. Shape rules are raised while a file is
//! read and declared here; all others are functions over what they look at.

mod context;

pub use context::{
    ChangeContext, FileContext, FlowContext, PlatformContext, RepositoryContext, RuleSettings, Sink,
};

use crate::finding::{RuleId, Severity};

/// How a rule looks at things.
pub enum Check {
    /// Raised while a file is read.
    Shape,
    /// Looks at one flow.
    Flow(fn(&FlowContext<'_>, &mut Sink)),
    /// Looks at a flow and its baseline.
    Change(fn(&ChangeContext<'_>, &mut Sink)),
    /// Looks at all flows of the repository together.
    Repository(fn(&RepositoryContext<'_>, &mut Sink)),
    /// Looks at a flow and what CXone said about it.
    Platform(fn(&PlatformContext<'_>, &mut Sink)),
}

/// The one declaration of a rule.
pub struct Rule {
    /// Stable kebab-case id.
    pub id: RuleId,
    /// Severity unless policy says otherwise.
    pub severity: Severity,
    /// One line, for lists.
    pub summary: &'static str,
    /// What it means for a caller and what to do, in markdown, for `flowgate explain` and `docs/rules.md`.
    pub explanation: &'static str,
    /// A small example that it fires on.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    /// How it looks at things.
    pub check: Check,
}

impl Rule {
    /// The kind of rule, for lists.
    pub fn kind(&self) -> &'static str {
        match self.check {
            Check::Shape => "shape",
            Check::Flow(_) => "flow",
            Check::Change(_) => "change",
            Check::Repository(_) => "repository",
            Check::Platform(_) => "platform",
        }
    }
}
