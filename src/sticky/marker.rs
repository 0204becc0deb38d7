//! The hidden first line of a comment: which of our comments this is, and which run wrote it. A hint, never authority.

use std::fmt;

use flowgate_core::ids::CommitSha;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::github::COMMENT_LIMIT;

/// What a comment is about. Each kind has its own comment: a result never overwrites a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What merging would do.
    Check,
    /// What merging did.
    Deployment,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Check => "check",
            Kind::Deployment => "deployment",
        }
    }
}

/// Which comment, and which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// What it is about.
    pub kind: Kind,
    /// The setting `target`, which tells several uses in one repository apart.
    pub target: String,
    /// Which job of a matrix it is, from 0: jobs without a target of their own do not write over one another's comment.
    pub job: u64,
    /// The head that was checked, or the commit that was deployed.
    pub head: CommitSha,
    /// The run that wrote it.
    pub run: u64,
    /// And its attempt.
    pub attempt: u64,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Encoded to letters, digits and `%`: nothing in it can end the HTML comment.
        let target = utf8_percent_encode(&self.target, NON_ALPHANUMERIC);
        write!(
            f,
            "<!-- flowgate kind={} target={target} job={} head={} run={} attempt={} -->",
            self.kind.word(),
            self.job,
            self.head,
            self.run,
            self.attempt
        )
    }
}

impl Marker {
    /// The same of a run that did nothing: what any other run did says more, whichever came first.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self {
            run: 0,
            attempt: 0,
            ..self
        }
    }

    /// Whether it is of a run that did nothing.
    pub(super) fn is_yielding(&self) -> bool {
        self.run == 0
    }

    /// The body of a comment that shows this text.
    pub fn over(&self, visible: &str) -> String {
        format!("{self}\n{visible}")
    }

    /// How many characters the visible text may have.
    pub fn room(&self) -> usize {
        COMMENT_LIMIT.saturating_sub(self.to_string().chars().count() + 1)
    }

    /// The marker of a comment: its whole first line, and nowhere else, so that a quoted one is none.
    pub fn of(body: &str) -> Option<Self> {
        let line = body.lines().next()?;
        let fields = line.strip_prefix("<!-- flowgate ")?.strip_suffix(" -->")?;
        let mut fields = fields.split(' ');
        let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix('=');
        let marker = Self {
            kind: match field("kind")? {
                "check" => Kind::Check,
                "deployment" => Kind::Deployment,
                _ => return None,
            },
            target: percent_decode_str(field("target")?)
                .decode_utf8()
                .ok()?
                .into_owned(),
            job: field("job")?.parse().ok()?,
            head: field("head")?.parse().ok()?,
            run: field("run")?.parse().ok()?,
            attempt: field("attempt")?.parse().ok()?,
        };
        // One way to write each: what does not come out the same was not written by us.
        (marker.to_string() == line).then_some(marker)
    }

    /// Whether both stand for the same comment.
    pub(super) fn same_place(&self, other: &Marker) -> bool {
        self.kind == other.kind && self.target == other.target && self.job == other.job
    }

    /// Whether what this run wrote must not be written over by that one.
    pub(super) fn overtakes(&self, other: &Marker) -> bool {
        // A check of another head is no rival: the head of the pull request itself decides. Deployments come one after
        // another.
        (self.kind == Kind::Deployment || self.head == other.head)
            && (self.run, self.attempt) > (other.run, other.attempt)
    }
}

/// What a reader sees, in the one form that is compared: GitHub may store other line ends than it was sent, and that a
/// later run says the same is no news, though its page is another.
pub(super) fn visible(body: &str) -> String {
    const RUNS: &str = "/actions/runs/";
    let (_, visible) = body.split_once('\n').unwrap_or_default();
    let visible = visible.replace("\r\n", "\n");
    let mut parts = visible.trim_end().split(RUNS);
    let mut same = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        same.push_str(RUNS);
        same.push_str(
            part.trim_start_matches(|c: char| c.is_ascii_digit())
                .trim_start_matches("/attempts/")
                .trim_start_matches(|c: char| c.is_ascii_digit()),
        );
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(target: &str) -> Marker {
        Marker {
            kind: Kind::Check,
            target: target.to_owned(),
            job: 0,
            head: "a".repeat(40).parse().unwrap(),
            run: 7,
            attempt: 2,
        }
    }

    #[test]
    fn any_target_comes_back_and_none_ends_the_comment() {
        for target in ["", "main", "a b", "--> <b>", "é\n@all", "%20", "prod-eu"] {
            let marker = marker(target);
            let body = marker.over("visible");
            assert_eq!(Marker::of(&body).as_ref(), Some(&marker), "{target}");
            assert_eq!(body.matches("-->").count(), 1);
            assert_eq!(body.lines().count(), 2);
            assert_eq!(visible(&body), "visible");
        }
    }

    #[test]
    fn that_a_later_run_says_the_same_is_no_news() {
        let body = |run: &str| {
            marker("main").over(&format!("[r](https://github.com/a/b/actions/runs/{run}) x"))
        };
        assert_eq!(
            visible(&body("1/attempts/1")),
            visible(&body("23/attempts/4"))
        );
        assert_ne!(
            visible(&body("1/attempts/1")),
            visible(&body("1/attempts/1/2"))
        );
    }

    #[test]
    fn only_a_whole_first_line_is_a_marker() {
        let good = marker("main").to_string();
        for bad in [
            format!("> {good}"),
            format!("hello\n{good}"),
            format!(" {good}"),
            format!("{good} x"),
            good.replace("run=7", "run=+7"),
            good.replace("run=7", "run=07"),
            good.replace("head=a", "head=A"),
            good.replace(" attempt=2", ""),
            String::new(),
        ] {
            assert_eq!(Marker::of(&bad), None, "{bad}");
        }
        assert!(
            Marker::of(&format!("{good}\r\nx")).is_some(),
            "GitHub may send CRLF"
        );
    }

    #[test]
    fn marker_and_room_fill_a_comment_exactly() {
        let marker = marker("é");
        let body = marker.over(&"ü".repeat(marker.room()));
        assert_eq!(body.chars().count(), COMMENT_LIMIT);
    }
}
