//! What holds of every pair of flows, tried on generated ones.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;

use super::sketch::{Edit, Node, Pen, Sketch, element, pair, plain, sketch, value};
use super::*;
use crate::flow::testing::flow;
use crate::flow::{Flow, Layout, canonical, containment, digest, value_eq};

fn pointer(pointer: &str) -> Vec<String> {
    let segments = pointer.split('/').skip(1);
    segments
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Does to `json` what the fields say: from the outside in; what is gone goes from the back, then what is new comes.
fn redo(json: &mut Json, fields: &[FieldChange]) {
    let inside_reordered = |field: &FieldChange| {
        let mut reordered = fields.iter().filter(|outer| outer.order);
        reordered.any(|outer| field.pointer.starts_with(&format!("{}/", outer.pointer)))
    };
    let mut steps: Vec<_> = fields
        .iter()
        .filter(|field| !inside_reordered(field))
        .map(|field| (pointer(&field.pointer), field))
        .collect();
    steps.sort_by_key(|(path, field)| {
        let number: i64 = path.last().and_then(|last| last.parse().ok()).unwrap_or(0);
        match (&field.before, &field.after) {
            (_, None) => (path.len(), 0, -number),
            (None, _) => (path.len(), 1, number),
            _ => (path.len(), 2, number),
        }
    });
    for (path, field) in steps {
        let (last, parents) = path.split_last().unwrap();
        let parent = parents.iter().fold(&mut *json, |json, segment| match json {
            Json::Array(items) => &mut items[segment.parse::<usize>().unwrap()],
            json => json.get_mut(segment).unwrap(),
        });
        let after = field
            .after
            .as_ref()
            .map(|text| serde_json::from_str(text).unwrap());
        match (parent, after) {
            (Json::Array(items), None) => drop(items.remove(last.parse().unwrap())),
            (Json::Array(items), Some(after)) if field.before.is_none() => {
                items.insert(last.parse().unwrap(), after);
            }
            (Json::Array(items), Some(after)) => items[last.parse::<usize>().unwrap()] = after,
            (Json::Object(members), None) => drop(members.remove(last)),
            (Json::Object(members), Some(after)) => drop(members.insert(last.clone(), after)),
            (other, _) => panic!("{other} has no members"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn how_a_flow_is_written_does_not_matter(sketch in sketch(), seed: u64, other: u64) {
        let (a, b) = (Pen(Some(seed)).flow(&sketch), Pen(Some(other)).flow(&sketch));
        let layout = Layout::default();
        prop_assert_eq!(canonical(&a, &layout), canonical(&b, &layout));
        prop_assert_eq!(digest(&a, &layout), digest(&b, &layout));
        prop_assert_eq!(diff(&a, &b, &layout), Delta::default());
        let found = containment(&a, &b, &layout);
        prop_assert_eq!(found, crate::flow::Containment::default());
    }

    #[test]
    fn digests_are_equal_exactly_when_nothing_but_layout_differs((before, after) in pair(), seed: u64) {
        let (a, b) = (plain(&before), Pen(Some(seed)).flow(&after));
        for layout in [Layout::default(), Layout::new([]).unwrap()] {
            let equal = digest(&a, &layout) == digest(&b, &layout);
            let delta = diff(&a, &b, &layout);
            prop_assert_eq!(equal, delta.is_layout_only(), "{:?}", delta);
            prop_assert_eq!(equal, canonical(&a, &layout) == canonical(&b, &layout));
            if equal {
                prop_assert!(containment(&a, &b, &layout).holds());
            }
        }
    }

    #[test]
    fn looking_from_the_other_side_swaps_added_and_removed((before, after) in pair()) {
        let (a, b) = (plain(&before), plain(&after));
        let (there, back) = (diff(&a, &b, &Layout::default()), diff(&b, &a, &Layout::default()));
        let sorted = |mut ids: Bucket| { ids.sort(); ids };
        let (forth, mirrored) = (there.buckets(SubjectKind::Element), back.buckets(SubjectKind::Element));
        prop_assert_eq!(forth.added, mirrored.removed);
        prop_assert_eq!(forth.removed, mirrored.added);
        prop_assert_eq!(sorted(forth.modified), sorted(mirrored.modified));
        prop_assert_eq!(sorted(forth.moved), sorted(mirrored.moved));
        let (forth, mirrored) = (there.buckets(SubjectKind::Connector), back.buckets(SubjectKind::Connector));
        prop_assert_eq!(forth.added.len(), mirrored.removed.len());
        prop_assert_eq!(forth.removed.len(), mirrored.added.len());
    }

    #[test]
    fn the_fields_lead_from_before_to_after(before in element(), after in element(), edits in proptest::collection::vec((any::<Index>(), value(), 0_u8..4), 0..4), related: bool) {
        let after = if related {
            let mut edited = Sketch { elements: vec![before.clone()], connectors: Vec::new() };
            for (inside, node, how) in edits {
                edited.apply(Edit::Inside(inside, inside, node, how));
            }
            edited.elements.remove(0)
        } else {
            after
        };
        let read = |node: &Node| plain(&Sketch { elements: vec![node.clone()], connectors: Vec::new() });
        let (old, new) = (read(&before), read(&after));
        let value_of = |flow: &Flow| flow.elements()[0].node;
        let fields = super::fields::field_changes(
            old.value(value_of(&old)), new.value(value_of(&new)), &Layout::default(),
        );
        let mut json: Json = serde_json::from_str(old.value(value_of(&old)).raw()).unwrap();
        redo(&mut json, &fields);
        let redone = flow(&format!(r#"{{"flowId":"main","elements":[{json}],"connectors":[]}}"#));
        prop_assert!(
            value_eq(redone.value(value_of(&redone)), new.value(value_of(&new))),
            "{json}\n{:?}\n{fields:?}", new.value(value_of(&new))
        );
    }
}
