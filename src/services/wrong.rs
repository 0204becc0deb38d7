//! Versions of ours that CXone holds with other content than was sent: what is live, or what the file says and was taken
//! back. An earlier run published it and could not say so any more, or took it back.
//!
//! What the audit knows better counts: a version that was read back as right once was edited since.

use std::path::Path;

use flowgate_core::drift::{Files, edited_by};
use flowgate_core::flow::{Flow, Layout, containment, digest};
use flowgate_core::platform::{Answer, Wrong};
use flowgate_core::review::Input;

use crate::audit::Past;
use crate::cxone::FlowPlatform;
use crate::deploy::wrong_places;

/// Finds them for the flows that CXone was asked about.
pub(crate) async fn find<P: FlowPlatform>(
    input: &mut Input,
    platform: &P,
    audit: Option<&Path>,
    layout: &Layout,
) {
    let past = audit.map(Past::read).unwrap_or_default();
    for file in &input.files {
        let flow = file.head.as_ref().and_then(|head| head.flow.as_ref());
        let Some((head, id)) = flow.and_then(|flow| Some((flow, flow.id()?))) else {
            continue;
        };
        let said = input.platform.as_ref().and_then(|all| all.get(id));
        let Some((said, live)) = said.and_then(|said| Some((said, said.published.known()?))) else {
            continue;
        };
        let base = file.base.as_ref().and_then(|base| base.flow.as_deref());
        let files = Files {
            head,
            base,
            recorded: input.recorded.get(id).map(AsRef::as_ref),
        };
        let is_listed_as_ours = |id| {
            said.stored(id)
                .is_some_and(|stored| stored.record.is_some())
        };
        if let Some(version_id) = live.version_id.as_ref().filter(|id| is_listed_as_ours(id))
            && edited_by(live).is_none()
            && !past.was_right(version_id)
            && let Some(what) = files
                .sent(live, layout)
                .and_then(|sent| difference(sent, &live.flow, layout))
        {
            let version_id = version_id.clone();
            input.wrong.insert(id.clone(), Wrong { version_id, what });
            continue;
        }
        let Some(digest) = digest(head, layout) else {
            continue;
        };
        let file_says = (&digest, head.version());
        let Some(stored) = said.held(file_says, live.version_id.as_ref(), live.version()) else {
            continue;
        };
        let what = match platform.version(id, &stored.id).await {
            Ok(Answer::Known(whole)) => whole
                .flow
                .and_then(|content| difference(head, &content, layout)),
            _ => None,
        };
        let on_record = || {
            past.was_taken_back(&stored.id)
                .then(|| "as the audit says".to_owned())
        };
        if let Some(what) = what.or_else(on_record) {
            let version_id = stored.id.clone();
            input.wrong.insert(id.clone(), Wrong { version_id, what });
        }
    }
}

/// What of a version of ours is not what was sent; `None` where all of it is there and no element that nobody sent.
fn difference(sent: &Flow, got: &Flow, layout: &Layout) -> Option<String> {
    let found = containment(sent, got, layout);
    let is_right = found.holds() && found.strangers.is_empty();
    (!is_right).then(|| wrong_places(&found))
}
