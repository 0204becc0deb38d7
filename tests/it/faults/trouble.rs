//! The axes of the fault matrix: the calls of a deployment, what can go wrong with each, and how to make it so.

use flowgate_sandbox::{ConsoleEdit, Cut, Entry, Fault, Moment, Operation, RetryAfter, Scripted};

/// A call of a deployment: each can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    FirstToken,
    /// The token stops working when the version is created, and another one is needed.
    TokenAtCreate,
    ReadForPlan,
    ListForPlan,
    ReadBeforeCreate,
    Create,
    /// The answer to the create is lost, and the versions are listed to find out.
    ListAfterLostCreate,
    /// Somebody takes our number for other content just before the create, which is looked at.
    ReadForeignVersion,
    /// Somebody publishes the same content under our number just before the create.
    ReadSameVersion,
    ReadBeforePublish,
    Publish,
    /// The answer to the publication is lost, and what is live is read to find out.
    ReadAfterLostPublish,
    ReadBack,
}

impl Stage {
    pub(super) const ALL: [Self; 13] = [
        Self::FirstToken,
        Self::TokenAtCreate,
        Self::ReadForPlan,
        Self::ListForPlan,
        Self::ReadBeforeCreate,
        Self::Create,
        Self::ListAfterLostCreate,
        Self::ReadForeignVersion,
        Self::ReadSameVersion,
        Self::ReadBeforePublish,
        Self::Publish,
        Self::ReadAfterLostPublish,
        Self::ReadBack,
    ];

    /// The call that fails, and which one of its kind it is for the flow.
    pub(super) fn call(self) -> (Operation, u32) {
        match self {
            Self::FirstToken => (Operation::Token, 1),
            Self::TokenAtCreate => (Operation::Token, 2),
            Self::ReadForPlan => (Operation::ReadFlow, 1),
            Self::ReadBeforeCreate => (Operation::ReadFlow, 2),
            Self::ReadBeforePublish => (Operation::ReadFlow, 3),
            Self::ReadAfterLostPublish | Self::ReadBack => (Operation::ReadFlow, 4),
            Self::ListForPlan => (Operation::ListVersions, 1),
            Self::ListAfterLostCreate => (Operation::ListVersions, 2),
            Self::ReadForeignVersion | Self::ReadSameVersion => (Operation::ReadVersion, 1),
            Self::Create => (Operation::CreateVersion, 1),
            Self::Publish => (Operation::Publish, 1),
        }
    }

    /// What an error says was attempted.
    pub(super) fn attempted(self) -> &'static str {
        match self.call().0 {
            Operation::Token => "could not get an access token",
            Operation::ReadFlow => "could not read the published flow of flow",
            Operation::ListVersions => "could not list the versions of flow",
            Operation::ReadVersion => "could not read a stored version of flow",
            Operation::CreateVersion => "could not create the version of flow",
            Operation::Publish => "could not publish the version of flow",
        }
    }

    /// Whether a deployment comes here when nothing else has gone wrong.
    pub(super) fn is_on_every_way(self) -> bool {
        matches!(
            self,
            Self::FirstToken
                | Self::ReadForPlan
                | Self::ListForPlan
                | Self::ReadBeforeCreate
                | Self::Create
                | Self::ReadBeforePublish
                | Self::Publish
                | Self::ReadBack
        )
    }

    pub(super) fn is_write(self) -> bool {
        matches!(self, Self::Create | Self::Publish)
    }

    /// The script: what leads to this call, and what happens to it.
    pub(super) fn script(
        self,
        trouble: Trouble,
        times: Times,
        flow: &str,
        file: &str,
    ) -> Vec<Entry> {
        let (operation, nth) = self.call();
        let mut hit = Entry::new(operation, trouble.fault()).nth(nth);
        if times == Times::Always {
            hit = hit.times(u32::MAX);
        }
        if operation != Operation::Token {
            hit = hit.on_flow(flow);
        }
        let edit = |content: String| {
            let flow = serde_json::value::RawValue::from_string(content).unwrap();
            Fault::ConsoleEdit(ConsoleEdit {
                at: Moment::Received,
                flow,
            })
        };
        let led_by = match self {
            Self::TokenAtCreate => Some((Operation::CreateVersion, Fault::RevokeTokens)),
            Self::ListAfterLostCreate => Some((Operation::CreateVersion, Fault::DropAfter)),
            Self::ReadAfterLostPublish => Some((Operation::Publish, Fault::DropAfter)),
            Self::ReadSameVersion => Some((Operation::CreateVersion, edit(file.to_owned()))),
            Self::ReadForeignVersion => {
                let other = file.replace("new words", "somebody else's words");
                Some((Operation::CreateVersion, edit(other)))
            }
            _ => None,
        };
        led_by
            .map(|(operation, fault)| Entry::new(operation, fault).on_flow(flow))
            .into_iter()
            .chain([hit])
            .collect()
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    TooManyWithRetryAfter,
    TooMany,
    ServerError,
    /// The answer is a 500, and yet it was done.
    ServerErrorAfterTheDeed,
    BadGatewayInHtml,
    Timeout,
    DroppedBefore,
    DroppedAfter,
    /// A whole answer with half the JSON.
    TruncatedJson,
    /// Half an answer.
    CutOff,
}

/// How long a request may take where it takes too long, and how long it takes then. The call goes on after the client
/// has left, so a write lands between the first and the last look for it.
pub(super) const PATIENCE: &str = "600ms";
const SLOWNESS_MS: u64 = 700;

impl Trouble {
    pub(super) const ALL: [Self; 15] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooManyWithRetryAfter,
        Self::TooMany,
        Self::ServerError,
        Self::ServerErrorAfterTheDeed,
        Self::BadGatewayInHtml,
        Self::Timeout,
        Self::DroppedBefore,
        Self::DroppedAfter,
        Self::TruncatedJson,
        Self::CutOff,
    ];

    fn fault(self) -> Fault {
        let status = |code: u16| Scripted {
            body: Some(format!(r#"{{"message":"CXone's own words about {code}"}}"#)),
            ..Scripted::new(code)
        };
        Fault::Status(match self {
            Self::BadRequest => status(400),
            Self::Unauthorized => status(401),
            Self::Forbidden => status(403),
            Self::NotFound => status(404),
            Self::Conflict => status(409),
            Self::TooMany => status(429),
            Self::TooManyWithRetryAfter => Scripted {
                retry_after: Some(RetryAfter::Seconds(1)),
                ..status(429)
            },
            Self::ServerError => status(500),
            Self::ServerErrorAfterTheDeed => Scripted {
                at: Moment::Committed,
                ..status(500)
            },
            Self::BadGatewayInHtml => Scripted {
                body: Some(
                    "<html><head><title>The gateway's words</title></head><body><h1>502</h1></body></html>".to_owned(),
                ),
                content_type: Some("text/html".to_owned()),
                ..Scripted::new(502)
            },
            Self::Timeout => return Fault::delay_ms(SLOWNESS_MS),
            Self::DroppedBefore => return Fault::DropBefore,
            Self::DroppedAfter => return Fault::DropAfter,
            Self::TruncatedJson => return Fault::Truncate(Cut::RightLength),
            Self::CutOff => return Fault::Truncate(Cut::WrongLength),
        })
    }

    /// `Retry-After` without end makes everybody wait until the run's deadline.
    pub(super) fn closes_the_gate(self, times: Times) -> bool {
        self == Self::TooManyWithRetryAfter && times == Times::Always
    }

    pub(super) fn is_too_many(self) -> bool {
        matches!(self, Self::TooMany | Self::TooManyWithRetryAfter)
    }

    /// The server's words, or what came instead of them.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::BadRequest => "CXone answered HTTP 400: CXone's own words about 400",
            Self::Unauthorized => "CXone answered HTTP 401: CXone's own words about 401",
            Self::Forbidden => "CXone answered HTTP 403: CXone's own words about 403",
            Self::NotFound => "CXone answered HTTP 404: CXone's own words about 404",
            Self::Conflict => "CXone answered HTTP 409: CXone's own words about 409",
            Self::TooMany | Self::TooManyWithRetryAfter => {
                "CXone answered HTTP 429: CXone's own words about 429"
            }
            Self::ServerError | Self::ServerErrorAfterTheDeed => {
                "CXone answered HTTP 500: CXone's own words about 500"
            }
            Self::BadGatewayInHtml => "The gateway's words",
            Self::Timeout => "timed out",
            Self::DroppedBefore | Self::DroppedAfter => "connection closed",
            Self::TruncatedJson => "CXone answered HTTP 200: the answer is not",
            Self::CutOff => "the answer broke off",
        }
    }

    /// Words of the advice.
    pub(super) fn hint(self, operation: Operation) -> &'static str {
        let write = matches!(operation, Operation::CreateVersion | Operation::Publish);
        match (self, operation) {
            (Self::BadRequest | Self::Unauthorized | Self::Forbidden, Operation::Token) => {
                "invalid client credentials or missing environment parameter"
            }
            (Self::BadRequest, _) if write => "correct the named field in the flow file",
            (Self::BadRequest, _) => "check CXONE_BASE_URL and the API paths",
            (Self::Unauthorized, _) => "a fresh token was refused too",
            (Self::Forbidden, Operation::CreateVersion) => "the scope `flows:write`",
            (Self::Forbidden, Operation::Publish) => "the scope `flows:publish`",
            (Self::Forbidden, _) => "the scope `flows:read`",
            (Self::NotFound, Operation::Token) => "check CXONE_BASE_URL and the path",
            (Self::NotFound, _) => "check the `flowId`",
            (Self::Conflict, Operation::CreateVersion) => "raise `version`",
            (Self::Conflict, _) => "run again",
            (Self::TooMany | Self::TooManyWithRetryAfter, _) => "`concurrency`",
            (Self::ServerError | Self::ServerErrorAfterTheDeed | Self::BadGatewayInHtml, _)
                if write =>
            {
                "found out by reading"
            }
            (Self::ServerError | Self::ServerErrorAfterTheDeed | Self::BadGatewayInHtml, _) => {
                "look at its status page"
            }
            (Self::Timeout, _) => "CXone is slow",
            (Self::DroppedBefore | Self::DroppedAfter | Self::CutOff, _) => "the connection broke",
            (Self::TruncatedJson, _) => "check that CXONE_BASE_URL",
        }
    }
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Always,
}
