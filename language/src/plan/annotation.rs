//! Annotations of an image, which aren't part of its config.

use std::collections::{BTreeMap, BTreeSet};

use super::{Base, Part, Plan, Stage};

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The key.
    pub name: String,
    /// The value.
    pub value: String,
    /// The annotated parts of the image.
    pub places: BTreeSet<AnnotationTarget>,
}

/// A part of an image that can be annotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnnotationTarget {
    /// The manifest of a platform.
    Manifest,
    /// The index of all platforms.
    Index,
    /// The manifest's descriptor in the index.
    ManifestDescriptor,
    /// The index's descriptor in an OCI layout.
    IndexDescriptor,
}

impl Plan {
    /// Returns the target image's time, if its stages set one.
    pub fn epoch(&self) -> Option<i64> {
        for stage in self.chain() {
            if stage.image.epoch.is_some() || stage.image.dropped.contains(&Part::Epoch) {
                return stage.image.epoch;
            }
        }
        None
    }

    /// Returns the annotations of the target's image; if two have the same key, that of the later stage
    /// counts.
    pub fn annotations(&self) -> Vec<&Annotation> {
        let mut annotations = BTreeMap::new();
        for stage in self.chain() {
            for annotation in stage.image.annotations.iter().rev() {
                annotations
                    .entry(annotation.name.as_str())
                    .or_insert(annotation);
            }
            if stage.image.dropped.contains(&Part::Annotations) {
                break;
            }
        }
        annotations.into_values().collect()
    }

    /// Iterates over the target, its base, and so on.
    fn chain(&self) -> impl Iterator<Item = &Stage> {
        std::iter::successors(Some(self.stage(self.target)), |stage| {
            match stage.base.value {
                Base::Stage(id) => Some(self.stage(id)),
                _ => None,
            }
        })
    }
}
