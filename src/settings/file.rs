//! `flowgate.toml`: the settings that a repository may keep beside its flows.
//!
//! Where secrets go (hosts, API paths, scopes, webhook, CA file, binary path) and the secrets themselves are errors
//! here: no pull request can send them elsewhere. All that is wrong with the file is said at once.

mod tables;

use std::path::{Path, PathBuf};

use flowgate_core::flow::nearest;
use flowgate_core::policy::FailOn;
use flowgate_core::text::SourceText;
use flowgate_core::waiver::Accepted;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

pub use tables::Tables;

use super::accepted;
use super::document::Document;
use super::place::{Elsewhere, FileError, PLACES, read, repo_path};
use crate::values::{
    BaselineChoice, ByteSize, DirectPushChoice, DriftChoice, LayoutChoice, List, NewFlowChoice,
    ScopeChoice, Verify, VersionChoice, Wait, Waits,
};

macro_rules! file_settings {
    ($($field:ident = $key:literal: $type:ty,)*) => {
        /// The settings of `flowgate.toml`, by the names of their flags.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct FileSettings {
            $(
                #[doc = concat!("`", $key, "`")]
                pub $field: Option<$type>,
            )*
            /// What the file says in tables.
            pub tables: Tables,
            /// The findings that were accepted; they stand in a file of their own.
            pub accepted: Vec<Accepted>,
        }

        impl FileSettings {
            /// What each of these keys may be.
            #[cfg(test)]
            pub(super) fn schemas() -> Vec<(&'static str, serde_json::Value)> {
                use super::schema::Described;
                vec![$(($key, <$type>::schema())),*]
            }

            /// Every key that is a flag too.
            pub const KEYS: &[&str] = &[$($key),*];

            fn set(&mut self, key: &str, value: Spanned<DeValue<'_>>) -> Result<(), Box<toml::de::Error>> {
                match key {
                    $($key => self.$field = Some(<$type>::deserialize(ValueDeserializer::from(value))?),)*
                    _ => {}
                }
                Ok(())
            }
        }
    };
}

file_settings! {
    flows = "flows": List,
    allow_empty = "allow-empty": bool,
    max_file_size = "max-file-size": ByteSize,
    layout_fields = "layout-fields": List,
    allowed_node_types = "allowed-node-types": List,
    error_labels = "error-labels": List,
    longest_prompt = "longest-prompt": u32,
    max_version_history = "max-version-history": u32,
    max_rollback_depth = "max-rollback-depth": u32,
    fail_on = "fail-on": FailOn,
    fail_on_existing = "fail-on-existing": bool,
    on_drift = "on-drift": DriftChoice,
    on_new_flow = "on-new-flow": NewFlowChoice,
    scope = "scope": ScopeChoice,
    version_policy = "version-policy": VersionChoice,
    layout_changes = "layout-changes": LayoutChoice,
    max_changes = "max-changes": u32,
    deploy_branch = "deploy-branch": String,
    direct_push = "direct-push": DirectPushChoice,
    baseline = "baseline": BaselineChoice,
    created_by = "created-by": String,
    request_timeout = "request-timeout": Wait,
    run_deadline = "run-deadline": Wait,
    read_back_deadline = "read-back-deadline": Wait,
    ambiguous_read_delays = "ambiguous-read-delays": Waits,
    retry_base = "retry-base": Wait,
    max_requests_per_second = "max-requests-per-second": u32,
    concurrency = "concurrency": u16,
    verify = "verify": Verify,
    server_fields = "server-fields": List,
}

impl FileSettings {
    /// Reads the file at `asked`, else the one of [`PLACES`] that is there, else none, with the accepted findings that
    /// stand beside it. Says which one it was. `elsewhere` is asked for files that are not on disk.
    pub fn load(
        root: &Path,
        asked: Option<&Path>,
        elsewhere: &Elsewhere<'_>,
    ) -> Result<(Self, Option<PathBuf>), FileError> {
        let read = |path: &Path| read(path, elsewhere);
        let mut found = None;
        if let Some(path) = asked {
            let text = read(path)?.ok_or_else(|| FileError::NotThere(path.to_owned()))?;
            found = Some((path.to_owned(), text));
        } else {
            for place in PLACES {
                let path = root.join(place);
                let Some(text) = read(&path)? else { continue };
                if found.is_some() {
                    return Err(FileError::Two(PLACES[0].into(), PLACES[1].into()));
                }
                found = Some((path, text));
            }
        }
        let (mut settings, from) = match found {
            Some((path, text)) => {
                let source = SourceText::new(repo_path(root, &path)?, text);
                (Self::parse(&source)?, Some(path))
            }
            None => Default::default(),
        };
        settings.accepted = accepted::load(root, asked, elsewhere)?;
        Ok((settings, from))
    }

    /// Reads the text of the file.
    pub fn parse(source: &SourceText) -> Result<Self, FileError> {
        let mut document = Document::new(source);
        let mut settings = Self::default();
        for (key, value) in document.table() {
            let (key, span) = (key.get_ref().to_string(), key.span());
            let value_span = value.span();
            if Tables::KEYS.contains(&key.as_str()) {
                settings.tables.read(&key, value, &mut document);
            } else if let Some(message) = unfit(&key) {
                document.say(Some(span), message);
            } else if let Err(error) = settings.set(&key, value) {
                let place = error.span().or(Some(value_span));
                document.say(place, format!("`{key}`: {}", error.message().trim()));
            }
        }
        let problems = document.into_problems();
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(FileError::Problems {
                path: source.path().as_str().into(),
                problems,
            })
        }
    }
}

/// Why a key may not stand in the file; `None` where it may.
fn unfit(key: &str) -> Option<String> {
    let known = || FileSettings::KEYS.iter().chain(&Tables::KEYS).copied();
    if known().any(|known| known == key) {
        return None;
    }
    let word = key.to_ascii_lowercase().replace('_', "-");
    let starts = [
        "cxone",
        "client",
        "webhook",
        "git-webhook",
        "api-",
        "host",
        "credential",
        "secret",
    ];
    let ends = [
        "-url", "-path", "-scope", "-scopes", "-token", "-secret", "-key", "-host",
    ];
    let whole = ["environment", "scopes", "token", "ca-file", "url", "paths"];
    if starts.iter().any(|start| word.starts_with(start))
        || ends.iter().any(|end| word.ends_with(end))
        || whole.contains(&word.as_str())
    {
        return Some(format!(
            "`{key}` may not stand in this file, since it decides where secrets go: set it as a flag, an action input or an environment variable"
        ));
    }
    Some(match nearest(&word, known()) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FileSettings, String> {
        let source = SourceText::new("flowgate.toml".parse().unwrap(), text.to_owned());
        FileSettings::parse(&source).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_read_by_the_names_of_their_flags() {
        let settings = parse(
            "flows = [\"a/*.json\", \"b/*.json\"]\nallow-empty = true\nmax-file-size = \"1MiB\"\nrun-deadline = 60\nfail-on = \"warning\"\n",
        )
        .unwrap();
        assert_eq!(settings.flows.unwrap().0, ["a/*.json", "b/*.json"]);
        assert_eq!(settings.allow_empty, Some(true));
        assert_eq!(settings.max_file_size, Some(ByteSize::mebibytes(1)));
        assert_eq!(settings.run_deadline, Some(Wait::seconds(60)));
        assert_eq!(settings.fail_on, Some(FailOn::Warning));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_in_file_order() {
        let error = parse("failon = 1\nconcurrency = \"many\"\n  Cxone_Base_Url = \"https://evil.example\"\n[policies]\n").unwrap_err();
        insta::assert_snapshot!(error, @r#"
        the configuration cannot be used
          flowgate.toml:1:1: unknown key `failon`; did you mean `fail-on`?
          flowgate.toml:2:15: `concurrency`: invalid type: string "many", expected u16
          flowgate.toml:3:3: `Cxone_Base_Url` may not stand in this file, since it decides where secrets go: set it as a flag, an action input or an environment variable
          flowgate.toml:4:2: unknown key `policies`
        "#);
    }

    #[test]
    fn nothing_that_decides_where_secrets_go_may_stand_in_the_file() {
        for key in [
            "cxone-base-url",
            "base-url",
            "client-id",
            "client_secret",
            "environment",
            "github-token",
            "webhook-url",
            "webhook-repository",
            "ca-file",
            "binary-path",
            "download-url",
            "api-token-path",
            "read-scope",
            "scopes",
        ] {
            let error = parse(&format!("{key} = 'x'")).unwrap_err();
            assert!(error.contains("may not stand in this file"), "{error}");
        }
    }
}
