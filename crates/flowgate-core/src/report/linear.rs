//! What a text costs is linear in it, whatever it holds and in whichever output: each token of each table of a search,
//! repeated, nested, unclosed, with something else behind it each time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;
use std::time::Instant;

use super::law::{for_each, outputs};
use crate::{redact, rules};

/// What is looked for, and what closes it.
type Token = (String, String);

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every token, at 100 kB and 1 MB: a release build takes minutes (`scripts/reliability`).
    All,
    /// Every sign and pair, and a part of the others, at 5 kB and 50 kB.
    Some,
}

impl Extent {
    fn chosen() -> Self {
        match std::env::var_os("FLOWGATE_LINEAR") {
            Some(_) => Extent::All,
            None => Extent::Some,
        }
    }

    /// Bytes of the shorter text; the longer one has ten times as many.
    fn bytes(self) -> usize {
        match self {
            Extent::All => 100_000,
            Extent::Some => 5_000,
        }
    }
}

/// The tokens of one text: one that is made of signs by itself, words a few at a time, since they are compared whole.
fn cases(extent: Extent) -> Vec<Vec<Token>> {
    const WORDS: usize = 48;
    /// Of the tables one in so many, where not all are tried.
    const PART: usize = 12;
    let alone = |token: String| (token, String::new());
    let signs = (' '..='~').filter(|sign| !sign.is_alphanumeric());
    let signs = signs.chain(['\n', '\u{200b}', '…', '0', 'A']);
    let signs = signs.map(|sign| alone(sign.to_string()));
    let pairs = ["()", "[]", "{}", "<>"].map(|pair| {
        let (open, close) = pair.split_at(1);
        (open.to_owned(), close.to_owned())
    });
    let tables = redact::sought().into_iter().chain(rules::sought());
    let tables: BTreeSet<Token> = tables.collect();
    let is_word = |(token, _): &Token| {
        token.starts_with(char::is_alphabetic) && token.ends_with(['=', ' ', '\''])
    };
    let (words, others): (Vec<Token>, Vec<Token>) = tables.into_iter().partition(is_word);
    let (closed, others): (Vec<Token>, Vec<Token>) =
        others.into_iter().partition(|(_, close)| !close.is_empty());
    let words = words.chunks(WORDS).map(<[Token]>::to_vec);
    let others = others.into_iter().map(|token| vec![token]);
    let step = match extent {
        Extent::All => 1,
        Extent::Some => PART,
    };
    let of_tables = others.chain(words).step_by(step);
    let alone = signs.chain(pairs).chain(closed).map(|token| vec![token]);
    alone.chain(of_tables).collect()
}

/// So many bytes of these tokens: a third of them with another number behind each, a third with all of them open before
/// the first is closed, a third that none closes; `turn` says which comes first.
fn text(tokens: &[Token], bytes: usize, turn: usize) -> String {
    let mut text = String::with_capacity(bytes + 64);
    for third in 1..=3 {
        let end = bytes * third / 3;
        match (third + turn) % 3 {
            0 => {
                for (nth, (open, close)) in tokens.iter().cycle().enumerate() {
                    if text.len() >= end {
                        break;
                    }
                    let _ = write!(text, "{open}x{nth}{close} ");
                }
            }
            1 => {
                let length: usize = tokens
                    .iter()
                    .map(|(open, close)| open.len() + close.len())
                    .sum();
                let times = end.saturating_sub(text.len()) / length;
                for _ in 0..times {
                    text.extend(tokens.iter().map(|(open, _)| open.as_str()));
                }
                for _ in 0..times {
                    text.extend(tokens.iter().rev().map(|(_, close)| close.as_str()));
                }
            }
            _ => {
                while text.len() < end {
                    text.extend(tokens.iter().map(|(open, _)| open.as_str()));
                }
            }
        }
    }
    text
}

/// Where a text stands in a flow.
const PLACES: [&str; 3] = ["prompt", "script", "url"];

/// A flow with about so many bytes of these tokens in one place, and the same a little otherwise.
fn flows(tokens: &[Token], bytes: usize, place: usize) -> [String; 2] {
    ["1.0.0", "1.1.0"].map(|version| {
        let mut text = text(tokens, bytes, place);
        text.push_str(version);
        let texts: [String; PLACES.len()] = std::array::from_fn(|nth| {
            let text = if nth == place { text.as_str() } else { "none" };
            format!("{:?}:{}", PLACES[nth], serde_json::Value::from(text))
        });
        format!(
            r#"{{"flowId":"main","version":"{version}","variables":[{{"name":"tier"}}],"elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API","configuration":{{{}}}}},{{"id":"e","type":"End"}}],"connectors":[{{"id":"c1","sourceId":"b","targetId":"x"}},{{"id":"c2","sourceId":"x","targetId":"e"}}]}}"#,
            texts.join(",")
        )
    })
}

/// Seconds that this thread was at work so far: where the system tells them, other threads and programs do not count.
fn worked(began: Instant) -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(
        || began.elapsed().as_secs_f64(),
        |nanoseconds| nanoseconds / 1e9,
    )
}

fn cost(tokens: &[Token], bytes: usize, place: usize) -> f64 {
    let [base, head] = flows(tokens, bytes, place);
    let before = worked(Instant::now());
    let began = Instant::now();
    let (all, _) = outputs(Some(&base), &head);
    assert!(all.len() > 10);
    worked(began) - before
}

#[test]
fn no_text_costs_more_for_each_byte_where_it_is_longer() {
    const MOST: f64 = 3.0;
    let extent = Extent::chosen();
    let (cases, bytes) = (cases(extent), extent.bytes());
    // Each place gets each sign where all is tried, else in turn.
    let tried = match extent {
        Extent::All => cases.len() * PLACES.len(),
        Extent::Some => cases.len(),
    };
    let worst = Mutex::new((0.0, String::new()));
    for_each(tried, |nth| {
        let nth = usize::try_from(nth).unwrap();
        let tokens = &cases[nth % cases.len()];
        let place = match extent {
            Extent::All => nth / cases.len(),
            Extent::Some => nth % PLACES.len(),
        };
        let ratio = || cost(tokens, 10 * bytes, place) / cost(tokens, bytes, place) / 10.0;
        // Another one may have been in the way: what is slow is slow again.
        let ratio = Some(ratio()).filter(|it| *it <= MOST).unwrap_or_else(ratio);
        let token = &tokens[0].0;
        assert!(
            ratio <= MOST,
            "a byte of {token:?} in `{}` costs {ratio:.1} times as much where there are ten times as many",
            PLACES[place]
        );
        let mut worst = worst.lock().unwrap();
        if ratio > worst.0 {
            *worst = (ratio, format!("{token:?} in `{}`", PLACES[place]));
        }
        1
    });
    let (ratio, token) = worst.into_inner().unwrap();
    println!("LINEAR | {tried} | {bytes} | {ratio:.2} | {token}");
}
