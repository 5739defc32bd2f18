//! The last steps of every frontend.

use buildkit_llb::{Constrain as _, MarshalOptions, Platform, State};

use super::{Client, SolveRequest};
use crate::ImageConfig;
use crate::build_result::PlatformResult;
use crate::failure::Failure;
use crate::options::{Epoch, Options};

impl Client {
    /// Makes an image of a state and a configuration: marshals the graph for the platform and for what the daemon can do, checks
    /// it, has it solved with the caches that the client imports, and adds the client's labels and the time of the image.
    ///
    /// What no daemon would take is an error with the places of its vertices.
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
        verified.map_err(|error| Failure::of_graph(&definition, &error))?;
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
