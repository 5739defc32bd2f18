//! Conversion of the instructions of a Dockerfile to stages and steps of a Stagefile.

mod instructions;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use buildkit_dockerfile::{
    CommandLine, Dockerfile, Instruction, InstructionKind, Lines, Mistake, Stage as Written,
};

use super::args::Args;
use super::comments::Comments;
use super::kinds::Kinds;
use super::model::{Action, Arg, At, File, From, Image, Program, Source, Stage, Step};
use super::mounts::Secrets;
use super::source_text;
use super::template::Template;
use super::words::{Scope, Variables, of_base};

/// The default shell of a Dockerfile's instructions.
pub(super) const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Reads a file.
pub(super) struct Reader<'a> {
    /// The lines of the file.
    lines: Vec<&'a str>,
    file: &'a Dockerfile,
    comments: Comments,
    args: Args,
    pub(super) secrets: Secrets,
    pub(super) stages: Vec<Stage>,
    /// The last stage with each name, in lower case.
    names: BTreeMap<String, usize>,
    pub(super) kinds: Kinds<'a>,
    mistakes: Vec<Mistake>,
    asked: RefCell<BTreeSet<String>>,
    spent: Cell<usize>,
}

/// The stage that is being read.
pub(super) struct Current {
    pub at: At,
    pub stage: Stage,
    /// Comments for the next step.
    pub comments: Vec<String>,
    pub has_base: bool,
    /// The number of instructions that were read.
    order: usize,
}

impl<'a> Reader<'a> {
    /// Reads all stages, or returns what can't be expressed.
    pub(super) fn read(
        text: &'a str,
        file: &'a Dockerfile,
        kinds: Kinds<'a>,
    ) -> Result<File, Vec<Mistake>> {
        let mut reader = Self {
            lines: source_text::lines(text),
            file,
            comments: Comments::read(text, file),
            args: Args::survey(file),
            secrets: Secrets::default(),
            stages: Vec::new(),
            names: BTreeMap::new(),
            kinds,
            mistakes: Vec::new(),
            asked: RefCell::default(),
            spent: Cell::default(),
        };
        reader.globals();
        let names = stage_names(file);
        for (written, name) in file.stages().iter().zip(names) {
            reader.stage(written, name);
        }
        if !reader.mistakes.is_empty() {
            return Err(reader.mistakes);
        }
        let args: Vec<Arg> = reader.args.declared;
        Ok(File {
            header: reader.comments.header,
            args,
            secrets: reader.secrets.all,
            stages: reader.stages,
            footer: reader.comments.footer,
        })
    }

    fn fail(&mut self, lines: Lines, message: impl Into<String>) {
        self.mistakes.push(Mistake::new(message).at(lines));
    }

    fn globals(&mut self) {
        for instruction in self.file.global_args() {
            let mut comments = self.comments.take(instruction.lines);
            if let InstructionKind::Arg(arguments) = &instruction.kind {
                for argument in arguments {
                    let default = argument
                        .value
                        .as_deref()
                        .map(|value| self.global_word(value));
                    match default.transpose() {
                        Ok(default) => {
                            _ = self.args.declare(argument, default, true, &mut comments);
                        }
                        Err(message) => self.fail(instruction.lines, message),
                    }
                }
            }
            self.comments.header.append(&mut comments);
        }
    }

    /// Expands the variables of a word before the first stage, or in `FROM`.
    fn global_word(&self, text: &str) -> Result<Template, String> {
        let scope = Scope {
            variables: &self.args.globals,
            has_base: false,
            escape: self.file.escape(),
            asked: &self.asked,
            spent: &self.spent,
        };
        scope.word(text)
    }

    fn stage(&mut self, written: &Written, name: String) {
        let lines = written.lines;
        let mut comments = self.comments.take(lines);
        let description = written.description.clone();
        comments.retain(|comment| {
            description.is_empty() || comment.trim() != format!("{} {description}", written.name)
        });
        let base = self.global_word(&written.base).unwrap_or_else(|message| {
            self.fail(lines, message);
            Template::default()
        });
        let platform = self
            .global_word(&written.platform)
            .unwrap_or_else(|message| {
                self.fail(lines, message);
                Template::default()
            });
        self.args.name_an_image(&base);
        let from = self.base(base);
        let platform = match platform.only_expression() {
            Some("platform.build.string") => Some(Template::text("build")),
            Some("platform.target.string") => None,
            _ => Some(platform).filter(|platform| platform.len() > 0),
        };
        let (start, has_base, triggers) = self.start(&from);
        let mut current = Current {
            at: start,
            comments: Vec::new(),
            has_base,
            order: 0,
            stage: Stage {
                name,
                comments,
                description,
                platform: platform.filter(|_| !matches!(from, From::Stage(_))),
                from,
                steps: Vec::new(),
                requires: Vec::new(),
                image: Image::default(),
                end: At::default(),
                config_env: Variables::default(),
                key_comments: BTreeMap::new(),
                workdirs: Vec::new(),
                asked: BTreeSet::new(),
                caches: Vec::new(),
                only_for_scripts: BTreeSet::new(),
            },
        };
        current.stage.image.drops_triggers = !triggers.is_empty();
        for trigger in triggers {
            match Instruction::of_trigger(&trigger, lines) {
                Ok(instruction) => self.instruction(&mut current, &instruction, None),
                Err(mistake) => self.mistakes.push(mistake),
            }
        }
        for instruction in &written.instructions {
            let comments = self.comments.take(instruction.lines);
            self.instruction(&mut current, instruction, Some(comments));
        }
        let Current {
            at,
            mut stage,
            comments,
            ..
        } = current;
        stage.end = at;
        stage.asked = self.asked.take();
        if !comments.is_empty() {
            stage
                .key_comments
                .entry("image")
                .or_default()
                .extend(comments);
        }
        if !written.name.is_empty() {
            let name = written.name.to_ascii_lowercase();
            self.names.insert(name, self.stages.len());
        }
        self.stages.push(stage);
    }

    /// Determines the base of a stage.
    fn base(&self, base: Template) -> From {
        match base.constant() {
            Some("scratch") => From::Scratch,
            Some(name) => match self.stage_named(name) {
                Some(index) => From::Stage(index),
                None => From::Image(base),
            },
            None => From::Image(base),
        }
    }

    /// Finds the last stage with a name before this one.
    fn stage_named(&self, name: &str) -> Option<usize> {
        self.names.get(&name.to_ascii_lowercase()).copied()
    }

    /// Resolves `--from`: a stage by name or by index, or an image.
    pub(super) fn source(&self, from: &str, current: &Current) -> Result<Source, String> {
        if from.is_empty() {
            return Ok(Source::Context);
        }
        if let Some(index) = self.stage_named(from) {
            return Ok(Source::Stage(index));
        }
        if let Ok(index) = from.parse::<usize>() {
            return if index < self.stages.len() {
                Ok(Source::Stage(index))
            } else {
                Err(format!("there is no stage {index} before this one"))
            };
        }
        if from == current.stage.name {
            return Err(format!("the stage `{from}` can't take files from itself"));
        }
        Ok(Source::Image(Template::text(from)))
    }

    /// Returns the initial settings of a stage, whether it has variables of a base, and its base's triggers.
    fn start(&self, from: &From) -> (At, bool, Vec<String>) {
        match from {
            From::Scratch => {
                let mut variables = Variables::default();
                variables.set("PATH", of_base("PATH"));
                let at = At {
                    variables: Rc::new(variables),
                    workdir: Some(Template::text("/")),
                    user: None,
                    shell: None,
                };
                (at, false, Vec::new())
            }
            From::Image(_) => (At::default(), true, Vec::new()),
            From::Stage(index) => {
                let base = &self.stages[*index];
                let mut at = base.end.clone();
                // What depends on the base's base counts as the base's own here.
                let mut variables = (*at.variables).clone();
                for (name, value) in base.end.variables.iter() {
                    if value.is_of_base() && base.config_env.get(name).is_some() {
                        variables.set(name, of_base(name));
                    }
                }
                at.variables = Rc::new(variables);
                let has_base = !matches!(base.from, From::Scratch);
                (at, has_base, base.image.on_build.clone())
            }
        }
    }

    /// Expands the variables of a word of an instruction.
    pub(super) fn word(&self, current: &Current, text: &str) -> Result<Template, String> {
        self.scope(current).word(text)
    }

    /// Expands the variables of a string of an instruction.
    pub(super) fn text(&self, current: &Current, text: &str) -> Result<Template, String> {
        self.scope(current).text(text)
    }

    fn scope<'s>(&'s self, current: &'s Current) -> Scope<'s> {
        Scope {
            variables: &current.at.variables,
            has_base: current.has_base,
            escape: self.file.escape(),
            asked: &self.asked,
            spent: &self.spent,
        }
    }
}

impl Current {
    /// Keeps the comments for a key that is written once per stage.
    pub(super) fn comment(&mut self, key: &'static str) {
        if !self.comments.is_empty() {
            let comments = self.stage.key_comments.entry(key).or_default();
            comments.append(&mut self.comments);
        }
    }

    /// Adds a step, with the pending comments.
    pub(super) fn step(&mut self, action: Action) {
        let comments = std::mem::take(&mut self.comments);
        self.stage.steps.push(Step {
            comments,
            order: self.order,
            at: self.at.clone(),
            action,
        });
    }

    fn program(&self, line: &CommandLine) -> Program {
        if !line.is_shell {
            return Program::Words(line.words.iter().map(ToString::to_string).collect());
        }
        let text = line.words.join(" ");
        match &self.stage.image.shell {
            Some(shell) => Program::Words(shell.iter().cloned().chain([text]).collect()),
            None if self.at.shell.is_some() => {
                let shell = self.at.shell.iter().flat_map(|shell| shell.iter().cloned());
                Program::Words(shell.chain([text]).collect())
            }
            None => Program::Words(
                SHELL
                    .iter()
                    .map(|&word| word.to_owned())
                    .chain([text])
                    .collect(),
            ),
        }
    }
}

/// Names the stages: as in the Dockerfile if these names are valid, and unnamed ones after their purpose.
fn stage_names(file: &Dockerfile) -> Vec<String> {
    let stages = file.stages();
    let written: BTreeSet<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // The next number for each name that several would have.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let unnamed = stages.iter().filter(|stage| stage.name.is_empty()).count();
    let mut names = Vec::with_capacity(stages.len());
    for (index, stage) in stages.iter().enumerate() {
        let is_last = index + 1 == stages.len();
        let wanted = match stage.name.as_str() {
            "" if is_last => "app".to_owned(),
            "" if unnamed <= 2 => "build".to_owned(),
            "" => format!("stage-{index}"),
            "context" | "scratch" => format!("{}-stage", stage.name),
            name => name.replace('.', "-"),
        };
        let is_free = |name: &str, taken: &BTreeSet<String>| {
            !taken.contains(name) && (!stage.name.is_empty() || !written.contains(name))
        };
        let mut name = wanted.clone();
        while !is_free(&name, &taken) {
            let number = numbers.entry(wanted.clone()).or_insert(1);
            *number += 1;
            name = format!("{wanted}-{number}");
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}
