//! Tests of `std.pip`, `std.uv`, `std.poetry` and `std.compile-python`.

use stagefile_tests::{Files, Project};

use super::RECORDING;

const IMAGE: &str = "python:3.11-slim-bookworm";

/// The folder of an environment's packages.
const PACKAGES: &str = "venv/lib/python3.11/site-packages";

/// A project and a package beside it, both in its lock file.
fn with_sources(project: Project) -> Project {
    let build = "\n[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    project
        .with_file(
            "service/pyproject.toml",
            &format!(
                "[project]\nname = \"report\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = [\"greeting\"]\n\n\
                 [project.scripts]\nreport = \"report:main\"\n\n\
                 [tool.uv.sources]\ngreeting = {{ path = \"greeting\" }}\n{build}"
            ),
        )
        .with_file(
            "service/src/report/__init__.py",
            "import greeting\n\n\ndef main():\n    print(greeting.WORD)\n",
        )
        .with_file(
            "service/greeting/pyproject.toml",
            &format!("[project]\nname = \"greeting\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\n{build}"),
        )
        .with_file("service/greeting/src/greeting/__init__.py", "WORD = 'hello of @TOKEN@'\n")
}

/// Asserts that a compiled file is valid whatever the time of its source is (PEP 552): its flags say that it has an
/// unchecked hash.
#[track_caller]
fn assert_unchecked(files: &Files, path: &str) {
    let compiled = &files.entry(&format!("{PACKAGES}/{path}")).content;
    assert_eq!(compiled[4..8], [1, 0, 0, 0], "{path}");
}

/// Requirements with hashes, in files that include one another, and the project itself.
#[test]
fn pip_checks_hashes_and_installs_the_project() {
    let project = super::project(
        IMAGE,
        "
  packages:
    use: std.pip
    from: base
    with:
      source: service
      requirements: requirements/production.txt
      files: requirements/base.txt
      project: true
  app:
    from: python:3.11-slim-bookworm
    steps:
      - copy: /
        from: packages.venv
        to: /venv/
      # A source that changed isn't read again.
      - run: |
          echo 'broken(' > /venv/lib/python3.11/site-packages/six.py
          /venv/bin/report > /said
",
    )
    .with_file("service/requirements/production.txt", "-r base.txt\n")
    .with_file(
        "service/requirements/base.txt",
        "six==1.16.0 --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254\n",
    )
    .with_file(
        "service/pyproject.toml",
        "[project]\nname = \"report\"\nversion = \"0.1.0\"\ndependencies = [\"six\"]\n\n\
         [project.scripts]\nreport = \"report:main\"\n\n\
         [build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n",
    )
    .with_file(
        "service/src/report/__init__.py",
        "import six\n\n\ndef main():\n    print('@TOKEN@', six.__version__)\n",
    );
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.text("said"), format!("{} 1.16.0\n", project.token()));
    assert_unchecked(&files, "__pycache__/six.cpython-311.pyc");
    outcome.assert_ran("pip install the project");
    outcome.assert_hides("[notice]");

    // Changing a source file installs no packages.
    project.write(
        "service/src/report/__init__.py",
        "def main():\n    print('changed')\n",
    );
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.text("said"), "changed\n");
    outcome.assert_cached("pip install requirements/production.txt");

    project.write(
        "service/requirements/base.txt",
        &format!("six==1.16.0 --hash=sha256:{}\n", "0".repeat(64)),
    );
    let outcome = project.build().fail();
    outcome.assert_shows("DO NOT MATCH THE HASHES");
}

#[test]
fn uv_installs_what_its_lock_file_says() {
    let project = with_sources(super::project(
        IMAGE,
        "
  packages:
    use: std.uv
    from: base
    with: { source: service, uv: '>=0.5' }
  app:
    from: python:3.11-slim-bookworm
    steps:
      - copy: /
        from: packages.venv
        to: /venv/
      - run: /venv/bin/report > /said
",
    ))
    // The image decides which Python is used.
    .with_file("service/.python-version", "3.11.0\n")
    .with_file(
        "service/uv.lock",
        "version = 1\nrequires-python = \">=3.11\"\n\n\
         [[package]]\nname = \"greeting\"\nversion = \"0.1.0\"\nsource = { directory = \"greeting\" }\n\n\
         [[package]]\nname = \"report\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\n\
         dependencies = [\n    { name = \"greeting\" },\n]\n\n\
         [package.metadata]\nrequires-dist = [{ name = \"greeting\", directory = \"greeting\" }]\n",
    );
    let files = project.build().files();
    assert_eq!(
        files.text("said"),
        format!("hello of {}\n", project.token())
    );
    assert_unchecked(&files, "greeting/__pycache__/__init__.cpython-311.pyc");
    assert!(!files.contains("src"), "sources are in the image");

    let manifest = std::fs::read_to_string(project.path().join("service/pyproject.toml"))
        .expect("the manifest can be read");
    project.write(
        "service/pyproject.toml",
        &manifest.replace("[\"greeting\"]", "[\"greeting\", \"six\"]"),
    );
    project.build().fail().assert_shows("uv.lock");
}

/// Installing Poetry takes minutes, so a program with that name records how it is called. `pip` really installs the
/// project.
#[test]
fn poetry_is_called_for_the_environment_that_is_copied() {
    let project = super::project(
        IMAGE,
        &r#"
  poetry:
    from: base
    steps:
      - write: /usr/local/bin/poetry
        mode: 0755
        content: |
          #!/bin/sh
          RECORD
          ls >> /calls
          echo "$VIRTUAL_ENV" >> /calls
          grep -q ' /var/cache/poetry ' /proc/mounts && echo cached >> /calls
  packages:
    use: std.poetry
    from: poetry
    with: { source: service, options: [--only, main, --extras, "a b"] }
  app:
    from: packages
    steps:
      - run: /venv/bin/python -c 'import report; print(report.__file__)' > /said
"#
        .replace("RECORD", &RECORDING.lines().skip(1).collect::<Vec<_>>().join("\n          ")),
    )
    .with_file("service/poetry.lock", "")
    .with_file(
        "service/pyproject.toml",
        "[project]\nname = \"report\"\nversion = \"0.1.0\"\n\n\
         [build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n",
    )
    .with_file("service/src/report/__init__.py", "TOKEN = '@TOKEN@'\n");
    let files = project.build().files();
    assert_eq!(
        files.text("calls"),
        "poetry in /src as 0\n  <install>\n  <--no-root>\n  <--only>\n  <main>\n  <--extras>\n  <a b>\n\
         poetry.lock\npyproject.toml\n/venv\ncached\n"
    );
    assert_eq!(
        files.text("said"),
        format!("/{PACKAGES}/report/__init__.py\n")
    );
    assert_unchecked(&files, "report/__pycache__/__init__.cpython-311.pyc");
}
