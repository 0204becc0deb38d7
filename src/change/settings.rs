//! The settings that a commit holds: its settings file, with the findings that are accepted beside it.

use std::path::Path;

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::text::SourceText;

use super::inputs::in_repository;
use super::job::Job;
use crate::exit::Failure;
use crate::settings::{FileError, FileSettings, PLACES, accepted};
use crate::source::History;

/// A larger file is no settings file.
const SETTINGS_LIMIT: u64 = 1024 * 1024;

/// The settings file of a commit, with the findings that are accepted there.
pub(super) async fn of_commit(
    job: &Job<'_>,
    commit: &CommitSha,
    history: &mut History<'_>,
) -> Result<FileSettings, Failure> {
    let asked = job.args.tenant.files.read.config.as_deref();
    let in_repository = |path: &Path| {
        in_repository(path).ok_or_else(|| {
            Failure::usage(format!(
                "`config` must be a path in the repository, not `{}`",
                path.display()
            ))
        })
    };
    let places = asked.map_or_else(|| PLACES.map(Path::new).to_vec(), |path| vec![path]);
    let places: Vec<RepoPath> = places
        .into_iter()
        .map(in_repository)
        .collect::<Result<_, _>>()?;
    let beside = accepted::places(asked);
    let beside: Vec<RepoPath> = beside
        .iter()
        .map(|path| in_repository(path))
        .collect::<Result<_, _>>()?;
    let all: Vec<RepoPath> = places.iter().chain(&beside).cloned().collect();
    let found = history.files(commit, &all, SETTINGS_LIMIT).await?;
    let (settings, accepted): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(path, _)| places.contains(path));
    let mut file = match one(settings, || {
        FileError::Two(PLACES[0].into(), PLACES[1].into())
    })? {
        Some((path, content)) => {
            let source = text(path, content, commit)?;
            FileSettings::parse(&source)?
        }
        None => match asked {
            Some(path) => return Err(FileError::NotThere(path.to_owned()).into()),
            None => FileSettings::default(),
        },
    };
    if let Some((path, content)) = one(accepted, accepted::two)? {
        file.accepted = accepted::parse(&text(path, content, commit)?)?;
    }
    Ok(file)
}

/// The one file that was found, if any.
fn one(
    found: Vec<(RepoPath, Content)>,
    two: impl FnOnce() -> FileError,
) -> Result<Option<(RepoPath, Content)>, FileError> {
    let mut found = found.into_iter();
    let first = found.next();
    if found.next().is_some() {
        return Err(two());
    }
    Ok(first)
}

/// The text of a settings file of a commit.
fn text(path: RepoPath, content: Content, commit: &CommitSha) -> Result<SourceText, Failure> {
    let text = match content {
        Content::Bytes(bytes) => String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
        Content::Symlink => Err("it is a symbolic link".to_owned()),
        Content::Directory => Err("it is a folder".to_owned()),
        Content::TooLarge { size, .. } => Err(format!("it has {size} bytes")),
        Content::Unreadable(why) => Err(why),
    };
    let text = text.map_err(|why| {
        Failure::usage(format!(
            "could not read `{path}` of commit {}: {why}",
            commit.short()
        ))
    })?;
    tracing::info!("settings from {path} of {}", commit.short());
    Ok(SourceText::new(path, text))
}
