//! The environment as a value, and the credentials in it. `main` takes it from the process; nobody else asks the process.

use std::collections::BTreeMap;
use std::fmt;

use flowgate_core::redact::Redactor;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::event::Withheld;
use crate::exit::{Ends, Exit};
use crate::values::is_loopback;

/// The environment variables of the process. An empty variable counts as one that is not set: the Action passes every
/// input, also those that nobody filled in.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names alone: values may be secrets.
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// From names and values; what is not Unicode is left out.
    pub fn new<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<std::ffi::OsString>,
        V: Into<std::ffi::OsString>,
    {
        Self(
            variables
                .into_iter()
                .filter_map(|(name, value)| {
                    Some((
                        name.into().into_string().ok()?,
                        value.into().into_string().ok()?,
                    ))
                })
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }

    /// A redactor that knows the credentials.
    pub fn redactor(&self) -> Redactor {
        let secrets = self.secrets();
        let values = secrets
            .iter()
            .map(|secret| secret.expose_secret().to_owned());
        Redactor::new(values.collect())
    }

    /// The values that must never be shown, for the redactor.
    pub fn secrets(&self) -> Vec<SecretString> {
        SECRETS
            .iter()
            .filter_map(|name| self.secret(name))
            .collect()
    }

    /// What CXone is called with, where it is there at all; half of it is an error, never "none". But where GitHub
    /// withholds the secrets of a run, what else stands in the workflow is no half.
    pub fn credentials(
        &self,
        withheld: Option<Withheld>,
    ) -> Result<Option<Credentials>, CredentialsError> {
        let is_withheld = withheld.is_some() && self.get(THE_SECRET).is_none();
        if is_withheld || NEEDED.iter().all(|name| self.get(name).is_none()) {
            return Ok(None);
        }
        self.needed_credentials().map(Some)
    }

    /// What CXone is called with, for a command that cannot do without.
    pub fn needed_credentials(&self) -> Result<Credentials, CredentialsError> {
        let [client_id, client_secret, environment] = NEEDED.map(|name| self.get(name));
        let (Some(client_id), Some(client_secret), Some(environment)) =
            (client_id, client_secret, environment)
        else {
            return Err(CredentialsError::Missing {
                names: NEEDED
                    .into_iter()
                    .filter(|name| self.get(name).is_none())
                    .collect(),
            });
        };
        Ok(Credentials {
            client_id: client_id.to_owned(),
            client_secret: client_secret.into(),
            environment: environment.to_owned(),
            base_url: base_url(self.get("CXONE_BASE_URL").unwrap_or(DEFAULT_BASE_URL))?,
        })
    }

    /// Where to tell that a version was created; `None` where nobody asked for it.
    pub fn webhook(&self) -> Result<Option<Webhook>, CredentialsError> {
        let Some(url) = self.get("GIT_WEBHOOK_URL") else {
            return Ok(None);
        };
        // The address is a secret: no error repeats it.
        let valid = Url::parse(url).is_ok_and(|url| is_safe(&url));
        if !valid {
            return Err(CredentialsError::WebhookUrl);
        }
        Ok(Some(Webhook {
            url: url.into(),
            secret: self.secret("GIT_WEBHOOK_SECRET"),
        }))
    }

    /// The token for GitHub.
    pub fn github_token(&self) -> Option<SecretString> {
        self.secret("GITHUB_TOKEN")
    }
}

const DEFAULT_BASE_URL: &str = "https://api.nicecxone.com";
const THE_SECRET: &str = "CXONE_CLIENT_SECRET";
const NEEDED: [&str; 3] = ["CXONE_CLIENT_ID", THE_SECRET, "CXONE_ENVIRONMENT"];
const SECRETS: [&str; 4] = [
    "CXONE_CLIENT_SECRET",
    "GITHUB_TOKEN",
    "GIT_WEBHOOK_URL",
    "GIT_WEBHOOK_SECRET",
];

/// What CXone is called with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `CXONE_CLIENT_ID`.
    pub client_id: String,
    /// `CXONE_CLIENT_SECRET`.
    pub client_secret: SecretString,
    /// `CXONE_ENVIRONMENT`.
    pub environment: String,
    /// `CXONE_BASE_URL`: https, or loopback.
    pub base_url: Url,
}

/// Where and how to tell that a version was created.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `GIT_WEBHOOK_URL`, a valid address: https, or loopback.
    pub url: SecretString,
    /// `GIT_WEBHOOK_SECRET`: signs the body.
    pub secret: Option<SecretString>,
}

/// What is wrong with the credentials. Never holds their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Some are not there.
    #[error("cannot call CXone without {}", names.join(", "))]
    Missing {
        /// All that are missing.
        names: Vec<&'static str>,
    },
    /// `CXONE_BASE_URL` is not an address that credentials may be sent to.
    #[error("`CXONE_BASE_URL` must be an https address without user, query or fragment")]
    BaseUrl,
    /// `GIT_WEBHOOK_URL` is not an address that may be called.
    #[error("`GIT_WEBHOOK_URL` must be an https address")]
    WebhookUrl,
}

impl Ends for CredentialsError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            CredentialsError::Missing { .. } => {
                "set them as environment variables (in the Action: as secrets); `flowgate demo` needs none".to_owned()
            }
            CredentialsError::BaseUrl | CredentialsError::WebhookUrl => {
                "plain http is allowed to this machine alone (127.0.0.1, ::1, localhost)".to_owned()
            }
        })
    }
}

fn base_url(text: &str) -> Result<Url, CredentialsError> {
    Url::parse(text)
        .ok()
        .filter(|url| is_safe(url) && url.query().is_none() && url.fragment().is_none())
        .ok_or(CredentialsError::BaseUrl)
}

/// Whether secrets may go there: https, or this machine.
fn is_safe(url: &Url) -> bool {
    let named = !url.username().is_empty() || url.password().is_some();
    !named
        && ((url.scheme() == "https" && url.has_host())
            || (url.scheme() == "http" && is_loopback(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Environment {
        Environment::new(pairs.iter().copied())
    }

    #[test]
    fn all_missing_credentials_stand_in_one_error() {
        let environment = with(&[("CXONE_CLIENT_ID", "me"), ("CXONE_CLIENT_SECRET", "")]);
        let error = environment.credentials(None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot call CXone without CXONE_CLIENT_SECRET, CXONE_ENVIRONMENT"
        );
        assert!(with(&[]).credentials(None).unwrap().is_none());
    }

    #[test]
    fn secrets_go_to_https_or_to_this_machine() {
        for good in [
            "https://eu.example.com/base",
            "http://127.0.0.1:8080",
            "http://[::1]/",
            "http://localhost:1",
        ] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "https://me:pw@example.com",
            "https://example.com?x",
            "nowhere",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_secret_is_shown_by_debug() {
        let environment = with(&[
            ("CXONE_CLIENT_ID", "me"),
            ("CXONE_CLIENT_SECRET", "hunter2"),
            ("CXONE_ENVIRONMENT", "test"),
            ("GIT_WEBHOOK_URL", "https://hooks.example.com/hunter2"),
        ]);
        let shown = format!(
            "{environment:?} {:?} {:?}",
            environment.credentials(None),
            environment.webhook()
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
