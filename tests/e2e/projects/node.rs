//! Tests of `-f package.json`.

use stagefile_tests::{Image, Project};

use crate::gallery::{on, with_certificates};

const MANIFEST: &str = r#"{
  "name": "page",
  "version": "1.4.0",
  "engines": { "node": ">=18 <19" },
  "scripts": { "build": "mkdir dist && cp src/server.js dist/", "test": "node --test", "start": "node dist/server.js" }
}
"#;

const LOCK: &str = r#"{ "name": "page", "version": "1.4.0", "lockfileVersion": 3, "requires": true, "packages": { "": { "name": "page", "version": "1.4.0" } } }"#;

#[test]
fn a_service_is_built_tested_and_started_without_npm() {
    let project = Project::new("x-unused: {}")
        .with_file("package.json", MANIFEST)
        .with_file("package-lock.json", LOCK)
        .with_file(
            "src/server.js",
            "console.log(`${process.argv[1]} of @TOKEN@ in ${process.env.NODE_ENV}`);\n",
        )
        .with_file("page.test.js", "require('node:test')('it', () => {});\n");
    let build = || project.build().of_manifest("package.json");
    let image = build().image();
    image.outcome().assert_ran("npm run test");
    let token = project.token();
    assert_eq!(
        image.run(&[]),
        format!("/app/dist/server.js of {token} in production\n")
    );
    assert_eq!(image.config()["User"], "1000:1000");
    assert_eq!(
        image.config()["Labels"]["org.opencontainers.image.version"],
        "1.4.0"
    );

    project.write("page.test.js", "throw new Error('never of @TOKEN@');\n");
    let outcome = build().fail();
    outcome.assert_shows(&format!("never of {token}"));
    _ = build().build_arg("TEST", "off").succeed();
}

/// A workspace in which `api` needs the build output of `model`, which needs that of `words`. `other`, which nothing
/// needs, can't be built.
fn workspace(package_manager: &str, layout: &str) -> Project {
    let member = |name: &str, needs: &str, build: &str| {
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!(r#""dependencies": {{ "{needs}": "{layout}" }}, "#)
        };
        format!(
            r#"{{ "name": "{name}", "version": "1.0.0", "engines": {{ "node": "18" }}, {needs}"main": "dist/index.js", "scripts": {{ "build": "{build}" }} }}"#
        )
    };
    let compile = "rm -rf dist && mkdir dist && node src.js > dist/index.js";
    Project::new("x-unused: {}")
        .with_file(
            "package.json",
            &format!(
                r#"{{ "name": "all", "private": true, "workspaces": ["apps/*", "packages/*"], "packageManager": "{package_manager}" }}"#
            ),
        )
        .with_file("apps/api/package.json", &member("api", "model", compile))
        .with_file("apps/api/src.js", "console.log(`console.log('${require('model')} of @TOKEN@')`);\n")
        .with_file("packages/model/package.json", &member("model", "words", compile))
        .with_file("packages/model/src.js", "console.log(`module.exports = 'model of ${require('words')}'`);\n")
        .with_file("packages/words/package.json", &member("words", "", compile))
        .with_file("packages/words/src.js", "console.log(`module.exports = 'words'`);\n")
        .with_file("packages/other/package.json", &member("other", "", "exit 1"))
}

#[track_caller]
fn check_workspace(project: &Project, node: &Image) {
    let build = project.build().of_manifest("apps/api/package.json");
    let image = on(build, "node:18-bookworm-slim", node).image();
    let token = project.token();
    assert_eq!(image.run(&[]), format!("model of words of {token}\n"));
}

#[test]
fn a_member_of_a_workspace_is_built_after_those_that_it_needs() {
    let node = with_certificates("node:18-bookworm-slim");
    let npm = workspace("npm@9.2.0", "1.0.0").with_file(
        "package-lock.json",
        r#"{ "name": "all", "lockfileVersion": 3, "requires": true, "packages": {
  "": { "name": "all", "workspaces": ["apps/*", "packages/*"] },
  "apps/api": { "version": "1.0.0", "dependencies": { "model": "1.0.0" } },
  "packages/model": { "version": "1.0.0", "dependencies": { "words": "1.0.0" } },
  "packages/other": { "version": "1.0.0" },
  "packages/words": { "version": "1.0.0" },
  "node_modules/api": { "resolved": "apps/api", "link": true },
  "node_modules/model": { "resolved": "packages/model", "link": true },
  "node_modules/other": { "resolved": "packages/other", "link": true },
  "node_modules/words": { "resolved": "packages/words", "link": true }
} }"#,
    );
    check_workspace(&npm, &node);

    let pnpm = workspace("pnpm@9.15.0", "workspace:*")
        .with_file(
            "pnpm-workspace.yaml",
            "packages:\n  - apps/*\n  - packages/*\n",
        )
        .with_file(
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .: {}

  apps/api:
    dependencies:
      model:
        specifier: workspace:*
        version: link:../../packages/model

  packages/model:
    dependencies:
      words:
        specifier: workspace:*
        version: link:../words

  packages/other: {}

  packages/words: {}
",
        );
    check_workspace(&pnpm, &node);

    let package = |name: &str, needs: &str| {
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!("  dependencies:\n    {needs}: \"npm:1.0.0\"\n")
        };
        let folder = if name == "api" { "apps" } else { "packages" };
        let names = match name {
            "model" | "words" => format!("{name}@npm:1.0.0, {name}@workspace:{folder}/{name}"),
            _ => format!("{name}@workspace:{folder}/{name}"),
        };
        format!(
            "\n\"{names}\":\n  version: 0.0.0-use.local\n  resolution: \"{name}@workspace:{folder}/{name}\"\n{needs}  languageName: unknown\n  linkType: soft\n"
        )
    };
    let packages = [
        "\n\"all@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"all@workspace:.\"\n  languageName: unknown\n  linkType: soft\n".to_owned(),
        package("api", "model"),
        package("model", "words"),
        package("other", ""),
        package("words", ""),
    ];
    let yarn = workspace("yarn@4.5.3", "1.0.0")
        .with_file(".yarnrc.yml", "nodeLinker: node-modules\n")
        .with_file(
            "yarn.lock",
            &format!(
                "# This file is generated by running \"yarn install\" inside your project.\n# Manual changes might be lost - proceed with caution!\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n{}",
                packages.concat()
            ),
        );
    check_workspace(&yarn, &node);
}
