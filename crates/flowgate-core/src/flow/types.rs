//! What the types of elements mean for callers: the roles of the built-in ones, and those that a team declares.
//!
//! Rules ask for roles, never for types, so that a team's own types are judged like the built-in ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ElementType;

/// What an element may do with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Calls may come in here, as at Begin: nothing needs to lead to it.
    Entry,
    /// Calls may leave the flow here.
    Exit,
    /// It may fail, for instance since an outside system is down.
    Fallible,
    /// It waits: for callers, for an agent, for an outside system.
    Input,
    /// Callers may be kept here: it may lead to itself.
    Hold,
    /// It decides where callers go by conditions.
    Decision,
}

impl Role {
    /// All of them, in the order of the documentation.
    pub const ALL: [Role; 6] = [
        Role::Entry,
        Role::Exit,
        Role::Fallible,
        Role::Input,
        Role::Hold,
        Role::Decision,
    ];

    /// The word in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Entry => "entry",
            Role::Exit => "exit",
            Role::Fallible => "fallible",
            Role::Input => "input",
            Role::Hold => "hold",
            Role::Decision => "decision",
        }
    }

    /// The role of this name.
    pub fn named(word: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a team says about a type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypeMeaning {
    /// What it does with calls; `None`: what Flowgate thinks of it.
    pub roles: Option<BTreeSet<Role>>,
    /// Branches that each element of this type must have.
    pub required_branches: Vec<String>,
}

/// What a team says about types, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ElementTypes(BTreeMap<String, TypeMeaning>);

impl ElementTypes {
    /// Says what a type means.
    pub fn declare(&mut self, name: impl Into<String>, meaning: TypeMeaning) {
        self.0.insert(name.into(), meaning);
    }

    /// The types that something is said about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether elements of a type have a role.
    pub fn have(&self, kind: &ElementType, role: Role) -> bool {
        match self.roles(kind) {
            Some(roles) => roles.contains(&role),
            None => usual(kind).contains(&role),
        }
    }

    /// Whether calls surely come in at elements of a type: at Begin, and where a team says so.
    pub fn is_entry(&self, kind: &ElementType) -> bool {
        *kind == ElementType::Begin || self.says(kind, Role::Entry)
    }

    /// Whether it is not known that calls do not come in at elements of a type: nobody said what the type does.
    pub fn may_be_entry(&self, kind: &ElementType) -> bool {
        matches!(kind, ElementType::Other(_)) && self.roles(kind).is_none()
    }

    fn roles(&self, kind: &ElementType) -> Option<&BTreeSet<Role>> {
        self.0.get(kind.as_str())?.roles.as_ref()
    }

    fn says(&self, kind: &ElementType, role: Role) -> bool {
        self.roles(kind).is_some_and(|roles| roles.contains(&role))
    }

    /// Branches that each element of a type must have.
    pub fn required_branches(&self, kind: &ElementType) -> &[String] {
        let declared = self.0.get(kind.as_str());
        declared.map_or(&[], |meaning| &meaning.required_branches)
    }

    /// Whether each element of a type must have this branch.
    pub fn require(&self, kind: &ElementType, branch: &str) -> bool {
        let mut required = self.required_branches(kind).iter();
        required.any(|name| name.eq_ignore_ascii_case(branch))
    }
}

/// The roles of a type that nothing is said about. Of a type that nobody declared nothing is known: it is suspected of
/// nothing.
fn usual(kind: &ElementType) -> &'static [Role] {
    match kind {
        ElementType::Begin => &[Role::Entry],
        ElementType::End | ElementType::Agent => &[Role::Exit],
        ElementType::Ivr => &[Role::Input],
        ElementType::Queue => &[Role::Exit, Role::Fallible, Role::Input, Role::Hold],
        ElementType::Api => &[Role::Fallible, Role::Input],
        ElementType::Database => &[Role::Fallible],
        ElementType::Conditional => &[Role::Decision],
        ElementType::Other(_) => &[Role::Exit, Role::Hold],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_beats_what_is_usual_and_an_undeclared_type_is_suspected_of_nothing() {
        let mut types = ElementTypes::default();
        let callback = ElementType::from("Callback");
        assert!(types.have(&callback, Role::Exit) && !types.have(&callback, Role::Fallible));
        types.declare("Callback", TypeMeaning::default());
        assert!(types.have(&callback, Role::Hold), "no roles are said");
        let meaning = TypeMeaning {
            roles: Some(BTreeSet::from([Role::Fallible])),
            required_branches: vec!["Error".into()],
        };
        types.declare("Callback", meaning);
        assert!(!types.have(&callback, Role::Exit) && types.have(&callback, Role::Fallible));
        assert!(types.require(&callback, "error"));
        types.declare(
            "Queue",
            TypeMeaning {
                roles: Some(BTreeSet::new()),
                ..TypeMeaning::default()
            },
        );
        assert!(!types.have(&ElementType::Queue, Role::Exit));
        assert!(types.have(&ElementType::Agent, Role::Exit));
        assert!(types.is_entry(&ElementType::Begin));
        let event = ElementType::from("OnAnswer");
        assert!(types.may_be_entry(&event) && !types.is_entry(&event));
        let roles = |roles: &[Role]| TypeMeaning {
            roles: Some(roles.iter().copied().collect()),
            ..TypeMeaning::default()
        };
        types.declare("OnAnswer", roles(&[Role::Entry]));
        assert!(types.is_entry(&event));
        types.declare("OnAnswer", roles(&[Role::Hold]));
        assert!(!types.is_entry(&event) && !types.may_be_entry(&event));
        for role in Role::ALL {
            assert_eq!(Role::named(role.as_str()), Some(role));
        }
        assert_eq!(Role::named("Exit"), None);
    }
}
