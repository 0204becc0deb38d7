//! `flowgate schema`: the JSON Schemas of what Flowgate reads and writes. Tests hold them to the declarations.

use super::Output;
use crate::cli::{SchemaArgs, SchemaOf};
use crate::exit::{Exit, Failure};

/// Prints one.
pub(super) fn run(args: &SchemaArgs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let text = match args.of {
        SchemaOf::Flow => include_str!("../../schemas/flow.json"),
        SchemaOf::Config => include_str!("../../schemas/config.json"),
        SchemaOf::Report => include_str!("../../schemas/report.json"),
        SchemaOf::Audit => include_str!("../../schemas/audit.json"),
    };
    output.out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}
