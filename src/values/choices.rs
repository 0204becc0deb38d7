//! Choices that people make, by the words that they type for them.

use std::str::FromStr;

use clap::ValueEnum;
use flowgate_core::drift::{OnDrift, OnNewFlow};
use flowgate_core::plan::{LayoutChanges, Scope, VersionPolicy};
use serde::Deserialize;
use url::{Host, Url};

use super::measures::InvalidValue;

/// What to do when somebody edited a published flow in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftChoice {
    /// Block the flow.
    Fail,
    /// Say so and go on.
    Warn,
    /// Go on: the branch wins.
    Overwrite,
}

impl From<DriftChoice> for OnDrift {
    fn from(choice: DriftChoice) -> Self {
        match choice {
            DriftChoice::Fail => OnDrift::Fail,
            DriftChoice::Warn => OnDrift::Warn,
            DriftChoice::Overwrite => OnDrift::Overwrite,
        }
    }
}

/// What to do with a flow that CXone does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewFlowChoice {
    /// Create it.
    Create,
    /// Block it: its id may be mistyped.
    Fail,
}

impl From<NewFlowChoice> for OnNewFlow {
    fn from(choice: NewFlowChoice) -> Self {
        match choice {
            NewFlowChoice::Create => OnNewFlow::Create,
            NewFlowChoice::Fail => OnNewFlow::Fail,
        }
    }
}

/// Which flows a deployment looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeChoice {
    /// All that it deployed before, and all that the change touches.
    Managed,
    /// Only what the change touches.
    Changed,
}

impl From<ScopeChoice> for Scope {
    fn from(choice: ScopeChoice) -> Self {
        match choice {
            ScopeChoice::Managed => Scope::Managed,
            ScopeChoice::Changed => Scope::Changed,
        }
    }
}

/// Which number a version gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionChoice {
    /// The file's; where it is taken, the flow is blocked.
    File,
    /// The file's; where it is taken, the next free patch number.
    Auto,
}

impl From<VersionChoice> for VersionPolicy {
    fn from(choice: VersionChoice) -> Self {
        match choice {
            VersionChoice::File => VersionPolicy::File,
            VersionChoice::Auto => VersionPolicy::Auto,
        }
    }
}

/// What changes of layout alone are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutChoice {
    /// No version.
    Ignore,
    /// A version, as any other change.
    Publish,
}

impl From<LayoutChoice> for LayoutChanges {
    fn from(choice: LayoutChoice) -> Self {
        match choice {
            LayoutChoice::Ignore => LayoutChanges::Ignore,
            LayoutChoice::Publish => LayoutChanges::Publish,
        }
    }
}

/// What to do with a push that belongs to no merged pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectPushChoice {
    /// Nothing is written, and the run fails.
    Refuse,
    /// It is deployed as a merge is.
    Deploy,
}

/// What a proposed flow is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineChoice {
    /// The published flow when credentials are at hand, else the base branch.
    Auto,
    /// The published flow; without credentials the run fails.
    Published,
    /// The file on the base branch; CXone is not asked.
    Base,
}

/// Whether a deployment must be able to look at what it published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verify {
    /// Look where the tenant can show it, else say that it was not verified.
    Auto,
    /// Refuse to write where the tenant cannot show what is published.
    Required,
}

/// Which embedded CXone is deployed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxChoice {
    /// None.
    Off,
    /// One that lives as long as the run.
    Embedded,
    /// One that is served on this machine.
    At(Url),
}

impl FromStr for SandboxChoice {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "true" => Ok(SandboxChoice::Embedded),
            "false" => Ok(SandboxChoice::Off),
            _ => Url::parse(text)
                .ok()
                .filter(|url| url.scheme() == "http" && is_loopback(url))
                .map(SandboxChoice::At)
                .ok_or(InvalidValue {
                    expected: "`true`, `false`, or the address that `flowgate sandbox` printed",
                }),
        }
    }
}

/// Whether an address is this machine's own.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
