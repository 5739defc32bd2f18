//! Tells the tests for which platform they are compiled.

fn main() {
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=STAGEFILE_HOST={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
