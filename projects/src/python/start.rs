//! How a Python program is started, and with which version of Python.

use super::facts::Facts;
use super::requirements::normal;
use super::{LINES, MAINS, WITHIN, workspace};
use crate::mistake::{Given, Mistake, Stop};
use crate::node::{needs_shell, with_exec};
use crate::range::includes;
use crate::{Project, join};

/// How the program is started.
pub(super) struct Start {
    pub(super) command: String,
    pub(super) why: &'static str,
    pub(super) port: Option<u16>,
    /// Whether it exists because the project is installed.
    pub(super) is_installed: bool,
}

/// A project with its metadata.
pub(super) struct Python<'a, 'p> {
    pub(super) project: &'a Project<'p>,
    pub(super) facts: Facts,
}

/// Constructors of ASGI applications.
const ASGI: [&str; 5] = [
    "FastAPI(",
    "fastapi.FastAPI(",
    "Starlette(",
    "Litestar(",
    "Quart(",
];

/// Constructors of Flask applications.
const FLASK: [&str; 2] = ["Flask(", "flask.Flask("];

impl Python<'_, '_> {
    fn needs(&self, name: &str) -> bool {
        self.facts.needs.contains(name)
    }

    /// Selects the image by the requested version.
    pub(super) fn image(&self) -> Result<(String, String), Stop> {
        // uv uses the file of a workspace for its members.
        let shared = workspace::above(self.project).map(|folder| join(folder, ".python-version"));
        let shared = shared.and_then(|path| self.project.files.text(&path));
        if let Some(written) = self.project.text_beside(".python-version").or(shared) {
            let version = written.lines().next().unwrap_or_default().trim();
            let mut numbers = version.split('.');
            if let (Some("3"), Some(Ok(minor))) =
                (numbers.next(), numbers.next().map(str::parse::<u32>))
            {
                return Ok((
                    format!("python:3.{minor}-slim-bookworm"),
                    format!(".python-version: {version}"),
                ));
            }
        }
        let Some((range, place)) = &self.facts.python else {
            return Ok((
                "python:3-slim-bookworm".to_owned(),
                "no `requires-python` or .python-version says which".to_owned(),
            ));
        };
        let mut is_known = true;
        for minor in LINES {
            match includes(range, &[3, minor]) {
                Some(true) => {
                    return Ok((
                        format!("python:3.{minor}-slim-bookworm"),
                        format!("requires-python: {range}"),
                    ));
                }
                Some(false) => {}
                None => is_known = false,
            }
        }
        if let Some(base) = self.project.arg("BASE") {
            return Ok((base.to_owned(), "as the client says".to_owned()));
        }
        let message = if is_known {
            format!("no Python that there is an image of is `{range}`")
        } else {
            format!("`{range}` is no range of versions")
        };
        let mistake = Mistake::undecided(self.project, message).at(place.clone());
        Err(mistake
            .help_giving(
                ["for example `>=3.11`; an image of your own is "],
                [Given::Arg("BASE", "IMAGE")],
            )
            .into())
    }

    /// Returns the module and the variable of an application in one of the files with default names of programs:
    /// `main:app`.
    fn application(&self, makers: &[&str]) -> Option<String> {
        let files = MAINS
            .iter()
            .filter_map(|path| Some((*path, self.project.text_beside(path)?)));
        application(files, makers)
    }

    /// Returns files in packages that may contain an application, with paths relative to where modules are searched.
    fn within(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        for pattern in WITHIN {
            let pattern = self.project.beside(pattern);
            for (path, text) in self.project.files.matching(&pattern) {
                let path = path.strip_prefix(self.project.folder()).unwrap_or(path);
                let path = path.trim_start_matches('/');
                let is_program = !["tests", "test", "docs", "examples"]
                    .iter()
                    .any(|one| path.split('/').any(|name| name == *one));
                // Modules below src are only found if they are installed.
                let module = match path.strip_prefix("src/") {
                    Some(below) if self.facts.is_package => below,
                    Some(_) => continue,
                    None => path,
                };
                if is_program {
                    found.push((module, text));
                }
            }
        }
        found
    }

    /// Starts an ASGI or Flask application with a server that the project requires.
    fn of_framework(&self, application: &str, is_flask: bool) -> Result<Start, Stop> {
        let start = |command: String, why: &'static str, port: u16| Start {
            command,
            why,
            port: Some(port),
            is_installed: false,
        };
        let factory = application.strip_suffix("()");
        if is_flask {
            if self.needs("gunicorn") {
                // A call is quoted, which needs a shell; the shell is replaced by the server.
                let command = match factory {
                    Some(_) => format!("exec gunicorn --bind 0.0.0.0:8000 '{application}'"),
                    None => format!("gunicorn --bind 0.0.0.0:8000 {application}"),
                };
                return Ok(start(command, "Flask, on gunicorn", 8000));
            }
            if self.needs("waitress") {
                let option = if factory.is_some() { "--call " } else { "" };
                let application = factory.unwrap_or(application);
                return Ok(start(
                    format!("waitress-serve --port 8000 {option}{application}"),
                    "Flask, on waitress",
                    8000,
                ));
            }
            return Ok(start(
                format!(
                    "flask --app {} run --host 0.0.0.0 --port 5000",
                    factory.unwrap_or(application)
                ),
                "Flask's own server, which is for development: gunicorn isn't required",
                5000,
            ));
        }
        let has_server = self.needs("uvicorn") || self.needs("fastapi-cli");
        if !has_server && self.needs_only("fastapi") {
            return Err(Mistake::undecided(
                self.project,
                "an application of ASGI needs a server, and none is required",
            )
            .help_giving(
                ["add uvicorn to the requirements, or say what starts the program: "],
                [Given::Arg("CMD", "'…'")],
            )
            .into());
        }
        let option = if factory.is_some() { "--factory " } else { "" };
        let application = factory.unwrap_or(application);
        Ok(start(
            format!("uvicorn --host 0.0.0.0 --port 8000 {option}{application}"),
            "an application of ASGI",
            8000,
        ))
    }

    fn is_asgi(&self) -> bool {
        ["uvicorn", "fastapi", "starlette"]
            .iter()
            .any(|name| self.needs(name))
    }
}

/// Returns the module and the variable of an application, or the function that creates it: `main:app`,
/// `main:create_app()`.
fn application<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
    makers: &[&str],
) -> Option<String> {
    files.into_iter().find_map(|(path, text)| {
        let variable = text.lines().find_map(|line| {
            let (variable, value) = line.split_once('=')?;
            let variable = variable.split(':').next()?.trim_end();
            let is_name = !variable.is_empty()
                && variable
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let value = value.trim_start();
            (is_name && makers.iter().any(|maker| value.starts_with(maker)))
                .then(|| variable.to_owned())
        });
        let makes = |name: &&&str| {
            let head = format!("def {name}(");
            let is_there = text.lines().any(|line| line.starts_with(&head));
            is_there && makers.iter().any(|maker| text.contains(maker))
        };
        let factory = || Some(format!("{}()", FACTORIES.iter().find(makes)?));
        let variable = variable.or_else(factory)?;
        let module = path
            .trim_end_matches(".py")
            .trim_end_matches("/__init__")
            .replace('/', ".");
        Some(format!("{module}:{variable}"))
    })
}

/// Conventional names of functions that create applications.
const FACTORIES: [&str; 2] = ["create_app", "make_app"];

impl Python<'_, '_> {
    /// Decides how the program is started.
    pub(super) fn start(&self) -> Result<Start, Stop> {
        let start = |command: String, why: &'static str, port: Option<u16>| {
            Ok(Start {
                command,
                why,
                port,
                is_installed: false,
            })
        };
        if let Some(command) = self.project.arg("CMD") {
            return start(command.to_owned(), "as the client says", None);
        }
        let procfile = self.project.text_beside("Procfile").unwrap_or_default();
        if let Some(command) = procfile.lines().find_map(|line| line.strip_prefix("web:")) {
            let command = command.trim();
            let command = if needs_shell(command) {
                with_exec(command)
            } else {
                command.to_owned()
            };
            return start(command, "Procfile: web", None);
        }
        if self.project.has_beside("manage.py") && self.needs("django") {
            let settings = self
                .project
                .files
                .matching(&self.project.beside("*/wsgi.py"))
                .next();
            let module = settings.and_then(|(path, _)| path.rsplit('/').nth(1));
            return match module {
                Some(module) if self.needs("gunicorn") => start(
                    format!("gunicorn --bind 0.0.0.0:8000 {module}.wsgi"),
                    "Django, on gunicorn",
                    Some(8000),
                ),
                _ => Err(Mistake::undecided(
                    self.project,
                    "Django's own server is for development, and no other is required",
                )
                .help_giving(
                    ["add gunicorn to the requirements, or say what starts the program: "],
                    [Given::Arg("CMD", "'…'")],
                )
                .into()),
            };
        }
        if self.is_asgi()
            && let Some(application) = self.application(&ASGI)
        {
            return self.of_framework(&application, false);
        }
        if let Some(application) = self.application(&FLASK) {
            return self.of_framework(&application, true);
        }
        let script = |script: &String, why: &'static str| {
            Ok(Start {
                command: script.clone(),
                why,
                port: None,
                is_installed: true,
            })
        };
        let scripts = &self.facts.scripts;
        let own = self.facts.name.as_deref().map(normal);
        if let [only] = &scripts[..] {
            return script(only, "the one of `scripts`");
        }
        if let Some(named) = scripts.iter().find(|name| Some(normal(name)) == own) {
            return script(named, "the one of `scripts` with the project's name");
        }
        let within = self.within();
        if self.is_asgi()
            && let Some(application) = application(within.iter().copied(), &ASGI)
        {
            return self.of_framework(&application, false);
        }
        if self.needs("flask")
            && let Some(application) = application(within.iter().copied(), &FLASK)
        {
            return self.of_framework(&application, true);
        }
        if !scripts.is_empty() {
            return Err(
                Mistake::undecided(self.project, "there are several programs")
                    .help_giving(
                        [
                            "name one with ".to_owned(),
                            format!(": {}", scripts.join(", ")),
                        ],
                        [Given::Arg("CMD", "NAME")],
                    )
                    .into(),
            );
        }
        for pattern in ["*/__main__.py", "src/*/__main__.py"] {
            let found: Vec<_> = self
                .project
                .files
                .matching(&self.project.beside(pattern))
                .collect();
            let module = match found[..] {
                [(path, _)] => path.rsplit('/').nth(1),
                _ => None,
            };
            // Modules below src are only found if they are installed.
            let is_found = self.facts.is_package || !pattern.starts_with("src/");
            if let Some(module) = module.filter(|module| is_found && *module != "tests") {
                return Ok(Start {
                    command: format!("python -m {module}"),
                    why: "a package with __main__.py",
                    port: None,
                    is_installed: self.facts.is_package,
                });
            }
        }
        if let Some(main) = MAINS
            .iter()
            .find(|main| self.project.has_beside(main) && !main.ends_with("__init__.py"))
        {
            return start(
                format!("python {main}"),
                "a file of this name is there",
                None,
            );
        }
        Err(Mistake::undecided(self.project, "nothing says how the program is started: there are no `scripts`, no application of a framework that is known, no main.py")
            .help_giving(["say it: "], [Given::Arg("CMD", "'python program.py'")])
            .into())
    }

    /// Reports whether a package is required without extras such as `fastapi[standard]`.
    fn needs_only(&self, name: &str) -> bool {
        let texts = [
            self.project.text,
            self.project
                .text_beside("requirements.txt")
                .unwrap_or_default(),
        ];
        let with_extras = format!("{name}[");
        self.needs(name)
            && !texts
                .iter()
                .any(|text| text.to_lowercase().contains(&with_extras))
    }

    /// Returns the command for the tests, if they need nothing that the image lacks.
    pub(super) fn test(&self) -> Option<String> {
        let patterns = ["tests/test_*.py", "test_*.py"].map(|pattern| self.project.beside(pattern));
        let tests: Vec<&str> = patterns
            .iter()
            .flat_map(|pattern| self.project.files.matching(pattern))
            .map(|(_, text)| text)
            .collect();
        if tests.is_empty() {
            return None;
        }
        if self.needs("pytest") {
            return Some("python -m pytest".to_owned());
        }
        let are_unittests = tests
            .iter()
            .all(|text| text.contains("unittest") && !text.contains("pytest"));
        let has_folder = self
            .project
            .files
            .has_directory(&self.project.beside("tests"));
        are_unittests.then(|| {
            if has_folder {
                "python -m unittest discover -s tests -t ."
            } else {
                "python -m unittest"
            }
            .to_owned()
        })
    }
}
