//! `llb`: the graph of a file, made without a daemon.

use std::collections::BTreeMap;

use buildkit_gateway::{ImageConfig, ImageConfigError};
use buildkit_llb::{Constrain, Definition, Image, MarshalOptions, Platform, Reference, SourceMap};

use crate::context;
use crate::diagnostic::Diagnostics;
use crate::lower::{self, Lowering, Resolved};
use crate::plan::Plan;
use crate::source::Source;

/// What takes a daemon's place.
#[derive(Debug)]
pub struct Offline {
    platform: Platform,
    /// The text of the file of ignored paths.
    pub ignore: Vec<u8>,
    configs: BTreeMap<Reference, ImageConfig>,
}

impl Offline {
    /// Knows nothing but the platform.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            ignore: Vec::new(),
            configs: BTreeMap::new(),
        }
    }

    /// Learns the config of an image: OCI's JSON, or what `docker image inspect` prints.
    pub fn add_config(&mut self, image: &str, json: &[u8]) -> anyhow::Result<()> {
        let reference = Reference::parse(image)?.with_default_tag();
        let value: serde_json::Value = serde_json::from_slice(json)?;
        let config = match value {
            serde_json::Value::Array(images) => inspected(images)?,
            _ => ImageConfig::from_json(json)?,
        };
        self.configs.insert(reference, config);
        Ok(())
    }

    fn image(&self, reference: &Reference) -> Resolved {
        let name = reference.familiar();
        let image = Image::from(reference.clone()).on_platform(self.platform.clone());
        let config = self.configs.get(reference).cloned();
        let config = config.unwrap_or_else(|| ImageConfig::scratch(&self.platform));
        Resolved {
            state: image.into_state(),
            config: Some(config),
            name,
        }
    }
}

/// Reads an image of `docker image inspect`, whose keys at the top are spelled otherwise than OCI's.
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

/// Lowers a plan. Returns the graph, and the images whose config had to be left out.
pub fn lower(
    plan: &Plan,
    source: &Source,
    offline: &Offline,
) -> Result<(Definition, Vec<String>), Diagnostics> {
    let needs = lower::needs(plan);
    let unknown = needs
        .bases
        .iter()
        .filter(|image| !offline.configs.contains_key(*image));
    let unknown = unknown.map(Reference::familiar).collect();
    let images = needs.bases.iter().chain(&needs.files);
    let images = images
        .map(|reference| (reference.clone(), offline.image(reference)))
        .collect();
    let lowering = Lowering {
        images,
        main_context: Some(
            context::main(&needs.paths, &offline.ignore)
                .unique_id(context::NAME)
                .into_state(),
        ),
        ..Lowering::new(
            source,
            SourceMap::new(source.name(), "YAML", source.text().to_owned()),
            offline.platform.clone(),
        )
    };
    let mut found = Diagnostics::default();
    let Some(built) = lower::lower(plan, &lowering, &mut found) else {
        return Err(found);
    };
    Ok((
        built
            .state
            .marshal(&MarshalOptions::new().on_platform(offline.platform.clone())),
        unknown,
    ))
}
