//! What a few lines expand to is limited, wherever something is copied.

use std::thread;

use crate::{check, numbered};

/// The maximum memory for any file, in bytes. A release build takes no less.
const MEMORY: usize = 600 << 20;
/// The maximum number of bytes allocated, including those freed again. What is refused mustn't be built first: that
/// would take time, if not memory.
const ALLOCATED: usize = 1 << 30;

/// The stack size of a program's main thread, in bytes. Without optimization, CEL needs more than a test thread has.
const STACK: usize = 8 << 20;

/// Files with a few lines that expand a lot: a name, the text, and the code of the error.
fn bombs() -> Vec<(&'static str, String, &'static str)> {
    let long = "x".repeat(1_000_000);
    let doubling = |kind: &str, twice: &str, first: &str| {
        let templates = numbered(24, |n| {
            format!(
                "  t{n}: {{ inputs: {{ a: {{ type: {kind} }} }}, steps: [{{ use: t{}, with: {{ a: {twice} }} }}] }}\n",
                n + 1
            )
        });
        format!(
            "templates:\n{templates}  t24: {{ inputs: {{ a: {{ type: {kind} }} }}, steps: [] }}\nstages:\n  app:\n    from: scratch\n    steps: [{{ use: t0, with: {{ a: {first} }} }}]\n"
        )
    };
    let list = |count| numbered(count, |n| format!("{n}, "));
    vec![
        (
            "maps of maps",
            doubling(
                "map",
                "{ l: '${{ inputs.a }}', r: '${{ inputs.a }}' }",
                "{ x: y }",
            ),
            "invalid-expression",
        ),
        (
            "lists of lists",
            doubling("list", "[['${{ inputs.a }}'], ['${{ inputs.a }}']]", "[x]"),
            "invalid-expression",
        ),
        (
            "lists one after the other",
            doubling("list", "['${{ inputs.a }}', '${{ inputs.a }}']", "[x]"),
            "invalid-expression",
        ),
        (
            "lists by an expression",
            doubling("list", "'${{ [inputs.a, inputs.a] }}'", "[x]"),
            "invalid-expression",
        ),
        (
            "texts by two expressions",
            doubling("string", "'${{ inputs.a }}${{ inputs.a }}'", "xxxxxxxx"),
            "invalid-expression",
        ),
        (
            "aliases of a long text",
            format!(
                "x-a: &a {long}\nstages:\n  app:\n    from: scratch\n    steps:\n{}",
                numbered(7_000, |_| "      - { write: /f, content: *a }\n".to_owned())
            ),
            "too-many-nodes",
        ),
        (
            "aliases of a long name",
            format!(
                "x-a: &a {long}\nstages: {{ a: {{ from: scratch, requires: [{}] }} }}\n",
                "*a, ".repeat(100_000)
            ),
            "too-many-nodes",
        ),
        (
            "a long text in every combination",
            format!(
                "stages:\n  app:\n    matrix: {{ a: [{}] }}\n    from: scratch\n    steps: [{{ write: /f, content: {long} }}]\n",
                list(256)
            ),
            "expressions-too-large",
        ),
        (
            "a long text in every use",
            format!(
                "templates:\n  t: {{ steps: [{{ write: /f, content: {long} }}] }}\nstages:\n  app:\n    from: scratch\n    steps:\n{}",
                numbered(5_000, |_| "      - use: t\n".to_owned())
            ),
            "expressions-too-large",
        ),
        (
            "variables of every step",
            format!(
                "stages:\n  app:\n    from: alpine\n    env: {{ {} }}\n    steps:\n{}",
                numbered(2_000, |n| format!("V{n}: a, ")),
                numbered(5_000, |_| "      - run: x\n".to_owned())
            ),
            "expressions-too-large",
        ),
        (
            "variables of every stage",
            format!(
                "stages:\n  s0: {{ from: alpine }}\n{}",
                numbered(10_000, |n| format!(
                    "  s{}: {{ from: s{n}, env: {{ V{n}: a }} }}\n",
                    n + 1
                ))
            ),
            "expressions-too-large",
        ),
        (
            "directories in directories",
            format!(
                "stages:\n  s0: {{ from: alpine }}\n{}",
                numbered(15_000, |n| format!(
                    "  s{}: {{ from: s{n}, workdir: abcdefghij }}\n",
                    n + 1
                ))
            ),
            "expressions-too-large",
        ),
        (
            "labels of every stage",
            format!(
                "stages:\n  s0: {{ from: alpine }}\n{}",
                numbered(10_000, |n| {
                    format!(
                        "  s{}: {{ from: s{n}, image: {{ labels: {{ l{n}: a }} }} }}\n",
                        n + 1
                    )
                })
            ),
            "expressions-too-large",
        ),
        (
            "requirements of combinations",
            format!(
                "stages:\n{}",
                numbered(64, |n| {
                    let required = numbered(64, |m| {
                        if m < n {
                            format!("s{m}, ")
                        } else {
                            String::new()
                        }
                    });
                    format!(
                        "  s{n}: {{ matrix: {{ v{n}: [{}] }}, from: scratch, requires: [{required}] }}\n",
                        list(256)
                    )
                })
            ),
            "expressions-too-large",
        ),
        (
            "ranges of ports",
            format!(
                "stages:\n  app:\n    from: alpine\n    image: {{ expose: [{}] }}\n",
                "1-65535, ".repeat(10_000)
            ),
            "expressions-too-large",
        ),
        (
            "facts of a long path",
            format!(
                "stages:\n  app:\n    from: alpine\n    assert:\n      files:\n        ? /{}\n        : contains: [{}]\n",
                "x".repeat(500_000),
                "a, ".repeat(9_000)
            ),
            "expressions-too-large",
        ),
        (
            "binds below a long path",
            format!(
                "stages:\n  app:\n    from: alpine\n    steps: [{{ run: x, bind: {{ to: \"/{}\", paths: [{}] }} }}]\n",
                "x".repeat(500_000),
                "a, ".repeat(50_000)
            ),
            "expressions-too-large",
        ),
        (
            "directories on the way to a path",
            format!(
                "stages: {{ app: {{ from: scratch, steps: [{{ copy: x, to: /{} }}] }} }}\n",
                "a/".repeat(40_000)
            ),
            "expressions-too-large",
        ),
        (
            "directories on the way to the workdir of a stage",
            format!(
                "stages: {{ app: {{ from: scratch, workdir: /{} }} }}\n",
                "a/".repeat(40_000)
            ),
            "expressions-too-large",
        ),
        (
            "directories on the way to where every step works",
            format!(
                "stages:\n  app:\n    from: scratch\n    workdir: /{}\n    steps:\n{}",
                "a/".repeat(1_000),
                numbered(2_000, |n| format!("      - mkdir: d{n}\n"))
            ),
            "expressions-too-large",
        ),
        (
            "directories on the way to outputs",
            format!(
                "stages:\n  app:\n    from: alpine\n    steps: [{{ run: x, outputs: {{ {} }} }}]\n",
                numbered(100, |n| format!("o{n}: /{n}/{}, ", "a/".repeat(2_000)))
            ),
            "expressions-too-large",
        ),
        (
            "directories that are copied with what is in them",
            format!(
                "stages: {{ app: {{ from: scratch, steps: [{{ copy: {}x, parents: true, to: / }}] }} }}\n",
                "a/".repeat(40_000)
            ),
            "expressions-too-large",
        ),
        (
            "patterns of every path that is copied",
            format!(
                "stages: {{ app: {{ from: scratch, steps: [{{ copy: [{}], exclude: [{}], to: / }}] }} }}\n",
                numbered(2_000, |n| format!("a{n}, ")),
                numbered(2_000, |n| format!("b{n}, "))
            ),
            "expressions-too-large",
        ),
        (
            "groups of layers",
            format!(
                "stages:\n  app:\n    from: alpine\n    steps: [{{ run: x }}]\n    layers: [{}]\n",
                numbered(16_000, |n| format!("{{ name: g{n}, paths: [/p{n}] }}, "))
            ),
            "invalid-value",
        ),
        (
            "paths of groups of layers",
            format!(
                "stages:\n  app:\n    from: alpine\n    steps: [{{ run: x }}]\n    layers: [{}]\n",
                numbered(100, |n| {
                    format!(
                        "{{ name: g{n}, paths: [{}] }}, ",
                        numbered(1_000, |m| format!("/p{m}, "))
                    )
                })
            ),
            "expressions-too-large",
        ),
        (
            "variables of a matrix",
            format!(
                "stages:\n  app:\n    from: scratch\n    matrix: {{ {} }}\n",
                numbered(20_000, |n| format!("v{n}: [a], "))
            ),
            "matrix-too-large",
        ),
        (
            "combinations that are left out",
            format!(
                "stages:\n  app:\n    from: scratch\n    matrix: {{ a: [{}], exclude: [{}] }}\n",
                list(200),
                "{ a: 500 }, ".repeat(20_000)
            ),
            "matrix-too-large",
        ),
        (
            "an argument list of spliced lists",
            format!(
                "templates:\n  t:\n    inputs: {{ l: {{ type: list }} }}\n    steps: [{{ run: [{}] }}]\nstages:\n  app:\n    from: alpine\n    steps: [{{ use: t, with: {{ l: [{}] }} }}]\n",
                "'${{ inputs.l }}', ".repeat(2_000),
                "a, ".repeat(5_000)
            ),
            "expressions-too-large",
        ),
        (
            "steps of one long line of mistakes",
            format!(
                "stages: {{ {} }}\n",
                numbered(10_000, |n| format!("s{n}: {{ x: y }}, "))
            ),
            "unknown-key",
        ),
    ]
}

#[test]
fn what_is_copied_is_limited() {
    let mut wrong = Vec::new();
    for (name, text, code) in bombs() {
        let running = thread::Builder::new().stack_size(STACK);
        let running = running.spawn(move || check(&text, "")).expect("a thread");
        let (codes, cost) = running.join().expect("no panic");
        if !codes.contains(code) || cost.peak > MEMORY || cost.allocated > ALLOCATED {
            wrong.push(format!("{name}: {codes:?} instead of {code}, {cost:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
