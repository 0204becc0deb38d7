//! What we sent when we made a version, found again in git: the flow file at the commit that its record names, if it is
//! what the record says. A tenant that cannot show a version's content is helped by that, and so is whoever must tell a
//! server's additions from somebody's edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgate_core::drift::Files;
use flowgate_core::flow::{self, Content, Flow, Layout, digest, native};
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::platform::Record;
use flowgate_core::review::Input;

use crate::source::{History, HistoryError};

/// Which files of a commit may be flows, and how they are read.
pub(crate) struct Reading<'a> {
    /// Globs of the flow files.
    pub(crate) flows: &'a [String],
    pub(crate) layout: &'a Layout,
    /// A larger file is not read.
    pub(crate) limit: u64,
}

/// Finds what was sent for those flows where CXone shows something else than our record says, and no file at hand is
/// what was sent: without it a server's additions look like somebody's edit. What is not found stays unknown.
pub(crate) async fn complete<'h>(
    input: &mut Input,
    history: impl FnOnce() -> History<'h>,
    reading: &Reading<'_>,
) {
    let wanted: Vec<(FlowId, RepoPath, Record)> = input
        .files
        .iter()
        .filter_map(|file| {
            let flow_of = |reading: &'_ Option<flow::Reading>| reading.as_ref()?.flow.clone();
            let head = flow_of(&file.head)?;
            let id = head.id()?;
            let published = input.platform.as_ref()?.get(id)?.published.known()?;
            let record = published.record.as_ref()?;
            let base = flow_of(&file.base);
            let files = Files {
                head: &head,
                base: base.as_deref(),
                recorded: None,
            };
            let is_told = files.sent(published, reading.layout).is_some()
                || digest(&published.flow, reading.layout).as_ref() == Some(&record.content_digest);
            (!is_told).then(|| (id.clone(), file.path.clone(), record.clone()))
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    let mut history = history();
    for (flow_id, path, record) in wanted {
        let search = Search {
            flow_id: &flow_id,
            path: &path,
            reading,
        };
        match search.find(&mut history, &record).await {
            Ok(found) => input
                .recorded
                .extend(found.map(|flow| (flow_id.clone(), flow))),
            Err(error) => tracing::info!(%error, "could not find what was sent of `{flow_id}`"),
        }
    }
}

/// Where a flow of an earlier commit is looked for, and what makes it the one.
pub(crate) struct Search<'a> {
    pub(crate) flow_id: &'a FlowId,
    /// Where its file stands now.
    pub(crate) path: &'a RepoPath,
    pub(crate) reading: &'a Reading<'a>,
}

impl Search<'_> {
    /// The flow with the recorded content, in the commit that the record names; `None` where it is not there.
    pub(crate) async fn find(
        &self,
        history: &mut History<'_>,
        record: &Record,
    ) -> Result<Option<Arc<Flow>>, HistoryError> {
        let source = record.source.as_ref();
        let Some(commit) = source.and_then(|source| source.commit.as_ref()) else {
            return Ok(None);
        };
        let here = std::slice::from_ref(self.path);
        let Reading { flows, limit, .. } = *self.reading;
        let found = history.files(commit, here, limit).await?;
        if let Some(flow) = self.pick(found, record) {
            return Ok(Some(flow));
        }
        // It stood elsewhere then.
        let all = history.flow_files(commit, flows, limit).await?;
        Ok(self.pick(all, record))
    }

    fn pick(&self, files: BTreeMap<RepoPath, Content>, record: &Record) -> Option<Arc<Flow>> {
        files.into_iter().find_map(|(path, content)| {
            let flow = native::read(path, content).flow?;
            let is_it = flow.id() == Some(self.flow_id)
                && digest(&flow, self.reading.layout).as_ref() == Some(&record.content_digest);
            is_it.then_some(flow)
        })
    }
}
