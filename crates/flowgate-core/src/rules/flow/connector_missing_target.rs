//! `connector-missing-target`: a connector leads to an element that does not exist.

use crate::finding::{RuleId, Severity};
use crate::rules::broken::{self, Side};
use crate::rules::{Check, Firm, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("connector-missing-target"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses such a flow: mend it")),
    summary: "a connector leads to an element that does not exist",
    explanation: "Callers who come this way reach nothing: at best the call drops. CXone refuses the version.

Set `targetId` to the element that was meant, or remove the connector.

An element that could not be read (see `wrong-type`, `missing-field`) does not count as missing. If several
connectors name the same missing element, that is one mistake: the first is reported, the others are folded
under it.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"},
  {"id":"c2","sourceId":"begin","targetId":"ende"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    broken::raise(&RULE, Side::Target, context, sink);
}
