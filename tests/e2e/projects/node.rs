//! `-f package.json`.

use stagefile_tests::Project;

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
