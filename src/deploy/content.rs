//! Whether what is published is what was sent: the contract's *in sync* and *verified*.

use flowgate_core::flow::{Containment, Layout, containment, digest};
use flowgate_core::ids::VersionId;
use flowgate_core::plan::Shipment;
use flowgate_core::platform::Published;

/// The contract's *in sync*: our record names the same content and the content is there, with no element that somebody
/// added; without a record, equal digests.
pub(super) fn in_sync(release: &Shipment, published: &Published, layout: &Layout) -> bool {
    match &published.record {
        Some(record) => {
            let found = containment(release.flow(), &published.flow, layout);
            record.content_digest == release.digest && found.holds() && found.strangers.is_empty()
        }
        None => digest(&published.flow, layout).as_ref() == Some(&release.digest),
    }
}

/// Whether nobody published anything between two reads.
pub(super) fn is_same(seen: &Published, now: &Published, layout: &Layout) -> bool {
    let same_id = match (&seen.version_id, &now.version_id) {
        (Some(seen), Some(now)) => seen == now,
        _ => seen.version() == now.version(),
    };
    let contents = (digest(&seen.flow, layout), digest(&now.flow, layout));
    same_id && contents.0.is_some() && contents.0 == contents.1
}

/// How a read-back relates to the version that we published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sighting {
    /// Ours, with all that was sent and no element that was not.
    Ours(Containment),
    /// Our version id, with content that is not ours: proof of a bad publication.
    Corrupt(Containment),
    /// The version that was published before.
    Previous,
    /// Something else, named for people.
    Other(String),
}

/// Judges what is published against the version that we published.
pub(super) fn sight(
    release: &Shipment,
    version_id: &VersionId,
    before: Option<&Published>,
    now: &Published,
    layout: &Layout,
) -> Sighting {
    let content = containment(release.flow(), &now.flow, layout);
    if now.version_id.as_ref() == Some(version_id) {
        // An element that nobody sent is no server's addition: somebody had a hand in it between create and publication.
        return if content.holds() && content.strangers.is_empty() {
            Sighting::Ours(content)
        } else {
            Sighting::Corrupt(content)
        };
    }
    // Only a tenant that never names the published version is recognised by content.
    let recorded = now
        .record
        .as_ref()
        .is_some_and(|record| record.content_digest == release.digest);
    if now.version_id.is_none()
        && content.holds()
        && content.strangers.is_empty()
        && (recorded || now.version() == Some(&release.version))
    {
        return Sighting::Ours(content);
    }
    match before {
        Some(before) if is_same(before, now, layout) => Sighting::Previous,
        _ => Sighting::Other(name(now)),
    }
}

/// A published version for people: its number and, where CXone tells, its id.
pub(super) fn name(published: &Published) -> String {
    let number = published.version().map_or_else(
        || "a version without a number".to_owned(),
        ToString::to_string,
    );
    match &published.version_id {
        Some(id) => format!("{number} (id `{id}`)"),
        None => number,
    }
}
