//! Software bills of materials (SBOMs), for clients that request them with `--sbom`.
//!
//! The daemon itself scans the result of a frontend. A frontend runs the scanner only to cover
//! more, such as the build context or stages that aren't part of the result
//! ([`Attest::scan_context`](crate::options::Attest::scan_context) and
//! [`scan_stage`](crate::options::Attest::scan_stage)). The protocol of scanners is BuildKit's
//! (`docs/attestations/sbom-protocol.md`).

use std::collections::BTreeMap;

use buildkit_llb::{
    Constrain, Exec, Image, MarshalOptions, Mount, Network, Platform, ReferenceError, ResolveMode,
    State,
};

use crate::build_result::Attestation;
use crate::client::{Client, ResolveSource, SolveRequest};
use crate::error::Error;
use crate::failure::Failure;
use crate::image_config::{ImageConfig, ImageConfigError};
use crate::options::Sbom;

/// The path at which the scanner finds the main file system to scan.
const CORE: &str = "/run/src/core/sbom";

/// The path at which the scanner finds additional file systems to scan.
const EXTRAS: &str = "/run/src/extras";

/// The path to which the scanner writes its statements.
const OUTPUT: &str = "/run/out/";

/// An image that generates SBOMs.
#[derive(Clone, Debug)]
pub struct SbomScanner {
    /// The name by which the user knows it.
    name: String,
    image: Image,
    program: String,
    arguments: Vec<String>,
    working_dir: String,
    env: Vec<(String, String)>,
}

/// A set of file systems to scan together.
#[derive(Clone, Debug)]
#[must_use]
pub struct SbomTarget {
    /// The subject of the SBOM.
    core: State,
    extras: BTreeMap<String, State>,
    platform: Platform,
    ignores_cache: bool,
    network: Network,
}

/// The reason why a scanner can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SbomError {
    /// A request to the daemon failed.
    #[error(transparent)]
    Gateway(#[from] Error),
    /// The scanner isn't an image, because a source policy replaced it.
    #[error("SBOM scanner `{name}` is no image")]
    NoImage {
        /// The scanner.
        name: String,
    },
    /// The scanner's configuration has no command to run.
    #[error("SBOM scanner `{name}` has neither entrypoint nor command")]
    NoCommand {
        /// The scanner.
        name: String,
    },
    /// The scanner's configuration can't be parsed.
    #[error("SBOM scanner `{name}`: {source}")]
    Config {
        /// The scanner.
        name: String,
        /// What is wrong with it.
        source: ImageConfigError,
    },
    /// The daemon's name for the scanner isn't an image reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

impl From<SbomError> for Failure {
    fn from(error: SbomError) -> Self {
        match error {
            SbomError::Gateway(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}

impl SbomTarget {
    /// Creates a target from the files of a result, for its platform.
    pub fn new(core: State, platform: &Platform) -> Self {
        let platform = platform.clone();
        Self {
            core,
            extras: BTreeMap::new(),
            platform,
            ignores_cache: false,
            network: Network::default(),
        }
    }

    /// Adds another file system to scan, with the name `context` for the build context, or the name
    /// of a stage.
    pub fn extra(mut self, name: impl Into<String>, state: State) -> Self {
        self.extras.insert(name.into(), state);
        self
    }

    /// Scans without using the cache.
    pub fn ignore_cache(mut self) -> Self {
        self.ignores_cache = true;
        self
    }

    /// Sets the scanner's network to the one that the client sets for every process.
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }
}

impl SbomScanner {
    /// Resolves the scanner that the client requests. It runs on the build platform, whatever is
    /// built.
    pub async fn find(
        client: &Client,
        sbom: &Sbom,
        build_platform: &Platform,
        mode: ResolveMode,
    ) -> Result<Self, SbomError> {
        let name = sbom.generator.to_string();
        let request = ResolveSource::image(&sbom.generator)
            .platform(build_platform)
            .mode(mode)
            .named(format!("[internal] load metadata for {name}"));
        let found = client.resolve_source(request).await?.image;
        let found = found.ok_or_else(|| SbomError::NoImage { name: name.clone() })?;
        let config = ImageConfig::from_json(&found.config)
            .map_err(|source| SbomError::Config {
                name: name.clone(),
                source,
            })?
            .config;
        let mut command = config.entrypoint.iter().chain(&config.cmd).cloned();
        let program = command
            .next()
            .ok_or_else(|| SbomError::NoCommand { name: name.clone() })?;
        let arguments = command.collect();

        let parameters = sbom.parameters.iter();
        let parameters =
            parameters.map(|(name, value)| (format!("BUILDKIT_SCAN_{name}"), value.clone()));
        let places = [("DESTINATION", OUTPUT), ("SOURCE", CORE)];
        let places = places.map(|(name, path)| (format!("BUILDKIT_SCAN_{name}"), path.to_owned()));
        let of_image = config.env.iter().filter_map(|pair| pair.split_once('='));
        let of_image = of_image.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pinned = found.pin(&sbom.generator).to_string();
        Ok(Self {
            name,
            image: Image::new(&pinned)?
                .resolve_mode(mode)
                .on_platform(build_platform.clone()),
            program,
            arguments,
            working_dir: config.working_dir,
            env: of_image.chain(places).chain(parameters).collect(),
        })
    }

    /// Returns the graph that generates the SBOM.
    pub fn scan(&self, target: &SbomTarget) -> State {
        let platform = target.platform.normalize();
        let mut exec = Exec::command(&self.program, &self.arguments)
            .named(format!("[{platform}] generating sbom using {}", self.name))
            .mount(Mount::tmpfs("/tmp"))
            .mount(Mount::bind(CORE, &target.core).readonly())
            .mount(Mount::scratch(OUTPUT))
            .network(target.network);
        if !self.working_dir.is_empty() {
            exec = exec.dir(&self.working_dir);
        }
        for (name, value) in &self.env {
            exec = exec.env(name, value);
        }
        if !target.extras.is_empty() {
            exec = exec.env("BUILDKIT_SCAN_SOURCE_EXTRAS", EXTRAS);
        }
        for (name, state) in &target.extras {
            exec = exec.mount(Mount::bind(format!("{EXTRAS}/sbom-{name}"), state).readonly());
        }
        if target.ignores_cache {
            exec = exec.ignore_cache();
        }
        // The mount exists and has an output: it was created above.
        self.image
            .clone()
            .into_state()
            .run(exec)
            .output(OUTPUT)
            .unwrap_or_else(|_| State::scratch())
    }

    /// Generates the SBOM as an attestation that keeps the daemon from generating its own.
    pub async fn attest(
        &self,
        client: &Client,
        target: &SbomTarget,
    ) -> Result<Attestation, SbomError> {
        let support = client.capabilities().llb.clone();
        let options = MarshalOptions::new().supported_by(support);
        let definition = self.scan(target).marshal(&options);
        let result = client.solve(SolveRequest::definition(definition)).await?;
        Ok(Attestation::sbom(result.single_reference().cloned()))
    }
}
