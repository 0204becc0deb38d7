//! Where a command writes, and how a value is written as JSON.

use std::io::Write;

use flowgate_core::report::safe;
use flowgate_core::report::terminal::Colour;
use serde::Serialize;

use crate::actions::defuse_json;
use crate::exit::{Exit, Failure};

/// Where a command writes.
pub struct Output<'a> {
    /// Data.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether data may be coloured.
    pub colour: Colour,
}

/// Writes a value as indented JSON with an end of line.
pub(crate) fn write_json(out: &mut dyn Write, value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::new(Exit::Failed, error).context("could not write the result as JSON")
    })?;
    text.push('\n');
    let text = safe::json(text);
    out.write_all(defuse_json(&text).as_bytes())?;
    Ok(())
}
