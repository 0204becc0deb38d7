//! Addresses in a flow, as far as rules judge them: scheme, host, port.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::texts::Text;
use crate::redact::marks::Mark;

/// An address with a scheme.
pub(super) struct Endpoint<'t> {
    /// In lower case.
    pub scheme: String,
    /// Without user and port; empty where nothing stands there.
    pub host: &'t str,
    pub port: Option<&'t str>,
}

impl<'t> Endpoint<'t> {
    /// `None` where the text is no single address with a scheme.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://")?;
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if scheme.is_empty() || !scheme.chars().all(letters) || text.contains(char::is_whitespace) {
            return None;
        }
        let authority = rest
            .find(['/', '?', '#', '\\'])
            .map_or(rest, |end| &rest[..end]);
        let place = authority
            .rsplit_once('@')
            .map_or(authority, |(_, place)| place);
        let (host, port) = if let Some(inside) = place.strip_prefix('[') {
            let (host, after) = inside.split_once(']').unwrap_or((inside, ""));
            (host, after.strip_prefix(':'))
        } else {
            match place.rsplit_once(':') {
                Some((host, port)) if !port.contains(['}', ']', ')']) => (host, Some(port)),
                _ => (place, None),
            }
        };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host,
            port,
        })
    }

    /// Whether only machines of one network can reach the host.
    pub(super) fn is_private(&self) -> bool {
        const ENDINGS: [&str; 8] = [
            ".local",
            ".localhost",
            ".localdomain",
            ".lan",
            ".internal",
            ".intranet",
            ".corp",
            ".home.arpa",
        ];
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        if let Ok(ip) = host.parse::<Ipv4Addr>() {
            return ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified();
        }
        if let Ok(ip) = host.parse::<Ipv6Addr>() {
            return ip.is_loopback()
                || ip.is_unspecified()
                || matches!(ip.segments()[0] & 0xfe00, 0xfc00)
                || ip.segments()[0] & 0xffc0 == 0xfe80;
        }
        let plain = !host.is_empty()
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        plain && (!host.contains('.') || ENDINGS.iter().any(|ending| host.ends_with(ending)))
    }
}

/// The address that a text of a flow is, if it is one.
pub(super) fn in_text<'t>(text: &'t Text<'_>) -> Option<Endpoint<'t>> {
    let marked = text.marks.has(Mark::Colon);
    marked.then(|| Endpoint::of(&text.text)).flatten()
}

/// Whether the key says that a text is an address.
pub(super) fn is_address_key(text: &Text<'_>) -> bool {
    matches!(
        text.last_word(),
        "url" | "uri" | "endpoint" | "webhook" | "href"
    )
}

/// Whether an address is a name that nobody calls: XML name spaces and JSON schemas.
pub(super) fn is_identifier(text: &Text<'_>, endpoint: &Endpoint<'_>) -> bool {
    let key = text.key().to_ascii_lowercase();
    key.starts_with("xmlns")
        || matches!(
            key.trim_start_matches(['$', '@']),
            "schema" | "namespace" | "id" | "type" | "context" | "vocab"
        )
        || text.last_word() == "namespace"
        || matches!(
            endpoint.host,
            "www.w3.org" | "schemas.xmlsoap.org" | "json-schema.org" | "schema.org" | "tempuri.org"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_hosts_are_told_from_public_ones() {
        for private in [
            "https://localhost/x",
            "http://10.1.2.3:80",
            "https://192.168.0.9",
            "https://[::1]:8/",
            "https://[fd00::1]/",
            "https://crm/api",
            "https://crm.corp/",
            "wss://169.254.1.1",
        ] {
            assert!(Endpoint::of(private).unwrap().is_private(), "{private}");
        }
        for public in [
            "https://api.example.com",
            "https://8.8.8.8/",
            "https://{{host}}/x",
            "https://${host}:8080/",
            "https://172.32.0.1/",
            "https://u:p@crm.example.com:443/a@b",
            "https://[2001:db8::1]/",
        ] {
            assert!(!Endpoint::of(public).unwrap().is_private(), "{public}");
        }
        assert!(Endpoint::of("press 1: see http://x").is_none());
    }
}
