//! The JSON Schema agrees with the reader about a file. `UPDATE_DOCS=1` writes it.

mod judgement;

use std::fs;
use std::path::{Path, PathBuf};

use judgement::{Judgement, complaints, judge, validator};
use serde_json::Value as Json;
use stagefile::tools::schema;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/stagefile.schema.json");

/// The codes of structural mistakes, which a schema detects, too.
const STRUCTURE: [&str; 5] = [
    "unknown-key",
    "wrong-type",
    "missing-key",
    "conflicting-keys",
    "unknown-action",
];

#[test]
fn the_schema_is_current() {
    let made = schema::text();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, &made).unwrap();
    }
    let current = fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        current == made,
        "docs/stagefile.schema.json is not current: UPDATE_DOCS=1 cargo test -p stagefile --test schema"
    );
}

#[test]
fn the_schema_is_one_of_its_draft() {
    let text = fs::read_to_string(PATH).expect("the schema can be read");
    let schema: Json = serde_json::from_str(&text).expect("the schema is JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let wrong = jsonschema::draft202012::meta::validate(&schema);
    assert!(wrong.is_ok(), "{wrong:?}");

    for name in schema["$defs"].as_object().expect("definitions").keys() {
        let reference = format!("\"#/$defs/{name}\"");
        assert!(text.contains(&reference), "nothing refers to {name}");
    }
}

#[test]
fn examples_and_cases_are_judged_alike() {
    let validator = validator();
    let mut wrong = Vec::new();
    let mut count = (0, 0);
    for path in stagefiles() {
        let text = fs::read_to_string(&path).unwrap();
        let Judgement {
            errors,
            report,
            json,
        } = judge(&text);
        let Some(json) = json else { continue };
        let valid = validator.is_valid(&json);
        if errors.is_empty() {
            count.0 += 1;
            if !valid {
                wrong.push(format!(
                    "{} is refused: {}",
                    path.display(),
                    complaints(&validator, &json)
                ));
            }
        } else if errors.iter().any(|code| STRUCTURE.contains(code)) {
            count.1 += 1;
            if valid {
                wrong.push(format!("{} is accepted: {report}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count.0 >= 9 && count.1 >= 2, "few files: {count:?}");
}

/// Values of every form: the schema accepts what the program accepts, and rejects what it rejects.
#[test]
fn values_are_judged_alike() {
    let validator = validator();
    for (place, good, bad) in [
        (
            "network: VALUE",
            "none host '${{ args.A }}'",
            "off 1 [none] {}",
        ),
        ("requires: VALUE", "b [b] '${{ args.B }}'", "{} [[b]]"),
        ("workdir: VALUE", "/a 1.22 true 7", "[/a] {}"),
        (
            "env: VALUE",
            "{A:\u{a0}1} [A=1] {A:\u{a0}'${{args.A}}'}",
            "[A] A",
        ),
        (
            "steps: [{run: x, always: VALUE}]",
            "true 'true' '${{ 1 == 1 }}'",
            "yes 1",
        ),
        (
            "steps: [{run: x, exit-codes: VALUE}]",
            "0 [0,255] '1'",
            "-1 256 a",
        ),
        (
            "steps: [{run: x, bind: VALUE}]",
            "a [a] {paths:\u{a0}a}",
            "{} {to:\u{a0}/a} {paths:\u{a0}[]}",
        ),
        ("steps: [{run: VALUE}]", "x [x,y] 1 true", "~ [] {}"),
        (
            "steps: [{run: x, tmpfs: {to: /t, size: VALUE}}]",
            "1 64m 1GiB 5kib",
            "m 1t x1",
        ),
        (
            "steps: [{copy: a, mode: VALUE}]",
            "0644 '0755' 0o600 'u=rwX,go=rX'",
            "x '9' u",
        ),
        (
            "steps: [{mkdir: /a, mode: VALUE}]",
            "0644 '0755' 0o600",
            "x u=r '9'",
        ),
        (
            "steps: [{mkdir: /a, owner: VALUE}]",
            "root 0:0 1000 a:b",
            "':' a:b:c ''",
        ),
        ("steps: [{remove: VALUE}]", "/a [/a,/b]", "[] ~ {}"),
        ("steps: [{write: /a, content: VALUE}]", "a ~ 1", "{} []"),
        (
            "steps: [{write: /a, json: VALUE}]",
            "a ~ 1 {a:\u{a0}[1]}",
            "",
        ),
        (
            "steps: [VALUE]",
            "{run:\u{a0}x,x-a:\u{a0}1} {symlink:\u{a0}/a,target:\u{a0}b}",
            "~ {} run {run:\u{a0}x,copy:\u{a0}y} {symlink:\u{a0}/a} {name:\u{a0}x} {run:\u{a0}x,to:\u{a0}/y} {write:\u{a0}/a} {write:\u{a0}/a,content:\u{a0}a,json:\u{a0}1}",
        ),
        (
            "image: {expose: VALUE}",
            "8080 [53/udp,8000-8010]",
            "0 65536 80/http a",
        ),
        (
            "image: {healthcheck: {run: x, interval: VALUE}}",
            "30s 1m30s 500ms",
            "30 s 1d",
        ),
        (
            "image: {healthcheck: {run: x, retries: VALUE}}",
            "0 3",
            "-1 x",
        ),
        (
            "image: {healthcheck: VALUE}",
            "none {run:\u{a0}x} [x,1]",
            "{} {run:\u{a0}[]} [] [[x]]",
        ),
        ("image: {entrypoint: VALUE}", "[] /a [/a,b]", "{}"),
        (
            "from: VALUE",
            "scratch alpine:3.20 {image:\u{a0}alpine} {stage:\u{a0}b}",
            "{} {image:\u{a0}a,stage:\u{a0}b} [a] {imag:\u{a0}a}",
        ),
        (
            "caches: VALUE",
            "go [go] {target:\u{a0}/c} {target:\u{a0}/c,sharing:\u{a0}locked}",
            "{} {target:\u{a0}/c,sharing:\u{a0}no}",
        ),
        (
            "limits: {cpus: VALUE}",
            "2 0.5 '1.25' unlimited",
            "0 0.001 1024 -1 a {}",
        ),
        (
            "limits: {memory: VALUE}",
            "2g 64mib unlimited",
            "5 64mb all -1",
        ),
        ("limits: {cpuset: VALUE}", "0 0-3 '0,2-5'", "-1 1024 all"),
        (
            "ulimits: {nofile: VALUE}",
            "0 1024 unlimited {soft:\u{a0}1,hard:\u{a0}2}",
            "-1 1:2 {soft:\u{a0}1} [1]",
        ),
        (
            "steps: [{run: x, devices: VALUE}]",
            "a/b=c [a/b=c] {name:\u{a0}a/b=c,optional:\u{a0}true}",
            "{} {optional:\u{a0}true} {name:\u{a0}a,x:\u{a0}1}",
        ),
        ("outputs: VALUE", "{a:\u{a0}/a}", "[a] {a.b:\u{a0}/a}"),
    ] {
        let file = |value: &str| {
            let from = if place.starts_with("from:") {
                ""
            } else {
                "    from: 'a:1'\n"
            };
            format!(
                "args: {{ A: none, B: b }}\nstages:\n  b: {{}}\n  a:\n{from}    {}\n",
                place.replace("VALUE", &value.replace('\u{a0}', " "))
            )
        };
        // Blanks in expressions belong to their values.
        for value in words(good) {
            let judgement = judge(&file(value));
            assert!(
                judgement.errors.is_empty(),
                "{place} {value}: {}",
                judgement.report
            );
            let complaints = complaints(&validator, &judgement.json.unwrap());
            assert!(complaints.is_empty(), "{place} {value}: {complaints}");
        }
        for value in words(bad) {
            let judgement = judge(&file(value));
            assert!(!judgement.errors.is_empty(), "{place} {value} is accepted");
            assert!(
                !validator.is_valid(&judgement.json.unwrap()),
                "{place} {value} is accepted by the schema"
            );
        }
    }
}

/// Splits at blanks outside expressions.
fn words(list: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ' ' if depth == 0 => {
                words.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&list[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Lists the Stagefiles of the examples and of the cases.
fn stagefiles() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/cases"), root.join("../examples")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "Stagefile") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
