//! What holds for a whole graph when it is marshalled.

use std::hash::{BuildHasher, RandomState};

use crate::capability::Support;
use crate::constraints::{Constrain, Constraints};
use crate::platform::Platform;

/// Decides what a graph itself leaves open: its platform, its daemon and its name among the
/// client's local sources.
///
/// The same graph and the same options give the same bytes.
///
/// ```
/// use buildkit_llb::{Constrain, MarshalOptions, State};
///
/// let options = MarshalOptions::new()
///     .on_platform("linux/arm64".parse()?)
///     .on_worker("label==fast");
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
    /// Returns the usual options: the host's platform, an unknown daemon, and a unique id of its
    /// own for local sources without a session.
    pub fn new() -> Self {
        Self {
            constraints: Constraints::new(),
            support: None,
            local_unique_id: unique_id(),
        }
    }

    /// Says what the daemon supports.
    ///
    /// It decides one thing, as in Go: daemons that don't set a default `PATH` get it in the
    /// environment of every exec operation that has none.
    #[must_use]
    pub fn supported_by(mut self, support: Support) -> Self {
        self.support = Some(support);
        self
    }

    /// Sets the id that local sources without a session carry.
    ///
    /// It keeps builds of different clients apart, whose directories may have the same name. A
    /// fixed one makes a definition reproducible.
    #[must_use]
    pub fn local_unique_id(mut self, id: impl Into<String>) -> Self {
        self.local_unique_id = id.into();
        self
    }

    /// Returns the platform of operations that have none of their own.
    pub(crate) fn platform(&self) -> Platform {
        match self.constraints.platform.as_deref() {
            Some(platform) => platform.clone(),
            None => Platform::host(),
        }
    }
}

/// Sets what every vertex gets: platform and worker filters where it has none, and metadata, where
/// the vertex's own wins. Locations have no effect here.
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

/// Makes an id out of the standard library's randomly seeded hasher, which is unique enough to
/// keep two clients apart, and guards no secret.
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
