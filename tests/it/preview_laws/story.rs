//! What happens in a generated repository: the flows that it begins with, and pull requests, pushes and merges. Numbers
//! stand for "one of those that are there", so that a story stays one while it shrinks.

use proptest::prelude::*;

/// A repository and what happens in it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// The flows that the repository begins with.
    pub(super) flows: Vec<Start>,
    pub(super) acts: Vec<Act>,
}

/// A flow of the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) folder: Folder,
    /// A pull request brought it, and it was deployed; else it stood there before.
    pub(super) is_live: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A pull request is checked, merged and deployed.
    Pull(Pull),
    /// Somebody pushes to `main`, which is refused.
    Direct(Vec<Edit>),
    /// A pull request is merged, and its run never begins.
    Missed(Vec<Edit>),
    /// Two pull requests go through the merge queue, the second group upon the first.
    Queue(Vec<Edit>, Vec<Edit>),
    /// A pull request upon the branch of another one, which is merged first.
    Stack(Vec<Edit>, Vec<Edit>, Merge),
    /// Somebody starts the workflow.
    Dispatch(ByHand),
}

/// What a run is started by hand with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByHand {
    /// Nothing.
    Plain,
    /// The name of this flow.
    Naming(usize),
    /// A checkout that is not the tip of `main`.
    OlderCheckOut,
}

#[derive(Debug, Clone)]
pub(super) struct Pull {
    /// One list a commit; none is empty.
    pub(super) commits: Vec<Vec<Edit>>,
    /// What reached `main` after the branch was made, before the check.
    pub(super) meanwhile: Vec<Edit>,
    /// The author merges `main` into the branch then.
    pub(super) updates: bool,
    /// What reached `main` between check and merge.
    pub(super) late: Vec<Edit>,
    /// A commit without a pull request that reached `main` in one push with the merge.
    pub(super) alongside: Vec<Edit>,
    pub(super) merge: Merge,
    pub(super) check_out: CheckOut,
    /// A clone in which most flows are not checked out is asked too.
    pub(super) sparse_desk: bool,
    pub(super) asked: Asked,
    pub(super) deployed_by: DeployedBy,
}

/// What the check is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Opened,
    /// The title was edited, after `main` had moved on.
    Edited,
    /// The base was another branch before.
    Retargeted,
    /// `pull_request_target`, before GitHub has made its trial merge known in the event.
    Target,
}

/// What the deployment is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeployedBy {
    Push,
    /// `pull_request`, `closed`
    Closed,
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
    /// `ref:` the head of the pull request, where it is one; depth 1.
    Head,
    /// `path:`, into a folder of the workspace; depth 2.
    InFolder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    Flows,
    Eu,
    Drafts,
}

impl Folder {
    pub(super) fn path(self) -> &'static str {
        match self {
            Folder::Flows => "flows",
            Folder::Eu => "flows/eu",
            Folder::Drafts => "drafts",
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
    /// A connector gets another label, far from the words.
    Label(usize, Raise),
    /// The file name gets or loses a capital letter.
    Case(usize),
    /// The file of the first gets the flow of the second, whose own file goes.
    Give(usize, usize),
    /// `flowgate.toml` covers drafts too, or no more.
    Cover(bool),
    /// Something that is no readable flow file, where flow files are.
    Odd(Odd),
    /// A file that is no flow file.
    Readme,
}

/// What is no readable flow file, where flow files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    NotUtf8,
    Submodule,
    LinkToFolder,
    LinkToFile,
    CapitalJson,
    NotJson,
}

impl Odd {
    /// Where it stands, and how much of that must be named.
    pub(super) fn path(self) -> (&'static [u8], &'static str) {
        match self {
            Odd::NotUtf8 => (b"flows/caf\xe9.json", "flows/caf"),
            Odd::Submodule => (b"flows/vendor", "flows/vendor"),
            Odd::LinkToFolder => (b"flows/linked", "flows/linked"),
            Odd::LinkToFile => (b"flows/link.json", "flows/link.json"),
            Odd::CapitalJson => (b"flows/CAPITAL.JSON", "flows/CAPITAL.JSON"),
            Odd::NotJson => (b"flows/bad.json", "flows/bad.json"),
        }
    }

    /// All of them.
    pub(super) const ALL: [Self; 6] = [
        Odd::NotUtf8,
        Odd::Submodule,
        Odd::LinkToFolder,
        Odd::LinkToFile,
        Odd::CapitalJson,
        Odd::NotJson,
    ];
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
    Labels,
    CaseOnly,
    Gives,
    Settings,
    NotUtf8,
    Submodules,
    LinksToFolders,
    LinksToFiles,
    CapitalJson,
    NotJson,
    NeverLive,
    DirectPushes,
    Alongside,
    Missed,
    Queues,
    Late,
    UpdatedBranches,
    EditedTitles,
    Retargets,
    Targets,
    HeadCheckOuts,
    Closed,
    ShallowCheckOuts,
    BloblessCheckOuts,
    SparseCheckOuts,
    NoCheckOut,
    PathCheckOuts,
    SparseDesks,
    Stacks,
    Dispatches,
}

fn some() -> impl Strategy<Value = usize> + Clone {
    0..6_usize
}

fn folder(on: &[Dimension]) -> BoxedStrategy<Folder> {
    let mut all = vec![Folder::Flows, Folder::Eu];
    if on.contains(&Dimension::Settings) {
        all.push(Folder::Drafts);
    }
    prop::sample::select(all).boxed()
}

fn raise() -> impl Strategy<Value = Raise> + Clone {
    prop_oneof![6 => Just(Raise::Minor), 1 => Just(Raise::Patch), 1 => Just(Raise::Not)]
}

fn odds(on: &[Dimension]) -> Vec<Odd> {
    let of = [
        Dimension::NotUtf8,
        Dimension::Submodules,
        Dimension::LinksToFolders,
        Dimension::LinksToFiles,
        Dimension::CapitalJson,
        Dimension::NotJson,
    ];
    let all = of.into_iter().zip(Odd::ALL);
    all.filter(|(dimension, _)| on.contains(dimension))
        .map(|(_, odd)| odd)
        .collect()
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
            folder(on).prop_map(Edit::Add).boxed(),
        ),
        (
            has(Dimension::Deletes),
            some().prop_map(Edit::Delete).boxed(),
        ),
        (
            2 * has(Dimension::Moves),
            (some(), folder(on))
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
        (
            3 * has(Dimension::Labels),
            (some(), raise())
                .prop_map(|(flow, raise)| Edit::Label(flow, raise))
                .boxed(),
        ),
        (
            has(Dimension::CaseOnly),
            some().prop_map(Edit::Case).boxed(),
        ),
        (
            has(Dimension::Gives),
            (some(), some()).prop_map(|(a, b)| Edit::Give(a, b)).boxed(),
        ),
        (
            2 * has(Dimension::Settings),
            any::<bool>().prop_map(Edit::Cover).boxed(),
        ),
        (
            3 * u32::from(!odds(on).is_empty()),
            prop::sample::select(if odds(on).is_empty() {
                Odd::ALL.to_vec()
            } else {
                odds(on)
            })
            .prop_map(Edit::Odd)
            .boxed(),
        ),
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
        (Dimension::HeadCheckOuts, CheckOut::Head),
        (Dimension::PathCheckOuts, CheckOut::InFolder),
    ];
    let all = all
        .into_iter()
        .filter(|(dimension, _)| on.contains(dimension));
    prop::sample::select(all.map(|(_, kind)| kind).collect::<Vec<_>>()).boxed()
}

/// What happens besides, now and then.
fn besides(on: &[Dimension], dimension: Dimension) -> BoxedStrategy<Vec<Edit>> {
    if !on.contains(&dimension) {
        return Just(Vec::new()).boxed();
    }
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(edit(on), 1..3)].boxed()
}

/// One of these: the first always, each other where its dimension is there.
fn one_of<T: Clone + std::fmt::Debug + 'static>(
    on: &[Dimension],
    first: T,
    others: &[(Dimension, T)],
) -> BoxedStrategy<T> {
    let others = others
        .iter()
        .filter(|(dimension, _)| on.contains(dimension));
    let all = std::iter::once(first).chain(others.map(|(_, it)| it.clone()));
    prop::sample::select(all.collect::<Vec<_>>()).boxed()
}

fn pull(on: &[Dimension]) -> BoxedStrategy<Act> {
    let asked = [
        (Dimension::EditedTitles, Asked::Edited),
        (Dimension::Retargets, Asked::Retargeted),
        (Dimension::Targets, Asked::Target),
    ];
    (
        prop::collection::vec(prop::collection::vec(edit(on), 1..3), 1..3),
        besides(on, Dimension::MainMoves),
        one_of(on, false, &[(Dimension::UpdatedBranches, true)]),
        besides(on, Dimension::Late),
        besides(on, Dimension::Alongside),
        prop::sample::select(vec![Merge::Commit, Merge::Squash, Merge::Rebase]),
        check_out(on),
        one_of(on, Asked::Opened, &asked),
        one_of(
            on,
            DeployedBy::Push,
            &[(Dimension::Closed, DeployedBy::Closed)],
        ),
        one_of(on, false, &[(Dimension::SparseDesks, true)]),
    )
        .prop_map(
            |(
                commits,
                meanwhile,
                updates,
                late,
                alongside,
                merge,
                check_out,
                asked,
                deployed_by,
                sparse_desk,
            )| {
                Act::Pull(Pull {
                    commits,
                    meanwhile,
                    updates,
                    late,
                    alongside,
                    merge,
                    check_out,
                    sparse_desk,
                    asked,
                    deployed_by,
                })
            },
        )
        .boxed()
}

fn act(on: &[Dimension]) -> BoxedStrategy<Act> {
    let has = |dimension| u32::from(on.contains(&dimension));
    let some = || prop::collection::vec(edit(on), 1..3);
    let weighted: Vec<(u32, BoxedStrategy<Act>)> = vec![
        (4, pull(on)),
        (
            2 * has(Dimension::DirectPushes),
            some().prop_map(Act::Direct).boxed(),
        ),
        (
            2 * has(Dimension::Missed),
            some().prop_map(Act::Missed).boxed(),
        ),
        (
            2 * has(Dimension::Queues),
            (some(), some()).prop_map(|(a, b)| Act::Queue(a, b)).boxed(),
        ),
        (
            2 * has(Dimension::Stacks),
            (
                some(),
                some(),
                prop::sample::select(vec![Merge::Commit, Merge::Squash]),
            )
                .prop_map(|(a, b, how)| Act::Stack(a, b, how))
                .boxed(),
        ),
        (
            2 * has(Dimension::Dispatches),
            prop_oneof![
                Just(ByHand::Plain),
                (0..6_usize).prop_map(ByHand::Naming),
                Just(ByHand::OlderCheckOut)
            ]
            .prop_map(Act::Dispatch)
            .boxed(),
        ),
    ];
    let weighted = weighted.into_iter().filter(|(weight, _)| *weight > 0);
    prop::strategy::Union::new_weighted(weighted.collect()).boxed()
}

/// Stories of these dimensions.
pub(super) fn story(on: &[Dimension]) -> BoxedStrategy<Story> {
    let start = (
        folder(on),
        one_of(on, true, &[(Dimension::NeverLive, false)]),
    )
        .prop_map(|(folder, is_live)| Start { folder, is_live });
    (
        prop::collection::vec(start, 1..5),
        prop::collection::vec(act(on), 1..4),
    )
        .prop_map(|(flows, acts)| Story { flows, acts })
        .boxed()
}
