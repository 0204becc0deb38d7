//! A run of GitHub Actions: what started it and what it was told.

use std::path::Path;

use super::Terms;
use crate::cli::RunArgs;
use crate::clients;
use crate::event::{Event, RunContext};
use crate::exit::Failure;
use crate::gate::Refusal;
use crate::github::Client;
use crate::process::World;
use crate::settings::PlatformSettings;

/// The branch that is deployed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeployBranch {
    /// This one, without `refs/heads/`.
    Is(String),
    /// Nobody knows: the event names no default branch, or this run cannot deploy and did not ask.
    Unknown,
    /// This one was asked for, and the default branch does not say so.
    NotNamed {
        /// The branch that was asked for.
        asked: String,
        /// What the gate says to it.
        refusal: Refusal,
    },
}

impl DeployBranch {
    /// The branch that a run is held to when it is decided what it is for.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            DeployBranch::Is(branch) => Some(branch),
            DeployBranch::NotNamed { asked, .. } => Some(asked),
            DeployBranch::Unknown => None,
        }
    }
}

/// A run of GitHub Actions, and what it was told.
pub(crate) struct Job<'a> {
    /// What was typed, or passed by the Action.
    pub(crate) args: &'a RunArgs,
    /// What the process was given.
    pub(crate) world: &'a World,
    /// What started the run.
    pub(crate) event: &'a Event,
    /// Where the run stands.
    pub(crate) context: &'a RunContext,
    /// The branch that is deployed from.
    pub(crate) branch: DeployBranch,
}

impl Job<'_> {
    /// GitHub, as this run's token sees it; `None` without a token. Needs a runtime.
    pub(crate) fn github(&self) -> Result<Option<Client>, Failure> {
        let typed = &self.args.tenant.platform;
        clients::github::connect(&self.world.environment, self.context, typed)
    }

    /// What a run writes to CXone is on record, even where nobody named a file for it: beside the runner's other files of
    /// the job, for a later step to keep.
    pub(crate) fn kept(&self, terms: Terms) -> Terms {
        let named = terms.platform.audit_file.clone();
        let beside = || {
            let folder = self.world.environment.get("RUNNER_TEMP")?;
            Some(Path::new(folder).join("flowgate-audit.jsonl"))
        };
        Terms {
            platform: PlatformSettings {
                audit_file: named.or_else(beside),
                ..terms.platform
            },
            ..terms
        }
    }
}
