//! What is said of an image beside its config.

use std::collections::{BTreeMap, BTreeSet};

use super::{Base, Part, Plan, Stage};

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What is annotated.
    pub places: BTreeSet<AnnotationTarget>,
}

/// What an annotation is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnnotationTarget {
    /// The manifest of a platform.
    Manifest,
    /// The index of all platforms.
    Index,
    /// The manifest's entry in the index.
    ManifestDescriptor,
    /// The index's entry in an OCI layout.
    IndexDescriptor,
}

impl Plan {
    /// Returns the time that the target's image has, if its stages say one.
    pub fn epoch(&self) -> Option<i64> {
        for stage in self.chain() {
            if stage.image.epoch.is_some() || stage.image.dropped.contains(&Part::Epoch) {
                return stage.image.epoch;
            }
        }
        None
    }

    /// Lists the annotations of the target's image; of two of one name, that of the later stage counts.
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

    /// Lists the target, the stage that it starts from, and so on.
    fn chain(&self) -> impl Iterator<Item = &Stage> {
        std::iter::successors(Some(self.stage(self.target)), |stage| {
            match stage.base.value {
                Base::Stage(id) => Some(self.stage(id)),
                _ => None,
            }
        })
    }
}
