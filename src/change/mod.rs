//! What the change is: the one answer for every command, at a desk and in a run of GitHub Actions alike.

mod branch;
pub(crate) mod event;
mod inputs;
mod job;
mod merged;
mod merges;
mod settings;
mod trees;

pub(crate) use branch::{counts, find as find_deploy_branch};
pub(crate) use inputs::{Inputs, Settled, Terms, Typed, settings_file};
pub(crate) use job::{DeployBranch, Job};
pub(crate) use merged::put_upon;
pub(crate) use merges::{Merges, is_merged_into};
pub(crate) use trees::Question;
