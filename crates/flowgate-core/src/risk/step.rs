//! Steps of semantic versioning: how far a version went, how far it must go.

use semver::{Prerelease, Version};
use serde::Serialize;

/// A step of a version. Ordered: smallest first.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// `1.2.3` → `1.2.4`
    Patch,
    /// `1.2.3` → `1.3.0`
    Minor,
    /// `1.2.3` → `2.0.0`
    Major,
}

impl Step {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Patch => "patch",
            Step::Minor => "minor",
            Step::Major => "major",
        }
    }

    /// The step that is asked of a version of `0.x`, of which nobody is promised anything: never a major one.
    fn from(self, before: &Version) -> Self {
        if before.major == 0 {
            self.min(Step::Minor)
        } else {
            self
        }
    }
}

/// What a change asks of the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionStep {
    /// The step that is needed.
    pub needed: Step,
    /// The lowest version that takes it.
    pub lowest: Version,
    /// Whether the proposed version takes it.
    pub enough: bool,
}

impl VersionStep {
    /// Holds the proposed version against the step that a change asks for. `None` where the numbers have no successor.
    pub fn new(step: Step, before: &Version, now: &Version) -> Option<Self> {
        let needed = step.from(before);
        let lowest = next(before, needed)?;
        let core = Version::new(now.major, now.minor, now.patch);
        let rises = now.cmp_precedence(before).is_gt();
        // `1.3.0-rc.2` on the way to `1.3.0` takes the step of `1.3.0`. Which step a version took that was itself on
        // the way to another, nobody can tell.
        let enough = rises && (core >= lowest || !before.pre.is_empty());
        Some(Self {
            needed,
            lowest,
            enough,
        })
    }
}

/// The version one step up.
fn next(before: &Version, step: Step) -> Option<Version> {
    if before.pre != Prerelease::EMPTY {
        return Some(Version::new(before.major, before.minor, before.patch));
    }
    Some(match step {
        Step::Patch => Version::new(before.major, before.minor, before.patch.checked_add(1)?),
        Step::Minor => Version::new(before.major, before.minor.checked_add(1)?, 0),
        Step::Major => Version::new(before.major.checked_add(1)?, 0, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: Step, before: &str, now: &str) -> (String, bool) {
        let (before, now) = (before.parse().unwrap(), now.parse().unwrap());
        let step = VersionStep::new(step, &before, &now).unwrap();
        (step.lowest.to_string(), step.enough)
    }

    #[test]
    fn a_version_takes_the_step_or_does_not() {
        for (needed, before, now, lowest, enough) in [
            (Step::Minor, "1.2.0", "1.3.0", "1.3.0", true),
            (Step::Minor, "1.2.0", "2.0.0", "1.3.0", true),
            (Step::Minor, "1.2.0", "1.2.9", "1.3.0", false),
            (Step::Minor, "1.2.0", "1.2.0", "1.3.0", false),
            (Step::Minor, "1.2.0", "1.3.0-rc.1", "1.3.0", true),
            (Step::Patch, "1.2.0", "1.1.9", "1.2.1", false),
            (Step::Major, "1.2.0", "1.9.0", "2.0.0", false),
            (Step::Major, "0.2.0", "0.3.0", "0.3.0", true),
            (Step::Major, "1.3.0-rc.1", "1.3.0", "1.3.0", true),
        ] {
            assert_eq!(
                step(needed, before, now),
                (lowest.to_owned(), enough),
                "{needed:?} {before} {now}"
            );
        }
    }

    #[test]
    fn after_the_last_number_there_is_none() {
        let last = Version::new(1, 2, u64::MAX);
        assert_eq!(VersionStep::new(Step::Patch, &last, &last), None);
    }
}
