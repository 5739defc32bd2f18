//! Tests of the examples with typical builds, each next to the Dockerfile that it replaces: the results work.

use std::fs;

use crate::projects::rust::toolchain;
use stagefile_tests::{Build, Docker, Image, Project, free_port, frontend, http_get, repository};

/// The machine's certificates, where Debian and Ubuntu keep them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

fn build(example: &str) -> Build {
    // The tested frontend may have another name than the one in the examples.
    Build::of_folder(&repository().join("examples").join(example))
        .build_arg("BUILDKIT_SYNTAX", &frontend())
}

/// Makes a copy of an image with the machine's certificates: the machine may be behind its own proxy.
#[track_caller]
pub(crate) fn with_certificates(image: &str) -> Image {
    let certificates = fs::read_to_string(CERTIFICATES).unwrap_or_default();
    Project::new(&format!(
        "
stages:
  base:
    from: {image}
    steps: [{{ copy: certificates.crt, to: / }}]
    image:
      env: {{ NODE_EXTRA_CA_CERTS: /certificates.crt, PIP_CERT: /certificates.crt, REQUESTS_CA_BUNDLE: /certificates.crt }}
"
    ))
    .with_file("certificates.crt", &certificates)
    .build()
    .image()
}

/// Builds an example with an image instead of the one that it names.
pub(crate) fn on(build: Build, name: &str, image: &Image) -> Build {
    build.option(format!(
        "--build-context={name}=docker-image://{}",
        image.name()
    ))
}

/// Starts a server on a free port, and requests a page.
#[track_caller]
fn answer(image: &Image, path: &str) -> String {
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    let page = http_get(port, path);
    assert!(!page.is_empty(), "{}", container.logs());
    page
}

#[test]
fn programs_of_one_file_in_go() {
    for (example, program) in [
        ("07-go-single", "/server"),
        ("08-go-alpine", "/root/server"),
        ("09-go-scratch", "/server"),
    ] {
        let image = build(example).image();
        let info = answer(&image, "/info");
        assert!(info.contains("Go Version: go1.19"), "{example}: {info}");
        let config = image.config();
        assert_eq!(config["Entrypoint"], serde_json::json!([program]));
        assert_eq!(config["User"], "65532:65532");
    }
    let files = build("09-go-scratch").files();
    assert_eq!(files.paths().collect::<Vec<_>>(), ["server"]);
}

#[test]
fn modules_in_go() {
    for example in [
        "10-go-two-stage",
        "11-go-test",
        "12-go-secure",
        "13-go-distroless",
    ] {
        let image = build(example).image();
        let page = answer(&image, "/");
        assert!(page.contains("hello from the service"), "{page}");
        if example == "11-go-test" {
            image.outcome().assert_shows("go test");
        }
        if example == "12-go-secure" {
            let config = image.config();
            assert_eq!(
                config["Healthcheck"]["Test"],
                serde_json::json!(["CMD", "/server", "health"])
            );
            assert_eq!(config["Labels"]["org.opencontainers.image.licenses"], "MIT");
        }
    }
}

#[test]
fn two_programs_of_one_module() {
    let server = build("14-go-several").build_arg("VERSION", "1.2.3").image();
    assert!(answer(&server, "/version").starts_with("1.2.3 "));
    assert!(!answer(&server, "/data/x.txt").contains("no such file"));
    let worker = build("14-go-several").target("worker").image();
    assert!(answer(&worker, "/").contains("hello from the worker"));
}

#[test]
fn services_and_pages_of_node() {
    let node = with_certificates("node:18-bookworm-slim");
    let busybox = "--build-context=busybox:1=docker-image://busybox:1.35";
    let on_node = |example: &str| {
        let build = build(example).option(busybox);
        on(build, "node:18-bookworm-slim", &node)
    };

    let image = on_node("15-node-service").image();
    assert_eq!(answer(&image, "/"), "hello from node nextjs\n");
    assert_eq!(
        image.config()["Entrypoint"],
        serde_json::json!(["tini", "--"])
    );

    assert_eq!(image.config()["User"], "nextjs");
    assert_eq!(image.run(&["id", "-u"]), "1001\n");

    let image = on_node("16-node-page").image();
    assert!(served(&image).contains("hello from the page"));
    let development = on_node("16-node-page").target("development").image();
    let found = development.run(&["ls", "node_modules"]);
    assert!(found.contains("is-odd"), "{found}");

    let image = on_node("19-go-and-node").image();
    assert!(answer(&image, "/static/index.html").contains("hello from the page"));
}

#[test]
fn a_page_on_a_web_server() {
    let image = build("21-web-server").image();
    let html = fs::read_to_string(repository().join("examples/21-web-server/html/index.html"));
    assert_eq!(served(&image), html.unwrap());
    assert_eq!(image.config()["Labels"]["version"], "1.0");
}

#[test]
fn a_scan_that_decides_over_the_image() {
    let image = build("22-scan-gate").image();
    assert_eq!(image.run(&[]), "An application without a password.\n");
    image.outcome().assert_shows("scan with busybox:1.35");
}

/// Starts the web server of an image with its own command, in a separate network, and requests its first page.
#[track_caller]
fn served(image: &Image) -> String {
    let cmd = image.config()["Cmd"].clone();
    let words = cmd.as_array().expect("a list of words").iter();
    let words: Vec<&str> = words.filter_map(|word| word.as_str()).collect();
    let script = format!(
        "{} & while ! wget -q -O - http://127.0.0.1:8080/; do usleep 100000; done 2>/dev/null",
        words.join(" ")
    );
    image.run(&["sh", "-c", &script])
}

/// The Poetry example with its registry named as a source: by default, Poetry uses an address that a machine's mirror
/// of the registry may lack. The locked versions stay the same.
fn poetry_project(python: &Image) -> Project {
    let folder = repository().join("examples/18-python-poetry");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file of the example");
    let registry = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
    let url = python.run(&["python3", "-c", registry]);
    let url = url.trim().trim_end_matches('/');
    let source = format!(
        "[[tool.poetry.source]]\nname = \"simple\"\nurl = \"{url}/\"\ndefault = true\n\n[build-system]"
    );
    let locked =
        format!("[package.source]\ntype = \"legacy\"\nurl = \"{url}\"\nreference = \"simple\"\n\n");
    let lock = read("poetry.lock");
    let (first, packages) = lock.split_once("[[package]]").expect("a package");
    let packages = packages.replace("[[package]]", &format!("{locked}[[package]]"));
    let packages = packages.replace("[metadata]", &format!("{locked}[metadata]"));
    // The hash of the manifest, which includes sources.
    let packages = packages.replace(
        "dc56cd556c1973cb4c13d9984c4c11fa44f2cbac51521fbf7be97f699b4d5b5c",
        "a570b3c01fe6720fcc2975c9626572e1506aee38cb4e6162eb50a269efb1f35c",
    );
    Project::new(&read("Stagefile"))
        .with_file(
            "pyproject.toml",
            &read("pyproject.toml").replace("[build-system]", &source),
        )
        .with_file("poetry.lock", &format!("{first}[[package]]{packages}"))
        .with_file("app.py", &read("app.py"))
}

#[test]
fn programs_in_python() {
    let python = with_certificates("python:3.11-slim-bookworm");
    let on_python = |example: &str| on(build(example), "python:3.11-slim-bookworm", &python);

    let image = on_python("17-python-pip").image();
    assert_eq!(image.run(&[]), "hello from python 2.1.5 1.16.0\n");

    let poetry = poetry_project(&python);
    let build = poetry.build().build_arg("BUILDKIT_SYNTAX", &frontend());
    let image = on(build, "python:3.11-slim-bookworm", &python).image();
    let script = "gunicorn --bind 127.0.0.1:8000 app:app 2>/dev/null & sleep 2
python -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8000/\").read().decode())'";
    let said = image.run(&["sh", "-c", script]);
    assert!(said.contains("hello from gunicorn"), "{said}");
}

#[test]
fn variants_of_a_program_in_python() {
    let python = with_certificates("python:3.11-slim-bookworm");
    let build = || on(build("20-variants"), "python:3.11-slim-bookworm", &python);
    for (variant, program) in [
        ("full", "python"),
        ("slim", "python"),
        ("distroless", "/usr/bin/python3"),
    ] {
        let image = on(
            build().target(variant),
            "gcr.io/distroless/python3-debian12:nonroot",
            &python,
        )
        .image();
        let said = image.run(&[program, "-m", "collector", "--check"]);
        assert!(
            said.contains("hello from the collector"),
            "{variant}: {said}"
        );
    }
}

/// Java from Debian: one image to run programs, and one with the build tools, which use Debian's repository as Maven
/// Central.
fn java() -> [Image; 2] {
    let certificates = fs::read_to_string(CERTIFICATES).unwrap_or_default();
    let project = Project::new(
        "
stages:
  base:
    from: debian:bookworm-slim
    env: { SSL_CERT_FILE: /certificates.crt }
    steps: [{ copy: certificates.crt, to: / }]
  runtime:
    from: base
    steps:
      # The packages make links there, which the slim image lacks.
      - mkdir: /usr/share/man/man1
      - use: std.apt
        with: { packages: [openjdk-17-jre-headless] }
  tools:
    from: runtime
    steps:
      - use: std.apt
        with:
          packages: [openjdk-17-jdk-headless, maven, maven-debian-helper, libmaven-dependency-plugin-java, gradle-debian-helper, libcommons-lang3-java]
      - run: |
          mv /etc/maven/settings-debian.xml /etc/maven/settings.xml
          { cat /usr/share/gradle-debian-helper/init.gradle; echo 'gradle.startParameter.offline = true'; } >/usr/share/gradle/init.d/debian.gradle
",
    )
    .with_file("certificates.crt", &certificates);
    ["runtime", "tools"].map(|stage| project.build().target(stage).image())
}

#[test]
fn services_in_java() {
    let [runtime, tools] = java();
    let on_java = |build: Build| {
        let build = on(build, "maven:3-eclipse-temurin-17", &tools);
        let build = on(build, "gradle:8-jdk17", &tools);
        on(build, "eclipse-temurin:17-jre", &runtime)
    };
    for (example, manifest, greeting) in [
        ("23-java-maven", "pom.xml", "Hello from Maven"),
        ("24-java-gradle", "build.gradle", "Hello from Gradle"),
    ] {
        let image = on_java(build(example)).image();
        let page = answer(&image, "/");
        assert_eq!(page, format!("{greeting} (production)\n"));
        assert_eq!(image.config()["User"], "1000:1000");

        // Without the Stagefile.
        let image = on_java(build(example).of_manifest(manifest)).image();
        let page = answer(&image, "/");
        assert_eq!(page, format!("{greeting} (development)\n"));
        assert_eq!(
            image.config()["Labels"]["org.opencontainers.image.version"],
            "1.4.0"
        );
    }
}

#[test]
fn a_service_in_rust() {
    let toolchain = toolchain();
    let build = on(build("25-rust-service"), "rust:1-bookworm", &toolchain).option(
        "--build-context=gcr.io/distroless/cc-debian12:nonroot=docker-image://debian:bookworm-slim",
    );
    let image = build.image();
    image.outcome().assert_shows("cargo test");
    assert_eq!(answer(&image, "/"), "hello from Rust to everybody\n");
}

#[test]
fn services_of_one_repository_by_bake() {
    let folder = repository().join("examples/26-bake-and-compose");
    let project = Project::new("x-unused: {}");
    // A network for scripts, in case the daemon has no other.
    let networks = ["api", "worker", "page"]
        .map(|target| format!("target \"{target}\" {{ network = \"host\" }}\n"));
    project.write("network.hcl", &networks.concat());
    let prefix = format!("stagefile-test-{}-", project.token());

    let docker = Docker::connect();
    let mut bake = docker.buildx();
    bake.current_dir(&folder)
        .args(["bake", "--progress=plain", "--allow=network.host"])
        .arg(format!("--allow=fs.read={}", project.path().display()))
        .args(["--file=docker-bake.hcl", "--file"])
        .arg(project.path().join("network.hcl"))
        .arg("--set=*.output=type=docker")
        .arg(format!("--set=*.args.BUILDKIT_SYNTAX={}", frontend()))
        .env("VERSION", "1.2")
        .env("PREFIX", &prefix);
    let baked = docker.finish(bake);
    assert!(baked.status.success(), "{}", baked.stderr);
    let image = |name: &str| format!("{prefix}{name}:1.2");
    let said = docker.output(&["run", "--rm", "--network=none", &image("worker")]);
    assert_eq!(said, "hello from the worker 1.2\n");
    let label = "{{index .Config.Labels \"org.opencontainers.image.version\"}}";
    let version = docker.output(&["image", "inspect", "--format", label, &image("api")]);
    assert_eq!(version.trim(), "1.2");
    let removed = docker.output(&[
        "image",
        "rm",
        &image("worker"),
        &image("api"),
        &image("page"),
    ]);
    assert_eq!(removed.matches("Untagged").count(), 3, "{removed}");
}
