//! Everything that is wrong with a Dockerfile, as diagnostics.

use std::collections::BTreeSet;
use std::ops::Range;

use buildkit_dockerfile::{
    Dockerfile, Edit, Finding, Fixer, Lines, LintConfig, Mistake, OpenHeredoc,
};
use buildkit_gateway::directive;
use stagefile_language::diagnostic::{Diagnostic, Diagnostics, Fix};
use stagefile_language::diagnostics;
use stagefile_language::source::{Source, Span};

use super::codes;
use super::offline::{Outcome, Setting};

/// The maximum number of mistakes that are searched for one by one. After each, the file is compiled again without it.
const MAX_MISTAKES: usize = 20;

/// The maximum number of findings that are processed: a large file can have one on every line, and nobody reads that
/// many.
const MAX_FINDINGS: usize = 1_000;

/// The rule about undefined variables. The config of a base image may define them.
const UNDEFINED_VARIABLE: &str = "UndefinedVar";

/// Reports everything that is wrong with a file: what Docker's frontend would report, in its words, and what it would
/// report once that is fixed.
pub fn check(source: &Source, setting: &Setting, found: &mut Diagnostics) {
    let text = source.text();
    let (config, broken) = lint_config(text, setting);
    let file = Dockerfile::parse(text, &config);
    let mut mistakes: Vec<Mistake> = broken.into_iter().collect();
    mistakes.extend(file.mistakes().iter().cloned());
    let mut rest = file.without_mistakes();
    let mut has_all_variables = mistakes.is_empty();
    let mut reasons: Vec<Finding> = Vec::new();
    let more = mistakes.len() + MAX_MISTAKES;
    loop {
        let outcome = setting.compile(&rest, true);
        let Some(mistake) = &outcome.mistake else {
            findings(source, &rest, &outcome, has_all_variables, found);
            break;
        };
        mistakes.push(mistake.clone());
        reasons.extend(reasons_of(mistake, &outcome.findings));
        let mut next = rest.clone();
        let goes_on = mistakes.len() < more
            && !mistake.is_of_the_whole
            && places(mistake).any(|lines| next.remove_lines(lines));
        if !goes_on {
            findings(source, &rest, &outcome, has_all_variables, found);
            break;
        }
        has_all_variables = false;
        rest = next;
    }
    let fixer = Fixer::new(text, &file);
    for reason in &reasons {
        if let Some(warning) = warning(source, &fixer, reason) {
            found.push(warning);
        }
    }
    let mut seen = BTreeSet::new();
    for mistake in &mistakes {
        if seen.insert((mistake.message.as_str(), places(mistake).next())) {
            found.push(error(source, &fixer, mistake));
        }
    }
}

/// Lists the paths of the build context that a file without mistakes uses, where they are known: a base whose config
/// isn't known may set any variable.
pub fn paths_of_context(source: &Source, setting: &Setting) -> Vec<(String, Span)> {
    let text = source.text();
    let file = Dockerfile::parse(text, &lint_config(text, setting).0);
    let outcome = setting.compile(&file, true);
    let Some(compilation) = &outcome.compilation else {
        return Vec::new();
    };
    let fixer = Fixer::new(text, &file);
    let known = compilation.paths_of_context().filter_map(|taken| {
        let below = taken.path.trim_start_matches('/');
        let place = fixer.find(taken.lines, below);
        let word = match &place {
            Some(place) => word_around(text, place),
            None => &text[fixer.place(taken.lines)],
        };
        if word.contains('$') && compilation.starts_from(taken.stage, &outcome.unknown) {
            return None;
        }
        let place = place.unwrap_or_else(|| first_line(text, fixer.place(taken.lines)));
        Some((below.to_owned(), span(source, &place)))
    });
    known.collect()
}

/// Returns the whole word that a part of a string is in.
fn word_around<'t>(text: &'t str, part: &Range<usize>) -> &'t str {
    let before = text[..part.start].trim_end_matches(|letter: char| !letter.is_whitespace());
    let after = text[part.end..].trim_start_matches(|letter: char| !letter.is_whitespace());
    &text[before.len()..text.len() - after.len()]
}

/// Reports mistakes of a file that are already known.
pub fn report(source: &Source, mistakes: &[Mistake], found: &mut Diagnostics) {
    let file = Dockerfile::parse(source.text(), &LintConfig::default());
    let fixer = Fixer::new(source.text(), &file);
    for mistake in mistakes {
        found.push(error(source, &fixer, mistake));
    }
}

/// Returns which rules apply, as set by the client or else by the file.
fn lint_config(text: &str, setting: &Setting) -> (LintConfig, Option<Mistake>) {
    let written = directive::check(text.as_bytes());
    let (words, line) = match (&setting.options.check, &written) {
        (Some(given), _) => (given.as_str(), None),
        (None, Some(directive)) => (directive.image(), u32::try_from(directive.line).ok()),
        (None, None) => return (LintConfig::default(), None),
    };
    match LintConfig::parse(words) {
        Ok(config) => (config, None),
        Err(error) => {
            let what = match &setting.options.check {
                Some(_) => "build-arg:BUILDKIT_DOCKERFILE_CHECK",
                None => "check options",
            };
            let mistake = Mistake::new(format!("failed to parse {what}: {error}"));
            let mistake = match line {
                Some(line) => mistake.at(Lines::one(line)),
                None => mistake,
            };
            (LintConfig::default(), Some(mistake))
        }
    }
}

fn span(source: &Source, range: &Range<usize>) -> Span {
    source.span(range.start, range.end)
}

/// Returns the first line of a range, so that an excerpt isn't as long as a script.
fn first_line(text: &str, range: Range<usize>) -> Range<usize> {
    let length = text[range.clone()].lines().next().map_or(0, str::len);
    range.start..range.start + length
}

fn fix(source: &Source, edit: Edit) -> Fix {
    Fix {
        span: span(source, &edit.range),
        replacement: edit.replacement,
    }
}

/// Lists the lines of a mistake.
fn places(mistake: &Mistake) -> impl Iterator<Item = Lines> {
    let places = mistake.places.iter().copied();
    let is_nowhere = mistake.places.is_empty();
    places.chain(mistake.instruction.filter(|_| is_nowhere))
}

fn error(source: &Source, fixer: &Fixer<'_>, mistake: &Mistake) -> Diagnostic {
    let edit = fixer.fix_mistake(mistake);
    let place = match (&edit, places(mistake).next()) {
        (Some(edit), _) => edit.range.clone(),
        (None, Some(lines)) => narrow(source.text(), fixer, lines, &mistake.message),
        (None, None) => 0..0,
    };
    let mut error = diagnostics::invalid_dockerfile(span(source, &place), &mistake.message);
    for lines in places(mistake).skip(1) {
        let place = first_line(source.text(), fixer.place(lines));
        error = error.secondary(span(source, &place), "");
    }
    if let (Some(edit), Some((_, meant))) = (&edit, &mistake.suggestion)
        && edit.replacement != *meant
    {
        error = error.help(format!("did you mean `{}`?", edit.replacement));
    }
    error.fix = edit.map(|edit| fix(source, edit));
    match &mistake.open_heredoc {
        Some(heredoc) => explained(error, source, fixer, mistake, heredoc),
        None => error,
    }
}

/// Explains an unterminated heredoc: where it begins, what would end it, and which line was probably meant to.
fn explained(
    mut error: Diagnostic,
    source: &Source,
    fixer: &Fixer<'_>,
    mistake: &Mistake,
    heredoc: &OpenHeredoc,
) -> Diagnostic {
    let text = source.text();
    let opened = places(mistake).find_map(|lines| fixer.find(lines, &heredoc.word));
    if let Some(place) = opened {
        error.primary.span = span(source, &place);
    }
    let name = &heredoc.name;
    if let Some(number) = heredoc.nearly {
        let place = fixer.place(Lines::one(number));
        let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[start..place.start];
        let dropped: &[char] = if heredoc.chomp { &['\t'] } else { &[] };
        let what = match before.trim_start_matches(dropped) {
            "" => "there are blanks after it",
            _ if heredoc.chomp => "`<<-` drops tabs before it, but no other blanks",
            before if before.trim_matches('\t').is_empty() => {
                "there are tabs before it, which only `<<-` drops"
            }
            _ => "there are blanks before it",
        };
        error = error.secondary(span(source, &place), what);
    }
    let but = if heredoc.chomp {
        " and tabs before it"
    } else {
        ""
    };
    error.help(format!(
        "it goes on up to a line that is nothing but `{name}`{but}"
    ))
}

/// Returns the narrowest range that a message is about: a word that it quotes, or else the instruction's first line.
fn narrow(text: &str, fixer: &Fixer<'_>, lines: Lines, message: &str) -> Range<usize> {
    let quoted = ['"', '\'', '`'].into_iter().flat_map(|quote| {
        let parts = message.split(quote).skip(1).step_by(2);
        parts.filter(|part| !part.is_empty() && part.len() < message.len())
    });
    let flags = message
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    // The text after the last colon is often the wrong one.
    let last = message.rsplit(": ").next().into_iter();
    let mut places = quoted
        .chain(flags)
        .chain(last)
        .filter_map(|word| fixer.find(lines, word));
    places
        .next()
        .unwrap_or_else(|| first_line(text, fixer.place(lines)))
}

/// Reports the findings of rules.
fn findings(
    source: &Source,
    file: &Dockerfile,
    outcome: &Outcome<'_>,
    has_all_variables: bool,
    found: &mut Diagnostics,
) {
    let mut fixer = Fixer::new(source.text(), file);
    if let Some(compilation) = &outcome.compilation {
        fixer = fixer.with_image_properties(compilation, &outcome.unknown);
    }
    let counts = |finding: &&Finding| {
        finding.rule.name != UNDEFINED_VARIABLE
            || (has_all_variables && is_certain(file, outcome, finding))
    };
    let all = outcome.findings.iter().filter(counts);
    for finding in all.take(MAX_FINDINGS) {
        if let Some(warning) = warning(source, &fixer, finding) {
            found.push(warning);
        }
    }
}

/// Rules whose findings are the reason for a mistake at the same place. Docker's messages don't give that reason.
pub(crate) const REASONS: [&str; 2] = ["UndefinedArgInFrom", "InvalidDefaultArgInFrom"];

/// Finds the reasons for a mistake.
fn reasons_of(mistake: &Mistake, findings: &[Finding]) -> Vec<Finding> {
    let is_reason = |finding: &&Finding| {
        REASONS.contains(&finding.rule.name) && finding.lines == mistake.places.first().copied()
    };
    findings.iter().filter(is_reason).cloned().collect()
}

fn warning(source: &Source, fixer: &Fixer<'_>, finding: &Finding) -> Option<Diagnostic> {
    let code = codes::find(finding.rule.name)?;
    let edit = fixer.fix(finding);
    let text = source.text();
    let place = match (&edit, finding.lines) {
        (Some(edit), _) if !text[edit.range.clone()].contains('\n') => edit.range.clone(),
        (_, Some(lines)) => narrow(text, fixer, lines, &finding.message),
        (_, None) => 0..0,
    };
    let mut warning = Diagnostic::warning(code, span(source, &place), &finding.message);
    let url = finding.rule.url();
    if !url.is_empty() {
        warning = warning.help(format!("see {url}"));
    }
    warning.fix = edit.map(|edit| fix(source, edit));
    Some(warning)
}

/// Tells whether a variable is certainly not set: a base image whose config isn't known may set it. One whose name is close
/// to that of another is probably mistyped.
fn is_certain(file: &Dockerfile, outcome: &Outcome<'_>, finding: &Finding) -> bool {
    let Some((lines, compilation)) = finding.lines.zip(outcome.compilation.as_ref()) else {
        return true;
    };
    let stages = file.stages();
    let next = stages.partition_point(|stage| stage.lines.first <= lines.first);
    let Some(stage) = next.checked_sub(1) else {
        return true;
    };
    !compilation.starts_from(stage, &outcome.unknown) || finding.message.contains("(did you mean")
}
