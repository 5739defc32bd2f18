//! The configs of what stages start from, as far as they have been asked for.
//!
//! A plan is made before anybody is asked. Where an expression uses `base` and the config isn't known, the plan has a hole,
//! which is no mistake; who has been told what is missing asks, and plans again.

use std::rc::Rc;

use buildkit_image_config::ImageConfig;
use buildkit_llb::Platform;
use stagefile_text::paths;

use super::{Base, External, Image, Plan, Stage, StageId};
use crate::source::Span;

/// The configs that are known.
#[derive(Debug, Default)]
pub struct Bases {
    known: Vec<(External, Platform, Option<ImageConfig>)>,
}

/// Something that a stage starts from, and whose config is to be known.
#[derive(Clone, Debug)]
pub struct WantedBase {
    /// What it is.
    pub external: External,
    /// The platform of the stage.
    pub platform: Platform,
    /// The place that names it.
    pub span: Span,
}

/// The config that a stage starts with, or its image has.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The config.
    pub config: Rc<ImageConfig>,
    /// The directory of the image that the chain of stages begins with.
    pub origin: Rc<str>,
}

impl Bases {
    /// Learns the config of something that a stage of a platform starts from; `None` if it is no image, but files.
    pub fn add(&mut self, external: External, platform: Platform, config: Option<ImageConfig>) {
        self.known.push((external, platform, config));
    }

    /// Returns what a stage on something from outside starts with; `None` if that isn't known.
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

    /// Returns what a stage without a base starts with.
    pub(crate) fn scratch(platform: &Platform) -> Self {
        Self::new(ImageConfig::scratch(platform))
    }

    /// Returns what the image of a stage has that starts with this.
    pub(crate) fn of(&self, stage: &Stage) -> Self {
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
    /// Lists the bases whose configs it takes to fill the holes of the stages that are wanted.
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

    /// Finds what the chain of stages begins with that a stage is the end of.
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
