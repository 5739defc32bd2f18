//! Environment variables of a state.

use std::fmt;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

/// A list of environment variables, in the order in which each was last set.
///
/// A changed copy shares all but a few variables with the original, so a chain of many states that
/// each set a variable doesn't take quadratic time or memory.
///
/// ```
/// use buildkit_llb::{EnvList, State};
///
/// let mut common: EnvList = [("LANG", "C.UTF-8"), ("CI", "true")].into_iter().collect();
/// common.set_default("LANG", "C");
/// common.unset("CI");
/// let state = State::scratch().env("A", "1").envs(&common);
/// assert_eq!(state.get_envs().to_string(), "A=1 LANG=C.UTF-8");
/// ```
#[derive(Clone, Debug, Default)]
pub struct EnvList {
    variables: Variables,
}

#[derive(Debug)]
enum Variables {
    /// In order. With few variables, a linear search is faster than any other, and copying is
    /// faster than sharing.
    Few(Vec<Pair>),
    Many(Tree),
}

/// The maximum number of variables that are kept in a vector.
const MAX_LINEAR_SEARCH: usize = 16;

/// A name and a value.
#[derive(Clone, Debug)]
struct Pair {
    /// The name, directly followed by the value.
    text: Arc<str>,
    /// The offset of the value.
    value: usize,
}

/// Variables that share all but a few nodes with the original.
#[derive(Clone, Debug, Default)]
struct Tree {
    variables: RedBlackTreeMapSync<Arc<str>, Variable>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Variable {
    /// The time at which the variable was set; setting it again moves it to the end.
    order: u64,
    value: Arc<str>,
}

impl EnvList {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        match &self.variables {
            Variables::Few(pairs) => {
                let pair = pairs.iter().find(|pair| pair.name() == name)?;
                Some(pair.value())
            }
            Variables::Many(tree) => tree.variables.get(name).map(|variable| &*variable.value),
        }
    }

    /// Sets a variable and moves it to the end.
    pub fn set(&mut self, name: &str, value: &str) {
        let pairs = match &mut self.variables {
            Variables::Few(pairs) => pairs,
            Variables::Many(tree) => return tree.set(name, value),
        };
        if let Some(position) = pairs.iter().position(|pair| pair.name() == name) {
            pairs.remove(position);
        } else if pairs.len() == MAX_LINEAR_SEARCH {
            let mut tree = Tree::default();
            for pair in &*pairs {
                tree.set(pair.name(), pair.value());
            }
            tree.set(name, value);
            self.variables = Variables::Many(tree);
            return;
        }
        pairs.push(Pair::new(name, value));
    }

    /// Sets several variables, one after the other. Variables that are already the last ones, in
    /// this order and with these values, are left unchanged: each stage of a long chain sets
    /// everything that its base has set.
    pub(crate) fn set_all<'a>(&mut self, variables: impl Iterator<Item = (&'a str, &'a str)>) {
        let variables: Vec<(&str, &str)> = variables.collect();
        let are_set = match &self.variables {
            Variables::Few(pairs) => {
                let last = pairs.len().checked_sub(variables.len());
                let last = last.map(|before| pairs[before..].iter().map(Pair::parts));
                last.is_some_and(|last| last.eq(variables.iter().copied()))
            }
            Variables::Many(tree) => tree.ends_with(&variables),
        };
        if !are_set {
            for (name, value) in variables {
                self.set(name, value);
            }
        }
    }

    /// Sets a variable unless it is there already.
    pub fn set_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) {
        match &mut self.variables {
            Variables::Few(pairs) => pairs.retain(|pair| pair.name() != name),
            Variables::Many(tree) => _ = tree.variables.remove_mut(name),
        }
    }

    /// Returns the number of variables.
    pub fn len(&self) -> usize {
        match &self.variables {
            Variables::Few(pairs) => pairs.len(),
            Variables::Many(tree) => tree.variables.size(),
        }
    }

    /// Reports whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.to_vec().into_iter()
    }

    /// Calls a function with each name and value, in order.
    pub(crate) fn for_each(&self, mut each: impl FnMut(&str, &str)) {
        match &self.variables {
            Variables::Few(pairs) => {
                for (name, value) in pairs.iter().map(Pair::parts) {
                    each(name, value);
                }
            }
            Variables::Many(tree) => {
                for (name, value) in tree.to_vec() {
                    each(name, value);
                }
            }
        }
    }

    /// Returns the names and values, in order.
    pub(crate) fn to_vec(&self) -> Vec<(&str, &str)> {
        match &self.variables {
            Variables::Few(pairs) => pairs.iter().map(Pair::parts).collect(),
            Variables::Many(tree) => tree.to_vec(),
        }
    }
}

impl Default for Variables {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Clone for Variables {
    fn clone(&self) -> Self {
        match self {
            Self::Few(pairs) => {
                // A copy is made in order to change it, usually by adding one variable.
                let mut copy = Vec::with_capacity(pairs.len() + 1);
                copy.extend_from_slice(pairs);
                Self::Few(copy)
            }
            Self::Many(tree) => Self::Many(tree.clone()),
        }
    }
}

impl Pair {
    fn new(name: &str, value: &str) -> Self {
        Self {
            text: [name, value].concat().into(),
            value: name.len(),
        }
    }

    fn name(&self) -> &str {
        &self.text[..self.value]
    }

    fn value(&self) -> &str {
        &self.text[self.value..]
    }

    fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.value)
    }
}

impl Tree {
    fn set(&mut self, name: &str, value: &str) {
        let variable = Variable {
            order: self.next,
            value: value.into(),
        };
        self.next += 1;
        let known = self.variables.get_key_value(name);
        let name = known.map_or_else(|| name.into(), |(known, _)| Arc::clone(known));
        self.variables.insert_mut(name, variable);
    }

    /// Reports whether setting these variables would change nothing.
    fn ends_with(&self, variables: &[(&str, &str)]) -> bool {
        let mut first = None;
        let mut last = None;
        for (name, value) in variables {
            let Some(variable) = self.variables.get(*name) else {
                return false;
            };
            if *variable.value != **value || last.is_some_and(|last| last >= variable.order) {
                return false;
            }
            last = Some(variable.order);
            first.get_or_insert(variable.order);
        }
        // All other variables must have been set before these.
        let behind = self
            .variables
            .values()
            .filter(|variable| Some(variable.order) >= first);
        self.variables.size() == variables.len() || behind.count() == variables.len()
    }

    fn to_vec(&self) -> Vec<(&str, &str)> {
        let mut variables: Vec<_> = self.variables.iter().collect();
        variables.sort_unstable_by_key(|(_, variable)| variable.order);
        variables
            .into_iter()
            .map(|(name, variable)| (&**name, &*variable.value))
            .collect()
    }
}

/// Compares names and values, including their order.
impl PartialEq for EnvList {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for EnvList {}

/// Writes `NAME=VALUE` pairs, separated by spaces, for debugging.
impl fmt::Display for EnvList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, value)) in self.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(formatter, "{space}{name}={value}")?;
        }
        Ok(())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Extend<(N, V)> for EnvList {
    fn extend<T: IntoIterator<Item = (N, V)>>(&mut self, variables: T) {
        for (name, value) in variables {
            self.set(name.as_ref(), value.as_ref());
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for EnvList {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(variables: T) -> Self {
        let mut list = Self::new();
        list.extend(variables);
        list
    }
}

impl<'a> IntoIterator for &'a EnvList {
    type Item = (&'a str, &'a str);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_vec().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_again_moves_to_the_end() {
        let mut environment = EnvList::new();
        for (name, value) in [("B", "2"), ("A", "1"), ("B", "3"), ("C", "")] {
            environment.set(name, value);
        }
        assert_eq!(environment.to_vec(), [("A", "1"), ("B", "3"), ("C", "")]);
        assert_eq!(environment.get("B"), Some("3"));
    }

    #[test]
    fn setting_what_is_set_changes_nothing() {
        let sets = [
            &[("A", "1"), ("B", "2")][..],
            &[("B", "2"), ("A", "1")],
            &[("B", "2"), ("A", "1"), ("B", "2")],
            &[("A", "3")],
            &[("C", "1"), ("A", "3")],
            &[],
        ];
        for first in sets {
            for second in sets {
                for third in sets {
                    let (mut one, mut all) = (EnvList::new(), EnvList::new());
                    for set in [first, second, third] {
                        for (name, value) in set {
                            one.set(name, value);
                        }
                        all.set_all(set.iter().copied());
                        assert_eq!(one.to_vec(), all.to_vec(), "{first:?} {second:?} {third:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn many_are_as_few() {
        let names: Vec<String> = (0..3 * MAX_LINEAR_SEARCH)
            .map(|number| format!("N{number}"))
            .collect();
        let mut environment = EnvList::new();
        let mut expected: Vec<(&str, &str)> = Vec::new();
        for (round, name) in names.iter().chain(names.iter().step_by(3)).enumerate() {
            let value = if round < names.len() { "1" } else { "2" };
            environment.set(name, value);
            expected.retain(|(known, _)| known != name);
            expected.push((name, value));
            assert_eq!(environment.to_vec(), expected);
            assert_eq!(environment.len(), expected.len());
            assert_eq!(environment.get(name), Some(value));
            let before = environment.clone();
            environment.set_all(expected.iter().copied());
            environment.set_default(name, "3");
            assert_eq!(environment, before);
        }
        for name in &names {
            environment.unset(name);
            assert_eq!(environment.get(name), None);
        }
        assert!(environment.is_empty());
    }

    #[test]
    fn unset_forgets_the_place() {
        let mut environment = EnvList::new();
        environment.set("A", "1");
        environment.set("B", "2");
        let before = environment.clone();
        environment.unset("A");
        environment.set("A", "3");
        assert_eq!(environment.to_vec(), [("B", "2"), ("A", "3")]);
        assert_eq!(before.to_vec(), [("A", "1"), ("B", "2")]);
    }
}
