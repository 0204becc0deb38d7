//! The list of versions, page by page, as far as a tenant tells it.

use std::collections::HashSet;

use flowgate_core::ids::FlowId;
use flowgate_core::platform::{History, Publication, VersionSummary};
use serde_json::Value;

use super::FlowsApi;
use super::answers::{json_text, record, version_id, without_mark};
use crate::cxone::{Operation, PlatformError};

/// An id has at most so many bytes, and so has any other word of the list.
const MOST_OF_A_WORD: usize = 256;
const PAGE_SIZE: usize = 100;
/// A list that goes on for ever is not one.
const MOST_PAGES: u32 = 10_000;

/// What one page says.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    versions: Option<Vec<VersionSummary>>,
    total: Option<u32>,
    more: bool,
}

impl FlowsApi {
    pub(super) async fn all_pages(&self, flow: &FlowId) -> Result<History, PlatformError> {
        let mut all: Vec<VersionSummary> = Vec::new();
        let mut seen = HashSet::new();
        let mut total = None;
        for number in 1..=MOST_PAGES {
            let mut url = self
                .base_url
                .join(&self.paths.versions.fill(flow.as_str(), ""));
            url.query_pairs_mut()
                .append_pair("page", &number.to_string())
                .append_pair("pageSize", &PAGE_SIZE.to_string());
            let reply = self.read(Operation::ListVersions, flow, url).await?;
            match reply.status.as_u16() {
                // On the first page: no versions yet. On a later one: there are no more.
                404 => return Ok(whole(all, total)),
                200 => {}
                status => {
                    return Ok(History::Unknown(format!(
                        "this tenant does not offer the list of versions (HTTP {status})"
                    )));
                }
            }
            let page = page(&reply.body)
                .map_err(|said| self.misunderstood(Operation::ListVersions, flow, &reply, &said))?;
            let Some(versions) = page.versions else {
                return Ok(match page.total {
                    Some(total) => History::Counted(total),
                    None => History::Unknown(
                        "the answer has neither a list of versions nor `totalCount`".to_owned(),
                    ),
                });
            };
            let length = versions.len();
            let before = all.len();
            all.extend(
                versions
                    .into_iter()
                    .filter(|version| seen.insert(version.id.clone())),
            );
            let nothing_new = all.len() == before;
            total = page.total.or(total);
            let missing = total.map(|total| total as usize > all.len());
            let go_on = page.more || missing.unwrap_or(length >= PAGE_SIZE);
            if !go_on || nothing_new {
                return Ok(whole(all, total));
            }
        }
        Ok(History::Unknown(format!(
            "the list of versions has more than {MOST_PAGES} pages"
        )))
    }
}

/// The list, if it is whole. Where it is a part only, how many there are is all that is known.
fn whole(mut versions: Vec<VersionSummary>, total: Option<u32>) -> History {
    untold(&mut versions);
    match total {
        Some(total) if total as usize > versions.len() => History::Counted(total),
        _ => History::Listed(versions),
    }
}

/// What the platforms that we know call the state of a version. Other words tell nothing.
fn by_word(status: &str) -> Option<Publication> {
    const LIVE: [&str; 4] = ["published", "live", "active", "current"];
    const WAS_LIVE: [&str; 5] = ["superseded", "archived", "retired", "replaced", "previous"];
    const NEVER_LIVE: [&str; 4] = ["draft", "created", "unpublished", "staged"];
    let among = |words: &[&str]| words.iter().any(|word| status.eq_ignore_ascii_case(word));
    if among(&LIVE) {
        Some(Publication::Now)
    } else if among(&WAS_LIVE) {
        Some(Publication::Once)
    } else if among(&NEVER_LIVE) {
        Some(Publication::Never)
    } else {
        None
    }
}

/// A version that has no time of publication was never live, where the list gives such times at all.
fn untold(versions: &mut [VersionSummary]) {
    if !versions
        .iter()
        .any(|version| version.published_at.is_some())
    {
        return;
    }
    for version in versions {
        if version.publication == Publication::NotTold {
            version.publication = Publication::Never;
        }
    }
}

fn page(body: &[u8]) -> Result<Page, String> {
    let value: Value = serde_json::from_slice(without_mark(body))
        .map_err(|error| format!("the answer is not JSON: {error}"))?;
    let list = match &value {
        Value::Array(list) => Some(list),
        _ => ["versions", "items", "data"]
            .iter()
            .find_map(|key| value.get(key)?.as_array()),
    };
    let versions = list
        .map(|list| list.iter().map(summary).collect::<Option<Vec<_>>>())
        .map(|list| list.ok_or("one of the versions has no `id`, or one that is no id"))
        .transpose()?;
    let total = value
        .get("totalCount")
        .and_then(Value::as_u64)
        .map(|total| u32::try_from(total).unwrap_or(u32::MAX));
    let more = match value.get("nextPage") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(next)) => !next.is_empty(),
        Some(_) => true,
    };
    Ok(Page {
        versions,
        total,
        more,
    })
}

fn summary(version: &Value) -> Option<VersionSummary> {
    // What is longer is no number, no state and no time.
    let text = |key: &str| {
        let text = version.get(key).and_then(json_text);
        text.filter(|text| text.len() <= MOST_OF_A_WORD)
    };
    let published_at = text("publishedAt");
    Some(VersionSummary {
        id: version_id(text("id").or_else(|| text("versionId"))?)?,
        version: text("version").and_then(|version| version.parse().ok()),
        publication: match (by_word(&text("status").unwrap_or_default()), &published_at) {
            (Some(Publication::Now), _) => Publication::Now,
            (_, Some(_)) => Publication::Once,
            (Some(told), None) => told,
            (None, None) => Publication::NotTold,
        },
        created_at: text("createdAt"),
        published_at,
        record: version
            .get("metadata")
            .and_then(|metadata| record(&metadata.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known of the publication of each of these versions.
    fn told(list: &str) -> Vec<Publication> {
        let page = page(format!(r#"{{"items":{list}}}"#).as_bytes()).unwrap();
        let History::Listed(versions) = whole(page.versions.unwrap(), page.total) else {
            panic!()
        };
        versions.iter().map(|version| version.publication).collect()
    }

    #[test]
    fn that_a_version_was_live_is_told_by_its_time_or_by_its_state() {
        use Publication::{Never, NotTold, Now, Once};
        assert_eq!(
            told(
                r#"[{"id":1,"status":"DRAFT"},{"id":2,"status":"Superseded"},{"id":3,"status":"published"}]"#
            ),
            [Never, Once, Now]
        );
        let dated =
            r#"[{"id":1,"publishedAt":"2026-01-01T00:00:00Z"},{"id":2},{"id":3,"status":"?"}]"#;
        assert_eq!(told(dated), [Once, Never, Never]);
        assert_eq!(
            told(r#"[{"id":1},{"id":2,"status":"?"}]"#),
            [NotTold, NotTold]
        );
        let both = r#"[{"id":1,"status":"ARCHIVED"},{"id":2,"publishedAt":"x"},{"id":3,"publishedAt":null}]"#;
        assert_eq!(told(both), [Once, Once, Never]);
    }

    #[test]
    fn what_a_page_leaves_out_is_unknown() {
        let nothing = page(b"{}").unwrap();
        assert_eq!((nothing.versions, nothing.total), (None, None));
        assert_eq!(page(br#"{"totalCount":0}"#).unwrap().total, Some(0));
        assert_eq!(page(br#"{"totalCount":"3"}"#).unwrap().total, None);
        for key in ["versions", "items", "data"] {
            let body = format!(
                r#"{{"{key}":[{{"id":"a","version":"1.0.0"}},{{"id":7,"version":"x"}}],"nextPage":2}}"#
            );
            let page = page(body.as_bytes()).unwrap();
            let versions = page.versions.unwrap();
            assert_eq!(versions[1].id.as_str(), "7");
            assert_eq!(versions[1].version, None);
            assert!(page.more);
        }
        assert!(page(br#"{"versions":[{"version":"1.0.0"}]}"#).is_err());
        assert!(page(br#"{"versions":[{"id":"a"#).is_err());
    }

    #[test]
    fn metadata_of_others_is_no_record_of_ours() {
        let digest = format!("fg1.{}.{}", "0".repeat(8), "a".repeat(64));
        let ours = record(&format!(
            r#"{{"contentDigest":"{digest}","source":{{"repository":"o/r","pullRequest":7,"more":1}}}}"#
        ))
        .unwrap();
        assert_eq!(ours.content_digest.as_str(), digest);
        assert_eq!(ours.source.unwrap().pull_request, Some(7));
        let odd = record(&format!(
            r#"{{"contentDigest":"{digest}","source":"console"}}"#
        ))
        .unwrap();
        assert_eq!(odd.source, None);
        for other in [
            "null",
            "7",
            "{}",
            r#"{"contentDigest":"md5"}"#,
            r#"{"contentDigest":7}"#,
        ] {
            assert_eq!(record(other), None, "{other}");
        }
    }
}
