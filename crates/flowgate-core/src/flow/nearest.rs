//! "Did you mean": the nearest of some known words to one that is unknown.
//!
//! The cost for one candidate is bounded, so the whole is linear in their number. Who asks for many unknown words over
//! many candidates should ask for the first few only.

/// Words longer than this are compared by [`folded`] equality alone.
const LONGEST: usize = 64;

/// The candidate that is most probably meant by `wanted`: the same but for case and `_`, `-`, `.` and white space, else
/// the one with the fewest edits (a swap of neighbours is one edit), at most a third of its length and three at most.
/// Of equally near ones the first. `wanted` itself is never an answer.
pub fn nearest<'c>(wanted: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let target = folded(wanted)?;
    let limit = (target.len() / 3).clamp(1, 3);
    let mut rows = Rows::default();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == wanted {
            continue;
        }
        let Some(word) = folded(candidate) else {
            continue;
        };
        let limit = best.map_or(limit, |(edits, _)| edits.saturating_sub(1));
        if let Some(edits) = rows.edits(&target, &word, limit)
            && best.is_none_or(|(fewest, _)| edits < fewest)
        {
            if edits == 0 {
                return Some(candidate);
            }
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A word without what people mistype most; `None` where it is empty or too long to compare.
fn folded(word: &str) -> Option<Vec<char>> {
    if word.len() > LONGEST * 4 {
        return None;
    }
    let folded: Vec<char> = word
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.'))
        .flat_map(char::to_lowercase)
        .collect();
    (1..=LONGEST).contains(&folded.len()).then_some(folded)
}

/// Three rows of the edit table, kept so that their memory is reused.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    now: Vec<usize>,
}

impl Rows {
    /// Edits from one word to the other (insert, delete, replace, swap neighbours), if at most `limit`.
    fn edits(&mut self, from: &[char], to: &[char], limit: usize) -> Option<usize> {
        if from.len().abs_diff(to.len()) > limit {
            return None;
        }
        if limit == 0 {
            return (from == to).then_some(0);
        }
        self.last.clear();
        self.last.extend(0..=to.len());
        self.before.clone_from(&self.last);
        for (i, a) in from.iter().enumerate() {
            self.now.clear();
            self.now.push(i + 1);
            for (j, b) in to.iter().enumerate() {
                let replaced = self.last[j] + usize::from(a != b);
                let mut edits = replaced.min(self.last[j + 1] + 1).min(self.now[j] + 1);
                if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                    edits = edits.min(self.before[j - 1] + 1);
                }
                self.now.push(edits);
            }
            if self.now.iter().min().is_none_or(|&least| least > limit) {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.now);
        }
        self.last.last().copied().filter(|&edits| edits <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_people_mistype_is_recognised_and_strangers_are_not() {
        let keys = ["flowId", "version", "elements", "connectors"];
        for (typed, meant) in [
            ("flowID", Some("flowId")),
            ("flow_id", Some("flowId")),
            ("verison", Some("version")),
            ("element", Some("elements")),
            ("Conectors", Some("connectors")),
            ("metadata", None),
            ("id", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, keys), meant, "{typed}");
        }
    }

    #[test]
    fn the_nearest_wins_and_of_equals_the_first() {
        assert_eq!(
            nearest("main-menu", ["main-men", "mainmenu", "main-menus"]),
            Some("mainmenu")
        );
        assert_eq!(nearest("q1x", ["q1y", "q1z"]), Some("q1y"));
        assert_eq!(nearest("same", ["same"]), None);
        let long = "a".repeat(10_000);
        assert_eq!(nearest(&long, [long.as_str(), "aaaa"]), None);
    }
}
