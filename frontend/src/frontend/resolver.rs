//! Images and named contexts, as the daemon knows them.

use std::collections::BTreeMap;

use buildkit_gateway::context::{Contexts, NamedContext};
use buildkit_gateway::{Client, Failure, ImageConfig, Options, ResolveSource};
use buildkit_llb::{Constrain, Image, Platform, Reference};
use futures_util::future::try_join_all;

use super::mistakes;
use crate::lower::{BaseImage, Needs, Resolved};
use crate::source::Sources;

/// What was resolved, each for a platform.
type OnPlatform<T> = BTreeMap<(T, Platform), Resolved>;

/// Asks the daemon.
pub(super) struct Resolver<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub contexts: &'a Contexts,
    pub sources: &'a Sources,
}

impl Resolver<'_> {
    /// Resolves all images at the same time.
    pub(super) async fn images(&self, needs: &Needs) -> Result<OnPlatform<Reference>, Failure> {
        let resolved = needs
            .images
            .iter()
            .map(|((reference, platform), span)| async {
                let place = mistakes::excerpt(self.sources, *span);
                self.image(reference, platform)
                    .await
                    .map_err(|failure| failure.at_if_nowhere(&place))
            });
        let resolved = try_join_all(resolved).await?;
        Ok(needs.images.keys().cloned().zip(resolved).collect())
    }

    /// Resolves all named contexts at the same time.
    pub(super) async fn contexts(&self, needs: &Needs) -> Result<OnPlatform<String>, Failure> {
        let resolved = needs.contexts.iter().map(|(key, paths)| async move {
            let context = self.contexts.named(&key.0, Some(&key.1)).await?;
            let missing = || Failure::new(format!("the client gave no context `{}`", key.0));
            Ok::<_, Failure>((key.clone(), resolved(&context.ok_or_else(missing)?, paths)))
        });
        Ok(try_join_all(resolved).await?.into_iter().collect())
    }

    /// Resolves an image, in whose place the client may have put something else.
    async fn image(&self, reference: &Reference, platform: &Platform) -> Result<Resolved, Failure> {
        let familiar = reference.familiar();
        if let Some(context) = self.contexts.named(&familiar, Some(platform)).await? {
            return Ok(resolved(&context, [""]));
        }
        let request = ResolveSource::image(reference)
            .platform(platform)
            .mode(self.options.resolve_mode)
            .named(format!("[internal] load metadata for {familiar}"));
        let metadata = self.client.resolve_source(request).await?;
        let Some(image) = metadata.image else {
            return Err(Failure::new(format!(
                "the daemon has no config for the image {familiar}"
            )));
        };
        let config = ImageConfig::from_json(&image.config)
            .map_err(|error| Failure::new(format!("{familiar}: {error}")))?;
        // What was asked about and what is pulled have to be the same, whatever is pushed meanwhile.
        let pinned = image.pin(reference);
        let name = format!("from {}", pinned.familiar());
        let state = Image::from(pinned)
            .resolve_mode(self.options.resolve_mode)
            .on_platform(platform.clone())
            .named(name)
            .into_state();
        Ok(Resolved {
            state,
            image: Some(BaseImage {
                config,
                json: image.config,
            }),
        })
    }
}

/// Takes the files of a context that are used, and its config if it is an image.
fn resolved<P: AsRef<str>>(context: &NamedContext, paths: impl IntoIterator<Item = P>) -> Resolved {
    let image = context.image.clone().zip(context.image_json.clone());
    Resolved {
        state: context.files.with_paths(paths),
        image: image.map(|(config, json)| BaseImage { config, json }),
    }
}
