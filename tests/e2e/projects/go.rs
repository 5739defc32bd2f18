//! Tests of `-f go.mod`.

use stagefile_tests::Project;

const MAIN: &str = "package main

import \"fmt\"

var version = \"dev\"

func greeting() string { return \"hello of @TOKEN@ \" + version }

func main() { fmt.Println(greeting()) }
";

/// A module in a folder of a repository. The client sends neither the folder nor that there are others.
fn project() -> Project {
    Project::new("x-unused: {}")
        .with_file("README.md", "not a part of the module")
        .with_file("apps/api/go.mod", "module example.com/api\n\ngo 1.19\n")
        .with_file("apps/api/main.go", MAIN)
        .with_file(
            "apps/api/main_test.go",
            "package main\n\nimport \"testing\"\n\nfunc TestGreeting(t *testing.T) {\n\tif greeting() == \"\" {\n\t\tt.Fail()\n\t}\n}\n",
        )
}

#[test]
fn a_module_is_an_image() {
    let project = project();
    let build = || project.build().of_manifest("apps/api/go.mod");
    let image = build().build_arg("VERSION", "1.2").image();
    image.outcome().assert_ran("go test");
    image
        .outcome()
        .assert_shows("there is no .dockerignore: not sent are .git");
    assert_eq!(
        image.run(&[]),
        format!("hello of {} 1.2\n", project.token())
    );
    let config = image.config();
    assert_eq!(config["User"], "65532");
    assert_eq!(config["Labels"]["org.opencontainers.image.version"], "1.2");

    // `init` prints what was built.
    let outcome = build().option("--call=init").succeed();
    let (_, printed) = outcome.text().split_once("# syntax=").expect("a Stagefile");
    project.write("Stagefile", &format!("# syntax={printed}"));
    project
        .build()
        .build_arg("VERSION", "1.2")
        .succeed()
        .assert_cached("go test");
}

#[test]
fn an_error_says_how_to_take_over() {
    let project = project();
    project.write(
        "apps/api/main_test.go",
        "package main\n\nimport \"testing\"\n\nfunc TestGreeting(t *testing.T) { t.Fatal(\"never\", greeting()) }\n",
    );
    let build = || project.build().of_manifest("apps/api/go.mod");
    let outcome = build().fail();
    outcome.assert_shows("Stagefile of apps/api/go.mod");
    outcome.assert_shows("without them: --build-arg TEST=off");
    outcome.assert_shows("`docker buildx build --call init`");
    _ = build().build_arg("TEST", "off").succeed();

    project.write("apps/api/main.go", "package api\n");
    let outcome = build().fail();
    outcome.assert_shows("error[undecided-project]: there is no program");
    outcome.assert_shows(" --> apps/api/go.mod:1:1");
}
