//! Variables that a script reads and that are none there: an argument, a platform, a secret that the step doesn't name.

use stagefile_language::diagnostic::{Diagnostic, Diagnostics};
use stagefile_language::diagnostics;
use stagefile_language::plan::{Command, Run, Step};
use stagefile_language::planner::DOCKERFILE_PLATFORMS;
use stagefile_language::source::Span;
use stagefile_text::shell::{self, Script};

use super::run::environment;
use super::stage::Building;

/// How names end that images often set, so that nobody can say without the image's config.
const OF_IMAGES: [&str; 4] = ["_VERSION", "_MAJOR", "_HOME", "_PATH"];

impl Building<'_> {
    /// Warns of variables in a script of the user's own file.
    pub(super) fn check_variables(&self, step: &Step, run: &Run, found: &mut Diagnostics) {
        let Command::Script(script) = &run.command else {
            return;
        };
        let own = self.lowering.sources.index(step.span) == 0;
        if !own || !script.contains('$') {
            return;
        }
        if !shell::is_shell(script, run.settings.shell.as_deref()) {
            return;
        }
        let read = Script::read(script);
        let env = environment(run, self);
        let secrets = &run.settings.secrets;
        let is_secret = |name: &str| {
            let mut secrets = secrets.iter();
            secrets.any(|secret| secret.env.as_deref() == Some(name))
        };
        for (name, _) in &read.reads {
            let is_set =
                read.may_set(name) || env.iter().any(|(other, _)| other == name) || is_secret(name);
            if !is_set && let Some(warning) = self.unset(name, self.place_of(step, name)) {
                found.push(warning);
            }
        }
    }

    fn unset(&self, name: &str, span: Span) -> Option<Diagnostic> {
        if let Some((_, secret)) = self.plan.secrets.iter().find(|(one, _)| one == name) {
            return Some(diagnostics::unnamed_secret(name, secret, span));
        }
        if let Some((_, expression)) = DOCKERFILE_PLATFORMS.iter().find(|(one, _)| *one == name) {
            let expression = format!("${{{{ {expression} }}}}");
            let what = "platforms are values of the file";
            return Some(diagnostics::value_as_variable(
                name,
                what,
                &expression,
                span,
            ));
        }
        // The base may set it, and the daemon proxies.
        let is_doubtful = !self.config_known && OF_IMAGES.iter().any(|end| name.ends_with(end));
        let is_proxy = name.to_ascii_lowercase().ends_with("_proxy");
        if self.plan.args.iter().any(|arg| arg.name == name) && !is_doubtful && !is_proxy {
            let expression = format!("${{{{ args.{name} }}}}");
            let what = "it is an argument of the file";
            return Some(diagnostics::value_as_variable(
                name,
                what,
                &expression,
                span,
            ));
        }
        let mut image = self.stage.image.env.iter();
        let is_of_image = image.any(|(one, value)| one == name && value.is_some());
        let is_of_image = is_of_image && (self.config_known || !is_doubtful);
        is_of_image.then(|| diagnostics::variable_of_image(name, span))
    }

    /// Finds where a step writes a variable; of what it makes of expressions there is only its first line.
    fn place_of(&self, step: &Step, name: &str) -> Span {
        let sources = self.lowering.sources;
        let written = sources.slice(step.span);
        let places = written.match_indices('$').filter_map(|(at, _)| {
            let rest = &written[at + 1..];
            let inner = rest.strip_prefix('{').unwrap_or(rest);
            (shell::name_of(inner) == name).then(|| {
                let length = 1 + rest.len() - inner.len() + name.len();
                Span::new(step.span.start + at, step.span.start + at + length)
            })
        });
        let mut places = places;
        places
            .next()
            .unwrap_or_else(|| sources.first_line(step.span))
    }
}
