//! From what was typed to settings and flow files: the same first steps of every command that reads a repository.

use std::path::{Path, PathBuf};

use super::World;
use crate::cli::{CheckArgs, DeployArgs, PlatformArgs, PolicyArgs, ReadArgs};
use crate::exit::Failure;
use crate::settings::{FileSettings, PlatformSettings, PolicySettings, ReadSettings};
use crate::source::{self, BaseChoice, Place, Request, Sources};

/// Settings and flow files.
#[derive(Debug)]
#[expect(dead_code, reason = "read as soon as the review is wired")]
pub(super) struct Inputs {
    pub(super) read: ReadSettings,
    pub(super) policy: PolicySettings,
    pub(super) platform: PlatformSettings,
    pub(super) sources: Sources,
}

/// The settings of a command that reads a repository, as they were typed.
pub(super) struct Typed<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) base: BaseChoice,
    pub(super) read: &'a ReadArgs,
    pub(super) policy: &'a PolicyArgs,
    pub(super) platform: &'a PlatformArgs,
}

impl<'a> From<&'a CheckArgs> for Typed<'a> {
    fn from(args: &'a CheckArgs) -> Self {
        let base = match (&args.base, &args.base_dir) {
            (Some(revision), _) => BaseChoice::Revision(revision.clone()),
            (None, Some(directory)) => BaseChoice::Directory(directory.clone()),
            (None, None) => BaseChoice::Default,
        };
        Self {
            paths: &args.paths,
            base,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
        }
    }
}

impl<'a> From<&'a DeployArgs> for Typed<'a> {
    fn from(args: &'a DeployArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
        }
    }
}

impl Inputs {
    /// Resolves the settings and reads the flow files.
    pub(super) fn gather(typed: &Typed<'_>, world: &World) -> Result<Self, Failure> {
        let cwd = world.cwd()?;
        let place = Place::find(cwd, typed.paths);
        let file = settings_file(&place.root, cwd, typed.read.config.as_deref())?;
        let read = ReadSettings::resolve(typed.read, &file)?;
        let policy = PolicySettings::resolve(typed.policy, &file);
        let platform = PlatformSettings::resolve(typed.platform, &file);
        let sources = source::gather(&Request {
            place: &place,
            cwd,
            paths: typed.paths,
            flows: &policy.flows,
            base: typed.base.clone(),
            limit: read.max_file_size.0,
            allow_empty: policy.allow_empty,
            environment: &world.environment,
        })?;
        tracing::info!("compared with {}", sources.compared_with);
        for path in &sources.changed {
            tracing::info!("changed: {path}");
        }
        Ok(Self {
            read,
            policy,
            platform,
            sources,
        })
    }
}

/// The settings of `flowgate.toml`.
pub(super) fn settings_file(
    root: &Path,
    cwd: &Path,
    asked: Option<&Path>,
) -> Result<FileSettings, Failure> {
    let asked = asked.map(|path| cwd.join(path));
    let (settings, from) = FileSettings::load(root, asked.as_deref())?;
    if let Some(path) = from {
        tracing::info!("settings from {}", path.display());
    }
    Ok(settings)
}
