//! GitHub, as this run's token sees it.

use std::time::SystemTime;

use super::tenant;
use crate::cli::PlatformArgs;
use crate::event::RunContext;
use crate::exit::{Exit, Failure};
use crate::github::{Client, Connection, GitHubError, Pace, Timer};
use crate::http::{BaseUrl, Peer};
use crate::settings::{Environment, FileSettings, PlatformSettings};

/// A client of the repository that the run is about; `None` without a token. Needs a runtime.
pub(crate) fn connect(
    environment: &Environment,
    context: &RunContext,
    typed: &PlatformArgs,
) -> Result<Option<Client>, Failure> {
    // Whom to trust and how long to wait is needed before the settings file can be read: flags and environment say it.
    let settings = &PlatformSettings::resolve(typed, &FileSettings::default());
    let Some(token) = environment.github_token() else {
        return Ok(None);
    };
    let cannot = |error: anyhow::Error| Failure::new(Exit::Usage, error);
    let api: BaseUrl = context.api_url.parse().map_err(|error| {
        cannot(anyhow::Error::from(error).context("`GITHUB_API_URL` cannot be used"))
    })?;
    let connection = Connection {
        api_url: context.api_url.clone(),
        graphql_url: context.graphql_url.clone(),
        repository: context.repository.full_name.clone(),
        token,
        http: tenant::client(Peer::from(&api), settings)?,
    };
    let timer = Timer::new(SystemTime::now, tokio::time::sleep);
    let pace = Pace::from_base(settings.retry_base);
    Client::new(&connection, pace, timer)
        .map(Some)
        .map_err(|error| cannot(error.into()))
}

/// GitHub did not say what the run cannot do without.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
pub(crate) fn failed(error: GitHubError) -> Failure {
    let hint = error.hint();
    let failure = Failure::new(Exit::Failed, anyhow::anyhow!("{error}"));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
