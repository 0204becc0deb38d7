//! What a review says about each flow, ordered for people: one mistake with all that follows from it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::finding::{Excuse, Finding, Fingerprint, Severity};
use crate::ids::RepoPath;
use crate::plan::Action;
use crate::review::{FlowReview, Review};
use crate::risk::Risk;
use crate::rules::{self, OldFaults, Rule};

/// One mistake and what goes away with it.
pub(super) struct Mistake<'a> {
    pub(super) finding: &'a Finding,
    pub(super) follows: Vec<&'a Finding>,
}

/// How a flow looks at a glance. Ordered: worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Light {
    Red,
    Yellow,
    Green,
}

impl Light {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Light::Red => "❌",
            Light::Yellow => "⚠️",
            Light::Green => "✅",
        }
    }
}

/// A flow with what is said about it. `flow` is `None` for files that the plan does not hold.
pub(super) struct Story<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) flow: Option<&'a FlowReview>,
    pub(super) mistakes: Vec<Mistake<'a>>,
    pub(super) existing: usize,
    /// What somebody lives with for a while.
    pub(super) waived: Vec<&'a Finding>,
    /// How many findings were accepted.
    pub(super) accepted: usize,
}

impl<'a> Story<'a> {
    /// The mistakes of one severity.
    pub(super) fn of(&self, severity: Severity) -> impl Iterator<Item = &Mistake<'a>> {
        let mistakes = self.mistakes.iter();
        mistakes.filter(move |mistake| mistake.finding.severity == severity)
    }

    /// Whether it is about a flow file: findings about what a team decided stand in the files that say so.
    pub(super) fn is_of_a_flow(&self) -> bool {
        let about_policy = |mistake: &Mistake<'_>| {
            let rule = rules::find(mistake.finding.rule.as_str());
            rule.is_some_and(Rule::is_about_no_file)
        };
        self.flow.is_some() || !self.mistakes.iter().all(about_policy)
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.of(severity).count()
    }

    /// How much callers notice of the change; `None` where nothing is different or compared.
    pub(super) fn risk(&self) -> Option<Risk> {
        self.flow?.risk.as_ref()?.level()
    }

    /// The sign in front of what callers notice, where they notice something. Whether the change may be merged is said by
    /// [`Light`].
    pub(super) fn risk_sign(&self) -> String {
        let risk = self.risk().filter(|risk| *risk > Risk::Safe);
        risk.map_or_else(String::new, |risk| format!("{} ", risk.sign()))
    }

    pub(super) fn light(&self) -> Light {
        let blocked = self
            .flow
            .is_some_and(|flow| matches!(flow.plan.action, Action::Blocked));
        if blocked || self.count(Severity::Error) > 0 {
            Light::Red
        } else if self.count(Severity::Warning) > 0 || self.risk() == Some(Risk::Breaking) {
            // That callers lose something is worth a look, however right the flow is.
            Light::Yellow
        } else {
            Light::Green
        }
    }
}

/// One story a file, worst and riskiest first, else in order of paths.
pub(super) fn stories(review: &Review) -> Vec<Story<'_>> {
    let mut by_path: HashMap<&RepoPath, Vec<&Finding>> = HashMap::new();
    for finding in &review.findings {
        by_path
            .entry(&finding.location.path)
            .or_default()
            .push(finding);
    }
    let mut stories: Vec<Story<'_>> = review
        .flows
        .iter()
        .map(|flow| {
            let findings = by_path.remove(&flow.path).unwrap_or_default();
            story(review, &flow.path, Some(flow), &findings)
        })
        .collect();
    let mut rest: Vec<_> = by_path.into_iter().collect();
    rest.sort_by_key(|(path, _)| *path);
    stories.extend(
        rest.into_iter()
            .map(|(path, findings)| story(review, path, None, &findings))
            .filter(|story| !story.mistakes.is_empty() || !story.waived.is_empty()),
    );
    stories.sort_by_key(|story| (story.light(), Reverse(story.risk()), story.path));
    stories
}

/// Files with nothing but older faults that no story tells, in order of their paths: this change does not touch them.
pub(super) fn elsewhere(review: &Review) -> BTreeSet<&RepoPath> {
    let told: HashSet<&RepoPath> = review
        .flows
        .iter()
        .map(|flow| &flow.path)
        .chain(
            review
                .findings
                .iter()
                .filter(|f| review.counts(f))
                .map(path_of),
        )
        .collect();
    let old = review.findings.iter().map(path_of);
    old.filter(|path| !told.contains(path)).collect()
}

/// What was wrong before; what only was good to know before is not worth a word.
pub(super) fn is_old_fault(review: &Review, finding: &Finding) -> bool {
    is_old(review, finding) && finding.severity > Severity::Info
}

/// Whether the baseline has it already, and that makes it count for nothing.
fn is_old(review: &Review, finding: &Finding) -> bool {
    finding.existing && finding.excuse.is_none() && review.old_faults == OldFaults::Fold
}

fn path_of(finding: &Finding) -> &RepoPath {
    &finding.location.path
}

fn story<'a>(
    review: &Review,
    path: &'a RepoPath,
    flow: Option<&'a FlowReview>,
    findings: &[&'a Finding],
) -> Story<'a> {
    let fresh: Vec<&Finding> = findings
        .iter()
        .copied()
        .filter(|finding| review.counts(finding))
        .collect();
    Story {
        path,
        flow,
        existing: findings.iter().filter(|f| is_old_fault(review, f)).count(),
        waived: findings
            .iter()
            .copied()
            .filter(|f| matches!(f.excuse, Some(Excuse::Waived { .. })))
            .collect(),
        accepted: findings
            .iter()
            .filter(|f| f.excuse == Some(Excuse::Accepted))
            .count(),
        mistakes: mistakes(&fresh),
    }
}

/// Folds findings under their causes: errors first, each level in the order of the findings.
pub(super) fn mistakes<'a>(findings: &[&'a Finding]) -> Vec<Mistake<'a>> {
    let known: HashMap<&Fingerprint, &Finding> =
        findings.iter().map(|f| (&f.fingerprint, *f)).collect();
    let root = |finding: &'a Finding| {
        let mut at = finding;
        let mut seen = HashSet::from([&at.fingerprint]);
        while let Some(&cause) = at.cause.as_ref().and_then(|cause| known.get(cause)) {
            if !seen.insert(&cause.fingerprint) {
                // A ring of causes has no first one: everybody speaks for himself.
                return finding;
            }
            at = cause;
        }
        at
    };
    let mut mistakes: Vec<Mistake<'a>> = Vec::new();
    let mut place: HashMap<&Fingerprint, usize> = HashMap::new();
    for &finding in findings {
        if std::ptr::eq(root(finding), finding) {
            place.entry(&finding.fingerprint).or_insert(mistakes.len());
            mistakes.push(Mistake {
                finding,
                follows: Vec::new(),
            });
        }
    }
    for &finding in findings {
        let cause = root(finding);
        if !std::ptr::eq(cause, finding)
            && let Some(&index) = place.get(&cause.fingerprint)
        {
            mistakes[index].follows.push(finding);
        }
    }
    // What breaks calls comes before the number of the version.
    mistakes.sort_by_key(|mistake| {
        let finding = mistake.finding;
        let is_about_version = finding.rule.as_str().starts_with("version-");
        (Reverse(finding.severity), is_about_version)
    });
    mistakes
}

/// A count with its noun: `1 thing`, `2 things`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("{number} {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
