//! Values of the image's config.

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Check, Command, Healthcheck};
use crate::syntax::{self, Name};

impl Planner<'_> {
    /// Evaluates a program.
    pub(super) fn command(&mut self, command: &syntax::Command) -> Option<Command> {
        match command {
            syntax::Command::Script(text) => self.string(Some(text)).map(Command::Script),
            syntax::Command::Arguments(arguments, _) => {
                let evaluated = self.texts(arguments);
                (evaluated.len() == arguments.len()).then(|| {
                    Command::Arguments(evaluated.into_iter().map(|text| text.value).collect())
                })
            }
        }
    }

    /// Evaluates a shell: a program and its arguments, or one text cut at its blanks.
    pub(super) fn shell(&mut self, shell: &[Text]) -> Option<Vec<String>> {
        let words = self.texts(shell);
        let words: Vec<String> = match words.as_slice() {
            [one] => one.value.split_whitespace().map(str::to_owned).collect(),
            _ => words.iter().map(|word| word.value.clone()).collect(),
        };
        if words.is_empty() {
            let span = shell.first().map(Text::span).unwrap_or_default();
            self.found.push(diagnostics::missing_value("shell", span));
            return None;
        }
        Some(words)
    }

    pub(super) fn labels(&mut self, labels: &[(Name, Text)]) -> Vec<(String, String)> {
        let mut evaluated = Vec::new();
        for (name, text) in labels {
            evaluated.extend(
                self.string(Some(text))
                    .map(|value| (name.value.clone(), value)),
            );
        }
        evaluated
    }

    pub(super) fn healthcheck(&mut self, check: &syntax::Healthcheck) -> Option<Healthcheck> {
        let check = match check {
            syntax::Healthcheck::Word(text) => {
                return self
                    .word("healthcheck", Some(text), &[("none", ())])
                    .map(|()| Healthcheck::None);
            }
            syntax::Healthcheck::Check(check) => check,
        };
        Some(Healthcheck::Check(Check {
            command: self.command(check.run.as_ref()?)?,
            interval: self.duration("interval", check.interval.as_ref()),
            timeout: self.duration("timeout", check.timeout.as_ref()),
            start_period: self.duration("start-period", check.start_period.as_ref()),
            start_interval: self.duration("start-interval", check.start_interval.as_ref()),
            retries: self.count("retries", check.retries.as_ref()),
        }))
    }

    /// Reads a signal: a name such as `SIGTERM` or `TERM`, or a number.
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
