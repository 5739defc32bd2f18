//! The final steps of a frontend.

use buildkit_llb::{Constrain as _, FileAction, MarshalOptions, Platform, State};

use super::{Client, SolveRequest};
use crate::ImageConfig;
use crate::build_result::{Attestation, BuildResult, PlatformResult};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::options::{Epoch, Options};

/// The path of an attestation's predicate.
const PREDICATE: &str = "/predicate.json";

impl Client {
    /// Creates images for all requested platforms concurrently, each like [`image`](Self::image), from the files and
    /// configuration that `build` returns. The first error cancels the others.
    ///
    /// ```
    /// # use buildkit_gateway::{BuildResult, Client, Environment, Failure};
    /// # use buildkit_llb::Exec;
    /// # async fn example(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
    /// let options = environment.parse_options()?;
    /// client.images(environment, &options, async |platform| {
    ///     let base = client.resolve_base("alpine", platform, options.resolve_mode).await?;
    ///     let (state, image) = base.into_image()?;
    ///     Ok((state.run(options.apply_to(Exec::shell("make"))).root(), image))
    /// })
    /// .await
    /// # }
    /// ```
    pub async fn images(
        &self,
        environment: &Environment,
        options: &Options,
        build: impl AsyncFn(&Platform) -> Result<(State, ImageConfig), Failure>,
    ) -> Result<BuildResult, Failure> {
        let platforms = environment.platforms(options, self.capabilities());
        BuildResult::each_platform(&platforms, options.multi_platform, async |platform| {
            let (state, image) = build(platform).await?;
            self.image(&state, image, platform, options).await
        })
        .await
    }

    /// Creates an attestation with this JSON as its predicate.
    pub async fn attestation(
        &self,
        predicate_type: &str,
        json: impl Into<Vec<u8>>,
    ) -> Result<Attestation, Failure> {
        let file = FileAction::mkfile(PREDICATE, 0o644, json.into());
        let options = MarshalOptions::new().supported_by(self.capabilities().llb.clone());
        let definition = State::scratch().file(file).marshal(&options);
        let solved = self.solve(SolveRequest::definition(definition)).await?;
        let directory = solved.single_reference().cloned();
        Ok(Attestation::new(predicate_type, directory, PREDICATE))
    }

    /// Creates an image from a state and a configuration: marshals the graph for the platform and for the daemon's capabilities,
    /// verifies it, has it solved with the client's cache imports, and adds the client's labels and the image's creation time.
    ///
    /// A graph that no daemon would accept is an error, with the source locations of its vertices.
    pub async fn image(
        &self,
        state: &State,
        mut image: ImageConfig,
        platform: &Platform,
        options: &Options,
    ) -> Result<PlatformResult, Failure> {
        let marshal = MarshalOptions::new()
            .on_platform(platform.clone())
            .supported_by(self.capabilities().llb.clone());
        let definition = state.marshal(&marshal);
        let verified = definition.verify();
        verified.map_err(|error| Failure::from_verify_error(&definition, &error))?;
        let request = SolveRequest::definition(definition);
        let solved = self
            .solve(request.cache_imports(&options.cache_imports))
            .await?;
        image.config.labels.extend(options.labels.clone());
        let result = PlatformResult::new(solved.single_reference().cloned()).config(&image);
        Ok(match options.epoch {
            Epoch::Seconds(seconds) => result.epoch(seconds),
            _ => result,
        })
    }
}
