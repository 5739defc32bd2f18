//! Resolution of bases: the look-ups that are needed, and their results.

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_gateway::ImageConfig;
use buildkit_llb::{Constrain as _, Image, Platform, Reference, State};

use super::graph::SCRATCH;
use super::names;
use super::need::{Answer, Need, ResolvedContext, ResolvedImage, StageIndex};
use super::stage::{Entry, Origin, SharedConfig, Written};
use super::words;
use super::{Compilation, DESCRIPTION};
use crate::instruction::{InstructionKind, read_trigger};
use crate::lexer::NoVariables;
use crate::lines::Lines;
use crate::lint::rule;
use crate::mistake::Mistake;
use crate::text::Text;

/// Names besides those of stages that a mistyped base may mean.
const COMMON_IMAGES: [&str; 7] = [
    "alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora",
];

/// A resolved image, with the properties that its stages share.
struct Base {
    name: Text,
    /// The text in progress output after the number of the step.
    from: String,
    image: Image,
    config: SharedConfig,
    /// Whether the image has no files.
    is_empty: bool,
}

impl Compilation<'_> {
    /// Returns the look-ups that are needed. Called repeatedly until there are none: triggers of base images may need more.
    pub(super) fn resolve(&mut self) -> Result<Vec<Need>, Mistake> {
        loop {
            let needs = self.unresolved()?;
            if !needs.is_empty() {
                return Ok(needs);
            }
            if !self.read_triggers()? {
                return Ok(Vec::new());
            }
            self.rounds += 1;
        }
    }

    fn unresolved(&mut self) -> Result<Vec<Need>, Mistake> {
        let reachable = self.reachable(self.target);
        let mut needs = Vec::new();
        // The indexes of each image's needs in the list, by platform.
        let mut images: BTreeMap<Text, BTreeMap<Option<Arc<Platform>>, usize>> = BTreeMap::new();
        for (index, is_needed) in reachable.into_iter().enumerate() {
            let is_needed = is_needed || self.request.all_stages;
            let stage = &self.stages[index];
            if stage.base.is_some() || stage.dispatched || stage.resolved {
                continue;
            }
            let known = images.get(&stage.base_name);
            let known = known.and_then(|platforms| platforms.get(&stage.platform));
            if let Some(&position) = known.filter(|_| is_needed && !stage.is_context)
                && let Need::Image { stages, .. } = &mut needs[position]
            {
                stages.push(StageIndex(index));
                self.stages[index].resolved = true;
                continue;
            }
            if let Some(need) = self.resolve_stage(index, is_needed)? {
                if let Need::Image { .. } = need {
                    let stage = &self.stages[index];
                    let platforms = images.entry(stage.base_name.clone()).or_default();
                    platforms.insert(stage.platform.clone(), needs.len());
                }
                needs.push(need);
            }
        }
        Ok(needs)
    }

    /// Resolves a base, or returns the look-up needed for it. Bases that nothing needs are visited, too.
    fn resolve_stage(&mut self, index: usize, is_needed: bool) -> Result<Option<Need>, Mistake> {
        let wanted = Arc::clone(&self.wanted);
        let stage = &mut self.stages[index];
        stage.resolved = is_needed;
        if stage.base_name == SCRATCH && !stage.is_context {
            stage.image = ImageConfig::scratch(&wanted).into();
            stage.platform = Some(wanted);
            stage.origin = Origin::State(State::scratch());
            stage.dispatched = stage.unregistered;
            return Ok(None);
        }
        let lines = stage.place;
        let reference = parse_reference(&stage.base_name).map_err(|mistake| match lines {
            Some(lines) => mistake.at(lines),
            None => mistake,
        })?;
        if !is_needed {
            self.pass(index, reference);
            return Ok(None);
        }
        let stage_index = StageIndex(index);
        if stage.is_context {
            return Ok(Some(Need::Context {
                name: stage.written_name().to_owned(),
                platform: (stage.platform.as_deref())
                    .or(self.request.platform)
                    .cloned(),
                stage: stage_index,
            }));
        }
        let reference = reference.with_default_tag();
        let platform = stage.platform.clone().unwrap_or(wanted);
        let name = reference.as_str();
        if self.request.stands_for_context(name, Some(&platform)) {
            return Ok(Some(Need::Context {
                name: name.to_owned(),
                platform: Some(Arc::unwrap_or_clone(platform)),
                stage: stage_index,
            }));
        }
        let shown = if self.request.options.multi_platform {
            format!(
                "[{} internal] load metadata for {name}",
                names::formatted(&platform)
            )
        } else {
            ["[internal] load metadata for ", name].concat()
        };
        Ok(Some(Need::Image {
            name: shown,
            reference,
            platform,
            stages: vec![stage_index],
        }))
    }

    /// Skips a base that nothing needs so far. Docker's frontend still creates and counts a step for it. If it isn't a stage of
    /// the file, triggers that need it later use it unresolved: as an image known only by its name.
    fn pass(&mut self, index: usize, reference: Reference) {
        let stage = &mut self.stages[index];
        if stage.is_context || stage.passed > self.rounds {
            return;
        }
        stage.passed = self.rounds + 1;
        let reference = reference.with_default_tag();
        stage.base_name = reference.as_str().into();
        let platform = stage.platform.as_ref().unwrap_or(&self.wanted);
        let platform = Arc::clone(platform);
        stage.platform = Some(Arc::clone(&platform));
        if !stage.unregistered {
            stage.shown += usize::from(stage.total > 0);
            return;
        }
        let image = Image::from(reference)
            .resolve_mode(self.request.options.resolve_mode)
            .described(DESCRIPTION, "")
            .named(["FROM ", &stage.base_name].concat())
            .on_shared_platform(platform);
        let lines = stage.place.into_iter().flat_map(Lines::ranges);
        let image = image.located(self.request.source_map, lines);
        stage.origin = Origin::State(image.into_state());
        stage.dispatched = true;
    }

    /// Takes an answer.
    pub(super) fn take(&mut self, answer: Answer) -> Result<(), Mistake> {
        match answer {
            Answer::Epoch(epoch) => {
                self.epoch_is(epoch);
                Ok(())
            }
            Answer::Image(stages, Ok(image)) => {
                self.image_is(&stages, image);
                Ok(())
            }
            Answer::Image(stages, Err(reason)) => {
                let stage = stages.first().map(|first| &self.stages[first.0]);
                let name = stage.map_or("", |stage| &stage.base_name);
                let mistake = Mistake::new(format!("{name}: {reason}"));
                let mistake = mistake.suggesting(name, self.names().chain(COMMON_IMAGES));
                Err(match stage.and_then(|stage| stage.place) {
                    Some(lines) => mistake.at(lines),
                    None => mistake,
                })
            }
            Answer::Context(StageIndex(index), context) => {
                self.context_is(index, context);
                Ok(())
            }
        }
    }

    fn image_is(&mut self, stages: &[StageIndex], image: ResolvedImage) {
        let ResolvedImage { reference, config } = image;
        let config = config.without_unknown_keys();
        let is_empty = config.is_empty();
        let directory = Text::from(config.config.working_dir.as_str());
        for &StageIndex(index) in stages {
            self.keep_base(index, &config, &directory);
        }
        let base = Base {
            name: Text::from(reference.as_str()),
            from: ["FROM ", reference.as_str()].concat(),
            image: Image::from(reference).resolve_mode(self.request.options.resolve_mode),
            config: inherited(config),
            is_empty,
        };
        for &StageIndex(index) in stages {
            self.stage_is_based_on(index, &base);
        }
    }

    /// Sets the base of a stage.
    fn stage_is_based_on(&mut self, index: usize, base: &Base) {
        let is_implicit = self.request.platform.is_none();
        let several = self.request.options.multi_platform;
        let stage = &mut self.stages[index];
        let platform = match &stage.platform {
            Some(platform) => platform.clone(),
            None if is_implicit => detected(
                base.config.platform(),
                &self.wanted,
                self.request.build_platforms,
            ),
            None => Arc::clone(&self.wanted),
        };
        let written = std::mem::replace(&mut stage.base_name, base.name.clone());
        if base.is_empty {
            stage.origin = Origin::State(State::scratch());
        } else {
            let name = names::prefixed(stage, &base.from, several, Some(&platform), &NoVariables);
            let code = stage.written.map_or("", |stage| &stage.code);
            let image = (base.image.clone())
                .described(DESCRIPTION, code)
                .named(name)
                .on_shared_platform(Arc::clone(&platform));
            let image = match stage.place {
                Some(lines) => image.located(self.request.source_map, lines.ranges()),
                None => image.located(self.request.source_map, []),
            };
            stage.origin = Origin::State(image.into_state());
        }
        let own = base.config.platform();
        if !base.is_empty && (platform.os != own.os || platform.architecture != own.architecture) {
            let quoted =
                |platform: &Platform| crate::go::quote(&names::formatted(&platform.normalize()));
            let message = format!(
                "Base image {written} was pulled with platform {}, expected {} for current build",
                quoted(own),
                quoted(&platform)
            );
            let (rule, lines) = (&rule::INVALID_BASE_IMAGE_PLATFORM, stage.place);
            self.linter.report(rule, lines, &[], message);
        }
        stage.image = base.config.clone();
        stage.platform = Some(platform);
        stage.dispatched = stage.unregistered;
    }

    fn context_is(&mut self, index: usize, context: ResolvedContext) {
        let ResolvedContext { files, image } = context;
        let image = image.map(ImageConfig::without_unknown_keys);
        let wanted = Arc::clone(&self.wanted);
        if self.stages[index].is_context {
            let stage = &mut self.stages[index];
            stage.dispatched = true;
            // Stages that start from it have the settings of its image, including the platform.
            stage.settings = State::scratch().settings_of(&files.all());
            stage.origin = Origin::Context(files, None);
            if let Some(config) = image {
                let own = config.platform();
                if !own.os.is_empty() && !own.architecture.is_empty() {
                    stage.platform = Some(Arc::new(own.clone()));
                }
                self.keep_history(index, &config);
                self.stages[index].image = inherited(config);
            }
            return;
        }
        let stage = &self.stages[index];
        let platform = stage.platform.clone().unwrap_or(wanted);
        let mut config = image.unwrap_or_else(|| ImageConfig::scratch(&platform));
        // For a context, Docker's frontend drops the time immediately.
        config.created = None;
        let directory = Text::from(config.config.working_dir.as_str());
        self.keep_base(index, &config, &directory);
        let stage = &mut self.stages[index];
        stage.image = inherited(config);
        stage.origin = Origin::Context(files, Some(platform.clone()));
        stage.platform = Some(platform);
        stage.dispatched = stage.unregistered;
    }

    /// Keeps what is needed later of a stage's base image. The config is only needed for the target, unless all stages are
    /// processed.
    fn keep_base(&mut self, index: usize, config: &ImageConfig, directory: &Text) {
        self.stages[index].base_directory = directory.clone();
        if self.request.all_stages || self.stages[self.target].root == index {
            self.stages[index].base_image = Some(Arc::new(config.clone()));
        }
        self.keep_history(index, config);
    }

    /// Keeps the history of a base, which is only needed for the target.
    fn keep_history(&mut self, index: usize, config: &ImageConfig) {
        if self.stages[self.target].root == index {
            let history = config.history.iter().cloned();
            let history = history.map(|entry| Entry::Base(Box::new(entry)));
            self.stages[index].history = history.collect();
        }
    }

    /// Reads the triggers of base images. Returns whether they take files from anywhere.
    fn read_triggers(&mut self) -> Result<bool, Mistake> {
        let mut takes_files = false;
        let reachable = self.reachable(self.target);
        for (index, is_needed) in reachable.into_iter().enumerate() {
            if !is_needed {
                continue;
            }
            let stage = &self.stages[index];
            let triggers = match stage.base {
                None => stage.image.config.on_build.clone(),
                Some(_) if stage.triggers_read => Vec::new(),
                Some(base) => {
                    let commands = self.stages[base].commands.iter();
                    let triggers = commands.filter_map(|command| match &command.instruction.kind {
                        InstructionKind::OnBuild(text) => Some(text.clone()),
                        _ => None,
                    });
                    triggers.collect()
                }
            };
            self.stages[index].triggers_read = true;
            if triggers.is_empty() {
                continue;
            }
            let lines = self.stages[index].place.unwrap_or_default();
            let mut commands = Vec::with_capacity(triggers.len());
            for trigger in &triggers {
                let instruction = read_trigger(trigger, lines)?;
                let command = self
                    .command(Written::Trigger(Box::new(instruction)))
                    .map_err(|mistake| mistake.at(lines))?;
                takes_files |= !command.sources.is_empty();
                self.note_uses(index, &command);
                commands.push(command);
            }
            let stage = &mut self.stages[index];
            stage.total += commands.len();
            commands.append(&mut stage.commands);
            stage.commands = commands;
            if stage.base.is_none() {
                stage.config_mut().on_build.clear();
            }
        }
        Ok(takes_files)
    }
}

/// Parses an image reference, with Docker's error messages.
pub(super) fn parse_reference(name: &str) -> Result<Reference, Mistake> {
    Reference::parse(name).map_err(|_| {
        Mistake::new(format!(
            "failed to parse stage name {}: {}",
            crate::go::quote(name),
            words::reference(name)
        ))
    })
}

/// Returns the part of an image's config that stages inherit: all except the time and the history.
fn inherited(mut config: ImageConfig) -> SharedConfig {
    config.created = None;
    config.history = Vec::new();
    config.into()
}

/// Returns the platform of an image if the daemon supports it, for use when no platform is requested.
fn detected(own: &Platform, wanted: &Arc<Platform>, runs: &[Platform]) -> Arc<Platform> {
    let fits =
        |platform: &Platform| platform.os == own.os && platform.architecture == own.architecture;
    match runs.iter().find(|platform| fits(platform)) {
        Some(platform) if !fits(wanted) => Arc::new(platform.clone()),
        _ => Arc::clone(wanted),
    }
}
