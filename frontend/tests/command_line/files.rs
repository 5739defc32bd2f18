//! Verbs that write files, or compare what they would write: `lock` and `fmt`.

use std::fs;

use crate::{GOOD, folder, stagefile};

#[test]
fn a_lock_is_compared_with_its_file() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let stagefile_text = "stages:\n  part: { from: { dockerfile: sub/Dockerfile } }\n  app:\n    from: busybox:1\n    \
                          steps: [{ fetch: 'https://example.com/x' }]\n";
    let dockerfile =
        "FROM alpine\nADD https://example.com/x /\nADD https://example.com/y.git#v1 /y/\n";
    let folder = folder(&[
        ("Stagefile", stagefile_text),
        ("sub/Dockerfile", dockerfile),
    ]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    let said = run(&["lock", "--check"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    for name in [
        "busybox:1",
        "alpine:latest",
        "https://example.com/x",
        "https://example.com/y.git#v1",
    ] {
        assert!(
            said.out.contains(&format!("missing   {name}")),
            "{}",
            said.out
        );
    }
    assert_eq!(run(&["lock"]).code, 0);
    let commit = "0".repeat(40);
    let lock = format!(
        "images:\n  busybox:1: {digest}\n  alpine: {digest}\nhttp:\n  https://example.com/x: {digest}\n\
         git:\n  https://example.com/y.git#v1: {commit}\n"
    );
    fs::write(folder.path().join("Stagefile.lock"), &lock).expect("a working machine");
    let said = run(&["lock", "--check"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "Stagefile.lock is up to date: 4 names\n")
    );
    let json = run(&["lock", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["names"][0]["name"], "alpine:latest");

    // Dockerfiles have their own locks.
    fs::write(folder.path().join("sub/Dockerfile.lock"), &lock).expect("a working machine");
    let said = run(&["lock", "--check", "sub/Dockerfile"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("unused   busybox:1"), "{}", said.out);

    fs::write(
        folder.path().join("Stagefile.lock"),
        "images: { 'busybox:1': latest }",
    )
    .expect("a working machine");
    let said = run(&["lock"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("error[invalid-lock]"), "{}", said.err);
    assert!(said.err.contains("Stagefile.lock:1:24"), "{}", said.err);
}

#[test]
fn fmt_writes_files_in_the_one_layout() {
    let loose = "\u{feff}stages:\r\n    app:   {from: busybox}  # why\r\n";
    let folder = folder(&[
        ("Stagefile", loose),
        ("good", "stages: {}\n"),
        ("bad", "a: ["),
        ("d", GOOD),
    ]);
    let run = |arguments: &[&str], input: &str| stagefile(folder.path(), arguments, input);
    let said = run(&["fmt", "--check", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (1, "Stagefile\n"));
    let said = run(&["fmt", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (0, "Stagefile\n"));
    let written = fs::read_to_string(folder.path().join("Stagefile")).expect("a working machine");
    assert_eq!(
        written,
        "\u{feff}stages:\n  app: { from: busybox }  # why\n"
    );
    let said = run(&["fmt", "--check", ".", "good"], "");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    let said = run(&["fmt", "-"], "a:   1");
    assert_eq!((said.code, said.out.as_str()), (0, "a: 1\n"));
    // A file that can't be formatted doesn't stop the others from being formatted.
    let said = run(&["fmt", "bad", "d", "good"], "");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("bad is left as it is"), "{}", said.err);
    assert!(said.err.contains("d is a Dockerfile"), "{}", said.err);
    assert_eq!(
        fs::read_to_string(folder.path().join("bad")).expect("a working machine"),
        "a: ["
    );
}
