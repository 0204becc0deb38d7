//! Whether what a server gave back holds everything that it was sent (contract, "In sync", "Verified").
//!
//! A server may add members, spell numbers otherwise and reorder elements and connectors. It may not change, drop or
//! reorder anything else; layout is not looked at.

use std::collections::BTreeSet;

use super::canonical::{Member, content, join, members, value_eq, write_value};
use super::json::{Kind, Value, pointer_step};
use super::pairing::Pairing;
use super::{Connector, Flow, Layout};
use crate::ids::ElementId;

/// One place where the answer is not what was sent. Values are JSON as written; they may hold secrets and hostile text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: a JSON pointer inside the flow, with ids in place of the indices of elements and connectors.
    pub pointer: String,
    /// What was sent; `None` where nothing was.
    pub sent: Option<String>,
    /// What came back; `None` where nothing did.
    pub got: Option<String>,
}

/// How an answer differs from what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Containment {
    /// What was sent and is not there, or not with this value.
    pub missing: Vec<Difference>,
    /// Members that were added to objects that were sent: a notice.
    pub added: Vec<Difference>,
    /// Whole elements and connectors that nobody sent: no server's normalisation, so somebody else was here.
    pub strangers: Vec<Difference>,
}

impl Containment {
    /// Whether every value that was sent is there.
    pub fn holds(&self) -> bool {
        self.missing.is_empty()
    }

    /// The members that were added, whatever element, connector or entry of a list they stand in: pointers with `*` in place
    /// of ids and indices. What a server adds to one element it adds to others.
    pub fn additions(&self) -> BTreeSet<String> {
        self.added
            .iter()
            .map(|added| anywhere(&added.pointer))
            .collect()
    }
}

/// A pointer inside a flow with `*` in place of the id and of indices.
pub fn anywhere(pointer: &str) -> String {
    let mut general = String::new();
    for (place, segment) in pointer.split('/').skip(1).enumerate() {
        let is_index = segment.bytes().all(|byte| byte.is_ascii_digit());
        general.push('/');
        general.push_str(if place == 1 || is_index { "*" } else { segment });
    }
    general
}

/// Looks for every element and connector of `sent` in `got`.
pub fn containment(sent: &Flow, got: &Flow, layout: &Layout) -> Containment {
    let mut search = Search::default();

    let mut pairing = Pairing::new(sent.elements().len(), got.elements().len());
    pairing.by_key(
        |index| Some(&sent.elements()[index].id),
        |index| Some(&got.elements()[index].id),
    );
    let side = |flow| {
        move |index: usize| {
            let element = &Flow::elements(flow)[index];
            (element.id.to_string(), flow.value(element.node))
        }
    };
    search.list("elements", &pairing, side(sent), side(got), layout);

    let pairing = pair_connectors(sent, got);
    let side = |flow| {
        move |index: usize| {
            let connector = &Flow::connectors(flow)[index];
            (connector_pointer(connector), flow.value(connector.node))
        }
    };
    search.list("connectors", &pairing, side(sent), side(got), layout);
    search.found
}

/// Looks for every value of `sent` in `got`: members may have been added to objects, nothing else.
pub fn contains(sent: Value<'_>, got: Value<'_>) -> Containment {
    let mut search = Search::default();
    search.value(sent, got);
    search.found
}

/// By id; those that were sent without one by their ends and label, then by their ends, since a server may have given
/// them ids and another order.
fn pair_connectors(sent: &Flow, got: &Flow) -> Pairing {
    let mut pairing = Pairing::new(sent.connectors().len(), got.connectors().len());
    pairing.by_key(
        |index| sent.connectors()[index].id.as_ref(),
        |index| got.connectors()[index].id.as_ref(),
    );
    let nameless = |index: usize| {
        let connector = &sent.connectors()[index];
        connector.id.is_none().then_some(connector)
    };
    let labelled = |flow: &Flow, connector: &Connector| {
        let label = flow.value(connector.node).get("label").map(|label| {
            let mut text = String::new();
            write_value(&mut text, label);
            text
        });
        (ends(connector), label)
    };
    pairing.by_key(
        |index| nameless(index).map(|connector| labelled(sent, connector)),
        |index| Some(labelled(got, &got.connectors()[index])),
    );
    pairing.by_key(
        |index| nameless(index).map(ends),
        |index| Some(ends(&got.connectors()[index])),
    );
    pairing
}

fn ends(connector: &Connector) -> (ElementId, ElementId) {
    (connector.source.clone(), connector.target.clone())
}

fn connector_pointer(connector: &Connector) -> String {
    match &connector.id {
        Some(id) => id.to_string(),
        None => format!("{}→{}", connector.source, connector.target),
    }
}

#[derive(Default)]
struct Search {
    found: Containment,
    pointer: String,
}

impl Search {
    fn step(&mut self, segment: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&pointer_step(segment));
        inside(self);
        self.pointer.truncate(length);
    }

    fn difference(&self, sent: Option<Value<'_>>, got: Option<Value<'_>>) -> Difference {
        Difference {
            pointer: self.pointer.clone(),
            sent: sent.map(|value| value.raw().to_owned()),
            got: got.map(|value| value.raw().to_owned()),
        }
    }

    fn miss(&mut self, sent: Value<'_>, got: Option<Value<'_>>) {
        let difference = self.difference(Some(sent), got);
        self.found.missing.push(difference);
    }

    fn list<'d>(
        &mut self,
        name: &str,
        pairing: &Pairing,
        sent: impl Fn(usize) -> (String, Value<'d>),
        got: impl Fn(usize) -> (String, Value<'d>),
        layout: &Layout,
    ) {
        self.step(name, |search| {
            for (was, is) in pairing.pairs() {
                let ((id, sent), (_, got)) = (sent(was), got(is));
                if sent.raw() != got.raw() {
                    search.step(&id, |search| {
                        search.members(&content(sent, layout), &content(got, layout));
                    });
                }
            }
            for index in pairing.lone_old() {
                let (id, sent) = sent(index);
                search.step(&id, |search| search.miss(sent, None));
            }
            for index in pairing.lone_new() {
                let (id, got) = got(index);
                search.step(&id, |search| {
                    let stranger = search.difference(None, Some(got));
                    search.found.strangers.push(stranger);
                });
            }
        });
    }

    fn value(&mut self, sent: Value<'_>, got: Value<'_>) {
        if sent.raw() == got.raw() {
            return;
        }
        match (sent.kind(), got.kind()) {
            (Kind::Object, Kind::Object) => self.members(&members(sent), &members(got)),
            (Kind::Array, Kind::Array) if sent.items().count() == got.items().count() => {
                for (index, (sent, got)) in sent.items().zip(got.items()).enumerate() {
                    self.step(&index.to_string(), |search| search.value(sent, got));
                }
            }
            _ if value_eq(sent, got) => {}
            _ => self.miss(sent, Some(got)),
        }
    }

    fn members(&mut self, sent: &[Member<'_>], got: &[Member<'_>]) {
        for (key, was, is) in join(sent, got) {
            self.step(key, |search| match (was, is) {
                (Some(sent), Some(got)) => search.value(sent, got),
                (Some(sent), None) => search.miss(sent, None),
                (None, got) => {
                    let added = search.difference(None, got);
                    search.found.added.push(added);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::testing::flow;

    const SENT: &str = r#"{"flowId": "main", "elements": [
        {"id": "menu", "type": "IVR", "x": 1, "configuration": {"retries": 1.10, "options": [{"digit": "1"}, {"digit": "2"}]}},
        {"id": "end", "type": "End"}],
      "connectors": [
        {"sourceId": "menu", "targetId": "end", "label": "1"},
        {"sourceId": "menu", "targetId": "end", "label": "2"}]}"#;

    fn look(got: &str) -> Containment {
        containment(&flow(SENT), &flow(got), &Layout::default())
    }

    fn pointers(differences: &[Difference]) -> Vec<&str> {
        differences
            .iter()
            .map(|difference| difference.pointer.as_str())
            .collect()
    }

    #[test]
    fn a_server_may_add_reorder_and_respell() {
        let found = look(
            r#"{"flowId": "main", "connectors": [
                {"id": "k2", "label": "2", "targetId": "end", "sourceId": "menu"},
                {"id": "k1", "label": "1", "targetId": "end", "sourceId": "menu"}],
              "elements": [
                {"id": "end", "type": "End", "createdBy": "us"},
                {"id": "menu", "type": "IVR", "x": 2, "configuration": {"retries": 1.1, "options": [{"digit": "1", "a/b": 0}, {"digit": "2"}]}}]}"#,
        );
        assert!(found.holds(), "{found:?}");
        assert_eq!(found.strangers, []);
        assert_eq!(
            pointers(&found.added),
            [
                "/elements/end/createdBy",
                "/elements/menu/configuration/options/0/a~1b",
                "/connectors/menu→end/id",
                "/connectors/menu→end/id",
            ]
        );
    }

    #[test]
    fn what_a_server_adds_is_told_whatever_it_was_added_to() {
        let found = look(
            &SENT
                .replace(r#""type": "End""#, r#""type": "End", "rev": 1"#)
                .replace(r#"{"digit": "2"}"#, r#"{"digit": "2", "rev": 1}"#),
        );
        let told: Vec<String> = found.additions().into_iter().collect();
        assert_eq!(
            told,
            ["/elements/*/configuration/options/*/rev", "/elements/*/rev"]
        );
    }

    #[test]
    fn a_value_that_was_changed_or_dropped_is_missing() {
        let got = SENT
            .replace("1.10", "1.2")
            .replace(r#", "label": "2""#, "")
            .replace(r#", {"digit": "2"}"#, "");
        let found = look(&got);
        assert!(!found.holds());
        assert_eq!(
            pointers(&found.missing),
            [
                "/elements/menu/configuration/options",
                "/elements/menu/configuration/retries",
                "/connectors/menu→end/label",
            ]
        );
        assert_eq!(found.missing[1].sent.as_deref(), Some("1.10"));
        assert_eq!(found.missing[1].got.as_deref(), Some("1.2"));
    }

    #[test]
    fn an_element_in_the_wrong_place_of_an_array_is_missing() {
        let found = look(&SENT.replace(
            r#"{"digit": "1"}, {"digit": "2"}"#,
            r#"{"digit": "2"}, {"digit": "1"}"#,
        ));
        assert_eq!(found.missing.len(), 2, "{found:?}");
    }

    #[test]
    fn an_element_that_nobody_sent_is_a_stranger() {
        let found = look(&SENT.replace(
            r#""elements": ["#,
            r#""elements": [{"id": "new", "type": "API"}, "#,
        ));
        assert!(found.holds());
        assert_eq!(pointers(&found.strangers), ["/elements/new"]);
    }

    #[test]
    fn an_element_that_is_gone_is_missing() {
        let found = look(&SENT.replace(
            r#",
        {"id": "end", "type": "End"}"#,
            "",
        ));
        assert_eq!(pointers(&found.missing), ["/elements/end"]);
    }
}
