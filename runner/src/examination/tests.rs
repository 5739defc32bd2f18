//! Tests of assertions about a directory, each both satisfied and failing.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

fn image() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("usr/lib")).unwrap();
    fs::write(root.join("app"), "app\x1b[31m of 1.2\n").unwrap();
    fs::set_permissions(root.join("app"), fs::Permissions::from_mode(0o4711)).unwrap();
    fs::write(root.join("usr/lib/one.so"), "1").unwrap();
    fs::write(root.join("usr/lib/two.so"), "22").unwrap();
    symlink("usr/lib", root.join("lib")).unwrap();
    symlink("/nowhere", root.join("dangling")).unwrap();
    fs::write(root.join(OsStr::from_bytes(b"usr/\xff\x1b[2Jx")), "").unwrap();
    let root = Root::new(root);
    (folder, root)
}

fn examine(root: &Root, path: &str, wanted: Wanted) -> String {
    let fact = Fact {
        path: path.to_owned(),
        wanted,
        place: String::new(),
        excerpt: String::new(),
    };
    Examined::default()
        .mismatch(root, &fact)
        .unwrap_or_default()
}

#[test]
fn every_fact_holds_or_is_said_to_be_wrong() {
    let (_folder, root) = image();
    let text = str::to_owned;
    let digest = "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d";
    for (path, wanted, expected) in [
        ("/app", Wanted::Exists, ""),
        ("/none", Wanted::Exists, "`/none` doesn't exist"),
        ("/app", Wanted::Absent, "`/app` exists: a file"),
        ("/none", Wanted::Absent, ""),
        (
            "/dangling",
            Wanted::Absent,
            "`/dangling` exists: a symbolic link",
        ),
        (
            "/dangling",
            Wanted::Exists,
            "`/dangling` leads to `/nowhere`, which doesn't exist",
        ),
        ("/lib", Wanted::Kind(Kind::Directory), ""),
        ("/lib", Wanted::Kind(Kind::Symlink), ""),
        (
            "/usr",
            Wanted::Kind(Kind::File),
            "`/usr` is a directory, not a file",
        ),
        ("/app", Wanted::Mode(0o4711), ""),
        (
            "/app",
            Wanted::Mode(0o711),
            "`/app` has the mode 4711, not 0711",
        ),
        ("/app", Wanted::Contains(text("of 1.2")), ""),
        (
            "/app",
            Wanted::Contains(text("1.3\x1b[2J")),
            "`/app` doesn't contain `1.3\\u{1b}[2J`",
        ),
        (
            "/usr",
            Wanted::Contains(text("x")),
            "`/usr` can't be checked: it is a directory, not a file",
        ),
        ("/lib", Wanted::Symlink(text("usr/lib")), ""),
        (
            "/lib",
            Wanted::Symlink(text("usr/lib/")),
            "`/lib` leads to `usr/lib`, not to `usr/lib/`",
        ),
        (
            "/app",
            Wanted::Symlink(text("x")),
            "`/app` is a file, not a symbolic link",
        ),
        (
            "/usr/lib/one.so",
            Wanted::Sha256(text("00")),
            "`/usr/lib/one.so` has the sha256 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b, not 00",
        ),
        (
            "/usr/lib/none",
            Wanted::Sha256(text(digest)),
            "`/usr/lib/none` doesn't exist",
        ),
        ("/lib", Wanted::AtMost(3), ""),
        (
            "/lib",
            Wanted::AtMost(2),
            "`/lib` has 3 bytes (3 B), more than 2 (2 B); the largest: `/usr/lib/two.so` (2 B), `/usr/lib/one.so` (1 B)",
        ),
        ("/usr/lib/*.so", Wanted::Kind(Kind::File), ""),
        ("/lib/*.so", Wanted::Exists, ""),
        ("/lib/*.a", Wanted::Exists, "nothing matches `/lib/*.a`"),
        ("/lib/*.a", Wanted::Absent, ""),
        (
            "/**",
            Wanted::Absent,
            "`/app` exists: a file; `/dangling` exists: a symbolic link; `/lib` exists: a symbolic link; and 5 more of `/**`",
        ),
        (
            "/usr/*x",
            Wanted::Absent,
            "`/usr/\u{fffd}\\u{1b}[2Jx` exists: a file",
        ),
    ] {
        let said = examine(&root, path, wanted.clone());
        assert_eq!(said, expected, "{path} {wanted:?}");
    }
}

#[test]
fn owners_have_names_of_the_image() {
    let (folder, root) = image();
    let own = fs::metadata(folder.path().join("app")).unwrap();
    let (uid, gid) = (own.uid(), own.gid());
    fs::create_dir(folder.path().join("etc")).unwrap();
    let passwd = format!("other:x:{}:0::/:\nme:x:{uid}:{gid}::/:\n", uid + 1);
    fs::write(folder.path().join("etc/passwd"), passwd).unwrap();
    let owner = |user: &str, group: Option<&str>| Wanted::Owner {
        user: user.to_owned(),
        group: group.map(str::to_owned),
    };
    let said = |wanted| examine(&root, "/app", wanted);
    assert_eq!(said(owner("me", None)), "");
    assert_eq!(said(owner(&uid.to_string(), Some(&gid.to_string()))), "");
    assert_eq!(
        said(owner("other", None)),
        format!("`/app` belongs to {uid}, not to other")
    );
    assert_eq!(
        said(owner("me", Some("staff"))),
        format!("`/app` belongs to {uid}:{gid}, and /etc/group of the image has no group `staff`")
    );
}

#[test]
fn a_text_is_found_across_pieces() {
    let text = b"needle";
    for before in [0, 1, PIECE - 3, PIECE, PIECE + 2, 3 * PIECE - 1] {
        let mut data = vec![b'n'; before];
        data.extend(text);
        data.extend([b'x'; 10]);
        assert!(contains(data.as_slice(), text).unwrap(), "{before}");
        assert!(!contains(&data[..before + 5], text).unwrap(), "{before}");
    }
    assert!(contains(&b""[..], b"").unwrap());
}

#[test]
fn reports_have_all_and_end_with_a_list() {
    let (_folder, root) = image();
    let fact = |path: &str, line: u32| Fact {
        path: path.to_owned(),
        wanted: Wanted::Exists,
        place: format!("Stagefile:{line}"),
        excerpt: format!("error[assert-failed]: {MESSAGE}\n {line} | {path} … \n"),
    };
    let about = |facts: &[Fact]| Facts {
        about: "app".to_owned(),
        facts: facts.to_vec(),
    };
    assert_eq!(report(&root, &about(&[fact("/app", 1)])), "");
    assert_eq!(
        report(&root, &about(&[fact("/a", 1), fact("/app", 2)])),
        "error[assert-failed]: `/a` doesn't exist\n 1 | /a …\n\n"
    );
    let said = report(
        &root,
        &about(&[fact("/a", 1), fact("/app", 2), fact("/b", 3)]),
    );
    assert!(
        said.ends_with(
            "2 of 3 facts about app don't hold:\n  Stagefile:1: `/a` doesn't exist\n  Stagefile:3: `/b` doesn't exist\n"
        ),
        "{said}"
    );
}

#[test]
fn sizes_are_written_with_units() {
    for (bytes, expected) in [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (50 << 20, "50.0 MiB"),
        (u64::MAX, "17179869183.9 GiB"),
    ] {
        assert_eq!(format_size(bytes), expected);
    }
}
