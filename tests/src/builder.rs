//! The buildx builder that the tests use.

use std::env;

/// Entitlements that some features need; a builder may refuse them, and then only these features fail.
const ENTITLEMENTS: [&str; 2] = ["network.host", "security.insecure"];

/// A builder other than the daemon's own: it doesn't share an image store with the daemon, so images go through a
/// registry.
#[derive(Debug, Clone)]
pub(crate) struct Builder {
    /// The name shown by `docker buildx ls`.
    name: String,
    /// The address of a registry that both the daemon and the builder can access, without a trailing slash.
    registry: String,
}

impl Builder {
    /// Returns the builder in `STAGEFILE_BUILDER`; `None` if the tests use the daemon's own.
    ///
    /// Panics if the registry is missing.
    pub(crate) fn named() -> Option<Self> {
        let name = env::var("STAGEFILE_BUILDER")
            .ok()
            .filter(|name| !name.is_empty())?;
        let registry = env::var("STAGEFILE_REGISTRY").expect(
            "with STAGEFILE_BUILDER, STAGEFILE_REGISTRY is the address of a registry that builder and daemon reach",
        );
        Some(Self { name, registry })
    }

    /// Returns the options of `docker buildx build` that select it, and that allow entitlements if requested.
    pub(crate) fn options(&self, allowing: bool) -> Vec<String> {
        let allowed = ENTITLEMENTS.iter().filter(|_| allowing);
        let allowed = allowed.map(|entitlement| format!("--allow={entitlement}"));
        [format!("--builder={}", self.name)]
            .into_iter()
            .chain(allowed)
            .collect()
    }

    /// Returns the name of an image in the registry.
    pub(crate) fn in_registry(&self, name: &str) -> String {
        format!("{}/{name}", self.registry)
    }
}
