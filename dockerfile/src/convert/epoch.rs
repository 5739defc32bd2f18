//! The time that a build is meant to happen at (`SOURCE_DATE_EPOCH`).

use buildkit_gateway::context::GitReference;
use buildkit_llb::{Checksum, Git, Http, State};

use super::graph::SCRATCH;
use super::need::EpochSource;
use super::{Conversion, copy, words};
use crate::dockerfile::Dockerfile;
use crate::instruction::{InstructionKind, Stage, Transfer};
use crate::lexer::Environment as _;
use crate::mistake::Mistake;

/// The build argument that gives it.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

impl Conversion<'_> {
    /// Reads the time from the build arguments. Returns where it has to be looked up, if it is no number.
    pub(super) fn find_epoch(&mut self, file: &Dockerfile) -> Result<Option<EpochSource>, Mistake> {
        let given = self.build_args.get(EPOCH).cloned();
        let value = match given {
            Some(value) => value,
            None => match self.globals.get(EPOCH) {
                None | Some("") => return Ok(None),
                Some(value) => value.to_owned(),
            },
        };
        if value.is_empty() {
            self.epoch_is(None);
            return Ok(None);
        }
        if let Ok(seconds) = value.parse::<i64>() {
            self.epoch_is(Some(seconds));
            return Ok(None);
        }
        if value == "context" {
            return Ok(Some(EpochSource::Context));
        }
        if self.request.stands_for_context(&value, None) {
            return Ok(Some(EpochSource::Named(value)));
        }
        let mut stages = file.stages.iter();
        let Some(stage) = stages.find(|stage| stage.name.eq_ignore_ascii_case(&value)) else {
            return Err(Mistake::new(format!("invalid SOURCE_DATE_EPOCH: {value}")));
        };
        let state = self
            .download_of(stage)
            .map_err(|mistake| mistake.at(stage.lines))?;
        Ok(Some(EpochSource::Source {
            state,
            name: format!(
                "[internal] resolve SOURCE_DATE_EPOCH source stage {}",
                stage.name
            ),
        }))
    }

    /// Sets the time. Arguments that stand for it get the number, or are not there if there is none.
    pub(super) fn epoch_is(&mut self, epoch: Option<i64>) {
        self.epoch = epoch;
        let value = epoch.map(|seconds| seconds.to_string());
        if self.build_args.contains_key(EPOCH) {
            match &value {
                None => _ = self.build_args.remove(EPOCH),
                Some(value) => _ = self.build_args.insert(EPOCH.to_owned(), value.clone()),
            }
        }
        if self.globals.get(EPOCH).is_some() {
            match value {
                None => self.globals.remove(EPOCH),
                Some(value) => self.globals.set(EPOCH, value),
            }
        }
    }

    /// Returns the one download that a stage is made of.
    fn download_of(&self, stage: &Stage) -> Result<State, Mistake> {
        const ONE_ADD: &str = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";
        let mut variables = self.globals.clone();
        variables.remove(EPOCH);
        let base = self.lexer.word(&stage.base, &variables)?;
        if base.text != SCRATCH {
            return Err(Mistake::new(
                "SOURCE_DATE_EPOCH stage must use FROM scratch",
            ));
        }
        let mut found = None;
        for instruction in &stage.instructions {
            match &instruction.kind {
                InstructionKind::Arg(arguments) => {
                    for argument in arguments {
                        if let Some(value) = self.build_args.get(&argument.name) {
                            variables.set(&argument.name, value.clone());
                        } else if let Some(default) = &argument.value {
                            let value = self.lexer.word(default, &variables)?.text;
                            variables.set(&argument.name, value);
                        }
                    }
                }
                InstructionKind::Add(add) => {
                    if found.is_some() {
                        return Err(Mistake::new(ONE_ADD));
                    }
                    let expand = |text: &str| Ok(self.lexer.word(text, &variables)?.text);
                    found = Some(download(add, &expand)?);
                }
                _ => {
                    return Err(Mistake::new(format!(
                        "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported {} instruction",
                        instruction.keyword
                    )));
                }
            }
        }
        found.ok_or_else(|| Mistake::new(ONE_ADD))
    }
}

/// Returns the source of `ADD URL`.
fn download(
    add: &Transfer,
    expand: &dyn Fn(&str) -> Result<String, Mistake>,
) -> Result<State, Mistake> {
    let ([source], []) = (add.sources.as_slice(), add.inline.as_slice()) else {
        return Err(Mistake::new(
            "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source",
        ));
    };
    let source = expand(source)?;
    let checksum = expand(&add.checksum)?;
    if copy::is_http(&source) {
        let error = |error: &dyn std::fmt::Display| Mistake::new(error.to_string());
        let mut http = Http::new(&source)
            .map_err(|problem| error(&problem))?
            .filename(copy::file_of(&source));
        if !checksum.is_empty() {
            let checksum = Checksum::parse(&checksum)
                .map_err(|problem| Mistake::new(words::checksum(&problem)))?;
            http = http.checksum(checksum);
        }
        return Ok(http.into_state());
    }
    let reference =
        GitReference::parse(&source).map_err(|error| Mistake::new(error.to_string()))?;
    let Some(reference) = reference.filter(|_| !copy::looks_local(&source)) else {
        return Err(Mistake::new(
            "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD",
        ));
    };
    let mut git = Git::new(&reference.remote);
    if let Some(git_ref) = &reference.git_ref {
        git = git.reference(git_ref);
    }
    if add.keep_git_dir == Some(true) || reference.keep_git_dir == Some(true) {
        git = git.keep_git_dir();
    }
    if !checksum.is_empty() {
        git = git.checksum(checksum);
    } else if let Some(checksum) = &reference.checksum {
        git = git.checksum(checksum);
    }
    if let Some(subdir) = &reference.subdir {
        git = git.subdir(subdir);
    }
    if reference.submodules == Some(false) {
        git = git.skip_submodules();
    }
    git.into_state()
        .map_err(|error| Mistake::new(error.to_string()))
}
