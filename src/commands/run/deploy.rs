//! Deploy after a merge: what the gate says yes to.

use super::Job;
use crate::commands::Output;
use crate::exit::{Exit, Failure};

/// Runs the task.
pub(super) fn run(_job: &Job<'_>, _output: &mut Output<'_>) -> Result<Exit, Failure> {
    Err(Failure::usage("`deploy` is not built yet"))
}
