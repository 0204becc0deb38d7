//! Policy: which rules count how much, and what a run's findings mean for its exit code. Findings in, verdict out.
//!
//! A finding that follows from another is one mistake with it: people see one thing to fix, so the counts of a
//! [`Verdict`] leave it out unless it is worse than its cause. Whether the run fails looks at every finding: a
//! consequence that is an error fails it, even where its cause is a warning.

mod severities;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::finding::{Excuse, Finding, Fingerprint, RuleId, Severity};
use crate::rules::{self, Firm, OldFaults};
use crate::waiver::{Accepted, Waiver};

pub use severities::{Level, PathGlob, PathRules, Severities, level_named, rule_named};

/// From which severity on a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Info,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    pub fn includes(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Info => true,
            FailOn::Never => false,
        }
    }

    /// The word in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            FailOn::Error => "error",
            FailOn::Warning => "warning",
            FailOn::Info => "info",
            FailOn::Never => "never",
        }
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a policy cannot be what it was told to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is no such rule.
    #[error("there is no rule `{rule}`{}", .nearest.map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    UnknownRule {
        /// The text that names none.
        rule: String,
        /// The rule that was probably meant.
        nearest: Option<RuleId>,
    },
    /// Not a severity, nor `off`.
    #[error("`{0}` is no severity; expected `error`, `warning`, `info` or `off`")]
    UnknownSeverity(String),
    /// Not a word of [`FailOn`].
    #[error("`{0}` is nothing to fail on; expected `error`, `warning`, `info` or `never`")]
    UnknownFailOn(String),
    /// The rule may not be eased.
    #[error("`{rule}` {}; {}", if .firm.stays_an_error() { "stays an error" } else { "may not be `off`" }, .firm.why())]
    Firm {
        /// The rule.
        rule: RuleId,
        /// What keeps it firm.
        firm: Firm,
    },
    /// Not a glob.
    #[error("`{glob}` is no glob: {why}")]
    Glob {
        /// The text.
        glob: String,
        /// What is wrong with it.
        why: String,
    },
}

impl FromStr for FailOn {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        [FailOn::Error, FailOn::Warning, FailOn::Info, FailOn::Never]
            .into_iter()
            .find(|word| word.as_str() == text)
            .ok_or_else(|| PolicyError::UnknownFailOn(text.to_owned()))
    }
}

/// What counts how much.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Severities other than the rules' own.
    pub severities: Severities,
    /// The same for some files; of several that mean a file, the last one decides.
    pub paths: Vec<PathRules>,
    /// What a team lives with for a while.
    pub waivers: Vec<Waiver>,
    /// What was there when it began.
    pub accepted: Vec<Accepted>,
    /// The day of the run: whether a waiver still holds.
    pub today: Day,
    /// From which severity on a run fails.
    pub fail_on: FailOn,
    /// What becomes of findings that the baseline has already.
    pub old_faults: OldFaults,
}

/// What a run's findings come to. Counts are of mistakes (see the module) that are new, or that count like new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Verdict {
    /// New errors.
    pub errors: usize,
    /// New warnings.
    pub warnings: usize,
    /// New things that are good to know.
    pub infos: usize,
    /// Mistakes that the baseline has already, where they do not count.
    pub existing: usize,
    /// Mistakes that are waived or were accepted.
    pub excused: usize,
    /// Whether the run fails.
    pub fails: bool,
}

impl Policy {
    /// The findings with the severities and excuses of this policy, without those of rules that are off. What followed
    /// from a finding that is gone, or does not count, stands for itself, unless that one's excuse holds for it too.
    pub fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain_mut(|finding| match self.level(finding) {
            Some(Level::Off) => false,
            Some(Level::As(severity)) => {
                finding.severity = severity;
                true
            }
            None => true,
        });
        let accepted: HashSet<&Fingerprint> = self
            .accepted
            .iter()
            .map(|accepted| &accepted.fingerprint)
            .collect();
        for finding in &mut findings {
            finding.excuse = self.excuse(finding, &accepted);
        }
        let causes: HashMap<Fingerprint, (Severity, Option<Excuse>)> = findings
            .iter()
            .map(|finding| {
                let told = (finding.severity, finding.excuse.clone());
                (finding.fingerprint.clone(), told)
            })
            .collect();
        for finding in &mut findings {
            match finding.cause.as_ref().and_then(|cause| causes.get(cause)) {
                None => finding.cause = None,
                // One mistake, one excuse; but what is worse than it was not meant.
                Some((severity, Some(excuse)))
                    if finding.severity <= *severity && may_be_excused(finding.rule) =>
                {
                    finding.excuse.get_or_insert_with(|| excuse.clone());
                }
                Some((_, Some(_))) if finding.excuse.is_none() => finding.cause = None,
                Some(_) => {}
            }
        }
        findings
    }

    fn level(&self, finding: &Finding) -> Option<Level> {
        let here = self.paths.iter().rev().find_map(|paths| {
            let level = paths.severities.of(finding.rule)?;
            let path = &finding.location.path;
            let meant = paths.files.iter().any(|glob| glob.matches(path));
            meant.then_some(level)
        });
        here.or_else(|| self.severities.of(finding.rule))
    }

    fn excuse(&self, finding: &Finding, accepted: &HashSet<&Fingerprint>) -> Option<Excuse> {
        if !may_be_excused(finding.rule) {
            return None;
        }
        let mut holding = self
            .waivers
            .iter()
            .filter(|waiver| !waiver.is_over(self.today) && waiver.covers(finding));
        if let Some(waiver) = holding.next() {
            return Some(Excuse::Waived {
                reason: waiver.reason.clone(),
                until: waiver.until,
            });
        }
        accepted
            .contains(&finding.fingerprint)
            .then_some(Excuse::Accepted)
    }

    /// What these findings come to.
    pub fn verdict(&self, findings: &[Finding]) -> Verdict {
        let severities: HashMap<&Fingerprint, Severity> = findings
            .iter()
            .map(|finding| (&finding.fingerprint, finding.severity))
            .collect();
        let mut verdict = Verdict::default();
        for finding in findings {
            let is_old = finding.existing && self.old_faults == OldFaults::Fold;
            let judged = finding.excuse.is_none() && !is_old;
            verdict.fails |= judged && self.fail_on.includes(finding.severity);
            let cause = finding
                .cause
                .as_ref()
                .and_then(|cause| severities.get(cause));
            if cause.is_some_and(|&cause| finding.severity <= cause) {
                continue;
            }
            let count = match finding.severity {
                _ if finding.excuse.is_some() => &mut verdict.excused,
                _ if is_old => &mut verdict.existing,
                Severity::Error => &mut verdict.errors,
                Severity::Warning => &mut verdict.warnings,
                Severity::Info => &mut verdict.infos,
            };
            *count += 1;
        }
        verdict
    }
}

/// Whether findings of a rule may be waived or accepted. What CXone would refuse anyway may not.
pub fn may_be_excused(rule: RuleId) -> bool {
    let firm = rules::find(rule.as_str()).and_then(|rule| rule.firm);
    !firm.is_some_and(Firm::stays_an_error)
}

#[cfg(test)]
mod tests;
