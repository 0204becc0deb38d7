//! The hidden second line of a check's comment: which content of which flow it showed, so that a deployment can say
//! whether what went live is what people saw. A hint for people, never authority.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowgate_core::ids::{CommitSha, Digest, FlowId};
use flowgate_core::review::Review;

/// A comment has room for so many; flows past that count as not shown.
const MOST: usize = 150;

const START: &str = "<!-- flowgate shows";
const END: &str = " -->";

/// The field that names the commit that the change was compared with. No id of a flow begins like this.
const BASE: &str = "@base";

/// What a comment showed of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The content.
    pub digest: Digest,
    /// The commit of the base branch that it was shown against, where the comment says so.
    pub base: Option<CommitSha>,
}

/// What a comment showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reviewed {
    /// The content, by flow.
    pub flows: BTreeMap<FlowId, Seen>,
    /// The commit of the base branch that the comment was made against, also where it showed no flow.
    pub base: Option<CommitSha>,
}

impl Reviewed {
    /// What the comment of this review shows, which was made against a commit.
    pub fn of(review: &Review, base: Option<&CommitSha>) -> Self {
        let shown = review.flows.iter().filter_map(|flow| {
            let seen = Seen {
                digest: flow.digest.clone()?,
                base: base.cloned(),
            };
            Some((flow.flow_id.clone()?, seen))
        });
        Self {
            flows: shown.take(MOST).collect(),
            base: base.cloned(),
        }
    }

    /// The line that holds it; nothing where there is nothing. Ids and digests have no character that could end it.
    pub fn line(&self) -> String {
        if self.flows.is_empty() && self.base.is_none() {
            return String::new();
        }
        let mut line = START.to_owned();
        // Writing to a String cannot fail.
        if let Some(base) = &self.base {
            let _ = write!(line, " {BASE}={base}");
        }
        for (flow, Seen { digest, .. }) in &self.flows {
            // Two dashes may not stand in a comment of HTML.
            let flow = flow.as_str().replace('-', "%2D");
            let _ = write!(line, " {flow}={digest}");
        }
        line.push_str(END);
        line.push('\n');
        line
    }

    /// What a comment showed: its second line says so, or nothing does.
    pub fn read(body: &str) -> Self {
        let line = body.lines().nth(1).unwrap_or_default();
        let fields = line
            .strip_prefix(START)
            .and_then(|line| line.strip_suffix(END));
        let fields = fields.unwrap_or_default().split_whitespace();
        let fields = fields.filter_map(|field| field.split_once('='));
        let base = fields.clone().find(|(name, _)| *name == BASE);
        let base: Option<CommitSha> = base.and_then(|(_, commit)| commit.parse().ok());
        let shown = fields.filter_map(|(flow, digest)| {
            let seen = Seen {
                digest: digest.parse().ok()?,
                base: base.clone(),
            };
            Some((flow.replace("%2D", "-").parse().ok()?, seen))
        });
        Self {
            flows: shown.take(MOST).collect(),
            base,
        }
    }

    /// Both; of a flow that both show, what the other one shows.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.flows.extend(other.flows);
        self.base = other.base.or(self.base);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> Digest {
        format!("fg1.00000000.{}", letter.to_string().repeat(64))
            .parse()
            .unwrap()
    }

    #[test]
    fn what_was_shown_comes_back_and_nobody_can_end_the_line() {
        let flows = ["main-line", "a--b", "x.y_z", "9"];
        let base: CommitSha = "9f3c2e1a".repeat(5).parse().unwrap();
        for base in [None, Some(base)] {
            let seen = Seen {
                digest: digest('a'),
                base: base.clone(),
            };
            let shown = flows.iter().map(|id| (id.parse().unwrap(), seen.clone()));
            let shown = Reviewed {
                flows: shown.collect(),
                base,
            };
            let line = shown.line();
            assert_eq!(line.matches("--").count(), 2, "{line}");
            assert_eq!(
                Reviewed::read(&format!("<!-- marker -->\n{line}visible")),
                shown
            );
        }
        assert_eq!(Reviewed::default().line(), "");
    }

    #[test]
    fn a_comment_without_flows_says_what_it_was_made_against() {
        let shown = Reviewed {
            base: Some("9f3c2e1a".repeat(5).parse().unwrap()),
            ..Reviewed::default()
        };
        let body = format!("<!-- marker -->\n{}visible", shown.line());
        assert_eq!(Reviewed::read(&body), shown);
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for body in [
            "",
            "one line",
            "a\nb",
            "a\n<!-- flowgate shows x=y -->",
            "a\n<!-- flowgate shows",
            "<!-- flowgate shows a=b -->",
        ] {
            assert_eq!(Reviewed::read(body), Reviewed::default(), "{body}");
        }
    }
}
