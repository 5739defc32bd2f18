//! Projects without locked versions: pip installs the newest allowed versions, in a separate stage.

use super::facts::Facts;
use crate::Project;
use crate::mistake::Help;
use crate::write::{Block, Document, WITHOUT_TESTS, list, scalar, user, user_list};

/// Lock files that aren't supported, with the command that converts each to a supported one.
const UNREAD_LOCKS: [(&str, &str); 3] = [
    ("pdm.lock", "pdm export --prod --output requirements.txt"),
    ("Pipfile.lock", "pipenv requirements > requirements.txt"),
    ("pylock.toml", "uv lock"),
];

/// Returns a note on which versions are installed, and how to lock them.
pub(super) fn note(project: &Project<'_>) -> Help {
    let manifest = project.path.rsplit('/').next().unwrap_or(project.path);
    let newest = format!("the newest that {manifest} allows");
    let unread = UNREAD_LOCKS
        .iter()
        .find(|(lock, _)| project.has_beside(lock));
    Help::new(match unread {
        Some((lock, command)) => format!(
            "{lock} isn't read: installed is {newest}; `{command}` makes of it what is read"
        ),
        None if project.path.ends_with("pyproject.toml") => format!(
            "no lock file says which versions are installed: {newest}; `uv lock` writes one"
        ),
        None => format!("no lock file says which versions are installed: {newest}"),
    })
}

/// How a project is installed.
pub(super) struct Installing<'a> {
    pub(super) source: &'a str,
    /// Debian packages for installing.
    pub(super) build: &'a [&'a str],
    /// Debian packages for running.
    pub(super) packages: &'a [&'a str],
    pub(super) test: Option<&'a str>,
    pub(super) takes_extras: bool,
    /// An image with a compiler.
    pub(super) with_compiler: &'a str,
}

/// Writes the stages that install a project without locked versions.
pub(super) fn stages(document: &mut Document, facts: &Facts, installing: &Installing<'_>) {
    let Installing {
        source,
        build,
        packages,
        test,
        takes_extras,
        with_compiler,
    } = *installing;
    let install = "python -m pip --python /venv/bin/python install --no-compile --disable-pip-version-check --progress-bar=off";
    let installs = if facts.is_package {
        vec![
            "  - name: pip install the project".to_owned(),
            format!(
                "    # What has to be compiled takes an image with a compiler: --build-arg BASE={with_compiler}"
            ),
            if takes_extras {
                let project =
                    "${{ sh(args.EXTRAS == \"\" ? \".\" : \".[\" + args.EXTRAS + \"]\") }}";
                format!("    run: |\n      {install} {project}")
            } else {
                format!("    run: {install} .")
            },
            format!("    bind: {{ paths: {}/, rw: true }}", user(source)),
        ]
    } else {
        // Markers accept either quote; a shell string gives it no other meaning.
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

/// Writes the step that copies sources into the image, if there are any.
pub(super) fn sources(is_installed: bool, data: &[String], source: &str) -> Vec<String> {
    let copy = format!("  - copy: {}/", user(source));
    if !is_installed {
        let exclude = "    exclude: [.git, \"**/__pycache__\", .venv]";
        return vec![copy, exclude.to_owned()];
    }
    let comment =
        "  # The program is installed in /venv: of the sources only data is in the image.";
    let include = format!("    include: {}", user_list(data));
    let lines = [comment.to_owned(), copy, include];
    lines
        .into_iter()
        .take(if data.is_empty() { 0 } else { 3 })
        .collect()
}
