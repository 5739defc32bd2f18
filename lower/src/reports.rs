//! Reports: files that a build returns instead of a stage's image.

use buildkit_image_config::ImageConfig;
use buildkit_llb::{
    Constrain, Copy, Digest, Exec, FileAction, Graph, MarshalOptions, Mkfile, Mount, Network,
    Platform, Sharing, State,
};
use stagefile_language::plan::{Plan, StageId};
use stagefile_language::source::Span;
use stagefile_runner::reports::{DELIVER, RESULT};
use stagefile_runner::reserved::{REPORTS, RUNNER};

use super::built::{Built, Script};
use super::copy::as_glob;
use super::paths;
use super::progress::Called as _;
use super::runner::Runner;
use super::source_maps::SourceMaps;

/// The file with the exit codes of the stage's scripts. No report can have this name.
const EXIT_CODE: &str = "/exit-code.txt";

/// A stage whose reports are requested.
#[derive(Debug)]
pub struct Reported {
    /// The stage's name.
    pub stage: String,
    /// The stage's files. Its requirements aren't waited for: they decide about the stage's result, which isn't used here.
    pub files: State,
    /// The reports.
    pub reports: Vec<Report>,
    /// The stage's own scripts.
    pub scripts: Vec<Script>,
}

/// A report of a stage.
#[derive(Clone, Debug)]
pub struct Report {
    /// The report's name.
    pub name: String,
    /// The path in the stage's files, from the root.
    pub path: String,
    /// The location of the path in the file.
    pub span: Span,
}

/// The location of the reports of a failed stage.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// The ID of the cache, which is unique to this build.
    pub cache: &'a str,
    /// The platform on which our program runs.
    pub native: &'a Platform,
}

impl Reported {
    pub(super) fn new(plan: &Plan, id: StageId, built: &Built) -> Self {
        let stage = plan.stage(id);
        let reports = stage.reports.iter().map(|report| Report {
            name: report.name.clone(),
            path: paths::join(&built.workdir, &report.path.value),
            span: report.path.span,
        });
        Self {
            stage: stage.name.clone(),
            files: built.unchecked.clone(),
            reports: reports.collect(),
            scripts: built.scripts.clone(),
        }
    }

    /// Returns a directory with the reports of a successful stage, except those that are known to be missing.
    ///
    /// They keep their timestamps: they are for people to read, and nothing is built on them.
    pub fn delivered(&self, missing: &[&str], source_maps: &SourceMaps<'_>) -> State {
        let reports = self.reports.iter();
        let reports = reports.filter(|report| !missing.contains(&report.name.as_str()));
        let copies = reports.map(|report| {
            let to = format!("/{}/", report.name);
            let copy = Copy::new(&self.files, as_glob(&report.path), to);
            let copy = copy.contents().parents().follow_symlinks();
            copy.wildcards().allow_no_match().into()
        });
        self.directory(copies, 0, source_maps)
    }

    /// Returns a directory with the reports of a failed stage, which our program has saved in a cache, and empties that
    /// cache.
    ///
    /// The unique cache ID ensures that this isn't taken from the build cache. If it were to ignore the cache instead, the
    /// daemon would also empty the cache mount.
    pub fn saved(
        &self,
        runner: &Runner,
        saved: &Saved<'_>,
        exit_code: u32,
        source_maps: &SourceMaps<'_>,
    ) -> State {
        let cache = Mount::cache(REPORTS).id(saved.cache);
        let exec = Exec::command(RUNNER, [DELIVER, saved.cache])
            .on_platform(saved.native.clone())
            .mount(runner.mount())
            .mount(cache.sharing(Sharing::Shared))
            .mount(Mount::scratch(RESULT))
            .network(Network::None)
            .called(format!(
                "[{}] reports, though the stage failed with exit code {exit_code}",
                self.stage
            ));
        let exec = source_maps.locate(exec, self.spans());
        let result = State::scratch().run(exec).output(RESULT);
        let copies = result
            .ok()
            .into_iter()
            .map(|result| Copy::new(&result, "/", "/").contents().into());
        self.directory(copies, exit_code, source_maps)
    }

    fn directory(
        &self,
        copies: impl Iterator<Item = FileAction>,
        exit_code: u32,
        source_maps: &SourceMaps<'_>,
    ) -> State {
        let file = Mkfile::new(EXIT_CODE, 0o644, format!("{exit_code}\n"));
        let actions = copies.fold(FileAction::from(file), FileAction::then);
        let name = format!("[{}] reports", self.stage);
        State::scratch().file(source_maps.locate(actions, self.spans()).called(name))
    }

    /// Iterates over the locations of the reports.
    fn spans(&self) -> impl Iterator<Item = Span> {
        self.reports.iter().map(|report| report.span)
    }

    /// Returns the script for a vertex.
    pub fn script(&self, vertex: &Digest, options: &MarshalOptions) -> Option<&Script> {
        // A merge has its inputs in order, so a single graph shows the digests of all; there is no merge of fewer than two
        // states.
        let last = self.scripts.last()?;
        let states = self.scripts.iter().chain([last]).map(|one| &one.state);
        let definition = State::merge(states).marshal(options);
        let graph = Graph::read(&definition).ok()?;
        let inputs = graph.inputs_of(graph.result()?.0);
        let mut scripts = inputs.zip(&self.scripts);
        let found = scripts.find(|((input, _), _)| input.digest() == *vertex);
        found.map(|(_, script)| script)
    }
}

/// Combines the reports of several stages, each in its own directory; those of a single stage stay at the top level.
pub fn side_by_side(mut parts: Vec<(&Reported, State)>, source_maps: &SourceMaps<'_>) -> State {
    if parts.len() == 1 {
        return parts.swap_remove(0).1;
    }
    let stages: Vec<&Reported> = parts.iter().map(|(stage, _)| *stage).collect();
    let copies = parts.into_iter().map(|(stage, state)| {
        let copy = Copy::new(&state, "/", format!("/{}/", stage.stage));
        FileAction::from(copy.contents().parents())
    });
    let copies = copies.reduce(FileAction::then);
    copies.map_or_else(State::scratch, |copies| {
        let spans = stages.iter().flat_map(|stage| stage.spans());
        State::scratch().file(
            source_maps
                .locate(copies, spans)
                .called("[internal] reports"),
        )
    })
}

/// Creates the result of a build of reports.
pub(super) fn result(plan: &Plan, reported: &[Reported], source_maps: &SourceMaps<'_>) -> Built {
    let parts = reported
        .iter()
        .map(|one| (one, one.delivered(&[], source_maps)));
    let config = ImageConfig::scratch(&plan.stage(plan.target).platform);
    Built::new(side_by_side(parts.collect(), source_maps), config, None)
}
