//! Operators that spoil what an element holds: secrets, addresses, what callers hear, and what a ring of people forgets
//! to fill in.

use serde_json::{Value, json};

use super::{Dice, Draft, Operator, Seen};

type Apply = fn(&Value, &mut Dice) -> Option<String>;

const fn operator(name: &'static str, seen: Seen, apply: Apply) -> Operator {
    Operator { name, seen, apply }
}

/// All of them.
pub(in super::super) const CONTENT: &[Operator] = &[
    operator("write a key into a look-up", Seen::ByRules, |f, d| {
        configure(f, d, "API", "apiKey", json!("k7Qz-93fhT-20xLm"))
    }),
    operator(
        "write a bearer token into a header",
        Seen::ByRules,
        |f, d| {
            let token = "Bearer 8fKq2LmZp0XvT7yR4sWb9uNc";
            configure(f, d, "API", "headers", json!({"X-Crm": token}))
        },
    ),
    operator("write a password as a number", Seen::ByRules, |f, d| {
        configure(f, d, "API", "password", json!(48_291_377))
    }),
    operator("list a header with a key", Seen::ByRules, |f, d| {
        let header = json!([{"name": "X-Api-Key", "value": "k7Qz-93fhT-20xLm"}]);
        configure(f, d, "API", "headers", header)
    }),
    operator(
        "write a password into a table's name",
        Seen::ByRules,
        |f, d| {
            let table = "postgres://flows:Tr0ub4dor3@db.example.com/calls";
            configure(f, d, "Database", "table", json!(table))
        },
    ),
    operator("call an address without TLS", Seen::ByRules, |f, d| {
        readdress(f, d, |address| address.replacen("https:", "http:", 1))
    }),
    operator(
        "call an address of one's own network",
        Seen::ByRules,
        |f, d| {
            readdress(f, d, |address| {
                let path = address.splitn(4, '/').nth(3).unwrap_or_default();
                format!("https://10.20.0.7/{path}")
            })
        },
    ),
    operator("break an address", Seen::ByRules, |f, d| {
        readdress(f, d, |address| address.replacen("https://", "https//", 1))
    }),
    operator("read a card number to callers", Seen::ByRules, |f, d| {
        say(f, d, "Pay with 4539 1488 0343 6467.")
    }),
    operator(
        "read a person's address to callers",
        Seen::ByRules,
        |f, d| say(f, d, "Write to erika.mustermann@posteo.de."),
    ),
    operator(
        "fill a variable that nothing sets",
        Seen::OnlyInTheDelta(
            "a flow that sets no variable of its own may get all of them from outside",
        ),
        |f, d| say(f, d, "Your number is {{nobodySetsThis}}."),
    ),
    operator("say more than anybody listens to", Seen::AsANote, |f, d| {
        say(
            f,
            d,
            &"And there is one more thing that we have to tell you. ".repeat(20),
        )
    }),
    operator("take an element's name away", Seen::AsANote, unname),
    operator(
        "take the limit of a wait away",
        Seen::AsANote,
        wait_for_ever,
    ),
    operator(
        "take the error branch of one of several look-ups away",
        Seen::ByRules,
        |f, d| drop_error_branch(f, d, Beside::Others),
    ),
    operator(
        "take the error branch of the only look-up away",
        Seen::OnlyInTheDelta(
            "where no look-up has one, the tenant may have a way of its own for failures",
        ),
        |f, d| drop_error_branch(f, d, Beside::Nobody),
    ),
    operator(
        "take all settings of one of several elements away",
        Seen::ByRules,
        |f, d| empty(f, d, Beside::Others),
    ),
    operator(
        "take all settings of the only element of its type away",
        Seen::OnlyInTheDelta("what no element of a type sets, the tenant may set elsewhere"),
        |f, d| empty(f, d, Beside::Nobody),
    ),
    operator("lead an element to itself alone", Seen::ByRules, |f, d| {
        let mut draft = Draft::of(f);
        let at = dice_of(&draft, d, |kind| {
            matches!(kind, "API" | "Database" | "Conditional")
        })?;
        let id = draft.id(at).to_owned();
        for connector in draft.connectors() {
            if connector["sourceId"] == id.as_str() {
                connector["targetId"] = json!(id);
            }
        }
        draft.text()
    }),
];

/// Whether other elements of its type, which have what this one lost, stand in the flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Others,
    Nobody,
}

impl Beside {
    fn holds(self, draft: &Draft, at: usize, has: impl Fn(usize) -> bool) -> bool {
        let alike = |other: usize| other != at && draft.kind(other) == draft.kind(at) && has(other);
        (0..draft.element_count()).any(alike) == (self == Beside::Others)
    }
}

fn empty(flow: &Value, dice: &mut Dice, beside: Beside) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| {
        matches!(draft.kind(at), "API" | "Database" | "Queue") && beside.holds(&draft, at, |_| true)
    })?;
    draft.elements()[at]["configuration"] = json!({});
    draft.text()
}

fn dice_of(draft: &Draft, dice: &mut Dice, kind: impl Fn(&str) -> bool) -> Option<usize> {
    dice.place(draft.element_count(), |at| kind(draft.kind(at)))
}

fn configure(flow: &Value, dice: &mut Dice, kind: &str, key: &str, value: Value) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice_of(&draft, dice, |other| other == kind)?;
    draft.elements()[at]["configuration"][key] = value;
    draft.text()
}

fn readdress(flow: &Value, dice: &mut Dice, other: fn(&str) -> String) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| {
        draft.flow["elements"][at]["configuration"]["endpoint"].is_string()
    })?;
    let address = &mut draft.elements()[at]["configuration"]["endpoint"];
    *address = json!(other(address.as_str()?));
    draft.text()
}

fn say(flow: &Value, dice: &mut Dice, more: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| {
        draft.flow["elements"][at]["configuration"]["prompt"].is_string()
    })?;
    let prompt = &mut draft.elements()[at]["configuration"]["prompt"];
    *prompt = json!(format!("{} {more}", prompt.as_str()?));
    draft.text()
}

fn unname(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let named = |at: usize| draft.flow["elements"][at]["name"].is_string();
    // Where most elements have no name, names are not this team's way.
    let middle = |at: usize| !matches!(draft.kind(at), "Begin" | "End");
    let count = draft.element_count();
    let of_them = (0..count).filter(|&at| middle(at) && named(at)).count();
    let at = dice.place(count, |at| {
        let spoken = draft.flow["elements"][at]["configuration"]["prompt"].is_string();
        middle(at) && named(at) && !spoken && of_them > 2
    })?;
    draft.elements()[at].as_object_mut()?.remove("name");
    draft.text()
}

/// What designers call the way of a wait that is over.
const OVER: [&str; 9] = [
    "timeout",
    "time-out",
    "zeitüberschreitung",
    "délai dépassé",
    "tiempo agotado",
    "tempo esgotado",
    "tempo scaduto",
    "przekroczony czas",
    "inactivity",
];

/// What they call the way of a failure.
const FAILURES: [&str; 9] = [
    "error", "failure", "fehler", "erreur", "errore", "erro", "fout", "default", "else",
];

fn wait_for_ever(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let kind = ["Queue", "API"][dice.below(2)];
    // One that says how long beside one that does not: else it is not this team's way to say so.
    let alike = |draft: &Draft, at: usize| draft.kind(at) == kind;
    let count = draft.element_count();
    (0..count).filter(|&at| alike(&draft, at)).nth(1)?;
    let at = dice.place(count, |at| {
        let ways = ways_called(&draft, at, &[&OVER]);
        alike(&draft, at) && can_lose(&draft, at, &ways)
    })?;
    for way in ways_called(&draft, at, &[&OVER]).into_iter().rev() {
        draft.connectors().remove(way);
    }
    let configuration = draft.elements()[at]["configuration"].as_object_mut()?;
    configuration.retain(|key, _| {
        let key = key.to_lowercase();
        !key.contains("timeout") && !key.contains("wait")
    });
    draft.text()
}

/// The ways out of an element that bear one of these names.
fn ways_called(draft: &Draft, element: usize, names: &[&[&str]]) -> Vec<usize> {
    let is_called = |at: usize| {
        let said = draft.said(at).map(|(_, said)| said.to_lowercase());
        said.is_some_and(|said| names.iter().any(|names| names.contains(&said.as_str())))
    };
    (0..draft.connector_count())
        .filter(|&at| draft.source(at) == draft.id(element) && is_called(at))
        .collect()
}

/// Whether without these ways it still leads on, and what they led to is still reached: so that their loss is the only
/// fault.
fn can_lose(draft: &Draft, element: usize, ways: &[usize]) -> bool {
    ways.len() < draft.leaving(draft.id(element))
        && ways
            .iter()
            .all(|&way| draft.incoming(draft.target(way)) > ways.len())
}

fn drop_error_branch(flow: &Value, dice: &mut Dice, beside: Beside) -> Option<String> {
    let mut draft = Draft::of(flow);
    let ways = |draft: &Draft, at: usize| ways_called(draft, at, &[&FAILURES, &OVER]);
    let at = dice.place(draft.element_count(), |at| {
        let lost = ways(&draft, at);
        matches!(draft.kind(at), "API" | "Database")
            && !lost.is_empty()
            && beside.holds(&draft, at, |other| !ways(&draft, other).is_empty())
            && can_lose(&draft, at, &lost)
    })?;
    for way in ways(&draft, at).into_iter().rev() {
        draft.connectors().remove(way);
    }
    draft.text()
}
