//! `flowgate run`: what the Action calls. The event says which task; each task has a file here.

mod check;
mod deploy;
mod drift;
mod rollback;
mod route;
mod told;

use crate::actions::{Log, Reader};
use crate::change::{self, DeployBranch, Job};
use crate::cli::{Mode, RunArgs};
use crate::event::{self, EventError};
use crate::exit::{Ends, Exit, Failure};
use crate::files;
use crate::output::Output;
use crate::process::{World, block_on};

use deploy::attempt::tell_of;
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
    for path in [&args.report_file, &args.sarif_file].into_iter().flatten() {
        files::through_no_link(path)?;
    }
    let mut job = Job {
        args,
        world,
        event: &started.event,
        context,
        branch: DeployBranch::Unknown,
    };
    if change::counts(args.mode, job.event) {
        match block_on(change::find_deploy_branch(&job)) {
            Ok(branch) => job.branch = branch,
            Err(failure) => {
                let (failed, redactor) = ("Nothing was deployed", world.redactor());
                let mut told = Told::default();
                if matches!(args.mode, Mode::Auto | Mode::Deploy) {
                    block_on(tell_of(&job, &failure, &redactor, &mut told, output))?;
                }
                return told.end(&job, Err(failure), failed, &redactor, output.err);
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
