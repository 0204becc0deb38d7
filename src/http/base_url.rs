//! Where a client may go: https, or plain http on this machine.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// Why a text is not a base URL. The text itself is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// No URL, or one without a host.
    #[error("not a URL with a host, such as `https://api.nicecxone.com`")]
    NotAUrl,
    /// Neither https nor loopback http.
    #[error("only `https` is allowed (plain `http` on a loopback address alone)")]
    NotHttps,
    /// A name or password in front of the host.
    #[error("a user name or password does not belong into the URL")]
    UserInfo,
    /// A query or fragment.
    #[error("a query (`?`) or fragment (`#`) does not belong into the URL")]
    QueryOrFragment,
}

/// An address that credentials may be sent to.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Whether it is this machine: `localhost`, `127.0.0.0/8` or `::1`.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The address with `path` after it; `path` begins with `/` and is percent-encoded already.
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let path = format!("{}{path}", self.0.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidBaseUrl::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(InvalidBaseUrl::NotHttps),
            _ => return Err(InvalidBaseUrl::NotAUrl),
        }
        if url.host().is_none() {
            return Err(InvalidBaseUrl::NotAUrl);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::QueryOrFragment);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_travel_by_https_or_stay_on_this_machine() {
        for good in [
            "https://api.nicecxone.com",
            "https://gateway.example/cxone/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:3000",
        ] {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://api.nicecxone.com", InvalidBaseUrl::NotHttps),
            ("http://localhost.evil.example", InvalidBaseUrl::NotHttps),
            ("http://127.0.0.1.evil.example", InvalidBaseUrl::NotHttps),
            ("http://10.0.0.1", InvalidBaseUrl::NotHttps),
            ("ftp://127.0.0.1", InvalidBaseUrl::NotAUrl),
            ("api.nicecxone.com", InvalidBaseUrl::NotAUrl),
            ("", InvalidBaseUrl::NotAUrl),
            ("https://me:pw@api.example", InvalidBaseUrl::UserInfo),
            ("https://api.example/?a=b", InvalidBaseUrl::QueryOrFragment),
            ("https://api.example/#x", InvalidBaseUrl::QueryOrFragment),
        ] {
            assert_eq!(bad.parse::<BaseUrl>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_path_in_the_base_stays_in_front() {
        let base: BaseUrl = "https://gateway.example/cxone/".parse().unwrap();
        assert_eq!(
            base.join("/api/v2/flows/a%2Fb").as_str(),
            "https://gateway.example/cxone/api/v2/flows/a%2Fb"
        );
        assert_eq!(base.to_string(), "https://gateway.example/cxone");
    }
}
