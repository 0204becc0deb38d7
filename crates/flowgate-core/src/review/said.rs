//! What CXone said about a flow, as far as reports say it: everything but content, which is let go with the flow.

use semver::Version;

use crate::ids::CommitSha;
use crate::platform::{Answer, FlowOnPlatform, Record};

/// What CXone said about a flow.
#[derive(Debug, Clone)]
pub struct Said {
    /// What callers reach now.
    pub live: Answer<Live>,
    /// How many versions are stored, where that is known.
    pub stored: Option<u32>,
    /// The most versions that this tenant keeps for a flow.
    pub capacity: u32,
    /// The commit that the newest version of ours comes from.
    pub recorded_commit: Option<CommitSha>,
}

/// The version that callers reach now.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its number, where the answer has a valid one.
    pub version: Option<Version>,
    /// What we wrote when we created it; `None` where somebody else did.
    pub record: Option<Record>,
}

impl From<&FlowOnPlatform> for Said {
    fn from(platform: &FlowOnPlatform) -> Self {
        Self {
            live: match &platform.published {
                Answer::Known(published) => Answer::Known(Live {
                    version: published.version().cloned(),
                    record: published.record.clone(),
                }),
                Answer::Absent => Answer::Absent,
                Answer::CannotTell => Answer::CannotTell,
                Answer::Unavailable(why) => Answer::Unavailable(why.clone()),
            },
            stored: platform.history.count(),
            capacity: platform.capacity,
            recorded_commit: platform.recorded_commit().cloned(),
        }
    }
}
