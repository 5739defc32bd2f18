//! Image settings.

use std::collections::{BTreeSet, HashSet};

use cel::Value;

use super::Planner;
use crate::budget::Size;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::{Text, written};
use crate::habits;
use crate::plan::{Annotation, AnnotationTarget, Check, Command, Healthcheck, Image, Part};
use crate::source::Spanned;
use crate::syntax::{self, Name};
use crate::value::{ANNOTATED, COUNT, FLAG, NO_CHECK, TIME};

/// Programs that treat an argument as a file name.
const TAKE_FILES: [&str; 8] = [
    "ash", "bash", "busybox", "dash", "ksh", "python3", "sh", "zsh",
];

impl Planner<'_> {
    /// Evaluates the image settings of a stage.
    pub(super) fn image(&mut self, image: &syntax::Image) -> Image {
        // Destructured, so that no key is forgotten.
        let syntax::Image {
            user,
            workdir,
            env,
            entrypoint,
            cmd,
            shell,
            expose,
            volumes,
            labels,
            annotations,
            healthcheck,
            stop_signal,
            on_build,
            epoch,
            inherit,
        } = image;
        let (dropped, kept) = self.inherit(inherit.as_ref());
        Image {
            user: user.as_ref().and_then(|text| {
                let user = self.user(Some(text))?;
                Some(Spanned::new(user, text.span()))
            }),
            workdir: self.optional_path(workdir.as_ref()),
            env: self.image_variables(env),
            entrypoint: entrypoint
                .as_ref()
                .and_then(|command| self.program(command)),
            cmd: match (cmd, entrypoint) {
                (Some(cmd), None) => self.program(cmd),
                (Some(cmd), Some(_)) => self.command(cmd),
                (None, _) => None,
            },
            shell: shell.as_deref().and_then(|shell| self.shell(shell)),
            expose: expose
                .iter()
                .filter_map(|port| self.port(port))
                .flatten()
                .collect(),
            volumes: volumes.iter().filter_map(|path| self.path(path)).collect(),
            labels: self.overrides(labels, false),
            healthcheck: healthcheck
                .as_ref()
                .and_then(|check| self.healthcheck(check)),
            stop_signal: self.stop_signal(stop_signal.as_ref()),
            on_build: self
                .texts(on_build)
                .into_iter()
                .map(|text| text.value)
                .collect(),
            annotations: self.annotations(annotations),
            epoch: self.value("epoch", epoch.as_ref(), &TIME),
            dropped,
            kept,
        }
    }

    /// Evaluates a program with its arguments, or a script; warns of a list of commands.
    pub(super) fn program(&mut self, command: &syntax::Command) -> Option<Command> {
        let evaluated = self.command(command)?;
        if let (Command::Arguments(words), syntax::Command::Arguments(written, _)) =
            (&evaluated, command)
            && let (Some(program), Some(text)) = (words.first(), written.first())
            && let Some(help) = habits::form(habits::ValuePosition::Program, program)
        {
            let warning = diagnostics::foreign_command(program, text.span(), help);
            self.found.push(warning);
        }
        Some(evaluated)
    }

    /// Evaluates a list of arguments, or a script.
    pub(super) fn command(&mut self, command: &syntax::Command) -> Option<Command> {
        let span = match command {
            syntax::Command::Script(text) => text.span(),
            syntax::Command::Arguments(_, span) => *span,
        };
        let evaluated = self.words_of(command)?;
        let words = match &evaluated {
            Command::Script(script) => std::slice::from_ref(script),
            Command::Arguments(arguments) => arguments,
        };
        if words.iter().any(|word| word.contains('\0')) {
            self.found.push(diagnostics::zero_byte("a program", span));
            return None;
        }
        let size = Size::of_all(words.iter().map(String::as_str));
        self.take(|| size, span).then_some(evaluated)
    }

    fn words_of(&mut self, command: &syntax::Command) -> Option<Command> {
        match command {
            // As in all lists, an expression may be the list.
            syntax::Command::Script(text) if text.single_expression().is_some() => {
                match self.evaluate_value(text)? {
                    Value::List(items) => {
                        let words: Option<Vec<_>> = items.iter().map(written).collect();
                        words.map(Command::Arguments)
                    }
                    _ => self.string(Some(text)).map(Command::Script),
                }
            }
            syntax::Command::Script(text) => self.string(Some(text)).map(Command::Script),
            syntax::Command::Arguments(arguments, _) => {
                let arguments = self.splice(arguments);
                let evaluated = arguments.iter().filter_map(|text| self.text(text));
                let evaluated: Vec<_> = evaluated.map(|text| text.value).collect();
                (evaluated.len() == arguments.len()).then_some(Command::Arguments(evaluated))
            }
        }
    }

    /// Evaluates a shell: a program and its arguments, or a single string that is split at spaces.
    pub(super) fn shell(&mut self, shell: &[Text]) -> Option<Vec<String>> {
        let words = self.texts(shell);
        let words: Vec<String> = match words.as_slice() {
            [one] => one.value.split_whitespace().map(str::to_owned).collect(),
            _ => words.iter().map(|word| word.value.clone()).collect(),
        };
        if words.iter().any(|word| word.contains('\0')) {
            let span = shell.first().map(Text::span).unwrap_or_default();
            self.found.push(diagnostics::zero_byte("a shell", span));
            return None;
        }
        if words.first().is_none_or(String::is_empty) {
            let span = shell.first().map(Text::span).unwrap_or_default();
            self.found.push(diagnostics::missing_value("shell", span));
            return None;
        }
        if let [program] = words.as_slice()
            && TAKE_FILES.contains(&program.rsplit('/').next().unwrap_or_default())
        {
            let span = shell.first().map(Text::span).unwrap_or_default();
            let wanted = format!(
                "a program with the option that takes a script, such as `{program} -c`; without it, the script would be the name of a file"
            );
            let error = diagnostics::invalid_value("shell", program, span, &wanted);
            self.found.push(error);
        }
        Some(words)
    }

    /// Evaluates variables or labels; those without a value drop inherited ones.
    pub(super) fn overrides(
        &mut self,
        written: &[(Name, Option<Text>)],
        variables: bool,
    ) -> Vec<(String, Option<String>)> {
        let mut evaluated = Vec::new();
        let names: HashSet<&str> = written
            .iter()
            .map(|(name, _)| name.value.as_str())
            .collect();
        for (name, text) in written {
            if variables {
                self.check_environment(name);
            }
            let Some(text) = text else {
                evaluated.push((name.value.clone(), None));
                continue;
            };
            if self.is_null(text) {
                evaluated.push((name.value.clone(), None));
                continue;
            }
            let value = if variables {
                self.variable(name, text, &names)
            } else {
                self.string(Some(text))
            };
            evaluated.extend(value.map(|value| (name.value.clone(), Some(value))));
        }
        evaluated
    }

    /// Reports whether a value is an expression that evaluates to null, which counts as missing.
    fn is_null(&mut self, text: &Text) -> bool {
        if text.single_expression().is_none() {
            return false;
        }
        // Mistakes are reported when it is evaluated for its value.
        let mut ignored = Diagnostics::default();
        let value = self.evaluating(|scope, _| scope.evaluate_value(text, &mut ignored));
        matches!(value, Some(Value::Null))
    }

    fn annotations(&mut self, written: &[(Name, syntax::Annotation)]) -> Vec<Annotation> {
        let mut annotations = Vec::new();
        for (name, annotation) in written {
            if name.value.is_empty() || name.value.contains(char::is_whitespace) {
                let allowed = "not empty, without spaces";
                self.found.push(diagnostics::invalid_name(
                    "an annotation",
                    &name.value,
                    name.span,
                    allowed,
                ));
            }
            let at = annotation.at.iter();
            let at: BTreeSet<AnnotationTarget> = at
                .filter_map(|place| self.word("at", Some(place), &ANNOTATED))
                .collect();
            if annotation
                .value
                .as_ref()
                .is_some_and(|text| self.is_null(text))
            {
                continue;
            }
            let value = self.string(annotation.value.as_ref());
            annotations.extend(value.map(|value| Annotation {
                name: name.value.clone(),
                value,
                places: if annotation.at.is_empty() {
                    [AnnotationTarget::Manifest].into()
                } else {
                    at
                },
            }));
        }
        annotations
    }

    /// Evaluates which parts of the base's config are dropped, and which are explicitly inherited.
    fn inherit(&mut self, inherit: Option<&syntax::Inherit>) -> (BTreeSet<Part>, BTreeSet<Part>) {
        let (mut dropped, mut kept) = (BTreeSet::new(), BTreeSet::new());
        match inherit {
            None => {}
            Some(syntax::Inherit::All(text)) => {
                let keep = self.word("inherit", Some(text), &FLAG).unwrap_or(true);
                let parts = Part::ALL.into_iter().filter(|_| !keep);
                dropped.extend(parts.map(|(_, part)| part));
            }
            Some(syntax::Inherit::Parts(parts)) => {
                for (key, text) in parts {
                    let part = Part::ALL.into_iter().find(|(name, _)| name == key);
                    let keep = self.word(key, Some(text), &FLAG);
                    if let (Some((_, part)), Some(keep)) = (part, keep) {
                        if keep { &mut kept } else { &mut dropped }.insert(part);
                    }
                }
            }
        }
        (dropped, kept)
    }

    pub(super) fn healthcheck(&mut self, check: &syntax::Healthcheck) -> Option<Healthcheck> {
        let check = match check {
            syntax::Healthcheck::Word(text) => {
                let text = self.optional(Some(text))?;
                if NO_CHECK.get(&text.value).is_some() {
                    return Some(Healthcheck::None);
                }
                let error = diagnostics::not_a_health_check(&text.value, text.span);
                self.found.push(error);
                return None;
            }
            syntax::Healthcheck::Check(check) => check,
        };
        Some(Healthcheck::Check(Check {
            command: self.program(check.run.as_ref()?)?,
            interval: self.duration("interval", check.interval.as_ref()),
            timeout: self.duration("timeout", check.timeout.as_ref()),
            start_period: self.duration("start-period", check.start_period.as_ref()),
            start_interval: self.duration("start-interval", check.start_interval.as_ref()),
            retries: self
                .value("retries", check.retries.as_ref(), &COUNT)
                .unwrap_or_default(),
        }))
    }

    /// Parses a signal: a name such as `SIGTERM` or `TERM`, or a number.
    pub(super) fn stop_signal(&mut self, text: Option<&Text>) -> Option<String> {
        let text = self.optional(text)?;
        let name = text.value.strip_prefix("SIG").unwrap_or(&text.value);
        let number = text
            .value
            .parse::<u8>()
            .is_ok_and(|number| (1..=64).contains(&number));
        let real_time = name
            .strip_prefix("RTM")
            .is_some_and(|rest| rest.starts_with("IN") || rest.starts_with("AX"));
        if !number && !real_time && !SIGNALS.contains(&name) {
            let words: Vec<String> = SIGNALS.iter().map(|name| format!("SIG{name}")).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self.found.push(diagnostics::not_one_of(
                "stop-signal",
                &text.value,
                text.span,
                &words,
            ));
            return None;
        }
        Some(text.value)
    }
}

const SIGNALS: [&str; 32] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN",
    "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

#[cfg(test)]
mod tests {
    use crate::plan::Part;
    use crate::syntax::keys::{IMAGE, INHERIT};

    #[test]
    fn every_key_of_image_is_a_part_that_is_inherited_or_dropped() {
        let keys = || IMAGE.names().filter(|key| *key != "inherit");
        assert!(keys().eq(INHERIT.names()));
        assert!(keys().eq(Part::ALL.map(|(name, _)| name)));
    }
}
