//! The excerpts of findings without the secrets of their file.

use std::ops::Range;

use crate::finding::{Excerpt, Finding};
use crate::text::SourceText;

/// Hides secrets in the excerpts of findings in this file. `secrets` are bytes of it, asked for where there is a finding.
pub(super) fn hide(
    findings: &mut [Finding],
    source: &SourceText,
    secrets: impl FnOnce() -> Vec<Range<usize>>,
) {
    if findings.is_empty() {
        return;
    }
    let secrets = secrets();
    if secrets.is_empty() {
        return;
    }
    for finding in findings {
        let location = &mut finding.location;
        // One that shows no line of the file has nothing to hide.
        let is_of_file = location.path == *source.path()
            && !location.excerpt.text.contains(crate::redact::REDACTED);
        if is_of_file {
            location.excerpt = Excerpt::hiding(source, location.span, &secrets);
        }
    }
}
