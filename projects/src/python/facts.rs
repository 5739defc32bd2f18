//! Project metadata of Python projects: pyproject.toml, setup.cfg, setup.py.

use std::collections::BTreeSet;
use std::ops::Range;

use toml_edit::{Document, Item};

use super::requirements::{Requirements, normal, required};
use super::setup::Setup;
use super::workspace;
use crate::data::{item, keys, string, strings, toml};
use crate::mistake::Stop;
use crate::{Project, join};

/// The metadata, whichever file it comes from.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) source: Option<String>,
    pub(super) python: Option<(String, Option<Range<usize>>)>,
    /// Programs that are available after the project is installed.
    pub(super) scripts: Vec<String>,
    pub(super) needs: BTreeSet<String>,
    /// The dependencies in pyproject.toml, as written.
    pub(super) dependencies: Vec<String>,
    /// The names of extras.
    pub(super) extras: Vec<String>,
    pub(super) is_package: bool,
    /// The variable that overrides the version, if the build gets it from Git.
    pub(super) asks_git: Option<&'static str>,
    /// Whether any dependency is fetched with Git.
    pub(super) fetches_by_git: bool,
}

/// Build tools that get the version from Git, with the variables that override it.
const ASKS_GIT: [(&str, &str); 7] = [
    ("setuptools-scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("hatch-vcs", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("flit-scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("pbr", "PBR_VERSION"),
    (
        "poetry-dynamic-versioning",
        "POETRY_DYNAMIC_VERSIONING_BYPASS",
    ),
    ("uv-dynamic-versioning", "UV_DYNAMIC_VERSIONING_BYPASS"),
    ("pdm-backend", "PDM_BUILD_SCM_VERSION"),
];

impl Facts {
    /// Reads the existing files.
    pub(super) fn read(project: &Project<'_>, requirements: &Requirements) -> Result<Self, Stop> {
        let is_pyproject = project.path.ends_with("pyproject.toml");
        let mut facts = if is_pyproject {
            of_pyproject(project)?
        } else {
            Self::default()
        };
        if facts.name.is_none() {
            let setup = Setup::read(
                project.text_beside("setup.cfg"),
                project.text_beside("setup.py"),
            );
            let is_there = setup.name.is_some() || project.has_beside("setup.py");
            facts.is_package = is_there && !project.path.ends_with("requirements.txt");
            facts.take(setup);
        }
        facts
            .needs
            .extend(requirements.lines.iter().filter_map(|line| required(line)));
        let mut all = facts.dependencies.iter().chain(&requirements.lines);
        let shared = workspace::above(project).map(|folder| join(folder, "uv.lock"));
        let shared = shared.and_then(|lock| project.files.text(&lock));
        let lock = shared.or_else(|| project.text_beside("uv.lock"));
        if let Some(range) = lock.filter(|_| is_pyproject).and_then(workspace::python) {
            let place = facts.python.take().and_then(|(_, place)| place);
            facts.python = Some((range, place));
        }
        let lock = [lock, project.text_beside("poetry.lock")];
        facts.fetches_by_git = all.any(|line| line.contains("git+"))
            || is_pyproject && project.text.contains("git = \"")
            || lock
                .iter()
                .flatten()
                .any(|text| text.contains("source = { git = ") || text.contains("type = \"git\""));
        Ok(facts)
    }

    /// Adds metadata from setup.cfg or setup.py.
    fn take(&mut self, setup: Setup) {
        self.name = setup.name;
        self.version = self.version.take().or(setup.version);
        self.description = self.description.take().or(setup.description);
        self.license = self.license.take().or(setup.license);
        let python = setup.python.map(|range| (range, None));
        self.python = self.python.take().or(python);
        self.needs
            .extend(setup.requires.iter().filter_map(|line| required(line)));
        if self.scripts.is_empty() {
            self.scripts = setup.scripts;
        }
        if self.extras.is_empty() {
            self.extras = setup.extras;
        }
    }
}

/// Reads pyproject.toml.
fn of_pyproject(project: &Project<'_>) -> Result<Facts, Stop> {
    let document = toml(project)?;
    let text = |keys: &[&str]| string(&document, keys).map(|(text, _)| text.to_owned());
    let of_poetry = |key: &'static str| text(&["tool", "poetry", key]);
    let is_so = |keys: &[&str]| item(&document, keys).and_then(Item::as_bool);
    let python = string(&document, &["project", "requires-python"])
        .or_else(|| string(&document, &["tool", "poetry", "dependencies", "python"]));
    let dependencies = strings(&document, &["project", "dependencies"]);
    let mut needs: BTreeSet<String> = dependencies
        .iter()
        .filter_map(|line| required(line))
        .collect();
    needs.extend(
        keys(&document, &["tool", "poetry", "dependencies"])
            .iter()
            .map(|name| normal(name)),
    );
    let mut scripts = keys(&document, &["project", "scripts"]);
    scripts.extend(keys(&document, &["tool", "poetry", "scripts"]));
    let mut extras = keys(&document, &["project", "optional-dependencies"]);
    extras.extend(keys(&document, &["tool", "poetry", "extras"]));
    let has_backend = item(&document, &["build-system"]).is_some();
    // pip builds projects without a backend, uv doesn't.
    let is_of_uv = project.has_beside("uv.lock") || workspace::above(project).is_some();
    let is_built = if is_of_uv {
        is_so(&["tool", "uv", "package"]).unwrap_or(has_backend)
    } else {
        has_backend || !scripts.is_empty()
    };
    let is_package = is_built && is_so(&["tool", "poetry", "package-mode"]) != Some(false);
    if !is_package {
        scripts.clear();
    }
    let urls = keys(&document, &["project", "urls"]);
    let source = urls.iter().find(|name| {
        ["source", "repository", "sources", "source code"].contains(&name.to_lowercase().as_str())
    });
    Ok(Facts {
        name: text(&["project", "name"]).or_else(|| of_poetry("name")),
        version: text(&["project", "version"]).or_else(|| of_poetry("version")),
        description: text(&["project", "description"]).or_else(|| of_poetry("description")),
        license: text(&["project", "license"]).or_else(|| of_poetry("license")),
        source: source
            .and_then(|name| text(&["project", "urls", name]))
            .or_else(|| of_poetry("repository")),
        python: python.map(|(range, place)| (range.to_owned(), place)),
        scripts,
        needs,
        dependencies,
        extras,
        is_package,
        asks_git: asks_git(&document),
        fetches_by_git: false,
    })
}

/// Returns the variable that overrides the version, if the build gets it from Git.
fn asks_git(document: &Document<&str>) -> Option<&'static str> {
    let source = string(document, &["tool", "pdm", "version", "source"]);
    let is_of_pdm = source.is_some_and(|(source, _)| source == "scm");
    let requires = strings(document, &["build-system", "requires"]);
    let mut requires = requires.iter().filter_map(|line| required(line));
    requires.find_map(|name| {
        let (_, variable) = ASKS_GIT.iter().find(|(asking, _)| *asking == name)?;
        (name != "pdm-backend" || is_of_pdm).then_some(*variable)
    })
}
