//! What a file costs grows with the file: reading, planning and lowering one that is four times as large allocates about four
//! times as much, whichever key is written long; and what a few lines stand for is limited, wherever something is copied.
//!
//! Bytes that are allocated are counted, not time, so that the machine has no say.

mod counting;
mod placement;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::thread;

use buildkit_llb::Platform;
use counting::{Cost, measured};
use placement::{files_with, keys};
use stagefile::tools::check::lowered;
use stagefile::tools::folder::Folder;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::{self as language, check_reading};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;
use stagefile_language::syntax::keys::Shape;
use stagefile_language::syntax::tree::{self, Value};

/// How many values a key has, and how many times as many.
const FEW: usize = 200;
const TIMES: usize = 4;
/// How many things look for one another: more than a suggestion looks at.
const SOME: usize = 220;

/// How much more than so many times as much may be allocated: tables grow by doubling.
const SLACK_PERCENT: usize = 150;

/// How much memory any file may take. A release takes no less.
const MEMORY: usize = 600 << 20;
/// How much of it may be allocated and given back. What is refused isn't made first, which would take time if not memory.
const ALLOCATED: usize = 1 << 30;

/// Bytes of a stack as large as a program's first thread has. Without optimisation CEL needs more than a test's.
const STACK: usize = 8 << 20;

/// Reads, plans and lowers a file; every file that it imports has the same text. Returns the codes of the errors.
fn check(text: &str, imported: &str) -> (BTreeSet<&'static str>, Cost) {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        contexts: Some(BTreeSet::new()),
        ..Request::of(platform)
    };
    let source = Source::new("Stagefile", text);
    measured(|| {
        let checked = lowered(check_reading(
            &source,
            &request,
            |_| Ok(imported.to_owned()),
        ));
        let report = checked.report();
        assert!(report.len() < 1 << 20, "a report of {} bytes", report.len());
        let errors = checked.found.errors();
        errors.iter().map(|error| error.code.name).collect()
    })
}

/// Tells whether what is so many times as large costs clearly more than so many times as much.
fn grows_faster(small: Cost, large: Cost) -> bool {
    100 * large.allocated > SLACK_PERCENT * TIMES * small.allocated
}

/// Writes so many values for a key, as many of its example; `distinct` ones are texts that differ. `None` if it has one value.
fn many(key: &str, example: &str, shape: Shape, count: usize, distinct: bool) -> Option<String> {
    let takes_names = |shape: Shape| match shape {
        Shape::Named(_) | Shape::TextMap | Shape::Data => true,
        Shape::Either(a, b) => [a, b].iter().any(|one| matches!(one, Shape::Named(_))),
        _ => false,
    };
    let takes_lists = |shape: Shape| match shape {
        Shape::Texts | Shape::List(_) | Shape::OneOrMore(_) | Shape::Data | Shape::TextMap => true,
        Shape::Either(a, b) => [a, b]
            .iter()
            .any(|one| matches!(one, Shape::List(_) | Shape::Texts | Shape::OneOrMore(_))),
        _ => false,
    };
    let source = Source::new("example", format!("{key}: {example}"));
    let tree = tree::read(&source, &mut Diagnostics::default())?;
    let Value::Mapping(entries) = &tree.value else {
        return None;
    };
    let node = &entries.first()?.value;
    let mut text = String::new();
    match &node.value {
        Value::Sequence(items) if !items.is_empty() && takes_lists(shape) => {
            for number in 0..count {
                let item = &items[number % items.len()];
                match &item.value {
                    Value::Scalar(_) if distinct => _ = write!(text, "name{number}, "),
                    _ => _ = write!(text, "{}, ", source.slice(item.span)),
                }
            }
            Some(format!("[{text}]"))
        }
        Value::Scalar(_) if takes_lists(shape) => {
            for number in 0..count {
                if distinct {
                    _ = write!(text, "name{number}, ");
                } else {
                    _ = write!(text, "{}, ", source.slice(node.span));
                }
            }
            Some(format!("[{text}]"))
        }
        Value::Mapping(entries) if !entries.is_empty() && takes_names(shape) => {
            for number in 0..count {
                let entry = &entries[number % entries.len()];
                let value = source.slice(entry.value.span);
                _ = write!(
                    text,
                    "{}{number}: {value}, ",
                    if distinct { "name" } else { "a" }
                );
            }
            Some(format!("{{ {text} }}"))
        }
        _ => None,
    }
}

#[test]
fn every_key_costs_what_it_is_long() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, table, key) in keys() {
        for distinct in [false, true] {
            let value = |count| many(key.name, key.example, key.shape, count, distinct);
            let (Some(few), Some(more)) = (value(FEW), value(FEW * TIMES)) else {
                continue;
            };
            let small = files_with(name, table, key, &few);
            let large = files_with(name, table, key, &more);
            // Of the places where it may stand one will do: they are read by the same code.
            let (Some(small), Some(large)) = (small.first(), large.first()) else {
                continue;
            };
            count += 1;
            let imported = "templates: { t: { steps: [] } }\n";
            let ((_, small), (_, large)) = (check(small, imported), check(large, imported));
            if grows_faster(small, large) {
                wrong.push(format!(
                    "{name}.{} with {TIMES} times as many values ({}) allocates {} instead of {} bytes",
                    key.name,
                    if distinct { "distinct" } else { "alike" },
                    large.allocated,
                    small.allocated
                ));
            }
        }
    }
    assert!(count >= 80, "few keys: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Repeats a line with its number.
fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// What is done with a file: as many values as one likes, and that it grows with their number only.
type Shaped = (&'static str, fn(usize) -> String);

/// Shapes of files in which one thing looks for another among all of its kind.
const SHAPED: [Shaped; 16] = [
    ("stages that require one another's neighbours", |count| {
        let stages = numbered(count, |n| {
            let required = n.saturating_sub(1);
            format!(
                "  s{n}: {{ from: scratch, requires: [s{required}a] }}\n  s{n}a: {{ from: scratch }}\n"
            )
        });
        format!("stages:\n{stages}")
    }),
    ("names that nothing defines, near to others", |count| {
        let args = numbered(count, |n| format!("  NUMBER_{n}: '1'\n"));
        let stages = numbered(count, |n| {
            format!(
                "  stage-{n}: {{ form: alpine, requires: [stge-{n}], caches: [gp{n}], secrets: [s{n}], env: {{ A: \"${{{{ args.NUMBR_{n} }}}}\" }} }}\n"
            )
        });
        format!("args:\n{args}stages:\n{stages}")
    }),
    ("templates that are used once each", |count| {
        let templates = numbered(count, |n| {
            format!("  t{n}: {{ inputs: {{ a: {{ default: x }} }}, steps: [{{ mkdir: /a }}] }}\n")
        });
        let steps = numbered(count, |n| {
            format!("      - {{ use: t{n}, with: {{ a: b }} }}\n")
        });
        format!("templates:\n{templates}stages:\n  app:\n    from: scratch\n    steps:\n{steps}")
    }),
    ("templates that are not there", |count| {
        let templates = numbered(count, |n| {
            format!("  t{n}: {{ steps: [{{ mkdir: /a }}] }}\n")
        });
        let steps = numbered(count, |n| format!("      - {{ use: nothing-like-{n} }}\n"));
        format!("templates:\n{templates}stages:\n  app:\n    from: scratch\n    steps:\n{steps}")
    }),
    ("inputs that are all given", |count| {
        let inputs = numbered(count, |n| format!("i{n}: {{}}, "));
        let with = numbered(count, |n| format!("i{n}: x, "));
        format!(
            "templates:\n  t: {{ inputs: {{ {inputs} }}, steps: [{{ mkdir: /a }}] }}\nstages:\n  app:\n    from: scratch\n    steps:\n      - {{ use: t, with: {{ {with} }} }}\n"
        )
    }),
    ("outputs of steps that are copied one by one", |count| {
        let steps = numbered(count, |n| {
            format!("      - {{ run: x, outputs: {{ o{n}: /o }} }}\n")
        });
        let copies = numbered(count, |n| format!("      - {{ copy: a, from: b.o{n} }}\n"));
        format!(
            "stages:\n  b:\n    from: alpine\n    steps:\n{steps}  app:\n    from: scratch\n    steps:\n{copies}"
        )
    }),
    ("caches and secrets that are used one by one", |count| {
        let caches = numbered(count, |n| format!("  c{n}: {{ target: /c{n} }}\n"));
        let secrets = numbered(count, |n| format!("  s{n}: {{}}\n"));
        let steps = numbered(count, |n| {
            format!("      - {{ run: x, caches: [c{n}], secrets: [s{n}] }}\n")
        });
        format!(
            "caches:\n{caches}secrets:\n{secrets}stages:\n  app:\n    from: alpine\n    steps:\n{steps}"
        )
    }),
    ("variables of a stage that a step sets again", |count| {
        let env = numbered(count, |n| format!("V{n}: a, "));
        format!(
            "stages:\n  app:\n    from: alpine\n    env: {{ {env} }}\n    steps: [{{ run: x, env: {{ {env} }} }}]\n"
        )
    }),
    ("stages in a chain", |count| {
        let stages = numbered(count, |n| match n {
            0 => "  s0: { from: alpine }\n".to_owned(),
            n => format!("  s{n}: {{ from: s{}, steps: [{{ run: x }}] }}\n", n - 1),
        });
        format!("stages:\n{stages}")
    }),
    ("stages that depend on each other in a cycle", |count| {
        let stages = numbered(count, |n| {
            format!(
                "  s{n}: {{ from: scratch, requires: [s{}, s0] }}\n",
                (n + 1) % count
            )
        });
        format!("stages:\n{stages}")
    }),
    ("mistakes in every line", |count| {
        let steps = numbered(count, |n| format!("      - {{ rnu: {n} }}\n"));
        format!("stages:\n  app:\n    from: scratch\n    steps:\n{steps}")
    }),
    ("one place of many mistakes", |count| {
        let texts = numbered(count, |n| format!("${{{{ a{n} }}}} "));
        format!("stages: {{ app: {{ from: \"{texts}\" }} }}\n")
    }),
    ("a name of many parts", |count| {
        format!(
            "stages: {{ a: {{ from: {}b }}, b: {{ from: scratch }} }}\n",
            "a.".repeat(10 * count)
        )
    }),
    ("stages that start from one of many steps", |count| {
        let steps = numbered(count, |n| format!("      - run: go mod download a{n}\n"));
        let stages = numbered(count, |n| format!("  s{n}: {{ from: b }}\n"));
        format!("stages:\n  b:\n    from: golang:1.25\n    steps:\n{steps}{stages}")
    }),
    ("a script with much that only bash has", |count| {
        let lines = numbered(count, |n| {
            format!("          [[ {n} ]] || source x\n          apt-get install a | tee b\n")
        });
        format!("stages:\n  a:\n    from: debian:12\n    steps:\n      - run: |\n{lines}")
    }),
    ("a word that is used everywhere", |count| {
        let steps = numbered(count, |_| "      - *s\n".to_owned());
        format!(
            "x-s: &s {{ run: make, bind: [a, b], env: {{ A: b }} }}\nstages:\n  app:\n    from: alpine\n    steps:\n{steps}"
        )
    }),
];

#[test]
fn what_is_looked_for_is_found_without_looking_at_all() {
    let mut wrong = Vec::new();
    for (name, text) in SHAPED {
        let (few, more) = (text(SOME), text(SOME * TIMES));
        let ((_, small), (_, large)) = (check(&few, ""), check(&more, ""));
        if grows_faster(small, large) {
            wrong.push(format!(
                "{name}: {TIMES} times as many allocate {} instead of {} bytes",
                large.allocated, small.allocated
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What looking for the paths of so many steps in a build context costs.
fn look(count: usize) -> Cost {
    let context = tempfile::tempdir().expect("a working machine");
    let steps = numbered(count, |n| {
        fs::write(context.path().join(format!("file-{n}")), "").expect("a working machine");
        format!("      - copy: file-{n}\n")
    });
    let text = format!("stages:\n  app:\n    steps:\n{steps}");
    let path = context.path().join("Stagefile");
    let request = Request::of(Platform::new("linux", "amd64"));
    let checked = language::check(&Source::new("Stagefile", text), &request);
    let plan = checked.plan.expect("a working machine");
    let folder = Folder::open(context.path(), &path).expect("a working machine");
    let mut found = Diagnostics::default();
    let (_, cost) = measured(|| {
        folder.check(&plan, &mut found);
        BTreeSet::<&str>::new()
    });
    assert!(!found.has_errors() && found.warnings().is_empty());
    cost
}

#[test]
fn paths_are_looked_for_without_comparing_each_with_all() {
    let (few, more) = (look(SOME), look(SOME * TIMES));
    assert!(
        !grows_faster(few, more),
        "{TIMES} times as many allocate {} instead of {} bytes",
        more.allocated,
        few.allocated
    );
}

#[test]
fn of_a_script_each_kind_of_doubt_is_told_once() {
    // To find a place in a script takes as long as the script.
    let lines =
        "          [[ -n a ]]\n          apt-get install a | tee b\n          npm ci || true\n";
    let lines = lines.repeat(2_000);
    let text = format!("stages:\n  a:\n    from: debian:12\n    steps:\n      - run: |\n{lines}");
    let checked = stagefile_language::driver::check(
        &Source::new("Stagefile", text),
        &Request::of(Platform::new("linux", "amd64")),
    );
    let mut codes: Vec<&str> = checked
        .found
        .warnings()
        .iter()
        .map(|one| one.code.name)
        .collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "hidden-failure",
            "hidden-failure",
            "missing-cache",
            "package-lists",
            "recommended-packages",
            "shell-syntax"
        ]
    );
}

#[test]
fn a_chain_of_imports_is_read_once() {
    let cost = |length: usize| {
        let padding = numbered(200, |n| format!("  t{n}: {{ steps: [{{ mkdir: /a }}] }}\n"));
        let file = |n: usize| match n {
            n if n == length => format!("templates:\n{padding}"),
            n => format!(
                "imports: {{ next: f{}.yaml }}\ntemplates:\n{padding}",
                n + 1
            ),
        };
        let main = format!("{}stages: {{ app: {{ from: scratch }} }}\n", file(0));
        let source = Source::new("Stagefile", main);
        let platform = Platform::new("linux", "amd64");
        let request = Request {
            contexts: Some(BTreeSet::new()),
            ..Request::of(platform)
        };
        let (found, cost) = measured(|| {
            let checked = check_reading(&source, &request, |wanted| {
                let path = wanted.file.path.trim_start_matches('f');
                let number: usize = path.trim_end_matches(".yaml").parse().expect("a number");
                Ok(file(number))
            });
            checked.report()
        });
        assert!(!found.contains("error"), "{found}");
        cost.allocated
    };
    let (short, long) = (cost(15), cost(60));
    assert!(long < 6 * short, "{short} and {long} bytes");
}

/// What a few lines stand for: the text, and the code of the error.
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
