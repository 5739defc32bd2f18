//! All gateway capabilities: the feature, the first release with it, and what happens without it.
//!
//! The versions are the first releases of BuildKit with the capability. The capabilities of graphs
//! are listed by `stagefile-llb`.

use super::{Capability, Fallback};
use Fallback::{Alternative, Refuse, Unused};

/// Declares the capabilities, as constants and as a list.
macro_rules! capabilities {
    ($($name:ident = $id:literal, $since:literal, $feature:literal, $without:expr;)*) => {
        $(
            #[doc = concat!("`", $id, "`: lets a frontend ", $feature, "; since BuildKit ", $since, ".")]
            pub const $name: Capability = Capability {
                id: $id,
                feature: $feature,
                since: $since,
                without: $without,
            };
        )*

        /// All capabilities.
        pub const ALL: &[Capability] = &[$($name),*];
    };
}

capabilities! {
    SOLVE = "solve.base", "0.3", "build graphs", Refuse;
    INLINE_RETURN = "solve.inlinereturn", "0.3", "end with the last graph",
        Unused("`Return` is there wherever a frontend can run from an image of today");
    RESOLVE_IMAGE = "resolveimage", "0.3", "look up images", Refuse;
    RESOLVE_IMAGE_MODE = "resolveimage.resolvemode", "0.3", "choose how images are looked up",
        Alternative("the daemon's own choice");
    READ_FILE = "readfile", "0.3", "read files of a result", Refuse;
    READ_DIR = "readdir", "0.3", "list directories of a result", Refuse;
    STAT_FILE = "statfile", "0.3", "look at files of a result", Refuse;
    RETURN = "return", "0.3", "return a result or an error", Refuse;
    RETURN_MAP = "returnmap", "0.3", "return results for several platforms", Refuse;
    IMPORT_CACHES = "importcaches", "0.4", "import caches", Alternative("a build without them");
    REF_ARRAY = "proto.refarray", "0.7", "read results in their present form",
        Alternative("results in their older form");
    REFERENCE_OUTPUT = "reference.output", "0.7", "use a result in another graph", Refuse;
    INPUTS = "frontend.inputs", "0.7", "take graphs as inputs", Alternative("no inputs");
    FRONTEND_CAPS = "frontend.caps", "0.8", "ask a frontend what it can do",
        Unused("the daemon asks by the labels of the frontend's image");
    SOLVE_METADATA = "gateway.solve.metadata", "0.8", "return metadata of a nested frontend",
        Unused("missing metadata is an empty map");
    EXEC = "gateway.exec", "0.8", "run containers", Refuse;
    EXEC_EXTRA_HOSTS = "gateway.exec.extrahosts", "0.10", "name hosts in containers", Refuse;
    EXEC_SECRET_ENV = "gateway.exec.secretenv", "0.12",
        "give secrets to containers as variables", Refuse;
    EXEC_SIGNALS = "gateway.exec.signals", "0.10", "send signals to containers", Refuse;
    EXEC_FILESYSTEM = "gateway.exec.filesystem", "0.27", "read files of containers", Refuse;
    SOLVE_EVALUATE = "gateway.solve.evaluate", "0.8", "build a graph in the same call",
        Alternative("a look at the root of the result, which builds it");
    EVALUATE = "gateway.evaluate", "0.11", "build a result that isn't needed yet",
        Alternative("a look at the root of the result, which builds it");
    WARNINGS = "gateway.warnings", "0.10", "show warnings", Alternative("no warnings");
    ATTESTATIONS = "reference.attestations", "0.11", "return attestations", Refuse;
    META_RESOLVER = "source.metaresolver", "0.13", "look up sources of any kind",
        Alternative("the older call for images, and git and HTTP sources as they are");
    META_RESOLVER_ATTESTATIONS = "source.metaresolver.image.attestations", "0.28",
        "look up the attestations of images", Refuse;
    META_RESOLVER_CHECKSUM = "source.metaresolver.http.checksumrequest", "0.28",
        "compute checksums of HTTP sources on request", Refuse;
}

/// The features of daemons that are older than lists of capabilities.
pub(super) const BEFORE_LISTS: [Capability; 4] = [SOLVE, INLINE_RETURN, RESOLVE_IMAGE, READ_FILE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut ids: Vec<_> = ALL.iter().map(|capability| capability.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
    }
}
