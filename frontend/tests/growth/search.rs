//! The cost of searches: among many things of a kind, in a long script, or in a chain of files.

use std::collections::BTreeSet;
use std::fs;

use buildkit_llb::Platform;
use stagefile::tools::folder::Folder;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::{self as language, check_reading};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

use crate::counting::{Cost, measured};
use crate::{SOME, TIMES, check, grows_faster, numbered};

/// The name of a shape, and a function that makes a file with this many values. The cost may only grow with their
/// number.
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

/// Returns the cost of looking for the paths of this many steps in a build context.
fn look(count: usize) -> Cost {
    let context = tempfile::tempdir().expect("a working machine");
    let steps = numbered(count, |n| {
        fs::write(context.path().join(format!("file-{n}")), "").expect("a working machine");
        format!("      - copy: file-{n}\n")
    });
    let text = format!("stages:\n  app:\n    steps:\n{steps}");
    let path = context.path().join("Stagefile");
    let request = Request::new(Platform::new("linux", "amd64"));
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
    // Finding a position in a script takes time in proportion to its length.
    let lines =
        "          [[ -n a ]]\n          apt-get install a | tee b\n          npm ci || true\n";
    let lines = lines.repeat(2_000);
    let text = format!("stages:\n  a:\n    from: debian:12\n    steps:\n      - run: |\n{lines}");
    let checked = stagefile_language::driver::check(
        &Source::new("Stagefile", text),
        &Request::new(Platform::new("linux", "amd64")),
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
            ..Request::new(platform)
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
