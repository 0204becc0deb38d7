//! The findings as a SARIF file, for a check and for a run in Actions.

use std::path::Path;

use flowgate_core::redact::Redactor;
use flowgate_core::report::sarif::{self, SarifSettings};
use flowgate_core::review::Review;

use super::rules::write_json;
use crate::exit::{Exit, Failure};

/// Where this program's documentation is, once it has a home.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What the file says besides the findings.
pub(super) fn settings(target: Option<&str>) -> SarifSettings {
    SarifSettings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        help: (!REPOSITORY.is_empty()).then(|| format!("{REPOSITORY}/blob/main/docs/rules.md")),
        target: target.map(str::to_owned),
    }
}

/// Writes the file.
pub(super) fn write(
    path: &Path,
    review: &Review,
    redactor: &Redactor,
    target: Option<&str>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    write_json(&mut text, &sarif::log(review, redactor, &settings(target)))?;
    std::fs::write(path, text).map_err(|error| {
        let attempted = format!("could not write the findings to `{}`", path.display());
        Failure::new(Exit::Failed, error).context(attempted)
    })
}
