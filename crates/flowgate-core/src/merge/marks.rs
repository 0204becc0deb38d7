//! Two texts in one: what they share once, what they do not share twice, between markers.

use std::collections::HashMap;

use crate::flow::pairing::Pairing;

/// Both texts, with markers of this length around what differs. Law: taking one side of every place gives that
/// side's text back.
pub(super) fn between(ours: &str, theirs: &str, size: usize) -> String {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let mut out = String::with_capacity(ours.len() + theirs.len());
    align(&lines(ours), &lines(theirs), size, &mut out);
    out
}

fn align(ours: &[&str], theirs: &[&str], size: usize, out: &mut String) {
    let same = |(a, b): &(&&str, &&str)| a == b;
    let front = ours.iter().zip(theirs).take_while(same).count();
    out.extend(ours[..front].iter().copied());
    let (ours, theirs) = (&ours[front..], &theirs[front..]);
    let back = ours
        .iter()
        .rev()
        .zip(theirs.iter().rev())
        .take_while(same)
        .count();
    let (end, ours, theirs) = (
        &ours[ours.len() - back..],
        &ours[..ours.len() - back],
        &theirs[..theirs.len() - back],
    );
    let anchors = anchors(ours, theirs);
    if ours.is_empty() && theirs.is_empty() {
        // All of it is the same.
    } else if anchors.is_empty() {
        mark('<', Some("ours"), size, out);
        out.extend(ours.iter().copied());
        mark('=', None, size, out);
        out.extend(theirs.iter().copied());
        mark('>', Some("theirs"), size, out);
    } else {
        let (mut a, mut b) = (0, 0);
        for (our, their) in anchors.into_iter().chain([(ours.len(), theirs.len())]) {
            align(&ours[a..our], &theirs[b..their], size, out);
            out.extend(ours.get(our).copied());
            (a, b) = (our + 1, their + 1);
        }
    }
    out.extend(end.iter().copied());
}

/// Lines that stand once in both, in the same order.
fn anchors(ours: &[&str], theirs: &[&str]) -> Vec<(usize, usize)> {
    fn count<'t>(lines: &[&'t str]) -> HashMap<&'t str, usize> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for line in lines {
            *counts.entry(line).or_default() += 1;
        }
        counts
    }
    let (our_counts, their_counts) = (count(ours), count(theirs));
    let mut pairing = Pairing::new(ours.len(), theirs.len());
    pairing.by_key(
        |index| (our_counts.get(ours[index]) == Some(&1)).then_some(ours[index]),
        |index| (their_counts.get(theirs[index]) == Some(&1)).then_some(theirs[index]),
    );
    pairing.keep_order();
    pairing.pairs().collect()
}

fn mark(sign: char, label: Option<&str>, size: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(sign, size));
    if let Some(label) = label {
        out.push(' ');
        out.push_str(label);
    }
    out.push('\n');
}
