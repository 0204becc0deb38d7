//! What we sent when we made a version, found again in git: the flow file at the commit that its record names, if it is
//! what the record says. A tenant that cannot show a version's content is helped by that, and so is whoever must tell a
//! server's additions from somebody's edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgate_core::drift::{Files, LookedBack};
use flowgate_core::flow::{self, Content, Flow, Layout, digest, native};
use flowgate_core::ids::{Digest, FlowId, RepoPath};
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

/// Which flows without a record of ours are looked for in older commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Older {
    /// Those that this run is about: what is live of them may be gone over.
    Asked,
    /// All.
    All,
}

/// So many commits are gone back through.
const MOST_COMMITS: usize = 40;

/// Finds what is live in the older commits of its file, where Flowgate did not put it there: then it is nothing that was
/// never in this repository, such as where the run of the merge after it failed or was thrown away.
pub(crate) async fn complete_older<'h>(
    input: &mut Input,
    which: Older,
    history: impl FnOnce() -> History<'h>,
    reading: &Reading<'_>,
) {
    let Some(head) = input.commit.clone() else {
        return;
    };
    let mut wanted: BTreeMap<RepoPath, (FlowId, Digest)> = input
        .files
        .iter()
        .filter(|file| which == Older::All || file.touch.asks_for_write())
        .filter_map(|file| {
            let flow = file.head.as_ref()?.flow.as_ref()?;
            let id = flow.id()?;
            let published = input.platform.as_ref()?.get(id)?.published.known()?;
            let live = digest(&published.flow, reading.layout)?;
            let says_it = |side: &Option<flow::Reading>| {
                let flow = side.as_ref().and_then(|side| side.flow.as_ref());
                flow.is_some_and(|flow| digest(flow, reading.layout).as_ref() == Some(&live))
            };
            let is_told = published.record.is_some() || says_it(&file.head) || says_it(&file.base);
            (!is_told).then(|| (file.path.clone(), (id.clone(), live)))
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    let mut history = history();
    let mut commit = head;
    for count in 0..MOST_COMMITS {
        input.looked_back = LookedBack::Commits(count);
        let parents = match history.parents(&commit).await {
            Ok(parents) => parents,
            Err(error) => {
                tracing::info!(%error, "could not look at older commits");
                return;
            }
        };
        let Some(parent) = parents.into_iter().next() else {
            input.looked_back = LookedBack::Whole;
            return;
        };
        commit = parent;
        let paths: Vec<RepoPath> = wanted.keys().cloned().collect();
        let files = match history.files(&commit, &paths, reading.limit).await {
            Ok(files) => files,
            Err(error) => {
                tracing::info!(%error, "could not look at older commits");
                return;
            }
        };
        for (path, content) in files {
            let flow = native::read(path.clone(), content).flow;
            let found = flow.zip(wanted.get(&path)).filter(|(flow, (id, live))| {
                flow.id() == Some(id) && digest(flow, reading.layout).as_ref() == Some(live)
            });
            if let Some((flow, (id, _))) = found {
                input.recorded.insert(id.clone(), flow);
                wanted.remove(&path);
            }
        }
        if wanted.is_empty() {
            return;
        }
    }
    input.looked_back = LookedBack::Commits(MOST_COMMITS);
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
