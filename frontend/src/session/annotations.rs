//! Annotations of the image, in the exporters' form.

use buildkit_gateway::Options;
use buildkit_gateway::build_result::{Annotation, AnnotationTarget};
use buildkit_llb::Platform;
use stagefile_language::plan::{self, Plan};

/// Returns the annotations of a platform's image. Annotations of the index are left out if there is none, since exporters
/// would refuse them.
pub(super) fn collect(plan: &Plan, platform: &Platform, multi_platform: bool) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for annotation in plan.annotations() {
        for place in &annotation.places {
            let target = match place {
                plan::AnnotationTarget::Manifest => AnnotationTarget::Manifest,
                plan::AnnotationTarget::ManifestDescriptor => AnnotationTarget::ManifestDescriptor,
                plan::AnnotationTarget::Index => AnnotationTarget::Index,
                plan::AnnotationTarget::IndexDescriptor => AnnotationTarget::IndexDescriptor,
            };
            let of_index = matches!(
                place,
                plan::AnnotationTarget::Index | plan::AnnotationTarget::IndexDescriptor
            );
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

/// Returns which annotations of the index are lost if there probably is one anyway: a client whose builder has several
/// nodes requests from each only its own platforms, and creates the index itself.
pub(super) fn lost<'a>(
    mut plans: impl Iterator<Item = &'a Plan>,
    options: &Options,
) -> Option<String> {
    if options.multi_platform || options.platforms.is_empty() {
        return None;
    }
    let annotations = plans.next()?.annotations();
    let of_index = |place: &plan::AnnotationTarget| {
        matches!(
            place,
            plan::AnnotationTarget::Index | plan::AnnotationTarget::IndexDescriptor
        )
    };
    let names = annotations
        .iter()
        .filter(|annotation| annotation.places.iter().any(of_index));
    let names: Vec<&str> = names.map(|annotation| annotation.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "this build is for one platform, so it has no index for the annotation {}; if the index is made of several \
             builds, as with a builder of several nodes, pass `--annotation index:…` to the client",
            names.join(", ")
        )
    })
}
