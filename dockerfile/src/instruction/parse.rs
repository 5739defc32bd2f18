//! Parsing of instructions from their parts (`frontend/dockerfile/instructions/parse.go`).

use std::borrow::Cow;

use super::flags::{Flags, Takes};
use super::healthcheck::healthcheck;
use super::run::run;
use super::transfer::{add, copy};
use super::{Argument, CommandLine, Instruction, InstructionKind, Pair, Stage};
use crate::case::{self, Case};
use crate::go;
use crate::lines::Lines;
use crate::lint::{Linter, rule};
use crate::mistake::{Mistake, similar_in_any_case};
use crate::parser::{self, Node};
use crate::text::Text;

/// The keywords of all instructions, in Docker's order.
pub const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The parsed content of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    /// The build arguments before the first stage.
    pub global_args: Vec<Instruction>,
    pub stages: Vec<Stage>,
    pub mistakes: Vec<Mistake>,
    /// The number of findings before the first mistake.
    pub before_mistake: Option<usize>,
}

impl Contents {
    /// Parses the next instruction of a file. An instruction that can't be parsed is left out.
    pub(crate) fn read(&mut self, node: Node, linter: &mut Linter) {
        let lines = node.lines;
        let Err(mistake) = self.add(node, linter) else {
            return;
        };
        self.mistakes.push(mistake.at(lines));
        self.before_mistake.get_or_insert(linter.findings().len());
    }

    fn add(&mut self, node: Node, linter: &mut Linter) -> Result<(), Mistake> {
        let line = node.lines.first;
        let place =
            |mistake: Mistake| mistake.within(&format!("dockerfile parse error on line {line}"));
        if node.name == "FROM" {
            let stage = stage(node, linter).map_err(place);
            let (stage, result) = match stage {
                Ok(stage) => (stage, Ok(())),
                // Add a stage, so that the following instructions aren't reported for lack of one.
                Err(mistake) => (Stage::default(), Err(mistake)),
            };
            self.stages.push(stage);
            return result;
        }
        let instruction = instruction(node, linter).map_err(place)?;
        match self.stages.last_mut() {
            Some(stage) => stage.instructions.push(instruction),
            None if matches!(instruction.kind, InstructionKind::Arg(_)) => {
                self.global_args.push(instruction);
            }
            None => return Err(Mistake::new("no build stage in current context")),
        }
        Ok(())
    }
}

/// Parses a trigger of a base image. Its location is that of `FROM`.
pub(crate) fn read_trigger(text: &str, lines: Lines) -> Result<Instruction, Mistake> {
    let mut nodes = Vec::new();
    let parsed = parser::parse(text, &mut |node| nodes.push(node));
    if let Some(mistake) = parsed.mistakes.into_iter().next() {
        return Err(Mistake::new(mistake.message).at(lines));
    }
    let Ok([mut node]) = <[Node; 1]>::try_from(nodes) else {
        return Err(Mistake::new("onbuild trigger should be a single expression").at(lines));
    };
    node.lines = lines;
    if node.name == "FROM" {
        return Err(Mistake::new("*instructions.Stage is not a command type").at(lines));
    }
    instruction(node, &mut Linter::default()).map_err(|mistake| mistake.at(lines))
}

/// Parses `FROM`.
fn stage(mut node: Node, linter: &mut Linter) -> Result<Stage, Mistake> {
    let lines = Some(node.lines);
    if let [_, _, name] = node.args.as_slice()
        && !case::is_lower(name)
    {
        let message = format!("Stage name '{name}' should be lowercase");
        linter.report(&rule::STAGE_NAME_CASING, lines, &node.comments, message);
    }
    // Even if there are too many words, which is a separate error.
    if let [_, word, _, ..] = node.args.as_slice() {
        let keyword = &node.keyword;
        let matches = match case::case(keyword) {
            Some(Case::Lower) => case::is_lower(word),
            Some(Case::Upper) => case::is_upper(word),
            // The rule about consistent casing covers this.
            None => true,
        };
        if !matches {
            let message = format!("'{word}' and '{keyword}' keywords' casing do not match");
            linter.report(&rule::FROM_AS_CASING, lines, &node.comments, message);
        }
    }
    let name = match node.args.as_slice() {
        [_] => Text::default(),
        [_, word, name] if word.eq_ignore_ascii_case("as") => {
            if !is_stage_name(name) {
                return Err(Mistake::new(format!(
                    "invalid name for build stage: {}, name can't start with a number or contain symbols",
                    go::quote(name)
                )));
            }
            match case::lower(name) {
                Cow::Borrowed(_) => name.clone(),
                Cow::Owned(lower) => lower.into(),
            }
        }
        _ => {
            return Err(Mistake::new("FROM requires either one or three arguments"));
        }
    };
    let mut flags = Flags::read(&node.flags, &[("platform", Takes::Value)])?;
    if !name.is_empty() {
        check_description("FROM", &[&name], &node, linter);
    }
    Ok(Stage {
        description: description(&node.comments, &name),
        base: std::mem::take(&mut node.args[0]),
        platform: flags.value("platform"),
        keyword: node.keyword,
        code: trimmed(&node.original),
        lines: node.lines,
        comments: node.comments,
        instructions: Vec::new(),
        name,
    })
}

/// Reports whether a stage can have this name, in upper or lower case.
///
/// ```
/// assert!(buildkit_dockerfile::is_stage_name("Base-1.x"));
/// assert!(!buildkit_dockerfile::is_stage_name("1st"));
/// ```
pub fn is_stage_name(name: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
}

/// Parses any instruction except `FROM`.
fn instruction(mut node: Node, linter: &mut Linter) -> Result<Instruction, Mistake> {
    let kind = kind(&mut node, linter)?;
    Ok(Instruction {
        kind,
        keyword: node.keyword,
        code: trimmed(&node.original),
        lines: node.lines,
        comments: node.comments,
    })
}

/// Trims white space from a text.
fn trimmed(text: &Text) -> Text {
    text.part(text.trim())
}

/// Parses the arguments of an instruction, which are moved out.
fn kind(node: &mut Node, linter: &mut Linter) -> Result<InstructionKind, Mistake> {
    let no_flags = |node: &Node| Flags::read(&node.flags, &[]);
    Ok(match node.name {
        "ADD" => InstructionKind::Add(add(node)?),
        "ARG" => {
            let args = arguments(node)?;
            let names: Vec<&str> = args.iter().map(|arg| arg.name.as_str()).collect();
            check_description("ARG", &names, node, linter);
            InstructionKind::Arg(args)
        }
        "CMD" => {
            no_flags(node)?;
            InstructionKind::Cmd(command(node))
        }
        "COPY" => InstructionKind::Copy(copy(node)?),
        "ENTRYPOINT" => {
            no_flags(node)?;
            InstructionKind::Entrypoint(command(node))
        }
        "ENV" => {
            no_flags(node)?;
            InstructionKind::Env(pairs(node, "ENV")?)
        }
        "EXPOSE" => {
            at_least_one(node, "EXPOSE")?;
            no_flags(node)?;
            let mut ports = std::mem::take(&mut node.args);
            ports.sort();
            InstructionKind::Expose(ports)
        }
        "HEALTHCHECK" => InstructionKind::Healthcheck(healthcheck(node)?),
        "LABEL" => {
            no_flags(node)?;
            InstructionKind::Label(pairs(node, "LABEL")?)
        }
        "MAINTAINER" => {
            let message = "Maintainer instruction is deprecated in favor of using label";
            let (rule, lines) = (&rule::MAINTAINER_DEPRECATED, Some(node.lines));
            linter.report(rule, lines, &node.comments, message.to_owned());
            let maintainer = exactly_one(node, "MAINTAINER")?;
            no_flags(node)?;
            InstructionKind::Maintainer(maintainer)
        }
        "ONBUILD" => {
            at_least_one(node, "ONBUILD")?;
            no_flags(node)?;
            InstructionKind::OnBuild(on_build(node)?)
        }
        "RUN" => InstructionKind::Run(run(node)?),
        "SHELL" => {
            no_flags(node)?;
            at_least_one(node, "SHELL")?;
            if !node.json {
                return Err(Mistake::new(
                    "SHELL requires the arguments to be in JSON form",
                ));
            }
            InstructionKind::Shell(std::mem::take(&mut node.args))
        }
        // Docker's frontend checks the flags of all other instructions.
        "STOPSIGNAL" => InstructionKind::StopSignal(exactly_one(node, "STOPSIGNAL")?),
        "USER" => {
            let user = exactly_one(node, "USER")?;
            no_flags(node)?;
            InstructionKind::User(user)
        }
        "VOLUME" => {
            at_least_one(node, "VOLUME")?;
            no_flags(node)?;
            let volumes = node.args.iter().map(|volume| match volume.trim() {
                "" => Err(Mistake::new("VOLUME specified can not be an empty string")),
                _ => Ok(volume.part(volume.trim())),
            });
            InstructionKind::Volume(volumes.collect::<Result<_, _>>()?)
        }
        "WORKDIR" => {
            let path = exactly_one(node, "WORKDIR")?;
            no_flags(node)?;
            InstructionKind::Workdir(path)
        }
        _ => {
            let keyword = &node.keyword;
            let mistake = Mistake::new(format!("unknown instruction: {keyword}"));
            return Err(match similar_in_any_case(keyword, KEYWORDS) {
                Some(similar) => mistake.meaning(keyword, &similar),
                None => mistake,
            });
        }
    })
}

pub(super) fn at_least_one(node: &Node, instruction: &str) -> Result<(), Mistake> {
    if node.args.is_empty() {
        return Err(needs_argument(instruction));
    }
    Ok(())
}

fn needs_argument(instruction: &str) -> Mistake {
    Mistake::new(format!("{instruction} requires at least one argument"))
}

fn exactly_one(node: &mut Node, instruction: &str) -> Result<Text, Mistake> {
    match node.args.as_mut_slice() {
        [argument] => Ok(std::mem::take(argument)),
        _ => Err(Mistake::new(format!(
            "{instruction} requires exactly one argument"
        ))),
    }
}

fn pairs(node: &mut Node, instruction: &str) -> Result<Vec<Pair>, Mistake> {
    if node.pairs.is_empty() {
        return Err(needs_argument(instruction));
    }
    if node.pairs.iter().any(|pair| pair.name.is_empty()) {
        return Err(Mistake::new(format!(
            "{instruction} names can not be blank"
        )));
    }
    Ok(std::mem::take(&mut node.pairs))
}

fn arguments(node: &Node) -> Result<Vec<Argument>, Mistake> {
    at_least_one(node, "ARG")?;
    let arguments = node.args.iter().map(|argument| {
        let (name, value) = match argument.split_once('=') {
            Some(("", _)) => return Err(Mistake::new("ARG names can not be blank")),
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        Ok(Argument {
            name: name.to_owned(),
            value,
            description: description(&node.comments, name),
        })
    });
    arguments.collect()
}

/// Returns the description in a comment `NAME description`.
fn description(comments: &[String], name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    let mut found = comments.iter().filter_map(|comment| {
        let rest = comment.strip_prefix(name)?;
        rest.strip_prefix(' ')
    });
    found.next().unwrap_or_default().to_owned()
}

/// Checks whether the last comment is a description.
fn check_description(instruction: &str, names: &[&str], node: &Node, linter: &mut Linter) {
    let (Some(comment), Some(first)) = (node.comments.last(), names.first()) else {
        return;
    };
    let word = comment.split(' ').next().unwrap_or_default();
    if names.contains(&word) {
        return;
    }
    let example = if names.len() > 1 { "<arg_key>" } else { first };
    let message =
        format!("Comment for {instruction} should follow the format: `# {example} <description>`");
    let rule = &rule::INVALID_DEFINITION_DESCRIPTION;
    linter.report(rule, Some(node.lines), &node.comments, message);
}

/// Parses a command line in exec form or in shell form.
pub(super) fn command(node: &mut Node) -> CommandLine {
    let mut words = std::mem::take(&mut node.args);
    if !node.json && words.len() > 1 {
        words = vec![words.join(" ").into()];
    }
    CommandLine {
        words,
        is_shell: !node.json,
        heredocs: std::mem::take(&mut node.heredocs),
    }
}

fn on_build(node: &Node) -> Result<String, Mistake> {
    let keyword = node.args[0].trim().to_uppercase();
    match keyword.as_str() {
        "ONBUILD" => {
            return Err(Mistake::new(
                "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
            ));
        }
        "MAINTAINER" | "FROM" => {
            return Err(Mistake::new(format!(
                "{keyword} isn't allowed as an ONBUILD trigger"
            )));
        }
        _ => {}
    }
    let original = node.original.trim_start();
    let mut text = match original.get(..node.keyword.len()) {
        Some(keyword) if keyword.eq_ignore_ascii_case("onbuild") => {
            original[keyword.len()..].trim_start().to_owned()
        }
        _ => node.original.to_string(),
    };
    for heredoc in &node.heredocs {
        text.push('\n');
        text.push_str(&heredoc.content);
        text.push_str(&heredoc.name);
    }
    Ok(text)
}
