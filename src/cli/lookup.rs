//! What was typed to commands that look something up: rules, explain, schema, audit.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ListFormat;

/// `flowgate rules`
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// How to write the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `flowgate explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id, as `flowgate rules` lists it
    pub rule: String,
}

/// `flowgate schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What there are schemas of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A flow file.
    Flow,
    /// `flowgate.toml`.
    Config,
    /// What any command prints with `--format json`, and what `--metrics-file` holds.
    Report,
    /// A line of the audit.
    Audit,
}

/// `flowgate audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check the hash chain of an audit file
    Verify(super::Late<AuditVerifyArgs>),
}

/// `flowgate audit verify`
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// The audit file (JSON lines)
    pub file: PathBuf,
    /// The digest that the last line must have: shows that no line was cut off
    #[arg(long, value_name = "SHA256")]
    pub head: Option<String>,
}
