//! What was typed at the desk of a person who edits flow files: comparing, drawing, formatting, and what git calls.

use std::path::PathBuf;

use clap::Args;

use super::{GlobArgs, GraphFormat, ReadArgs, TextFormat};

/// `flowgate diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The flow file before
    pub old: PathBuf,
    /// The flow file after
    pub new: PathBuf,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    pub format: TextFormat,
    /// End with exit code 1 when the flows differ
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub exit_code: Option<bool>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate graph`
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// The flow file
    pub file: PathBuf,
    /// Mark what is different from this flow file
    #[arg(long, value_name = "OLD")]
    pub against: Option<PathBuf>,
    /// How to draw it
    #[arg(long, value_enum, default_value_t = GraphFormat::Html)]
    pub format: GraphFormat,
    /// Write the picture to this file [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate fmt`
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Flow files, directories or globs to format [default: those that `--flows` matches]
    pub paths: Vec<PathBuf>,
    /// Write nothing, and end with exit code 1 where a file is not in that form
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub check: Option<bool>,
    /// Which files are flow files.
    #[command(flatten)]
    pub globs: GlobArgs,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate diff-driver`, as git calls it: path, then file, blob and mode of the old side and of the new one.
#[derive(Debug, Args)]
pub struct DiffDriverArgs {
    /// The path in the repository
    pub path: PathBuf,
    /// The file before, its blob and its mode; the file after, its blob and its mode; where it was renamed, the new path and what git says about it
    #[arg(num_args = 0..=8, allow_hyphen_values = true)]
    pub sides: Vec<String>,
}

/// `flowgate merge-driver`, as git calls it with `%O %A %B %P %L`.
#[derive(Debug, Args)]
pub struct MergeDriverArgs {
    /// The file where both sides parted (`%O`)
    pub base: PathBuf,
    /// The file of the branch that is merged into; the result is written here (`%A`)
    pub ours: PathBuf,
    /// The file of the branch that is merged (`%B`)
    pub theirs: PathBuf,
    /// The path in the repository, for messages (`%P`)
    pub path: Option<PathBuf>,
    /// Length of the markers around a conflict (`%L`)
    #[arg(default_value_t = 7)]
    pub marker_size: usize,
}
