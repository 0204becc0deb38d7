//! How far a long run is, in one line of a terminal that goes away when it is done. Nobody but a person sees it: not a
//! pipe, not a file, not the log of a runner.

use std::io::{self, Write};

use super::World;

/// Fewer things than this are done before anybody has read the line.
const FEW: usize = 20;

/// These things, one after another; a person at a terminal sees which one is being worked on.
pub(super) fn shown<T>(
    world: &World,
    doing: &'static str,
    things: Vec<T>,
) -> impl Iterator<Item = T> {
    let watched = world.err_is_terminal && !world.in_actions() && things.len() >= FEW;
    Shown {
        total: things.len(),
        things: things.into_iter(),
        doing,
        at: 0,
        line: watched.then(io::stderr),
    }
}

struct Shown<I, W: Write> {
    things: I,
    doing: &'static str,
    at: usize,
    total: usize,
    line: Option<W>,
}

impl<I: Iterator, W: Write> Iterator for Shown<I, W> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let next = self.things.next();
        if next.is_some() {
            self.at += 1;
            let text = format!("{} {} of {}", self.doing, self.at, self.total);
            self.write(&text);
        }
        next
    }
}

impl<I, W: Write> Shown<I, W> {
    fn write(&mut self, text: &str) {
        if let Some(line) = &mut self.line {
            // That the line cannot be shown is no reason to end the work.
            let _ = write!(line, "\r{text}").and_then(|()| line.flush());
        }
    }
}

impl<I, W: Write> Drop for Shown<I, W> {
    fn drop(&mut self) {
        let last = format!("{} {} of {}", self.doing, self.at, self.total);
        self.write(&" ".repeat(last.len()));
        self.write("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_sees_one_line_that_goes_away() {
        let mut seen = Vec::new();
        let shown = Shown {
            things: ["a", "b"].into_iter(),
            doing: "asking about flow",
            at: 0,
            total: 2,
            line: Some(&mut seen),
        };
        assert_eq!(shown.collect::<Vec<_>>(), ["a", "b"]);
        let blank = " ".repeat("asking about flow 2 of 2".len());
        let wanted = format!("\rasking about flow 1 of 2\rasking about flow 2 of 2\r{blank}\r");
        assert_eq!(String::from_utf8(seen).unwrap(), wanted);
    }

    #[test]
    fn nobody_else_sees_anything() {
        let nobody = Shown {
            things: 0..40,
            doing: "asking about flow",
            at: 0,
            total: 40,
            line: None::<Vec<u8>>,
        };
        assert_eq!(nobody.count(), 40);
    }
}
