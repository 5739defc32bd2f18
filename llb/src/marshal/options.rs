//! Options for marshalling a whole graph.

use std::hash::{BuildHasher, RandomState};

use crate::capability::Support;
use crate::constraints::{Constrain, Constraints};
use crate::platform::Platform;

/// Options that apply to a whole graph when it is marshalled: its platform, its daemon, and the ID
/// that local sources carry.
///
/// The same graph and options always give the same bytes.
///
/// ```
/// use buildkit_llb::{Constrain, MarshalOptions, State};
///
/// let options = MarshalOptions::new()
///     .on_platform("linux/arm64".parse()?)
///     .worker_filter("label==fast");
/// let definition = State::local("context").marshal(&options);
/// assert_eq!(definition, State::local("context").marshal(&options));
/// # Ok::<(), buildkit_llb::PlatformError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MarshalOptions {
    pub(crate) constraints: Constraints,
    pub(crate) support: Option<Support>,
    pub(crate) local_unique_id: String,
}

impl MarshalOptions {
    /// Returns the default options: the host's platform, an unknown daemon, and a new unique ID for
    /// local sources without a session.
    pub fn new() -> Self {
        Self {
            constraints: Constraints::new(),
            support: None,
            local_unique_id: unique_id(),
        }
    }

    /// Sets what the daemon supports.
    ///
    /// As in Go, this decides only one thing: for daemons that don't set a default `PATH`, it is
    /// added to the environment of every exec operation that has none.
    #[must_use]
    pub fn supported_by(mut self, support: Support) -> Self {
        self.support = Some(support);
        self
    }

    /// Sets the ID of local sources without a session.
    ///
    /// It keeps builds of different clients apart, whose directories may have the same name. Set a
    /// fixed ID to make a definition reproducible.
    #[must_use]
    pub fn local_unique_id(mut self, id: impl Into<String>) -> Self {
        self.local_unique_id = id.into();
        self
    }

    /// Returns the platform of operations without one.
    pub(crate) fn platform(&self) -> Platform {
        match self.constraints.platform.as_deref() {
            Some(platform) => platform.clone(),
            None => Platform::host(),
        }
    }
}

/// Applies to every vertex: platform and worker filters if it has none, and metadata, which the
/// vertex's own metadata overrides. Locations have no effect here.
impl Constrain for MarshalOptions {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

impl Default for MarshalOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Generates an ID from the standard library's randomly seeded hasher, which is unique enough to
/// keep two clients apart. It doesn't need to be secret.
fn unique_id() -> String {
    let random = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        assert_ne!(unique_id(), unique_id());
        assert_eq!(unique_id().len(), 32);
    }
}
