//! Addresses in a flow, as far as rules judge them: scheme, host, port.

use std::collections::HashSet;
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

/// The addresses that a text of a flow is or holds, each with what tells it from the others: the text itself, if it is
/// one; else those that stand in it between quotes, as in a script or a JSON body. What callers hear is called by nobody.
pub(super) fn in_text<'t>(text: &'t Text<'_>) -> Vec<(Endpoint<'t>, &'t str)> {
    if !text.marks.has(Mark::Colon) || !text.text.contains("://") {
        return Vec::new();
    }
    if let Some(address) = Endpoint::of(&text.text) {
        return vec![(address, "")];
    }
    // The body of a request is sent, whatever it is called elsewhere.
    let is_heard = text.is_spoken() && text.last_word() != "body";
    if is_heard || text.is_note() {
        return Vec::new();
    }
    quoted(&text.text)
}

/// What addresses inside of texts stand between.
pub(super) const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Addresses between quotes, each host once.
fn quoted(text: &str) -> Vec<(Endpoint<'_>, &str)> {
    let mut found: Vec<(Endpoint<'_>, &str)> = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = text;
    while let Some(open) = rest.find(QUOTES) {
        let quote = &rest[open..=open];
        let inside = &rest[open + 1..];
        let end = inside.find(|c: char| c == '\n' || QUOTES.contains(&c) || c == '\\');
        let end = end.unwrap_or(inside.len());
        // What follows the closing quote is looked at next; a quote of another kind opens anew.
        let closes = inside[end..].starts_with(quote);
        if let Some(address) = Endpoint::of(&inside[..end])
            && seen.insert((address.scheme.clone(), address.host))
        {
            let host = address.host;
            found.push((address, host));
        }
        rest = &inside[end + usize::from(closes)..];
    }
    found
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
    fn addresses_are_found_between_quotes() {
        let hosts = |text: &str| -> Vec<String> {
            let found = quoted(text).into_iter();
            found.map(|(address, _)| address.host.to_owned()).collect()
        };
        assert_eq!(
            hosts(
                "var u = 'http://crm.local/x';\nget(\"https://a.example.com\"); get(`http://10.0.0.1`)"
            ),
            ["crm.local", "a.example.com", "10.0.0.1"]
        );
        assert_eq!(
            hosts("{\"url\": \"http://10.1.2.3/x\", \"n\": 1}"),
            ["10.1.2.3"]
        );
        for none in [
            "// see http://wiki.local/x",
            "it's http://x and that's it",
            "'press 1: see http://x'",
            "",
        ] {
            assert_eq!(hosts(none), Vec::<String>::new(), "{none}");
        }
        // Linear, whatever it holds.
        assert!(quoted(&"'\"`".repeat(100_000)).is_empty());
    }

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
