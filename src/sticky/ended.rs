//! The hidden second line of a result: of which flows it tells how they ended, so that a later run knows whom nobody told.
//! A hint, never authority.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use flowgate_core::ids::FlowId;

/// A comment has room for so many; flows past that count as not told.
const MOST: usize = 150;

const START: &str = "<!-- flowgate ended";
const END: &str = " -->";

/// Flows that a result tells the end of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended(BTreeSet<FlowId>);

impl Ended {
    /// These.
    pub fn of(flows: impl IntoIterator<Item = FlowId>) -> Self {
        Self(flows.into_iter().take(MOST).collect())
    }

    /// One more.
    pub fn add(&mut self, flow: FlowId) {
        if self.0.len() < MOST {
            self.0.insert(flow);
        }
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether it is one of them.
    pub fn holds(&self, flow: &FlowId) -> bool {
        self.0.contains(flow)
    }

    /// The line that holds them; nothing where there are none.
    pub fn line(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut line = START.to_owned();
        for flow in &self.0 {
            // Two dashes may not stand in a comment of HTML. Writing to a String cannot fail.
            let _ = write!(line, " {}", flow.as_str().replace('-', "%2D"));
        }
        line.push_str(END);
        line.push('\n');
        line
    }

    /// What a comment tells the end of: its second line says so, or nothing does.
    pub fn read(body: &str) -> Self {
        let line = body.lines().nth(1).unwrap_or_default();
        let flows = line
            .strip_prefix(START)
            .and_then(|line| line.strip_suffix(END))
            .unwrap_or_default();
        let flows = flows.split_whitespace();
        Self::of(flows.filter_map(|flow| flow.replace("%2D", "-").parse().ok()))
    }

    /// What a reader sees of a comment: all but its marker and this line.
    pub fn after(body: &str) -> &str {
        let (_, rest) = body.split_once('\n').unwrap_or_default();
        match rest.split_once('\n') {
            Some((line, rest)) if line.starts_with(START) => rest,
            _ => rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_come_back_and_nobody_can_end_the_line() {
        let flows = ["main-line", "a--b", "x.y_z", "9"].map(|id| id.parse().unwrap());
        let ended = Ended::of(flows.clone());
        let line = ended.line();
        assert_eq!(line.matches("--").count(), 2, "{line}");
        let body = format!("<!-- marker -->\n{line}visible\nmore");
        assert_eq!(Ended::read(&body), ended);
        assert!(flows.iter().all(|flow| ended.holds(flow)));
        assert_eq!(Ended::after(&body), "visible\nmore");
        assert_eq!(Ended::default().line(), "");
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for body in [
            "",
            "a",
            "a\nb",
            "a\n<!-- flowgate ended x",
            "<!-- flowgate ended x -->",
        ] {
            assert_eq!(Ended::read(body), Ended::default(), "{body}");
        }
        assert_eq!(Ended::after("<!-- marker -->\nvisible"), "visible");
    }
}
