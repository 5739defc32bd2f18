//! Environment variables of a state.

use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

/// Environment variables, in the order in which each was last set.
///
/// Persistent: a changed copy shares all but a few nodes with the original, so that a chain of
/// many states which each set a variable costs neither quadratic time nor quadratic memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    variables: RedBlackTreeMapSync<Arc<str>, Variable>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Variable {
    /// When the variable was set; a later setting moves it to the end.
    order: u64,
    value: Arc<str>,
}

impl Environment {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|variable| &*variable.value)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let variable = Variable {
            order: self.next,
            value: value.into(),
        };
        self.next += 1;
        self.variables.insert_mut(name.into(), variable);
    }

    /// Sets variables, one after the other. Those that already are the last ones in this order, with these values, stay as they
    /// are: each stage of a long chain sets all that its base has set.
    pub(crate) fn set_all<'a>(&mut self, variables: impl Iterator<Item = (&'a str, &'a str)>) {
        let variables: Vec<(&str, &str)> = variables.collect();
        if !self.ends_with(&variables) {
            for (name, value) in variables {
                self.set(name, value);
            }
        }
    }

    /// Tells whether setting these variables would change nothing.
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
        // Whatever else is set has been set before.
        let behind = self
            .variables
            .values()
            .filter(|variable| Some(variable.order) >= first);
        self.variables.size() == variables.len() || behind.count() == variables.len()
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove_mut(name);
    }

    /// Returns names and values in order.
    pub(crate) fn to_vec(&self) -> Vec<(&str, &str)> {
        let mut variables: Vec<_> = self.variables.iter().collect();
        variables.sort_unstable_by_key(|(_, variable)| variable.order);
        variables
            .into_iter()
            .map(|(name, variable)| (&**name, &*variable.value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_again_moves_to_the_end() {
        let mut environment = Environment::default();
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
                    let (mut one, mut all) = (Environment::default(), Environment::default());
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
    fn unset_forgets_the_place() {
        let mut environment = Environment::default();
        environment.set("A", "1");
        environment.set("B", "2");
        let before = environment.clone();
        environment.unset("A");
        environment.set("A", "3");
        assert_eq!(environment.to_vec(), [("B", "2"), ("A", "3")]);
        assert_eq!(before.to_vec(), [("A", "1"), ("B", "2")]);
    }
}
