//! What was not looked at where flow files may be: folded, since most days nobody asks.

use super::Level;
use super::ink::Ink;
use crate::report::story::count;

const SHOWN: usize = 50;

/// The section; `None` where everything was looked at.
pub(super) fn section(notes: &[String], ink: &Ink<'_>, level: Level) -> Option<String> {
    if notes.is_empty() {
        return None;
    }
    let verb = if notes.len() == 1 { "was" } else { "were" };
    let lead = format!("{} {verb} not looked at", count(notes.len(), "place"));
    if matches!(level, Level::Table(_) | Level::Counts) {
        return Some(format!("{lead}."));
    }
    let mut lines = vec![format!("<details><summary>{lead}</summary>"), String::new()];
    let shown = notes.iter().take(SHOWN);
    lines.extend(shown.map(|note| format!("- {}", ink.prose(note))));
    if notes.len() > SHOWN {
        lines.push(format!("- and {} more", notes.len() - SHOWN));
    }
    lines.extend([String::new(), "</details>".to_owned()]);
    Some(lines.join("\n"))
}
