//! What a sandbox is told before it starts: who may log in, what this tenant offers, how it
//! behaves. No behaviour lives here.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::clock::Clock;
use crate::faults::Script;
use crate::retry_after::RetryAfter;

/// Client id that a default sandbox accepts, with every scope.
pub const CLIENT_ID: &str = "sandbox-client";
/// Secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "sandbox-secret";
/// Client id that a default sandbox accepts, for `flows:read` alone.
pub const READER_CLIENT_ID: &str = "sandbox-reader";
/// Secret of [`READER_CLIENT_ID`].
pub const READER_CLIENT_SECRET: &str = "sandbox-reader-secret";
/// The environment that a default sandbox serves.
pub const ENVIRONMENT: &str = "sandbox";

/// Everything a sandbox can be told. `Config::default()` is a tenant that offers every call, has
/// no rate limit and fails at nothing; change fields with `Config { …, ..Config::default() }`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// Folder that keeps the state between runs; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// Who may ask for tokens.
    pub clients: Vec<Client>,
    /// What the `environment` query parameter must be.
    pub environment: String,
    /// How long a token is good for.
    pub token_life: Duration,
    /// How fast clients may call; token requests are not counted.
    pub rate_limit: Option<RateLimit>,
    /// How many versions of a flow are kept; the next is refused.
    pub history_cap: usize,
    /// The node types that an element may have.
    pub node_types: BTreeSet<String>,
    /// Whether the published flow can be read.
    pub read_flow: Availability,
    /// Whether one version can be read.
    pub read_version: Availability,
    /// How versions are listed.
    pub list_versions: Listing,
    /// Ways in which this tenant differs from a plain one.
    pub behaviours: BTreeSet<Behaviour>,
    /// When a created version shows in reads.
    pub create_visible: Visibility,
    /// When a publish shows in reads.
    pub publish_visible: Visibility,
    /// Added to every call, before anything happens.
    pub latency: Duration,
    /// Where times in answers come from.
    pub clock: Clock,
    /// What goes wrong, and when.
    pub faults: Script,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            data: None,
            clients: vec![
                Client::new(CLIENT_ID, CLIENT_SECRET, &Scope::ALL),
                Client::new(READER_CLIENT_ID, READER_CLIENT_SECRET, &[Scope::Read]),
            ],
            environment: ENVIRONMENT.to_owned(),
            token_life: Duration::from_secs(3600),
            rate_limit: None,
            history_cap: 50,
            node_types: [
                "Begin",
                "End",
                "IVR",
                "Queue",
                "Agent",
                "API",
                "Database",
                "Conditional",
            ]
            .map(str::to_owned)
            .into(),
            read_flow: Availability::Offered,
            read_version: Availability::Offered,
            list_versions: Listing::Full,
            behaviours: BTreeSet::new(),
            create_visible: Visibility::AtOnce,
            publish_visible: Visibility::AtOnce,
            latency: Duration::ZERO,
            clock: Clock::default(),
            faults: Script::default(),
        }
    }
}

impl Config {
    /// A tenant that offers the tutorial's three calls alone: create, count, publish.
    #[must_use]
    pub fn minimal() -> Self {
        Self {
            read_flow: Availability::MethodNotAllowed,
            read_version: Availability::MethodNotAllowed,
            list_versions: Listing::CountOnly,
            ..Self::default()
        }
    }

    pub(crate) fn does(&self, behaviour: Behaviour) -> bool {
        self.behaviours.contains(&behaviour)
    }
}

/// Someone who may ask for tokens, and what they may at most be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// `client_id` of the token request.
    pub id: String,
    /// `client_secret` of the token request.
    pub secret: String,
    /// What is granted when asked for.
    pub scopes: BTreeSet<Scope>,
}

impl Client {
    /// A client with these scopes.
    #[must_use]
    pub fn new(id: &str, secret: &str, scopes: &[Scope]) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            scopes: scopes.iter().copied().collect(),
        }
    }
}

/// What a token permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `flows:read`
    Read,
    /// `flows:write`
    Write,
    /// `flows:publish`
    Publish,
}

impl Scope {
    /// All scopes, in the order in which answers list them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Publish];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "flows:read",
            Self::Write => "flows:write",
            Self::Publish => "flows:publish",
        }
    }
}

/// How fast clients may call. What is refused with 429 does not count against the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// How calls are counted.
    pub kind: LimitKind,
    /// The `Retry-After` of a refusal; `None` sends no such header.
    pub retry_after: Option<RetryAfter>,
    /// Whether answers carry `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
    pub hints: Hints,
}

/// How calls are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LimitKind {
    /// `burst` calls at once, refilled at `rate` calls a second.
    TokenBucket {
        /// Calls a second.
        rate: f64,
        /// Calls at once.
        burst: f64,
    },
    /// So many calls in each second, counted from the start of the sandbox.
    FixedWindow {
        /// Calls in each second.
        per_second: u32,
    },
}

/// Whether rate-limit headers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hints {
    /// No hints: the client learns the limit by being refused.
    #[default]
    Off,
    /// `X-RateLimit-*` on every answer.
    On,
}

/// Whether this tenant offers an optional call, and what it answers when it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Availability {
    /// It does.
    #[default]
    Offered,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 501
    NotImplemented,
}

/// How versions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Listing {
    /// `totalCount` and the versions, under `versions`.
    #[default]
    Full,
    /// The same with the versions under `items`.
    UnderItems,
    /// The same with the versions under `data`.
    UnderData,
    /// `totalCount` alone.
    CountOnly,
    /// 405
    MethodNotAllowed,
    /// 501
    NotImplemented,
}

/// When a write shows in reads. Writes themselves always see it: a second create of the same
/// version is refused even while the first is invisible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// With the answer to the write.
    #[default]
    AtOnce,
    /// After so many reads of the flow (published, list or one version) did not show it.
    AfterReads(u32),
    /// After some time.
    After(Duration),
}

/// A way in which a tenant can differ from a plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// Elements come back with `serverRevision` and `lastEditedBy` added.
    AddsMembers,
    /// Elements, connectors and the list of versions come back in the opposite order.
    ReordersArrays,
    /// Numbers come back in their shortest form: `1.10` as `1.1`, `2.0` as `2`.
    NormalisesNumbers,
    /// A create with a known `Idempotency-Key` answers as the first did and stores nothing.
    HonoursIdempotencyKey,
    /// Token answers do not say which scope was granted.
    HidesScope,
    /// A token may do all that the client may, whatever was asked for.
    IgnoresScope,
    /// No answer says whether or when a version was published.
    HidesPublication,
    /// The list of versions has no metadata; a single version has.
    ListsNoMetadata,
}

impl Behaviour {
    /// Every behaviour.
    pub const ALL: [Self; 8] = [
        Self::AddsMembers,
        Self::ReordersArrays,
        Self::NormalisesNumbers,
        Self::HonoursIdempotencyKey,
        Self::HidesScope,
        Self::IgnoresScope,
        Self::HidesPublication,
        Self::ListsNoMetadata,
    ];

    /// The name for command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::AddsMembers => "adds-members",
            Self::ReordersArrays => "reorders-arrays",
            Self::NormalisesNumbers => "normalises-numbers",
            Self::HonoursIdempotencyKey => "honours-idempotency-key",
            Self::HidesScope => "hides-scope",
            Self::IgnoresScope => "ignores-scope",
            Self::HidesPublication => "hides-publication",
            Self::ListsNoMetadata => "lists-no-metadata",
        }
    }
}

impl FromStr for Behaviour {
    type Err = UnknownBehaviour;

    fn from_str(text: &str) -> Result<Self, UnknownBehaviour> {
        Self::ALL
            .into_iter()
            .find(|behaviour| behaviour.name() == text)
            .ok_or_else(|| UnknownBehaviour(text.to_owned()))
    }
}

/// A name that is no [`Behaviour`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no behaviour of the sandbox; there are {names}", names = Behaviour::ALL.map(Behaviour::name).join(", "))]
pub struct UnknownBehaviour(String);
