//! The configs of what stages start from, for expressions that use them.

use buildkit_gateway::Failure;
use buildkit_llb::Platform;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::Checked;
use stagefile_language::plan::{Bases, DockerfileSource, External, WantedBase};
use stagefile_language::source::Span;
use stagefile_lower::{Needs, Places, Resolved};

use super::{Build, mistakes};

/// Asks for some of the wanted configs, one at least: for all of images and contexts at the same time, and if there are none,
/// for those of Dockerfiles whose contexts are without holes.
///
/// The plan is used up, since it is made anew with what is known then.
pub(super) async fn ask(
    build: &Build<'_>,
    checked: &mut Checked,
    wanted: Vec<WantedBase>,
    bases: &mut Bases,
) -> Result<(), Failure> {
    let (built, given): (Vec<WantedBase>, Vec<WantedBase>) = wanted
        .into_iter()
        .partition(|base| matches!(base.external, External::Dockerfile(..)));
    if given.is_empty() {
        return Box::pin(ask_dockerfiles(build, checked, built, bases)).await;
    }
    let needs = Needs::of_bases(&given);
    let places = Places::new(&checked.sources, build.file.source_map().clone());
    let resolver = build.resolver(&checked.sources, &places);
    let images = resolver.images(&needs).await?;
    let layouts = resolver.layouts(&needs).await?;
    let contexts = resolver.contexts(&needs).await?;
    for WantedBase {
        external, platform, ..
    } in given
    {
        let on = external.platform(&platform);
        let resolved = match &external {
            External::Image(image, _) => images.get(image, on),
            External::Layout(layout, _) => layouts.get(layout, on),
            External::Context(name) => contexts.get(name, on),
            External::Dockerfile(..) | External::Git(_) | External::Http(_) => None,
        };
        let config = resolved.and_then(config);
        bases.add(external, platform, config);
    }
    Ok(())
}

/// Asks for what Dockerfiles make: the names in them may stand for stages of the file, which are lowered for that.
async fn ask_dockerfiles(
    build: &Build<'_>,
    checked: &mut Checked,
    wanted: Vec<WantedBase>,
    bases: &mut Bases,
) -> Result<(), Failure> {
    for base in wanted {
        let WantedBase {
            external,
            platform,
            span,
        } = base;
        let External::Dockerfile(file, _) = &external else {
            continue;
        };
        if !is_ready(checked, file) {
            continue;
        }
        let on = external.platform(&platform).clone();
        let resolved = Box::pin(dockerfile(build, checked, file, &on, span)).await?;
        bases.add(external, platform, config(&resolved));
    }
    Ok(())
}

/// Tells whether nothing that a Dockerfile needs lacks the config of its base.
fn is_ready(checked: &Checked, file: &DockerfileSource) -> bool {
    let ids: Vec<_> = file.contexts.iter().map(|(_, id)| *id).collect();
    let plan = checked.plan.as_ref();
    plan.is_some_and(|plan| {
        let needed = plan.order_of(&ids);
        needed.into_iter().all(|id| !plan.stage(id).lacks_base)
    })
}

async fn dockerfile(
    build: &Build<'_>,
    checked: &mut Checked,
    file: &DockerfileSource,
    platform: &Platform,
    span: Span,
) -> Result<Resolved, Failure> {
    let sources = &checked.sources;
    let contexts = match (file.contexts.as_slice(), &mut checked.plan) {
        ([first, more @ ..], Some(plan)) => {
            plan.target = first.1;
            plan.others = more.iter().map(|(_, id)| *id).collect();
            plan.reported.clear();
            let (lowering, mut found): (_, Diagnostics) =
                build.lowering(plan, sources, false, build.epoch).await?;
            let contexts = stagefile_lower::contexts_of(file, plan, &lowering, &mut found);
            if found.has_errors() {
                return Err(mistakes::failure(sources, &found));
            }
            contexts
        }
        _ => Vec::new(),
    };
    let places = Places::new(sources, build.file.source_map().clone());
    let resolver = build.resolver(sources, &places);
    resolver.dockerfile(file, platform, span, contexts).await
}

fn config(resolved: &Resolved) -> Option<buildkit_gateway::ImageConfig> {
    resolved.image.as_ref().map(|image| image.config.clone())
}
