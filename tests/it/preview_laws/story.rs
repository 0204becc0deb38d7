//! What happens in a generated repository: the flows that it begins with, and pull requests, pushes and merges. Numbers
//! stand for "one of those that are there", so that a story stays one while it shrinks.

use proptest::prelude::*;

/// A repository and what happens in it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// The folders of the flows that the repository begins with, all of them live.
    pub(super) flows: Vec<Folder>,
    pub(super) acts: Vec<Act>,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A pull request is checked, merged and deployed.
    Pull(Pull),
}

#[derive(Debug, Clone)]
pub(super) struct Pull {
    /// One list a commit; none is empty.
    pub(super) commits: Vec<Vec<Edit>>,
    /// What reached `main` after the branch was made, before the check.
    pub(super) meanwhile: Vec<Edit>,
    pub(super) merge: Merge,
    pub(super) check_out: CheckOut,
}

/// How a pull request gets into its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    Commit,
    Squash,
    Rebase,
}

/// What `actions/checkout` was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckOut {
    /// `fetch-depth: 0`
    Whole,
    Depth(u32),
    /// `filter: blob:none`
    Blobless,
    /// `sparse-checkout`, of a folder without flows
    Sparse,
    /// There was none: the folder is empty.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    Flows,
    Eu,
}

impl Folder {
    pub(super) fn path(self) -> &'static str {
        match self {
            Folder::Flows => "flows",
            Folder::Eu => "flows/eu",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raise {
    Minor,
    Patch,
    Not,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    /// Other words, in this flow.
    Say(usize, Raise),
    /// A queue comes or goes.
    Queue(usize),
    /// An element moves on the canvas.
    Draw(usize),
    /// A connector leads to no element.
    Break(usize),
    /// Another file name, another folder.
    Move(usize, Folder),
    /// Another file name and other words.
    MoveAndSay(usize, Raise),
    /// Two files exchange their flows.
    Swap(usize, usize),
    /// All files get the number of their neighbour.
    Renumber,
    /// A new flow.
    Add(Folder),
    Delete(usize),
    /// A file that is no flow file.
    Readme,
}

/// What stories are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Edits,
    Faults,
    Adds,
    Deletes,
    Moves,
    MovesWithWords,
    Swaps,
    Renumbers,
    MainMoves,
    ShallowCheckOuts,
    BloblessCheckOuts,
    SparseCheckOuts,
    NoCheckOut,
}

fn some() -> impl Strategy<Value = usize> + Clone {
    0..6_usize
}

fn folder() -> impl Strategy<Value = Folder> + Clone {
    prop::sample::select(vec![Folder::Flows, Folder::Eu])
}

fn raise() -> impl Strategy<Value = Raise> + Clone {
    prop_oneof![6 => Just(Raise::Minor), 1 => Just(Raise::Patch), 1 => Just(Raise::Not)]
}

fn edit(on: &[Dimension]) -> BoxedStrategy<Edit> {
    let has = |dimension| u32::from(on.contains(&dimension));
    let weighted: Vec<(u32, BoxedStrategy<Edit>)> = vec![
        (
            6,
            (some(), raise())
                .prop_map(|(flow, raise)| Edit::Say(flow, raise))
                .boxed(),
        ),
        (1, Just(Edit::Readme).boxed()),
        (
            2 * has(Dimension::Edits),
            some().prop_map(Edit::Queue).boxed(),
        ),
        (has(Dimension::Edits), some().prop_map(Edit::Draw).boxed()),
        (has(Dimension::Faults), some().prop_map(Edit::Break).boxed()),
        (
            2 * has(Dimension::Adds),
            folder().prop_map(Edit::Add).boxed(),
        ),
        (
            has(Dimension::Deletes),
            some().prop_map(Edit::Delete).boxed(),
        ),
        (
            2 * has(Dimension::Moves),
            (some(), folder())
                .prop_map(|(flow, to)| Edit::Move(flow, to))
                .boxed(),
        ),
        (
            2 * has(Dimension::MovesWithWords),
            (some(), raise())
                .prop_map(|(flow, raise)| Edit::MoveAndSay(flow, raise))
                .boxed(),
        ),
        (
            2 * has(Dimension::Swaps),
            (some(), some()).prop_map(|(a, b)| Edit::Swap(a, b)).boxed(),
        ),
        (has(Dimension::Renumbers), Just(Edit::Renumber).boxed()),
    ];
    let weighted = weighted.into_iter().filter(|(weight, _)| *weight > 0);
    prop::strategy::Union::new_weighted(weighted.collect()).boxed()
}

fn check_out(on: &[Dimension]) -> BoxedStrategy<CheckOut> {
    let all = [
        (Dimension::Edits, CheckOut::Whole),
        (Dimension::ShallowCheckOuts, CheckOut::Depth(1)),
        (Dimension::ShallowCheckOuts, CheckOut::Depth(2)),
        (Dimension::BloblessCheckOuts, CheckOut::Blobless),
        (Dimension::SparseCheckOuts, CheckOut::Sparse),
        (Dimension::NoCheckOut, CheckOut::None),
    ];
    let all = all
        .into_iter()
        .filter(|(dimension, _)| on.contains(dimension));
    prop::sample::select(all.map(|(_, kind)| kind).collect::<Vec<_>>()).boxed()
}

fn pull(on: &[Dimension]) -> BoxedStrategy<Act> {
    let main_moves = if on.contains(&Dimension::MainMoves) {
        3
    } else {
        1
    };
    (
        prop::collection::vec(prop::collection::vec(edit(on), 1..3), 1..3),
        prop::collection::vec(edit(on), 0..main_moves),
        prop::sample::select(vec![Merge::Commit, Merge::Squash, Merge::Rebase]),
        check_out(on),
    )
        .prop_map(|(commits, meanwhile, merge, check_out)| {
            Act::Pull(Pull {
                commits,
                meanwhile,
                merge,
                check_out,
            })
        })
        .boxed()
}

/// Stories of these dimensions.
pub(super) fn story(on: &[Dimension]) -> BoxedStrategy<Story> {
    (
        prop::collection::vec(folder(), 1..5),
        prop::collection::vec(pull(on), 1..4),
    )
        .prop_map(|(flows, acts)| Story { flows, acts })
        .boxed()
}
