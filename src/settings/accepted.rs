//! `flowgate-accepted.toml`: the findings that were there when a team began, one line each, beside `flowgate.toml`.
//!
//! `flowgate accept` writes it. Sorted, so that two branches that accept different things merge; without messages, so
//! that neither a renamed element nor a secret in a text changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flowgate_core::finding::{Finding, Fingerprint};
use flowgate_core::ids::FlowId;
use flowgate_core::redact::Redactor;
use flowgate_core::report::safe;
use flowgate_core::text::SourceText;
use flowgate_core::waiver::Accepted;

use super::document::Document;
use super::place::{Elsewhere, FileError, PLACES, read, repo_path};

/// Its name, wherever it stands.
const ACCEPTED: &str = "flowgate-accepted.toml";

/// The one table that the file has.
const TABLE: &str = "accepted";

const HEAD: &str =
    "# Written by `flowgate accept`: findings that were there already. Only others count.\n";

/// Where the file may stand: beside the configuration file that was asked for, else at one of the usual places.
pub fn places(asked: Option<&Path>) -> Vec<PathBuf> {
    let usual = PLACES.map(Path::new);
    let files = asked.map_or_else(|| usual.to_vec(), |asked| vec![asked]);
    let beside = files.into_iter().map(|file| file.with_file_name(ACCEPTED));
    beside.collect()
}

/// Where the file is written: where it stands already, else beside the settings.
pub fn place(root: &Path, asked: Option<&Path>) -> PathBuf {
    let places: Vec<PathBuf> = places(asked).iter().map(|path| root.join(path)).collect();
    let settings = PLACES.map(|path| root.join(path));
    let beside = settings.iter().position(|path| path.exists());
    places
        .iter()
        .find(|path| path.exists())
        .or(places.get(beside.unwrap_or_default()))
        .or(places.first())
        .cloned()
        .unwrap_or_else(|| root.join(ACCEPTED))
}

/// Reads the file at the one of these places that has it; the paths are below `root`.
pub(super) fn load(
    root: &Path,
    asked: Option<&Path>,
    elsewhere: &Elsewhere<'_>,
) -> Result<Vec<Accepted>, FileError> {
    let mut found = None;
    for place in places(asked) {
        let Some(text) = read(&root.join(&place), elsewhere)? else {
            continue;
        };
        if found.is_some() {
            return Err(two());
        }
        let path = repo_path(root, &root.join(&place))?;
        found = Some(parse(&SourceText::new(path, text))?);
    }
    Ok(found.unwrap_or_default())
}

/// Both usual places have one.
pub fn two() -> FileError {
    let [one, other] = PLACES.map(|place| Path::new(place).with_file_name(ACCEPTED));
    FileError::Two(one, other)
}

/// Reads the text of the file.
pub fn parse(source: &SourceText) -> Result<Vec<Accepted>, FileError> {
    let mut document = Document::new(source);
    let mut accepted = Vec::new();
    for (key, value) in document.table() {
        if key.get_ref() != TABLE {
            document.unknown_key(&key, &[TABLE]);
            continue;
        }
        for (flow, entries) in document.members("`accepted`", value) {
            let id = flow.get_ref().parse::<FlowId>();
            if let Err(error) = &id {
                document.say(Some(flow.span()), error.to_string());
            }
            // What stands behind a fingerprint is for people.
            for (fingerprint, _) in document.members(&format!("`{}`", flow.get_ref()), entries) {
                match (&id, fingerprint.get_ref().parse::<Fingerprint>()) {
                    (Ok(flow), Ok(found)) => accepted.push(Accepted {
                        flow: flow.clone(),
                        fingerprint: found,
                        location: document.location(&fingerprint.span()),
                    }),
                    (_, Err(error)) => document.say(Some(fingerprint.span()), error.to_string()),
                    (Err(_), Ok(_)) => {}
                }
            }
        }
    }
    let problems = document.into_problems();
    if problems.is_empty() {
        Ok(accepted)
    } else {
        Err(FileError::Problems {
            path: source.path().as_str().into(),
            problems,
        })
    }
}

/// The text of the file that accepts these findings; those without a flow have no place in it.
pub fn text(findings: &[&Finding], redactor: &Redactor) -> String {
    let mut flows: BTreeMap<&FlowId, BTreeSet<(&str, String, &str)>> = BTreeMap::new();
    for finding in findings {
        let Some(flow) = &finding.flow else { continue };
        let element = finding.element.as_ref().map(|id| {
            let told = safe::line(&redactor.text(id.as_str()));
            safe::cap(&told, LONGEST)
        });
        flows.entry(flow).or_default().insert((
            finding.rule.as_str(),
            element.unwrap_or_default(),
            finding.fingerprint.as_str(),
        ));
    }
    let mut text = String::from(HEAD);
    for (flow, entries) in flows {
        let _ = writeln!(text, "\n[{TABLE}.{}]", key(flow.as_str()));
        for (rule, element, fingerprint) in entries {
            let about = match element.as_str() {
                "" => String::new(),
                element => format!(", element = {}", quoted(element)),
            };
            let _ = writeln!(text, "{fingerprint} = {{ rule = \"{rule}\"{about} }}");
        }
    }
    text
}

/// The longest id of an element that is written: it is for people, the fingerprint names the finding.
const LONGEST: usize = 80;

/// A key of TOML: bare where that is possible.
fn key(text: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.bytes().all(bare) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text of TOML. What is written holds no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
