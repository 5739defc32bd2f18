//! Tests of `-f pyproject.toml` and `-f requirements.txt`.

use std::fs;

use stagefile_tests::{Image, Project};

const PROGRAM: &str = "def word():
    return 'hello of @TOKEN@'


def main():
    print(word())


if __name__ == '__main__':
    main()
";

const TEST: &str = "import unittest

import main


class Test(unittest.TestCase):
    def test(self):
        self.assertIn('hello', main.word())
";

#[test]
fn requirements_and_a_main_file_are_an_image() {
    let project = Project::new("x-unused: {}")
        .with_file("requirements.txt", "# none\n")
        .with_file(".python-version", "3.11\n")
        .with_file("main.py", PROGRAM)
        .with_file("tests/__init__.py", "")
        .with_file("tests/test_main.py", TEST);
    let build = || project.build().of_manifest("requirements.txt");
    let image = build().image();
    image.outcome().assert_ran("python -m unittest");
    assert_eq!(image.run(&[]), format!("hello of {}\n", project.token()));
    assert_eq!(image.config()["User"], "65532:65532");

    project.write("tests/test_main.py", &TEST.replace("'hello'", "'never'"));
    build()
        .fail()
        .assert_shows("without them: --build-arg TEST=off");
}

/// A project with its own build backend, which needs nothing from outside.
#[test]
fn a_package_is_installed_and_its_script_started() {
    let backend = "import zipfile


def build_wheel(directory, settings=None, metadata=None):
    name = 'page-1.2-py3-none-any.whl'
    with zipfile.ZipFile(f'{directory}/{name}', 'w') as wheel:
        info = 'page-1.2.dist-info'
        wheel.write('main.py')
        wheel.writestr(f'{info}/METADATA', 'Metadata-Version: 2.1\\nName: page\\nVersion: 1.2\\n')
        wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{info}/entry_points.txt', '[console_scripts]\\npage = main:main\\n')
        wheel.writestr(f'{info}/RECORD', '')
    return name
";
    let manifest = "[project]
name = \"page\"
version = \"1.2\"
requires-python = \">=3.9,<3.12\"
scripts = { page = \"main:main\" }

[build-system]
requires = []
build-backend = \"backend\"
backend-path = [\".\"]
";
    let project = Project::new("x-unused: {}")
        .with_file("pyproject.toml", manifest)
        .with_file("backend.py", backend)
        .with_file("main.py", PROGRAM);
    let image = project.build().of_manifest("pyproject.toml").image();
    image
        .outcome()
        .assert_shows("no lock file says which versions are installed");
    assert_eq!(image.run(&[]), format!("hello of {}\n", project.token()));
    assert_eq!(image.config()["Entrypoint"][0], "page");
    assert!(image.config()["Cmd"].is_null());

    project.write("pyproject.toml", &manifest.replace("<3.12", "<3.9"));
    let outcome = project.build().of_manifest("pyproject.toml").fail();
    outcome.assert_shows("no Python that there is an image of is `>=3.9,<3.9`");
    outcome.assert_shows(" --> pyproject.toml:4:19");
}

/// What `uv lock` writes for the workspace below.
const LOCK: &str = r#"version = 1
revision = 5
requires-python = "==3.11.*"

[manifest]
members = [
    "api",
    "core",
]

[[package]]
name = "api"
version = "1.2"
source = { editable = "apps/api" }
dependencies = [
    { name = "core" },
]

[package.metadata]
requires-dist = [{ name = "core", editable = "libs/core" }]

[[package]]
name = "core"
version = "0.1.0"
source = { editable = "libs/core" }
dependencies = [
    { name = "six" },
]

[package.metadata]
requires-dist = [{ name = "six", specifier = "==1.16.0" }]

[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/packages/71/39/171f1c67cd00715f190ba0b100d606d440a28c93c7714febeca8b79af85e/six-1.16.0.tar.gz", hash = "sha256:1e61c37477a1626458e36f7b1d82aa5c9b094fa4802892072e49de9c60c4c926", size = 34041, upload-time = "2021-05-05T14:18:18.379Z" }
wheels = [
    { url = "https://files.pythonhosted.org/packages/d9/5a/e7c31adbe875f2abbb91bd84cf2dc52d792b5a01506781dbcf25c91daf11/six-1.16.0-py2.py3-none-any.whl", hash = "sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254", size = 11053, upload-time = "2021-05-05T14:18:17.237Z" },
]
"#;

/// Makes an image with Python for a machine behind its own proxy.
fn with_certificates() -> Image {
    let certificates = fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    Project::new(
        "
stages:
  app:
    from: python:3.11-slim-bookworm
    steps:
      - copy: certificates.crt
        to: /
    image: { env: { PIP_CERT: /certificates.crt, SSL_CERT_FILE: /certificates.crt } }
",
    )
    .with_file("certificates.crt", &certificates)
    .build()
    .image()
}

/// The only program of a workspace is built, with the packages of other members that it needs, whichever manifest is
/// named.
#[test]
fn a_member_of_a_workspace_is_built_by_the_lock_file_of_all() {
    let build = "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let project = Project::new("x-unused: {}")
        .with_file("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"apps/*\", \"libs/*\"]\n")
        .with_file("uv.lock", LOCK)
        .with_file(
            "apps/api/pyproject.toml",
            &format!(
                "[project]\nname = \"api\"\nversion = \"1.2\"\nrequires-python = \">=3.9\"\ndependencies = [\"core\"]\n\
                 scripts = {{ api = \"api:main\" }}\n\n[tool.uv.sources]\ncore = {{ workspace = true }}\n\n{build}"
            ),
        )
        .with_file(
            "apps/api/src/api/__init__.py",
            "import core\n\n\ndef main():\n    print(core.WORD)\n",
        )
        .with_file(
            "libs/core/pyproject.toml",
            &format!(
                "[project]\nname = \"core\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11,<3.12\"\n\
                 dependencies = [\"six==1.16.0\"]\n\n{build}"
            ),
        )
        .with_file(
            "libs/core/src/core/__init__.py",
            "import six\n\nWORD = f'@TOKEN@ with {six.__version__}'\n",
        );
    let base = with_certificates();
    let build = |manifest| {
        project
            .build()
            .of_manifest(manifest)
            .build_arg("BASE", base.name())
    };
    let said = format!("{} with 1.16.0\n", project.token());
    for manifest in ["pyproject.toml", "apps/api/pyproject.toml"] {
        let image = build(manifest).image();
        assert_eq!(image.run(&[]), said);
        assert_eq!(image.config()["Entrypoint"][0], "api");
        image.outcome().assert_hides("no lock file");
    }

    project.write(
        "apps/worker/pyproject.toml",
        "[project]\nname = \"worker\"\nversion = \"1\"\n",
    );
    project.write("apps/worker/main.py", "print()\n");
    let outcome = build("pyproject.toml").fail();
    outcome.assert_shows("several members of the workspace are programs");
    outcome.assert_shows("-f MODULE/pyproject.toml`: apps/api, apps/worker");
}
