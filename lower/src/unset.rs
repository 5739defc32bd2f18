//! Undefined variables and files in scripts: variables that are arguments, platforms or secrets that the step doesn't list, and
//! the files of such secrets.

use std::collections::{HashMap, HashSet};

use stagefile_language::diagnostic::{Diagnostic, Diagnostics, SHOWN};
use stagefile_language::diagnostics;
use stagefile_language::plan::{Command, Run, Step};
use stagefile_language::planner::DOCKERFILE_PLATFORMS;
use stagefile_language::source::Span;
use stagefile_text::shell::{self, Script};

use super::building::Building;

/// Suffixes of variables that images often set, so that they can't be checked without the image's config.
const OF_IMAGES: [&str; 4] = ["_VERSION", "_MAJOR", "_HOME", "_PATH"];

/// The directory that contains only secrets.
const SECRETS: &str = "/run/secrets/";

impl Building<'_> {
    /// Warns of secret files that a script in the user's own file reads and its step doesn't list.
    pub(super) fn check_secret_files(&self, step: &Step, run: &Run, found: &mut Diagnostics) {
        let Command::Script(script) = &run.command else {
            return;
        };
        let own = self.lowering.sources.index(step.span) == 0;
        let settings = &run.settings;
        // Other mounts there have their own files.
        let mut mounts = settings.mounts.iter();
        if !own || mounts.any(|mount| mount.target.starts_with("/run")) {
            return;
        }
        let secrets = settings.secrets.iter();
        let mut there: HashSet<&str> = secrets
            .filter_map(|secret| secret.target.as_deref())
            .collect();
        let written = self.lowering.sources.slice(step.span);
        let files = script.match_indices(SECRETS);
        let files = files.map(|(at, _)| (at, file_at(&script[at..])));
        // Each file is checked only once, and only the first ones, since each is searched for in its line.
        let files = files.filter(|(_, file)| file.len() > SECRETS.len() && there.insert(file));
        for (at, file) in files.take(SHOWN) {
            if is_tested(&script[..at]) {
                continue;
            }
            let span = match written.find(file) {
                Some(place) => {
                    let start = step.span.start + place;
                    Span::new(start, start + file.len())
                }
                None => self.lowering.sources.first_line(step.span),
            };
            let secret = self.plan.secret_files.get(file).map(String::as_str);
            let elsewhere = || self.place_of_secret(&file[SECRETS.len()..]);
            found.push(match secret.map_or_else(elsewhere, |_| None) {
                Some((name, place)) => diagnostics::secret_is_elsewhere(file, name, place, span),
                None => diagnostics::unnamed_secret_file(file, secret, span),
            });
        }
    }

    /// Finds a secret in the user's own file by its name, with its variable or file.
    fn place_of_secret(&self, name: &str) -> Option<(&str, &str)> {
        let mut places = self.plan.secrets.iter().chain(&self.plan.secret_files);
        let (place, secret) = places.find(|(_, secret)| *secret == name)?;
        Some((secret, place))
    }

    /// Warns of undefined variables in a script in the user's own file.
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
        let env = self.environment(run);
        let secrets = run.settings.secrets.iter();
        let mut set: HashSet<&str> = secrets.filter_map(|secret| secret.env.as_deref()).collect();
        set.extend(env.iter().map(|(name, _)| *name));
        let mut places = None;
        for (name, _) in &read.reads {
            // Each variable is checked only once.
            if !set.insert(name) || read.may_set(name) {
                continue;
            }
            let place = || {
                let places = places.get_or_insert_with(|| self.places_of_variables(step));
                let first_line = || self.lowering.sources.first_line(step.span);
                places
                    .get(name.as_str())
                    .copied()
                    .unwrap_or_else(first_line)
            };
            if let Some(warning) = self.unset(name, place) {
                found.push(warning);
            }
        }
    }

    fn unset(&self, name: &str, span: impl FnOnce() -> Span) -> Option<Diagnostic> {
        if let Some(secret) = self.plan.secrets.get(name) {
            return Some(diagnostics::unnamed_secret(name, secret, span()));
        }
        if let Some((_, expression)) = DOCKERFILE_PLATFORMS.iter().find(|(one, _)| *one == name) {
            let expression = format!("${{{{ {expression} }}}}");
            let what = "platforms are values of the file";
            return Some(diagnostics::value_as_variable(
                name,
                what,
                &expression,
                span(),
            ));
        }
        // The base image may set it, and the daemon sets proxies.
        let is_doubtful = !self.config_known && OF_IMAGES.iter().any(|end| name.ends_with(end));
        let is_proxy = name.to_ascii_lowercase().ends_with("_proxy");
        if self.plan.args.get(name).is_some() && !is_doubtful && !is_proxy {
            let expression = format!("${{{{ args.{name} }}}}");
            let what = "it is an argument of the file";
            return Some(diagnostics::value_as_variable(
                name,
                what,
                &expression,
                span(),
            ));
        }
        let is_of_image = self.image_env.contains(name) && (self.config_known || !is_doubtful);
        is_of_image.then(|| diagnostics::variable_of_image(name, span()))
    }

    /// Finds the first occurrence of each variable in a step; for the results of expressions, only their first line is known.
    fn places_of_variables(&self, step: &Step) -> HashMap<&str, Span> {
        let written = self.lowering.sources.slice(step.span);
        let mut places = HashMap::new();
        for (at, _) in written.match_indices('$') {
            let rest = &written[at + 1..];
            let inner = rest.strip_prefix('{').unwrap_or(rest);
            let name = shell::name_of(inner);
            let length = 1 + rest.len() - inner.len() + name.len();
            let start = step.span.start + at;
            places
                .entry(name)
                .or_insert_with(|| Span::new(start, start + length));
        }
        places
    }
}

/// Returns the path at the beginning of a string.
fn file_at(text: &str) -> &str {
    let is_of_names =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '/');
    let end = text.find(|letter| !is_of_names(letter));
    text[..end.unwrap_or(text.len())].trim_end_matches(['.', '/'])
}

/// Reports whether the text before a path in its line is a test for the file, a comment, or creates it.
fn is_tested(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let tests = |word: &str| matches!(word, "[" | "[[" | "test" | "if");
    words.clone().any(tests)
        || words.any(|word| word.starts_with('#'))
        || line.trim_end().ends_with('>')
}
