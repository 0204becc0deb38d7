//! Finds the flow files before and after a change, and what is different. Of them no more is read than tells that.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;

use super::bystanders::{candidate, claim, take_claimed};
use super::texts::{Compared, Origin};
use super::{Present, Request, Selection, SourceError, SourceFile, Sources, Texts, When, worktree};
use crate::threads::{USUAL_BYTES, workers};

/// Finds the flow files before and after the change.
pub fn gather(request: &Request<'_>) -> Result<Sources, SourceError> {
    let Present {
        selection,
        base,
        found,
        asked,
    } = Present::find(request)?;
    let origin = Origin {
        root: request.place.root.clone(),
        limit: request.limit,
        old: base.old,
    };
    let mut head: BTreeSet<RepoPath> = BTreeSet::new();
    head.extend(found.unlisted.iter().map(|file| file.path.clone()));
    let by_side = |when, files: Vec<SourceFile>| {
        let files = files.into_iter();
        files.map(move |file| ((when, file.path), file.content))
    };
    let after = by_side(When::After, found.unlisted);
    let unlisted = after.chain(by_side(When::Before, base.unlisted)).collect();
    let texts = Texts::of(origin, unlisted);
    let look = Look {
        request,
        selection: &selection,
        texts: &texts,
        identify: request.untouched.identifies(found.files.len()),
    };
    let workers = workers(found.files.len() * USUAL_BYTES);
    let mut same = BTreeSet::new();
    let mut bystanders = BTreeMap::new();
    for looked in parallel::map(workers, found.files, |path| look.at(path)) {
        match looked {
            Looked::Bystander(path, id) => {
                same.insert(path.clone());
                bystanders.insert(path, id);
            }
            Looked::Same(path) => {
                same.insert(path.clone());
                head.insert(path);
            }
            Looked::Different(path) => {
                head.insert(path);
            }
        }
    }
    let base_files: BTreeSet<RepoPath> = texts
        .old()
        .paths()
        .into_iter()
        .filter(|path| !same.contains(*path))
        .cloned()
        .collect();
    if !bystanders.is_empty() {
        let after = head.iter().map(|path| (When::After, path));
        let before = base_files.iter().map(|path| (When::Before, path));
        let sides: Vec<_> = after.chain(before).collect();
        let mut claimed = HashSet::new();
        for id in parallel::map(workers, sides, |(when, path)| claim_of(&texts, when, path)) {
            claimed.extend(id?);
        }
        head.extend(take_claimed(&mut bystanders, &claimed));
    }

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
        covered: BTreeSet::new(),
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
    /// Whether of files that are as they were the identity may be enough.
    identify: bool,
}

/// What was seen of a file.
enum Looked {
    /// It is as it was, and no more of it needs to be known than whose flow it holds.
    Bystander(RepoPath, FlowId),
    /// It is as it was.
    Same(RepoPath),
    /// It is new, or otherwise than before.
    Different(RepoPath),
}

impl Look<'_> {
    fn at(&self, path: RepoPath) -> Looked {
        // Where nothing was before, everything is new, and read in its turn.
        if self.texts.old().is_empty() {
            return Looked::Different(path);
        }
        let limit = self.request.limit;
        let content = worktree::read(&self.request.place.root, &path, limit);
        let before = match self.texts.old().compare(&path, &content, limit) {
            Compared::Different(before) => before,
            Compared::Same => {
                let may_pass = self.identify && !self.selection.asks(path.as_str());
                if let Some(id) = may_pass.then(|| candidate(&path, &content)).flatten() {
                    return Looked::Bystander(path, id);
                }
                self.texts.keep(When::After, &path, content);
                return Looked::Same(path);
            }
        };
        self.texts.keep(When::After, &path, content);
        if let Some(before) = before {
            self.texts.keep(When::Before, &path, before);
        }
        Looked::Different(path)
    }
}

/// Whose flow a file holds that is looked at later on.
fn claim_of(texts: &Texts, when: When, path: &RepoPath) -> Result<Option<FlowId>, SourceError> {
    let content = texts.read(when, path)?;
    let id = claim(path, &content);
    texts.keep(when, path, content);
    Ok(id)
}
