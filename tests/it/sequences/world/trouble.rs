//! What goes wrong at CXone.

use flowgate_sandbox::{Entry, Fault, Moment, Operation, RetryAfter, Scripted};

/// What goes wrong at CXone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    CreateLost,
    PublishLost,
    /// Done, and answered 503.
    CreateDenied,
    PublishDenied,
    CreateFails,
    PublishFails,
    TooMany,
    /// For the whole run.
    ReadsFail,
    ListsFail,
    TokensFail,
}

impl Trouble {
    pub(crate) const ALL: [Self; 10] = [
        Self::CreateLost,
        Self::PublishLost,
        Self::CreateDenied,
        Self::PublishDenied,
        Self::CreateFails,
        Self::PublishFails,
        Self::TooMany,
        Self::ReadsFail,
        Self::ListsFail,
        Self::TokensFail,
    ];

    pub(super) fn entry(self) -> Entry {
        let (create, publish) = (Operation::CreateVersion, Operation::Publish);
        let denied = Fault::Status(Scripted {
            at: Moment::Committed,
            ..Scripted::new(503)
        });
        let slower = Fault::Status(Scripted {
            retry_after: Some(RetryAfter::Seconds(0)),
            ..Scripted::new(429)
        });
        match self {
            Self::CreateLost => Entry::new(create, Fault::DropAfter),
            Self::PublishLost => Entry::new(publish, Fault::DropAfter),
            Self::CreateDenied => Entry::new(create, denied),
            Self::PublishDenied => Entry::new(publish, denied),
            Self::CreateFails => Entry::new(create, Fault::status(500)),
            Self::PublishFails => Entry::new(publish, Fault::DropBefore),
            Self::TooMany => Entry::new(publish, slower).times(2),
            Self::ReadsFail => Entry::new(Operation::ReadFlow, Fault::status(500)).times(u32::MAX),
            Self::ListsFail => {
                Entry::new(Operation::ListVersions, Fault::status(502)).times(u32::MAX)
            }
            Self::TokensFail => Entry::new(Operation::Token, Fault::DropBefore).times(u32::MAX),
        }
    }

    /// Whether it keeps CXone from saying what is live.
    pub(super) fn blinds(self) -> bool {
        matches!(self, Self::ReadsFail | Self::ListsFail | Self::TokensFail)
    }
}
