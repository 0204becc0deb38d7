//! Where the nodes of a picture stand: in columns from left to right, so that most ways go forward and few cross.
//!
//! Pure arithmetic over numbers; no text. The same graph always gets the same places.

use std::collections::VecDeque;

/// From one column to the next, and from one row to the next.
const COLUMN: f64 = 300.0;
const ROW: f64 = 84.0;

/// More bends than this cost more than they help: long ways then go straight.
const MOST_BENDS: usize = 20_000;

const SWEEPS: usize = 8;

/// A place, in units of the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Layout {
    /// The middle of each node.
    pub(super) nodes: Vec<Point>,
    /// For each edge, in the order given, the places that it passes between its ends.
    pub(super) bends: Vec<Vec<Point>>,
}

/// Places `count` nodes; `edges` are pairs of their numbers. Nodes of `roots` stand first.
pub(super) fn place(count: usize, edges: &[(usize, usize)], roots: &[usize]) -> Layout {
    let forward = without_circles(count, edges, roots);
    let columns = columns(count, &forward);
    let mut board = Board::new(count, &columns);
    let chains = board.route(&forward, &columns);
    board.order();
    let points = board.points();
    let bends = chains
        .iter()
        .zip(edges.iter().zip(&forward))
        .map(|(chain, (given, used))| {
            let mut bends: Vec<Point> = chain.iter().map(|&spot| points[spot]).collect();
            if given != used {
                bends.reverse();
            }
            bends
        })
        .collect();
    Layout {
        nodes: points[..count].to_vec(),
        bends,
    }
}

/// The edges with those turned around that lead back on a way from a root.
fn without_circles(count: usize, edges: &[(usize, usize)], roots: &[usize]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, &(from, _)) in edges.iter().enumerate() {
        out[from].push(index);
    }
    let mut marks = vec![Mark::New; count];
    let mut turned = edges.to_vec();
    for root in roots.iter().copied().chain(0..count) {
        if marks[root] != Mark::New {
            continue;
        }
        let mut stack = vec![(root, 0)];
        marks[root] = Mark::Open;
        while let Some((node, next)) = stack.pop() {
            let Some(&edge) = out[node].get(next) else {
                marks[node] = Mark::Done;
                continue;
            };
            stack.push((node, next + 1));
            let (_, to) = edges[edge];
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    stack.push((to, 0));
                }
                Mark::Open => turned[edge] = (to, node),
                Mark::Done => {}
            }
        }
    }
    turned
}

/// The column of each node: one more than the last of those before it.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut waiting = vec![0_usize; count];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
        waiting[to] += 1;
        out[from].push(to);
    }
    let mut columns = vec![0; count];
    let mut ready: VecDeque<usize> = (0..count).filter(|&node| waiting[node] == 0).collect();
    while let Some(node) = ready.pop_front() {
        for &to in &out[node] {
            columns[to] = columns[to].max(columns[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push_back(to);
            }
        }
    }
    columns
}

/// Spots in columns: a node each, and one for every column that a long way passes.
struct Board {
    /// Spots by column, in order from top to bottom.
    columns: Vec<Vec<usize>>,
    column_of: Vec<usize>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl Board {
    fn new(count: usize, columns: &[usize]) -> Self {
        let width = columns.iter().max().map_or(0, |last| last + 1);
        let mut board = Self {
            columns: vec![Vec::new(); width],
            column_of: columns.to_vec(),
            before: vec![Vec::new(); count],
            after: vec![Vec::new(); count],
        };
        for (node, &column) in columns.iter().enumerate() {
            board.columns[column].push(node);
        }
        board
    }

    /// Gives each way its spots, and says which.
    fn route(&mut self, edges: &[(usize, usize)], columns: &[usize]) -> Vec<Vec<usize>> {
        let passed = |&(from, to): &(usize, usize)| columns[to].saturating_sub(columns[from] + 1);
        let bends = edges.iter().map(passed).sum::<usize>();
        edges
            .iter()
            .map(|&(from, to)| {
                let mut chain = Vec::new();
                let mut last = from;
                if bends <= MOST_BENDS {
                    for column in columns[from] + 1..columns[to] {
                        let spot = self.spot(column);
                        chain.push(spot);
                        self.join(last, spot);
                        last = spot;
                    }
                }
                if from != to {
                    self.join(last, to);
                }
                chain
            })
            .collect()
    }

    fn spot(&mut self, column: usize) -> usize {
        let spot = self.column_of.len();
        self.column_of.push(column);
        self.columns[column].push(spot);
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        spot
    }

    fn join(&mut self, from: usize, to: usize) {
        self.after[from].push(to);
        self.before[to].push(from);
    }

    /// Orders each column by the middle of its neighbours, forth and back.
    fn order(&mut self) {
        let mut rank = vec![0.0; self.column_of.len()];
        let write = |column: &[usize], rank: &mut Vec<f64>| {
            let mut place = 0.0;
            for &spot in column {
                rank[spot] = place;
                place += 1.0;
            }
        };
        for column in &self.columns {
            write(column, &mut rank);
        }
        for sweep in 0..SWEEPS {
            let forth = sweep % 2 == 0;
            let width = self.columns.len();
            for step in 0..width {
                let column = if forth { step } else { width - 1 - step };
                let near = if forth { &self.before } else { &self.after };
                let mut keyed: Vec<(f64, usize)> = self.columns[column]
                    .iter()
                    .map(|&spot| (mean(&near[spot], &rank).unwrap_or(rank[spot]), spot))
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.columns[column] = keyed.into_iter().map(|(_, spot)| spot).collect();
                write(&self.columns[column], &mut rank);
            }
        }
    }

    /// A place for each spot: its column, and as near to its neighbours as the order allows.
    fn points(&self) -> Vec<Point> {
        let mut y = vec![0.0; self.column_of.len()];
        for column in &self.columns {
            let mut next = 0.0;
            for &spot in column {
                y[spot] = next;
                next += ROW;
            }
        }
        for sweep in 0..SWEEPS {
            let forth = sweep % 2 == 0;
            let near = if forth { &self.before } else { &self.after };
            let width = self.columns.len();
            for step in 0..width {
                let column = &self.columns[if forth { step } else { width - 1 - step }];
                let wanted: Vec<f64> = column
                    .iter()
                    .map(|&spot| mean(&near[spot], &y).unwrap_or(y[spot]))
                    .collect();
                for (&spot, place) in column.iter().zip(apart(&wanted)) {
                    y[spot] = place;
                }
            }
        }
        let top = y.iter().copied().fold(f64::INFINITY, f64::min);
        self.column_of
            .iter()
            .zip(y)
            .map(|(&column, y)| Point {
                // Columns are few: the number is exact.
                x: f64::from(u32::try_from(column).unwrap_or(u32::MAX)) * COLUMN,
                y: y - top,
            })
            .collect()
    }
}

fn mean(spots: &[usize], of: &[f64]) -> Option<f64> {
    let count = u32::try_from(spots.len()).ok().filter(|&count| count > 0)?;
    Some(spots.iter().map(|&spot| of[spot]).sum::<f64>() / f64::from(count))
}

/// The nearest places to those wanted, in their order and a row apart: runs that would overlap share their middle.
fn apart(wanted: &[f64]) -> Vec<f64> {
    struct Run {
        start: f64,
        count: f64,
        sum: f64,
    }
    let mut runs: Vec<Run> = Vec::new();
    for &place in wanted {
        runs.push(Run {
            start: place,
            count: 1.0,
            sum: place,
        });
        while let [.., above, last] = runs.as_slice()
            && above.start + above.count * ROW > last.start
        {
            // Each member of the lower run would stand this much above where its own run begins.
            let (sum, count) = (
                above.sum + last.sum - above.count * ROW * last.count,
                above.count + last.count,
            );
            runs.pop();
            if let Some(above) = runs.last_mut() {
                *above = Run {
                    start: sum / count,
                    count,
                    sum,
                };
            }
        }
    }
    let mut places = Vec::with_capacity(wanted.len());
    for run in runs {
        let (mut place, mut left) = (run.start, run.count);
        while left > 0.5 {
            places.push(place);
            place += ROW;
            left -= 1.0;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chain_stands_in_a_line_and_a_way_back_is_turned() {
        let layout = place(3, &[(0, 1), (1, 2), (2, 0)], &[0]);
        let x: Vec<f64> = layout.nodes.iter().map(|point| point.x).collect();
        assert_eq!(x, [0.0, COLUMN, 2.0 * COLUMN]);
        assert_eq!(layout.bends[2].len(), 1, "the way back passes one column");
        assert!((layout.nodes[0].y - layout.nodes[2].y).abs() < 0.01);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

        #[test]
        fn nothing_overlaps_and_nothing_is_lost(
            edges in prop::collection::vec((0_usize..12, 0_usize..12), 0..40),
        ) {
            let layout = place(12, &edges, &[3]);
            prop_assert_eq!(layout.nodes.len(), 12);
            prop_assert_eq!(layout.bends.len(), edges.len());
            let spots: Vec<Point> = layout.nodes.iter().chain(layout.bends.iter().flatten()).copied().collect();
            for (at, one) in spots.iter().enumerate() {
                prop_assert!(one.y >= 0.0 && one.x >= 0.0 && one.y.is_finite());
                for two in &spots[at + 1..] {
                    prop_assert!((one.x - two.x).abs() > 1.0 || (one.y - two.y).abs() > ROW - 0.01, "{one:?} {two:?}");
                }
            }
            let again = place(12, &edges, &[3]);
            prop_assert_eq!(again.nodes, layout.nodes);
        }
    }
}
