//! Dockerfiles: parsed, linted, and compiled to LLB.
//!
//! The language is that of Docker's own frontend (syntax 1.26, BuildKit 0.32), including experimental features. The output is
//! identical: byte-identical operations, the same image config and history, the same progress names, and the same findings with
//! the same messages. So builds share their cache with those of Docker's frontend.
//!
//! # Parsing
//!
//! [`Dockerfile::parse`] needs only the text, and never fails: all mistakes of a file are in [`Dockerfile::mistakes`], each with
//! its lines.
//!
//! ```
//! use buildkit_dockerfile::{Dockerfile, InstructionKind, LintConfig};
//!
//! let text = "FROM golang:1.22 AS build\nARG VERSION=1\nRUN go build -o /server .\n";
//! let file = Dockerfile::parse(text, &LintConfig::default());
//! let stage = &file.stages()[0];
//! assert_eq!((stage.name.as_str(), stage.base.as_str()), ("build", "golang:1.22"));
//! let InstructionKind::Run(run) = &stage.instructions[1].kind else { panic!() };
//! assert_eq!(run.command.words, ["go build -o /server ."]);
//! assert_eq!(stage.instructions[1].lines.first, 3);
//! ```
//!
//! # Linting
//!
//! Findings that need only the text are in [`Dockerfile::findings`]; a [`Compilation`] adds those that depend on the values of
//! variables and on images. A [`LintConfig`] selects the [`Rule`]s.
//!
//! ```
//! use buildkit_dockerfile::{Dockerfile, LintConfig};
//!
//! let file = Dockerfile::parse("FROM alpine as App\n", &LintConfig::default());
//! let rules: Vec<_> = file.findings().iter().map(|found| found.rule.name).collect();
//! assert_eq!(rules, ["StageNameCasing", "FromAsCasing"]);
//! ```
//!
//! # Compiling
//!
//! A [`Compilation`] doesn't communicate with a daemon itself. It lists what it needs, such as images, and continues with the
//! answers. All needs of one round can be looked up concurrently, by the caller.
//!
//! ```
//! use buildkit_dockerfile::{
//!     Answer, Compilation, Dockerfile, LintConfig, Need, Request, ResolvedImage,
//! };
//! use buildkit_gateway::{ImageConfig, Options};
//! use buildkit_llb::{Platform, SourceMap, State, Support};
//!
//! let text = "FROM alpine\nCOPY src /src\nCMD [\"/src/run\"]\n";
//! let file = Dockerfile::parse(text, &LintConfig::default());
//! let (options, support) = (Options::parse([("target", "")])?, Support::full());
//! let map = SourceMap::new("Dockerfile", "Dockerfile", text);
//! let amd64 = [Platform::new("linux", "amd64")];
//! let mut compilation = Compilation::new(&file, Request {
//!     options: &options,
//!     platform: None,
//!     build_platforms: &amd64,
//!     support: &support,
//!     source_map: &map,
//!     all_stages: false,
//! }).map_err(|failed| failed.mistake)?;
//! loop {
//!     let needs = compilation.needs()?;
//!     if needs.is_empty() {
//!         break;
//!     }
//!     for need in needs {
//!         // Asked of a daemon, in a frontend.
//!         let Need::Image { reference, platform, stages, .. } = need else { panic!() };
//!         let config = ImageConfig::scratch(&platform);
//!         compilation.answer(Answer::Image(stages, Ok(ResolvedImage { reference, config })))?;
//!     }
//! }
//! compilation.evaluate(&[])?;
//! assert_eq!(compilation.context_paths().into_iter().collect::<Vec<_>>(), ["/src"]);
//! let compiled = compilation.finish(&State::local("context"));
//! assert_eq!(compiled.image.config.cmd, ["/src/run"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Fixing
//!
//! A [`Fixer`] locates a finding or a mistake in the text, and returns the [`Edit`] that fixes it, if there is a certain one.
//! What is built stays byte for byte the same. [`Dockerfile::without_mistakes`] and [`Dockerfile::remove_lines`] leave out what is
//! wrong, so that a compilation of the rest finds the next mistake.
//!
//! ```
//! use buildkit_dockerfile::{Dockerfile, Fixer, LintConfig};
//!
//! let mut text = "FROM alpine AS Base\nMAINTAINER Jo\n".to_owned();
//! let file = Dockerfile::parse(&text, &LintConfig::default());
//! let fixer = Fixer::new(&text, &file);
//! let mut edits: Vec<_> = file.findings().iter().filter_map(|found| fixer.fix(found)).collect();
//! edits.sort_by_key(|edit| edit.range.start);
//! for edit in edits.into_iter().rev() {
//!     text.replace_range(edit.range, &edit.replacement);
//! }
//! assert_eq!(text, "FROM alpine AS base\nLABEL org.opencontainers.image.authors=\"Jo\"\n");
//! ```
//!
//! # Differences from Docker's frontend
//!
//! - Texts that double with each argument are limited to 16 MiB, and so are all instructions together; substitutions can be
//!   nested at most 100 deep. Exceeding a limit is a mistake; Docker's frontend exhausts the memory instead.
//! - Invalid UTF-8 is replaced.
//! - Windows images are not supported: their paths follow other rules.
//! - IDs of progress groups are the same in every build.
#![forbid(unsafe_code)]

mod case;
mod compile;
mod dockerfile;
mod fix;
mod go;
mod instruction;
mod lexer;
mod lines;
mod lint;
mod mistake;
mod parser;
mod recovery;
mod text;

pub use compile::{
    Answer, Compilation, CompileError, Compiled, ContextPath, Download, DownloadName, EpochSource,
    Need, Outline, OutlineArgument, OutlineSecret, PROXIES, Pins, Request, ResolvedContext,
    ResolvedImage, SourceOrigin, SourcePath, StageIndex,
};
pub use dockerfile::Dockerfile;
pub use fix::{Edit, Fixer};
pub use instruction::{
    Argument, CommandLine, InlineFile, Instruction, InstructionKind, KEYWORDS, Mount, MountKind,
    Pair, Run, Sharing, Stage, Transfer, is_stage_name,
};
pub use lexer::{Environment, Lexer, NoVariables, Word};
pub use lines::Lines;
pub use lint::{Finding, LintConfig, LintConfigError, Rule};
pub use mistake::{Mistake, OpenHeredoc};
pub use parser::Heredoc;
pub use text::Text;
