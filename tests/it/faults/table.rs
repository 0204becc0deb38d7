//! The table of the fault matrix: what goes wrong where, and what must come of it.
//!
//! Written from the contract ("Retrying") and the design (exit codes, what must always be true), not from what comes out.

use super::trouble::{Stage, Times, Trouble};

/// What one call of ours comes to, its repetitions included.
enum Read {
    Told,
    NotThere,
    Failed,
}

/// Reads (and tokens) are repeated after what may pass: a new token, a limit, a server or a connection that failed.
fn read(trouble: Trouble, times: Times) -> Read {
    use Trouble as T;
    match trouble {
        T::NotFound => Read::NotThere,
        T::BadRequest | T::Forbidden | T::Conflict | T::TruncatedJson => Read::Failed,
        _ if times == Times::Once => Read::Told,
        _ => Read::Failed,
    }
}

/// What a first write comes to.
enum Write {
    Done,
    Refused,
    NotDone,
}

/// Writes are repeated only after a 401 (once) and a 429; all else that may have happened is looked up.
fn write(trouble: Trouble, times: Times) -> Write {
    use Trouble as T;
    match trouble {
        T::Unauthorized | T::TooMany | T::TooManyWithRetryAfter if times == Times::Once => {
            Write::Done
        }
        T::BadRequest
        | T::Unauthorized
        | T::Forbidden
        | T::NotFound
        | T::Conflict
        | T::TooMany
        | T::TooManyWithRetryAfter => Write::Refused,
        T::ServerError | T::BadGatewayInHtml | T::DroppedBefore => Write::NotDone,
        T::ServerErrorAfterTheDeed
        | T::Timeout
        | T::DroppedAfter
        | T::TruncatedJson
        | T::CutOff => Write::Done,
    }
}

/// What callers get at the end of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Before,
    Ours,
    /// What somebody published in the console meanwhile.
    Theirs,
}

/// What must come of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) exit: i32,
    pub(super) state: &'static str,
    /// The flow's events in the audit.
    pub(super) audit: &'static [&'static str],
    pub(super) live_now: &'static str,
    pub(super) truth: Truth,
    /// A version of ours is stored and not live.
    pub(super) waits: bool,
    /// Whether the trouble's own words and advice are in the error.
    pub(super) quotes: bool,
    /// What else is in the error.
    pub(super) says: &'static [&'static str],
}

const UNCHANGED: &str = "live now: 1.0.0 (id `";
const NOT_KNOWN: &str = "live now: not known, before it was 1.0.0 (id `";

const LIVE: Expected = Expected {
    exit: 0,
    state: "VERIFIED",
    audit: &["INITIATED", "CREATED", "INITIATED", "PUBLISHED", "VERIFIED"],
    live_now: "live now: 1.0.1 (id `",
    truth: Truth::Ours,
    waits: false,
    quotes: false,
    says: &[],
};
const NOT_PLANNED: Expected = Expected {
    exit: 4,
    state: "BLOCKED",
    audit: &["BLOCKED"],
    live_now: "live now: what was live before, which is not known",
    truth: Truth::Before,
    quotes: true,
    says: &["CXone could not say what is live"],
    ..LIVE
};
const NOT_BEGUN: Expected = Expected {
    state: "FAILED",
    audit: &["FAILED"],
    live_now: NOT_KNOWN,
    says: &["just before writing"],
    ..NOT_PLANNED
};
const TAKEN_DOWN: Expected = Expected {
    live_now: "live now: nothing",
    quotes: false,
    says: &["taken down since the plan was made", "run again"],
    ..NOT_PLANNED
};
const CREATE_FAILED: Expected = Expected {
    exit: 4,
    state: "FAILED",
    audit: &["INITIATED", "FAILED"],
    live_now: UNCHANGED,
    truth: Truth::Before,
    quotes: true,
    ..LIVE
};
const NUMBER_TAKEN: Expected = Expected {
    state: "BLOCKED",
    audit: &["INITIATED", "BLOCKED"],
    live_now: "live now: 1.0.1 (id `",
    truth: Truth::Theirs,
    quotes: false,
    says: &[
        "CXone answered HTTP 409",
        "is stored already (id `",
        "raise the version",
    ],
    ..CREATE_FAILED
};
const CREATE_UNKNOWN: Expected = Expected {
    exit: 5,
    state: "UNKNOWN",
    audit: &["INITIATED", "UNKNOWN"],
    waits: true,
    says: &[
        "it is not known whether version 1.0.1 of flow",
        "look for it in CXone",
    ],
    ..CREATE_FAILED
};
const STORED_ONLY: Expected = Expected {
    exit: 4,
    state: "FAILED",
    audit: &["INITIATED", "CREATED", "FAILED"],
    live_now: NOT_KNOWN,
    truth: Truth::Before,
    waits: true,
    quotes: true,
    says: &["is stored with id `", "the next run publishes it"],
};
const NOT_PUBLISHED: Expected = Expected {
    audit: &["INITIATED", "CREATED", "INITIATED", "FAILED"],
    live_now: UNCHANGED,
    ..STORED_ONLY
};
const PUBLISH_UNKNOWN: Expected = Expected {
    exit: 5,
    state: "UNKNOWN",
    audit: &["INITIATED", "CREATED", "INITIATED", "UNKNOWN"],
    live_now: NOT_KNOWN,
    truth: Truth::Ours,
    waits: false,
    says: &[
        "it is not known whether version 1.0.1 (id `",
        "look in CXone",
    ],
    ..STORED_ONLY
};

/// Whether a cell would only repeat another one.
pub(super) fn is_repetition(stage: Stage, trouble: Trouble, times: Times) -> bool {
    let lasting = expected(stage, trouble, Times::Always);
    let passing = expected(stage, trouble, Times::Once);
    let same = lasting.audit == passing.audit && lasting.state == passing.state;
    (trouble == Trouble::ServerErrorAfterTheDeed && !stage.is_write())
        || (times == Times::Always && same && trouble != Trouble::Unauthorized)
}

/// What must come of `trouble` at `stage`.
pub(super) fn expected(stage: Stage, trouble: Trouble, times: Times) -> Expected {
    match stage {
        Stage::FirstToken => match token(trouble, times) {
            Read::Told => LIVE,
            _ => NOT_PLANNED,
        },
        Stage::TokenAtCreate => match token(trouble, times) {
            Read::Told => LIVE,
            _ => CREATE_FAILED,
        },
        Stage::ReadForPlan => match read(trouble, times) {
            Read::Told => LIVE,
            Read::Failed => NOT_PLANNED,
            // The versions say that one is live: "no such flow" is not believed.
            Read::NotThere => Expected {
                quotes: false,
                says: &["CXone could not say what is live", "1.0.0"],
                ..NOT_PLANNED
            },
        },
        Stage::ListForPlan => match read(trouble, times) {
            // "No versions" is not believed of a flow that is live; what is stored is unknown, which a create can bear.
            Read::Told | Read::NotThere => LIVE,
            Read::Failed => NOT_PLANNED,
        },
        Stage::ReadBeforeCreate => match read(trouble, times) {
            Read::Told => LIVE,
            Read::NotThere => TAKEN_DOWN,
            Read::Failed => NOT_BEGUN,
        },
        Stage::Create => match write(trouble, times) {
            Write::Done => LIVE,
            Write::Refused if trouble == Trouble::Conflict => Expected {
                state: "BLOCKED",
                audit: &["INITIATED", "BLOCKED"],
                says: &["yet version 1.0.1 is not listed: run again"],
                ..CREATE_FAILED
            },
            Write::Refused => CREATE_FAILED,
            Write::NotDone => Expected {
                says: &["version 1.0.1 was looked for", "is not stored: run again"],
                ..CREATE_FAILED
            },
        },
        Stage::ListAfterLostCreate => match (read(trouble, times), times) {
            // It is looked for more than once.
            (_, Times::Once) => LIVE,
            // An empty list is not believed of a flow that is live.
            (Read::NotThere, _) => Expected {
                quotes: false,
                ..CREATE_UNKNOWN
            },
            _ => CREATE_UNKNOWN,
        },
        Stage::ReadForeignVersion => match read(trouble, times) {
            Read::Told => Expected {
                says: &[
                    "is stored already (id `",
                    "with other content: stored fg1.",
                    "raise the version",
                ],
                ..NUMBER_TAKEN
            },
            // What is listed may not show yet: it is looked for more than once.
            Read::NotThere if times == Times::Once => Expected {
                says: &["with other content: stored fg1.", "raise the version"],
                ..NUMBER_TAKEN
            },
            Read::NotThere => NUMBER_TAKEN,
            Read::Failed => Expected {
                live_now: if trouble.closes_the_gate(times) {
                    NOT_KNOWN
                } else {
                    NUMBER_TAKEN.live_now
                },
                quotes: true,
                says: &[
                    "CXone answered HTTP 409",
                    "what is stored under this number is not known",
                ],
                ..NUMBER_TAKEN
            },
        },
        // The gate stays closed until the run's deadline: nobody can look any more.
        Stage::ReadSameVersion if trouble.closes_the_gate(times) => Expected {
            live_now: NOT_KNOWN,
            quotes: true,
            says: &["what is stored under this number is not known"],
            ..NUMBER_TAKEN
        },
        // Whatever the stored version is: what is live is what the file says.
        Stage::ReadSameVersion => Expected {
            state: "SKIPPED",
            audit: &["INITIATED", "SKIPPED"],
            truth: Truth::Theirs,
            ..LIVE
        },
        Stage::ReadBeforePublish => match read(trouble, times) {
            Read::Told => LIVE,
            Read::NotThere => Expected {
                live_now: "live now: nothing",
                quotes: false,
                says: &[
                    "taken down since the plan was made",
                    "the next run publishes it",
                ],
                ..STORED_ONLY
            },
            Read::Failed => STORED_ONLY,
        },
        Stage::Publish => match write(trouble, times) {
            Write::Done => LIVE,
            Write::Refused | Write::NotDone => NOT_PUBLISHED,
        },
        Stage::ReadAfterLostPublish => match (read(trouble, times), times) {
            (_, Times::Once) => LIVE,
            (Read::NotThere, _) => Expected {
                quotes: false,
                ..PUBLISH_UNKNOWN
            },
            _ => PUBLISH_UNKNOWN,
        },
        Stage::ReadBack => match (read(trouble, times), times) {
            (_, Times::Once) => LIVE,
            (there, _) => Expected {
                audit: &["INITIATED", "CREATED", "INITIATED", "PUBLISHED", "UNKNOWN"],
                quotes: matches!(there, Read::Failed),
                says: &[
                    "it is not known whether version 1.0.1 (id `",
                    "CXone accepted the publication",
                ],
                ..PUBLISH_UNKNOWN
            },
        },
    }
}

/// Token requests retry as reads do; a refusal is final, there is no other token to try.
fn token(trouble: Trouble, times: Times) -> Read {
    match trouble {
        Trouble::Unauthorized | Trouble::NotFound => Read::Failed,
        _ => read(trouble, times),
    }
}
