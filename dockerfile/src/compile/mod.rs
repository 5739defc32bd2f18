//! Compilation of a Dockerfile to a graph (`frontend/dockerfile/dockerfile2llb`).

mod arguments;
mod copy;
mod dispatch;
mod download;
mod emit;
mod epoch;
mod expand;
mod graph;
mod ignored;
mod known;
mod limits;
mod lint;
mod mode;
mod names;
mod need;
mod outline;
mod ports;
mod remote;
mod request;
mod resolve;
mod run;
mod source_path;
mod stage;
mod step;
mod variables;
mod words;
mod workdir;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use buildkit_gateway::ImageConfig;
use buildkit_gateway::image_config::History;
use buildkit_llb::{Platform, State};

pub use download::{Download, DownloadName, Pins};
pub(crate) use known::Known;
pub use need::{Answer, EpochSource, Need, ResolvedContext, ResolvedImage, StageIndex};
pub use outline::{Outline, OutlineArgument, OutlineSecret};
pub use request::Request;
pub use run::PROXIES;
pub use source_path::{ContextPath, SourceOrigin, SourcePath};
pub(crate) use workdir::absolute;

use crate::dockerfile::Dockerfile;
use crate::instruction::Instruction;
use crate::lexer::Lexer;
use crate::lint::{Finding, Linter};
use crate::mistake::Mistake;
use arguments::{ArgumentInfo, Variables};
use emit::Emitter;
use ignored::Ignored;
use stage::{Begun, Entry, StageState};

/// The key in an operation's description that holds the instruction.
const DESCRIPTION: &str = "com.docker.dockerfile.v1.command";

/// The name of operations that create files from heredocs.
const INLINE_NAME: &str = "[internal] preparing inline document";

/// The compilation of a file to a graph.
///
/// [`Compilation::new`] begins it. [`Compilation::needs`] lists what has to be looked up, and [`Compilation::answer`] takes the
/// answers, until nothing is needed. [`Compilation::evaluate`] then processes the instructions, and [`Compilation::finish`]
/// creates the graph. Nothing here talks to a daemon.
#[derive(Debug)]
pub struct Compilation<'a> {
    request: Request<'a>,
    /// The platform to build for, unless a stage has its own.
    wanted: Arc<Platform>,
    file: &'a Dockerfile,
    lexer: Lexer,
    linter: Linter,
    build_args: BTreeMap<String, String>,
    globals: Variables,
    global_infos: BTreeMap<String, ArgumentInfo>,
    epoch: Option<i64>,
    has_epoch: bool,
    /// The number of times that triggers with new needs have been read.
    rounds: usize,
    stages: Vec<StageState<'a>>,
    /// The indexes of stages by their names, in lower case.
    by_name: HashMap<Cow<'a, str>, usize>,
    /// The instructions of each stage, until their sources are known.
    instructions: Vec<(usize, &'a [Instruction])>,
    target: usize,
    is_connected: bool,
    pins: Arc<Pins>,
    downloads: Vec<Download>,
    /// The initial settings of the last stage that started from an image.
    begun: Option<Begun>,
    /// The buffer of the last text for the history.
    message: String,
    /// The size so far of the instructions in the history, and of bases with their variables, in bytes.
    written: usize,
    /// The size of expanded variables in the instruction that isn't in the history yet, in bytes.
    expanded: usize,
    /// The size of the variables passed to processes so far, in bytes.
    given: usize,
    /// The size of the configs that stages inherited so far, in bytes.
    inherited: usize,
    /// The number of names that undefined variables have been compared with so far.
    compared: usize,
}

/// The result of a compilation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Compiled {
    /// The files of the image.
    pub state: State,
    /// The image's config.
    pub image: ImageConfig,
    /// The config of the target's base image.
    pub base_image: Option<ImageConfig>,
    /// The source date epoch of the build, in seconds since 1970.
    pub epoch: Option<i64>,
    /// Whether files of the build context are used.
    pub uses_context: bool,
    /// Whether the SBOM covers the build context.
    pub scans_context: bool,
    /// The other stages that the SBOM covers.
    pub scanned: Vec<(String, State)>,
    /// Whether anything that the SBOM covers is built without the cache.
    pub ignores_cache: bool,
    /// The paths that instructions take files from.
    pub source_paths: Vec<SourcePath>,
}

impl<'a> Compilation<'a> {
    /// Begins a compilation. Fails if the file has mistakes.
    pub fn new(file: &'a Dockerfile, request: Request<'a>) -> Result<Self, CompileError> {
        let mut compilation = Self {
            lexer: Lexer::new(file.escape),
            linter: file.linter.clone(),
            build_args: request.build_args(),
            wanted: Arc::new(request.target_platform()),
            globals: Variables::default(),
            global_infos: BTreeMap::new(),
            epoch: None,
            has_epoch: false,
            rounds: 0,
            stages: Vec::new(),
            by_name: HashMap::new(),
            instructions: Vec::new(),
            target: 0,
            is_connected: false,
            pins: Arc::default(),
            downloads: Vec::new(),
            begun: None,
            message: String::new(),
            written: 0,
            expanded: 0,
            given: 0,
            inherited: 0,
            compared: 0,
            file,
            request,
        };
        if let Some(mistake) = file.mistakes().first() {
            return Err(compilation.compile_error(mistake.clone()));
        }
        compilation.check_names();
        compilation.check_casing();
        match compilation.read_arguments() {
            Ok(()) => Ok(compilation),
            Err(mistake) => Err(compilation.compile_error(mistake)),
        }
    }

    fn read_arguments(&mut self) -> Result<(), Mistake> {
        let file = self.file;
        let last = file.stages.last().map(|stage| stage.name.to_string());
        let target = self.request.options.target.clone().or(last);
        let target = target.unwrap_or_default();
        let predefined = arguments::predefined(&self.request, &self.build_args, &target);
        let none = BTreeMap::new();
        let defaults = arguments::global(predefined.clone(), self.lexer, &file.global_args, &none);
        if let Ok((defaults, _)) = defaults {
            self.check_default_bases(&defaults);
        }
        (self.globals, self.global_infos) =
            arguments::global(predefined, self.lexer, &file.global_args, &self.build_args)?;
        Ok(())
    }

    /// Returns what has to be looked up before the compilation can continue; empty if everything is known. Call this again
    /// after each round of answers.
    pub fn needs(&mut self) -> Result<Vec<Need>, Mistake> {
        if !self.has_epoch {
            self.has_epoch = true;
            if let Some(source) = self.find_epoch(self.file)? {
                return Ok(vec![Need::Epoch(source)]);
            }
        }
        if !self.is_connected {
            self.is_connected = true;
            self.add_stages(self.file)?;
            self.target = self.find_target()?;
            self.connect()?;
        }
        self.resolve()
    }

    /// Takes the answer to a need.
    pub fn answer(&mut self, answer: Answer) -> Result<(), Mistake> {
        self.take(answer)
    }

    /// Sets the expected content of downloads whose instructions have no checksum. Call this before instructions are
    /// processed.
    pub fn pin(&mut self, pins: Pins) {
        self.pins = Arc::new(pins);
    }

    /// Returns the downloads without a checksum, after instructions are processed.
    pub fn downloads(&self) -> &[Download] {
        &self.downloads
    }

    /// Processes all relevant instructions, once everything is known. `ignored` has the patterns of the build context's
    /// ignore file, which only one rule uses.
    pub fn evaluate(&mut self, ignored: &[String]) -> Result<(), Mistake> {
        self.dispatch_all(&Ignored::new(ignored))?;
        match self.linter.error() {
            None => Ok(()),
            Some(message) => Err(Mistake::new(message)),
        }
    }

    /// Returns the paths of the build context that are used, after instructions are processed; empty if the context isn't
    /// used.
    pub fn context_paths(&self) -> BTreeSet<&str> {
        let reachable = self.reachable(self.target);
        let needed = self.stages.iter().zip(reachable);
        let paths = needed
            .filter(|(_, is_needed)| *is_needed || self.request.all_stages)
            .flat_map(|(stage, _)| stage.context_paths.iter());
        paths.map(String::as_str).collect()
    }

    /// Returns the findings of rules so far.
    pub fn findings(&self) -> &[Finding] {
        self.linter.findings()
    }

    /// Checks that a graph can be created, after instructions are processed; subrequests don't need this.
    pub fn check_graph(&self) -> Result<(), Mistake> {
        let reachable = self.reachable(self.target);
        let needed = self.stages.iter().zip(reachable);
        let mut needed = needed.filter(|(_, is_needed)| *is_needed);
        match needed.find_map(|(stage, _)| stage.empty_run) {
            None => Ok(()),
            lines => Err(Mistake {
                instruction: lines,
                ..Mistake::new("failed to marshal LLB definition: arguments are required")
            }),
        }
    }

    /// Creates the graph. `context` must contain the paths of [`Compilation::context_paths`].
    pub fn finish(mut self, context: &State) -> Compiled {
        let reachable = self.reachable(self.target);
        let history = self.take_history();
        let target = &mut self.stages[self.target];
        let mut image = std::mem::take(&mut target.image).into_image();
        image.history = history;
        let labels = &self.request.options.labels;
        image.config.labels.extend(
            labels
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        match self.request.platform {
            Some(platform) => image.set_platform(platform),
            None => image.normalize_platform(),
        }
        let mut compiled = Compiled {
            state: State::scratch(),
            image,
            base_image: target.base_image.take().map(Arc::unwrap_or_clone),
            epoch: self.epoch,
            uses_context: false,
            scans_context: target.scans_context,
            scanned: Vec::new(),
            ignores_cache: target.ignores_cache,
            source_paths: Vec::new(),
        };
        let mut emitter = Emitter::new(self.stages, context.clone());
        compiled.state = emitter.stage(self.target);
        for (index, is_needed) in reachable.into_iter().enumerate() {
            if is_needed && index != self.target && emitter.stages()[index].is_scanned {
                let files = emitter.stage(index);
                let stage = &emitter.stages()[index];
                compiled.scanned.push((stage.name.to_string(), files));
                compiled.ignores_cache |= stage.ignores_cache;
            }
        }
        compiled.uses_context = emitter.uses_context();
        compiled.source_paths = emitter.into_source_paths();
        compiled
    }

    /// Returns the target's history: that of its bases, followed by its own.
    fn take_history(&mut self) -> Vec<History> {
        let mut history = Vec::new();
        for index in self.chain_of_target().into_iter().rev() {
            let own = std::mem::take(&mut self.stages[index].history);
            history.extend(own.into_iter().map(Entry::into_history));
        }
        history
    }

    /// Returns the target, its base, the base of that, and so on.
    fn chain_of_target(&self) -> Vec<usize> {
        let mut chain = vec![self.target];
        while let Some(base) = chain.last().and_then(|&index| self.stages[index].base) {
            chain.push(base);
        }
        chain
    }

    fn compile_error(self, mistake: Mistake) -> CompileError {
        let findings = match self.file.mistakes().first() {
            Some(_) => self.file.findings_before_mistake().to_vec(),
            None => self.linter.findings().to_vec(),
        };
        CompileError {
            mistake: Box::new(mistake),
            findings,
        }
    }
}

/// The error if a compilation can't begin.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompileError {
    /// The mistake.
    pub mistake: Box<Mistake>,
    /// The findings of rules before the mistake.
    pub findings: Vec<Finding>,
}
