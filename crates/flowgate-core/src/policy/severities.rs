//! Severities other than the rules' own, for all files or for those of some paths.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};

use super::PolicyError;
use crate::finding::{RuleId, Severity};
use crate::ids::RepoPath;
use crate::rules::{self, Firm, Rule};

/// What a policy says about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Its findings are left out.
    Off,
    /// Its findings are so bad.
    As(Severity),
}

/// Levels by rule. Only what a team may decide stands here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Severities(BTreeMap<RuleId, Level>);

impl Severities {
    /// Sets the level of a rule.
    ///
    /// # Errors
    /// The rule is firm.
    pub fn set(&mut self, rule: &'static Rule, level: Level) -> Result<(), PolicyError> {
        let refused = |firm: Firm| {
            if firm.stays_an_error() {
                level != Level::As(Severity::Error)
            } else {
                level == Level::Off
            }
        };
        if let Some(firm) = rule.firm.filter(|firm| refused(*firm)) {
            return Err(PolicyError::Firm {
                rule: rule.id,
                firm,
            });
        }
        self.0.insert(rule.id, level);
        Ok(())
    }

    /// What is said about a rule, if anything.
    pub fn of(&self, rule: RuleId) -> Option<Level> {
        self.0.get(&rule).copied()
    }
}

/// The rule with this id.
///
/// # Errors
/// There is none.
pub fn rule_named(id: &str) -> Result<&'static Rule, PolicyError> {
    rules::find(id).ok_or_else(|| PolicyError::UnknownRule {
        rule: id.to_owned(),
        nearest: rules::nearest(id),
    })
}

/// The level of this name: a severity, or `off`.
///
/// # Errors
/// It is none.
pub fn level_named(word: &str) -> Result<Level, PolicyError> {
    match word {
        "off" => Ok(Level::Off),
        "info" => Ok(Level::As(Severity::Info)),
        "warning" => Ok(Level::As(Severity::Warning)),
        "error" => Ok(Level::As(Severity::Error)),
        other => Err(PolicyError::UnknownSeverity(other.to_owned())),
    }
}

/// Files by a glob from the root of the repository: `*` stays within a folder, `**` does not.
#[derive(Debug, Clone)]
pub struct PathGlob(GlobMatcher);

impl PathGlob {
    /// Understands a glob.
    ///
    /// # Errors
    /// It is none.
    pub fn new(glob: &str) -> Result<Self, PolicyError> {
        GlobBuilder::new(glob)
            .literal_separator(true)
            .build()
            .map(|glob| Self(glob.compile_matcher()))
            .map_err(|error| PolicyError::Glob {
                glob: glob.to_owned(),
                why: error.kind().to_string(),
            })
    }

    /// Whether it means this file.
    pub fn matches(&self, path: &RepoPath) -> bool {
        self.0.is_match(path.as_str())
    }
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &Self) -> bool {
        self.0.glob() == other.0.glob()
    }
}

impl Eq for PathGlob {}

/// Severities for the files of some paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRules {
    /// Which files: those that one of these means.
    pub files: Vec<PathGlob>,
    /// The severities there.
    pub severities: Severities,
}
