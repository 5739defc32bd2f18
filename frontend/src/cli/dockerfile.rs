//! The subcommands for Dockerfiles.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use buildkit_dockerfile::{Dockerfile, LintConfig, Outline};
use buildkit_gateway::{BuildResult, Options, directive, ignore};
use buildkit_llb::{Constrain as _, Definition, MarshalOptions, Platform, SourceMap, Support};
use serde_json::Value;
use stagefile_language::diagnostic::{Diagnostics, render};
use stagefile_language::driver::Checked;
use stagefile_language::lock::Name;
use stagefile_language::source::{Source, Sources, Span};
use stagefile_text::visible;

use super::compile::say_unknown;
use super::{File, say};
use crate::context::Examination;
use crate::dockerfile::check::{check, paths_of_context};
use crate::dockerfile::offline::Setting;
use crate::dockerfile::{LANGUAGE, answers, codes, is_dockerfile, other_frontend};
use crate::error::AnyError;
use crate::tools::bake::{self, Bake};
use crate::tools::llb::{self, Offline};

/// A Dockerfile with the parameters of a subcommand.
pub(super) struct DockerfileCommand<'a> {
    file: &'a File,
    offline: &'a Offline,
}

impl<'a> DockerfileCommand<'a> {
    /// Returns a file if it is a Dockerfile. One that requests a frontend other than Docker's or this one is refused, since
    /// only that frontend knows its language.
    pub(super) fn find(
        file: &'a File,
        source: &Source,
        offline: &'a Offline,
    ) -> Result<Option<Self>, AnyError> {
        if !is_dockerfile(source.name(), source.text().as_bytes()) {
            return Ok(None);
        }
        if let Some(image) = other_frontend(source.text().as_bytes()) {
            return Err(format!(
                "{} is for the frontend {}, as its first line says, and only that one knows what it means",
                visible::line(source.name()),
                visible::line(&image)
            )
            .into());
        }
        if let Some((name, _)) = file.setting.import.first() {
            return Err(format!(
                "`--import {}` has no meaning for a Dockerfile, which imports nothing",
                visible::line(name)
            )
            .into());
        }
        Ok(Some(Self { file, offline }))
    }

    fn setting(&self, source: &Source) -> Result<Setting, AnyError> {
        let args = self.file.setting.build_arg.iter();
        let args = args.map(|(name, value)| (format!("build-arg:{name}"), value.clone()));
        let target = self.file.setting.target.iter();
        let target = target.map(|target| ("target".to_owned(), target.clone()));
        Ok(Setting {
            options: Options::parse(args.chain(target))?,
            platform: self.file.setting.platform.clone(),
            build_platforms: vec![Platform::host()],
            support: Support::full(),
            map: SourceMap::new(source.name(), LANGUAGE, source.text().to_owned()),
            ignored: ignore::read(&self.offline.ignore[..]),
            configs: self.offline.configs(),
            contexts: BTreeMap::new(),
        })
    }

    /// Reports all mistakes.
    pub(super) fn check(&self, source: &Source) -> Result<Checked, AnyError> {
        let mut found = Diagnostics::default();
        let sources = Sources::new(source.clone());
        check(sources.main(), &self.setting(source)?, &mut found);
        Ok(Checked {
            sources,
            plan: None,
            wanted: Vec::new(),
            imports: Vec::new(),
            found,
        })
    }

    /// Checks that the build context has what the file uses, unless there are mistakes: instructions that are left out because
    /// of them may set variables that occur in paths.
    pub(super) fn examine(
        &self,
        checked: &mut Checked,
        look: impl FnOnce(Examination<'_>, &mut Diagnostics) -> Result<(), AnyError>,
    ) -> Result<(), AnyError> {
        if checked.found.has_errors() {
            return Ok(());
        }
        let source = checked.sources.main();
        let paths = paths_of_context(source, &self.setting(source)?);
        let paths = paths.iter().map(|(path, span)| (path.as_str(), *span));
        let found = &mut checked.found;
        look(Examination::of_paths(paths), found)?;
        // Errors aren't reported again as warnings.
        let errors = found.errors().into_iter();
        let ignored = errors.filter(|error| error.code.name == "ignored-path");
        let ignored: Vec<Span> = ignored.map(|error| error.primary.span).collect();
        if let Some(rule) = codes::find("CopyIgnoredFile") {
            found.forgive(rule, &ignored);
        }
        Ok(())
    }

    /// Compiles the target; `None` if there are mistakes, which are reported.
    pub(super) fn compile(
        &self,
        source: &Source,
        tell: bool,
    ) -> Result<Option<Definition>, AnyError> {
        let checked = self.check(source)?;
        if checked.found.has_errors() {
            say(&checked.failure());
            return Ok(None);
        }
        let warnings = checked.found.warnings();
        if tell && !warnings.is_empty() {
            say(&format!("{}\n", render(&checked.sources, &warnings)));
        }
        let setting = self.setting(source)?;
        let file = parse(source);
        let outcome = setting.compile(&file, false);
        let compilation = match (outcome.compilation, outcome.mistake) {
            (Some(compilation), None) => compilation,
            (_, Some(mistake)) => return Err(mistake.into()),
            (None, None) => return Err("there is nothing to build".into()),
        };
        let paths = compilation.context_paths().into_iter().map(str::to_owned);
        let context = llb::main_context(&paths.collect(), &self.offline.ignore);
        let compiled = compilation.finish(&context);
        for image in outcome.unknown_images.into_iter().filter(|_| tell) {
            say_unknown(&image);
        }
        let options = MarshalOptions::new()
            .on_platform(self.file.platform())
            .supported_by(setting.support.clone());
        Ok(Some(compiled.state.marshal(&options)))
    }

    /// Returns the names in the file that aren't pinned; `None` if there are mistakes, which are reported.
    pub(super) fn unpinned(&self, source: &Source) -> Result<Option<BTreeSet<Name>>, AnyError> {
        if self.fails(source)? {
            return Ok(None);
        }
        let file = parse(source);
        Ok(Some(self.setting(source)?.compile(&file, true).unpinned()))
    }

    /// Lists the stages, as JSON and as text; `None` if there are mistakes, which are reported.
    pub(super) fn targets(&self, source: &Source) -> Result<Option<(Value, String)>, AnyError> {
        if self.fails(source)? {
            return Ok(None);
        }
        let text = source.text().as_bytes();
        Ok(Some(printed(
            &answers::targets(&parse(source), text).answer(),
        )?))
    }

    /// Returns the target's outline, as JSON and as text; `None` if there are mistakes, which are reported.
    pub(super) fn outline(&self, source: &Source) -> Result<Option<(Value, String)>, AnyError> {
        if self.fails(source)? {
            return Ok(None);
        }
        let setting = self.setting(source)?;
        let file = parse(source);
        let compilation = setting.compile(&file, false).compilation;
        let outline =
            compilation.map_or_else(Outline::default, |compilation| compilation.outline());
        let text = source.text().as_bytes();
        Ok(Some(printed(&answers::outline(&outline, text).answer())?))
    }

    /// Creates a bake file; `None` if there are mistakes, which are reported.
    pub(super) fn bake(&self, source: &Source, name: &str) -> Result<Option<Bake>, AnyError> {
        if self.fails(source)? {
            return Ok(None);
        }
        Ok(Some(bake::of_dockerfile(&parse(source), name)))
    }

    /// Reports mistakes, and returns whether there are any.
    fn fails(&self, source: &Source) -> Result<bool, AnyError> {
        let checked = self.check(source)?;
        if checked.found.has_errors() {
            say(&checked.failure());
        }
        Ok(checked.found.has_errors())
    }
}

/// Returns the JSON and the text of an answer.
fn printed(answer: &BuildResult) -> Result<(Value, String), AnyError> {
    let part = |key| {
        answer
            .metadata(key)
            .map(|part| &part[..])
            .unwrap_or_default()
    };
    let text = String::from_utf8_lossy(part("result.txt")).into_owned();
    Ok((serde_json::from_slice(part("result.json"))?, text))
}

/// Parses a file that has been checked.
fn parse(source: &Source) -> Dockerfile {
    let written = directive::check(source.text().as_bytes());
    let config = written.map(|words| LintConfig::parse(words.image()));
    let config = config.and_then(Result::ok).unwrap_or_default();
    Dockerfile::parse(source.text(), &config)
}

/// Returns the exit code of a subcommand.
pub(super) fn status(is_good: bool) -> ExitCode {
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
