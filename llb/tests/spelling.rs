//! References and platforms are read and written as by the Go libraries that every part of BuildKit uses:
//! `spelling.json` has the results of `distribution/reference` and `containerd/platforms` for each text.

use buildkit_llb::{Platform, Reference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Spelling {
    references: Vec<ReferenceCase>,
    platforms: Vec<PlatformCase>,
}

#[derive(Deserialize)]
struct ReferenceCase {
    input: String,
    string: String,
    familiar: String,
    domain: String,
    path: String,
    tag: String,
    digest: String,
    tagged: String,
    error: bool,
}

#[derive(Deserialize)]
struct PlatformCase {
    input: String,
    parsed: String,
    normalized: String,
    error: bool,
}

fn spelling() -> Spelling {
    serde_json::from_str(include_str!("spelling.json")).expect("the file is valid")
}

#[test]
fn references_are_those_of_go() {
    let mut different = Vec::new();
    for case in spelling().references {
        let read = match Reference::parse(&case.input) {
            Err(_) if case.error => continue,
            Err(error) => {
                different.push(format!("{}: refused ({error})", case.input));
                continue;
            }
            Ok(_) if case.error => {
                different.push(format!("{}: Go refuses it", case.input));
                continue;
            }
            Ok(read) => read,
        };
        let digest = read.digest().map(ToString::to_string).unwrap_or_default();
        let parts = [
            ("string", read.to_string(), case.string),
            ("familiar", read.familiar(), case.familiar),
            ("domain", read.domain().to_owned(), case.domain),
            ("path", read.path().to_owned(), case.path),
            ("tag", read.tag().unwrap_or_default().to_owned(), case.tag),
            ("digest", digest, case.digest),
            ("tagged", read.with_default_tag().to_string(), case.tagged),
        ];
        let wrong = parts.into_iter().filter(|(_, ours, theirs)| ours != theirs);
        different.extend(wrong.map(|(what, ours, theirs)| {
            format!("{}: {what} is {ours}, in Go {theirs}", case.input)
        }));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn platforms_are_those_of_go() {
    let mut different = Vec::new();
    for case in spelling().platforms {
        match Platform::parse(&case.input) {
            Err(_) if case.error => {}
            Err(error) => different.push(format!("{}: refused ({error})", case.input)),
            Ok(_) if case.error => different.push(format!("{}: Go refuses it", case.input)),
            Ok(platform) => {
                let ours = (platform.to_string(), platform.normalize().to_string());
                let theirs = (case.parsed, case.normalized);
                if ours != theirs {
                    different.push(format!("{}: {ours:?}, in Go {theirs:?}", case.input));
                }
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
