//! `flowgate check` on a terminal, in the manner of rustc: name, place, excerpt, rule, hint; then what merging does.
//!
//! One mistake is one report; what follows from it stands under it as notes. Nothing from a file moves the cursor.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::story::{Light, Mistake, Story, count, elsewhere, is_old_fault, stories};
use super::words;
use super::{comment, safe};
use crate::delta::{Buckets, SubjectKind};
use crate::drift::Standing;
use crate::finding::{Excerpt, Excuse, Finding, Severity};
use crate::plan::Action;
use crate::redact::Redactor;
use crate::review::{FlowReview, Review};
use crate::risk::FlowRisk;

/// Whether the terminal shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Text alone.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// Follow-ups that are told one by one.
const FOLLOWS: usize = 5;

/// All findings, each flow's change and plan, and totals.
pub fn render(review: &Review, redactor: &Redactor, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    let stories = stories(review);
    let mut out = String::new();
    let all = || stories.iter().flat_map(|story| &story.mistakes);
    let is_info = |mistake: &&Mistake<'_>| mistake.finding.severity == Severity::Info;
    for mistake in all().filter(|mistake| !is_info(mistake)) {
        out.push_str(&report(mistake, redactor, &renderer));
        out.push_str("\n\n");
    }
    let infos: Vec<String> = all()
        .filter(is_info)
        .map(|mistake| info(mistake.finding, redactor))
        .collect();
    if !infos.is_empty() {
        let _ = writeln!(out, "{}\n", infos.join("\n"));
    }
    let waived = || stories.iter().flat_map(|story| &story.waived);
    for finding in waived() {
        let _ = writeln!(out, "{}", self::waived(finding, redactor));
    }
    if waived().next().is_some() {
        out.push('\n');
    }
    let (quiet, told): (Vec<&Story<'_>>, Vec<_>) = stories
        .iter()
        .filter(|story| story.flow.is_some())
        .partition(|story| is_quiet(story));
    for story in told {
        out.extend(story.flow.map(|flow| summary(flow, story, redactor)));
        out.push('\n');
    }
    for story in &quiet {
        out.extend(story.flow.map(|flow| one_line(flow, redactor)));
        out.push('\n');
    }
    if !quiet.is_empty() {
        out.push('\n');
    }
    for path in elsewhere(review) {
        let path = plain(path.as_str(), redactor);
        let _ = writeln!(
            out,
            "note: {path} has older faults and is not changed: `flowgate check {path}` shows them"
        );
    }
    for note in &review.notes {
        let _ = writeln!(out, "note: {}", plain(note, redactor));
    }
    out.push_str(&totals(review, &stories));
    out.push('\n');
    safe::stop_commands(out)
}

fn plain(text: &str, redactor: &Redactor) -> String {
    safe::terminal(&redactor.of_flow(&safe::line(text)))
}

fn report(mistake: &Mistake<'_>, redactor: &Redactor, renderer: &Renderer) -> String {
    let finding = mistake.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let start = finding.location.start;
    let path = plain(finding.location.path.as_str(), redactor);
    let (line, mark) = excerpt(&finding.location.excerpt, redactor);
    let name = name(finding, redactor);
    let mut group = Group::with_title(
        level
            .primary_title(plain(&finding.message, redactor))
            .id(finding.rule.as_str()),
    )
    .element(
        Origin::path(path)
            .line(start.line as usize)
            .char_column(start.column as usize),
    )
    .element(
        Snippet::source(line)
            .line_start(start.line as usize)
            .annotation(AnnotationKind::Primary.span(mark).label(name)),
    );
    for follow in mistake.follows.iter().take(FOLLOWS) {
        let text = format!("goes away with it: {}", plain(&follow.message, redactor));
        group = group.element(Level::NOTE.message(text));
    }
    if mistake.follows.len() > FOLLOWS {
        let more = mistake.follows.len() - FOLLOWS;
        group = group.element(Level::NOTE.message(format!("and {more} more go away with it")));
    }
    if let Some(hint) = &finding.hint {
        group = group.element(Level::HELP.message(plain(hint, redactor)));
    }
    // Place and excerpt are two parts to the renderer, and `:::` stands between parts: here they are one.
    let shown = renderer.render(&[group]);
    let lines: Vec<&str> = shown.lines().filter(|line| !is_divider(line)).collect();
    lines.join("\n")
}

/// Whether a line is `:::` alone, whatever its colours.
fn is_divider(line: &str) -> bool {
    let mut visible = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        visible.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    visible.push_str(rest);
    visible.trim() == ":::"
}

fn name(finding: &Finding, redactor: &Redactor) -> String {
    match (&finding.element_name, &finding.element) {
        (Some(name), Some(id)) if !name.contains(id.as_str()) => format!(
            "{} ({})",
            plain(&safe::cap(name, 60), redactor),
            plain(&safe::cap(id.as_str(), 60), redactor)
        ),
        (Some(name), _) => plain(&safe::cap(name, 60), redactor),
        (None, Some(id)) => plain(&safe::cap(id.as_str(), 60), redactor),
        (None, None) => String::new(),
    }
}

/// The line as it may be shown, and the bytes to mark.
fn excerpt(excerpt: &Excerpt, redactor: &Redactor) -> (String, std::ops::Range<usize>) {
    let line = safe::excerpt(&excerpt.text);
    let byte = |scalar: usize| {
        line.char_indices()
            .nth(scalar)
            .map_or(line.len(), |(at, _)| at)
    };
    redactor.marked(
        &line,
        byte(excerpt.mark)..byte(excerpt.mark + excerpt.length),
    )
}

/// What asks nothing of anybody: one line.
fn info(finding: &Finding, redactor: &Redactor) -> String {
    let start = finding.location.start;
    format!(
        "info[{}] {}:{}:{}: {}",
        finding.rule,
        plain(finding.location.path.as_str(), redactor),
        start.line,
        start.column,
        plain(&finding.message, redactor)
    )
}

/// What somebody lives with for a while: one line, with until when and why.
fn waived(finding: &Finding, redactor: &Redactor) -> String {
    let line = info(finding, redactor).replacen("info", "waived", 1);
    match &finding.excuse {
        Some(Excuse::Waived { reason, until }) => {
            format!("{line} (until {until}: {})", plain(reason, redactor))
        }
        _ => line,
    }
}

/// Whether there is nothing to mend, nothing to write and nothing that callers would notice.
fn is_quiet(story: &Story<'_>) -> bool {
    let Some(flow) = story.flow else {
        return false;
    };
    let same = flow.delta.as_ref().is_some_and(|d| d.is_layout_only());
    let drift = flow.standing.is_some_and(Standing::is_drift);
    story.light() == Light::Green && matches!(flow.plan.action, Action::Nothing) && same && !drift
}

fn one_line(flow: &FlowReview, redactor: &Redactor) -> String {
    let reasons: Vec<String> = flow
        .plan
        .reasons
        .iter()
        .map(|reason| plain(&reason.text, redactor))
        .collect();
    format!("{}: {}", subject(flow, redactor), reasons.join("; "))
}

/// `Main line (flows/main.json)`.
fn subject(flow: &FlowReview, redactor: &Redactor) -> String {
    let path = plain(flow.path.as_str(), redactor);
    let name = plain(&flow.name, redactor);
    if name == path {
        path
    } else {
        format!("{name} ({path})")
    }
}

fn summary(flow: &FlowReview, story: &Story<'_>, redactor: &Redactor) -> String {
    let mut lines = vec![subject(flow, redactor)];
    let mut row =
        |what: &str, text: &str| lines.push(format!("  {what:<11} {}", plain(text, redactor)));
    row(
        "compared",
        words::compared(flow)
            .plain()
            .trim_start_matches("Compared "),
    );
    if let Some(console) = words::console(flow, str::to_owned) {
        row("", console.trim_end_matches('.'));
    }
    if let Some(callers) = comment::callers(flow, redactor) {
        let callers = callers.trim_end_matches('.');
        row("callers", callers.trim_start_matches("Callers "));
    }
    if let Some(delta) = &flow.delta {
        for (what, kind) in [
            ("elements", SubjectKind::Element),
            ("connectors", SubjectKind::Connector),
        ] {
            row(what, &buckets(&delta.buckets(kind)));
        }
    }
    if let Some(risk) = story.risk() {
        let step = flow.risk.as_ref().and_then(FlowRisk::step);
        let step = step.map(|step| format!(", needs a {} step", step.as_str()));
        row(
            "risk",
            &format!("{}{}", risk.as_str(), step.unwrap_or_default()),
        );
    }
    row("merging", &words::merging(flow));
    if let Some(assumed) = words::assumed(flow) {
        row("", assumed);
    }
    for reason in words::reasons(flow, story) {
        row("", reason);
    }
    if let Some(after) = words::after_the_fix(flow) {
        row("after a fix", &after);
    }
    lines.push(String::new());
    lines.join("\n")
}

pub(super) fn buckets(buckets: &Buckets) -> String {
    let counts = [
        (&buckets.added, "added"),
        (&buckets.removed, "removed"),
        (&buckets.modified, "modified"),
        (&buckets.moved, "only moved"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(bucket, _)| !bucket.is_empty())
        .map(|(bucket, word)| format!("{} {word}", bucket.len()))
        .collect();
    if told.is_empty() {
        "unchanged".to_owned()
    } else {
        told.join(", ")
    }
}

fn totals(review: &Review, stories: &[Story<'_>]) -> String {
    let of = |severity| -> usize { stories.iter().map(|story| story.count(severity)).sum() };
    let old = review
        .findings
        .iter()
        .filter(|finding| is_old_fault(review, finding));
    let existing = old.count();
    let (of_flows, others): (Vec<_>, Vec<_>) =
        stories.iter().partition(|story| story.is_of_a_flow());
    let mut text = format!(
        "{}, {} in {}",
        count(of(Severity::Error), "error"),
        count(of(Severity::Warning), "warning"),
        count(of_flows.len(), "flow file")
    );
    for other in others {
        let _ = write!(text, " and {}", other.path);
    }
    if existing > 0 {
        let _ = write!(
            text,
            "; {} from before, not counted",
            count(existing, "finding")
        );
    }
    let excused = [
        (
            stories.iter().map(|story| story.waived.len()).sum(),
            "waived",
        ),
        (stories.iter().map(|story| story.accepted).sum(), "accepted"),
    ];
    for (number, word) in excused.into_iter().filter(|&(number, _)| number > 0) {
        let _ = write!(text, "; {} {word}", count(number, "finding"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn one_mistake_is_one_report_with_place_excerpt_and_hint() {
        let shown = render(
            &fixture::broken_main_line(),
            &Redactor::default(),
            Colour::Plain,
        );
        insta::assert_snapshot!(shown, @r#"
        error[connector-missing-target]: leads to `api-04`; no element has that id
          --> flows/main.json:17:53
           |
        17 |     {"id": "c4", "sourceId": "ivr-002", "targetId": "api-04", "label": "press 2"},
           |                                                     ^^^^^^^^ Main menu (ivr-002)
           |
           = note: goes away with it: Customer lookup cannot be reached
           = help: you added Customer lookup (`api-004`) here: set `targetId` to `api-004`

        Main line (flows/main.json)
          compared    with what is live on CXone (1.2.0, from #41)
                      Nobody edited it in the console since
          callers     who press 2 would reach nothing; one text is new
          elements    1 added, 1 modified, 1 only moved
          connectors  1 added, 1 modified
          risk        breaking, needs a minor step
          merging     blocked, nothing is published
                      1 finding blocks it
          after a fix creates 1.3.0, live at once; 1.2.0 stays for rollback

        1 error, 0 warnings in 1 flow file; 1 finding from before, not counted
        "#);
    }

    #[test]
    fn a_hostile_file_cannot_move_the_cursor_or_command_a_runner() {
        for colour in [Colour::Plain, Colour::Ansi] {
            let shown = render(&fixture::hostile(), &Redactor::default(), colour);
            assert!(!shown.contains("c4n4ry"), "{shown}");
            assert!(!shown.contains("##["), "{shown}");
            assert!(!shown.contains(['\u{7}', '\u{202e}', '\r']), "{shown}");
            assert!(
                shown
                    .lines()
                    .all(|line| !line.trim_start().starts_with("::"))
            );
            assert_eq!(colour == Colour::Ansi, shown.contains('\u{1b}'));
        }
    }

    #[test]
    fn an_excerpt_shows_no_secret_and_marks_what_stands_in_its_place() {
        let text = "{\"flowId\": \"a\", \"password\": \"hunter2\"}";
        let flow = fixture::flow("a.json", text);
        let mut finding = fixture::finding(
            &flow,
            "hardcoded-secret",
            Severity::Error,
            "\"hunter2\"",
            "holds a secret",
        );
        let at = text.find("hunter2").unwrap();
        let secret = std::ops::Range {
            start: at,
            end: at + 7,
        };
        let location = &mut finding.location;
        location.excerpt = Excerpt::hiding(flow.source(), location.span, &[secret]);
        let (line, mark) = excerpt(&finding.location.excerpt, &Redactor::default());
        assert_eq!(line, "{\"flowId\": \"a\", \"password\": \"‹redacted›\"}");
        assert_eq!(&line[mark], "\"‹redacted›\"");
    }
}
