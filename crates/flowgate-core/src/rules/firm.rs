//! What keeps a rule from being eased: a check that is green while merging is refused would be a lie.

/// What may not be done with a rule, and what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firm {
    /// CXone refuses such a flow, or there is none to send. Its findings stay errors that count, even where they were
    /// there before, unless what is live has them too: no lower severity, no waiver, not accepted.
    Refused(&'static str),
    /// The plan blocks the flow or the run. Its findings stay errors that count in the same way.
    Blocks(&'static str),
    /// It may be less than an error, but not `off`: the plan blocks flows for this reason, and a reason must be seen.
    Seen(&'static str),
}

impl Firm {
    /// Why, and what to do instead.
    pub fn why(self) -> &'static str {
        match self {
            Firm::Refused(why) | Firm::Blocks(why) | Firm::Seen(why) => why,
        }
    }

    /// Whether its findings are errors that count, whatever a team says.
    pub fn stays_an_error(self) -> bool {
        matches!(self, Firm::Refused(_) | Firm::Blocks(_))
    }
}
