//! `flowgate rules` and `flowgate explain`: reference of what is checked.

use flowgate_core::{report, rules};

use super::Output;
use crate::cli::{ExplainArgs, ListFormat, RulesArgs};
use crate::exit::{Exit, Failure};
use crate::output::write_json;

/// Lists the rules.
pub(super) fn list(args: &RulesArgs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match args.format {
        ListFormat::Markdown => output.out.write_all(rules::docs::markdown().as_bytes())?,
        ListFormat::Json => write_json(output.out, &report::rules::list())?,
        ListFormat::Text => {
            let ids = rules::ALL.iter().map(|rule| rule.id.as_str().len());
            let width = ids.max().unwrap_or(0);
            for rule in rules::ALL {
                let (id, severity) = (rule.id.as_str(), rule.severity.as_str());
                let (kind, summary) = (rule.kind(), rule.summary);
                writeln!(output.out, "{id:width$}  {severity:8}{kind:11}{summary}")?;
            }
            writeln!(output.out, "{} rules", rules::ALL.len())?;
        }
    }
    Ok(Exit::Done)
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
