//! Tests of `std.go`, `std.go-test` and `std.go-modules`.

use stagefile_tests::Project;

/// A module in a proxy that is a folder, created with Python since its archive is a zip file.
const STAGES: &str = r#"
stages:
  proxy:
    from: python:3.11-slim-bookworm
    platform: build
    workdir: /proxy/example.com/dep/@v
    steps:
      - copy: dep/
        to: example.com/dep@v1.0.0/
      - run: |
          #!/usr/bin/env python3
          import shutil, zipfile
          module = "example.com/dep@v1.0.0"
          with zipfile.ZipFile("v1.0.0.zip", "w") as archive:
              for name in ["go.mod", "dep.go"]:
                  archive.write(f"{module}/{name}")
          shutil.copy(f"{module}/go.mod", "v1.0.0.mod")
          open("v1.0.0.info", "w").write('{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}')
          open("list", "w").write("v1.0.0\n")
  build:
    use: std.go
    with: { image: "golang:1.19-bookworm", source: service, packages: ./cmd/server }
    env: { GOPROXY: "file:///proxy", GONOSUMDB: "*" }
    mounts: { from: proxy, path: /proxy, to: /proxy }
  test:
    use: std.go-test
    with: { image: "golang:1.19-bookworm", source: service }
    env: { GOPROXY: "file:///proxy", GONOSUMDB: "*" }
    mounts: { from: proxy, path: /proxy, to: /proxy }
  app:
    from: busybox:1.35
    requires: test
    steps:
      - copy: server
        from: build.bin
        to: /bin/
    image: { cmd: [server] }
"#;

const MAIN: &str = "package main

import (
	\"fmt\"
	\"runtime\"

	\"example.com/dep\"
)

func main() { fmt.Println(dep.Word(), \"of @TOKEN@ for\", runtime.GOARCH) }
";

fn project() -> Project {
    Project::new(STAGES)
        .with_file("dep/go.mod", "module example.com/dep\n\ngo 1.19\n")
        .with_file(
            "dep/dep.go",
            "package dep\n\nfunc Word() string { return \"dependency\" }\n",
        )
        .with_file(
            "service/go.mod",
            "module example.com/app\n\ngo 1.19\n\nrequire example.com/dep v1.0.0\n",
        )
        .with_file(
            "service/go.sum",
            "example.com/dep v1.0.0 h1:Rp8GiVNqB6Mpvq8bRsarMpF8ILkVZweCkdZpEvro2M4=\n\
             example.com/dep v1.0.0/go.mod h1:fGPp69Hit/toBUWE+Ldh2b+Bo3ABzILGe56XIcOE/Is=\n",
        )
        .with_file("service/cmd/server/main.go", MAIN)
}

#[test]
fn programs_are_compiled_for_the_target_from_modules_of_a_proxy() {
    let project = project();
    let image = project.build().image();
    let said = image.run(&[]);
    assert!(
        said.starts_with(&format!("dependency of {} for ", project.token())),
        "{said}"
    );
    // Compiled here for another architecture: EM_AARCH64 of the ELF header.
    project.write_stagefile(
        &STAGES.replace("from: busybox:1.35\n    requires: test", "from: scratch"),
    );
    let files = project.build().option("--platform=linux/arm64").files();
    let program = &files.entry("bin/server").content;
    assert_eq!(program[..4], *b"\x7fELF");
    assert_eq!(program[18..20], [0xb7, 0]);
}

/// Modules are downloaded with only the module files, and compilation has no network.
#[test]
fn a_change_of_a_source_downloads_nothing() {
    let project = project();
    project.build().succeed().assert_ran("[build 4/4] go build");
    project.write("service/cmd/server/main.go", &format!("{MAIN}// changed\n"));
    let outcome = project.build().succeed();
    outcome.assert_ran("[build 4/4] go build");
    outcome.assert_ran("[test 4/4] go test");
    // The two stages share it; a daemon that starts it for both at the same time shows it twice.
    let steps = outcome.steps().into_iter();
    let downloads: Vec<_> = steps
        .filter(|step| step.name.contains("go mod download"))
        .collect();
    // Then only one of the two may be marked as cached; if it had run, none would be.
    assert!(downloads.iter().any(|step| step.cached), "{downloads:?}");
}

#[test]
fn a_test_that_fails_fails_what_requires_it_and_may_write() {
    let test = |code: &str| {
        format!(
            "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestIt(t *testing.T) {{\n{code}\n}}\n"
        )
    };
    let writing =
        "\tif err := os.WriteFile(\"beside\", nil, 0o644); err != nil {\n\t\tt.Fatal(err)\n\t}";
    let project = project().with_file("service/cmd/server/main_test.go", &test(writing));
    project.build().succeed().assert_ran("[test 4/4] go test");
    let failing = "\tos.Getpid()\n\tt.Fatal(\"not of @TOKEN@\")";
    project.write("service/cmd/server/main_test.go", &test(failing));
    let outcome = project.build().fail();
    outcome.assert_shows(&format!("not of {}", project.token()));
}

/// Vendored modules need no download: there is nothing to download from here.
#[test]
fn a_vendored_module_is_compiled_as_it_is() {
    let project = Project::new(
        r#"
stages:
  build:
    use: std.go
    with: { image: "golang:1.19-bookworm" }
    env: { GOPROXY: "off" }
  app:
    steps:
      - copy: app
        from: build.bin
        to: /
"#,
    )
    .with_file(
        "go.mod",
        "module example.com/app\n\ngo 1.19\n\nrequire example.com/dep v1.0.0\n",
    )
    .with_file(
        "main.go",
        "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Word, \"@TOKEN@\") }\n",
    )
    .with_file(
        "vendor/modules.txt",
        "# example.com/dep v1.0.0\n## explicit; go 1.19\nexample.com/dep\n",
    )
    .with_file("vendor/example.com/dep/dep.go", "package dep\n\nconst Word = \"vendored\"\n");
    assert!(project.build().files().contains("app"));
}
