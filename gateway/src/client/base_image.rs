//! Base images.

use buildkit_llb::{Constrain, Constraints, Image, Platform, Reference, ResolveMode, State};
use bytes::Bytes;

use super::{Client, ResolveSource};
use crate::error::Error;
use crate::failure::Failure;
use crate::image_config::ImageConfig;

/// A base image, pinned to what its name referred to when it was resolved.
///
/// The vertex can be named and located like any other:
///
/// ```no_run
/// # use buildkit_gateway::{Client, Failure, Options};
/// # use buildkit_llb::{Constrain, Exec, Platform, State};
/// # async fn example(client: &Client, options: &Options, platform: &Platform) -> Result<(), Failure> {
/// let base = client.resolve_base("alpine", platform, options.resolve_mode).await?;
/// let (state, image) = base.named("from alpine").into_image()?;
/// let built = state.run(Exec::shell("make"));
/// # let _ = (built, image);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct BaseImage {
    source: Image,
    reference: Reference,
    config: ImageConfig,
    json: Bytes,
    platform: Platform,
}

impl BaseImage {
    /// Returns the reference, pinned to this exact image if possible.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns the image's configuration.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// Returns what an image based on this one starts with: the files, as returned by [`into_state`](Self::into_state), and
    /// the [inherited](ImageConfig::inherit) configuration, for the requested platform. The configuration of some images
    /// names no platform, or a different one.
    pub fn into_image(self) -> Result<(State, ImageConfig), Failure> {
        let mut config = self.config.inherit();
        config.set_platform(&self.platform);
        Ok((self.into_state()?, config))
    }

    /// Returns the image's files, with environment, working directory and platform of its configuration.
    pub fn into_state(self) -> Result<State, Failure> {
        Ok(self.source.into_state().image_config(&self.json)?)
    }
}

impl Constrain for BaseImage {
    fn constraints_mut(&mut self) -> &mut Constraints {
        self.source.constraints_mut()
    }
}

impl Client {
    /// Resolves an image for a platform, and pins it, so that exactly the inspected image is built on.
    ///
    /// Named contexts are not considered: ask [`Contexts::named`](crate::Contexts::named) for them first.
    pub async fn resolve_base(
        &self,
        name: &str,
        platform: &Platform,
        mode: ResolveMode,
    ) -> Result<BaseImage, Failure> {
        let reference = Reference::parse(name)?;
        let request = ResolveSource::image(&reference)
            .platform(platform)
            .mode(mode)
            .named(format!("[internal] load metadata for {reference}"));
        let found = self.resolve_source(request).await?;
        let image = found.image.ok_or(Error::Incomplete {
            call: "ResolveSourceMeta",
            missing: "an image",
        })?;
        let reference = image.pin(&reference);
        let source = Image::from(reference.clone())
            .resolve_mode(mode)
            .on_platform(platform.clone());
        Ok(BaseImage {
            source,
            reference,
            config: ImageConfig::from_json(&image.config)?,
            json: image.config,
            platform: platform.clone(),
        })
    }
}
