//! Whether an element has a branch that people call so.

use std::borrow::Cow;

use crate::flow::Element;
use crate::flow::json::Value;
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
    texts(context, connector).iter().any(|text| {
        let text = words(text).concat();
        WAITED.iter().any(|word| text.contains(word))
    })
}

/// Whether the element has a branch of this name: a connector that says so, or, for failures, a setting.
pub(super) fn has(context: &FlowContext<'_>, graph: &GraphView, at: usize, name: &str) -> bool {
    let element = &context.flow.elements()[at];
    graph
        .leaving(at)
        .iter()
        .any(|&connector| is_called(context, connector, name))
        || name.eq_ignore_ascii_case("error") && sets_failure(context, element)
}

/// Whether a connector is the branch of this name. `default` and `error` are kinds of branches, with all their usual
/// names; of any other name the words must stand in the connector's.
fn is_called(context: &FlowContext<'_>, connector: usize, name: &str) -> bool {
    match name.to_lowercase().as_str() {
        "default" => {
            let node = context.flow.connectors()[connector].node;
            matches!(
                Branch::of(context.flow, node),
                Branch::Default | Branch::Always
            )
        }
        "error" => is_for_failures(context, connector),
        name => {
            let wanted = words(name);
            texts(context, connector).iter().any(|text| {
                let found = words(text);
                let holds = |part: &[String]| part == wanted;
                found.concat() == wanted.concat() || found.windows(wanted.len().max(1)).any(holds)
            })
        }
    }
}

/// Whether a connector is taken when the element fails.
fn is_for_failures(context: &FlowContext<'_>, connector: usize) -> bool {
    let node = context.flow.connectors()[connector].node;
    if Branch::of(context.flow, node) == Branch::Default {
        return true;
    }
    let labels = &context.settings.error_labels;
    texts(context, connector).iter().any(|text| {
        let words = words(text);
        labels.contains(&words.concat()) || words.iter().any(|word| labels.contains(word))
    })
}

/// Whether the element's own settings say what happens when it fails.
fn sets_failure(context: &FlowContext<'_>, element: &Element) -> bool {
    settings_seen::says(context.flow, element, |key| {
        let key = key.replace(['_', '-'], "");
        [
            "onerror",
            "onfail",
            "ontimeout",
            "errortarget",
            "errorbranch",
            "errorhandl",
            "fallback",
            "overflow",
        ]
        .iter()
        .any(|start| key.starts_with(start))
    })
}

/// What a connector is called, and when it is taken.
fn texts(context: &FlowContext<'_>, connector: usize) -> Vec<String> {
    let node = context.flow.connectors()[connector].node;
    let value = context.flow.value(node);
    let names = value.pick(&["label", "name", "type", "event"]);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let said = Branch::of(context.flow, node);
    names
        .map(Cow::into_owned)
        .chain(said.text().map(str::to_owned))
        .collect()
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
