//! The configuration and the manifest of the frontend's image.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::blob::{Blob, Descriptor};
use crate::executable::Architecture;
use crate::layer::Layer;

/// The media type of an image manifest.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The media type of an image configuration.
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

/// The frontend's capabilities, which the gateway checks before it starts the container: `--call`, named
/// contexts, contexts from Git, and nested use. BuildKit's names are in `frontend/gateway/gateway.go`.
const CAPABILITIES: &str = "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,\
                            moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring";

/// The timestamp of everything in the image, whose bytes must not depend on when it is created.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// An image with a single layer.
#[derive(Debug)]
pub(crate) struct Image {
    architecture: Architecture,
    layer: Blob,
    configuration: Blob,
    manifest: Blob,
}

#[derive(Serialize)]
struct Configuration<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    config: Execution<'a>,
    rootfs: RootFilesystem<'a>,
    history: [History<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Execution<'a> {
    /// The gateway only runs the entrypoint; it ignores the command and the user.
    entrypoint: [String; 1],
    working_dir: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct RootFilesystem<'a> {
    r#type: &'a str,
    diff_ids: [&'a str; 1],
}

#[derive(Serialize)]
struct History<'a> {
    created: &'a str,
    created_by: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor,
    layers: [Descriptor; 1],
}

impl Image {
    /// Describes `layer` as a frontend for `architecture`.
    pub(crate) fn new(
        architecture: Architecture,
        layer: &Layer,
    ) -> Result<Self, serde_json::Error> {
        let configuration = Blob::json(
            CONFIGURATION,
            &Configuration {
                created: CREATED,
                architecture: architecture.name(),
                os: "linux",
                config: Execution {
                    entrypoint: [layer.executable()],
                    working_dir: "/",
                    labels: labels(),
                },
                rootfs: RootFilesystem {
                    r#type: "layers",
                    diff_ids: [layer.diff_id()],
                },
                history: [History {
                    created: CREATED,
                    created_by: env!("CARGO_PKG_NAME"),
                }],
            },
        )?;
        let manifest = Blob::json(
            MANIFEST,
            &Manifest {
                schema_version: 2,
                media_type: MANIFEST,
                config: configuration.descriptor(),
                layers: [layer.blob().descriptor()],
            },
        )?;
        Ok(Self {
            architecture,
            layer: layer.blob().clone(),
            configuration,
            manifest,
        })
    }

    /// Returns the architecture that the image runs on.
    pub(crate) fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Returns the compressed layer.
    pub(crate) fn layer(&self) -> &Blob {
        &self.layer
    }

    /// Returns the configuration, whose digest classic engines use as the image's ID.
    pub(crate) fn configuration(&self) -> &Blob {
        &self.configuration
    }

    /// Returns the manifest, whose digest is the image's name in a registry.
    pub(crate) fn manifest(&self) -> &Blob {
        &self.manifest
    }

    /// Returns all content of the image.
    pub(crate) fn blobs(&self) -> [&Blob; 3] {
        [&self.layer, &self.configuration, &self.manifest]
    }
}

fn labels() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("moby.buildkit.frontend.caps", CAPABILITIES),
        // All input comes over standard input: a compromised frontend can't send anything elsewhere.
        ("moby.buildkit.frontend.network.none", "true"),
        ("org.opencontainers.image.title", "stagefile"),
        (
            "org.opencontainers.image.description",
            "BuildKit frontend for Stagefiles",
        ),
        (
            "org.opencontainers.image.version",
            env!("CARGO_PKG_VERSION"),
        ),
        (
            "org.opencontainers.image.licenses",
            env!("CARGO_PKG_LICENSE"),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn image() -> Image {
        Image::new(
            Architecture::Amd64,
            &Layer::of_files([("stagefile", b"content")]).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn the_same_binary_gives_the_same_digest() {
        assert_eq!(image().manifest().digest(), image().manifest().digest());
        let other = Image::new(
            Architecture::Amd64,
            &Layer::of_files([("stagefile", b"other")]).unwrap(),
        )
        .unwrap();
        assert_ne!(image().manifest().digest(), other.manifest().digest());
    }

    #[test]
    fn the_configuration_names_the_entrypoint_and_the_capabilities() {
        let document: Value = serde_json::from_slice(image().configuration().bytes()).unwrap();
        assert_eq!(
            document["config"]["Entrypoint"],
            serde_json::json!(["/stagefile"])
        );
        assert_eq!(document["config"]["WorkingDir"], "/");
        assert_eq!(
            document["config"]["Labels"]["moby.buildkit.frontend.network.none"],
            "true"
        );
        let capabilities = document["config"]["Labels"]["moby.buildkit.frontend.caps"]
            .as_str()
            .unwrap();
        let capabilities: Vec<_> = capabilities.split(',').collect();
        assert_eq!(capabilities.len(), 4);
        assert!(
            capabilities
                .iter()
                .all(|name| name.starts_with("moby.buildkit.frontend.")),
            "{capabilities:?}"
        );
    }

    #[test]
    fn the_manifest_refers_to_the_other_blobs() {
        let image = image();
        let document: Value = serde_json::from_slice(image.manifest().bytes()).unwrap();
        assert_eq!(document["config"]["digest"], image.configuration().digest());
        assert_eq!(document["layers"][0]["digest"], image.layer().digest());
        assert_eq!(document["layers"][0]["size"], image.layer().bytes().len());
    }
}
