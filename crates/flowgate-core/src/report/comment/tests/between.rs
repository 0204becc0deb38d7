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
    let path: RepoPath = "flows/main.json".parse().unwrap();
    let read = |text: &str| native::read(path.clone(), Content::Bytes(text.into()));
    let input = Input {
        files: vec![FlowFile {
            path: path.clone(),
            head: Some(read(after)),
            base: Some(read(before)),
            touch: Touch::Touched,
        }],
        ..Input::default()
    };
    let settings = Settings {
        plan: PlanSettings::default(),
        rules: RuleSettings::default(),
        policy: Policy::default(),
    };
    render(
        &assemble(&input, &settings),
        &Redactor::default(),
        &CommentSettings::default(),
    )
}
