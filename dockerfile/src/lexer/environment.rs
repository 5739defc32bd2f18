//! Where variables have their values from.

use buildkit_llb::State;

/// Has variables.
pub trait Environment {
    /// Returns the value of a variable.
    fn get(&self, name: &str) -> Option<&str>;

    /// Lists the names of all variables.
    fn names(&self) -> Vec<&str>;
}

/// An environment without variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables;

impl Environment for NoVariables {
    fn get(&self, _: &str) -> Option<&str> {
        None
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Names with values; of two with one name the last counts.
impl Environment for &[(String, String)] {
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.iter().rev().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// The variables that processes on a state have.
impl Environment for State {
    fn get(&self, name: &str) -> Option<&str> {
        self.get_env(name)
    }

    fn names(&self) -> Vec<&str> {
        self.get_envs().iter().map(|(name, _)| name).collect()
    }
}
