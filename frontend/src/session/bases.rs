//! The configs of base images, for expressions that use them.

use buildkit_gateway::Failure;
use buildkit_llb::Platform;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::Checked;
use stagefile_language::plan::{Bases, DockerfileSource, External, WantedBase};
use stagefile_language::source::Span;
use stagefile_lower::{Needs, Resolved, SourceMaps};

use super::{Build, mistakes};

/// Requests some of the wanted configs, at least one: those of all images and contexts concurrently, and if there are none,
/// those of Dockerfiles whose contexts are complete.
///
/// The plan is consumed, since it is planned again with the new configs.
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
    let source_maps = SourceMaps::new(&checked.sources, build.file.source_map().clone());
    let resolver = build.resolver(&checked.sources, &source_maps);
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

/// Requests the results of Dockerfiles: names in them may refer to stages of the file, which are lowered for that.
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

/// Reports whether the configs of all bases that a Dockerfile needs are known.
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
    let source_maps = SourceMaps::new(sources, build.file.source_map().clone());
    let resolver = build.resolver(sources, &source_maps);
    resolver.dockerfile(file, platform, span, contexts).await
}

fn config(resolved: &Resolved) -> Option<buildkit_gateway::ImageConfig> {
    resolved.image.as_ref().map(|image| image.config.clone())
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::testkit::Daemon;

    use crate::session::tests::harness::{ask, config, daemon, lines};

    /// Builds an image with a variable whose value depends on its base's, and returns the value.
    async fn variable(from: &str, stages: &str, change: impl Fn(Daemon) -> Daemon) -> String {
        let file = format!(
            "stages:{stages}\n  app:\n    from: {from}\n    image: {{ env: {{ FOUND: \"${{{{ base.env.PATH }}}}:/x\" }} }}\n"
        );
        let options = [
            ("context:given", "docker-image://busybox:1.35"),
            ("platform", "linux/arm64"),
        ];
        let result = ask(&change(daemon(&file)), &options).await;
        let config = config(&result.unwrap());
        let env = config["config"]["Env"].as_array().unwrap().iter();
        let mut found = env.filter_map(|pair| pair.as_str()?.strip_prefix("FOUND="));
        found.next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn configs_of_all_kinds_of_bases_are_asked_for() {
        let same = |daemon| daemon;
        assert_eq!(variable("busybox:1.35", "", same).await, "/bin:/x");
        assert_eq!(variable("given", "", same).await, "/bin:/x");
        // A stage is known without the daemon, once its base is.
        let stages = "\n  own: { from: busybox:1.35, image: { env: { PATH: /own } } }";
        assert_eq!(variable("own", stages, same).await, "/own:/x");
    }

    /// The stages that a Dockerfile's named contexts refer to are lowered for it, and may need configs themselves.
    #[tokio::test]
    async fn a_dockerfile_has_the_config_that_it_makes_of_stages() {
        let with = |text: &'static str| {
            move |daemon: Daemon| daemon.local("context", [("sub/Dockerfile", text)])
        };
        let plain = "{ dockerfile: sub/Dockerfile }";
        let text = "FROM busybox:1.35\nENV PATH=/docker\n";
        assert_eq!(variable(plain, "", with(text)).await, "/docker:/x");

        let on_stage = "{ dockerfile: sub/Dockerfile, contexts: { tools: own } }";
        let stages = "\n  own: { from: busybox:1.35, image: { env: { PATH: \"${{ base.env.PATH }}:/own\" } } }";
        let text = "FROM tools\nENV PATH=$PATH:/docker\n";
        let found = variable(on_stage, stages, with(text)).await;
        assert_eq!(found, "/bin:/own:/docker:/x");
    }

    #[tokio::test]
    async fn a_base_that_cannot_be_found_is_reported_at_its_stage() {
        let file = "stages:\n  app:\n    from: none:1\n    env: { A: \"${{ base.env.PATH }}\" }\n    steps: [{ run: make }]\n";
        let failure = ask(&daemon(file), &[]).await.unwrap_err();
        assert!(failure.message().contains("none:1"), "{failure}");
        assert_eq!(lines(&failure), [3]);
    }
}
