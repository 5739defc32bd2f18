//! Which paths of a build context a plan uses, and what is wrong with them.

use std::collections::{BTreeSet, HashMap};

use buildkit_gateway::ignore::{self, IgnoreFile};
use stagefile_language::diagnostic::{Diagnostic, Diagnostics};
use stagefile_language::diagnostics;
use stagefile_language::diagnostics::IgnoreLine;
use stagefile_language::plan::{Action, External, Output, Plan, Source, Stage};
use stagefile_language::source::Span;
use stagefile_text::glob;
use stagefile_text::pattern::may_match_below;

use super::ignored::Ignored;
use super::listing::{Listing, Missing};

/// The maximum number of comparisons, paths times lines of an ignore file. Files that people write have some hundreds
/// of each.
const MAX_COMPARISONS: usize = 1_000_000;

/// The maximum number of missing paths for which a similar path is suggested: nobody reads more.
const MAX_CANDIDATES: usize = 100;

/// The paths of a context that a plan uses.
#[derive(Debug)]
pub struct Examination<'a> {
    /// The plan that uses the context, if it is a plan.
    plan: Option<&'a Plan>,
    /// The name of the context in messages.
    place: String,
    /// The first place that uses the context, and where its template is used, if it is in one.
    first: Option<(Span, &'a [Span])>,
    /// The first place that uses all of the context, likewise.
    whole: Option<(Span, &'a [Span])>,
    wanted: Vec<Wanted<'a>>,
    missing: Vec<(usize, Option<Missing>)>,
    /// The directories whose entries have been requested.
    looked: BTreeSet<String>,
}

/// A path that a step uses.
#[derive(Debug)]
struct Wanted<'a> {
    /// The path from the root, without a slash at its ends.
    path: &'a str,
    /// Whether it is a pattern.
    is_pattern: bool,
    span: Span,
    /// Where the step's template is used.
    uses: &'a [Span],
    /// Whether it may be missing.
    is_optional: bool,
}

/// What to look at in a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The paths, as patterns of `copy`.
    pub paths: Vec<String>,
    /// Patterns of what to leave out, as in an ignore file.
    pub without: Vec<String>,
    /// Whether only the paths themselves are returned, without the content of directories among them.
    pub is_narrow: bool,
}

impl<'a> Examination<'a> {
    /// Collects the paths of the build context that the wanted stages of a plan use.
    pub fn new(plan: &'a Plan) -> Self {
        Self::from_source(plan, &Source::MainContext, "the build context".to_owned())
    }

    /// Collects paths of the build context that something other than a plan uses. None of them is a pattern.
    pub fn of_paths(paths: impl IntoIterator<Item = (&'a str, Span)>) -> Self {
        let wanted = paths.into_iter().map(|(path, span)| Wanted {
            path: path.trim_matches('/'),
            is_pattern: false,
            span,
            uses: &[],
            is_optional: false,
        });
        let mut wanted: Vec<Wanted<'_>> = wanted.collect();
        let first = wanted.first().map(|wanted| (wanted.span, wanted.uses));
        // All of the context is there.
        wanted.retain(|wanted| !wanted.path.is_empty());
        Self {
            plan: None,
            place: "the build context".to_owned(),
            first,
            whole: None,
            wanted,
            missing: Vec::new(),
            looked: BTreeSet::new(),
        }
    }

    /// Collects the paths of a named context.
    pub fn of_context(plan: &'a Plan, name: &str) -> Self {
        let source = Source::External(External::Context(name.to_owned()));
        Self::from_source(plan, &source, format!("the context `{name}`"))
    }

    fn from_source(plan: &'a Plan, source: &Source, place: String) -> Self {
        let mut first = None;
        let mut whole = None;
        let mut wanted = Vec::new();
        let steps = plan.order().into_iter().map(|id| plan.stage(id));
        for step in steps.flat_map(Stage::all_steps) {
            let mut add = |path: &'a str, is_pattern, span, is_optional| {
                let path = path.trim_matches('/');
                first.get_or_insert((span, step.uses.as_slice()));
                // All of the context is there.
                if !path.is_empty() {
                    wanted.push(Wanted {
                        path,
                        is_pattern,
                        span,
                        uses: &step.uses,
                        is_optional,
                    });
                }
            };
            match &step.action {
                Action::Copy(copy) if copy.source.value == *source => {
                    let takes_all = copy.include.is_empty() && copy.exclude.is_empty();
                    for path in copy.paths.iter().filter(|_| takes_all) {
                        if path.value.trim_matches('/').is_empty() {
                            whole.get_or_insert((path.span, step.uses.as_slice()));
                        }
                    }
                    for path in &copy.paths {
                        let is_pattern = copy.glob && glob::is_pattern(&path.value);
                        add(&path.value, is_pattern, path.span, copy.optional);
                    }
                }
                Action::Run(run) => {
                    for mount in &run.settings.mounts {
                        if mount.source.value == *source {
                            let takes_all = mount.include.is_empty() && mount.exclude.is_empty();
                            if takes_all && mount.path.trim_matches('/').is_empty() {
                                whole.get_or_insert((mount.span, step.uses.as_slice()));
                            }
                            add(&mount.path, mount.pattern.is_some(), mount.span, false);
                        }
                    }
                    for cache in &run.settings.caches {
                        if let Some((from, path)) = &cache.from
                            && from.value == *source
                        {
                            add(path, false, from.span, false);
                        }
                    }
                }
                _ => {}
            }
        }
        Self {
            plan: Some(plan),
            place,
            first,
            whole,
            wanted,
            missing: Vec::new(),
            looked: BTreeSet::new(),
        }
    }

    /// Tells whether the plan uses nothing of the context.
    pub fn is_over(&self) -> bool {
        self.first.is_none()
    }

    /// Warns about directories that no build needs, if a step uses the whole context.
    pub fn check_whole(&self, needless: &[&str], found: &mut Diagnostics) {
        if let Some((span, uses)) = self.whole.filter(|_| !needless.is_empty()) {
            found.push_within(uses, diagnostics::whole_context(needless, span));
        }
    }

    /// Reports paths that an ignore file excludes, and drops them from further checks.
    pub fn ignore(&mut self, file: &IgnoreFile, found: &mut Diagnostics) {
        let is_broken =
            |line: &&ignore::Line| !glob::is_valid(line.pattern.trim_start_matches('!'));
        if let (Some((span, uses)), Some(line)) = (self.first, file.lines.iter().find(is_broken)) {
            let line = IgnoreLine {
                file: &file.name,
                number: line.number,
                pattern: &line.pattern,
            };
            let error = diagnostics::invalid_ignore_pattern(&self.place, span, &line);
            found.push_within(uses, error);
            // Nothing about the context can be known.
            self.wanted.clear();
            return;
        }
        if file.lines.len().saturating_mul(self.wanted.len()) > MAX_COMPARISONS {
            return;
        }
        let ignored = Ignored::new(file);
        self.wanted.retain(|wanted| {
            // The leading directories of a pattern are known.
            let path = if wanted.is_pattern {
                let end = wanted.path.find(['*', '?', '[', '\\']);
                let plain = &wanted.path[..end.unwrap_or(wanted.path.len())];
                plain
                    .rsplit_once('/')
                    .map_or("", |(directory, _)| directory)
            } else {
                wanted.path
            };
            let Some(line) = ignored.excludes(path) else {
                return true;
            };
            if !wanted.is_optional {
                let error = diagnostics::ignored_path(path, &self.place, wanted.span, &line);
                found.push_within(wanted.uses, error);
            }
            false
        });
    }

    /// Returns what to look at to find out which paths exist; `None` if there is nothing to look at.
    pub fn look(&self, file: Option<&IgnoreFile>) -> Option<Look> {
        let wanted = self.wanted.iter().filter(|wanted| !wanted.is_optional);
        let paths: BTreeSet<String> = wanted
            .map(|wanted| glob::pattern(wanted.path, wanted.is_pattern).into_owned())
            .collect();
        // If a line of the ignore file re-includes something, that has to be listed, so that its parent directories
        // are.
        let takes_back = file.is_some_and(|file| file.patterns().any(|one| one.starts_with('!')));
        let mut without = Vec::new();
        let few = paths.len().saturating_mul(paths.len()) <= MAX_COMPARISONS;
        if !takes_back && few {
            // The content of a directory doesn't matter, unless some of it is wanted too.
            for wanted in self.wanted.iter().filter(|wanted| !wanted.is_pattern) {
                if !paths
                    .iter()
                    .any(|other| may_match_below(other, wanted.path))
                {
                    without.push(format!("{}/*", glob::escape(wanted.path)));
                }
            }
        }
        (!paths.is_empty()).then(|| Look {
            is_narrow: without.len() == self.wanted.len(),
            paths: paths.into_iter().collect(),
            without,
        })
    }

    /// Tells whether any of the paths exists.
    pub fn finds_some(&self, listing: &Listing) -> bool {
        self.wanted.iter().any(|wanted| {
            if wanted.is_pattern {
                listing.matches(wanted.path).next().is_some()
            } else {
                listing.find(wanted.path).is_ok()
            }
        })
    }

    /// Finds out which paths don't exist, and returns what to look at to find out what exists instead; `None` if that
    /// is known. Compare again with the new listing: it may lead further along a path.
    pub fn compare(&mut self, listing: &Listing, file: Option<&IgnoreFile>) -> Option<Look> {
        let few =
            |file: &&IgnoreFile| file.lines.len().saturating_mul(listing.len()) <= MAX_COMPARISONS;
        let ignored = file.filter(few).map(Ignored::new);
        self.missing.clear();
        for (index, wanted) in self.wanted.iter().enumerate() {
            if wanted.is_optional {
                continue;
            }
            if !wanted.is_pattern {
                if let Err(missing) = listing.find(wanted.path) {
                    self.missing.push((index, Some(missing)));
                }
                continue;
            }
            let is_there = |path: &str| {
                let line = ignored.as_ref().and_then(|ignored| ignored.excludes(path));
                line.is_none()
            };
            let mut matches = listing.matches(wanted.path);
            if !matches.any(is_there) && !listing.leads_through_links(wanted.path) {
                self.missing.push((index, None));
            }
        }
        let missing = self
            .missing
            .iter()
            .filter_map(|(_, missing)| missing.as_ref());
        let directories: BTreeSet<&str> = missing
            .map(|missing| missing.directory.as_str())
            .filter(|directory| !self.looked.contains(*directory))
            .collect();
        let below = |directory: &&str, what: &str| match *directory {
            "" => what.to_owned(),
            directory => format!("{}/{what}", glob::escape(directory)),
        };
        let look = Look {
            paths: directories.iter().map(|one| below(one, "*")).collect(),
            without: directories.iter().map(|one| below(one, "*/*")).collect(),
            is_narrow: false,
        };
        let directories: Vec<String> = directories.into_iter().map(str::to_owned).collect();
        self.looked.extend(directories);
        (!look.paths.is_empty()).then_some(look)
    }

    /// Reports the paths that don't exist. For a build these are errors; a file that is only checked may be built
    /// later.
    pub fn report(&self, names: &Listing, builds: bool, found: &mut Diagnostics) {
        let outputs = self.plan.map(Outputs::new).unwrap_or_default();
        for (count, (index, missing)) in self.missing.iter().enumerate() {
            let wanted = &self.wanted[*index];
            // Nobody reads more suggestions.
            let missing = missing.as_ref().filter(|_| count < MAX_CANDIDATES);
            let candidate = missing.and_then(|missing| missing.nearest(wanted.path, names));
            let output = outputs.named(wanted.path, None, false);
            let what = diagnostics::MissingPath {
                path: wanted.path,
                is_pattern: wanted.is_pattern,
                place: &self.place,
                candidate: candidate.as_deref(),
                output: output.as_deref(),
                span: wanted.span,
            };
            let diagnostic: Diagnostic = if builds {
                diagnostics::missing_path(&what)
            } else {
                diagnostics::perhaps_missing_path(&what)
            };
            found.push_within(wanted.uses, diagnostic);
        }
    }
}

/// The outputs of a plan, by their names and by the names of the paths that they stand for.
#[derive(Debug, Default)]
pub struct Outputs<'a>(HashMap<&'a str, NamedOutput<'a>>);

#[derive(Clone, Copy, Debug)]
struct NamedOutput<'a> {
    stage: &'a str,
    name: &'a str,
    /// Whether it is the output of a step, which isn't part of the stage's files.
    is_of_step: bool,
}

impl<'a> Outputs<'a> {
    /// Collects the outputs of all stages. If two have the same name, the first is used.
    pub fn new(plan: &'a Plan) -> Self {
        let mut outputs = HashMap::new();
        for stage in &plan.stages {
            for name in stage.outputs.names() {
                let target = stage.outputs.get(name);
                let path = target.map(|target| match target {
                    Output::Path(path) | Output::Run(_, path) => path.trim_end_matches('/'),
                });
                let last = path.and_then(|path| path.rsplit('/').next());
                let output = NamedOutput {
                    stage: &stage.name,
                    name,
                    is_of_step: matches!(target, Some(Output::Run(..))),
                };
                for called in [Some(name), last].into_iter().flatten() {
                    outputs.entry(called).or_insert(output);
                }
            }
        }
        Self(outputs)
    }

    /// Returns the output, as `stage.output`, that a missing path may stand for: one of another stage, or of a step of
    /// this stage unless the path was looked for in an output (`is_output`).
    pub fn named(&self, path: &str, stage: Option<&str>, is_output: bool) -> Option<String> {
        let outputs = |name| self.0.get(name);
        let elsewhere = path.rsplit('/').next().and_then(outputs);
        let elsewhere = elsewhere.filter(|output| stage != Some(output.stage));
        let mut on_the_way = path.rsplit('/').filter_map(outputs);
        let own = on_the_way
            .find(|output| !is_output && output.is_of_step && stage == Some(output.stage));
        let output = elsewhere.or(own)?;
        Some(format!("{}.{}", output.stage, output.name))
    }
}
