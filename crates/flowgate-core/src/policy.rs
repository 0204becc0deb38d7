//! Policy: which rules count how much, and what a run's findings mean for its exit code. Findings in, verdict out.
//!
//! A finding that follows from another is one mistake with it: people see one thing to fix, so the counts of a
//! [`Verdict`] leave it out unless it is worse than its cause. Whether the run fails looks at every finding: a
//! consequence that is an error fails it, even where its cause is a warning.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Fingerprint, RuleId, Severity};
use crate::rules::{self, OldFaults};

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
    /// Severities other than the rules' own; `None` is off.
    pub severities: BTreeMap<RuleId, Option<Severity>>,
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
    /// Whether the run fails.
    pub fails: bool,
}

impl Policy {
    /// Sets the severity of a rule: `error`, `warning`, `info` or `off`.
    ///
    /// # Errors
    /// There is no such rule, or no such severity.
    pub fn set(&mut self, rule: &str, severity: &str) -> Result<(), PolicyError> {
        let id = rules::find(rule).map(|rule| rule.id);
        let id = id.ok_or_else(|| PolicyError::UnknownRule {
            rule: rule.to_owned(),
            nearest: rules::nearest(rule),
        })?;
        let severity = match severity {
            "off" => None,
            "info" => Some(Severity::Info),
            "warning" => Some(Severity::Warning),
            "error" => Some(Severity::Error),
            other => return Err(PolicyError::UnknownSeverity(other.to_owned())),
        };
        self.severities.insert(id, severity);
        Ok(())
    }

    /// The findings with the severities of this policy, without those of rules that are off. What followed from a
    /// finding that is gone stands for itself.
    pub fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain_mut(|finding| match self.severities.get(&finding.rule) {
            Some(None) => false,
            Some(&Some(severity)) => {
                finding.severity = severity;
                true
            }
            None => true,
        });
        let left: HashSet<Fingerprint> = findings
            .iter()
            .map(|finding| finding.fingerprint.clone())
            .collect();
        for finding in &mut findings {
            finding.cause = finding.cause.take().filter(|cause| left.contains(cause));
        }
        findings
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
            verdict.fails |= !is_old && self.fail_on.includes(finding.severity);
            let cause = finding
                .cause
                .as_ref()
                .and_then(|cause| severities.get(cause));
            if cause.is_some_and(|&cause| finding.severity <= cause) {
                continue;
            }
            let count = match finding.severity {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Location;
    use crate::text::{SourceText, Span};

    fn finding(rule: &'static str, severity: Severity, cause: Option<&Finding>) -> Finding {
        let source = SourceText::new("flows/a.json".parse().unwrap(), "{}".into());
        Finding {
            rule: RuleId(rule),
            severity,
            message: String::new(),
            location: Location::new(&source, Span::at(0)),
            flow: None,
            element: None,
            element_name: None,
            fingerprint: Fingerprint::of(RuleId(rule), "a", &[]),
            cause: cause.map(|cause| cause.fingerprint.clone()),
            existing: false,
            hint: None,
        }
    }

    #[test]
    fn one_mistake_counts_once_unless_what_follows_is_worse() {
        let cause = finding("a", Severity::Warning, None);
        let mild = finding("b", Severity::Warning, Some(&cause));
        let worse = finding("c", Severity::Error, Some(&cause));
        let policy = Policy::default();
        let verdict = policy.verdict(&[cause.clone(), mild.clone()]);
        assert_eq!(
            (verdict.warnings, verdict.errors, verdict.fails),
            (1, 0, false)
        );
        let verdict = policy.verdict(&[cause, mild, worse]);
        assert_eq!(
            (verdict.warnings, verdict.errors, verdict.fails),
            (1, 1, true)
        );
    }

    #[test]
    fn what_was_there_before_fails_only_those_who_ask_for_it() {
        let old = Finding {
            existing: true,
            ..finding("a", Severity::Error, None)
        };
        let mut policy = Policy::default();
        let verdict = policy.verdict(std::slice::from_ref(&old));
        assert_eq!(
            (verdict.existing, verdict.errors, verdict.fails),
            (1, 0, false)
        );
        policy.old_faults = OldFaults::Count;
        let verdict = policy.verdict(&[old]);
        assert_eq!(
            (verdict.existing, verdict.errors, verdict.fails),
            (0, 1, true)
        );
    }

    #[test]
    fn fail_on_draws_the_line_where_it_says() {
        for (word, fails) in [
            ("error", [false, false, true]),
            ("warning", [false, true, true]),
            ("info", [true, true, true]),
            ("never", [false, false, false]),
        ] {
            let policy = Policy {
                fail_on: word.parse().unwrap(),
                ..Policy::default()
            };
            let severities = [Severity::Info, Severity::Warning, Severity::Error];
            let got =
                severities.map(|severity| policy.verdict(&[finding("a", severity, None)]).fails);
            assert_eq!(got, fails, "{word}");
        }
        assert!("errors".parse::<FailOn>().is_err());
    }

    #[test]
    fn a_rule_that_is_off_takes_nothing_else_with_it() {
        let mut policy = Policy::default();
        policy.set("version-required", "off").unwrap();
        policy.set("file-empty", "info").unwrap();
        let cause = finding("version-required", Severity::Error, None);
        let effect = finding("file-empty", Severity::Error, Some(&cause));
        let left = policy.apply(vec![cause, effect]);
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].severity, &left[0].cause), (Severity::Info, &None));
    }

    #[test]
    fn a_mistyped_rule_or_severity_is_an_error_that_helps() {
        let mut policy = Policy::default();
        assert_eq!(
            policy
                .set("version-requird", "off")
                .unwrap_err()
                .to_string(),
            "there is no rule `version-requird`; did you mean `version-required`?"
        );
        assert!(policy.set("version-required", "fatal").is_err());
        assert_eq!(policy, Policy::default());
    }
}
