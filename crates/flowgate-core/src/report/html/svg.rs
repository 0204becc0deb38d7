//! The nodes and ways of a picture, drawn as SVG where the layout put them. What they are called and how they look was
//! said before; every text is escaped here.

use std::fmt::Write as _;

use super::{NodeData, WayData};
use crate::report::layout::Point;
use crate::report::safe;

const WIDTH: f64 = 210.0;
const HEIGHT: f64 = 46.0;
const MARGIN: f64 = 60.0;

/// Longer texts are cut in the picture; the details have all of them.
const NAME: usize = 28;

/// What of the plane is in sight at first: all of it.
pub(super) fn view_box(points: &[Point]) -> String {
    let most = |of: fn(&Point) -> f64| points.iter().map(of).fold(0.0, f64::max);
    format!(
        "{:.0} {:.0} {:.0} {:.0}",
        -WIDTH / 2.0 - MARGIN,
        -HEIGHT / 2.0 - MARGIN,
        most(|point| point.x) + WIDTH + 2.0 * MARGIN,
        most(|point| point.y) + HEIGHT + 2.0 * MARGIN
    )
}

/// An element, with its name and kind.
pub(super) fn node(node: &NodeData, svg: &mut String) {
    let kind = node.kind.as_deref().unwrap_or("missing");
    let (name, about) = (
        safe::cap(&node.name, NAME),
        safe::cap(&format!("{kind} · {}", node.id), NAME + 6),
    );
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<g class=\"node {}\" tabindex=\"0\" role=\"button\" transform=\"translate({:.0} {:.0})\"><title>{}</title>\
         <rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\"/><text text-anchor=\"middle\" y=\"-3\">{}</text>\
         <text class=\"kind\" text-anchor=\"middle\" y=\"14\">{}</text></g>",
        node.look,
        node.x,
        node.y,
        safe::html(&node.name),
        -WIDTH / 2.0,
        -HEIGHT / 2.0,
        safe::html(&name),
        safe::html(&about)
    );
}

/// How a way stands among the others.
#[derive(Clone, Copy)]
pub(super) struct Stands {
    /// It leads to no element.
    pub(super) broken: bool,
    /// How many ways before it have its ends.
    pub(super) nth: usize,
}

/// Between ways that have the same ends, so that each can be read.
const APART: f64 = 14.0;

/// A way from one element to another, around those between.
pub(super) fn way(
    way: &WayData,
    [from, to]: [Point; 2],
    bends: &[Point],
    Stands { broken, nth }: Stands,
    svg: &mut String,
) {
    let back = to.x <= from.x;
    // Ways around others have bends of their own.
    let nth = u32::try_from(nth).unwrap_or(u32::MAX);
    let aside = if bends.is_empty() {
        APART * f64::from(nth)
    } else {
        0.0
    };
    let (start, end) = if back && bends.is_empty() {
        // To itself, or within a column: over the top.
        (
            Point {
                x: from.x + WIDTH / 4.0,
                y: from.y - HEIGHT / 2.0,
            },
            Point {
                x: to.x - WIDTH / 4.0,
                y: to.y - HEIGHT / 2.0,
            },
        )
    } else if back {
        (
            Point {
                x: from.x - WIDTH / 2.0,
                ..from
            },
            Point {
                x: to.x + WIDTH / 2.0,
                ..to
            },
        )
    } else {
        (
            Point {
                x: from.x + WIDTH / 2.0,
                ..from
            },
            Point {
                x: to.x - WIDTH / 2.0,
                ..to
            },
        )
    };
    let mut path = format!("M{:.0} {:.0}", start.x, start.y);
    let mut last = start;
    for &next in bends.iter().chain([&end]) {
        let _ = if back && bends.is_empty() {
            write!(
                path,
                "C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}",
                last.x,
                last.y - 60.0 - aside,
                next.x,
                next.y - 60.0 - aside,
                next.x,
                next.y
            )
        } else {
            let middle = f64::midpoint(last.x, next.x);
            write!(
                path,
                "C{middle:.0} {:.0} {middle:.0} {:.0} {:.0} {:.0}",
                last.y + aside,
                next.y + aside,
                next.x,
                next.y
            )
        };
        last = next;
    }
    let first = bends.first().copied().unwrap_or(end);
    let _ = writeln!(
        svg,
        "<g class=\"way {}{}\"><path d=\"{path}\"/><text text-anchor=\"middle\" x=\"{:.0}\" y=\"{:.0}\">{}</text></g>",
        way.look,
        if broken { " broken" } else { "" },
        f64::midpoint(start.x, first.x),
        f64::midpoint(start.y, first.y) - 4.0 + if back { -aside } else { aside },
        safe::html(&safe::cap(&way.label, NAME))
    );
}
