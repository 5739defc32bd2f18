//! Annotations of the image, in the form that exporters know.

use buildkit_gateway::build_result::{Annotation, AnnotationTarget};
use buildkit_llb::Platform;

use crate::plan::{Place, Plan};

/// Lists the annotations of a platform's image. Those of the index are left out where there is none, as exporters refuse
/// them then.
pub(super) fn of(plan: &Plan, platform: &Platform, multi_platform: bool) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for annotation in plan.annotations() {
        for place in &annotation.places {
            let target = match place {
                Place::Manifest => AnnotationTarget::Manifest,
                Place::ManifestDescriptor => AnnotationTarget::ManifestDescriptor,
                Place::Index => AnnotationTarget::Index,
                Place::IndexDescriptor => AnnotationTarget::IndexDescriptor,
            };
            let of_index = matches!(place, Place::Index | Place::IndexDescriptor);
            if of_index && !multi_platform {
                continue;
            }
            let made = Annotation::new(&annotation.name, &annotation.value).on(target);
            annotations.push(if multi_platform {
                made.for_platform(platform)
            } else {
                made
            });
        }
    }
    annotations
}
