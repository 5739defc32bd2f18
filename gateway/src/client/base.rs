//! An image to build on.

use buildkit_llb::{Constrain, Constraints, Image, Platform, Reference, ResolveMode, State};
use bytes::Bytes;

use super::{Client, ResolveSource};
use crate::error::Error;
use crate::failure::Failure;
use crate::image_config::ImageConfig;

/// An image to build on, pinned to what its name stood for when it was looked up.
///
/// The vertex is named and located as any other:
///
/// ```no_run
/// # use buildkit_gateway::{Client, Failure, Options};
/// # use buildkit_llb::{Constrain, Exec, Platform, State};
/// # async fn example(client: &Client, options: &Options, platform: &Platform) -> Result<(), Failure> {
/// let base = client.base("alpine", platform, options.resolve_mode).await?;
/// let (state, image) = base.named("from alpine").into_image()?;
/// let built = state.run(Exec::shell("make"));
/// # let _ = (built, image);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Base {
    source: Image,
    reference: Reference,
    config: ImageConfig,
    json: Bytes,
    platform: Platform,
}

impl Base {
    /// Gives the reference that means this very image, as far as it can be pinned.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Gives the image's configuration.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// Gives what an image that is made on it begins with: the files, as [`into_state`](Self::into_state) has them, and the
    /// [inherited](ImageConfig::inherit) configuration, for the platform that was asked for. Some images don't say what they
    /// are for, or say it otherwise.
    pub fn into_image(self) -> Result<(State, ImageConfig), Failure> {
        let mut config = self.config.inherit();
        config.set_platform(&self.platform);
        Ok((self.into_state()?, config))
    }

    /// Gives the image's files, with environment, working directory and platform of its configuration.
    pub fn into_state(self) -> Result<State, Failure> {
        Ok(self.source.into_state().image_config(&self.json)?)
    }
}

impl Constrain for Base {
    fn constraints_mut(&mut self) -> &mut Constraints {
        self.source.constraints_mut()
    }
}

impl Client {
    /// Looks an image up for a platform, and pins it to what was found, so that what is built is what was looked at.
    ///
    /// What a client calls otherwise is not looked for: for that, ask [`Contexts::named`](crate::Contexts::named) first.
    pub async fn base(
        &self,
        name: &str,
        platform: &Platform,
        mode: ResolveMode,
    ) -> Result<Base, Failure> {
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
        Ok(Base {
            source,
            reference,
            config: ImageConfig::from_json(&image.config)?,
            json: image.config,
            platform: platform.clone(),
        })
    }
}
