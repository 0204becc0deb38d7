//! `flowgate rules` and `flowgate explain`: reference of what is checked.

use std::io::Write;

use flowgate_core::finding::Severity;
use flowgate_core::rules;
use serde::Serialize;

use super::Output;
use crate::actions::defuse_json;
use crate::cli::{ExplainArgs, ListFormat, RulesArgs};
use crate::exit::{Exit, Failure};

#[derive(Serialize)]
struct Row {
    id: &'static str,
    kind: &'static str,
    severity: Severity,
    summary: &'static str,
}

/// Lists the rules.
pub(super) fn list(args: &RulesArgs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match args.format {
        ListFormat::Markdown => output.out.write_all(rules::docs::markdown().as_bytes())?,
        ListFormat::Json => {
            let rows: Vec<Row> = rows().collect();
            write_json(output.out, &rows)?;
        }
        ListFormat::Text => {
            let width = rows().map(|row| row.id.len()).max().unwrap_or(0);
            for row in rows() {
                let Row {
                    id,
                    kind,
                    severity,
                    summary,
                } = row;
                writeln!(
                    output.out,
                    "{id:width$}  {:8}{kind:11}{summary}",
                    severity.as_str()
                )?;
            }
            writeln!(output.out, "{} rules", rows().count())?;
        }
    }
    Ok(Exit::Done)
}

fn rows() -> impl Iterator<Item = Row> {
    rules::ALL.iter().map(|rule| Row {
        id: rule.id.as_str(),
        kind: rule.kind(),
        severity: rule.severity,
        summary: rule.summary,
    })
}

/// Explains a rule.
pub(super) fn explain(args: &ExplainArgs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(text) = rules::docs::explain(&args.rule) else {
        let failure = Failure::usage(format!("there is no rule `{}`", args.rule));
        return Err(match rules::nearest(&args.rule) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("`flowgate rules` lists them"),
        });
    };
    output.out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// Writes a value as indented JSON with an end of line.
pub(super) fn write_json(out: &mut dyn Write, value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::new(Exit::Failed, error).context("could not write the result as JSON")
    })?;
    text.push('\n');
    out.write_all(defuse_json(&text).as_bytes())?;
    Ok(())
}
