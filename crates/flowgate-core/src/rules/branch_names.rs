//! Whether an element has a branch that people call so.

use std::borrow::Cow;

use crate::flow::json::{Names, Value};
use crate::flow::vocabulary::{Meaning, NATIVE};
use crate::flow::words::split;
use crate::rules::branch::Branch;
use crate::rules::graph_view::GraphView;
use crate::rules::{FlowContext, settings_seen};

/// Whether a way is taken when a wait is over.
pub(super) fn ends_a_wait(context: &FlowContext<'_>, way: usize) -> bool {
    let (_, texts) = texts(context, way);
    let mut texts = texts.iter();
    texts.any(|text| NATIVE.within(&split(text)).has(Meaning::WaitOver))
}

/// Whether the element has a branch of this name: a connector that says so, or, for failures, a setting.
pub(super) fn has(context: &FlowContext<'_>, graph: &GraphView<'_>, at: usize, name: &str) -> bool {
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

/// Whether a way is the branch of this name. `default` and `error` are kinds of branches, with all their usual names; of
/// any other name the words must stand in the way's.
fn is_called(context: &FlowContext<'_>, way: usize, name: &str) -> bool {
    if name.eq_ignore_ascii_case("default") {
        let branch = Branch::of_way(context.flow, context.flow.index().way(way));
        return matches!(branch, Branch::Default | Branch::Always);
    }
    if name.eq_ignore_ascii_case("error") {
        return is_for_failures(context, way);
    }
    let wanted = split(name);
    let (_, texts) = texts(context, way);
    texts.iter().any(|text| {
        let found = split(text);
        let holds = |part: &[String]| part == wanted;
        found.concat() == wanted.concat() || found.windows(wanted.len().max(1)).any(holds)
    })
}

/// Whether an element says what happens when it fails: by a way that is called so, by a setting, or by one for all other
/// cases beside ways for some.
pub(super) fn has_failure_way(context: &FlowContext<'_>, graph: &GraphView<'_>, at: usize) -> bool {
    let ways = graph.leaving(at);
    let is_default = |&way: &usize| {
        let way = context.flow.index().way(way);
        Branch::of_way(context.flow, way) == Branch::Default
    };
    ways.iter().any(|&way| is_failure(context, way))
        || ways.len() > 1 && ways.iter().any(is_default)
        || settings_seen::says(
            context.flow,
            &context.flow.elements()[at],
            context.for_failures(),
        )
}

/// Whether a way is called as one that is taken when the element fails.
pub(super) fn is_failure(context: &FlowContext<'_>, way: usize) -> bool {
    context.is_failure(way, || {
        let (_, texts) = texts(context, way);
        let labels = &context.settings.error_labels;
        texts.iter().any(|text| labels.stand_in(text))
    })
}

/// Whether a way is taken when the element fails, or in all other cases.
fn is_for_failures(context: &FlowContext<'_>, way: usize) -> bool {
    let labels = &context.settings.error_labels;
    let (is_default, texts) = texts(context, way);
    is_default || texts.iter().any(|text| labels.stand_in(text))
}

/// Whether a way is that of all other cases; what it is called, and when it is taken.
fn texts<'f>(context: &FlowContext<'f>, way: usize) -> (bool, Vec<Cow<'f, str>>) {
    const NAMES: Names<5> = Names::of(["label", "name", "number", "type", "event"]);
    let way = context.flow.index().way(way);
    let (is_default, said) = match Branch::of_way(context.flow, way) {
        Branch::Default => (true, None),
        Branch::Always => (false, None),
        Branch::When(text) | Branch::Called(text) => (false, Some(text)),
    };
    let connector = way.connector();
    let names = connector.map(|connector| context.flow.value(connector.node).pick(&NAMES));
    let names = names.into_iter().flatten().flatten();
    let names = names.filter_map(Value::as_str);
    (is_default, names.chain(said).collect())
}
