//! The program and the JSON Schema agree on every value of a key: every key of the tables is given values of every
//! shape, and either both accept the file, or both reject it.

mod judgement;
mod placement;

use judgement::{complaints, judge, validator};
use placement::{files_with, keys};

/// Values of every shape, valid ones and odd ones.
const VALUES: [&str; 22] = [
    "~",
    "''",
    "x",
    "1",
    "0",
    "-1",
    "1.5",
    "true",
    "\"true\"",
    "'${{ args.DEBUG }}'",
    "[]",
    "[~]",
    "[x]",
    "['']",
    "[[x]]",
    "[{}]",
    "{}",
    "{ a: x }",
    "{ a: ~ }",
    "{ a: [x] }",
    "{ '': x }",
    "{ x-a: x }",
];

/// The codes of mistakes that a schema can't detect: in references to names, and in the syntax of addresses and paths.
const BEYOND: [&str; 16] = [
    "unknown-action",
    "unknown-argument",
    "unknown-cache",
    "unknown-context",
    "unknown-name",
    "unknown-output",
    "unknown-secret",
    "unknown-stage",
    "unknown-template",
    "wrong-input",
    "invalid-address",
    "invalid-expression",
    "invalid-path",
    "invalid-reference",
    "mount-conflict",
    "shell-form",
];

/// Other differences: the table (`*` for any) and key, the values (all if the list is empty), and the reason.
type Different = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

const DIFFERENT: [Different; 18] = [
    (
        "*",
        "*",
        &["'${{ args.DEBUG }}'"],
        "what an expression's value is, only the program knows",
    ),
    (
        "*",
        "mode",
        &["0", "1"],
        "editors read `0001` as 1, and can't tell it from one digit",
    ),
    ("*", "checksum", &["0", "1"], "editors read `0000001` as 1"),
    (
        "*",
        "user",
        &["true"],
        "a user may be called `true`, but a schema does well to ask",
    ),
    (
        "*",
        "owner",
        &["true"],
        "a user may be called `true`, but a schema does well to ask",
    ),
    (
        "*",
        "id",
        &["-1", "1.5", "true"],
        "something may have such a name, but a schema does well to ask",
    ),
    (
        "*",
        "ssh",
        &["true", "\"true\""],
        "an agent may have any id but a switch's, which a schema doesn't tell from others",
    ),
    (
        "SSH_AGENT",
        "id",
        &["\"true\""],
        "an agent may have any id but a switch's, which a schema doesn't tell from others",
    ),
    (
        "*",
        "hostname",
        &["1.5", "true"],
        "a host may have such a name, but a schema does well to ask",
    ),
    (
        "*",
        "run",
        &["['']"],
        "arguments may be empty, and the program is the first of them",
    ),
    (
        "*",
        "if",
        &[],
        "what a condition is, only the program knows",
    ),
    ("*", "platform", &[], "platforms are known to the program"),
    ("*", "hosts", &[], "addresses are read by the program"),
    ("*", "stop-signal", &[], "signals are known to the program"),
    ("*", "ref", &["-1"], "what git would take for an option"),
    (
        "ARG",
        "values",
        &[],
        "a default that isn't among them stands elsewhere",
    ),
    ("ULIMIT", "hard", &[], "the lower limit stands beside it"),
    (
        "MATRIX",
        "*",
        &[],
        "whether a combination has all variables, and is one, shows in other keys",
    ),
];

/// Tells whether they may disagree on a value of a key.
fn may_differ(table: &str, key: &str, value: &str) -> bool {
    DIFFERENT.iter().any(|(of, one, values, _)| {
        let is = |word: &str, own: &str| word == "*" || word == own;
        is(of, table) && is(one, key) && (values.is_empty() || values.contains(&value))
    })
}

#[test]
fn odd_values_are_judged_alike() {
    let validator = validator();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, table, key) in keys() {
        for value in VALUES {
            if may_differ(name, key.name, value) {
                continue;
            }
            let files = files_with(name, table, key, value);
            let Some(file) = files.first() else { continue };
            let judgement = judge(file);
            let Some(json) = judgement.json else { continue };
            count += 1;
            let complaints = complaints(&validator, &json);
            let beyond = |code: &&&str| BEYOND.contains(*code);
            let errors: Vec<&&str> = judgement
                .errors
                .iter()
                .filter(|code| !beyond(code))
                .collect();
            match (judgement.errors.is_empty(), complaints.is_empty()) {
                (true, false) => wrong.push(format!(
                    "only the schema refuses {name}.{}: {value}: {complaints}",
                    key.name
                )),
                (false, true) if !errors.is_empty() => wrong.push(format!(
                    "only the program refuses {name}.{}: {value}: {errors:?}\n{}",
                    key.name, judgement.report
                )),
                _ => {}
            }
        }
    }
    assert!(count > 3_000, "few values: {count}");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
