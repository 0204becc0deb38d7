//! The findings as a SARIF file, for a check and for a run in Actions.

use std::path::Path;

use flowgate_core::finding::Finding;
use flowgate_core::redact::Redactor;
use flowgate_core::report::sarif::{self, SarifSettings};
use flowgate_core::review::Review;

use crate::exit::Failure;
use crate::files;
use crate::output::write_json;

/// What the file says besides the findings. Each rule's help is in the file; where the page of all rules is, is told by
/// a run that knows where its Action came from.
pub(crate) fn settings(target: Option<&str>, help: Option<String>) -> SarifSettings {
    SarifSettings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        help,
        target: target.map(str::to_owned),
    }
}

/// Writes the file. `of_all` are the findings of all flows, see [`crate::pipeline::findings_of_all`].
pub(crate) fn write(
    path: &Path,
    (review, of_all): (&Review, &[Finding]),
    redactor: &Redactor,
    settings: &SarifSettings,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    write_json(&mut text, &sarif::log(review, of_all, redactor, settings))?;
    Ok(files::write(path, &text)?)
}
