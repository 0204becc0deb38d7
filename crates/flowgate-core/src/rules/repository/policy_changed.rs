//! `policy-changed`: the change touches what says what changes may do.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, RepositoryContext, Rule, Sink, words};
use crate::text::{SourceText, Span};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("policy-changed"),
    severity: Severity::Warning,
    firm: None,
    summary: "the change touches Flowgate's settings or a workflow",
    explanation: "`flowgate.toml` says which findings fail a check, and a workflow says whether Flowgate runs at all. A pull
request is checked with the settings of the branch that it goes into, so it cannot excuse itself; once it is merged,
its settings hold for everybody.

Have somebody look who may decide that. In local checks, where the settings are those of the work tree, it is not
raised.",
    bad: r#"--- policy flowgate.toml
fail-on = "never"
--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Repository(check),
};

fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for path in context.policy {
        // Its text is of no interest here; its place is the file.
        let source = SourceText::new(path.clone(), String::new());
        sink.raise(
            &RULE,
            None,
            (&source, Span::at(0)),
            &[],
            format!(
                "{} says what changes may do, and this change touches it",
                words::quote(path.as_str())
            ),
        )
        .hint("have somebody look who may decide that; it holds once it is merged");
    }
}
