//! Tells the tests which platform they are compiled for.

fn main() {
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=STAGEFILE_HOST={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
