//! Python: pyproject.toml or requirements.txt, lock files, and how the program is started.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::data::{item, keys, string, strings, toml};
use crate::image::{Labels, port_line};
use crate::mistake::{Given, Help, Mistake, Stop};
use crate::node::{needs_shell, with_exec};
use crate::range::includes;
use crate::write::{
    Arg, Block, Document, REQUIRES_TESTS, WITHOUT_TESTS, list, scalar, stage_name, user,
};
use crate::{Generated, Project, scan};

/// Release lines of Python, the newest first.
const LINES: [u32; 7] = [13, 12, 11, 10, 9, 14, 8];

/// Files that may be the program.
const MAINS: [&str; 10] = [
    "main.py",
    "app.py",
    "server.py",
    "wsgi.py",
    "asgi.py",
    "app/main.py",
    "app/__init__.py",
    "src/main.py",
    "src/app.py",
    "application.py",
];

/// Packages that are compiled where they are installed: what that takes of Debian, and what running takes.
const COMPILED: [(&str, &[&str], &[&str]); 6] = [
    ("psycopg2", &["gcc", "libc6-dev", "libpq-dev"], &["libpq5"]),
    (
        "mysqlclient",
        &[
            "gcc",
            "libc6-dev",
            "pkg-config",
            "default-libmysqlclient-dev",
        ],
        &["libmariadb3"],
    ),
    ("uwsgi", &["gcc", "libc6-dev"], &[]),
    (
        "python-ldap",
        &["gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"],
        &["libldap-2.5-0"],
    ),
    (
        "pycairo",
        &["gcc", "libc6-dev", "pkg-config", "libcairo2-dev"],
        &["libcairo2"],
    ),
    (
        "xmlsec",
        &["gcc", "libc6-dev", "pkg-config", "libxmlsec1-dev"],
        &["libxmlsec1-openssl"],
    ),
];

/// What isn't sent where no ignore file says so.
const IGNORED: [&str; 9] = [
    ".git",
    "**/__pycache__",
    "**/.venv",
    "venv",
    "**/.env",
    ".pytest_cache",
    ".mypy_cache",
    "*.egg-info",
    "**/node_modules",
];

/// What is known of the project, whichever file says it.
#[derive(Default)]
struct Facts {
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    license: Option<String>,
    source: Option<String>,
    python: Option<(String, Option<Range<usize>>)>,
    scripts: Vec<String>,
    needs: BTreeSet<String>,
    /// What pyproject.toml requires, word for word.
    dependencies: Vec<String>,
    is_package: bool,
}

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let mut wanted = project.look_beside(&[
        "requirements.txt",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile.lock",
        "setup.py",
        ".python-version",
        "Procfile",
        "manage.py",
        "*/wsgi.py",
        "*/__main__.py",
        "src/*/__main__.py",
        "tests/test_*.py",
        "test_*.py",
        "tests",
        "constraints.txt",
    ]);
    wanted.extend(project.look_beside(&MAINS));
    wanted.push(".dockerignore".to_owned());
    project.files.need(wanted)?;

    let is_pyproject = project.path.ends_with("pyproject.toml");
    let mut facts = if is_pyproject {
        facts(project)?
    } else {
        Facts::default()
    };
    let requirements = project.text_beside("requirements.txt");
    facts.needs.extend(
        requirements
            .unwrap_or_default()
            .lines()
            .filter_map(required),
    );
    let python = Python { project, facts };
    let (image, why) = python.image()?;
    let start = python.start()?;

    let name = python.facts.name.clone().unwrap_or_else(|| {
        project
            .folder()
            .rsplit('/')
            .next()
            .filter(|name| !name.is_empty())
            .unwrap_or("app")
            .to_owned()
    });
    let mut document = Document::default();
    document
        .head
        .push(format!("A project of Python, as {} says.", project.path));
    document.args = vec![
        Arg::new("BASE", &image, "The image with Python.").because(why),
        Arg::new(
            "RUNTIME",
            &image,
            "The image that the program runs in: with the same Python.",
        ),
        Arg::new(
            "VERSION",
            python.facts.version.as_deref().unwrap_or("dev"),
            "The version on the image's label.",
        ),
        Arg::new(
            "CMD",
            &start.command,
            "The command that starts the program.",
        )
        .because(start.why),
    ];
    let test = python.test();
    if test.is_some() {
        document.args.push(Arg::test());
    }
    let labels = Labels::new(python.facts.source.clone())
        .description(python.facts.description.as_deref())
        .license(python.facts.license.as_deref());
    let port = start
        .port
        .or_else(|| scan::port(MAINS.iter().filter_map(|main| project.text_beside(main))));
    let cmd = if needs_shell(&start.command) {
        "[/bin/sh, -c, \"${{ args.CMD }}\"]"
    } else {
        "['${{ args.CMD.split(\" \") }}']"
    };
    let image = |block: Block| {
        block
            .line("image:")
            .lines(port_line(port))
            .lines(labels.lines(&name))
            .line(format!("  cmd: {cmd}"))
    };
    let compiled: Vec<_> = COMPILED
        .iter()
        .filter(|(name, _, _)| python.facts.needs.contains(*name))
        .collect();
    let build: BTreeSet<&str> = compiled
        .iter()
        .flat_map(|(_, build, _)| build.iter().copied())
        .collect();
    let packages: BTreeSet<&str> = compiled
        .iter()
        .flat_map(|(_, _, run)| run.iter().copied())
        .collect();
    let (build, packages): (Vec<_>, Vec<_>) =
        (build.into_iter().collect(), packages.into_iter().collect());
    let stage = stage_name(&name, &["test", "venv"]);
    let source = if project.folder().is_empty() {
        ".".to_owned()
    } else {
        project.folder().to_owned()
    };
    let manager = if project.has_beside("uv.lock") && is_pyproject {
        "uv"
    } else if project.has_beside("poetry.lock") && is_pyproject {
        "poetry"
    } else {
        "pip"
    };
    let mut notes = Vec::new();
    if manager == "pip" && requirements.is_none() {
        notes.push(Help::new("no lock file says which versions are installed: the newest that pyproject.toml allows; `uv lock` writes one"));
        without_lock(
            &mut document,
            &python.facts,
            &source,
            &build,
            &packages,
            test.as_deref(),
        );
        let block = Block::new(stage)
            .line("from: ${{ args.RUNTIME }}")
            .line("workdir: /app")
            .line_if(test.is_some(), REQUIRES_TESTS)
            .line("steps:")
            .line_if(
                !packages.is_empty(),
                format!(
                    "  - use: std.apt\n    with: {{ packages: {} }}",
                    list(&packages)
                ),
            )
            .line("  - copy: /\n    from: venv.venv\n    to: /venv/")
            .line(format!("  - copy: {}/", user(&source)))
            .line("    exclude: [.git, \"**/__pycache__\", .venv]");
        let block = image(block)
            .line("  user: \"65532:65532\"")
            .line("  env: { PATH: \"/venv/bin:${{ base.env.PATH }}\", PYTHONUNBUFFERED: \"1\" }");
        document.stages.push(block);
    } else {
        let mut with = vec![
            ("image", "${{ args.BASE }}".to_owned()),
            ("base", "${{ args.RUNTIME }}".to_owned()),
        ];
        if manager != "pip" {
            with.push(("manager", manager.to_owned()));
        }
        if source != "." {
            with.push(("source", user(&source)));
        }
        if project.has_beside("constraints.txt") && manager == "pip" {
            with.push(("install", "[constraints.txt]".to_owned()));
        }
        if python.facts.is_package {
            with.push(("project", "true".to_owned()));
        }
        if !build.is_empty() {
            with.push(("build", list(&build)));
        }
        if !packages.is_empty() {
            with.push(("packages", list(&packages)));
        }
        if let Some(test) = &test {
            with.push((
                "test",
                format!("'${{{{ args.TEST == \"on\" ? \"{test}\" : \"\" }}}}'"),
            ));
        }
        let mut block = Block::new(stage).comment_if(test.is_some(), WITHOUT_TESTS);
        for (name, build, _) in &compiled {
            block = block.comment(format!(
                "{name} is compiled when it is installed, with {}.",
                build.join(", ")
            ));
        }
        document.stages.push(image(
            block.line("use: std.python-image").mapping("with", &with),
        ));
    }
    Ok(Generated {
        text: document.text(project.frontend),
        ignored: IGNORED.map(str::to_owned).to_vec(),
        notes,
    })
}

/// Writes the stages that install a project of which no file says the versions.
fn without_lock(
    document: &mut Document,
    facts: &Facts,
    source: &str,
    build: &[&str],
    packages: &[&str],
    test: Option<&str>,
) {
    let install = "python -m pip --python /venv/bin/python install --no-compile --disable-pip-version-check --progress-bar=off";
    let installs = if facts.is_package {
        vec![
            "  - name: pip install the project".to_owned(),
            format!("    run: {install} ."),
            format!("    bind: {{ paths: {}/, rw: true }}", user(source)),
        ]
    } else {
        // Markers take either quote; a string in the shell's has no other meaning.
        let names = facts
            .dependencies
            .iter()
            .map(|name| name.replace('\'', "\"").replace('\n', " "));
        let names: Vec<String> = names.map(|name| format!(" '{name}'")).collect();
        let names = names.concat();
        let script = if names.is_empty() {
            "true".to_owned()
        } else {
            format!("{install}{names}")
        };
        vec![
            "  - name: pip install".to_owned(),
            format!("    run: {}", user(&script)),
        ]
    };
    document.stages.push(
        Block::new("venv")
            .comment("No lock file says which versions: the newest that the project allows.")
            .line("from: ${{ args.BASE }}")
            .line("workdir: /src")
            .line("outputs: { venv: /venv }")
            .line("steps:")
            .line_if(
                !build.is_empty(),
                format!(
                    "  - use: std.apt\n    with: {{ packages: {} }}",
                    list(build)
                ),
            )
            .line("  - run: python -m venv --without-pip /venv")
            .lines(installs)
            .line("    caches: [pip]")
            .line("  - use: std.compile-python"),
    );
    if let Some(test) = test {
        document.stages.push(
            Block::new("test")
                .comment(WITHOUT_TESTS)
                .line("from: ${{ args.BASE }}")
                .line("workdir: /app")
                .line("steps:")
                .line_if(
                    !packages.is_empty(),
                    format!(
                        "  - use: std.apt\n    with: {{ packages: {} }}",
                        list(packages)
                    ),
                )
                .line(format!("  - run: {}", scalar(test)))
                .line(format!(
                    "    bind: {{ paths: {}/, rw: true }}",
                    user(source)
                ))
                .line("    mounts: { from: venv.venv, to: /venv }")
                .line("    env: { PATH: \"/venv/bin:${{ base.env.PATH }}\" }")
                .line("    network: none"),
        );
    }
}

/// Reads pyproject.toml.
fn facts(project: &Project<'_>) -> Result<Facts, Stop> {
    let document = toml(project)?;
    let text = |keys: &[&str]| string(&document, keys).map(|(text, _)| text.to_owned());
    let poetry = ["tool", "poetry"];
    let of_poetry = |key: &'static str| text(&[poetry[0], poetry[1], key]);
    let python = string(&document, &["project", "requires-python"])
        .or_else(|| string(&document, &["tool", "poetry", "dependencies", "python"]));
    let mut needs: BTreeSet<String> = strings(&document, &["project", "dependencies"])
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
        dependencies: strings(&document, &["project", "dependencies"]),
        is_package: item(&document, &["build-system"]).is_some()
            && string(&document, &["tool", "poetry", "package-mode"]).is_none(),
    })
}

/// Returns the name of a requirement: `Flask[async]>=3 ; python_version > "3"`.
fn required(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with(['#', '-', '.', '/']) {
        return None;
    }
    let end = line
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || "._-".contains(letter)))
        .unwrap_or(line.len());
    let name = normal(&line[..end]);
    (!name.is_empty()).then_some(name)
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// How the program is started.
struct Start {
    command: String,
    why: &'static str,
    port: Option<u16>,
}

struct Python<'a, 'p> {
    project: &'a Project<'p>,
    facts: Facts,
}

impl Python<'_, '_> {
    fn needs(&self, name: &str) -> bool {
        self.facts.needs.contains(name)
    }

    /// Chooses the image, by the version that is asked for.
    fn image(&self) -> Result<(String, String), Stop> {
        if let Some(written) = self.project.text_beside(".python-version") {
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

    /// Finds the module and the variable of an application: `main:app`.
    fn application(&self, makers: &[&str]) -> Option<String> {
        MAINS.iter().find_map(|path| {
            let text = self.project.text_beside(path)?;
            let variable = text.lines().find_map(|line| {
                let (variable, value) = line.split_once('=')?;
                let variable = variable.split(':').next()?.trim_end();
                let is_name = !variable.is_empty()
                    && variable
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let value = value.trim_start();
                (is_name && makers.iter().any(|maker| value.starts_with(maker))).then_some(variable)
            })?;
            let module = path
                .trim_end_matches(".py")
                .trim_end_matches("/__init__")
                .replace('/', ".");
            Some(format!("{module}:{variable}"))
        })
    }

    /// Decides how the program is started.
    fn start(&self) -> Result<Start, Stop> {
        let start = |command: String, why: &'static str, port: Option<u16>| {
            Ok(Start { command, why, port })
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
        let asgi = self.application(&[
            "FastAPI(",
            "fastapi.FastAPI(",
            "Starlette(",
            "Litestar(",
            "Quart(",
        ]);
        if let Some(application) = asgi
            && ["uvicorn", "fastapi", "starlette"]
                .iter()
                .any(|name| self.needs(name))
        {
            if !self.needs("uvicorn")
                && !self.facts.needs.contains("fastapi-cli")
                && self.needs_only("fastapi")
            {
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
            return start(
                format!("uvicorn --host 0.0.0.0 --port 8000 {application}"),
                "an application of ASGI",
                Some(8000),
            );
        }
        if let Some(application) = self.application(&["Flask(", "flask.Flask("]) {
            if self.needs("gunicorn") {
                return start(
                    format!("gunicorn --bind 0.0.0.0:8000 {application}"),
                    "Flask, on gunicorn",
                    Some(8000),
                );
            }
            if self.needs("waitress") {
                return start(
                    format!("waitress-serve --port 8000 {application}"),
                    "Flask, on waitress",
                    Some(8000),
                );
            }
            return start(
                format!("flask --app {application} run --host 0.0.0.0 --port 5000"),
                "Flask's own server, which is for development: gunicorn isn't required",
                Some(5000),
            );
        }
        match &self.facts.scripts[..] {
            [script] => return start(script.clone(), "the one of `scripts`", None),
            [] => {}
            scripts => {
                let own = self.facts.name.as_deref().map(normal);
                if let Some(script) = scripts.iter().find(|script| Some(normal(script)) == own) {
                    return start(
                        script.clone(),
                        "the one of `scripts` that is called as the project",
                        None,
                    );
                }
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
            if let Some(module) = module.filter(|module| *module != "tests") {
                return start(
                    format!("python -m {module}"),
                    "a package with __main__.py",
                    None,
                );
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

    /// Tells whether a package is required by itself, without those that it offers besides, such as `fastapi[standard]`.
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

    /// Returns the command of the tests, if they need nothing that the image hasn't.
    fn test(&self) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_requirements() {
        for (line, expected) in [
            ("Flask[async]>=3 ; python_version > \"3\"", Some("flask")),
            ("ruamel.yaml==1", Some("ruamel-yaml")),
            ("# comment", None),
            ("-r base.txt", None),
            ("./local", None),
            ("", None),
        ] {
            assert_eq!(required(line).as_deref(), expected, "{line}");
        }
    }
}
