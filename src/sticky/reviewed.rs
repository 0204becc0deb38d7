//! The hidden second line of a check's comment: which content of which flow it showed, so that a deployment can say
//! whether what went live is what people saw. A hint for people, never authority.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowgate_core::ids::{Digest, FlowId};
use flowgate_core::review::Review;

/// A comment has room for so many; flows past that count as not shown.
const MOST: usize = 150;

const START: &str = "<!-- flowgate shows";
const END: &str = " -->";

/// The content that a comment showed, by flow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reviewed(BTreeMap<FlowId, Digest>);

impl Reviewed {
    /// What the comment of this review shows.
    pub fn of(review: &Review) -> Self {
        let shown = review
            .flows
            .iter()
            .filter_map(|flow| Some((flow.flow_id.clone()?, flow.digest.clone()?)));
        Self(shown.take(MOST).collect())
    }

    /// The line that holds it; nothing where there is nothing. Ids and digests have no character that could end it.
    pub fn line(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut line = START.to_owned();
        for (flow, digest) in &self.0 {
            // Two dashes may not stand in a comment of HTML.
            let flow = flow.as_str().replace('-', "%2D");
            // Writing to a String cannot fail.
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
        let shown = fields.filter_map(|field| {
            let (flow, digest) = field.split_once('=')?;
            Some((flow.replace("%2D", "-").parse().ok()?, digest.parse().ok()?))
        });
        Self(shown.take(MOST).collect())
    }

    /// Both; of a flow that both show, what the other one shows.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// By flow.
    pub fn into_map(self) -> BTreeMap<FlowId, Digest> {
        self.0
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
        let shown = Reviewed(
            flows
                .iter()
                .map(|id| (id.parse().unwrap(), digest('a')))
                .collect(),
        );
        let line = shown.line();
        assert_eq!(line.matches("--").count(), 2, "{line}");
        assert_eq!(
            Reviewed::read(&format!("<!-- marker -->\n{line}visible")),
            shown
        );
        assert_eq!(Reviewed::default().line(), "");
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
