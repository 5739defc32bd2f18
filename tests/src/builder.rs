//! Which builder of buildx the tests build with.

use std::env;

/// Entitlements that some features need; a builder may refuse them, and then only these features fail.
const ENTITLEMENTS: [&str; 2] = ["network.host", "security.insecure"];

/// A builder that is not the daemon's own: it shares no image store with the daemon, so that images go through a registry.
#[derive(Debug, Clone)]
pub(crate) struct Builder {
    /// Its name, as `docker buildx ls` shows it.
    name: String,
    /// Address of a registry that both the daemon and the builder reach, without a slash at the end.
    registry: String,
}

impl Builder {
    /// Returns the builder that `STAGEFILE_BUILDER` names; `None` where the tests build with the daemon's own.
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

    /// Returns the options of `docker buildx build` that choose it, and allow what features need if that is wanted.
    pub(crate) fn options(&self, allowing: bool) -> Vec<String> {
        let allowed = ENTITLEMENTS.iter().filter(|_| allowing);
        let allowed = allowed.map(|entitlement| format!("--allow={entitlement}"));
        [format!("--builder={}", self.name)]
            .into_iter()
            .chain(allowed)
            .collect()
    }

    /// Returns the name by which the registry holds an image.
    pub(crate) fn in_registry(&self, name: &str) -> String {
        format!("{}/{name}", self.registry)
    }
}
