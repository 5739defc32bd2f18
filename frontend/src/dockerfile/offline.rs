//! Compiling a Dockerfile without a daemon.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_dockerfile::{
    Answer, Compilation, Dockerfile, Download, DownloadName, Finding, Mistake, Need, Request,
    ResolvedContext, ResolvedImage, StageIndex,
};
use buildkit_gateway::context::ContextFiles;
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Local, Platform, Reference, SourceMap, State, Support};
use stagefile_language::lock::{Name, is_commit};

/// The maximum number of rounds of questions in a compilation: for the time, for the bases, and for what their triggers
/// need.
const MAX_ROUNDS: usize = 8;

/// What a Dockerfile is compiled for, and what is known about images.
#[derive(Debug)]
pub struct Setting {
    /// The client's options.
    pub options: Options,
    /// The requested platform, if any.
    pub platform: Option<Platform>,
    /// The platforms that the build runs on.
    pub build_platforms: Vec<Platform>,
    /// The daemon's capabilities.
    pub support: Support,
    /// The file, for source maps.
    pub map: SourceMap,
    /// The patterns of the ignore file.
    pub ignored: Vec<String>,
    /// The known image configs, by reference with tag or digest.
    pub configs: BTreeMap<String, ImageConfig>,
    /// What names stand for, where the caller defines that.
    pub contexts: BTreeMap<String, (State, Option<ImageConfig>)>,
}

/// A compilation, as far as it got.
pub struct Outcome<'a> {
    /// The compilation, if it could start.
    pub compilation: Option<Compilation<'a>>,
    /// The findings of rules.
    pub findings: Vec<Finding>,
    /// The mistake that stopped it.
    pub mistake: Option<Mistake>,
    /// The bases whose configs aren't known.
    pub unknown: BTreeSet<StageIndex>,
    /// The images whose configs aren't known.
    pub unknown_images: BTreeSet<String>,
    /// The images that it copies files from.
    images: Vec<Reference>,
}

impl Outcome<'_> {
    /// Lists the names that the file doesn't pin.
    pub fn unpinned(&self) -> BTreeSet<Name> {
        let images = self.images.iter();
        let images = images.filter(|image| image.digest().is_none());
        let mut names: BTreeSet<Name> = images.map(Name::image).collect();
        let downloads = self.compilation.iter().flat_map(Compilation::downloads);
        names.extend(downloads.filter_map(name_of));
        names
    }
}

/// Returns the name of a download in a lock, unless the download is always the same.
pub fn name_of(download: &Download) -> Option<Name> {
    match &download.name {
        DownloadName::Git { remote, git_ref } => {
            let is_pinned = git_ref.as_deref().is_some_and(is_commit);
            (!is_pinned).then(|| Name::git(remote, git_ref.as_deref()))
        }
        DownloadName::Http(url) => Some(Name::http(url)),
        _ => None,
    }
}

impl Setting {
    /// Compiles a file as far as possible.
    pub fn compile<'a>(&'a self, file: &'a Dockerfile, all_stages: bool) -> Outcome<'a> {
        let mut outcome = Outcome {
            compilation: None,
            findings: Vec::new(),
            mistake: None,
            unknown: BTreeSet::new(),
            unknown_images: BTreeSet::new(),
            images: Vec::new(),
        };
        let request = Request {
            options: &self.options,
            platform: self.platform.as_ref(),
            build_platforms: &self.build_platforms,
            support: &self.support,
            source_map: &self.map,
            all_stages,
        };
        match Compilation::new(file, request) {
            Err(failed) => {
                outcome.mistake = Some(*failed.mistake);
                outcome.findings = failed.findings;
            }
            Ok(mut compilation) => {
                outcome.mistake = self.go_on(&mut compilation, &mut outcome).err();
                outcome.findings = compilation.findings().to_vec();
                outcome.compilation = Some(compilation);
            }
        }
        outcome
    }

    fn go_on(
        &self,
        compilation: &mut Compilation<'_>,
        outcome: &mut Outcome<'_>,
    ) -> Result<(), Mistake> {
        for _ in 0..MAX_ROUNDS {
            let needs = compilation.needs()?;
            if needs.is_empty() {
                return compilation.evaluate(&self.ignored);
            }
            for need in needs {
                compilation.answer(self.answer(need, outcome))?;
            }
        }
        Err(Mistake::new("bases need other bases again and again"))
    }

    fn answer(&self, need: Need, outcome: &mut Outcome<'_>) -> Answer {
        match need {
            Need::Image {
                reference,
                platform,
                stages,
                ..
            } => {
                outcome.images.push(reference.clone());
                let config = self.config(&reference).cloned().unwrap_or_else(|| {
                    outcome.unknown.extend(&stages);
                    outcome.unknown_images.insert(reference.familiar());
                    unknown(&platform)
                });
                Answer::Image(stages, Ok(ResolvedImage { reference, config }))
            }
            Need::Context { name, stage, .. } => {
                let known = self.contexts.get(&familiar(&name)).cloned();
                let (state, image) = known.unwrap_or_else(|| {
                    outcome.unknown.insert(stage);
                    (Local::new(&name).unique_id(&name).into_state(), None)
                });
                let files = ContextFiles::state(state);
                Answer::Context(stage, ResolvedContext { files, image })
            }
            // Only a daemon knows the time.
            _ => Answer::Epoch(None),
        }
    }

    fn config(&self, reference: &Reference) -> Option<&ImageConfig> {
        self.configs.get(&reference.to_string())
    }
}

/// Returns a name in the familiar form that clients write: an image name without its default parts.
fn familiar(name: &str) -> String {
    let Ok(reference) = Reference::parse(name) else {
        return name.to_owned();
    };
    let name = reference.familiar();
    name.strip_suffix(":latest").unwrap_or(&name).to_owned()
}

/// Makes up the config of an image with files: nothing is copied from an image without.
fn unknown(platform: &Platform) -> ImageConfig {
    let mut config = ImageConfig::scratch(platform);
    config.rootfs.diff_ids = Some(vec!["unknown".to_owned()]);
    config
}
