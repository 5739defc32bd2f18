//! Named contexts.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_llb::{
    Checksum, Constrain, Differ, Http, Image, OciLayout, Platform, Reference, State,
};
use bytes::Bytes;

use super::checkout::Checkout;
use super::contexts::{Contexts, IGNORE_FILE, is_http};
use super::error::ContextError;
use super::files::ContextFiles;
use super::git_reference::GitReference;
use crate::client::{ResolveSource, SourceMetadata};
use crate::image_config::ImageConfig;

/// The metadata key of an image's configuration.
const IMAGE_CONFIG: &str = "containerimage.config";

/// The maximum number of times that source policies may replace a source.
const MAX_REPLACEMENTS: usize = 10;

/// The value of a named context: a directory, a repository, an image, or a result of another build.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NamedContext {
    /// The files.
    pub files: ContextFiles,
    /// The configuration of the image, if it is one.
    pub image: Option<ImageConfig>,
    /// The same, as the original JSON.
    pub image_json: Option<Bytes>,
    /// The digest of the image. It isn't pinned to the digest; clients that want that include it in the value.
    pub digest: Option<Checksum>,
}

/// A look-up: the name of the context, and its value in the client's options.
struct LookUp<'options> {
    /// The name as in the file.
    name: &'options str,
    /// The name as in the client's options, possibly with a platform.
    key: &'options str,
    platform: Option<&'options Platform>,
}

impl Contexts {
    /// Finds the named context with a name, if the client provides one. It replaces an image with that name,
    /// whether that is named in the file or elsewhere.
    ///
    /// Names are compared like image references: without the default registry and organization, and without
    /// `:latest`. A context for the platform takes precedence over one for all platforms. The names `context`
    /// and `scratch` can't be overridden.
    pub async fn named(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Option<NamedContext>, ContextError> {
        if ["context", "scratch"]
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(name))
        {
            return Ok(None);
        }
        let familiar = match Reference::parse(name) {
            Ok(reference) => reference.familiar(),
            // Not an image reference, but the client may have a context with this name.
            Err(_) => name.to_owned(),
        };
        let name = familiar.strip_suffix(":latest").unwrap_or(&familiar);
        let host = Platform::host();
        let for_platform = format!("{name}::{}", platform.unwrap_or(&host).normalize());
        for key in [for_platform.as_str(), name] {
            if let Some(value) = self.options.files.named_contexts.get(key) {
                return self
                    .load(
                        LookUp {
                            name,
                            key,
                            platform,
                        },
                        value,
                    )
                    .await
                    .map(Some);
            }
        }
        Ok(None)
    }

    async fn load(&self, look_up: LookUp<'_>, value: &str) -> Result<NamedContext, ContextError> {
        let mut value = value.to_owned();
        for _ in 0..=MAX_REPLACEMENTS {
            let Some(image) = value.strip_prefix("docker-image:") else {
                return self.load_other(&look_up, &value).await;
            };
            let image = image.strip_prefix("//").unwrap_or(image);
            if image == "scratch" {
                return Ok(NamedContext::from_state(State::scratch()));
            }
            let metadata = self.look_up_image(&look_up, image).await?;
            if metadata.image.is_some() {
                return image_context(&look_up, image, metadata);
            }
            // A policy has replaced the source.
            value = metadata.identifier;
        }
        Err(ContextError::Cycle {
            name: look_up.key.to_owned(),
            value,
        })
    }

    async fn look_up_image(
        &self,
        look_up: &LookUp<'_>,
        image: &str,
    ) -> Result<SourceMetadata, ContextError> {
        let name = format!("[context {}] load metadata for {image}", look_up.key);
        let mut request = ResolveSource::image(&Reference::parse(image)?)
            .mode(self.options.resolve_mode)
            .named(&name);
        if let Some(platform) = look_up.platform {
            request = request.platform(platform);
        }
        self.client
            .resolve_source(request)
            .await
            .map_err(ContextError::load(name))
    }

    /// Loads a context that isn't an image in a registry.
    async fn load_other(
        &self,
        look_up: &LookUp<'_>,
        value: &str,
    ) -> Result<NamedContext, ContextError> {
        let key = look_up.key;
        if let Some(layout) = value.strip_prefix("oci-layout:") {
            return self
                .load_layout(look_up, layout.strip_prefix("//").unwrap_or(layout))
                .await;
        }
        if let Some(directory) = value.strip_prefix("local:") {
            let directory = directory.strip_prefix("//").unwrap_or(directory);
            return self.load_directory(key, directory).await;
        }
        if let Some(input) = value.strip_prefix("input:") {
            return self.load_input(key, input);
        }
        if let Some(reference) = GitReference::parse(value)? {
            let name = format!("[internal] load git source {value}");
            return Ok(NamedContext::from_state(
                Checkout::new(&reference, &name)?.files,
            ));
        }
        if is_http(value) {
            let file = Http::new(value)?.filename("context");
            let state = file.named(format!("[context {key}] {value}")).into_state();
            return Ok(NamedContext::from_state(state));
        }
        Err(ContextError::UnknownKind {
            name: key.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Finds an image in one of the client's OCI layouts, by the layout's name: that of a named context which
    /// is a layout, or of a store in the client's session (buildctl's `--oci-layout NAME=DIR`).
    ///
    /// Without a digest, the image is taken from the named context.
    pub async fn layout(
        &self,
        name: &str,
        digest: Option<&Checksum>,
        platform: Option<&Platform>,
    ) -> Result<NamedContext, ContextError> {
        let given = self.options.files.named_contexts.get(name);
        let value = given.map_or(name, String::as_str);
        let look_up = LookUp {
            name,
            key: name,
            platform,
        };
        let layout = match (given, value.strip_prefix("oci-layout:")) {
            (None, _) => name,
            (Some(_), Some(layout)) => layout.strip_prefix("//").unwrap_or(layout),
            (Some(_), None) => {
                return Err(ContextError::NoLayout {
                    name: name.to_owned(),
                    value: value.to_owned(),
                });
            }
        };
        let store = layout.split_once('@').map_or(layout, |(store, _)| store);
        match digest {
            Some(digest) => {
                self.load_layout(&look_up, &format!("{store}@{digest}"))
                    .await
            }
            None => self.load_layout(&look_up, layout).await,
        }
    }

    /// Loads an image from an OCI layout on the client's side: `STORE[:TAG]@DIGEST`.
    async fn load_layout(
        &self,
        look_up: &LookUp<'_>,
        layout: &str,
    ) -> Result<NamedContext, ContextError> {
        let key = look_up.key;
        let no_digest = || ContextError::NoDigest {
            name: key.to_owned(),
            value: layout.to_owned(),
        };
        let (store, digest) = layout.split_once('@').ok_or_else(no_digest)?;
        let digest = Checksum::parse(digest).map_err(|_| no_digest())?;
        let after_slash = store.rfind('/').map_or(0, |slash| slash + 1);
        let store = match store[after_slash..].find(':') {
            Some(colon) => &store[..after_slash + colon],
            None => store,
        };
        // The name is informational; the daemon looks up the digest in the store.
        let reference = Reference::parse(look_up.name)?.with_digest(digest);

        let name = format!("[context {key}] load metadata for {reference}");
        let mut request =
            ResolveSource::oci_layout(&reference, &self.session_id, store).named(&name);
        let mut source = OciLayout::new(reference.to_string())?
            .session(&self.session_id)
            .store(store)
            .named(format!("[context {key}] OCI load from client"));
        if let Some(platform) = look_up.platform {
            request = request.platform(platform);
            source = source.on_platform(platform.clone());
        }
        let metadata = self
            .client
            .resolve_source(request)
            .await
            .map_err(ContextError::load(name))?;
        let Some(image) = metadata.image else {
            let value = metadata.identifier;
            return Err(ContextError::UnknownKind {
                name: key.to_owned(),
                value,
            });
        };
        NamedContext::of_image(key, &source.into_state(), image.config, image.digest)
    }

    async fn load_directory(
        &self,
        key: &str,
        directory: &str,
    ) -> Result<NamedContext, ContextError> {
        let ignore_file = self
            .local(directory)
            .follow([IGNORE_FILE])
            .shared_key_hint(format!("context:{key}-{IGNORE_FILE}"))
            .differ(Differ::None)
            .named(format!("[context {key}] load {IGNORE_FILE}"))
            .into_state();
        let ignore_file = self.read_patterns(directory, &ignore_file).await?;
        let shared_key = self
            .options
            .files
            .shared_keys
            .get(key)
            .map_or("", String::as_str);
        let local = self
            .local(directory)
            .shared_key_hint(format!("context:{key}-{shared_key}"));
        let name = format!("[context {key}] load from client");
        Ok(NamedContext {
            files: ContextFiles::local(local, name, ignore_file)?,
            ..NamedContext::from_state(State::scratch())
        })
    }

    fn load_input(&self, key: &str, input: &str) -> Result<NamedContext, ContextError> {
        let state = self.input(input)?.ok_or_else(|| ContextError::NoInput {
            name: key.to_owned(),
            input: input.to_owned(),
        })?;
        let Some(metadata) = self.options.files.input_metadata.get(input) else {
            return Ok(NamedContext::from_state(state));
        };
        let invalid = |reason: String| ContextError::Metadata {
            name: key.to_owned(),
            reason,
        };
        let metadata: BTreeMap<String, String> =
            serde_json::from_str(metadata).map_err(|error| invalid(error.to_string()))?;
        match metadata.get(IMAGE_CONFIG) {
            None => Ok(NamedContext::from_state(state)),
            Some(config) => {
                let config = STANDARD
                    .decode(config)
                    .map_err(|error| invalid(error.to_string()))?;
                NamedContext::of_image(key, &state, config.into(), None)
            }
        }
    }
}

/// Creates a context from an image in a registry.
fn image_context(
    look_up: &LookUp<'_>,
    image: &str,
    metadata: SourceMetadata,
) -> Result<NamedContext, ContextError> {
    let resolved = metadata
        .identifier
        .strip_prefix("docker-image://")
        .unwrap_or(image);
    let mut source = Image::new(resolved)?.named(format!("[context {}] {image}", look_up.key));
    if let Some(platform) = look_up.platform {
        source = source.on_platform(platform.clone());
    }
    let (config, digest) = match metadata.image {
        Some(image) => (image.config, image.digest),
        None => (Bytes::new(), None),
    };
    NamedContext::of_image(look_up.key, &source.into_state(), config, digest)
}

impl NamedContext {
    pub(super) fn from_state(state: State) -> Self {
        let files = ContextFiles::state(state);
        Self {
            files,
            image: None,
            image_json: None,
            digest: None,
        }
    }

    pub(super) fn of_image(
        key: &str,
        state: &State,
        config: Bytes,
        digest: Option<Checksum>,
    ) -> Result<Self, ContextError> {
        let invalid = |reason: String| ContextError::Metadata {
            name: key.to_owned(),
            reason,
        };
        let image = ImageConfig::from_json(&config).map_err(|error| invalid(error.to_string()))?;
        let state = state
            .image_config(&config)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self {
            image: Some(image),
            image_json: Some(config),
            digest,
            ..Self::from_state(state)
        })
    }
}
