//! An embedded CXone: a real HTTP server on loopback that speaks the versioned flow API, keeps
//! state, and fails on demand. Tests and the demo embed it; `flowgate sandbox` serves it.
//!
//! It shares no code with the client, not even wire types, so that it can disagree with it. Flow
//! content is kept as the text that was sent: a number comes back as it was written, unless the
//! tenant is told to rewrite it. Ids, tokens, times and correlation ids are counted, not drawn: the
//! same calls in the same order get the same answers.
//!
//! ```
//! use flowgate_sandbox::{Config, Fault, Operation, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(Config::default()).await?;
//! sandbox.seed_published(
//!     r#"{"flowId": "main-ivr", "elements": [], "connectors": []}"#,
//!     "1.0.0",
//! )?;
//! sandbox.fail_next(Operation::Publish, Fault::DropAfter);
//! // … point a client at sandbox.base_url(), then look at what is left:
//! let state = sandbox.state();
//! let live = state.flow("main-ivr").and_then(|flow| flow.published());
//! assert_eq!(live.map(|version| version.version.as_str()), Some("1.0.0"));
//! assert!(sandbox.requests().is_empty());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # The calls
//!
//! | operation | call | refuses |
//! |---|---|---|
//! | `token` | `POST /oauth/token?environment=` | 401 unknown client, secret or environment; 400 other grant; 415 no form |
//! | `readFlow` | `GET /api/v2/flows/{flowId}` | 404 nothing published |
//! | `listVersions` | `GET …/versions?page=&pageSize=` | 404 no versions; 400 page below 1 |
//! | `readVersion` | `GET …/versions/{versionId}` | 404 |
//! | `createVersion` | `POST …/versions` | 400 with `errors: [{field, message, code}]`; 409 the number exists; 415 |
//! | `publish` | `POST …/publish` | 400 no `versionId`, `snapshot` not true, `bypassValidation` not false; 404; 415 |
//!
//! All but `token` answer 429 above the [`RateLimit`], 401 to a token that is unknown or has
//! expired, 403 to one without the scope (reads `flows:read`, create `flows:write`, publish
//! `flows:publish`). Every answer carries a `CorrelationId`. Field errors have the codes `REQUIRED`,
//! `INVALID`, `MALFORMED`, `MISMATCH`, `DUPLICATE_ID`, `UNSUPPORTED_NODE_TYPE`, `UNKNOWN_ELEMENT`,
//! `IMMUTABLE` (a published Begin or End), `HISTORY_FULL`, `KEY_REUSED`.
//!
//! A default sandbox knows two clients, [`CLIENT_ID`] with all scopes and [`READER_CLIENT_ID`] with
//! `flows:read`, and the environment [`ENVIRONMENT`]. What a tenant may not offer, and how it may
//! rewrite, delay or limit, is in [`Config`].
//!
//! # Fault scripts
//!
//! A script is a JSON array. Each entry says which calls it is about, and what happens to them:
//!
//! ```
//! # let text = r#"
//! [
//!   {"operation": "createVersion", "flowId": "main-ivr", "nth": 2,
//!    "fault": {"status": {"code": 503, "at": "committed"}}},
//!   {"operation": "readFlow", "times": 3,
//!    "fault": {"status": {"code": 429, "retryAfter": {"seconds": 1}}}},
//!   {"operation": "publish", "nth": "always", "fault": "dropBefore"}
//! ]
//! # "#;
//! # assert_eq!(flowgate_sandbox::Script::parse(text).unwrap().entries.len(), 3);
//! ```
//!
//! `operation` and `flowId` choose the calls; either may be left out. `nth` (1 if left out) is the
//! first matching call that is hit, counted from 1 by each entry for itself, and `times` how many in
//! a row (1 if left out); `"nth": "always"` hits every one. `fault` is one of:
//!
//! | fault | what happens |
//! |---|---|
//! | `{"status": {"code": 502, …}}` | this answer; optional `body`, `contentType` (HTML gets a page of its own), `headers: {name: value}`, `retryAfter: {"seconds": n}` or `{"date": n}` (an HTTP date n seconds from now), `at` |
//! | `"dropBefore"` | the connection closes, nothing was done |
//! | `"dropAfter"` | what was asked is done, the connection closes without an answer |
//! | `{"truncate": "rightLength"}` | done; the answer's JSON ends in the middle, `Content-Length` fits what is sent |
//! | `{"truncate": "wrongLength"}` | done; `Content-Length` promises the whole, the connection closes half-way |
//! | `"rubbish"` | done; 200 and a body that is not JSON |
//! | `{"delay": {"ms": 500}}` | the call waits; optional `at` |
//! | `{"pause": {"touch": "FILE", "until": "FILE", "ms": 500}}` | one line `{operation} {flowId}` is appended to `touch`, then the call is held until the file `until` exists or `ms` have passed, whichever is first; all three optional; optional `at` |
//! | `{"consoleEdit": {"flow": {…}}}` | somebody edits and publishes that flow in the console; optional `at` |
//! | `"revokeTokens"` | all tokens given out so far stop working before this call is judged |
//! | `"garble"` | done; the version that was created or published holds other content than was sent: its last element is lost |
//!
//! `at` is `received` (the request is read, nothing has happened; the default) or `committed` (the
//! state has changed and is on disk, nothing has been answered), and for `pause` also `answered`
//! (the answer has been handed to the network; `touch` alone happens then, there is nothing left to
//! hold). On a read, `committed` is the moment between looking and answering.
//!
//! `delay`, `pause`, `consoleEdit`, `revokeTokens` and `garble` add up, in the order of the script; of
//! the others the first that hits a call decides, and later ones count that call all the same. Faults
//! added with [`Sandbox::fail_next`] wait for one another instead. A call that is held goes on when
//! its client has left, as it would on a real platform: with a delay at `received`, a write may
//! happen after the client has given up.
//!
//! # On disk
//!
//! With [`Config::data`] the state is one JSON file there, replaced whole before a write is
//! answered; [`State::load`] reads it from another process. Tokens, limits, faults, records and
//! what eventual visibility still hides end with the sandbox.

mod answer;
mod api;
mod auth;
mod clock;
mod config;
mod faults;
mod json;
mod limit;
mod operation;
mod platform;
mod record;
mod retry_after;
mod serve;
mod server;
mod state;
mod store;
mod transport;
mod validate;
mod wire;

pub use clock::Clock;
pub use config::{
    Availability, Behaviour, CLIENT_ID, CLIENT_SECRET, Client, Config, ENVIRONMENT, Hints,
    LimitKind, Listing, READER_CLIENT_ID, READER_CLIENT_SECRET, RateLimit, Scope, UnknownBehaviour,
    Visibility,
};
pub use faults::{
    ConsoleEdit, Cut, Delay, Entry, Fault, Moment, Nth, Pause, Position, Script, ScriptError,
    Scripted,
};
pub use operation::Operation;
pub use platform::ConsoleError;
pub use record::{Outcome, Recorded};
pub use retry_after::RetryAfter;
pub use server::{Sandbox, StartError};
pub use state::{Flow, Publish, State, Status, Version};
pub use store::StoreError;
