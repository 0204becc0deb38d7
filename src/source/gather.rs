//! Finds the flow files before and after a change, and what is different. Of them no more is read than tells that.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flowgate_core::flow::Content;
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;

use super::aside::{Aside, Kind};
use super::bystanders::{candidate, claim, take_claimed};
use super::lfs::{self, Lfs};
use super::moved_in;
use super::texts::{Compared, Old, Origin};
use super::{
    ComparedWith, Present, Request, Selection, SourceError, SourceFile, Sources, Texts, When,
    worktree,
};
use crate::threads::{USUAL_BYTES, workers};

/// Finds the flow files before and after the change.
pub fn gather(request: &Request<'_>) -> Result<Sources, SourceError> {
    let Present {
        selection,
        base,
        mut found,
        asked,
        left_out,
    } = Present::find(request)?;
    let origin = Origin {
        root: request.place.root.clone(),
        limit: request.limit,
        left_out,
        old: base.old,
    };
    let nameless = found.nameless.keys().cloned();
    found.unlisted.extend(nameless.map(worktree::nameless));
    let mut head: BTreeSet<RepoPath> = BTreeSet::new();
    head.extend(found.unlisted.iter().map(|file| file.path.clone()));
    let by_side = |when, files: Vec<SourceFile>| {
        let files = files.into_iter();
        files.map(move |file| ((when, file.path), file.content))
    };
    let after = by_side(When::After, found.unlisted);
    let unlisted = after.chain(by_side(When::Before, base.unlisted)).collect();
    let mut texts = Texts::of(origin, unlisted);
    let look = Look {
        request,
        selection: &selection,
        texts: &texts,
        lfs: Lfs::of(&request.place.root),
        identify: request.untouched.identifies(found.files.len()),
    };
    let workers = workers(found.files.len() * USUAL_BYTES);
    let mut same = BTreeSet::new();
    for (path, place) in found.nameless {
        let content = worktree::read_file(&place, request.limit);
        if let Compared::Same = texts.old().compare(&path, &content, request.limit) {
            same.insert(path);
        }
    }
    let mut bystanders = BTreeMap::new();
    let mut unread = 0;
    for looked in parallel::map(workers, found.files, |path| look.at(path)) {
        match looked? {
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
            Looked::Unread(path) => {
                same.insert(path);
                unread += 1;
            }
        }
    }
    let mut base_files: BTreeSet<RepoPath> = texts
        .old()
        .paths()
        .into_iter()
        .filter(|path| !same.contains(*path))
        .cloned()
        .collect();
    let all_claims = |sides: Vec<(When, &RepoPath)>| -> Result<Vec<Option<FlowId>>, SourceError> {
        let claims = parallel::map(workers, sides, |(when, path)| claim_of(&texts, when, path));
        claims.into_iter().collect()
    };
    if !bystanders.is_empty() {
        let after = head.iter().map(|path| (When::After, path));
        let before = base_files.iter().map(|path| (When::Before, path));
        let claimed = all_claims(after.chain(before).collect())?;
        let claimed: HashSet<FlowId> = claimed.into_iter().flatten().collect();
        head.extend(take_claimed(&mut bystanders, &claimed));
    }
    let mut moved_in = BTreeMap::new();
    // In a directory a flow that moved in is looked for where a file is new: whose flow each file holds costs a look at it.
    let is_worth_it = match &base.compared_with {
        ComparedWith::Commit { .. } => true,
        ComparedWith::Directory(_) => !head.is_subset(&base_files),
        ComparedWith::Nothing { .. } => false,
    };
    if is_worth_it {
        let new = head.iter().filter(|path| !same.contains(*path));
        let new = all_claims(new.map(|path| (When::After, path)).collect())?;
        let before = all_claims(base_files.iter().map(|path| (When::Before, path)).collect())?;
        let before: HashSet<FlowId> = before.into_iter().flatten().collect();
        let unknown = moved_in::unknown_before(new, &before);
        if !unknown.is_empty() {
            let Request {
                place,
                environment,
                limit,
                ..
            } = *request;
            let is_flow_file = |path: &str| selection.wants(path);
            let gone = match (&base.compared_with, texts.old()) {
                (ComparedWith::Commit { id, .. }, _) => {
                    let gone = moved_in::gone_from_work_tree(&place.root, environment, id)?;
                    texts.blobs(moved_in::candidates(gone, is_flow_file), limit)?
                }
                (_, Old::Directory(directory, _)) => {
                    let gone = moved_in::gone_from_directory(directory, &place.root);
                    let gone = moved_in::candidates(gone, is_flow_file).into_iter();
                    gone.map(|(path, place)| (path, worktree::read_file(&place, limit)))
                        .collect()
                }
                _ => BTreeMap::new(),
            };
            moved_in = moved_in::places(gone, unknown);
        }
    }

    let counts = |path: &&RepoPath| !selection.asks_for_some() || selection.asks(path.as_str());
    let changed = head.iter().filter(|path| !same.contains(*path));
    let changed = changed.chain(&base_files).filter(counts).cloned().collect();
    for (path, content) in moved_in {
        base_files.insert(path.clone());
        texts.hold(When::Before, path, content);
    }
    // A submodule that is not checked out is a folder with nothing in it, as far as a walk sees.
    let submodules = base.submodules.iter();
    let submodules = submodules.filter(|path| worktree::is_folder(&request.place.root, path));
    let may_hold = |path: &str| selection.may_hold(path);
    found.asides.extend(submodules.filter_map(|path| {
        let wants = |path: &str| selection.wants(path);
        Aside::of(path.as_str(), Kind::Repository, may_hold, wants)
    }));
    let mut unseen: Vec<String> = found.asides.iter().map(ToString::to_string).collect();
    if unread > 0 {
        unseen.push(format!(
            "{unread} flow files that this change does not touch were not read, since they are not checked out and this clone has no content of them: that none of them has the same `flowId` as a changed one was not checked (`git sparse-checkout disable` brings them)"
        ));
    }
    Ok(Sources {
        head,
        bystanders,
        base: base_files,
        texts,
        changed,
        asked,
        covered: BTreeSet::new(),
        unread,
        compared_with: base.compared_with,
        commit: base.commit,
        unknown_base: base.unknown,
        notes: Vec::new(),
        unseen,
    })
}

/// A look at each file. What it is compared by is known before it is read, so each is read, compared and let go by itself.
struct Look<'l> {
    request: &'l Request<'l>,
    selection: &'l Selection,
    texts: &'l Texts,
    lfs: Lfs<'l>,
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
    /// It is as it was, and nothing else is known of it: it is not checked out, and its content is not in this clone.
    Unread(RepoPath),
}

impl Look<'_> {
    fn at(&self, path: RepoPath) -> Result<Looked, SourceError> {
        // Where nothing was before, everything is new, and read in its turn.
        if self.texts.old().is_empty() {
            return Ok(Looked::Different(path));
        }
        let limit = self.request.limit;
        let is_asked = self.selection.asks(path.as_str());
        let content = match self.texts.left_out(&path) {
            None => worktree::read(&self.request.place.root, &path, limit),
            Some(entry) => {
                let content = self.texts.read(When::After, &path)?;
                let is_lacking = matches!(content, Content::Unreadable(_));
                if is_lacking && !is_asked && self.texts.old().has(&path, entry) {
                    return Ok(Looked::Unread(path));
                }
                content
            }
        };
        let before = match self.compare(&path, &content)? {
            Compared::Different(before) => before,
            Compared::Same => {
                let may_pass = self.identify && !is_asked;
                if let Some(id) = may_pass.then(|| candidate(&path, &content)).flatten() {
                    return Ok(Looked::Bystander(path, id));
                }
                self.texts.keep(When::After, &path, content);
                return Ok(Looked::Same(path));
            }
        };
        self.texts.keep(When::After, &path, content);
        if let Some(before) = before {
            self.texts.keep(When::Before, &path, before);
        }
        Ok(Looked::Different(path))
    }
}

impl Look<'_> {
    /// Compares a file with what stood at its path before; where that is a pointer of LFS, with what it leads to.
    fn compare(&self, path: &RepoPath, now: &Content) -> Result<Compared, SourceError> {
        let compared = self.texts.old().compare(path, now, self.request.limit);
        let (Compared::Different(None), Content::Bytes(bytes)) = (&compared, now) else {
            return Ok(compared);
        };
        if !self.texts.old().holds(path) || !self.lfs.may_hold(path) {
            return Ok(compared);
        }
        let before = self.texts.read(When::Before, path)?;
        Ok(match &before {
            Content::Bytes(pointer) if lfs::points_to(pointer, bytes) => Compared::Same,
            _ => Compared::Different(Some(before)),
        })
    }
}

/// Whose flow a file holds that is looked at later on.
fn claim_of(texts: &Texts, when: When, path: &RepoPath) -> Result<Option<FlowId>, SourceError> {
    let content = texts.read(when, path)?;
    let id = claim(path, &content);
    texts.keep(when, path, content);
    Ok(id)
}
