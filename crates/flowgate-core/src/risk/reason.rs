//! The table of reasons: code, level and definition of each, in one place.

use super::{Risk, Step};

macro_rules! reasons {
    ($($name:ident = $code:literal, $risk:ident, $words:literal;)*) => {
        /// Why a change is as risky as it is.
        ///
        /// | code | level | what it means |
        /// |---|---|---|
        $(#[doc = concat!("| `", $code, "` | ", stringify!($risk), " | ", $words, " |")])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RiskReason {
            $(#[doc = $words] $name,)*
        }

        impl RiskReason {
            /// Every reason, worst first.
            pub const ALL: &'static [RiskReason] = &[$(RiskReason::$name),*];

            /// The stable code in kebab-case.
            pub fn code(self) -> &'static str {
                match self { $(RiskReason::$name => $code,)* }
            }

            /// How risky it is.
            pub fn risk(self) -> Risk {
                match self { $(RiskReason::$name => Risk::$risk,)* }
            }

            /// The definition, for people.
            pub fn words(self) -> &'static str {
                match self { $(RiskReason::$name => $words,)* }
            }
        }
    };
}

reasons! {
    BeginOrEndChanged = "begin-or-end-changed", Breaking,
        "a Begin or End was removed, retyped or changed, which the engine refuses";
    LeadsNowhere = "leads-nowhere", Breaking,
        "a way that calls take leads to an element that does not exist";
    ElementRemoved = "element-removed", Breaking,
        "an element that calls reached is gone";
    PlaceCutOff = "place-cut-off", Breaking,
        "an element that calls reached is still there, and no way leads to it any more";
    ElementRetyped = "element-retyped", Breaking,
        "an element that calls reach does something of another kind";
    BranchRemoved = "branch-removed", Breaking,
        "a way out of an element that stays is gone: a choice or a case that callers had";
    HandOffChanged = "hand-off-changed", Risky,
        "a way leads to another queue or agent than before, or no longer straight to one";
    DefaultBranchChanged = "default-branch-changed", Risky,
        "calls that fit no other case are treated differently";
    WayChanged = "way-changed", Risky,
        "a way leads elsewhere";
    EndpointChanged = "endpoint-changed", Risky,
        "an outside system is reached at another address";
    OutsideSystemAdded = "outside-system-added", Risky,
        "calls now depend on an outside system that they did not depend on";
    SkillChanged = "skill-changed", Risky,
        "calls are handed to another skill, queue, team or number";
    TimeoutShortened = "timeout-shortened", Risky,
        "callers or systems are given less time";
    ConditionChanged = "condition-changed", Risky,
        "a decision is made by another condition, or a way is taken by another choice";
    PromptChanged = "prompt-changed", Risky,
        "callers hear something else";
    SoundChanged = "sound-changed", Risky,
        "callers hear another recording, voice or language";
    ElementBypassed = "element-bypassed", Risky,
        "an element on the way is gone and the way leads on without it";
    ElementAdded = "element-added", Risky,
        "calls reach a new element";
    BranchAdded = "branch-added", Risky,
        "an element has a new way out";
    SettingChanged = "setting-changed", Risky,
        "a setting is different whose meaning only the tenant knows";
    NotReached = "not-reached", Safe,
        "no call reaches it, neither before nor after";
    IdChanged = "id-changed", Safe,
        "only ids are new, or a way was drawn anew";
    SameAsDefault = "same-as-default", Safe,
        "a case came or went that leads where all other cases lead";
    PartOfElement = "part-of-element", Safe,
        "it came or went together with an element, whose own change says what that means";
    NameChanged = "name-changed", Safe,
        "only a name or a note for designers is different";
    Moved = "moved", Safe,
        "only its place on the canvas is different";
}

impl RiskReason {
    /// Whether it must be mended before anything is published.
    pub fn is_refused(self) -> bool {
        matches!(
            self,
            RiskReason::BeginOrEndChanged | RiskReason::LeadsNowhere
        )
    }

    /// The step that it asks of the version; `None` for what needs no new version.
    pub fn step(self) -> Option<Step> {
        match (self, self.risk()) {
            (RiskReason::Moved, _) => None,
            // What is refused is mended before anything is published: its level is no promise about what will be.
            (RiskReason::BeginOrEndChanged, _) | (_, Risk::Safe) => Some(Step::Patch),
            (RiskReason::LeadsNowhere, _) | (_, Risk::Risky) => Some(Step::Minor),
            (_, Risk::Breaking) => Some(Step::Major),
        }
    }
}
