//! Check, and say on the pull request what merging would do.

use super::Job;
use crate::commands::Output;
use crate::exit::{Exit, Failure};

/// Runs the task.
pub(super) fn run(_job: &Job<'_>, _output: &mut Output<'_>) -> Result<Exit, Failure> {
    Err(Failure::usage("`check` is not built yet"))
}
