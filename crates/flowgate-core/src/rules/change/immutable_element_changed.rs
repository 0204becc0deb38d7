//! `immutable-element-changed`: a Begin or End of the baseline was removed, retyped or reconfigured.

use std::collections::HashMap;

use crate::delta::{Change, ChangeKind, Delta, Subject};
use crate::finding::{RuleId, Severity};
use crate::flow::Element;
use crate::ids::ElementId;
use crate::rules::{ChangeContext, Check, Firm, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("immutable-element-changed"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone lets no version change Begin or End: give the flow a new id")),
    summary: "a Begin or End of the live flow was removed or changed",
    explanation: "The engine keeps Begin and End across all versions of a flow: calls that are under way end there, and a rollback
relies on them. CXone refuses a version in which one is gone, has another type, or is configured differently.

Put the element back as it was. Moving it on the canvas is fine. What has to differ belongs into an element next
to it.",
    bad: r#"--- before
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End","configuration":{"reason":"busy"}}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- before
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"bye","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"bye"},
  {"id":"c2","sourceId":"bye","targetId":"end"}]}"#,
    check: Check::Change(check),
};

/// What the delta says about elements, by the id they had before.
#[derive(Default)]
struct Changes<'a> {
    modified: HashMap<&'a ElementId, &'a Change>,
    renamed: HashMap<&'a ElementId, &'a Change>,
}

impl<'a> Changes<'a> {
    fn new(delta: &'a Delta) -> Self {
        let mut changes = Self::default();
        for change in &delta.changes {
            if let Some(Subject::Element(id)) = &change.renamed_from {
                changes.renamed.insert(id, change);
            } else if let (ChangeKind::Modified, Subject::Element(id)) =
                (change.change, &change.subject)
            {
                changes.modified.insert(id, change);
            }
        }
        changes
    }
}

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    let changes = Changes::new(context.delta);
    let immutable = |element: &&Element| element.kind.is_immutable();
    for element in context.baseline.elements().iter().filter(immutable) {
        let Some(what) = what_changed(context, &changes, element) else {
            continue;
        };
        let head = context.head;
        let span = head
            .element(&element.id)
            .map_or(head.anchor(), |now| words::span_of(head, now.node, "id"));
        sink.raise(
            &RULE,
            Some(head),
            (head.source(), span),
            &[element.id.as_str()],
            format!(
                "{} may not change across versions: {what}",
                words::element(context.baseline, element)
            ),
        )
        .about(&element.id, words::name(context.baseline, element))
        .hint("put it back as it was; only its place on the canvas may change");
    }
}

fn what_changed(
    context: &ChangeContext<'_>,
    changes: &Changes<'_>,
    element: &Element,
) -> Option<String> {
    let Some(now) = context.head.element(&element.id) else {
        // One that could not be read may be unchanged; the finding of its shape says what is to be done.
        let gone = !context.head.is_damaged(&element.id);
        return gone.then(|| match changes.renamed.get(&element.id) {
            Some(change) => format!("its id is now {}", words::quote(&change.subject.id())),
            None => "it was removed".to_owned(),
        });
    };
    if now.kind != element.kind {
        let (before, after) = (element.kind.as_str(), now.kind.as_str());
        return Some(format!(
            "its type was {} and is {}",
            words::quote(before),
            words::quote(after)
        ));
    }
    let change = changes.modified.get(&element.id)?;
    let fields = change.fields.iter().filter(|field| !field.layout);
    let pointers = words::list(fields.map(|field| field.pointer.as_str()));
    Some(format!("{pointers} is different"))
}
