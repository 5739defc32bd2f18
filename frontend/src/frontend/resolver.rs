//! Images and named contexts, as the daemon knows them.

use std::collections::BTreeMap;

use buildkit_gateway::context::{Contexts, NamedContext};
use buildkit_gateway::{Client, Failure, ImageConfig, Options, ResolveSource};
use buildkit_llb::{Constrain, Image, Platform, Reference};
use futures_util::future::try_join_all;

use crate::lower::{BaseImage, Needs, Resolved};

/// Asks the daemon.
pub(super) struct Resolver<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub contexts: &'a Contexts,
    pub platform: &'a Platform,
}

impl Resolver<'_> {
    /// Resolves all images at the same time.
    pub(super) async fn images(
        &self,
        needs: &Needs,
    ) -> Result<BTreeMap<Reference, Resolved>, Failure> {
        let resolved =
            try_join_all(needs.images.iter().map(|reference| self.image(reference))).await?;
        Ok(needs.images.iter().cloned().zip(resolved).collect())
    }

    /// Resolves all named contexts at the same time.
    pub(super) async fn contexts(
        &self,
        needs: &Needs,
    ) -> Result<BTreeMap<String, Resolved>, Failure> {
        let resolved = needs.contexts.iter().map(|(name, paths)| async move {
            let context = self.contexts.named(name, Some(self.platform)).await?;
            let context = context
                .ok_or_else(|| Failure::new(format!("the client gave no context `{name}`")))?;
            Ok::<_, Failure>((name.clone(), resolved(&context, paths)))
        });
        Ok(try_join_all(resolved).await?.into_iter().collect())
    }

    /// Resolves an image, in whose place the client may have put something else.
    async fn image(&self, reference: &Reference) -> Result<Resolved, Failure> {
        let familiar = reference.familiar();
        if let Some(context) = self.contexts.named(&familiar, Some(self.platform)).await? {
            return Ok(resolved(&context, [""]));
        }
        let request = ResolveSource::image(reference)
            .platform(self.platform)
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
        let pinned = reference.clone().with_digest(image.digest);
        let name = format!("from {}", pinned.familiar());
        let state = Image::from(pinned)
            .resolve_mode(self.options.resolve_mode)
            .on_platform(self.platform.clone())
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
