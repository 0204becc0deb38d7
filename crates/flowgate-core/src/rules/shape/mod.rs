//! Shape rules: what can be wrong with a file before it is a flow. Raised while it is read; declared here, one by one.

pub(super) mod byte_order_mark;
pub(super) mod connectors_not_array;
pub(super) mod duplicate_key;
pub(super) mod elements_not_array;
pub(super) mod file_empty;
pub(super) mod file_too_large;
pub(super) mod flow_id_invalid;
pub(super) mod lfs_pointer;
pub(super) mod missing_field;
pub(super) mod nesting_too_deep;
pub(super) mod not_a_file;
pub(super) mod not_json;
pub(super) mod not_utf8;
pub(super) mod version_not_semver;
pub(super) mod version_required;
pub(super) mod wrong_type;

use super::{Firm, Rule, Sink};
use crate::flow::{ProblemKind, Reading};

/// Why all of them are firm.
const UNPUBLISHABLE: Firm = Firm::Refused("such a file cannot be published: mend it");

/// The rule of a kind of problem.
pub(super) fn rule_of(kind: ProblemKind) -> &'static Rule {
    match kind {
        ProblemKind::NotAFile => &not_a_file::RULE,
        ProblemKind::TooLarge => &file_too_large::RULE,
        ProblemKind::Empty => &file_empty::RULE,
        ProblemKind::LfsPointer => &lfs_pointer::RULE,
        ProblemKind::NotUtf8 => &not_utf8::RULE,
        ProblemKind::ByteOrderMark => &byte_order_mark::RULE,
        ProblemKind::NotJson => &not_json::RULE,
        ProblemKind::TooDeep => &nesting_too_deep::RULE,
        ProblemKind::DuplicateKey => &duplicate_key::RULE,
        ProblemKind::WrongType => &wrong_type::RULE,
        ProblemKind::MissingField => &missing_field::RULE,
        ProblemKind::FlowIdInvalid => &flow_id_invalid::RULE,
        ProblemKind::VersionRequired => &version_required::RULE,
        ProblemKind::VersionNotSemver => &version_not_semver::RULE,
        ProblemKind::ElementsNotArray => &elements_not_array::RULE,
        ProblemKind::ConnectorsNotArray => &connectors_not_array::RULE,
    }
}

/// Turns what a reader found into findings.
pub fn shape(reading: &Reading, sink: &mut Sink) {
    for problem in &reading.problems {
        let finding = sink.raise(
            rule_of(problem.kind),
            reading.flow.as_deref(),
            (&reading.source, problem.span),
            &[&problem.subject],
            problem.message.clone(),
        );
        finding.hint.clone_from(&problem.hint);
    }
}
