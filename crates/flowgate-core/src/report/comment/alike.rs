//! Flows that are changed in the same way, told together: one line, one example.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::Staged;
use crate::delta::{Change, ChangeKind};
use crate::drift::Standing;

/// Fewer than these are told one by one.
const FEWEST: usize = 3;

/// Flows that one row tells of: one flow, or several that are changed in the same way.
pub(super) struct Group<'s, 'a> {
    /// Never empty; the first one is the example.
    pub(super) stories: Vec<&'s Staged<'a>>,
}

impl<'s, 'a> Group<'s, 'a> {
    /// Puts flows that are changed alike together, where the first of them stands.
    pub(super) fn all(stories: &'s [Staged<'a>]) -> Vec<Self> {
        let mut members: HashMap<String, Vec<&Staged<'a>>> = HashMap::new();
        let keys: Vec<Option<String>> = stories.iter().map(key).collect();
        for (story, key) in stories.iter().zip(&keys) {
            if let Some(key) = key {
                members.entry(key.clone()).or_default().push(story);
            }
        }
        members.retain(|_, alike| alike.len() >= FEWEST);
        let mut told = HashSet::new();
        let mut groups = Vec::new();
        for (story, key) in stories.iter().zip(&keys) {
            let alike = key.as_ref().and_then(|key| members.get(key));
            if alike.is_none_or(|_| told.insert(key)) {
                let stories = alike.cloned().unwrap_or_else(|| vec![story]);
                groups.push(Self { stories });
            }
        }
        groups
    }

    /// The flow that stands for all.
    pub(super) fn example(&self) -> &'s Staged<'a> {
        self.stories[0]
    }

    /// How many there are, where they are several.
    pub(super) fn several(&self) -> Option<usize> {
        (self.stories.len() > 1).then_some(self.stories.len())
    }
}

/// What two flows have in common that are changed alike: every value that is different, and what comes of it. `None` of a
/// flow that has to be told by itself: something in it is to be looked at, or it gained or lost a part.
fn key(story: &Staged<'_>) -> Option<String> {
    let flow = story.flow?;
    let delta = flow.delta.as_ref().filter(|delta| !delta.is_empty())?;
    let is_plain = story.mistakes.is_empty()
        && story.waived.is_empty()
        && flow.console_edits.is_empty()
        && !flow.standing.is_some_and(Standing::is_drift);
    if !is_plain {
        return None;
    }
    let mut changes = delta
        .changes
        .iter()
        .map(of_change)
        .collect::<Option<Vec<_>>>()?;
    changes.sort();
    let mut key = format!(
        "{:?} {:?} {:?} {}",
        flow.touch,
        story.light(),
        story.risk(),
        flow.plan.action.as_str()
    );
    for reason in &flow.plan.reasons {
        let _infallible = write!(key, " {}", reason.code);
    }
    key.push('\n');
    key.push_str(&changes.join("\n"));
    Some(key)
}

fn of_change(change: &Change) -> Option<String> {
    if !matches!(change.change, ChangeKind::Modified | ChangeKind::Moved) {
        return None;
    }
    let mut text = format!("{:?} {:?}", change.subject.kind(), change.change);
    for field in change.fields.iter().filter(|field| !field.layout) {
        let _infallible = write!(
            text,
            " {:?} {:?} {:?}",
            field.pointer, field.before, field.after
        );
    }
    Some(text)
}
