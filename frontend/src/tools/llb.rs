//! `llb`: the graph of a file, created without a daemon.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_gateway::{ImageConfig, ImageConfigError, ignore};
use buildkit_llb::{
    Constrain, Definition, Image, Local, MarshalOptions, OciLayout, Platform, Reference, SourceMap,
    State,
};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{Base, External, LayoutSource, Plan, WantedBase};
use stagefile_language::source::{LANGUAGE, Sources, Span};
use stagefile_lower::{
    BaseImage, BuildOptions, Daemon, Externals, Lowered, Lowering, Resolved, Runner, SourceMaps,
};

use crate::dockerfile::part::{Known, compile_part};
use crate::error::AnyError;

/// The name of the build context.
const CONTEXT: &str = "context";

/// The replacement for a daemon.
#[derive(Debug)]
pub struct Offline {
    platform: Platform,
    /// The content of the ignore file.
    pub ignore: Vec<u8>,
    /// The stages' Dockerfiles, by their paths in the build context.
    pub dockerfiles: BTreeMap<String, String>,
    configs: BTreeMap<Reference, ImageConfig>,
}

impl Offline {
    /// Creates a value that only has the platform.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            ignore: Vec::new(),
            dockerfiles: BTreeMap::new(),
            configs: BTreeMap::new(),
        }
    }

    /// Adds the config of an image: OCI's JSON, or the output of `docker image inspect`.
    pub fn add_config(&mut self, image: &str, json: &[u8]) -> Result<(), AnyError> {
        let reference = Reference::parse(image)?.with_default_tag();
        let value: serde_json::Value = serde_json::from_slice(json)?;
        let config = match value {
            serde_json::Value::Array(images) => inspected(images)?,
            _ => ImageConfig::from_json(json)?,
        };
        self.configs.insert(reference, config);
        Ok(())
    }

    /// Returns the config of a base, if it is known.
    pub fn config_of(&self, base: &WantedBase) -> Option<ImageConfig> {
        match &base.external {
            External::Image(image, _) => self.configs.get(&image.reference).cloned(),
            _ => None,
        }
    }

    /// Returns the known configs of images, by reference.
    pub(crate) fn configs(&self) -> BTreeMap<String, ImageConfig> {
        let configs = self.configs.iter();
        configs
            .map(|(reference, config)| (reference.to_string(), config.clone()))
            .collect()
    }

    /// Returns the parameters for compiling Dockerfiles.
    pub(crate) fn known(&self) -> Known {
        Known {
            native: Platform::host(),
            configs: self.configs(),
            ignore: self.ignore.clone(),
        }
    }

    fn image(
        &self,
        reference: &Reference,
        platform: &Platform,
        span: Span,
        source_maps: &SourceMaps<'_>,
    ) -> Resolved {
        let image = Image::from(reference.clone()).on_platform(platform.clone());
        let state = source_maps.locate(image, [span]).into_state();
        let image = self.configs.get(reference).map(|config| BaseImage {
            config: config.clone(),
            json: config.to_json(),
        });
        Resolved {
            state,
            image,
            is_image: true,
        }
    }
}

/// Converts the output of `docker image inspect`, whose top-level keys are spelled differently from OCI's.
fn inspected(images: Vec<serde_json::Value>) -> Result<ImageConfig, ImageConfigError> {
    let inspected = images.into_iter().next().unwrap_or_default();
    let field = |name: &str| inspected.get(name).cloned().unwrap_or_default();
    let config = serde_json::json!({
        "os": field("Os"),
        "architecture": field("Architecture"),
        "variant": field("Variant").as_str().unwrap_or_default(),
        "config": field("Config"),
    });
    ImageConfig::from_json(config.to_string().as_bytes())
}

/// Lowers a plan. Returns the graph, and the images whose configs were missing.
pub fn lower(
    plan: &Plan,
    sources: &Sources,
    offline: &Offline,
) -> Result<(Definition, Vec<String>), Diagnostics> {
    let (lowered, _) = lower_target(plan, sources, offline)?;
    let options = MarshalOptions::new().on_platform(offline.platform.clone());
    Ok((
        lowered.target.state.marshal(&options),
        unknown_bases(plan, offline),
    ))
}

/// Lowers a plan. Returns the result, with warnings.
pub fn lower_target(
    plan: &Plan,
    sources: &Sources,
    offline: &Offline,
) -> Result<(Lowered, Diagnostics), Diagnostics> {
    let (needs, main) = (stagefile_lower::needs(plan), sources.main());
    let map = SourceMap::new(main.name(), LANGUAGE, main.text().to_owned());
    let source_maps = SourceMaps::new(sources, map);
    let images = needs.images.iter().map(|(image, platform, span)| {
        let resolved = offline.image(&image.reference, platform, *span, &source_maps);
        (image.clone(), platform.clone(), resolved)
    });
    let layouts = needs.layouts.iter().filter_map(|(name, platform, span)| {
        let layout = layout(name, platform)?;
        let state = source_maps.locate(layout, [*span]).into_state();
        Some((name.clone(), platform.clone(), Resolved::files(state)))
    });
    // For an unknown Dockerfile, a placeholder with its name is used.
    let dockerfiles = needs.dockerfiles.iter().map(|(file, platform, _)| {
        let state = Local::new(&file.path).unique_id(&file.path).into_state();
        (file.clone(), platform.clone(), Resolved::files(state))
    });
    let contexts = needs.contexts.iter().map(|(name, platform, _)| {
        let state = Local::new(name).unique_id(name).into_state();
        (name.clone(), platform.clone(), Resolved::files(state))
    });
    let runner = Runner::published().map(|tool| (offline.platform.clone(), tool));
    let mut lowering = Lowering {
        externals: Externals {
            images: images.collect(),
            layouts: layouts.collect(),
            dockerfiles: dockerfiles.collect(),
            contexts: contexts.collect(),
            main_context: Some(main_context(&needs.paths, &offline.ignore)),
        },
        daemon: Daemon {
            native: offline.platform.clone(),
            runners: runner.into_iter().collect(),
            ..Daemon::default()
        },
        options: BuildOptions {
            lists_caches: true,
            epoch: plan.epoch(),
            ..BuildOptions::default()
        },
        offline: true,
        ..Lowering::new(sources, source_maps.clone())
    };
    let mut found = Diagnostics::under(plan.rules.clone());
    for (file, platform, _) in &needs.dockerfiles {
        let Some(text) = offline.dockerfiles.get(&file.path) else {
            continue;
        };
        let contexts = stagefile_lower::contexts_of(file, plan, &lowering, &mut found);
        let known = offline.known();
        if let Some((state, config)) = compile_part(file, platform, text, &known, contexts) {
            let json = config.to_json();
            let resolved = Resolved {
                state,
                image: Some(BaseImage { config, json }),
                is_image: false,
            };
            let dockerfiles = &mut lowering.externals.dockerfiles;
            dockerfiles.insert(file.clone(), platform.clone(), resolved);
        }
    }
    match stagefile_lower::lower(plan, &lowering, &mut found) {
        Some(lowered) => Ok((lowered, found)),
        None => Err(found),
    }
}

/// Creates the build context, which clients provide under this name. Its ID is fixed, so that the same file always gives
/// the same bytes.
pub(crate) fn main_context(paths: &BTreeSet<String>, ignore_file: &[u8]) -> State {
    let local = Local::new(CONTEXT)
        .unique_id(CONTEXT)
        .exclude(ignore::read(ignore_file))
        .shared_key_hint(CONTEXT)
        .named("[internal] load build context");
    if paths.contains("/") {
        return local.into_state();
    }
    local
        .follow(paths.iter().map(|path| path.trim_start_matches('/')))
        .into_state()
}

/// Creates an image in an OCI layout, which the client provides under this name, as with buildctl's `--oci-layout`.
/// Returns `None` if only the client knows which image it is.
fn layout(layout: &LayoutSource, platform: &Platform) -> Option<OciLayout> {
    let reference = Reference::parse(&layout.name).ok()?;
    let reference = reference.with_digest(layout.digest.clone()?);
    let source = OciLayout::new(reference.to_string()).ok()?;
    Some(source.store(&layout.name).on_platform(platform.clone()))
}

/// Returns the base images about which nothing is known.
fn unknown_bases(plan: &Plan, offline: &Offline) -> Vec<String> {
    let bases = plan
        .order()
        .into_iter()
        .filter_map(|id| match &plan.stage(id).base.value {
            Base::External(external) => match external.as_ref() {
                External::Image(image, _) if !offline.configs.contains_key(&image.reference) => {
                    Some(image.reference.familiar())
                }
                _ => None,
            },
            _ => None,
        });
    bases.collect::<BTreeSet<String>>().into_iter().collect()
}
