//! Tests of `std.npm`, `std.pnpm` and `std.yarn`, in one folder of a repository: a workspace of two packages.

use stagefile_tests::Project;

/// The common stages of the three: one that builds and tests, and one for production.
const STAGES: &str = "
  build:
    use: std.TOOL
    from: base
    with: { source: web, run: [build, test], dist: public }
  production:
    use: std.TOOL
    from: base
    with: { source: web, dev: false, hooks: false }
  app:
    steps:
      - copy: /
        from: build.dist
        to: /public/
      - copy: /
        from: production.modules
        to: /node_modules/
";

/// Each lock file names `is-number` for the program and `is-odd` for its development.
fn project(tool: &str, package_manager: &str, layout: &str) -> Project {
    super::project("node:18-bookworm-slim", &STAGES.replace("TOOL", tool))
        .with_file(
            "web/package.json",
            &format!(
                r#"{{
  "name": "app",
  "version": "1.0.0",
  "private": true,
  "description": "@TOKEN@",
  "workspaces": ["packages/*"],
  "packageManager": "{package_manager}",
  "scripts": {{ "prepare": "husky", "prepublish": "husky", "build": "mkdir -p public && node src/build.js > public/page.txt", "test": "node test.js" }},
  "dependencies": {{ "is-number": "7.0.0", "layout": "{layout}" }},
  "devDependencies": {{ "is-odd": "3.0.1" }}
}}
"#
            ),
        )
        .with_file(
            "web/packages/layout/package.json",
            r#"{ "name": "layout", "version": "1.0.0", "main": "index.js", "scripts": { "prepare": "husky" } }"#,
        )
        .with_file("web/packages/layout/index.js", "module.exports = 'layout';\n")
        .with_file(
            "web/src/build.js",
            "console.log(require('layout'), require('is-number')(3), require('is-odd')(4));\n",
        )
        .with_file("web/test.js", "require('is-odd');\n")
        // From another machine: neither is visible to the build.
        .with_file("web/node_modules/is-number/index.js", "throw 'foreign';\n")
        .with_file("other/package.json", "{}")
}

/// Builds; changes a source file, which installs nothing; and changes the manifest, which then doesn't match the lock
/// file.
fn check(project: &Project, install: &str, complaint: &str) {
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.text("public/page.txt"), "layout true false\n");
    assert!(
        files.contains("node_modules/is-number"),
        "{:?}",
        files.below("node_modules")
    );
    assert!(
        !files.contains("node_modules/is-odd"),
        "{:?}",
        files.below("node_modules")
    );
    outcome.assert_ran(&format!("[build {install}"));

    project.write("web/src/build.js", "console.log('changed');\n");
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.text("public/page.txt"), "changed\n");
    outcome.assert_cached(&format!("[build {install}"));

    let manifest = project.path().join("web/package.json");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest can be read");
    project.write("web/package.json", &manifest.replace("7.0.0", "6.0.0"));
    project.build().fail().assert_shows(complaint);
}

#[test]
fn npm() {
    let project = project("npm", "npm@9.2.0", "1.0.0").with_file(
        "web/package-lock.json",
        r#"{
  "name": "app",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "app",
      "version": "1.0.0",
      "workspaces": ["packages/*"],
      "dependencies": { "is-number": "7.0.0", "layout": "1.0.0" },
      "devDependencies": { "is-odd": "3.0.1" }
    },
    "node_modules/is-number": {
      "version": "7.0.0",
      "integrity": "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng=="
    },
    "node_modules/is-odd": {
      "version": "3.0.1",
      "integrity": "sha512-CQpnWPrDwmP1+SMHXZhtLtJv90yiyVfluGsX5iNCVkrhQtU3TQHsUWPG9wkdk9Lgd5yNpAg9jQEo90CBaXgWMA==",
      "dev": true,
      "dependencies": { "is-number": "^6.0.0" }
    },
    "node_modules/is-odd/node_modules/is-number": {
      "version": "6.0.0",
      "integrity": "sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5mUT73vLGrHQjKw3KMPwfDzg==",
      "dev": true
    },
    "node_modules/layout": { "resolved": "packages/layout", "link": true },
    "packages/layout": { "version": "1.0.0" }
  }
}
"#,
    );
    check(&project, "4/6] npm ci", "are in sync");
}

#[test]
fn pnpm() {
    let project = project("pnpm", "pnpm@9.15.0", "workspace:*")
        .with_file("web/pnpm-workspace.yaml", "packages:\n  - packages/*\n")
        .with_file(
            "web/pnpm-lock.yaml",
            "lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      is-number:
        specifier: 7.0.0
        version: 7.0.0
      layout:
        specifier: workspace:*
        version: link:packages/layout
    devDependencies:
      is-odd:
        specifier: 3.0.1
        version: 3.0.1

  packages/layout: {}

packages:

  is-number@6.0.0:
    resolution: {integrity: sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5mUT73vLGrHQjKw3KMPwfDzg==}
    engines: {node: '>=0.10.0'}

  is-number@7.0.0:
    resolution: {integrity: sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==}
    engines: {node: '>=0.12.0'}

  is-odd@3.0.1:
    resolution: {integrity: sha512-CQpnWPrDwmP1+SMHXZhtLtJv90yiyVfluGsX5iNCVkrhQtU3TQHsUWPG9wkdk9Lgd5yNpAg9jQEo90CBaXgWMA==}
    engines: {node: '>=4'}

snapshots:

  is-number@6.0.0: {}

  is-number@7.0.0: {}

  is-odd@3.0.1:
    dependencies:
      is-number: 6.0.0
",
        );
    check(&project, "5/7] pnpm install", "ERR_PNPM_OUTDATED_LOCKFILE");
}

#[test]
fn yarn() {
    let project = project("yarn", "yarn@4.5.3", "1.0.0")
        .with_file("web/.yarnrc.yml", "nodeLinker: node-modules\n")
        .with_file(
            "web/yarn.lock",
            r#"# This file is generated by running "yarn install" inside your project.
# Manual changes might be lost - proceed with caution!

__metadata:
  version: 8
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    is-number: "npm:7.0.0"
    is-odd: "npm:3.0.1"
    layout: "npm:1.0.0"
  languageName: unknown
  linkType: soft

"is-number@npm:7.0.0":
  version: 7.0.0
  resolution: "is-number@npm:7.0.0"
  checksum: 10c0/b4686d0d3053146095ccd45346461bc8e53b80aeb7671cc52a4de02dbbf7dc0d1d2a986e2fe4ae206984b4d34ef37e8b795ebc4f4295c978373e6575e295d811
  languageName: node
  linkType: hard

"is-number@npm:^6.0.0":
  version: 6.0.0
  resolution: "is-number@npm:6.0.0"
  checksum: 10c0/5da4c68401529675c575878d2760d66f18eaef4b014858577f6003daf66488d7fe4eae684b1e8574e3fa1bb447c6c6c56b8491d2b4b3239da2d32e5f6f218008
  languageName: node
  linkType: hard

"is-odd@npm:3.0.1":
  version: 3.0.1
  resolution: "is-odd@npm:3.0.1"
  dependencies:
    is-number: "npm:^6.0.0"
  checksum: 10c0/89ee2e353c5a3f3bd400c79db1c307a5b3506198ee8169d521e533a9b1d8a08fc95f21a919c084e98845b4286d7ffe309778da03744dfe66c3c1763ab1a030c6
  languageName: node
  linkType: hard

"layout@npm:1.0.0, layout@workspace:packages/layout":
  version: 0.0.0-use.local
  resolution: "layout@workspace:packages/layout"
  languageName: unknown
  linkType: soft
"#,
        );
    check(&project, "5/7] yarn install", "YN0028");
}
