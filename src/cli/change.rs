//! What was typed to commands about a change of flow files: check, bump, accept.

use std::path::PathBuf;

use clap::Args;

use super::{BaseArgs, FilesArgs, ReviewFormat, TenantArgs};

/// `flowgate check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Flow files, directories or globs to check [default: those that `--flows` matches]
    pub paths: Vec<PathBuf>,
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = ReviewFormat::Text)]
    pub format: ReviewFormat,
    /// Write the findings to this file for code scanning (SARIF)
    #[arg(long, value_name = "FILE")]
    pub sarif_file: Option<PathBuf>,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `flowgate bump`
#[derive(Debug, Args)]
pub struct BumpArgs {
    /// Flow files, directories or globs to look at [default: those that `--flows` matches]
    pub paths: Vec<PathBuf>,
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// Which flow files, and how they are read.
    #[command(flatten)]
    pub files: FilesArgs,
}

/// `flowgate accept`
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Only drop what is gone; accept nothing new
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub prune: Option<bool>,
    /// Which flow files, and how they are read.
    #[command(flatten)]
    pub files: FilesArgs,
}
