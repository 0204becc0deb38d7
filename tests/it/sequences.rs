//! Random sequences of what happens to flows: merges, console edits, old jobs run again, cancelled and killed runs,
//! rollbacks, faults of the platform, and events that are no merges. The real process runs against the sandbox and the
//! fake GitHub, and both are held to a small model.
//!
//! After every step the invariants of the design that a deployment can break are checked: nothing is written but by a
//! merge, or by a rollback that a person asked for (1); a run converges, and brings back neither an older commit nor what was taken back, and overwrites no console
//! edit (2); no version is stored twice (3); green means live (4); a proposal is judged by the settings of its base (5);
//! what cannot be read is not written, and every changed flow is accounted for (10).
//! `FLOWGATE_SEQUENCES=60 cargo test --test it sequences -- --nocapture` runs sixty.

mod model;
mod world;

use std::time::Duration;

use proptest::prelude::*;

use world::{How, Stranger, Trouble, Wish, World};

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A change of this flow is merged, and deployed in this way.
    Merge(usize, How),
    /// A change of both flows is merged and deployed.
    MergeBoth,
    /// A change of this flow is merged, and its run never begins.
    Missed(usize),
    /// A change of this flow is merged, and CXone fails in this way while it is deployed.
    Fault(usize, Trouble),
    /// Somebody edits this flow in the console.
    Edit(usize),
    /// The job of an earlier merge runs again; 0 is the last one.
    Again(usize),
    /// A person starts a rollback of this flow.
    TakeBack(usize, Wish),
    /// Something that is no merge starts a run.
    Stranger(Stranger),
}

fn wish() -> impl Strategy<Value = Wish> {
    let rung = prop::option::weighted(0.4, 0..3_usize);
    let depth = prop_oneof![1 => Just(0), 3 => 1..4_u32];
    (rung, depth).prop_map(|(rung, depth)| Wish { rung, depth })
}

fn step() -> impl Strategy<Value = Step> {
    let flow = || 0..model::FLOWS.len();
    let cut = || (20..700_u64).prop_map(Duration::from_millis);
    let how = prop_oneof![
        3 => Just(How::ToTheEnd),
        3 => cut().prop_map(How::Killed),
        2 => cut().prop_map(How::Cancelled),
    ];
    prop_oneof![
        8 => (flow(), how).prop_map(|(flow, how)| Step::Merge(flow, how)),
        1 => Just(Step::MergeBoth),
        1 => flow().prop_map(Step::Missed),
        4 => (flow(), prop::sample::select(&Trouble::ALL[..])).prop_map(|(flow, trouble)| Step::Fault(flow, trouble)),
        2 => flow().prop_map(Step::Edit),
        3 => (0..4_usize).prop_map(Step::Again),
        5 => (flow(), wish()).prop_map(|(flow, wish)| Step::TakeBack(flow, wish)),
        1 => prop::sample::select(&Stranger::ALL[..]).prop_map(Step::Stranger),
    ]
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Merge(flow, how) => {
                self.merge(&[flow]);
                self.run_last(how);
            }
            Step::MergeBoth => {
                self.merge(&[0, 1]);
                self.run_last(How::ToTheEnd);
            }
            Step::Missed(flow) => self.merge(&[flow]),
            Step::Fault(flow, trouble) => {
                self.merge(&[flow]);
                self.run_last_with(trouble);
            }
            Step::Edit(flow) => self.edit(flow),
            Step::Again(back) => self.run_again(back),
            Step::TakeBack(flow, wish) => self.take_back(flow, wish),
            Step::Stranger(stranger) => self.let_in(stranger),
        }
    }
}

fn cases() -> u32 {
    std::env::var("FLOWGATE_SEQUENCES").map_or(6, |cases| {
        cases.parse().expect("FLOWGATE_SEQUENCES is a number")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order_the_platform_ends_as_merged(steps in prop::collection::vec(step(), 1..9)) {
        let mut world = World::begin();
        for &step in &steps {
            world.take(step);
            world.check();
        }
        world.converge();
        println!("SEQUENCE | {} steps | {} runs", steps.len(), world.runs());
    }
}
