//! Tests of `-f Cargo.toml`, with Debian's Rust instead of the official image.

use std::fs;

use stagefile_tests::{Image, Project};

const MANIFEST: &str = "[package]
name = \"page\"
version = \"1.3.0\"
edition = \"2021\"
autolib = false
autobins = false

[features]
loud = []

[[bin]]
name = \"page\"
path = \"src/server.rs\"
";

const SOURCE: &str = "fn word() -> &'static str {
    if cfg!(feature = \"loud\") { \"HELLO\" } else { \"hello\" }
}

fn main() {
    println!(\"{} of @TOKEN@, {:?}\", word(), std::env::args().nth(1));
}

#[test]
fn a_word_is_said() {
    assert_eq!(word(), \"hello\");
}
";

/// Makes an image with Rust. The steps are those of the standard library's tests, so both use the same cache.
pub(crate) fn toolchain() -> Image {
    let certificates = fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    Project::new(
        "
stages:
  base:
    from: debian:bookworm-slim
    env:
      CARGO_HTTP_CAINFO: /certificates.crt
      NODE_EXTRA_CA_CERTS: /certificates.crt
      PIP_CERT: /certificates.crt
      SSL_CERT_FILE: /certificates.crt
    steps:
      - copy: certificates.crt
        to: /
  toolchain:
    from: base
    steps:
      - use: std.apt
        with: { packages: [cargo-web, rustc-web, gcc, libc6-dev] }
    image:
      # Compiled fast, not well.
      env: { CARGO_HTTP_CAINFO: /certificates.crt, CARGO_PROFILE_RELEASE_OPT_LEVEL: \"0\", CARGO_PROFILE_DEV_DEBUG: \"0\" }
",
    )
    .with_file("certificates.crt", &certificates)
    .build()
    .image()
}

#[test]
fn a_crate_is_compiled_tested_and_started() {
    let toolchain = toolchain();
    let project = Project::new("x-unused: {}")
        .with_file("Cargo.toml", MANIFEST)
        .with_file(
            "Cargo.lock",
            "version = 3\n\n[[package]]\nname = \"page\"\nversion = \"1.3.0\"\n",
        )
        .with_file("src/server.rs", SOURCE);
    let build = || {
        project
            .build()
            .of_manifest("Cargo.toml")
            .build_arg("BASE", toolchain.name())
            .build_arg("RUNTIME", "debian:bookworm-slim")
    };
    let image = build().image();
    image.outcome().assert_ran("cargo test");
    let token = project.token();
    assert_eq!(
        image.run(&["--help"]),
        format!("hello of {token}, Some(\"--help\")\n")
    );
    assert_eq!(image.config()["User"], "65532:65532");
    assert_eq!(
        image.config()["Labels"]["org.opencontainers.image.version"],
        "1.3.0"
    );

    let loud = build().build_arg("FEATURES", "loud").image();
    assert_eq!(loud.run(&[]), format!("HELLO of {token}, None\n"));

    project.write("src/server.rs", &SOURCE.replace("\"hello\");", "\"bye\");"));
    build().fail().assert_shows("a_word_is_said");
}
