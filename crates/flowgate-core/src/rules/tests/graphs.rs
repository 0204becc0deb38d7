//! What callers can reach and whether they get out again: real faults are found, and usual flows are left alone.

use crate::rules::testing::{change_findings, findings, ids, of};

/// A flow from a drawing: `id:Type …` and `from>to …`, with `from>to?label` for a label and `!` in it for a condition.
fn drawn(elements: &str, connectors: &str) -> String {
    let elements = elements.split_whitespace().map(|element| {
        let (id, kind) = element.split_once(':').unwrap();
        format!(r#"{{"id":"{id}","type":"{kind}"}}"#)
    });
    let connectors = connectors
        .split_whitespace()
        .enumerate()
        .map(|(nth, connector)| {
            let (way, label) = connector.split_once('?').unwrap_or((connector, ""));
            let (from, to) = way.split_once('>').unwrap();
            let says = match label.strip_prefix('!') {
                Some(condition) => format!(r#","condition":"{condition}""#),
                None => format!(r#","label":"{label}""#),
            };
            format!(r#"{{"id":"c{nth}","sourceId":"{from}","targetId":"{to}"{says}}}"#)
        });
    format!(
        r#"{{"flowId":"main","version":"1.0.0","elements":[{}],"connectors":[{}]}}"#,
        elements.collect::<Vec<_>>().join(",\n"),
        connectors.collect::<Vec<_>>().join(",\n")
    )
}

fn found(elements: &str, connectors: &str) -> Vec<String> {
    ids(&findings(&drawn(elements, connectors)))
}

const NOTHING: [&str; 0] = [];

#[test]
fn usual_flows_raise_nothing() {
    // A menu that repeats on wrong input, an agent and a queue as ways out.
    assert_eq!(
        found(
            "b:Begin m:IVR q:Queue a:Agent e:End",
            "b>m m>q?1 m>a?2 m>m?timeout m>e?default q>q"
        ),
        NOTHING
    );
    // Opening hours, both cases said; nothing but a hand-over at the end.
    assert_eq!(
        found(
            "b:Begin h:Conditional q:Queue c:IVR e:End",
            "b>h h>q?!true h>c?!false c>e"
        ),
        NOTHING
    );
    // A way back to the menu is a loop, and no trap while another way leads out.
    assert_eq!(
        found("b:Begin m:IVR i:IVR e:End", "b>m m>i?1 i>m m>e?2"),
        NOTHING
    );
}

#[test]
fn a_decision_may_say_all_other_cases_in_its_designers_language() {
    for (one, other) in [
        ("ja", "nein"),
        ("Oui", "Non"),
        ("sí", "no"),
        ("はい", "いいえ"),
    ] {
        let ways = format!("b>d d>q?{one} d>e?{other}");
        assert_eq!(found("b:Begin d:Conditional q:Queue e:End", &ways), NOTHING);
    }
    for (one, other) in [
        ("tak", "nie"),
        ("member", "not_a_member"),
        ("valid", "invalid"),
        ("!score>=6", "!score<6"),
        ("!vip", "!!vip"),
    ] {
        let ways = format!("b>d d>q?{one} d>e?{other}");
        let drawn = drawn("b:Begin d:Conditional q:Queue e:End", &ways);
        let found = ids(&findings(&drawn.replace('_', " ")));
        assert_eq!(found, NOTHING, "{one}, {other}");
    }
    for rest in ["Sonst", "sinon", "!それ以外"] {
        let ways = format!("b>d d>q?Gold d>q?Silber d>e?{rest}");
        assert_eq!(found("b:Begin d:Conditional q:Queue e:End", &ways), NOTHING);
    }
    // Half of a pair, and halves of two, leave callers without a way.
    for ways in [
        "b>d d>q?ja d>e?vielleicht",
        "b>d d>q?oui d>e?nein",
        "b>d d>q?!score>=6 d>e?!score<5",
        "b>d d>q?!score>6 d>e?!rank<=6",
    ] {
        assert_eq!(
            found("b:Begin d:Conditional q:Queue e:End", ways),
            ["conditional-without-default"]
        );
    }
}

#[test]
fn two_ways_for_all_other_callers_contradict_each_other() {
    let elements = "b:Begin d:Conditional q:Queue e:End";
    assert_eq!(
        found(elements, "b>d d>q?!gold d>q?!default d>e?else"),
        ["conditional-duplicate-condition"]
    );
    assert_eq!(
        found(elements, "b>d d>e?!gold d>q?default d>q?else"),
        NOTHING
    );
    // What callers may choose, say or press stands beside all other cases.
    assert_eq!(
        found(elements, "b>d d>e?order d>q?other d>e?default"),
        NOTHING
    );
    assert_eq!(
        found("b:Begin m:IVR q:Queue e:End", "b>m m>q?1 m>e?* m>q?default"),
        NOTHING
    );
    assert_eq!(
        found(elements, "b>d d>q?other d>e?Other"),
        ["conditional-duplicate-condition"]
    );
}

#[test]
fn an_empty_flow_is_one_mistake_and_so_is_one_without_begin() {
    assert_eq!(found("", ""), ["empty-flow"]);
    assert_eq!(found("m:IVR n:IVR e:End", "m>n m>e"), ["no-begin"]);
}

#[test]
fn a_mistyped_begin_is_the_cause_of_the_missing_one() {
    assert_eq!(
        found("b:begin e:End", "b>e"),
        ["(no-begin)", "unsupported-element-type"]
    );
}

#[test]
fn what_lies_behind_an_unreachable_element_is_folded_under_it() {
    let all = findings(&drawn(
        "b:Begin e:End z:IVR y:API x:IVR",
        "b>e x>y y>z z>y z>e",
    ));
    assert_eq!(
        ids(&all),
        [
            "(unreachable-element)",
            "(unreachable-element)",
            "unreachable-element"
        ]
    );
    assert_eq!(all[2].message, "no way leads from Begin to IVR `x`");
    // A circle has no head; its first element stands for it.
    assert_eq!(
        found("b:Begin e:End z:IVR y:API", "b>e y>z z>y"),
        ["unreachable-element", "(unreachable-element)"]
    );
}

#[test]
fn a_loop_without_a_way_out_is_named_once_with_its_way_round() {
    let all = findings(&drawn(
        "b:Begin e:End in:IVR m:IVR n:API o:IVR",
        "b>e b>in in>m m>n n>o o>m m>m?wrong",
    ));
    assert_eq!(ids(&all), ["trapped-caller"]);
    assert_eq!(
        all[0].message,
        "callers who come to IVR `m` cannot get out again: IVR m → IVR m"
    );
    // A loop that leads into an innermost loop is part of the same mistake; two innermost loops are two.
    assert_eq!(
        found(
            "b:Begin e:End p:IVR q:IVR r:IVR s:IVR",
            "b>e b>p p>q q>p q>r r>s s>r"
        ),
        ["trapped-caller"]
    );
    assert_eq!(
        found(
            "b:Begin e:End p:IVR q:IVR r:IVR s:IVR",
            "b>e b>p b>r p>q q>p r>s s>r"
        ),
        ["trapped-caller", "trapped-caller"]
    );
}

#[test]
fn an_element_that_leads_only_to_itself_is_one_mistake() {
    assert_eq!(
        found("b:Begin e:End m:IVR", "b>e b>m m>m"),
        ["(trapped-caller)", "self-loop"]
    );
    assert_eq!(
        found(
            "b:Begin e:End hold-music:IVR",
            "b>hold-music hold-music>hold-music hold-music>e?free"
        ),
        NOTHING
    );
}

#[test]
fn a_flow_without_any_way_out_is_the_cause_of_its_dead_ends() {
    assert_eq!(found("b:Begin m:IVR", "b>m"), ["no-end", "(dead-end)"]);
    assert_eq!(found("b:Begin a:Agent", "b>a"), NOTHING);
}

#[test]
fn a_broken_connector_is_the_cause_of_what_cannot_be_reached() {
    let all = findings(&drawn(
        "b:Begin m:IVR api-004:API e:End",
        "b>m m>api-04 api-004>e m>e?2",
    ));
    assert_eq!(
        ids(&all),
        ["(unreachable-element)", "connector-missing-target"]
    );
    // An element whose own way on is broken is no dead end of its own.
    let all = findings(&drawn("b:Begin m:IVR e:End", "b>m b>e mm>e"));
    assert_eq!(ids(&all), ["(dead-end)", "connector-missing-source"]);
}

#[test]
fn a_removed_begin_is_the_cause_of_everything_that_goes_with_it() {
    let before = drawn("b:Begin m:IVR e:End", "b>m m>e");
    let after = drawn("m:IVR e:End", "b>m m>e").replace("1.0.0", "1.1.0");
    let all = change_findings(&before, &after, None, None);
    assert_eq!(
        ids(&all),
        [
            "immutable-element-changed",
            "(no-begin)",
            "(connector-missing-source)"
        ]
    );
}

#[test]
fn a_flow_that_could_not_be_read_whole_is_not_judged_as_a_graph() {
    let damaged = drawn("b:Begin m:IVR e:End", "b>m").replace(r#","type":"End""#, "");
    assert_eq!(ids(&findings(&damaged)), ["missing-field"]);
}

#[test]
fn the_second_of_two_elements_with_one_id_is_reported_once() {
    assert_eq!(
        found("b:Begin x:IVR x:IVR e:End", "b>x x>e"),
        ["duplicate-element-id"]
    );
}

#[test]
fn a_hundred_thousand_elements_in_a_row_are_no_deeper_than_one() {
    use std::fmt::Write as _;
    let (mut elements, mut connectors) = (String::from("b:Begin e:End"), String::from("b>e b>n0"));
    for nth in 0..100_000 {
        let _ = write!(elements, " n{nth}:API");
        let _ = write!(connectors, " n{nth}>n{}", (nth + 1) % 100_000);
    }
    let all = findings(&drawn(&elements, &connectors));
    assert_eq!(ids(&all), ["trapped-caller"]);
    assert!(all[0].message.len() < 300, "{}", all[0].message);
    assert_eq!(
        of(&all, "trapped-caller")[0]
            .element
            .as_ref()
            .unwrap()
            .as_str(),
        "n0"
    );
}

/// A connector, a copy of it with its id, and one with another id: which of them come first is of no matter.
#[test]
fn a_copied_connector_beside_another_way_alike_is_counted_once_in_any_order() {
    let elements = r#"{"id": "begin", "type": "Begin"}, {"id": "end", "type": "End"}"#;
    let way = |id: &str| format!(r#"{{"id": "{id}", "sourceId": "begin", "targetId": "end"}}"#);
    for order in [["a", "a", "b"], ["a", "b", "a"], ["b", "a", "a"]] {
        let connectors = order.map(way).join(",\n");
        let json = format!(
            r#"{{"flowId": "main", "version": "1.0.0", "elements": [{elements}], "connectors": [{connectors}]}}"#
        );
        let duplicates = of(&findings(&json), "duplicate-connector");
        assert_eq!(duplicates.len(), 1, "{order:?}");
    }
}
