//! Tests that the examples build unchanged, and that the results work.

use std::path::Path;

use stagefile_tests::{Build, free_port, http_get, repository};

/// The machine's certificates, where Debian and Ubuntu keep them.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

fn build(example: &str) -> Build {
    Build::of_folder(&repository().join("examples").join(example))
}

#[test]
fn hello() {
    let image = build("01-hello").image();
    let greeting = image.run(&[]);
    assert!(
        greeting.starts_with("Hello from a Stagefile!\nbuilt by "),
        "{greeting}"
    );
}

#[test]
fn go_web() {
    let image = build("02-go-web").image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    assert!(
        http_get(port, "/").starts_with("Hello from Go"),
        "{}",
        container.logs()
    );
    let info = http_get(port, "/info");
    assert!(info.contains("Go Version: go1.19"), "{info}");

    let config = image.config();
    assert_eq!(config["User"], "nonroot");
    assert_eq!(config["Entrypoint"], serde_json::json!(["/server"]));
    assert_eq!(config["ExposedPorts"], serde_json::json!({"8080/tcp": {}}));
    // The base image and one binary: neither sources nor tests nor a compiler.
    let files = build("02-go-web").files();
    assert!(files.contains("server"));
    assert!(
        !files
            .paths()
            .any(|path| path.contains("main.go") || path.starts_with("src")),
        "sources are in the image"
    );
}

#[test]
fn node_page() {
    let image = build("03-node-page").image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    let page = http_get(port, "/path");
    assert!(
        page.contains("You asked for /path"),
        "{page}\n{}",
        container.logs()
    );
    assert_eq!(image.config()["User"], "node");
    let files = build("03-node-page").files();
    assert_eq!(files.entry("app/src/server.js").owner, (1000, 1000));
    assert!(!files.contains("app/test"), "tests are in the image");
}

#[test]
fn python_secrets() {
    let with_secrets = || {
        let build = build("04-python-secrets");
        // A machine behind its own proxy has the proxy's certificates here; others can do without.
        if Path::new(CERTIFICATES).exists() {
            build.option(format!("--secret=id=ca,src={CERTIFICATES}"))
        } else {
            build
        }
    };
    let image = with_secrets().image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    let usage = http_get(port, "/");
    assert!(
        usage.starts_with("POST a text"),
        "{usage}\n{}",
        container.logs()
    );
    let files = with_secrets().files();
    assert!(
        files.below("run/secrets").is_empty() && !files.contains("app/tests"),
        "{:?}",
        files.below("app")
    );
}

#[test]
fn monorepo() {
    let image = build("05-monorepo").build_arg("VERSION", "1.2.3").image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    assert_eq!(
        http_get(port, "/version"),
        "1.2.3\n",
        "{}",
        container.logs()
    );
    assert!(http_get(port, "/").contains("version 1.2.3"));
    assert_eq!(
        image.config()["Labels"]["org.opencontainers.image.version"],
        "1.2.3"
    );

    let page = build("05-monorepo")
        .build_arg("VERSION", "1.2.3")
        .target("page")
        .files();
    assert_eq!(page.paths().collect::<Vec<_>>(), ["index.html"]);
}

#[test]
fn standard_library() {
    let example = || build("06-standard-library");
    let image = example().image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    let page = http_get(port, "/");
    assert!(
        page.contains("<p>Built with std.npm &amp; served by std.go</p>"),
        "{page}\n{}",
        container.logs()
    );
    assert_eq!(http_get(port, "/count"), "1\n");

    let report = || {
        let report = example().target("report");
        if Path::new(CERTIFICATES).exists() {
            report
                .option(format!("--secret=id=ca,src={CERTIFICATES}"))
                .build_arg("CERTIFICATES", "/run/secrets/ca")
        } else {
            report
        }
    };
    let image = report().image();
    let port = free_port();
    let container = image.start(&[("PORT", &port.to_string())]);
    let usage = http_get(port, "/");
    assert!(
        usage.starts_with("POST a text"),
        "{usage}\n{}",
        container.logs()
    );
    let files = report().files();
    assert!(!files.contains("app/tests") && !files.contains("src"));
}
