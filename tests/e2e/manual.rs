//! Tests that the first files of the manual build as printed.

use std::fs;

use stagefile_tests::{Build, Image, Project, repository};

/// The machine's certificates, where Debian and Ubuntu keep them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

const PACKAGE: &str = r#"{
  "name": "app",
  "version": "1.0.0",
  "private": true,
  "description": "@TOKEN@",
  "scripts": { "test": "node test.js" },
  "dependencies": { "is-number": "7.0.0" }
}
"#;

const LOCK: &str = r#"{
  "name": "app",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": { "name": "app", "version": "1.0.0", "dependencies": { "is-number": "7.0.0" } },
    "node_modules/is-number": {
      "version": "7.0.0",
      "integrity": "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng=="
    }
  }
}
"#;

/// Lists the files of the manual's first page, without their `# syntax=` lines.
fn first_files() -> Vec<String> {
    let page = fs::read_to_string(repository().join("docs/language/first-file.md"));
    let page = page.expect("the manual has a first file");
    page.split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .filter_map(|(file, _)| file.split_once('\n'))
        .map(|(_, file)| file.to_owned())
        .collect()
}

/// Makes an image that replaces the one that the files name, for a machine behind its own proxy.
fn base() -> Image {
    let certificates = fs::read_to_string(CERTIFICATES).unwrap_or_default();
    Project::new(
        "
stages:
  base:
    from: node:18-bookworm-slim
    steps:
      - copy: certificates.crt
        to: /
    image: { env: { NODE_EXTRA_CA_CERTS: /certificates.crt } }
",
    )
    .with_file("certificates.crt", &certificates)
    .build()
    .image()
}

#[test]
fn the_first_files_build_as_they_are_printed() {
    let files = first_files();
    let [simple, tested] = files.as_slice() else {
        panic!("the manual begins with two files: {files:?}");
    };
    let base = base();
    let project = Project::new(simple)
        .with_file("package.json", PACKAGE)
        .with_file("package-lock.json", LOCK)
        .with_file(
            "src/server.js",
            "console.log('serving', require('is-number')(3));\n",
        )
        .with_file("test.js", "require('is-number');\n");
    let build = || -> Build {
        let context = format!("node:22-slim=docker-image://{}", base.name());
        project.build().option(format!("--build-context={context}"))
    };
    assert_eq!(build().image().run(&[]), "serving true\n");

    project.write_stagefile(tested);
    assert_eq!(build().image().run(&[]), "serving true\n");
    let files = build().files();
    assert!(!files.contains("app/test.js"), "tests are in the image");

    project.write("test.js", "process.exit(3);\n");
    build().fail().assert_shows("npm test");
}
