//! The reference of rules, made from their declarations: `docs/rules.md` and `flowgate explain`.

use std::fmt::Write as _;

use super::{ALL, Check, Rule, find};
use crate::risk::{RiskReason, Step};

/// The kinds in the order of the page, with what they look at.
const KINDS: [(&str, &str); 7] = [
    (
        "shape",
        "What can be wrong with a file before it is a flow. Found while it is read.",
    ),
    ("flow", "One flow by itself."),
    ("repository", "All flow files together."),
    (
        "change",
        "A flow and its baseline: what is live on CXone, else the file on the base branch.",
    ),
    ("platform", "A flow and what CXone said about it."),
    ("plan", "The plan as a whole."),
    (
        "policy",
        "What a team lives with: waivers and accepted findings.",
    ),
];

/// The whole of `docs/rules.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "<!-- Made from the rules' declarations. Change those, not this page. -->\n\n# Rules\n\n",
    );
    let _ = writeln!(
        page,
        "{} rules. `flowgate explain RULE` shows one of them. A finding's severity is its rule's, unless policy says \
         otherwise.\n",
        ALL.len()
    );
    page.push_str("| rule | kind | severity | |\n|---|---|---|---|\n");
    for rule in in_order() {
        let (id, kind) = (rule.id, rule.kind());
        let _ = writeln!(
            page,
            "| [`{id}`](#{id}) | {kind} | {} | {} |",
            rule.severity, rule.summary
        );
    }
    for (kind, about) in KINDS {
        let _ = write!(page, "\n## Kind: {kind}\n\n{about}\n");
        for rule in in_order().filter(|rule| rule.kind() == kind) {
            page.push_str(&section(rule));
        }
    }
    page.push_str(&risks());
    let _ = write!(
        page,
        "\n## What follows from what\n\n{}",
        include_str!("cascade.md")
    );
    page
}

/// What the risk of a change means, reason by reason.
fn risks() -> String {
    let mut part = format!("\n## Risk of a change\n\n{}", include_str!("risk.md"));
    part.push_str("| reason | level | asks for | what it means |\n|---|---|---|---|\n");
    for reason in RiskReason::ALL {
        let step = reason.step().map_or("no version", Step::as_str);
        let _ = writeln!(
            part,
            "| `{}` | {} | {step} | {} |",
            reason.code(),
            reason.risk().as_str(),
            reason.words()
        );
    }
    part
}

/// One rule for a terminal; `None` where there is no such rule.
pub fn explain(id: &str) -> Option<String> {
    find(id).map(plain)
}

/// One rule as plain text: what it means, what to do, a bad and a good example.
pub fn plain(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({}, {})\n{}\n\n{}\n",
        rule.id,
        rule.kind(),
        rule.severity,
        rule.summary,
        rule.explanation
    );
    for (title, example) in [("Bad", rule.bad), ("Good", rule.good)] {
        let _ = write!(text, "\n{title}:\n");
        for line in visible(example).lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// One rule as the help of another program shows it, in markdown.
pub fn help(rule: &Rule) -> String {
    format!(
        "{}\n\nBad:\n\n{}\nGood:\n\n{}",
        rule.explanation,
        fence(rule, rule.bad),
        fence(rule, rule.good)
    )
}

fn in_order() -> impl Iterator<Item = &'static Rule> {
    let of = |kind| ALL.iter().copied().filter(move |rule| rule.kind() == kind);
    KINDS.into_iter().flat_map(move |(kind, _)| of(kind))
}

fn section(rule: &Rule) -> String {
    format!(
        "\n### {}\n\n**{}** · {}\n\n{}",
        rule.id,
        rule.severity,
        rule.summary,
        help(rule)
    )
}

fn fence(rule: &Rule, example: &str) -> String {
    let language = if matches!(rule.check, Check::Shape) || example.starts_with("---") {
        "text"
    } else {
        "json"
    };
    format!("```{language}\n{}\n```\n", visible(example).trim_end())
}

/// An example as people can see it: an empty file and a byte order mark are invisible.
fn visible(example: &str) -> String {
    if example.is_empty() {
        "(nothing)".to_owned()
    } else {
        example.replace('\u{feff}', "(bytes EF BB BF)")
    }
}
