//! Tests of `std.rust`, `std.rust-test` and `std.rust-crates`, with Debian's Rust.

use stagefile_tests::Project;

const STAGES: &str = "
  toolchain:
    from: base
    steps:
      - use: std.apt
        with: { packages: [cargo-web, rustc-web, gcc, libc6-dev] }
  build:
    use: std.rust
    from: toolchain
    with: { source: service, packages: app }
  test:
    use: std.rust-test
    from: toolchain
    with: { source: service }
  app:
    from: debian:bookworm-slim
    requires: test
    steps:
      - copy: app
        from: build.bin
        to: /usr/local/bin/
    image: { cmd: [app] }
";

/// A workspace with an external crate, and with targets that need sources, which aren't there if only the manifests
/// are.
fn project() -> Project {
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
    };
    super::project("debian:bookworm-slim", STAGES)
        .with_file(
            "service/Cargo.toml",
            "[workspace]\nmembers = [\"app\", \"lib\"]\nresolver = \"2\"\n",
        )
        .with_file(
            "service/Cargo.lock",
            "version = 3\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"itoa\",\n \"lib\",\n]\n\n\
             [[package]]\nname = \"itoa\"\nversion = \"1.0.18\"\n\
             source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
             checksum = \"8f42a60cbdf9a97f5d2305f08a87dc4e09308d1276d28c869c684d7777685682\"\n\n\
             [[package]]\nname = \"lib\"\nversion = \"0.1.0\"\n",
        )
        .with_file(
            "service/app/Cargo.toml",
            &format!(
                "{}default-run = \"app\"\nbuild = \"build.rs\"\nautolib = false\nautobins = false\n\n[[bin]]\nname = \"app\"\npath = \"src/server.rs\"\n\n\
                 [dependencies]\nitoa = \"1\"\nmylib = {{ path = \"../lib\", package = \"lib\" }}\n",
                package("app")
            ),
        )
        .with_file("service/app/build.rs", "fn main() { println!(\"cargo:rustc-env=WORD=@TOKEN@\"); }\n")
        .with_file(
            "service/app/src/server.rs",
            "fn main() { println!(\"{} {}\", itoa::Buffer::new().format(mylib::three()), env!(\"WORD\")); }\n",
        )
        .with_file(
            "service/lib/Cargo.toml",
            &format!(
                "{}\n[lib]\nname = \"mylib\"\npath = \"source/lib.rs\"\n\n[[bench]]\nname = \"speed\"\nharness = false\n",
                package("lib")
            ),
        )
        .with_file("service/lib/benches/speed.rs", "fn main() {}\n")
        .with_file(
            "service/lib/source/lib.rs",
            "pub fn three() -> u32 { 3 }\n\n#[test]\nfn it_is() { assert_eq!(three(), 3); }\n",
        )
}

#[test]
fn programs_are_compiled_and_tested_without_a_network() {
    let project = project();
    let image = project.build().image();
    assert_eq!(image.run(&[]), format!("3 {}\n", project.token()));

    // The compiled crates are in a cache, and nothing is downloaded again.
    let lib = "pub fn three() -> u32 { 4 }\n\n#[test]\nfn it_is() { assert_eq!(three(), 3); }\n";
    project.write("service/lib/source/lib.rs", lib);
    let outcome = project.build().target("build").succeed();
    outcome.assert_cached("cargo vendor");
    let compiled = outcome.step("cargo install app").log;
    assert!(
        compiled.contains("Compiling lib") && !compiled.contains("Compiling itoa"),
        "{compiled}"
    );
    let outcome = project.build().fail();
    outcome.assert_shows("it_is");
}
