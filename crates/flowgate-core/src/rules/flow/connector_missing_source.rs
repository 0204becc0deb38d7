//! `connector-missing-source`: a connector leaves an element that does not exist.

use crate::finding::{RuleId, Severity};
use crate::rules::broken::{self, Side};
use crate::rules::{Check, Firm, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("connector-missing-source"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses such a flow: mend it")),
    summary: "a connector leaves an element that does not exist",
    explanation: "The connector belongs to no element, so no caller ever takes it, and what it leads to may be out of reach. CXone
refuses the version.

Set `sourceId` to the element that was meant, or remove the connector.

An element that could not be read (see `wrong-type`, `missing-field`) does not count as missing. If several
connectors name the same missing element, that is one mistake: the first is reported, the others are folded
under it.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"},
  {"id":"c2","sourceId":"begn","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    broken::raise(&RULE, Side::Source, context, sink);
}
