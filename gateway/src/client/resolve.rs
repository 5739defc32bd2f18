//! Resolving sources to their current content.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use buildkit_llb::{Checksum, Definition, MarshalOptions, Platform, Reference, ResolveMode, State};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{self, SourceOp};
use buildkit_proto::source_policy::Policy;
use bytes::Bytes;

use super::Client;
use crate::capability::table;
use crate::error::Error;
use crate::platform;

const IMAGE: &str = "docker-image://";
const OCI_LAYOUT: &str = "oci-layout://";

/// A request to resolve a source.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct ResolveSource {
    message: wire::ResolveSourceMetaRequest,
}

/// The current metadata of a source.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SourceMetadata {
    /// The source's URL after all policies are applied; its scheme differs from the requested one if a
    /// policy replaced it.
    pub identifier: String,
    /// The source's attributes after all policies are applied.
    pub attributes: BTreeMap<String, String>,
    /// Metadata of an image, if the source is one.
    pub image: Option<ImageMetadata>,
    /// Metadata of a Git source, if the source is one.
    pub git: Option<GitMetadata>,
    /// Metadata of an HTTP source, if the source is one.
    pub http: Option<HttpMetadata>,
}

/// The current metadata of an image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ImageMetadata {
    /// The digest that pins the image: that of its index, or of its manifest if it has no index. Images
    /// that were built by a daemon without containerd's image store and never pushed have none.
    pub digest: Option<Checksum>,
    /// The configuration as JSON; empty if it was [excluded](ResolveSource::without_config).
    pub config: Bytes,
    /// The manifests that lead to its attestations, if requested.
    pub attestations: Option<Attestations>,
}

/// The manifests and blobs of an image's attestations.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attestations {
    /// The digest of the image that the reference names.
    pub root: String,
    /// The digest of the platform's image.
    pub image_manifest: String,
    /// The digest of the attestations of the platform's image.
    pub attestation_manifest: String,
    /// The digests of signatures.
    pub signature_manifests: Vec<String>,
    /// The content of all of these and of the requested attestations, by digest.
    pub blobs: BTreeMap<String, Bytes>,
}

/// The current metadata of a Git source.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GitMetadata {
    /// The object that the ref names: a commit or an annotated tag.
    pub checksum: String,
    /// The full name of the ref, such as `refs/heads/main`.
    pub git_ref: String,
    /// The commit of an annotated tag; otherwise empty.
    pub commit_checksum: String,
    /// The commit object, if it was [requested](ResolveSource::with_git_objects).
    pub commit: Bytes,
    /// The annotated tag object, if there is one and it was requested.
    pub tag: Bytes,
}

/// The current metadata of an HTTP source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HttpMetadata {
    /// The digest of the content.
    pub digest: Checksum,
    /// The file's name according to the server.
    pub filename: String,
    /// The time of the file's last change according to the server.
    pub last_modified: Option<SystemTime>,
    /// The digest by the requested algorithm.
    pub checksum: Option<String>,
}

/// The checksum algorithms that the daemon computes on request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl ResolveSource {
    /// Creates a request for an image in a registry.
    pub fn image(reference: &Reference) -> Self {
        let reference = reference.clone().with_default_tag();
        Self::source(format!("{IMAGE}{reference}"), BTreeMap::new())
    }

    /// Creates a request for an image in an OCI layout on the client's side: `NAME@DIGEST`, the session
    /// that has it, and the layout's name in that session.
    pub fn oci_layout(
        reference: &Reference,
        session: impl Into<String>,
        store: impl Into<String>,
    ) -> Self {
        let attributes = [
            ("oci.session".to_owned(), session.into()),
            ("oci.store".to_owned(), store.into()),
        ];
        Self::source(format!("{OCI_LAYOUT}{reference}"), attributes.into())
    }

    /// Creates a request for any source, by its URL and attributes in a graph.
    pub fn source(identifier: impl Into<String>, attributes: BTreeMap<String, String>) -> Self {
        let source = SourceOp {
            identifier: identifier.into(),
            attrs: attributes,
        };
        let message = wire::ResolveSourceMetaRequest {
            source: Some(source),
            resolve_mode: word(ResolveMode::Default).to_owned(),
            ..wire::ResolveSourceMetaRequest::default()
        };
        Self { message }
    }

    /// Creates a request for the source that a state consists of; `None` if the state is something
    /// else.
    pub fn from_state(state: &State) -> Option<Self> {
        let (identifier, attributes) = source_of(&state.marshal(&MarshalOptions::new()))?;
        Some(Self::source(identifier, attributes))
    }

    /// Sets the platform of a multi-platform image. The default is the daemon's platform.
    pub fn platform(mut self, platform: &Platform) -> Self {
        self.message.platform = Some(platform::to_wire(platform));
        self
    }

    /// Sets how the image is resolved.
    pub fn mode(mut self, mode: ResolveMode) -> Self {
        word(mode).clone_into(&mut self.message.resolve_mode);
        self
    }

    /// Sets the name shown in progress output.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.message.log_name = name.into();
        self
    }

    /// Leaves out an image's configuration and its digest: only its
    /// [attestations](Self::with_attestations) are returned.
    pub fn without_config(mut self) -> Self {
        self.image_options().no_config = true;
        self
    }

    /// Also requests an image's attestations of these predicate types.
    pub fn with_attestations<T: Into<String>>(
        mut self,
        predicate_types: impl IntoIterator<Item = T>,
    ) -> Self {
        let options = self.image_options();
        options.attestation_chain = true;
        options
            .resolve_attestations
            .extend(predicate_types.into_iter().map(Into::into));
        self
    }

    /// Also requests a Git source's commit and tag objects.
    pub fn with_git_objects(mut self) -> Self {
        self.message.git = Some(wire::ResolveSourceGitRequest {
            return_object: true,
        });
        self
    }

    /// Also requests the checksum of an HTTP source's content followed by the bytes of `suffix`.
    pub fn with_checksum(mut self, algorithm: ChecksumAlgorithm, suffix: impl Into<Bytes>) -> Self {
        use wire::checksum_request::ChecksumAlgo;
        let algorithm = match algorithm {
            ChecksumAlgorithm::Sha256 => ChecksumAlgo::Sha256,
            ChecksumAlgorithm::Sha384 => ChecksumAlgo::Sha384,
            ChecksumAlgorithm::Sha512 => ChecksumAlgo::Sha512,
        };
        let request = wire::ChecksumRequest {
            algo: algorithm.into(),
            suffix: suffix.into(),
        };
        let checksum_request = Some(request);
        self.message.http = Some(wire::ResolveSourceHttpRequest { checksum_request });
        self
    }

    /// Applies source policies, in addition to those of the client.
    pub fn source_policies(mut self, policies: impl IntoIterator<Item = Policy>) -> Self {
        self.message.source_policies.extend(policies);
        self
    }

    fn image_options(&mut self) -> &mut wire::ResolveSourceImageRequest {
        self.message.image.get_or_insert_default()
    }
}

impl Client {
    /// Resolves a source to its current metadata: an image's digest and configuration, a Git ref's
    /// commit, the digest of a file on a server.
    ///
    /// On a daemon without [`META_RESOLVER`](table::META_RESOLVER), the older call is used for images,
    /// and other sources are returned unchanged, without metadata.
    pub async fn resolve_source(&self, request: ResolveSource) -> Result<SourceMetadata, Error> {
        let ResolveSource { message } = request;
        let gateway = &self.shared.capabilities.gateway;
        if message
            .image
            .as_ref()
            .is_some_and(|image| image.attestation_chain)
        {
            gateway.require(&table::META_RESOLVER_ATTESTATIONS)?;
        }
        if message.http.is_some() {
            gateway.require(&table::META_RESOLVER_CHECKSUM)?;
        }
        if !gateway.supports(&table::META_RESOLVER) {
            return self.resolve_by_older_call(message).await;
        }
        let answer = self.shared.connection.resolve_source_meta(message).await?;
        let source = answer.source.unwrap_or_default();
        Ok(SourceMetadata {
            identifier: source.identifier,
            attributes: source.attrs,
            image: answer.image.map(ImageMetadata::from_wire).transpose()?,
            git: answer.git.map(GitMetadata::from_wire),
            http: answer.http.map(HttpMetadata::from_wire).transpose()?,
        })
    }

    async fn resolve_by_older_call(
        &self,
        message: wire::ResolveSourceMetaRequest,
    ) -> Result<SourceMetadata, Error> {
        let SourceOp {
            identifier,
            attrs: attributes,
        } = message.source.unwrap_or_default();
        let layout = identifier.strip_prefix(OCI_LAYOUT);
        let Some(reference) = identifier.strip_prefix(IMAGE).or(layout) else {
            return Ok(SourceMetadata {
                identifier,
                attributes,
                ..SourceMetadata::default()
            });
        };
        self.shared
            .capabilities
            .gateway
            .require(&table::RESOLVE_IMAGE)?;
        let attribute = |name| attributes.get(name).cloned().unwrap_or_default();
        let request = wire::ResolveImageConfigRequest {
            r#ref: reference.to_owned(),
            platform: message.platform,
            resolve_mode: message.resolve_mode,
            log_name: message.log_name,
            resolver_type: i32::from(layout.is_some()),
            session_id: attribute("oci.session"),
            store_id: attribute("oci.store"),
            source_policies: message.source_policies,
        };
        let scheme = if layout.is_some() { OCI_LAYOUT } else { IMAGE };
        let answer = self.shared.connection.resolve_image_config(request).await?;
        // Daemons older than policies don't repeat the reference.
        let resolved = match answer.r#ref.as_str() {
            "" => reference,
            resolved => resolved,
        };
        Ok(SourceMetadata {
            identifier: format!("{scheme}{resolved}"),
            image: Some(ImageMetadata {
                digest: some_digest("ResolveImageConfig", &answer.digest)?,
                config: answer.config,
                attestations: None,
            }),
            attributes,
            ..SourceMetadata::default()
        })
    }
}

impl ImageMetadata {
    /// Returns the reference, pinned to this exact image if possible.
    pub fn pin(&self, reference: &Reference) -> Reference {
        let reference = reference.clone().with_default_tag();
        match &self.digest {
            Some(digest) => reference.with_digest(digest.clone()),
            None => reference,
        }
    }

    fn from_wire(image: wire::ResolveSourceImageResponse) -> Result<Self, Error> {
        Ok(Self {
            digest: some_digest("ResolveSourceMeta", &image.digest)?,
            config: image.config,
            attestations: image.attestation_chain.map(Attestations::from_wire),
        })
    }
}

impl Attestations {
    fn from_wire(chain: wire::AttestationChain) -> Self {
        Self {
            root: chain.root,
            image_manifest: chain.image_manifest,
            attestation_manifest: chain.attestation_manifest,
            signature_manifests: chain.signature_manifests,
            blobs: chain
                .blobs
                .into_iter()
                .map(|(digest, blob)| (digest, blob.data))
                .collect(),
        }
    }
}

impl GitMetadata {
    fn from_wire(git: wire::ResolveSourceGitResponse) -> Self {
        Self {
            checksum: git.checksum,
            git_ref: git.r#ref,
            commit_checksum: git.commit_checksum,
            commit: git.commit_object,
            tag: git.tag_object,
        }
    }
}

impl GitMetadata {
    /// Returns the hash of the commit, which is the one that an annotated tag points to.
    pub fn commit_hash(&self) -> &str {
        match self.commit_checksum.as_str() {
            "" => &self.checksum,
            commit => commit,
        }
    }

    /// Returns the time of the commit in seconds since 1970, if the commit was
    /// [requested](ResolveSource::with_git_objects).
    pub fn committed(&self) -> Option<i64> {
        let commit = String::from_utf8_lossy(&self.commit);
        // The format is `committer NAME <MAIL> SECONDS ZONE`; an empty line ends the header.
        let mut header = commit.lines().take_while(|line| !line.is_empty());
        let committer = header.find_map(|line| line.strip_prefix("committer "))?;
        let (_, time) = committer.rsplit_once('>')?;
        time.split_whitespace().next()?.parse().ok()
    }
}

impl HttpMetadata {
    fn from_wire(http: wire::ResolveSourceHttpResponse) -> Result<Self, Error> {
        Ok(Self {
            digest: digest("ResolveSourceMeta", &http.checksum)?,
            filename: http.filename,
            last_modified: http.last_modified.and_then(time),
            checksum: http.checksum_response.map(|response| response.digest),
        })
    }
}

/// Returns the source that a graph consists of.
pub(crate) fn source_of(definition: &Definition) -> Option<(String, BTreeMap<String, String>)> {
    use prost::Message;
    let first = definition.operations().first()?;
    match ops::Op::decode(first.clone()).ok()?.op? {
        ops::op::Op::Source(source) => Some((source.identifier, source.attrs)),
        _ => None,
    }
}

/// Returns BuildKit's name for a resolve mode.
fn word(mode: ResolveMode) -> &'static str {
    match mode {
        ResolveMode::Pull => "pull",
        ResolveMode::PreferLocal => "local",
        _ => "default",
    }
}

fn digest(call: &'static str, text: &str) -> Result<Checksum, Error> {
    Checksum::parse(text).map_err(|_| Error::Incomplete {
        call,
        missing: "a valid digest",
    })
}

/// Parses a digest that may be empty.
fn some_digest(call: &'static str, text: &str) -> Result<Option<Checksum>, Error> {
    if text.is_empty() {
        Ok(None)
    } else {
        digest(call, text).map(Some)
    }
}

/// Converts a time; `None` if it is out of range.
fn time(time: prost_types::Timestamp) -> Option<SystemTime> {
    let nanoseconds = Duration::from_nanos(u64::try_from(time.nanos).ok()?);
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let whole = if time.seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    whole?.checked_add(nanoseconds)
}
