//! The only place that builds an HTTP client: TLS roots, time-outs, proxies, redirects; and the types that say where a
//! client may go and how often it may try.
//!
//! What is said over a client is for `cxone`, `github` and `webhook`.

mod base_url;
mod retry;

use std::sync::Once;
use std::time::Duration;

use reqwest::{Certificate, Client, redirect, retry as reqwest_retry};

pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use retry::{Entropy, RetryPolicy, WallClock, retry_after, used_up};

/// Chooses the one TLS provider of the process. Call it first in `main`; more calls do nothing.
fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Whom a client talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Anyone, by https alone and through the proxies that the environment names.
    Internet,
    /// This machine: plain http is fine and no proxy stands in between.
    Loopback,
}

impl From<&BaseUrl> for Peer {
    fn from(base: &BaseUrl) -> Self {
        if base.is_loopback() {
            Peer::Loopback
        } else {
            Peer::Internet
        }
    }
}

/// What can be set about a client.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Whom it talks to.
    pub peer: Peer,
    /// Roots to trust besides the bundled ones: the bytes of a PEM file.
    pub extra_roots: Option<Vec<u8>>,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long a whole request may take, where the call says nothing else.
    pub request_timeout: Duration,
}

impl ClientOptions {
    /// Ten seconds to connect, thirty for the whole request, the bundled roots.
    pub fn new(peer: Peer) -> Self {
        Self {
            peer,
            extra_roots: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file holds something else.
    #[error("could not read the CA file: it holds no PEM certificate")]
    NoCertificate,
    /// A certificate in the file cannot be read.
    #[error("could not read the CA file: one of its certificates is not valid")]
    BadCertificate(#[source] reqwest::Error),
    /// Anything else.
    #[error("could not set up the HTTP client")]
    Build(#[source] reqwest::Error),
}

/// Builds a client. It follows no redirect (credentials would follow too) and repeats nothing by itself.
pub fn client(options: &ClientOptions) -> Result<Client, ClientError> {
    install_tls_provider();
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    let mut roots: Vec<Certificate> = bundled.collect();
    if let Some(pem) = &options.extra_roots {
        let extra = Certificate::from_pem_bundle(pem).map_err(ClientError::BadCertificate)?;
        if extra.is_empty() {
            return Err(ClientError::NoCertificate);
        }
        roots.extend(extra);
    }
    let builder = Client::builder()
        .tls_certs_only(roots)
        .redirect(redirect::Policy::none())
        .retry(reqwest_retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .timeout(options.request_timeout)
        .user_agent(concat!("flowgate/", env!("CARGO_PKG_VERSION")));
    let builder = match options.peer {
        Peer::Internet => builder.https_only(true),
        Peer::Loopback => builder.no_proxy(),
    };
    builder.build().map_err(ClientError::Build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_needs_no_roots_from_the_system_and_names_a_bad_ca_file() {
        let mut options = ClientOptions::new(Peer::Internet);
        assert!(client(&options).is_ok());
        options.extra_roots = Some(b"not a certificate".to_vec());
        assert!(matches!(client(&options), Err(ClientError::NoCertificate)));
        options.extra_roots =
            Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());
        assert!(client(&options).is_err());
    }
}
