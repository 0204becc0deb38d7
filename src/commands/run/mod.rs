//! `flowgate run`: what the Action calls. The event says which task; each task has a file here.

mod branch;
mod check;
mod deploy;
mod drift;
mod hub;
mod matter;
mod merged;
mod rollback;
mod route;
mod told;

use std::path::Path;

use super::inputs::Terms;
use super::{Output, World, block_on};
use crate::actions::{Log, Reader};
use crate::cli::RunArgs;
use crate::event::{self, Event, EventError, RunContext};
use crate::exit::{Ends, Exit, Failure};
use crate::settings::PlatformSettings;

use branch::DeployBranch;
use route::{Task, route};
use told::Told;

impl Ends for EventError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(EventError::hint(self).to_owned())
    }
}

/// A run of GitHub Actions, and what it was told.
pub(super) struct Job<'a> {
    /// What was typed, or passed by the Action.
    pub(super) args: &'a RunArgs,
    /// What the process was given.
    pub(super) world: &'a World,
    /// What started the run.
    pub(super) event: &'a Event,
    /// Where the run stands.
    pub(super) context: &'a RunContext,
    /// The branch that is deployed from.
    branch: DeployBranch,
}

impl Job<'_> {
    /// What a run writes to CXone is on record, even where nobody named a file for it: beside the runner's other files of
    /// the job, for a later step to keep.
    fn kept(&self, terms: Terms) -> Terms {
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

/// Runs the command.
pub(super) fn run(args: &RunArgs, world: &World, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let environment = &world.environment;
    let started = event::read(|name| environment.get(name), |path| std::fs::read(path))?;
    let Some(context) = &started.context else {
        return Err(Failure::usage(
            "`flowgate run` is for GitHub Actions, and this is not one of its runs",
        )
        .hint("here, use `flowgate check`, `flowgate drift` or `flowgate demo`"));
    };
    let mut log = Log::new(std::io::stderr(), Reader::Runner);
    for secret in environment.secrets() {
        log.mask(&secret)?;
    }
    let mut job = Job {
        args,
        world,
        event: &started.event,
        context,
        branch: DeployBranch::Unknown,
    };
    if branch::counts(args.mode, job.event) {
        match block_on(branch::find(&job)) {
            Ok(branch) => job.branch = branch,
            Err(failure) => {
                let failed = "Nothing was deployed";
                return Told::default().end(
                    &job,
                    Err(failure),
                    failed,
                    &world.redactor(),
                    output.err,
                );
            }
        }
    }
    match route(args.mode, job.event, job.branch.name()) {
        Task::Check => check::run(&job, output),
        Task::Deploy => deploy::run(&job, output),
        Task::Rollback => rollback::run(&job, output),
        Task::Drift => drift::run(&job, output),
        Task::Nothing(why) => {
            writeln!(output.err, "notice: {why}")?;
            Ok(Exit::Done)
        }
    }
}
