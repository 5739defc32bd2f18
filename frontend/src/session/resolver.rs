//! Resolution of images and named contexts by the daemon.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use buildkit_gateway::context::{Contexts, DockerfileBuild, NamedContext};
use buildkit_gateway::ignore::IgnoreFile;
use buildkit_gateway::{Client, Failure, ImageConfig, Options};
use buildkit_llb::{Constrain, Image, Platform, State};
use futures_util::future::try_join_all;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{CACHES_CONTEXT, DockerfileSource, ImageSource, LayoutSource, Plan};
use stagefile_language::source::{Sources, Span};
use stagefile_lower::{BaseImage, ByPlatform, Needs, Resolved, SourceMaps};

use super::dockerfile::{self, Told};
use super::lock::Locked;
use super::{marshalling, mistakes};
use crate::context::Examination;

/// Resolved sources, by platform.
type OnPlatform<T> = ByPlatform<T, Resolved>;

/// The daemon's answers so far. Configs that expressions use are requested before everything else that a build needs.
#[derive(Default)]
pub(super) struct Known {
    images: OnPlatform<ImageSource>,
    layouts: OnPlatform<LayoutSource>,
    contexts: ByPlatform<String, NamedContext>,
}

/// Asks the daemon.
pub(super) struct Resolver<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub contexts: &'a Contexts,
    pub sources: &'a Sources,
    pub source_maps: &'a SourceMaps<'a>,
    /// The platform on which builds run.
    pub native: &'a Platform,
    /// The Dockerfiles whose warnings have been sent.
    pub warned: &'a RefCell<BTreeSet<String>>,
    /// The answers so far.
    pub known: &'a RefCell<Known>,
    /// The lock file next to the file.
    pub locked: &'a Locked,
    /// The ignore files of the contexts that have been resolved.
    pub ignore_files: RefCell<BTreeMap<String, IgnoreFile>>,
}

impl Resolver<'_> {
    /// Resolves all images concurrently.
    pub(super) async fn images(&self, needs: &Needs) -> Result<OnPlatform<ImageSource>, Failure> {
        let resolved = needs
            .images
            .iter()
            .map(|(image, platform, span)| self.at(*span, self.image(image, platform, *span)));
        Ok(beside(&needs.images, try_join_all(resolved).await?))
    }

    /// Resolves all images in OCI layouts concurrently.
    pub(super) async fn layouts(&self, needs: &Needs) -> Result<OnPlatform<LayoutSource>, Failure> {
        let resolved = needs
            .layouts
            .iter()
            .map(|(layout, platform, span)| self.at(*span, self.layout(layout, platform)));
        Ok(beside(&needs.layouts, try_join_all(resolved).await?))
    }

    /// Resolves all named contexts concurrently.
    pub(super) async fn contexts(&self, needs: &Needs) -> Result<OnPlatform<String>, Failure> {
        let resolved = needs
            .contexts
            .iter()
            .map(|(name, platform, (span, paths))| {
                self.at(*span, async move {
                    let context = self.context(name, platform).await?;
                    if let Some(file) = context.files.ignore_file() {
                        let mut ignore_files = self.ignore_files.borrow_mut();
                        ignore_files.insert(name.clone(), file.clone());
                    }
                    Ok(resolved(&context, paths))
                })
            });
        Ok(beside(&needs.contexts, try_join_all(resolved).await?))
    }

    /// Reports paths that a plan uses from contexts whose ignore files exclude them.
    pub(super) fn check_ignored(&self, plan: &Plan, found: &mut Diagnostics) {
        for (name, file) in self.ignore_files.borrow().iter() {
            Examination::of_context(plan, name).ignore(file, found);
        }
    }

    /// Creates the graph of a Dockerfile, or has it created by the frontend that the file requests. An error has
    /// positions in the Dockerfile and in this file.
    pub(super) async fn dockerfile(
        &self,
        file: &DockerfileSource,
        platform: &Platform,
        span: Span,
        contexts: Vec<(String, State, ImageConfig)>,
    ) -> Result<Resolved, Failure> {
        let options = marshalling(self.client, platform);
        let contexts = contexts.into_iter().map(|(name, state, config)| {
            let definition = state.marshal(&options);
            (name, (definition, Some(config.to_json())))
        });
        let build = DockerfileBuild {
            filename: file.path.clone(),
            target: file.target.clone(),
            platform: platform.clone(),
            args: file.args.clone(),
            contexts: contexts.collect(),
        };
        let result = async {
            let own = self.contexts.for_dockerfile(&build)?;
            let builds = self.options.request.is_none();
            let told = Told {
                // Each platform reads it, and so do expressions that use its config.
                warnings: builds && self.warned.borrow_mut().insert(file.path.clone()),
                secrets: builds,
            };
            let (client, native) = (self.client, self.native);
            let part = dockerfile::part(client, &own, &file.path, native, told, self.locked);
            if let Some((state, config)) = Box::pin(part).await? {
                let json = config.to_json();
                let state = state.image_config(&json);
                let state = state.map_err(|error| Failure::new(error.to_string()))?;
                let image = Some(BaseImage { config, json });
                let is_image = false;
                return Ok(Resolved {
                    state,
                    image,
                    is_image,
                });
            }
            Ok(resolved(&self.contexts.dockerfile(&build).await?, [""]))
        };
        let place = || mistakes::excerpt(self.sources, span);
        result
            .await
            .map_err(|failure: Failure| failure.at(&place()))
    }

    /// Adds a position in the file to an error, unless it has one.
    async fn at<T>(
        &self,
        span: Span,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        answer
            .await
            .map_err(|failure| failure.at_if_unlocated(&mistakes::excerpt(self.sources, span)))
    }

    /// Resolves an image, unless it is resolved already.
    async fn image(
        &self,
        image: &ImageSource,
        platform: &Platform,
        span: Span,
    ) -> Result<Resolved, Failure> {
        if let Some(known) = self.known.borrow().images.get(image, platform) {
            return Ok(known.clone());
        }
        let resolved = self.new_image(image, platform, span).await?;
        let images = &mut self.known.borrow_mut().images;
        images.insert(image.clone(), platform.clone(), resolved.clone());
        Ok(resolved)
    }

    /// Resolves an image in an OCI layout, unless it is resolved already.
    async fn layout(
        &self,
        layout: &LayoutSource,
        platform: &Platform,
    ) -> Result<Resolved, Failure> {
        if let Some(known) = self.known.borrow().layouts.get(layout, platform) {
            return Ok(known.clone());
        }
        let LayoutSource { name, digest } = layout;
        let context = self.contexts.layout(name, digest.as_ref(), Some(platform));
        let resolved = resolved(&context.await?, [""]);
        let layouts = &mut self.known.borrow_mut().layouts;
        layouts.insert(layout.clone(), platform.clone(), resolved.clone());
        Ok(resolved)
    }

    /// Resolves a named context, unless it is resolved already.
    async fn context(&self, name: &str, platform: &Platform) -> Result<NamedContext, Failure> {
        let name = name.to_owned();
        if let Some(known) = self.known.borrow().contexts.get(&name, platform) {
            return Ok(known.clone());
        }
        let context = self.contexts.named(&name, Some(platform)).await?;
        let missing = || {
            Failure::new(format!(
                "the client gave no context `{name}` for {platform}: add `--build-context {name}=…`"
            ))
        };
        let context = context.ok_or_else(missing)?;
        let contexts = &mut self.known.borrow_mut().contexts;
        contexts.insert(name, platform.clone(), context.clone());
        Ok(context)
    }

    /// Resolves an image, which the client may have replaced.
    async fn new_image(
        &self,
        image: &ImageSource,
        platform: &Platform,
        span: Span,
    ) -> Result<Resolved, Failure> {
        let reference = &image.reference;
        let mode = image.resolve.unwrap_or(self.options.resolve_mode);
        let familiar = reference.familiar();
        // The context with caches doesn't replace an image.
        if familiar.trim_end_matches(":latest") != CACHES_CONTEXT
            && let Some(context) = self.contexts.named(&familiar, Some(platform)).await?
        {
            return Ok(resolved(&context, [""]));
        }
        let shown = format!("[internal] load metadata for {familiar}");
        let (client, locked) = (self.client, self.locked);
        let resolved = locked.resolve(client, reference, platform, mode, &shown);
        let metadata = resolved.await??;
        let Some(image) = metadata.image else {
            return Err(Failure::new(format!(
                "the daemon has no config for the image {familiar}"
            )));
        };
        let config = ImageConfig::from_json(&image.config)
            .map_err(|error| Failure::new(format!("{familiar}: {error}")))?;
        // The image that is pulled must be the one that was resolved, whatever is pushed in the meantime.
        let pinned = image.pin(reference);
        let name = format!("from {}", pinned.familiar());
        let image_source = Image::from(pinned)
            .resolve_mode(mode)
            .on_platform(platform.clone())
            .named(name);
        let state = self.source_maps.locate(image_source, [span]).into_state();
        Ok(Resolved {
            state,
            image: Some(BaseImage {
                config,
                json: image.config,
            }),
            is_image: true,
        })
    }
}

/// Pairs all needs with their resolved sources, in order.
fn beside<K: Clone + Ord, V>(needed: &ByPlatform<K, V>, resolved: Vec<Resolved>) -> OnPlatform<K> {
    let keys = needed.iter().zip(resolved);
    keys.map(|((key, platform, _), resolved)| (key.clone(), platform.clone(), resolved))
        .collect()
}

/// Returns the files of a context that are used, and its config if it is an image.
fn resolved<P: AsRef<str>>(context: &NamedContext, paths: impl IntoIterator<Item = P>) -> Resolved {
    let image = context.image.clone().zip(context.image_json.clone());
    Resolved {
        state: context.files.with_paths(paths),
        image: image.map(|(config, json)| BaseImage { config, json }),
        is_image: false,
    }
}
