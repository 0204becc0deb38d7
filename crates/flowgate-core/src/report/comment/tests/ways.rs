//! Which way callers take: said where another choice or condition leads there, and where a way is gone.

use super::between::comment;

/// Callers who are told apart, one of whose ways is this.
fn decision(version: &str, way: &str) -> String {
    format!(
        r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"b","type":"Begin"}},{{"id":"c","type":"Conditional","name":"VIP?"}},{{"id":"g","type":"Queue","name":"Gold"}},{{"id":"a","type":"Queue","name":"All"}},{{"id":"e","type":"End"}}],"connectors":[{{"id":"1","sourceId":"b","targetId":"c"}},{way}{{"id":"3","sourceId":"c","targetId":"a","label":"others","condition":"default"}},{{"id":"4","sourceId":"g","targetId":"e"}},{{"id":"5","sourceId":"a","targetId":"e"}},{{"id":"6","sourceId":"a","targetId":"g"}}]}}"#
    )
}

/// The last sentence of the first line, and the rows of what callers would notice.
fn told(before: &str, after: &str) -> Vec<String> {
    let comment = comment(&decision("1.0.0", before), &decision("1.1.0", after));
    let verdict = comment.lines().next().unwrap().rsplit_once(". ").unwrap().1;
    let rows = comment.lines().filter(|line| {
        ["| 🔀", "| 🆕", "| ✂️"]
            .iter()
            .any(|sign| line.starts_with(sign))
    });
    [verdict]
        .into_iter()
        .chain(rows)
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_condition_behind_the_same_label_is_what_callers_notice() {
    for id in [r#""id":"2","#, ""] {
        let way = |condition: &str| {
            format!(
                r#"{{{id}"sourceId":"c","targetId":"g","label":"VIP","condition":"{condition}"}},"#
            )
        };
        assert_eq!(
            told(&way("vip == true"), &way("vip == false")),
            [
                "🟡 Callers at VIP? would be told apart by another condition.",
                "| 🔀 another condition | VIP? → **VIP** | `\"vip == true\"` | `\"vip == false\"` |"
            ]
        );
    }
}

#[test]
fn where_the_condition_is_all_that_is_written_one_way_is_gone_and_one_is_new() {
    let way = |condition: &str| {
        format!(r#"{{"id":"2","sourceId":"c","targetId":"g","condition":"{condition}"}},"#)
    };
    assert_eq!(
        told(&way("vip == true"), &way("vip == false")),
        [
            "🟡 Callers at VIP? (vip == true) would no longer reach Gold, and 1 more.",
            "| 🆕 new way | VIP? → **vip == false** | nothing | Queue *Gold* |",
            "| ✂️ way gone | VIP? → **vip == true** | Queue *Gold* | no such way |"
        ]
    );
}

#[test]
fn callers_whose_way_is_gone_are_not_said_to_reach_nothing() {
    let way = r#"{"id":"2","sourceId":"c","targetId":"g","label":"VIP","condition":"vip"},"#;
    assert_eq!(
        told(way, ""),
        [
            "🔴 Callers at VIP? (VIP) would no longer reach Gold.",
            "| ✂️ way gone | VIP? → **VIP** | Queue *Gold* | no such way |"
        ]
    );
    let loose = way.replace(r#""targetId":"g""#, r#""targetId":"gone""#);
    assert_eq!(
        told(way, &loose)[0],
        "🔴 Callers at VIP? (VIP) would reach nothing."
    );
}
