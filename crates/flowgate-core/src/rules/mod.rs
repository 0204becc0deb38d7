//! Rules: one rule, one file, and the list.
//!
//! A rule's id, severity and documentation come from one declaration, [`Rule`]. Shape rules are raised while a file is
//! read and declared here; all others are functions over what they look at. [`run_flow`] and
//! [`run_repository`] run them all and put their findings in order.
//!
//! # Examples in declarations
//! `bad` and `good` of a flow rule are one flow file each. Rules that look at more than one thing show several, each
//! under a line `--- NAME`: `--- before` and `--- after` are the baseline and the proposed flow of a change rule,
//! `--- platform` is what CXone said (`{"published":"unavailable","versions":[…],"count":50,"capacity":50}`), and
//! `--- flows/a.json` is a file of the repository; `--- flowgate.toml` and `--- flowgate-accepted.toml` are what a team
//! decided.

mod branch_names;
mod broken;
mod cascade;
mod change;
mod content;
mod context;
pub mod docs;
mod endpoint;
mod engine;
mod excerpts;
mod firm;
mod flow;
mod graph;
mod graph_view;
mod menus;
mod opposites;
mod outline;
mod plan;
mod platform;
mod policy;
mod repository;
mod settings_seen;
mod shape;
mod sink;
mod texts;
mod variables;
mod words;

/// What rules look for in texts, and what closes it: of each table of a search.
#[cfg(test)]
pub(crate) fn sought() -> Vec<(String, String)> {
    let alone = menus::sought().into_iter().chain(opposites::sought());
    let alone = alone.map(|token| (token, String::new()));
    let around = variables::AROUND.map(|(open, close)| (open.to_owned(), close.to_owned()));
    let quotes = endpoint::QUOTES.map(|quote| (format!("{quote}http://h"), quote.to_string()));
    alone.chain(around).chain(quotes).collect()
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use context::{
    ChangeContext, ErrorLabels, FileContext, FlowContext, Instead, PlanContext, PlatformContext,
    PolicyContext, RepositoryContext, RuleSettings, UnknownBase,
};
pub use engine::{
    Compared, FlowInput, OldFaults, fingerprints, look_at_flow, run_flow, run_plan, run_policy,
    run_repository,
};
pub use firm::Firm;
pub use outline::Outline;
pub use shape::shape;
pub use sink::Sink;

use crate::finding::{RuleId, Severity};
use crate::flow::branch;
pub use crate::flow::{ElementTypes, Role, TypeMeaning};

/// Every rule, in the order of the documentation.
pub static ALL: &[&Rule] = &[
    &shape::not_a_file::RULE,
    &shape::file_too_large::RULE,
    &shape::file_empty::RULE,
    &shape::lfs_pointer::RULE,
    &shape::not_utf8::RULE,
    &shape::byte_order_mark::RULE,
    &shape::not_json::RULE,
    &shape::nesting_too_deep::RULE,
    &shape::duplicate_key::RULE,
    &shape::wrong_type::RULE,
    &shape::missing_field::RULE,
    &shape::flow_id_invalid::RULE,
    &shape::version_required::RULE,
    &shape::version_not_semver::RULE,
    &shape::elements_not_array::RULE,
    &shape::connectors_not_array::RULE,
    &flow::unsupported_element_type::RULE,
    &flow::connector_missing_source::RULE,
    &flow::connector_missing_target::RULE,
    &flow::duplicate_element_id::RULE,
    &flow::duplicate_connector_id::RULE,
    &flow::field_not_published::RULE,
    &graph::empty_flow::RULE,
    &graph::no_begin::RULE,
    &graph::several_begins::RULE,
    &graph::no_end::RULE,
    &graph::unreachable_element::RULE,
    &graph::dead_end::RULE,
    &graph::trapped_caller::RULE,
    &graph::begin_has_incoming::RULE,
    &graph::end_has_outgoing::RULE,
    &graph::duplicate_connector::RULE,
    &graph::self_loop::RULE,
    &graph::conditional_without_default::RULE,
    &graph::conditional_duplicate_condition::RULE,
    &graph::no_error_branch::RULE,
    &graph::no_timeout::RULE,
    &graph::required_branch_missing::RULE,
    &graph::menu_key_without_way::RULE,
    &graph::menu_key_not_offered::RULE,
    &graph::menu_without_invalid_way::RULE,
    &graph::empty_configuration::RULE,
    &content::hardcoded_secret::RULE,
    &content::cleartext_endpoint::RULE,
    &content::private_endpoint::RULE,
    &content::malformed_endpoint::RULE,
    &content::empty_endpoint::RULE,
    &content::personal_data::RULE,
    &content::prompt_too_long::RULE,
    &content::missing_name::RULE,
    &content::undefined_variable::RULE,
    &content::unused_variable::RULE,
    &repository::base_unknown::RULE,
    &repository::duplicate_flow_id::RULE,
    &repository::flow_file_deleted::RULE,
    &repository::flow_id_changed::RULE,
    &repository::policy_changed::RULE,
    &change::immutable_element_changed::RULE,
    &change::version_not_increased::RULE,
    &change::version_step_too_small::RULE,
    &platform::baseline_unavailable::RULE,
    &platform::edited_in_console::RULE,
    &platform::history_unknown::RULE,
    &platform::new_flow_refused::RULE,
    &platform::version_exists::RULE,
    &platform::version_history_full::RULE,
    &platform::version_history_nearly_full::RULE,
    &plan::not_in_order::RULE,
    &plan::too_many_changes::RULE,
    &policy::waiver_stale::RULE,
    &policy::waiver_expired::RULE,
    &policy::accepted_stale::RULE,
];

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.as_str() == id)
}

/// The rule whose id is nearest to a text that is none.
pub fn nearest(id: &str) -> Option<RuleId> {
    let ids = ALL.iter().map(|rule| rule.id.as_str());
    words::nearest(id, ids).map(RuleId)
}

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
    /// Looks at the plan as a whole.
    Plan(fn(&PlanContext<'_>, &mut Sink)),
    /// Looks at what a team lives with, once all other findings are known.
    Policy(fn(&PolicyContext<'_>, &mut Sink)),
}

/// The one declaration of a rule.
pub struct Rule {
    /// Stable kebab-case id.
    pub id: RuleId,
    /// Severity unless policy says otherwise.
    pub severity: Severity,
    /// What keeps it from being eased; `None` where a team may decide.
    pub firm: Option<Firm>,
    /// One line, for lists.
    pub summary: &'static str,
    /// What it means for a caller and what to do, in markdown, for `flowgate explain` and `docs/rules.md`.
    pub explanation: &'static str,
    /// A small example that it fires on; see the module for examples of more than one file.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    /// How it looks at things.
    pub check: Check,
}

impl Rule {
    /// Whether it speaks of what a team decided or of the clone, and so stands in no flow file.
    pub fn is_about_no_file(&self) -> bool {
        let of_the_repository = [
            &raw const repository::policy_changed::RULE,
            &raw const repository::base_unknown::RULE,
        ];
        of_the_repository.contains(&std::ptr::from_ref(self))
            || matches!(self.check, Check::Policy(_))
    }

    /// Whether it speaks of all that a change would write, and no flow of it can mend that.
    pub fn is_about_all(&self) -> bool {
        std::ptr::eq(self, &raw const plan::too_many_changes::RULE)
    }

    /// The kind of rule, for lists.
    pub fn kind(&self) -> &'static str {
        match self.check {
            Check::Shape => "shape",
            Check::Flow(_) => "flow",
            Check::Change(_) => "change",
            Check::Repository(_) => "repository",
            Check::Platform(_) => "platform",
            Check::Plan(_) => "plan",
            Check::Policy(_) => "policy",
        }
    }
}
