//! What merging will do and what was compared, in the words of the reader. Plain text: each report escapes it its own way.

use semver::Version;

use super::story::Story;
use crate::delta::ChangeKind;
use crate::drift::{ConsoleEdit, Standing};
use crate::plan::Action;
use crate::platform::Answer;
use crate::review::{BaseReason, Baseline, FlowReview, Live, Said};

/// What a flow was compared with: `lead` **`strong`** `facts`: `why`.
pub(super) struct Compared {
    pub(super) lead: &'static str,
    pub(super) strong: &'static str,
    /// Numbers of ours, nothing from a file.
    pub(super) facts: String,
    /// Why it is not what is live, for people.
    pub(super) why: Option<String>,
}

impl Compared {
    fn new(lead: &'static str, strong: &'static str, why: Option<&str>) -> Self {
        Self {
            lead,
            strong,
            facts: String::new(),
            why: why.map(str::to_owned),
        }
    }

    /// As one sentence without full stop, for places without markup.
    pub(super) fn plain(&self) -> String {
        let lead = if self.lead.is_empty() { "" } else { " " };
        let why = self.why.as_ref().map(|why| format!(": {why}"));
        format!(
            "{}{lead}{}{}{}",
            self.lead,
            self.strong,
            self.facts,
            why.unwrap_or_default()
        )
    }
}

/// What a flow was compared with.
pub(super) fn compared(flow: &FlowReview) -> Compared {
    const WITH: &str = "Compared with the";
    match &flow.baseline {
        Baseline::Published(_) => {
            let version = live_version(flow).map(Version::to_string);
            let record = live(flow).and_then(|live| live.record.as_ref());
            let request = record
                .and_then(|record| record.source.as_ref())
                .and_then(|source| source.pull_request)
                .map(|number| format!("from #{number}"));
            let facts: Vec<String> = version.into_iter().chain(request).collect();
            let mut compared = Compared::new("Compared with what is", "live on CXone", None);
            if !facts.is_empty() {
                compared.facts = format!(" ({})", facts.join(", "));
            }
            compared
        }
        Baseline::Base { why, .. } => {
            let why = match why {
                BaseReason::Chosen => "CXone was not asked what is live".to_owned(),
                BaseReason::CannotTell => "this CXone tenant cannot show what is live".to_owned(),
                BaseReason::NotPublished => "nothing is live on CXone yet".to_owned(),
                BaseReason::Unavailable(why) => format!("CXone could not say what is live: {why}"),
            };
            Compared::new(WITH, "base branch", Some(&why))
        }
        Baseline::New if flow.said.is_some() => Compared::new(
            "",
            "New flow",
            Some("nothing is live on CXone under this id yet"),
        ),
        Baseline::New => Compared::new("", "New flow", Some("CXone was not asked what is live")),
        Baseline::Unknown(why) => Compared::new("", "Nothing to compare with", Some(why)),
    }
}

fn live(flow: &FlowReview) -> Option<&Live> {
    flow.said.as_ref()?.live.known()
}

/// Whether somebody edited in the console what is live, as sentences; `None` where it is not known. `name` writes the
/// name of an edited thing, which comes from CXone.
pub(super) fn console(flow: &FlowReview, name: impl Fn(&str) -> String) -> Option<String> {
    const SHOWN: usize = 5;
    let edits = &flow.console_edits;
    let names = |edits: &[&ConsoleEdit]| {
        let mut names: Vec<String> = edits
            .iter()
            .take(SHOWN)
            .map(|edit| match edit.change {
                ChangeKind::Added => format!("{} (new there)", name(&edit.name)),
                ChangeKind::Removed => format!("{} (gone there)", name(&edit.name)),
                ChangeKind::Modified | ChangeKind::Moved => name(&edit.name),
            })
            .collect();
        if edits.len() > SHOWN {
            names.push(format!("and {} more", edits.len() - SHOWN));
        }
        names.join(", ")
    };
    let lead = match flow.standing? {
        Standing::InSync | Standing::Behind => {
            let record = live(flow)?.record.as_ref();
            return record.map(|_| "Nobody edited it in the console since.".to_owned());
        }
        Standing::Unmanaged => {
            return Some("Flowgate did not publish it; the base branch says the same.".to_owned());
        }
        Standing::Wrong => "CXone holds other content than Flowgate sent",
        Standing::Edited => "Edited in the console since",
        Standing::UnmanagedAndDifferent => {
            "Flowgate did not publish it, and the base branch says something else"
        }
    };
    if edits.is_empty() {
        return Some(format!("{lead}."));
    }
    let all: Vec<&ConsoleEdit> = edits.iter().collect();
    let (both, others): (Vec<_>, Vec<_>) = edits.iter().partition(|edit| edit.also_here);
    let here = match (both.len(), others.len()) {
        (0, _) => "This change touches none of them.".to_owned(),
        (_, 0) => "This change touches the same.".to_owned(),
        _ => format!("This change touches {} too.", names(&both)),
    };
    Some(format!("{lead}: {}. {here}", names(&all)))
}

/// Why merging does what it does, as far as the mistakes of the story do not say it. No full stops.
pub(super) fn reasons<'a>(flow: &'a FlowReview, story: &Story<'_>) -> Vec<&'a str> {
    if flow.plan.action.writes() {
        return Vec::new();
    }
    let is_told = |code: &str| {
        let mut mistakes = story.mistakes.iter();
        mistakes.any(|mistake| mistake.finding.rule.as_str() == code)
    };
    let reasons = flow.plan.reasons.iter();
    reasons
        .filter(|reason| !is_told(reason.code))
        .map(|reason| reason.text.as_str())
        .collect()
}

/// The version that callers reach now, where known.
pub(super) fn live_version(flow: &FlowReview) -> Option<&Version> {
    match &flow.baseline {
        Baseline::Published(live) => live.version(),
        _ => live(flow).and_then(|live| live.version.as_ref()),
    }
}

/// What merging does now. No full stop.
pub(super) fn merging(flow: &FlowReview) -> String {
    let stays = live_version(flow).map(|live| format!("; {live} stays for rollback"));
    match &flow.plan.action {
        Action::CreateAndPublish(release) => format!(
            "creates {}, live at once{}",
            release.version,
            stays.unwrap_or_default()
        ),
        Action::Publish { release, .. } => format!(
            "makes {} live, which CXone has stored already{}",
            release.version,
            stays.unwrap_or_default()
        ),
        Action::RollBack { release, .. } => format!("puts {} live again", release.version),
        Action::TakeBack { release, .. } => {
            format!("takes {} back, which is not what was sent", release.version)
        }
        Action::Nothing => "nothing is written".into(),
        Action::Blocked => "blocked, nothing is published".into(),
    }
}

/// What cannot be asked before a merge: whether CXone takes a version of a flow that it does not know.
pub(super) fn assumed(flow: &FlowReview) -> Option<&'static str> {
    if !flow.plan.action.writes() {
        return None;
    }
    let said = flow.said.as_ref()?;
    let is_unknown = matches!(said.live, Answer::Absent) && said.stored.unwrap_or(0) == 0;
    is_unknown.then_some("assumed, since only the merge can tell: that CXone takes a version of a flow that it does not know yet")
}

/// What merging does once the mistakes are mended; `None` where nothing is to be mended. No full stop.
pub(super) fn after_the_fix(flow: &FlowReview) -> Option<String> {
    if !matches!(flow.plan.action, Action::Blocked) {
        return None;
    }
    let head = flow.version()?;
    let before = flow.baseline.version();
    if let Some(before) = live_version(flow)
        .or(before)
        .filter(|before| head <= *before)
    {
        let bump = &flow.path;
        return Some(format!(
            "needs a version above {before} (`flowgate bump {bump}`)"
        ));
    }
    Some(match live_version(flow) {
        Some(live) => format!("creates {head}, live at once; {live} stays for rollback"),
        None => format!("creates {head}, live at once"),
    })
}

/// `12 of 50 versions stored`, where CXone was asked.
pub(super) fn history(said: &Said) -> String {
    match said.stored {
        Some(count) => format!("{count} of {} versions stored", said.capacity),
        None => "how many versions are stored is not known".into(),
    }
}

/// `version 1.2.0 → 1.3.0`, where both are known and differ.
pub(super) fn step(flow: &FlowReview) -> Option<String> {
    let (live, head) = (flow.baseline.version()?, flow.version()?);
    (live != head).then(|| format!("version {live} → {head}"))
}

/// The text of a JSON string; any other JSON as it is written.
pub(super) fn spoken(json: Option<&str>) -> String {
    let json = json.unwrap_or("");
    let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
    super::safe::line(&text)
}

/// A text in three parts: what stands before the changed part (its end only), the changed part, what follows (its
/// beginning only).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) head: String,
    pub(super) changed: String,
    pub(super) tail: String,
}

impl Part {
    pub(super) fn is_nothing(&self) -> bool {
        self.head.is_empty() && self.changed.is_empty() && self.tail.is_empty()
    }
}

/// Two texts with what is the same in both cut to a few words.
pub(super) fn difference(before: &str, after: &str) -> (Part, Part) {
    const AROUND: usize = 5;
    let old: Vec<&str> = before.split_whitespace().collect();
    let new: Vec<&str> = after.split_whitespace().collect();
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(most)
        .take_while(same)
        .count();
    let part = |words: &[&str]| {
        let (first, rest) = words.split_at(head);
        let (changed, last) = rest.split_at(rest.len() - tail);
        let before = first.len().saturating_sub(AROUND);
        let mut head = first[before..].join(" ");
        if before > 0 {
            head.insert_str(0, "… ");
        }
        let mut tail = last[..last.len().min(AROUND)].join(" ");
        if last.len() > AROUND {
            tail.push_str(" …");
        }
        Part {
            head,
            changed: changed.join(" "),
            tail,
        }
    };
    let (mut old, mut new) = (part(&old), part(&new));
    cut_same_letters(&mut old.changed, &mut new.changed);
    (old, new)
}

/// Cuts what is the same in front of both, letter by letter, where they are long: some languages part no words.
fn cut_same_letters(old: &mut String, new: &mut String) {
    const LONG: usize = 80;
    const KEPT: usize = 12;
    if old.chars().count() <= LONG && new.chars().count() <= LONG {
        return;
    }
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b);
    let skipped = same.count().saturating_sub(KEPT);
    if skipped > 0 {
        for text in [old, new] {
            let kept: String = text.chars().skip(skipped).collect();
            *text = format!("…{kept}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_is_new_and_a_little_around_it() {
        let part = |head: &str, changed: &str, tail: &str| Part {
            head: head.into(),
            changed: changed.into(),
            tail: tail.into(),
        };
        assert_eq!(
            difference(
                "one two three four five six seven",
                "one two three four five six 7 seven"
            ),
            (
                part("… two three four five six", "", "seven"),
                part("… two three four five six", "7", "seven")
            )
        );
        assert_eq!(
            difference("", "new"),
            (part("", "", ""), part("", "new", ""))
        );
    }
}
