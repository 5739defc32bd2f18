//! `ARG`: arguments in a Dockerfile belong to a stage, those in a Stagefile to the file.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_dockerfile::{Argument, Dockerfile, InstructionKind, PROXIES};
use stagefile_language::planner::DOCKERFILE_PLATFORMS;

use super::model::Arg;
use super::template::Template;
use super::words::{Scope, Variables};

/// The arguments of a file.
#[derive(Debug, Default)]
pub(super) struct Args {
    /// The arguments that the Stagefile declares, in order.
    pub declared: Vec<Arg>,
    /// The index of each argument.
    places: BTreeMap<String, usize>,
    /// The names that have the same default wherever they are declared.
    uniform: BTreeMap<String, String>,
    /// The values of arguments before the first stage, and of predefined ones.
    pub globals: Variables,
    /// The values of arguments before the first stage in a stage that declares them without a
    /// default.
    given: BTreeSet<String>,
}

impl Args {
    /// Determines which arguments have a single default.
    pub(super) fn survey(file: &Dockerfile) -> Self {
        let nothing = Variables::default();
        let asked = std::cell::RefCell::default();
        let spent = std::cell::Cell::default();
        let scope = Scope {
            variables: &nothing,
            has_base: false,
            escape: file.escape(),
            asked: &asked,
            spent: &spent,
        };
        let constant = |text: &str| {
            let template = scope.word(text).ok()?;
            (!text.contains('$'))
                .then(|| template.constant().map(str::to_owned))
                .flatten()
        };
        let global: BTreeMap<&str, Option<String>> = arguments(file.global_args())
            .map(|argument| {
                (
                    argument.name.as_str(),
                    argument
                        .value
                        .as_deref()
                        .map_or(Some(String::new()), &constant),
                )
            })
            .collect();
        let mut defaults: BTreeMap<&str, BTreeSet<Option<String>>> = BTreeMap::new();
        for (name, default) in &global {
            defaults.entry(name).or_default().insert(default.clone());
        }
        for stage in file.stages() {
            for argument in arguments(&stage.instructions) {
                let default = match &argument.value {
                    Some(value) => constant(value),
                    None => match global.get(argument.name.as_str()) {
                        Some(default) => default.clone(),
                        None => Some(String::new()),
                    },
                };
                defaults.entry(&argument.name).or_default().insert(default);
            }
        }
        let uniform = defaults.into_iter().filter_map(|(name, defaults)| {
            let mut defaults = defaults.into_iter();
            match (defaults.next(), defaults.next()) {
                (Some(Some(default)), None) => Some((name.to_owned(), default)),
                _ => None,
            }
        });
        let mut globals = Variables::default();
        for (name, expression) in DOCKERFILE_PLATFORMS {
            globals.set(name, Template::expression(expression));
        }
        Self {
            uniform: uniform.collect(),
            globals,
            ..Self::default()
        }
    }

    /// Declares an argument. Returns its value; `None` if it isn't a variable of scripts.
    pub(super) fn declare(
        &mut self,
        argument: &Argument,
        default: Option<Template>,
        is_global: bool,
        comments: &mut Vec<String>,
    ) -> Option<Template> {
        let name = argument.name.as_str();
        if default.is_none() {
            if !is_global && self.given.contains(name) {
                return self.globals.get(name).cloned();
            }
            if let Some((_, expression)) = DOCKERFILE_PLATFORMS.iter().find(|(one, _)| *one == name)
            {
                let value = Template::expression(*expression);
                if is_global {
                    self.globals.set(name, value.clone());
                }
                return Some(value);
            }
            if PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name)) {
                return None;
            }
        }
        let uniform = self.uniform.get(name).cloned();
        match self
            .places
            .get(name)
            .map(|place| &mut self.declared[*place])
        {
            Some(arg) if arg.description.is_empty() => {
                arg.description.clone_from(&argument.description);
            }
            Some(_) => {}
            None => {
                let description = argument.description.clone();
                // A description is written in its own key.
                comments.retain(|comment| {
                    description.is_empty() || comment.trim() != format!("{name} {description}")
                });
                self.places.insert(name.to_owned(), self.declared.len());
                self.declared.push(Arg {
                    comments: std::mem::take(comments),
                    name: name.to_owned(),
                    default: uniform.clone().unwrap_or_default(),
                    description,
                    required: false,
                });
            }
        }
        let given = format!("args.{name}");
        let value = match default {
            Some(default) if uniform.is_none() && default.constant() != Some("") => {
                let default = default.as_expression();
                let default = if default.contains(" ? ") {
                    format!("({default})")
                } else {
                    default
                };
                Template::expression(format!("{given} != \"\" ? {given} : {default}"))
            }
            _ => Template::expression(given),
        };
        if is_global {
            self.globals.set(name, value.clone());
            self.given.insert(name.to_owned());
        }
        Some(value)
    }
}

impl Args {
    /// Records that an argument names an image: without a default, it must be provided.
    pub(super) fn name_an_image(&mut self, image: &Template) {
        let names = image
            .expressions()
            .filter_map(|text| text.strip_prefix("args."));
        for place in names.filter_map(|name| self.places.get(name)) {
            let arg = &mut self.declared[*place];
            arg.required |= arg.default.is_empty();
        }
    }
}

fn arguments(instructions: &[buildkit_dockerfile::Instruction]) -> impl Iterator<Item = &Argument> {
    instructions
        .iter()
        .flat_map(|instruction| match &instruction.kind {
            InstructionKind::Arg(arguments) => arguments.as_slice(),
            _ => &[],
        })
}
