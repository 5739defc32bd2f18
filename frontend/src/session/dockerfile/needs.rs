//! Look-ups that a Dockerfile needs, made by the daemon.

use buildkit_dockerfile::{Answer, EpochSource, Need, ResolvedContext, ResolvedImage};
use buildkit_gateway::{Failure, ImageConfig};
use buildkit_llb::Platform;
use futures_util::future::try_join_all;

use super::build::Session;

impl Session<'_> {
    /// Does all look-ups concurrently.
    pub(super) async fn look_up(&self, needs: Vec<Need>) -> Result<Vec<Answer>, Failure> {
        try_join_all(needs.into_iter().map(|need| self.answer(need))).await
    }

    /// Resolves an image. A missing image is an answer, too: the error needs the location in the
    /// file.
    async fn image(
        &self,
        named: &buildkit_llb::Reference,
        platform: &Platform,
        shown: &str,
    ) -> Result<Result<ResolvedImage, String>, Failure> {
        if let Err(lacking) = self.locked.note_image(named, platform) {
            return Ok(Err(lacking));
        }
        let (client, mode) = (self.client, self.options.resolve_mode);
        let resolved = self.locked.resolve(client, named, platform, mode, shown);
        let metadata = match resolved.await? {
            Ok(metadata) => metadata,
            Err(error) => return Ok(Err(Failure::from(error).message().to_owned())),
        };
        let Some(image) = metadata.image else {
            return Ok(Err("the daemon has no config for it".to_owned()));
        };
        // A policy may have replaced it with another image.
        let resolved = metadata.identifier.strip_prefix("docker-image://");
        let resolved = resolved.and_then(|name| buildkit_llb::Reference::parse(name).ok());
        let reference = resolved.unwrap_or_else(|| named.clone());
        let config = match ImageConfig::from_json(&image.config) {
            Ok(config) => config,
            Err(error) => return Ok(Err(format!("failed to parse image config: {error}"))),
        };
        let mut configs = self.configs.borrow_mut();
        configs.insert(named.to_string(), config.clone());
        Ok(Ok(ResolvedImage {
            reference: image.pin(&reference),
            config,
        }))
    }

    async fn answer(&self, need: Need) -> Result<Answer, Failure> {
        match need {
            Need::Image {
                reference,
                platform,
                name,
                stages,
            } => {
                let image = self.image(&reference, &platform, &name).await?;
                Ok(Answer::Image(stages, image))
            }
            Need::Context {
                name,
                platform,
                stage,
            } => {
                let context = self.contexts.named(&name, platform.as_ref()).await?;
                let context = context
                    .ok_or_else(|| Failure::new(format!("the client gave no context `{name}`")))?;
                Ok(Answer::Context(
                    stage,
                    ResolvedContext {
                        files: context.files,
                        image: context.image,
                    },
                ))
            }
            Need::Epoch(EpochSource::Context) => Ok(Answer::Epoch(self.contexts.epoch().await?)),
            Need::Epoch(EpochSource::Named(name)) => {
                let context = self.contexts.named(&name, None).await?;
                let Some(context) = context else {
                    return Ok(Answer::Epoch(None));
                };
                let state = context.files.all();
                let what = format!("[internal] resolve SOURCE_DATE_EPOCH named context {name}");
                Ok(Answer::Epoch(self.contexts.epoch_of(&state, &what).await?))
            }
            Need::Epoch(EpochSource::Source { state, name }) => {
                Ok(Answer::Epoch(self.contexts.epoch_of(&state, &name).await?))
            }
            // Images are resolved together, and there are no other kinds.
            _ => Err(Failure::new("the Dockerfile needs something unknown")),
        }
    }
}
