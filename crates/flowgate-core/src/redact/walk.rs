//! Every text of a value with the key that it stands under, and what that key says of it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use super::names::{Holds, holds};
use crate::flow::json::{Document, Key, Kind, PerKey, Value};

/// A key, and what it says about the texts under it.
#[derive(Debug)]
pub(crate) struct Named {
    text: String,
    last_word: String,
    holds: Option<Holds>,
    is_spoken: bool,
    is_for_keys: bool,
    role: Role,
}

/// What a key says about another one in the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    /// Names what stands beside it: `{"name": "X-Api-Key", …}`.
    Name,
    /// Is what such a neighbour names.
    Value,
}

impl Role {
    fn of(key: &str) -> Self {
        let is = |known: &str| key.eq_ignore_ascii_case(known);
        if ["name", "key", "header", "field", "parameter"]
            .iter()
            .any(|known| is(known))
        {
            Role::Name
        } else if ["value", "values", "val"].iter().any(|known| is(known)) {
            Role::Value
        } else {
            Role::Other
        }
    }
}

impl Named {
    pub(crate) fn new(text: &str) -> Rc<Self> {
        Rc::new(Self::of(text))
    }

    fn of(text: &str) -> Self {
        const SPOKEN: [&str; 14] = [
            "prompt",
            "prompts",
            "text",
            "message",
            "messages",
            "tts",
            "announcement",
            "greeting",
            "say",
            "speech",
            "ssml",
            "utterance",
            "welcome",
            "body",
        ];
        let last_word = last_word(text);
        Self {
            text: text.to_owned(),
            is_spoken: SPOKEN.contains(&last_word.as_str()),
            holds: holds(text),
            is_for_keys: is_for_keys(&last_word, text),
            last_word,
            role: Role::of(text),
        }
    }

    /// The key.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its last word, in lower case: `tokenUrl` ends with `url`.
    pub(crate) fn last_word(&self) -> &str {
        &self.last_word
    }

    /// What stands under it, where that is a secret.
    pub(crate) fn holds(&self) -> Option<Holds> {
        self.holds
    }

    /// Whether callers hear what stands under it.
    pub(crate) fn is_spoken(&self) -> bool {
        self.is_spoken
    }

    /// Whether keys and tokens stand under it, where nothing else tells.
    pub(crate) fn is_for_keys(&self) -> bool {
        self.is_for_keys
    }

    /// The key that a JSON pointer ends with, as what is around it lets it appear; `beside` is what a neighbour calls the
    /// value.
    pub(crate) fn at(pointer: &str, beside: Option<&Neighbour>) -> Rc<Self> {
        let is_index = |step: &&str| step.bytes().all(|byte| byte.is_ascii_digit());
        let steps = pointer.split('/').skip(1).filter(|step| !is_index(step));
        let root = Named::new("");
        let named = steps.fold(root, |outer, step| {
            Named::new(&step.replace("~1", "/").replace("~0", "~")).under(&outer)
        });
        beside.map_or_else(|| Rc::clone(&named), |beside| beside.named(&named))
    }

    /// This key inside of an array or object that stands under another one: `{"secrets": {"crm": …}}`,
    /// `{"prompt": {"de": …}}`.
    fn under(self: &Rc<Self>, outer: &Self) -> Rc<Self> {
        let is_named = outer.holds.is_some() && self.holds.is_none() && !self.tells_about();
        let is_variant = outer.is_spoken && outer.last_word != "body" && self.is_variant();
        let is_spoken = self.is_spoken || is_variant;
        let is_for_keys = self.is_for_keys || outer.is_for_keys;
        if !is_named && is_spoken == self.is_spoken && is_for_keys == self.is_for_keys {
            return Rc::clone(self);
        }
        Rc::new(Self {
            text: self.text.clone(),
            last_word: self.last_word.clone(),
            holds: self.holds.or(is_named.then_some(Holds::Maybe)),
            is_spoken,
            is_for_keys,
            role: self.role,
        })
    }

    /// Whether it says something about a secret beside it, and is none.
    fn tells_about(&self) -> bool {
        const BESIDE: [&str; 27] = [
            "user",
            "username",
            "login",
            "id",
            "ids",
            "name",
            "type",
            "scope",
            "scopes",
            "host",
            "url",
            "uri",
            "endpoint",
            "email",
            "domain",
            "role",
            "realm",
            "region",
            "algorithm",
            "version",
            "issuer",
            "audience",
            "label",
            "description",
            "path",
            "ref",
            "method",
        ];
        BESIDE.contains(&self.last_word.as_str())
    }

    /// Whether it tells one form of the same text from others: a language, or which part of it.
    fn is_variant(&self) -> bool {
        let (language, region) = self.text.split_once(['-', '_']).unwrap_or((&self.text, ""));
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_language = matches!(language.len(), 2 | 3) && letters(language) && region.len() <= 4;
        is_language
            || matches!(
                self.last_word.as_str(),
                "value" | "default" | "standard" | "content" | "plain"
            )
    }
}

/// Whether keys and tokens stand under this key.
fn is_for_keys(last_word: &str, key: &str) -> bool {
    let is = |known: &str| key.eq_ignore_ascii_case(known);
    matches!(last_word, "key" | "auth" | "pass" | "credentials")
        || ["headers", "auth", "authentication"]
            .iter()
            .any(|known| is(known))
}

/// What a neighbour calls a value, where that is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    name: String,
    stands: Stands,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// `{"name": "X-Api-Key", "value": …}`
    Object,
    /// `["X-Api-Key", …]`
    Pair,
    /// Before it in a longer list.
    List,
}

impl Neighbour {
    /// The neighbour that names the value of this key in an object with these members.
    pub(crate) fn in_object<'v>(
        key: &str,
        members: impl Iterator<Item = (&'v str, Value<'v>)>,
    ) -> Option<Self> {
        if Role::of(key) != Role::Value {
            return None;
        }
        let names = members.filter(|(key, _)| Role::of(key) == Role::Name);
        let mut names = names.filter_map(|(_, name)| name.as_str());
        Some(Self {
            name: names.find(|name| holds(name).is_some())?.into_owned(),
            stands: Stands::Object,
        })
    }

    /// The item that names the next one in a list.
    pub(crate) fn in_list(item: Value<'_>, length: usize) -> Option<Self> {
        const LONGEST: usize = 80;
        let name = item.as_str()?;
        if name.len() > LONGEST || name.contains(char::is_whitespace) || holds(&name).is_none() {
            return None;
        }
        Some(Self {
            name: name.into_owned(),
            stands: if length == 2 {
                Stands::Pair
            } else {
                Stands::List
            },
        })
    }

    /// As a key. Lists of names are written so too: what follows there has to look like a secret by itself.
    fn named(&self, outer: &Named) -> Rc<Named> {
        let named = Named::of(&self.name);
        let holds = match self.stands {
            Stands::Object => named.holds,
            Stands::Pair => Some(Holds::Key),
            Stands::List => Some(Holds::Maybe),
        };
        Rc::new(Named { holds, ..named }).under(outer)
    }
}

/// Goes through values. Its memory is reused from one to the next.
pub(crate) struct Walk<'a> {
    /// Each key is looked at once, however often it stands in the document.
    keys: PerKey<OnceCell<Rc<Named>>>,
    /// Arrays and objects that are still to be looked at.
    open: Vec<(Rc<Named>, Value<'a>)>,
}

impl<'a> Walk<'a> {
    /// Through values of this document.
    pub(crate) fn through(document: &'a Document) -> Self {
        Self {
            keys: PerKey::of(document, |_| OnceCell::new()),
            open: Vec::new(),
        }
    }

    /// A key of the document.
    pub(crate) fn named(&self, key: Key<'_>) -> Rc<Named> {
        let new = || Named::new(key.text());
        let known = self.keys.get(key.id());
        known.map_or_else(new, |known| Rc::clone(known.get_or_init(new)))
    }

    /// Tells of each text in a value, and of each number whose key says that it is a secret; `key` is the nearest one
    /// around the value. What a `name` inside of the value itself names is not looked for where it is an `element`.
    pub(crate) fn texts(
        &mut self,
        key: Rc<Named>,
        value: Value<'a>,
        is_element: bool,
        mut tell: impl FnMut(Rc<Named>, Value<'a>, Cow<'a, str>),
    ) {
        if value.kind() == Kind::Number {
            return number(key, value, &mut tell);
        }
        self.look(key, value, &mut tell);
        while let Some((outer, around)) = self.open.pop() {
            if around.is_array() {
                self.items(&outer, around, &mut tell);
                continue;
            }
            let beside = (!is_element || around.id() != value.id())
                .then(|| self.name_beside(around))
                .flatten();
            for (key, value) in around.members() {
                if value.kind() == Kind::Number {
                    number(self.named(key), value, &mut tell);
                } else if value.may_hold_text() {
                    let key = self.named(key);
                    let key = match &beside {
                        Some(name) if key.role == Role::Value => name.named(&outer),
                        _ => key.under(&outer),
                    };
                    self.look(key, value, &mut tell);
                }
            }
        }
    }

    fn name_beside(&self, object: Value<'a>) -> Option<Neighbour> {
        let (value, _) = object
            .members()
            .find(|(key, _)| self.named(*key).role == Role::Value)?;
        let members = object.members().map(|(key, value)| (key.text(), value));
        Neighbour::in_object(value.text(), members)
    }

    /// `["X-Api-Key", S]` names what follows; else items stand under the key of their array.
    fn items(
        &mut self,
        key: &Rc<Named>,
        array: Value<'a>,
        tell: &mut impl FnMut(Rc<Named>, Value<'a>, Cow<'a, str>),
    ) {
        let length = array.items().take(3).count();
        let mut before: Option<Neighbour> = None;
        for item in array.items() {
            let named = before.take().map(|before| before.named(key));
            before = Neighbour::in_list(item, length);
            self.look(named.unwrap_or_else(|| Rc::clone(key)), item, tell);
        }
    }

    /// Tells of a text; an array or object is looked into later.
    fn look(
        &mut self,
        key: Rc<Named>,
        value: Value<'a>,
        tell: &mut impl FnMut(Rc<Named>, Value<'a>, Cow<'a, str>),
    ) {
        match value.as_str() {
            Some(text) => tell(key, value, text),
            None if value.may_hold_text() => self.open.push((key, value)),
            None => {}
        }
    }
}

/// A number is a text where its key says that it is a secret: everything else that is counted is none.
fn number<'a>(
    key: Rc<Named>,
    value: Value<'a>,
    tell: &mut impl FnMut(Rc<Named>, Value<'a>, Cow<'a, str>),
) {
    const SECRETS: [&str; 8] = [
        "password", "passwd", "pwd", "passcode", "secret", "token", "apikey", "passwort",
    ];
    if key.holds.is_none() {
        return;
    }
    let digits = value.raw();
    let is_whole = digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && SECRETS.contains(&key.last_word.as_str()) {
        tell(key, value, Cow::Borrowed(digits));
    }
}

/// The last word of a name in camel, snake or kebab case, in lower case.
pub(crate) fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut letters = name.char_indices().rev();
    let Some((mut start, mut here)) = letters.next() else {
        return String::new();
    };
    let mut after = None::<char>;
    for (at, before) in letters {
        let is_border = !before.is_alphanumeric()
            || before.is_lowercase() && here.is_uppercase()
            || before.is_uppercase()
                && here.is_uppercase()
                && after.is_some_and(char::is_lowercase);
        if is_border {
            break;
        }
        (start, here, after) = (at, before, Some(here));
    }
    let letters = name.get(start..).unwrap_or("").chars();
    letters.flat_map(char::to_lowercase).collect()
}
