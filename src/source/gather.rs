//! Finds the flow files before and after a change, and what is different. Of them no more is read than tells that.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;

use super::bystanders::{candidate, claim, take_claimed};
use super::texts::{Compared, Origin};
use super::{Present, Request, Selection, SourceError, SourceFile, Sources, Texts, When, worktree};
use crate::pipeline::{USUAL_BYTES, workers};

/// Finds the flow files before and after the change.
pub fn gather(request: &Request<'_>) -> Result<Sources, SourceError> {
    let Present {
        selection,
        base,
        found,
        asked,
    } = Present::find(request)?;
    let texts = Texts::of(Origin {
        root: request.place.root.clone(),
        limit: request.limit,
        old: base.old,
    });
    let mut head = BTreeSet::new();
    for SourceFile { path, content } in found.unlisted {
        texts.keep(When::After, &path, content);
        head.insert(path);
    }
    for SourceFile { path, content } in base.unlisted {
        texts.keep(When::Before, &path, content);
    }
    let before = texts.old().paths();
    let look = Look {
        request,
        selection: &selection,
        texts: &texts,
        before: &before,
        identify: request.untouched.identifies(found.files.len()),
    };
    let workers = workers(found.files.len() * USUAL_BYTES);
    let mut same = BTreeSet::new();
    let (mut bystanders, mut claimed) = (BTreeMap::new(), HashSet::new());
    for looked in parallel::map(workers, found.files, |path| look.at(path)) {
        match looked {
            Looked::Bystander(path, id) => {
                same.insert(path.clone());
                bystanders.insert(path, id);
            }
            Looked::Whole { path, seen, claim } => {
                same.extend((seen == Seen::Same).then(|| path.clone()));
                claimed.extend(claim);
                head.insert(path);
            }
        }
    }
    let base_files: BTreeSet<RepoPath> = before
        .into_iter()
        .filter(|path| !same.contains(*path))
        .cloned()
        .collect();
    if !bystanders.is_empty() {
        for path in &base_files {
            let content = texts.take(When::Before, path)?;
            claimed.extend(claim(path, &content));
            texts.keep(When::Before, path, content);
        }
    }
    head.extend(take_claimed(&mut bystanders, &claimed));

    let counts = |path: &&RepoPath| !selection.asks_for_some() || selection.asks(path.as_str());
    let changed = head.iter().filter(|path| !same.contains(*path));
    let changed = changed.chain(&base_files).filter(counts).cloned().collect();
    let mut notes = base.notes;
    notes.extend(found.notes);
    Ok(Sources {
        head,
        bystanders,
        base: base_files,
        texts,
        changed,
        asked,
        unread: 0,
        compared_with: base.compared_with,
        commit: base.commit,
        notes,
    })
}

/// A look at each file. What it is compared by is known before it is read, so each is read, compared and let go by itself.
struct Look<'l> {
    request: &'l Request<'l>,
    selection: &'l Selection,
    texts: &'l Texts,
    before: &'l BTreeSet<&'l RepoPath>,
    /// Whether of files that are as they were the identity may be enough.
    identify: bool,
}

/// What was seen of a file.
enum Looked {
    /// It is as it was, and no more of it needs to be known than whose flow it holds.
    Bystander(RepoPath, FlowId),
    /// It is to be read.
    Whole {
        path: RepoPath,
        seen: Seen,
        /// Whose flow it holds, where that matters.
        claim: Option<FlowId>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Same,
    /// It is new, or otherwise than before.
    Different,
}

impl Look<'_> {
    fn at(&self, path: RepoPath) -> Looked {
        // Where nothing was before, everything is new, and read in its turn.
        if self.before.is_empty() {
            return Looked::Whole {
                path,
                seen: Seen::Different,
                claim: None,
            };
        }
        let limit = self.request.limit;
        let content = worktree::read(&self.request.place.root, &path, limit);
        let seen = match self.texts.old().compare(&path, &content, limit) {
            Compared::Same => Seen::Same,
            Compared::Different(before) => {
                if let Some(before) = before {
                    self.texts.keep(When::Before, &path, before);
                }
                Seen::Different
            }
        };
        let may_pass = self.identify && seen == Seen::Same && !self.selection.asks(path.as_str());
        if let Some(id) = may_pass.then(|| candidate(&path, &content)).flatten() {
            return Looked::Bystander(path, id);
        }
        let claim = self.identify.then(|| claim(&path, &content)).flatten();
        self.texts.keep(When::After, &path, content);
        Looked::Whole { path, seen, claim }
    }
}
