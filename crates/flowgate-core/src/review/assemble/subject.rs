//! A flow of the change and what it is compared with: found once, before the plan and the rules look at it. What follows
//! from the comparison is not decided here.

use std::collections::BTreeSet;
use std::ptr;
use std::sync::Arc;

use super::Assembly;
use crate::delta::{Delta, diff};
use crate::drift::{Files, Standing, stands};
use crate::flow::{Flow, FlowView, Layout, containment, digest};
use crate::ids::Digest;
use crate::platform::{Answer, FlowOnPlatform, Wrong};
use crate::review::{BaseReason, Baseline, FlowFile};
use crate::risk::{FlowRisk, assess};

/// A flow of the change and what it is compared with.
pub(super) struct Subject<'i> {
    pub(super) file: &'i FlowFile,
    pub(super) head: &'i Arc<Flow>,
    pub(super) digest: Option<Digest>,
    pub(super) base: Option<Arc<Flow>>,
    pub(super) recorded: Option<&'i Arc<Flow>>,
    pub(super) platform: Option<&'i FlowOnPlatform>,
    pub(super) wrong: Option<&'i Wrong>,
    pub(super) baseline: Baseline,
    pub(super) delta: Option<Arc<Delta>>,
    /// Whether the delta is against the file on the base branch.
    is_against_base: bool,
    pub(super) risk: Option<FlowRisk>,
    pub(super) standing: Option<Standing>,
    pub(super) server_adds: BTreeSet<String>,
}

impl<'i> Subject<'i> {
    /// What callers reach now, where CXone could say it.
    pub(super) fn live(&self) -> Option<&Flow> {
        let published = self.platform?.published.known()?;
        Some(&published.flow)
    }

    /// Puts together what the input says of one file's flow.
    pub(super) fn of(
        assembly: &Assembly<'i>,
        file: &'i FlowFile,
        head: &'i Arc<Flow>,
        base: Option<Arc<Flow>>,
    ) -> Self {
        let platform = head
            .id()
            .and_then(|id| assembly.input.platform.as_ref()?.get(id));
        let baseline = baseline(base.as_ref(), platform);
        let layout = assembly.layout(&file.path);
        let digest = digest(head, layout);
        let recorded = head.id().and_then(|id| assembly.input.recorded.get(id));
        let files = Files {
            head,
            base: base.as_deref(),
            recorded: recorded.map(Arc::as_ref),
        };
        let published = platform.and_then(|platform| platform.published.known());
        let wrong = head.id().and_then(|id| assembly.input.wrong.get(id));
        let standing = platform
            .zip(published)
            .map(|(platform, published)| stands(platform, published, &files, wrong, layout));
        let sent = published
            .filter(|_| standing.is_some_and(|standing| !standing.is_drift()))
            .and_then(|published| files.without_additions(published, layout));
        let server_adds = sent
            .zip(published)
            .map(|(sent, live)| containment(sent, &live.flow, layout).additions())
            .unwrap_or_default();
        let before = sent.or(baseline.flow().map(Arc::as_ref));
        let is_base = |before: &Flow| base.as_deref().is_some_and(|base| ptr::eq(base, before));
        let is_against_base = before.is_some_and(is_base);
        let delta = before.map(|before| Arc::new(diff(before, head, layout)));
        let compared = baseline.flow().zip(delta.as_deref());
        let risk = compared.map(|(before, delta)| {
            let view = |flow| FlowView::new(flow, &assembly.settings.rules.types);
            assess(view(before), view(head), delta)
        });
        Self {
            file,
            head,
            digest,
            base,
            recorded,
            platform,
            wrong,
            baseline,
            delta,
            is_against_base,
            risk,
            standing,
            server_adds,
        }
    }

    /// Whether the file on the base branch has the same content. Where the delta is against that, it has been found out.
    pub(super) fn has_content_of_base(&self, layout: &Layout) -> bool {
        let Some(base) = &self.base else { return false };
        match &self.delta {
            Some(delta) if self.is_against_base && base.id() == self.head.id() => {
                delta.is_layout_only()
            }
            _ => digest(base, layout) == self.digest,
        }
    }

    /// The flows that it is compared with.
    pub(super) fn compared(&self) -> impl Iterator<Item = &Flow> {
        let baseline = self.baseline.flow().map(Arc::as_ref);
        let others = [
            self.base.as_deref(),
            self.live(),
            self.recorded.map(Arc::as_ref),
        ];
        let others = others.into_iter().flatten();
        let others = others.filter(move |flow| !baseline.is_some_and(|it| ptr::eq(it, *flow)));
        baseline.into_iter().chain(others)
    }

    /// The files that what is live is held against.
    pub(super) fn files(&self) -> Files<'_> {
        Files {
            head: self.head,
            base: self.base.as_deref(),
            recorded: self.recorded.map(Arc::as_ref),
        }
    }
}

/// What a flow is compared with: what is live, else the base branch.
pub(super) fn baseline(base: Option<&Arc<Flow>>, platform: Option<&FlowOnPlatform>) -> Baseline {
    let why = match platform.map(|platform| &platform.published) {
        Some(Answer::Known(published)) => {
            return Baseline::Published(Arc::clone(&published.flow).into());
        }
        None => BaseReason::Chosen,
        Some(Answer::CannotTell) => BaseReason::CannotTell,
        Some(Answer::Absent) => BaseReason::NotPublished,
        Some(Answer::Unavailable(why)) => BaseReason::Unavailable(why.clone()),
    };
    match (base, why) {
        (Some(base), why) => Baseline::Base {
            flow: Arc::clone(base).into(),
            why,
        },
        (None, BaseReason::Unavailable(why)) => Baseline::Unknown(why),
        (None, _) => Baseline::New,
    }
}
