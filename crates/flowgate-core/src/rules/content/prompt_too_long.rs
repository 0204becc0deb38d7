//! `prompt-too-long`: a prompt is longer than callers listen.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("prompt-too-long"),
    severity: Severity::Info,
    firm: None,
    summary: "a prompt is longer than callers listen",
    explanation: "Nobody keeps a minute of speech in mind: callers forget the first option before they hear the last, press 0 or hang up.

Split the prompt, or say what matters first. Counted are letters without markup and placeholders; `longest-prompt` sets how many may be
(900, about a minute).",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","configuration":{"prompt":"For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one. For claims about your car, press one."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","configuration":{"prompt":"For claims about your car, press one."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let longest = context.settings.longest_prompt;
    for text in context
        .texts()
        .iter()
        .filter(|text| text.text.len() > longest && text.is_spoken())
    {
        let letters = spoken(&text.text);
        if letters <= longest {
            continue;
        }
        let message = format!(
            "a prompt of {} has {letters} letters; callers listen to about {longest}",
            text.whose(context.flow)
        );
        text.raise(&RULE, context, sink, "", message)
            .hint("split the prompt, or say what matters first");
    }
}

/// Letters that are heard: without markup and placeholders, white space folded.
fn spoken(text: &str) -> usize {
    let (mut depth, mut letters, mut space) = (0_usize, 0, true);
    for letter in text.chars() {
        match letter {
            '<' | '{' => depth += 1,
            '>' | '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => {
                letters += usize::from(!(letter.is_whitespace() && space));
                space = letter.is_whitespace();
            }
        }
    }
    letters
}
