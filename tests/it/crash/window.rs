//! The windows: which call of the sandbox opens each of them, and what is true when it is open.

use std::path::Path;

use flowgate_sandbox::{Entry, Fault, Operation, Pause, Position};

/// A moment in which a deployment can be cut off. Three flows are deployed one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    CreateReceived,
    CreateCommitted,
    CreateAnswered,
    PublishReceived,
    PublishCommitted,
    PublishAnswered,
    ReadBack,
    AuditMidLine,
    /// The first token of the run.
    Token,
    /// A new one in the middle of a write, since the first was revoked.
    TokenAgain,
    BetweenFlows,
}

impl Window {
    pub(super) const ALL: [Self; 11] = [
        Self::CreateReceived,
        Self::CreateCommitted,
        Self::CreateAnswered,
        Self::PublishReceived,
        Self::PublishCommitted,
        Self::PublishAnswered,
        Self::ReadBack,
        Self::AuditMidLine,
        Self::Token,
        Self::TokenAgain,
        Self::BetweenFlows,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CreateReceived => "create received",
            Self::CreateCommitted => "create committed",
            Self::CreateAnswered => "create answered",
            Self::PublishReceived => "publish received",
            Self::PublishCommitted => "publish committed",
            Self::PublishAnswered => "publish answered",
            Self::ReadBack => "read back",
            Self::AuditMidLine => "audit in mid-line",
            Self::Token => "token",
            Self::TokenAgain => "token again, in a write",
            Self::BetweenFlows => "between flows",
        }
    }

    /// Whether a run that is cancelled here may end without knowing: the answer that it waits for may never come.
    pub(super) fn leaves_unknown(self) -> bool {
        matches!(
            self,
            Self::CreateReceived | Self::PublishReceived | Self::ReadBack | Self::TokenAgain
        )
    }

    /// What opens the window for the `nth` flow, and holds it until the file `go` is there.
    pub(super) fn faults(self, nth: u32, folder: &Path) -> Vec<Entry> {
        let pause = |operation, at, nth| {
            let pause = Pause {
                at,
                touch: Some(folder.join("open")),
                until: Some(folder.join("go")),
                ms: None,
            };
            Entry::new(operation, Fault::Pause(pause)).nth(nth)
        };
        // The plan reads each of the three flows once; a deployment reads its flow before the create, before the
        // publication, and back.
        let reads = |of_flow: u32| 3 + 3 * (nth - 1) + of_flow;
        let (create, publish) = (Operation::CreateVersion, Operation::Publish);
        match self {
            Self::CreateReceived => vec![pause(create, Position::Received, nth)],
            Self::CreateCommitted | Self::AuditMidLine => {
                vec![pause(create, Position::Committed, nth)]
            }
            Self::CreateAnswered => vec![pause(create, Position::Answered, nth)],
            Self::PublishReceived => vec![pause(publish, Position::Received, nth)],
            Self::PublishCommitted => vec![pause(publish, Position::Committed, nth)],
            Self::PublishAnswered => vec![pause(publish, Position::Answered, nth)],
            Self::ReadBack => vec![pause(Operation::ReadFlow, Position::Received, reads(3))],
            Self::Token => vec![pause(Operation::Token, Position::Received, 1)],
            Self::TokenAgain => vec![
                Entry::new(create, Fault::RevokeTokens).nth(nth),
                pause(Operation::Token, Position::Received, 2),
            ],
            Self::BetweenFlows => vec![pause(Operation::ReadFlow, Position::Received, reads(4))],
        }
    }

    /// How many versions are created and how many publications made when it is open for the `nth` flow; the least.
    pub(super) fn progress(self, nth: usize) -> (usize, usize) {
        match self {
            Self::CreateReceived | Self::TokenAgain => (nth - 1, nth - 1),
            Self::CreateCommitted
            | Self::CreateAnswered
            | Self::PublishReceived
            | Self::AuditMidLine => (nth, nth - 1),
            Self::PublishCommitted
            | Self::PublishAnswered
            | Self::ReadBack
            | Self::BetweenFlows => (nth, nth),
            Self::Token => (0, 0),
        }
    }
}
