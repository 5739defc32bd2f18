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

/// What is known in place of a daemon's answers.
#[derive(Clone, Debug)]
pub struct Known {
    /// The platform that builds run on.
    pub native: Platform,
    /// The known image configs.
    pub configs: BTreeMap<String, ImageConfig>,
    /// The content of the ignore file.
    pub ignore: Vec<u8>,
}

/// A Dockerfile that a stage starts from.
#[derive(Clone, Debug)]
pub struct Part {
    /// The stage's settings for it.
    pub file: DockerfileSource,
    /// The platform of the stage.
    pub platform: Platform,
    /// Where the stage refers to it.
    pub span: Span,
}

/// Lists the Dockerfiles that a plan needs.
pub fn of_plan(plan: &Plan) -> Vec<Part> {
    let needed = stagefile_lower::needs(plan).dockerfiles.into_iter();
    let parts = needed.map(|(file, platform, span)| Part {
        file,
        platform,
        span,
    });
    parts.collect()
}

/// Lists the Dockerfiles that a file needs, if it could be planned.
pub fn files(checked: &Checked) -> Vec<Part> {
    checked.plan.as_ref().map(of_plan).unwrap_or_default()
}

impl Part {
    /// Returns what it is compiled for; `None` if it isn't compiled here. Nothing is known about the stages that its
    /// names stand for.
    fn setting(&self, text: &str, known: &Known) -> Option<Setting> {
        setting(&self.file, &self.platform, text, known, BTreeMap::new())
    }

    /// Adds what it needs from the client to the outline of others; nothing if it has mistakes.
    pub fn outline(
        &self,
        text: &str,
        known: &Known,
        sources: &mut Sources,
        outline: &mut OfDockerfiles,
    ) {
        let Some(setting) = self.setting(text, known) else {
            return;
        };
        let parsed = Dockerfile::parse(text, &LintConfig::default());
        if let Some(compilation) = setting.compile(&parsed, false).compilation {
            let source = source_of(sources, &self.file.path, text);
            outline.add(&source, &compilation.outline());
        }
    }

    /// Reports what is wrong with it, there and where it is used.
    pub fn check(&self, text: &str, known: &Known, checked: &mut Checked) {
        let Some(setting) = self.setting(text, known) else {
            return;
        };
        let source = source_of(&mut checked.sources, &self.file.path, text);
        checked
            .found
            .within(&[self.span], |found| check(&source, &setting, found));
    }

    /// Lists the names that it doesn't pin.
    pub fn unpinned(&self, text: &str, known: &Known) -> BTreeSet<Name> {
        let setting = self.setting(text, known);
        let unpinned = setting.map(|setting| {
            let parsed = Dockerfile::parse(text, &LintConfig::default());
            setting.compile(&parsed, false).unpinned()
        });
        unpinned.unwrap_or_default()
    }
}

/// Returns what a Dockerfile is compiled for; `None` if it isn't compiled here, because it asks for another frontend or
/// is a Stagefile.
fn setting(
    file: &DockerfileSource,
    platform: &Platform,
    text: &str,
    known: &Known,
    contexts: BTreeMap<String, (State, Option<ImageConfig>)>,
) -> Option<Setting> {
    let bytes = text.as_bytes();
    if !is_dockerfile(&file.path, bytes) || other_frontend(bytes).is_some() {
        return None;
    }
    let args = file.args.iter();
    let args = args.map(|(name, value)| (format!("build-arg:{name}"), value.clone()));
    let target = file.target.iter();
    let target = target.map(|target| ("target".to_owned(), target.clone()));
    let names = file.contexts.iter();
    let names = names.map(|(name, _)| (format!("context:{name}"), format!("input:{name}")));
    Some(Setting {
        options: Options::parse(args.chain(target).chain(names)).ok()?,
        platform: Some(platform.clone()),
        build_platforms: vec![known.native.clone()],
        support: Support::full(),
        map: SourceMap::new(&*file.path, LANGUAGE, text.to_owned()),
        ignored: Vec::new(),
        configs: known.configs.clone(),
        contexts,
    })
}

/// Returns a Dockerfile's source, and adds it to the sources if it isn't one yet.
fn source_of(sources: &mut Sources, path: &str, text: &str) -> Source {
    let mut others = sources.files().iter().skip(1);
    let is_same = |source: &&Source| source.name() == path && source.text() == text;
    if let Some(source) = others.find(is_same) {
        return source.clone();
    }
    let index = sources.add(Source::new(path, text));
    sources.files()[index].clone()
}

/// Makes the graph of a Dockerfile; `None` if it has mistakes, or isn't for this frontend.
pub fn compile_part(
    file: &DockerfileSource,
    platform: &Platform,
    text: &str,
    known: &Known,
    contexts: Vec<(String, State, ImageConfig)>,
) -> Option<(State, ImageConfig)> {
    let contexts = contexts
        .into_iter()
        .map(|(name, state, config)| (name, (state, Some(config))));
    let setting = setting(file, platform, text, known, contexts.collect())?;
    let parsed = Dockerfile::parse(text, &LintConfig::default());
    let outcome = setting.compile(&parsed, false);
    let compilation = outcome.compilation.filter(|_| outcome.mistake.is_none())?;
    let paths = compilation.context_paths().into_iter().map(str::to_owned);
    let context = main_context(&paths.collect(), &known.ignore);
    let compiled = compilation.finish(&context);
    let options = MarshalOptions::new()
        .on_platform(platform.clone())
        .supported_by(setting.support.clone());
    let definition: Definition = compiled.state.marshal(&options);
    let state = State::from_definition(&definition).ok()?;
    let state = state.image_config(&compiled.image.to_json()).ok()?;
    Some((state, compiled.image))
}
