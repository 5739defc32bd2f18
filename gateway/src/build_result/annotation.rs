//! Image annotations.

use buildkit_llb::Platform;

/// An annotation: a key and a value, attached to a part of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Annotation {
    pub(super) key: String,
    pub(super) value: String,
    target: AnnotationTarget,
    platform: Option<String>,
}

/// The part of an image that an annotation is attached to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnnotationTarget {
    /// The manifest of each platform.
    #[default]
    Manifest,
    /// The descriptor of each platform's manifest in the index.
    ManifestDescriptor,
    /// The index of all platforms.
    Index,
    /// The descriptor of the index in an OCI layout.
    IndexDescriptor,
}

impl Annotation {
    /// Creates an annotation of the manifests of all platforms.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            target: AnnotationTarget::Manifest,
            platform: None,
        }
    }

    /// Attaches the annotation to another part of the image.
    pub fn on(mut self, target: AnnotationTarget) -> Self {
        self.target = target;
        self
    }

    /// Limits the annotation to one platform. Has no effect on an index, which covers all
    /// platforms.
    pub fn for_platform(mut self, platform: &Platform) -> Self {
        self.platform = Some(platform.normalize().to_string());
        self
    }

    /// Returns the metadata key by which exporters recognize the annotation.
    pub(super) fn metadata_key(&self) -> String {
        let (target, has_platform) = match self.target {
            AnnotationTarget::Manifest => ("annotation", true),
            AnnotationTarget::ManifestDescriptor => ("annotation-manifest-descriptor", true),
            AnnotationTarget::Index => ("annotation-index", false),
            AnnotationTarget::IndexDescriptor => ("annotation-index-descriptor", false),
        };
        match &self.platform {
            Some(platform) if has_platform => format!("{target}[{platform}].{}", self.key),
            _ => format!("{target}.{}", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_exporters() {
        let annotation = Annotation::new("org.opencontainers.image.title", "t");
        let arm = annotation
            .clone()
            .for_platform(&Platform::new("linux", "arm"));
        let title = "org.opencontainers.image.title";
        let cases = [
            (annotation.clone(), format!("annotation.{title}")),
            (arm.clone(), format!("annotation[linux/arm/v7].{title}")),
            (
                arm.clone().on(AnnotationTarget::ManifestDescriptor),
                format!("annotation-manifest-descriptor[linux/arm/v7].{title}"),
            ),
            (
                arm.on(AnnotationTarget::Index),
                format!("annotation-index.{title}"),
            ),
            (
                annotation.on(AnnotationTarget::IndexDescriptor),
                format!("annotation-index-descriptor.{title}"),
            ),
        ];
        for (annotation, key) in cases {
            assert_eq!(annotation.metadata_key(), key);
        }
    }
}
