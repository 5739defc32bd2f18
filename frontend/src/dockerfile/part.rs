//! Dockerfiles that stages of a Stagefile start from, without a daemon.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{
    Constrain as _, Definition, MarshalOptions, Platform, SourceMap, State, Support,
};
use stagefile_language::driver::Checked;
use stagefile_language::lock::Name;
use stagefile_language::plan::{DockerfileSource, Plan};
use stagefile_language::source::{Source, Sources, Span};

use super::check::check;
use super::offline::Setting;
use super::{LANGUAGE, is_dockerfile, other_frontend};
use crate::tools::llb::main_context;
use crate::tools::outline::OfDockerfiles;

/// What takes a daemon's place.
#[derive(Clone, Debug)]
pub struct Known {
    /// What builds run on.
    pub native: Platform,
    /// The configs of images that are known.
    pub configs: BTreeMap<String, ImageConfig>,
    /// The text of the file of ignored paths.
    pub ignore: Vec<u8>,
}

/// A Dockerfile with what a stage says of it.
struct Part<'a> {
    file: &'a DockerfileSource,
    platform: &'a Platform,
    text: &'a str,
}

impl Part<'_> {
    /// Tells whether it is compiled here. What asks for another frontend isn't, and no Stagefile is a Dockerfile.
    fn is_ours(&self) -> bool {
        let text = self.text.as_bytes();
        is_dockerfile(&self.file.path, text) && other_frontend(text).is_none()
    }

    fn setting(
        &self,
        known: &Known,
        contexts: BTreeMap<String, (State, Option<ImageConfig>)>,
    ) -> Option<Setting> {
        let args = self.file.args.iter();
        let args = args.map(|(name, value)| (format!("build-arg:{name}"), value.clone()));
        let target = self.file.target.iter();
        let target = target.map(|target| ("target".to_owned(), target.clone()));
        let names = self.file.contexts.iter();
        let names = names.map(|(name, _)| (format!("context:{name}"), format!("input:{name}")));
        Some(Setting {
            options: Options::parse(args.chain(target).chain(names)).ok()?,
            platform: Some(self.platform.clone()),
            build_platforms: vec![known.native.clone()],
            support: Support::full(),
            map: SourceMap::new(&*self.file.path, LANGUAGE, self.text.to_owned()),
            ignored: Vec::new(),
            configs: known.configs.clone(),
            contexts,
        })
    }
}

/// Lists the Dockerfiles that a plan needs, each with the place of a stage that starts from it.
pub fn files(checked: &Checked) -> Vec<(DockerfileSource, Platform, Span)> {
    checked.plan.as_ref().map(of_plan).unwrap_or_default()
}

/// Lists the Dockerfiles of a plan.
pub fn of_plan(plan: &Plan) -> Vec<(DockerfileSource, Platform, Span)> {
    stagefile_lower::needs(plan).dockerfiles
}

/// Returns a Dockerfile as one of the sources, which it becomes if it isn't yet.
fn source_of(sources: &mut Sources, path: &str, text: &str) -> Source {
    let mut others = sources.files().iter().skip(1);
    let is_same = |source: &&Source| source.name() == path && source.text() == text;
    if let Some(source) = others.find(is_same) {
        return source.clone();
    }
    let index = sources.add(Source::new(path, text));
    sources.files()[index].clone()
}

/// Adds what a Dockerfile needs of the client to that of others; nothing if it has mistakes.
pub fn outline(
    sources: &mut Sources,
    (file, platform, _): &(DockerfileSource, Platform, Span),
    text: &str,
    known: &Known,
    outline: &mut OfDockerfiles,
) {
    let part = Part {
        file,
        platform,
        text,
    };
    // Of the stages that its names stand for, nothing is known here.
    let setting = part.setting(known, BTreeMap::new());
    let Some(setting) = setting.filter(|_| part.is_ours()) else {
        return;
    };
    let parsed = Dockerfile::parse(text, &LintConfig::default());
    if let Some(conversion) = setting.convert(&parsed, false).conversion {
        outline.add(&source_of(sources, &file.path, text), &conversion.outline());
    }
}

/// Reports what is wrong with a Dockerfile, at its places, and where it is used.
pub fn check_part(
    checked: &mut Checked,
    (file, platform, span): &(DockerfileSource, Platform, Span),
    text: &str,
    known: &Known,
) {
    let part = Part {
        file,
        platform,
        text,
    };
    // Of the stages that its names stand for, nothing is known here.
    let Some(setting) = part
        .setting(known, BTreeMap::new())
        .filter(|_| part.is_ours())
    else {
        return;
    };
    let source = source_of(&mut checked.sources, &file.path, text);
    checked
        .found
        .within(&[*span], |found| check(&source, &setting, found));
}

/// Lists what a Dockerfile names that nothing in it pins.
pub fn unpinned(
    file: &DockerfileSource,
    platform: &Platform,
    text: &str,
    known: &Known,
) -> BTreeSet<Name> {
    let part = Part {
        file,
        platform,
        text,
    };
    let setting = part.setting(known, BTreeMap::new());
    let Some(setting) = setting.filter(|_| part.is_ours()) else {
        return BTreeSet::new();
    };
    let parsed = Dockerfile::parse(text, &LintConfig::default());
    setting.convert(&parsed, false).unpinned()
}

/// Makes the graph of a Dockerfile; nothing if it has mistakes, or isn't for this frontend.
pub fn compile_part(
    file: &DockerfileSource,
    platform: &Platform,
    text: &str,
    known: &Known,
    contexts: Vec<(String, State, ImageConfig)>,
) -> Option<(State, ImageConfig)> {
    let part = Part {
        file,
        platform,
        text,
    };
    if !part.is_ours() {
        return None;
    }
    let contexts = contexts
        .into_iter()
        .map(|(name, state, config)| (name, (state, Some(config))));
    let setting = part.setting(known, contexts.collect())?;
    let parsed = Dockerfile::parse(text, &LintConfig::default());
    let outcome = setting.convert(&parsed, false);
    let conversion = outcome.conversion.filter(|_| outcome.mistake.is_none())?;
    let paths = conversion.context_paths().into_iter().map(str::to_owned);
    let context = main_context(&paths.collect(), &known.ignore);
    let converted = conversion.finish(&context);
    let options = MarshalOptions::new()
        .on_platform(platform.clone())
        .supported_by(setting.support.clone());
    let definition: Definition = converted.state.marshal(&options);
    let state = State::from_definition(&definition).ok()?;
    let state = state.image_config(&converted.image.to_json()).ok()?;
    Some((state, converted.image))
}
