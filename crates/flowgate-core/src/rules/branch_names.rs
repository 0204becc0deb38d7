//! Whether an element has a branch that people call so.

use std::borrow::Cow;

use crate::flow::json::{Names, Value};
use crate::rules::branch::Branch;
use crate::rules::graph_view::GraphView;
use crate::rules::{FlowContext, settings_seen};

/// What a connector is called that is taken when a wait is over, letters only, in the languages that designers write.
const WAITED: [&str; 16] = [
    "timeout",
    "timedout",
    "noinput",
    "noanswer",
    "toolong",
    "inactivity",
    "zeitüberschreitung",
    "keineeingabe",
    "délaidépassé",
    "sansréponse",
    "tiempoagotado",
    "sinrespuesta",
    "tempoesgotado",
    "temposcaduto",
    "geenantwoord",
    "przekroczonyczas",
];

/// Whether a connector is taken when a wait is over.
pub(super) fn ends_a_wait(context: &FlowContext<'_>, connector: usize) -> bool {
    let (_, texts) = texts(context, connector);
    texts.iter().any(|text| {
        // Most ways have a name that is shorter than any of these.
        if text.is_ascii() && text.len() < "timeout".len() {
            return false;
        }
        let text = words(text).concat();
        WAITED.iter().any(|word| text.contains(word))
    })
}

/// Whether the element has a branch of this name: a connector that says so, or, for failures, a setting.
pub(super) fn has(context: &FlowContext<'_>, graph: &GraphView, at: usize, name: &str) -> bool {
    graph
        .leaving(at)
        .iter()
        .any(|&connector| is_called(context, connector, name))
        || name.eq_ignore_ascii_case("error")
            && settings_seen::says(
                context.flow,
                &context.flow.elements()[at],
                context.for_failures(),
            )
}

/// Whether a connector is the branch of this name. `default` and `error` are kinds of branches, with all their usual
/// names; of any other name the words must stand in the connector's.
fn is_called(context: &FlowContext<'_>, connector: usize, name: &str) -> bool {
    if name.eq_ignore_ascii_case("default") {
        let node = context.flow.connectors()[connector].node;
        let branch = Branch::of(context.flow, node);
        return matches!(branch, Branch::Default | Branch::Always);
    }
    if name.eq_ignore_ascii_case("error") {
        return is_for_failures(context, connector);
    }
    let wanted = words(name);
    let (_, texts) = texts(context, connector);
    texts.iter().any(|text| {
        let found = words(text);
        let holds = |part: &[String]| part == wanted;
        found.concat() == wanted.concat() || found.windows(wanted.len().max(1)).any(holds)
    })
}

/// Whether a connector is taken when the element fails.
fn is_for_failures(context: &FlowContext<'_>, connector: usize) -> bool {
    let labels = &context.settings.error_labels;
    let (is_default, texts) = texts(context, connector);
    is_default || texts.iter().any(|text| says_one_of(text, labels))
}

/// Whether a text, or a word of it, is one of these labels, which are in lower case.
fn says_one_of(text: &str, labels: &[String]) -> bool {
    if !text.is_ascii() {
        let words = words(text);
        return labels.contains(&words.concat()) || words.iter().any(|word| labels.contains(word));
    }
    // Almost every text. What is of another length is another word; nothing is copied but where words are to be joined.
    let is_label = |word: &str| {
        let same = |label: &String| {
            let lower = word.bytes().map(|letter| letter.to_ascii_lowercase());
            label.len() == word.len() && label.bytes().eq(lower)
        };
        labels.iter().any(same)
    };
    let is_other = |letter: char| !letter.is_ascii_alphanumeric();
    if !text.contains(is_other) {
        return is_label(text);
    }
    let mut words = text.split(is_other).filter(|word| !word.is_empty());
    words.any(is_label) || is_label(&text.replace(is_other, ""))
}

/// Whether a connector is that of all other cases; what it is called, and when it is taken.
fn texts<'f>(context: &FlowContext<'f>, connector: usize) -> (bool, Vec<Cow<'f, str>>) {
    const NAMES: Names<4> = Names::of(["label", "name", "type", "event"]);
    let node = context.flow.connectors()[connector].node;
    let value = context.flow.value(node);
    let names = value.pick(&NAMES);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let (is_default, said) = match Branch::of(context.flow, node) {
        Branch::Default => (true, None),
        Branch::Always => (false, None),
        Branch::When(text) | Branch::Called(text) => (false, Some(text)),
    };
    (is_default, names.chain(said).collect())
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
