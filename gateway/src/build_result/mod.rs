//! The result of a build.

mod annotation;
mod attestation;
mod platform_result;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use buildkit_proto::gateway as wire;
use bytes::Bytes;
use futures_util::future;
use serde::Serialize;

pub use annotation::{Annotation, AnnotationTarget};
pub use attestation::{Attestation, AttestationKind, Subject};
pub use platform_result::PlatformResult;

use crate::client::{Client, Ref};

/// The metadata key of the message that `docker buildx build` prints after the build.
const INLINE_MESSAGE: &str = "frontend.result.inlinemessage";

/// The metadata key of the list of platforms.
const PLATFORMS: &str = "refs.platforms";

/// The result of a graph, of another frontend, or of this one: references and metadata.
///
/// ```
/// use buildkit_gateway::{BuildResult, ImageConfig, PlatformResult};
/// use buildkit_llb::Platform;
///
/// # let reference = None;
/// let platform = Platform::new("linux", "amd64");
/// let image = PlatformResult::new(reference).config(&ImageConfig::scratch(&platform));
/// let result = BuildResult::single(&platform, image).inline_message("all tests passed");
/// assert_eq!(result.metadata("frontend.result.inlinemessage").unwrap(), "all tests passed");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct BuildResult {
    refs: Refs,
    metadata: BTreeMap<String, Bytes>,
    attestations: BTreeMap<String, Vec<Attestation>>,
}

/// The references of a result. An empty file system is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
enum Refs {
    /// No reference, not even to an empty file system: the result is an answer to a subrequest.
    #[default]
    Nothing,
    Single(Option<Ref>),
    /// By platform, in the format of a normalized [`Platform`]'s `Display`.
    Platforms(BTreeMap<String, Option<Ref>>),
}

impl BuildResult {
    /// Creates a result for one platform.
    pub fn single(platform: &Platform, result: PlatformResult) -> Self {
        let mut whole = Self::default();
        let exported = result.exported_platform(platform);
        let reference = result.add_to(&mut whole, None);
        whole.refs = Refs::Single(reference);
        whole.set_platforms([(platform_id(platform), exported)]);
        whole
    }

    /// Creates a result for several platforms, or for one if the client asked for the multi-platform form.
    pub fn multi_platform(results: impl IntoIterator<Item = (Platform, PlatformResult)>) -> Self {
        let mut whole = Self::default();
        let mut refs = BTreeMap::new();
        let mut platforms = Vec::new();
        for (platform, result) in results {
            let id = platform_id(&platform);
            let exported = result.exported_platform(&platform);
            let reference = result.add_to(&mut whole, Some(&id));
            if refs.insert(id.clone(), reference).is_none() {
                platforms.push((id, exported));
            }
        }
        whole.refs = Refs::Platforms(refs);
        whole.set_platforms(platforms);
        whole
    }

    /// Creates a result in the form that the client asked for
    /// ([`Options::multi_platform`](crate::Options::multi_platform)). In the single-platform form, the last result is used.
    pub fn for_platforms(
        results: impl IntoIterator<Item = (Platform, PlatformResult)>,
        multi_platform: bool,
    ) -> Self {
        if multi_platform {
            return Self::multi_platform(results);
        }
        let last = results.into_iter().last();
        last.map(|(platform, result)| Self::single(&platform, result))
            .unwrap_or_default()
    }

    /// Builds for all platforms concurrently, and creates a result in the form that the client asked for. The first error
    /// cancels the others.
    ///
    /// ```
    /// # use buildkit_gateway::{BuildResult, Client, Environment, Failure, Options, PlatformResult};
    /// # use buildkit_llb::Platform;
    /// # async fn build_for(platform: &Platform) -> Result<PlatformResult, Failure> { Ok(PlatformResult::new(None)) }
    /// # async fn example(client: &Client, environment: &Environment, options: &Options) -> Result<BuildResult, Failure> {
    /// let platforms = environment.platforms(options, client.capabilities());
    /// BuildResult::each_platform(&platforms, options.multi_platform, build_for).await
    /// # }
    /// ```
    pub async fn each_platform<E>(
        platforms: &[Platform],
        multi_platform: bool,
        build: impl AsyncFn(&Platform) -> Result<PlatformResult, E>,
    ) -> Result<Self, E> {
        let results = platforms.iter().map(|platform| build(platform));
        let results = future::try_join_all(results).await?;
        let results = platforms.iter().cloned().zip(results);
        Ok(Self::for_platforms(results, multi_platform))
    }

    /// Creates the answer to a subrequest (the option `requestid`): `json` for programs, `text` for people, and the version
    /// of the answer's format. Clients print the text if they don't know the subrequest.
    pub fn subrequest_answer(
        json: impl Into<Bytes>,
        text: impl Into<Bytes>,
        version: &str,
    ) -> Self {
        Self::default()
            .with_metadata("result.json", json)
            .with_metadata("result.txt", text)
            .with_metadata("version", version.to_owned())
    }

    /// Sets the exit code of clients although the subrequest was answered, as for a failed check.
    pub fn status_code(self, code: u8) -> Self {
        self.with_metadata("result.statuscode", code.to_string())
    }

    /// Sets metadata, under a key that exporters or clients know.
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Sets a message that clients print after the build.
    pub fn inline_message(self, message: impl Into<Bytes>) -> Self {
        self.with_metadata(INLINE_MESSAGE, message)
    }

    /// Annotates the image or a part of it.
    pub fn annotation(self, annotation: &Annotation) -> Self {
        self.with_metadata(annotation.metadata_key(), annotation.value.clone())
    }

    /// Returns the reference for a platform. A result for a single platform is returned for any platform, as in BuildKit.
    pub fn reference(&self, platform: &Platform) -> Option<&Ref> {
        match &self.refs {
            Refs::Nothing => None,
            Refs::Single(reference) => reference.as_ref(),
            Refs::Platforms(refs) if refs.len() == 1 => {
                refs.values().next().and_then(Option::as_ref)
            }
            Refs::Platforms(refs) => refs.get(&platform_id(platform)).and_then(Option::as_ref),
        }
    }

    /// Returns the only reference; `None` if it is an empty file system or there are several.
    pub fn single_reference(&self) -> Option<&Ref> {
        match &self.refs {
            Refs::Single(reference) => reference.as_ref(),
            Refs::Platforms(refs) if refs.len() == 1 => {
                refs.values().next().and_then(Option::as_ref)
            }
            _ => None,
        }
    }

    /// Iterates over the references that aren't empty file systems.
    pub fn references(&self) -> impl Iterator<Item = &Ref> {
        let (single, platforms) = match &self.refs {
            Refs::Nothing => (None, None),
            Refs::Single(reference) => (reference.as_ref(), None),
            Refs::Platforms(refs) => (None, Some(refs.values().flatten())),
        };
        single.into_iter().chain(platforms.into_iter().flatten())
    }

    /// Returns the metadata with a key.
    pub fn metadata(&self, key: &str) -> Option<&Bytes> {
        self.metadata.get(key)
    }

    /// Returns the metadata for a platform: with the platform's own key, or else with the plain key.
    pub fn platform_metadata(&self, key: &str, platform: &Platform) -> Option<&Bytes> {
        let specific = self
            .metadata
            .get(&format!("{key}/{}", platform.normalize()));
        specific.or_else(|| self.metadata.get(key))
    }

    /// Returns the attestations for a platform.
    pub fn attestations(&self, platform: &Platform) -> &[Attestation] {
        let found = self.attestations.get(&platform_id(platform));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// Adds an attestation for a platform.
    pub fn attestation(mut self, platform: &Platform, attestation: Attestation) -> Self {
        let platform = platform_id(platform);
        self.attestations
            .entry(platform)
            .or_default()
            .push(attestation);
        self
    }

    /// Adds the same attestation for each of these platforms.
    pub fn attestation_for(self, platforms: &[Platform], attestation: &Attestation) -> Self {
        let platforms = platforms.iter();
        platforms.fold(self, |result, platform| {
            result.attestation(platform, attestation.clone())
        })
    }

    pub(crate) fn has_attestations(&self) -> bool {
        !self.attestations.is_empty()
    }

    fn set_platforms(&mut self, platforms: impl IntoIterator<Item = (String, Platform)>) {
        #[derive(Serialize)]
        struct Platforms {
            #[serde(rename = "Platforms")]
            platforms: Vec<Named>,
        }
        #[derive(Serialize)]
        struct Named {
            #[serde(rename = "ID")]
            id: String,
            #[serde(rename = "Platform")]
            platform: Platform,
        }
        let platforms = platforms.into_iter();
        let platforms = platforms.map(|(id, platform)| Named { id, platform });
        let platforms = Platforms {
            platforms: platforms.collect(),
        };
        // Strings and lists of strings can always be serialized.
        if let Ok(json) = serde_json::to_vec(&platforms) {
            self.metadata.insert(PLATFORMS.to_owned(), json.into());
        }
    }

    pub(crate) fn from_wire(client: &Client, result: wire::Result) -> Self {
        use wire::result::Result as Wire;
        let reference = |reference| Ref::from_wire(client, reference);
        let by_id = |id| reference(wire::Ref { id, def: None });
        let refs = match result.result {
            None => Refs::Nothing,
            Some(Wire::RefDeprecated(id)) => Refs::Single(by_id(id)),
            Some(Wire::RefsDeprecated(map)) => Refs::Platforms(
                map.refs
                    .into_iter()
                    .map(|(platform, id)| (platform, by_id(id)))
                    .collect(),
            ),
            Some(Wire::Ref(single)) => Refs::Single(reference(single)),
            Some(Wire::Refs(map)) => Refs::Platforms(
                map.refs
                    .into_iter()
                    .map(|(platform, one)| (platform, reference(one)))
                    .collect(),
            ),
        };
        let attestations = result.attestations.into_iter();
        let attestations = attestations.map(|(platform, attestations)| {
            let attestations = attestations.attestation.into_iter();
            let read = |attestation| Attestation::from_wire(client, attestation);
            (platform, attestations.map(read).collect())
        });
        Self {
            refs,
            metadata: result.metadata,
            attestations: attestations.collect(),
        }
    }

    /// Encodes the result, with references in the current form or in the older one.
    pub(crate) fn into_wire(self, present_form: bool) -> wire::Result {
        use wire::result::Result as Wire;
        let id = |reference: Option<Ref>| {
            reference
                .map(|reference| reference.id().to_owned())
                .unwrap_or_default()
        };
        let reference = |reference| wire::Ref {
            id: id(reference),
            def: None,
        };
        let result = match self.refs {
            // Go's frontends send the same.
            Refs::Nothing if present_form => Wire::Ref(wire::Ref::default()),
            Refs::Nothing => Wire::RefDeprecated(String::new()),
            Refs::Single(single) if present_form => Wire::Ref(reference(single)),
            Refs::Single(single) => Wire::RefDeprecated(id(single)),
            Refs::Platforms(refs) if present_form => Wire::Refs(wire::RefMap {
                refs: refs
                    .into_iter()
                    .map(|(platform, one)| (platform, reference(one)))
                    .collect(),
            }),
            Refs::Platforms(refs) => Wire::RefsDeprecated(wire::RefMapDeprecated {
                refs: refs
                    .into_iter()
                    .map(|(platform, one)| (platform, id(one)))
                    .collect(),
            }),
        };
        let attestations = self
            .attestations
            .into_iter()
            .map(|(platform, attestations)| {
                let attestation = attestations
                    .into_iter()
                    .map(Attestation::into_wire)
                    .collect();
                (platform, wire::Attestations { attestation })
            });
        wire::Result {
            result: Some(result),
            metadata: self.metadata,
            attestations: attestations.collect(),
        }
    }
}

/// Returns the platform ID used in the keys of results.
fn platform_id(platform: &Platform) -> String {
    platform.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use buildkit_image_config::ImageConfig;

    #[test]
    fn names_of_platforms_are_always_set() {
        let platform = Platform::new("linux", "arm");
        let result = BuildResult::single(&platform, PlatformResult::new(None));
        assert_eq!(
            result.metadata(PLATFORMS).unwrap(),
            r#"{"Platforms":[{"ID":"linux/arm/v7","Platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}"#
        );
    }

    #[test]
    fn images_of_windows_say_for_which() {
        let mut exact = Platform::new("windows", "amd64");
        exact.os_version = "10.0.20348".to_owned();
        let image = PlatformResult::new(None).config(&ImageConfig::scratch(&exact));
        let result = BuildResult::single(&Platform::new("windows", "amd64"), image);
        assert_eq!(
            result.metadata(PLATFORMS).unwrap(),
            r#"{"Platforms":[{"ID":"windows/amd64","Platform":{"architecture":"amd64","os":"windows","os.version":"10.0.20348"}}]}"#
        );
    }

    #[test]
    fn keys_carry_the_platform_only_if_there_are_several() {
        let platforms = [
            Platform::new("linux", "amd64"),
            Platform::new("linux", "arm64"),
        ];
        let image = |platform| {
            PlatformResult::new(None)
                .config(&ImageConfig::scratch(platform))
                .epoch(7)
        };
        let single = BuildResult::single(&platforms[0], image(&platforms[0]));
        assert_eq!(single.metadata("source.date.epoch").unwrap(), "7");
        assert!(single.metadata("containerimage.config").is_some());

        let results = platforms
            .iter()
            .map(|platform| (platform.clone(), image(platform)));
        let several = BuildResult::multi_platform(results);
        assert_eq!(
            several.metadata("source.date.epoch/linux/arm64").unwrap(),
            "7"
        );
        assert!(
            several
                .metadata("containerimage.config/linux/amd64")
                .is_some()
        );
        assert!(several.metadata("containerimage.config").is_none());
        let key = "source.date.epoch";
        assert_eq!(several.platform_metadata(key, &platforms[0]).unwrap(), "7");
        let wire = several.into_wire(true);
        let Some(wire::result::Result::Refs(refs)) = wire.result else {
            panic!("a map")
        };
        assert_eq!(
            refs.refs.keys().collect::<Vec<_>>(),
            ["linux/amd64", "linux/arm64"]
        );
    }

    #[test]
    fn answers_hold_text_and_json() {
        let answer = BuildResult::subrequest_answer("{}", "nothing", "1.0.0").status_code(1);
        for (key, value) in [
            ("result.json", "{}"),
            ("result.txt", "nothing"),
            ("version", "1.0.0"),
            ("result.statuscode", "1"),
        ] {
            assert_eq!(answer.metadata(key).unwrap(), value);
        }
        assert!(answer.metadata(PLATFORMS).is_none());
    }
}
