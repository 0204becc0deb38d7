//! The comment on one flow's change, from its two texts.

use crate::flow::{Content, native};
use crate::ids::RepoPath;
use crate::plan::{PlanSettings, Touch};
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::report::comment::{CommentSettings, render};
use crate::review::{FlowFile, Input, Settings, assemble};
use crate::rules::RuleSettings;

/// What a check without credentials says of it.
pub(super) fn comment(before: &str, after: &str) -> String {
    comment_on_all(&[("flows/main.json".to_owned(), before, after)], 1)
}

/// The same of several flows, each with its path and its two texts, where a run may write so many.
pub(super) fn comment_on_all<T: AsRef<str>>(
    flows: &[(String, T, T)],
    max_changes: usize,
) -> String {
    let file = |(path, before, after): &(String, T, T)| {
        let path: RepoPath = path.parse().unwrap();
        let read = |text: &T| native::read(path.clone(), Content::Bytes(text.as_ref().into()));
        FlowFile {
            head: Some(read(after)),
            base: Some(read(before)),
            path,
            touch: Touch::Touched,
        }
    };
    let input = Input {
        files: flows.iter().map(file).collect(),
        ..Input::default()
    };
    let settings = Settings {
        plan: PlanSettings {
            max_changes,
            ..PlanSettings::default()
        },
        rules: RuleSettings::default(),
        policy: Policy::default(),
    };
    render(
        &assemble(&input, &settings),
        &Redactor::default(),
        &CommentSettings::default(),
    )
}
