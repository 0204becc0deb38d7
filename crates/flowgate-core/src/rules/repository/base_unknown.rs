//! `base-unknown`: nobody can say what the change is compared with.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Instead, RepositoryContext, Rule, Sink};
use crate::text::{SourceText, Span};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("base-unknown"),
    severity: Severity::Error,
    firm: None,
    summary: "nobody can say what the change starts from",
    explanation: "A check compares the flows with where the branch left the default branch. A clone that is shallow, or that holds
a single branch, does not have that commit: only what is not committed yet can be seen to be different, and a check
that passes would say nothing about the commits of the branch. In a run of GitHub Actions every flow is looked at as if
it were new, which says nothing about what would change either.

Do what the finding names, or say what to compare with: `--base BRANCH`, in a workflow `base`. Where commits
are never looked at here, set the rule to `off`.",
    bad: r#"--- clone
{"unknown":"this clone is shallow"}
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

/// The clone itself is its place: no file is at fault.
const PLACE: &str = ".git";

fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    let Some(unknown) = context.unknown_base else {
        return;
    };
    let Ok(place) = PLACE.parse() else {
        return;
    };
    let source = SourceText::new(place, String::new());
    sink.raise(
        &RULE,
        None,
        (&source, Span::at(0)),
        &[],
        format!(
            "what this branch changes is not known, {}: {}",
            match unknown.instead {
                Instead::Uncommitted => "only what is not committed yet",
                Instead::Everything => "so every flow was looked at as if it were new",
            },
            unknown.why
        ),
    )
    .hint(unknown.hint.as_str());
}
