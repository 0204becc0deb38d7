//! A run of GitHub Actions: what started it and what it was told.

use std::path::Path;

use flowgate_core::ids::CommitSha;

use super::Terms;
use crate::cli::RunArgs;
use crate::clients;
use crate::event::{Event, RunContext, Withheld};
use crate::exit::Failure;
use crate::gate::Refusal;
use crate::github::Client;
use crate::process::World;
use crate::settings::{Credentials, PlatformSettings};
use crate::source::Place;
use crate::sticky::{Kind, Marker};

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

    /// The line that tells this run's comment of this kind about `head` from every other comment.
    pub(crate) fn marker(&self, kind: Kind, head: &CommitSha) -> Marker {
        let target = self.args.target.clone().unwrap_or_default();
        Marker {
            kind,
            // A target tells the jobs of a matrix apart already, and stays the same when the matrix grows.
            job: if target.is_empty() {
                self.args.job_index
            } else {
                0
            },
            target,
            head: head.clone(),
            run: self.context.run_id,
            attempt: self.context.run_attempt,
        }
    }

    /// Why GitHub hands this run no secrets, where that is so.
    pub(crate) fn withheld(&self) -> Option<Withheld> {
        self.event.withheld(self.context.actor.as_deref())
    }

    /// What CXone is called with, for a task that cannot do without.
    pub(crate) fn needed_credentials(&self) -> Result<Credentials, Failure> {
        self.world.needed_credentials(self.withheld())
    }

    /// The checkout: where the step runs, or the folder in there that was named.
    pub(crate) fn place(&self) -> Result<Place, Failure> {
        let here = self.world.cwd()?;
        let Some(folder) = &self.args.working_directory else {
            return Ok(Place::find(here, &[]));
        };
        let there = here.join(folder);
        if !there.is_dir() {
            let missing = format!("there is no folder `{}`", there.display());
            return Err(Failure::usage(missing)
                .hint("`working-directory` is the `path` that `actions/checkout` was given"));
        }
        Ok(Place::find(&there, &[]))
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
