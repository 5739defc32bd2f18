//! `-f pyproject.toml` and `-f requirements.txt`.

use stagefile_tests::Project;

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

/// A project with a way of its own to be built, which needs nothing from outside.
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
