//! Sources of variables.

use buildkit_llb::State;

/// A source of variables.
pub trait Environment {
    /// Returns the value of a variable.
    fn get(&self, name: &str) -> Option<&str>;

    /// Returns the names of all variables.
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

/// Names with values; if a name occurs twice, the last one counts.
impl Environment for &[(String, String)] {
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.iter().rev().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// The environment variables of processes that run on a state.
impl Environment for State {
    fn get(&self, name: &str) -> Option<&str> {
        self.get_env(name)
    }

    fn names(&self) -> Vec<&str> {
        self.get_envs().iter().map(|(name, _)| name).collect()
    }
}
