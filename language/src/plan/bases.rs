//! The known configs of bases.
//!
//! A plan is created before any config is requested. If an expression uses `base` and the config isn't known, the plan is
//! incomplete, which isn't an error; the caller requests the missing configs, and plans again.

use std::rc::Rc;

use buildkit_image_config::ImageConfig;
use buildkit_llb::Platform;
use stagefile_text::paths;

use super::{Base, External, Image, Plan, Stage, StageId};
use crate::source::Span;

/// The known configs.
#[derive(Debug, Default)]
pub struct Bases {
    known: Vec<(External, Platform, Option<ImageConfig>)>,
}

/// A base whose config is needed.
#[derive(Clone, Debug)]
pub struct WantedBase {
    /// The base.
    pub external: External,
    /// The platform of the stage.
    pub platform: Platform,
    /// The location that names it.
    pub span: Span,
}

/// The config that a stage starts with, or that of its image.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The config.
    pub config: Rc<ImageConfig>,
    /// The working directory of the first base image.
    pub origin: Rc<str>,
}

impl Bases {
    /// Adds the config of an external base for a platform; `None` if it consists of files rather than an image.
    pub fn add(&mut self, external: External, platform: Platform, config: Option<ImageConfig>) {
        self.known.push((external, platform, config));
    }

    /// Returns the config that a stage with an external base starts with; `None` if it isn't known.
    pub(crate) fn find(&self, external: &External, platform: &Platform) -> Option<Config> {
        let scratch = || ImageConfig::scratch(platform);
        let config = match external {
            External::Git(_) | External::Http(_) => scratch(),
            external => {
                let mut known = self.known.iter();
                let (.., config) =
                    known.find(|(other, on, _)| other == external && on == platform)?;
                config.as_ref().map_or_else(scratch, ImageConfig::inherit)
            }
        };
        Some(Config::new(config))
    }
}

impl Config {
    fn new(config: ImageConfig) -> Self {
        Self {
            origin: paths::clean(&config.config.working_dir).into(),
            config: Rc::new(config),
        }
    }

    /// Returns the config that a stage without a base starts with.
    pub(crate) fn scratch(platform: &Platform) -> Self {
        Self::new(ImageConfig::scratch(platform))
    }

    /// Returns the config of the image of a stage that starts with this one.
    pub(crate) fn with_stage(&self, stage: &Stage) -> Self {
        let settings = &stage.settings;
        if stage.image == Image::default() && settings.workdir.is_none() && settings.user.is_none()
        {
            return self.clone();
        }
        let mut config = self.config.as_ref().clone();
        stage.apply_to(&self.origin, &mut config);
        Self {
            config: Rc::new(config),
            origin: Rc::clone(&self.origin),
        }
    }
}

impl Plan {
    /// Returns the bases whose configs are needed to complete the wanted stages.
    pub fn wanted_bases(&self) -> Vec<WantedBase> {
        let open = self.order().into_iter();
        let open = open.filter(|id| self.stage(*id).lacks_base);
        let mut wanted: Vec<WantedBase> = Vec::new();
        for base in open.filter_map(|id| self.origin_of(id)) {
            let same = |other: &WantedBase| {
                other.external == base.external && other.platform == base.platform
            };
            if !wanted.iter().any(same) {
                wanted.push(base);
            }
        }
        wanted
    }

    /// Returns the first base in the chain of a stage's bases.
    fn origin_of(&self, id: StageId) -> Option<WantedBase> {
        let mut stage = self.stage(id);
        // A cycle of stages has no beginning.
        for _ in 0..=self.stages.len() {
            match &stage.base.value {
                Base::Scratch => return None,
                Base::Stage(parent) => stage = self.stage(*parent),
                Base::External(external) => {
                    return Some(WantedBase {
                        external: external.as_ref().clone(),
                        platform: stage.platform.clone(),
                        span: stage.base.span,
                    });
                }
            }
        }
        None
    }
}
