//! Python: pyproject.toml, setup.cfg, setup.py or requirements.txt, lock files, and how the program is started.

mod facts;
mod requirements;
mod setup;
mod start;
mod unlocked;
mod workspace;

use std::collections::BTreeSet;

use crate::data::toml;
use crate::image::{Labels, port_line};
use crate::mistake::{Given, Mistake, Stop};
use crate::node::needs_shell;
use crate::write::{
    Arg, Block, Document, REQUIRES_TESTS, WITHOUT_TESTS, list, stage_name, user, user_list,
};
use crate::{Generated, Project, join, scan};

use facts::Facts;
use requirements::Requirements;
use start::Python;
use unlocked::Installing;

/// Release lines of Python, the newest first.
const LINES: [u32; 7] = [13, 12, 11, 10, 9, 14, 8];

/// Default paths of the program.
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

/// Packages that are compiled when they are installed, with the Debian packages needed for compiling and at run
/// time.
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

/// Files that aren't transferred if there is no ignore file.
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

/// Files in packages that may contain an application.
const WITHIN: [&str; 10] = [
    "*/__init__.py",
    "*/app.py",
    "*/main.py",
    "*/asgi.py",
    "*/wsgi.py",
    "src/*/__init__.py",
    "src/*/app.py",
    "src/*/main.py",
    "src/*/asgi.py",
    "src/*/wsgi.py",
];

/// Files and directories next to a package that its program may read at run time.
const DATA: [&str; 10] = [
    "alembic.ini",
    "alembic",
    "migrations",
    "config",
    "static",
    "templates",
    "assets",
    "public",
    "locale",
    "locales",
];

pub(crate) fn generate(project: &Project<'_>) -> Result<Generated, Stop> {
    let mut wanted = project.look_beside(&[
        "requirements.txt",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile.lock",
        "pylock.toml",
        "setup.py",
        "setup.cfg",
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
    wanted.extend(project.look_beside(&WITHIN));
    wanted.extend(project.look_beside(&DATA));
    for folder in project.above() {
        let shared = ["uv.lock", "pyproject.toml", ".python-version"];
        wanted.extend(shared.map(|file| join(folder, file)));
    }
    wanted.push(".dockerignore".to_owned());
    project.files.need(wanted)?;
    match of_member(project)? {
        Some(generated) => Ok(generated),
        None => of_project(project),
    }
}

/// Generates the Stagefile of a workspace member, if the root isn't a program and a single member is.
fn of_member(project: &Project<'_>) -> Result<Option<Generated>, Stop> {
    if !project.path.ends_with("pyproject.toml") || !project.has_beside("uv.lock") {
        return Ok(None);
    }
    let members = workspace::members(project.text);
    project
        .files
        .need(members.places(project, "pyproject.toml"))?;
    let members = members.find(project, "pyproject.toml");
    if members.is_empty() {
        return Ok(None);
    }
    let own = if workspace::is_project(&toml(project)?) {
        match of_project(project) {
            Ok(generated) => return Ok(Some(generated)),
            Err(Stop::Look(patterns)) => return Err(Stop::Look(patterns)),
            Err(Stop::Mistake(mistake)) => mistake,
        }
    } else {
        let message = "the root of the workspace is no project, and no member of it is a program";
        Box::new(Mistake::undecided(project, message))
    };
    let mut programs = Vec::new();
    let mut wanted = Vec::new();
    for (path, text) in members {
        let member = Project {
            path,
            text,
            ..*project
        };
        match generate(&member) {
            Ok(generated) => programs.push((member.folder(), generated)),
            Err(Stop::Look(patterns)) => wanted.extend(patterns),
            Err(Stop::Mistake(_)) => {}
        }
    }
    if !wanted.is_empty() {
        return Err(Stop::Look(wanted));
    }
    if programs.len() > 1 {
        let names: Vec<&str> = programs.iter().map(|(folder, _)| *folder).collect();
        let message = "several members of the workspace are programs";
        return Err(Mistake::undecided(project, message)
            .help_giving(
                ["name one as ".to_owned(), format!(": {}", names.join(", "))],
                [Given::Module("pyproject.toml".to_owned())],
            )
            .into());
    }
    match programs.pop() {
        Some((_, generated)) => Ok(Some(generated)),
        None => Err(Stop::Mistake(own)),
    }
}

fn of_project(project: &Project<'_>) -> Result<Generated, Stop> {
    let is_pyproject = project.path.ends_with("pyproject.toml");
    let workspace = workspace::above(project);
    let is_requirements = project.path.ends_with("requirements.txt");
    let requirements = Requirements::read(project)?;
    let itself = requirements.as_ref().and_then(|all| all.itself.clone());
    if let Some(place) = itself.clone().filter(|_| is_requirements) {
        let message = "requirements.txt installs the project itself";
        return Err(Mistake::undecided(project, message)
            .at(Some(place))
            .help("leave the line out, or build with `-f pyproject.toml` or `-f setup.py`, which installs the project")
            .into());
    }
    let facts = Facts::read(
        project,
        requirements.as_ref().unwrap_or(&Requirements::default()),
    )?;
    // Requirements that install the project itself don't pin versions.
    let requirements = requirements.filter(|_| itself.is_none());
    let mut python = Python { project, facts };
    let (image, why) = python.image()?;
    let start = python.start()?;
    // With requirements.txt, the program only exists if the project is installed.
    python.facts.is_package |= start.is_installed;
    let facts = &python.facts;

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
            facts
                .version
                .as_deref()
                .unwrap_or(if facts.asks_git.is_some() {
                    "0.0.0"
                } else {
                    "dev"
                }),
            if facts.asks_git.is_some() {
                "The version of the package, which git would say, and on the image's label."
            } else {
                "The version on the image's label."
            },
        ),
        Arg::new(
            "CMD",
            &start.command,
            "The command that starts the program.",
        )
        .because(start.why),
    ];
    if let Some(variable) = facts.asks_git {
        document.defaults = Some(format!(
            "{{ env: {{ {variable}: \"${{{{ args.VERSION }}}}\" }} }}"
        ));
    }
    let manager = if is_pyproject && project.has_beside("uv.lock") || workspace.is_some() {
        "uv"
    } else if is_pyproject && project.has_beside("poetry.lock") {
        "poetry"
    } else {
        "pip"
    };
    // With requirements.txt, the project is installed without extras.
    let takes_extras = !facts.extras.is_empty()
        && (manager != "pip" || facts.is_package && requirements.is_none());
    if takes_extras {
        let of = format!(
            "Which of {} are installed: names, with commas between them.",
            facts.extras.join(", ")
        );
        document.args.push(Arg::new("EXTRAS", "", of));
    }
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
        "cmd: [/bin/sh, -c, \"${{ args.CMD }}\"]"
    } else if start.is_installed {
        // A separate program, which takes arguments.
        "entrypoint: ['${{ args.CMD.split(\" \") }}']"
    } else {
        "cmd: ['${{ args.CMD.split(\" \") }}']"
    };
    let base = image.clone();
    let image = |block: Block| {
        block
            .line("image:")
            .lines(port_line(port))
            .lines(labels.lines(&name))
            .line(format!("  {cmd}"))
    };
    let compiled: Vec<_> = COMPILED
        .iter()
        .filter(|(name, _, _)| python.facts.needs.contains(*name))
        .collect();
    let git: &[&str] = if facts.fetches_by_git {
        &["ca-certificates", "git"]
    } else {
        &[]
    };
    let build: BTreeSet<&str> = compiled
        .iter()
        .flat_map(|(_, build, _)| build.iter().copied())
        .chain(git.iter().copied())
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
    let data: Vec<String> = DATA
        .iter()
        .filter(|path| project.has_beside(path))
        .map(|path| {
            let is_folder = project.files.has_directory(&project.beside(path));
            if is_folder {
                format!("{path}/**")
            } else {
                (*path).to_owned()
            }
        })
        .collect();
    let mut notes = Vec::new();
    if manager == "pip" && requirements.is_none() {
        let with_compiler = base.replace("-slim", "");
        notes.push(unlocked::note(project));
        let installing = Installing {
            source: &source,
            build: &build,
            packages: &packages,
            test: test.as_deref(),
            takes_extras,
            with_compiler: &with_compiler,
        };
        unlocked::stages(&mut document, facts, &installing);
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
            .lines(unlocked::sources(start.is_installed, &data, &source));
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
        let mut install = requirements.map(|all| all.files).unwrap_or_default();
        if project.has_beside("constraints.txt")
            && !install.iter().any(|file| file == "constraints.txt")
        {
            install.push("constraints.txt".to_owned());
        }
        if !install.is_empty() && manager == "pip" {
            with.push(("install", user_list(&install)));
        }
        // In a workspace, required members are installed with the project.
        let has_members = workspace.is_some() || project.text.contains("workspace = true");
        if facts.is_package || manager == "uv" && has_members {
            with.push(("project", "true".to_owned()));
        }
        if let Some(folder) = workspace {
            let folder = if folder.is_empty() { "." } else { folder };
            with.push(("workspace", user(folder)));
            with.push(("member", user(&name)));
        }
        if takes_extras {
            let (options, extra) = match manager {
                "uv" => ("\"--no-dev\"", "--extra"),
                _ => ("\"--only\", \"main\"", "--extras"),
            };
            with.push(("options", format!("'${{{{ [{options}] + (args.EXTRAS == \"\" ? [] : args.EXTRAS.split(\",\").map(e, \"{extra}=\" + e)) }}}}'")));
        }
        if start.is_installed {
            with.push(("files", user_list(&data)));
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
        let mut block = Block::new(stage)
            .comment_if(start.is_installed, INSTALLED)
            .comment_if(test.is_some(), WITHOUT_TESTS);
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

/// The text about an image without sources.
const INSTALLED: &str =
    "The program is installed in /venv, so that of the sources only data is in the image: `files`.";
