//! Files that would take too long, or too much memory, if nothing were limited.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use buildkit_llb::Platform;
use stagefile::tools::check::lowered;
use stagefile_language::driver::{Checked, check};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

/// The maximum CPU time for any file. A release build takes a tenth of it or less; tests aren't optimized.
const PATIENCE: Duration = Duration::from_secs(10);

/// The stack size of a program's main thread, in bytes. Without optimization, CEL needs more than a test thread has.
const STACK: usize = 8 << 20;

/// Runs a check with a stack of the size of a program's main thread.
fn with_stack<T: Send>(check: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, check).expect("a thread starts");
        running.join().expect("the check holds")
    })
}

/// Returns the CPU time of this thread so far; zero if the system doesn't report it.
fn processor() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split_whitespace().next().unwrap_or_default();
    Duration::from_nanos(nanoseconds.parse().unwrap_or_default())
}

fn checked(text: &str) -> Checked {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    };
    let start = processor();
    let checked = check(&Source::new("Stagefile", text), &request);
    let report = checked.report();
    let time = processor().saturating_sub(start);
    assert!(time < PATIENCE, "took {time:?}: {report}");
    checked
}

/// Returns the codes of the errors of a file, each once.
fn codes(text: &str) -> Vec<&'static str> {
    with_stack(|| {
        let found = checked(text).found;
        let mut codes: Vec<&str> = found.errors().iter().map(|one| one.code.name).collect();
        codes.dedup();
        codes
    })
}

/// Makes a file with an expression in a step.
fn with_expression(expression: &str) -> String {
    let quoted = expression.replace('\'', "''");
    format!(
        "args:\n  A: abcdefgh\nstages:\n  app:\n    from: scratch\n    steps:\n      - write: /f\n        content: '${{{{ {quoted} }}}}'\n"
    )
}

/// Nests a string in itself this many times.
fn nested(times: usize, innermost: &str, around: impl Fn(usize, &str) -> String) -> String {
    (0..times).fold(innermost.to_owned(), |inner, level| around(level, &inner))
}

#[test]
fn expressions_end_soon() {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    for (name, expression) in [
        (
            "lists inside of lists",
            nested(8, "1", |level, inner| {
                format!("{ten}.map(v{level}, {inner})")
            }) + ".size()",
        ),
        (
            "conditions inside of conditions",
            nested(8, "true", |level, inner| {
                format!("{ten}.all(v{level}, {inner})")
            }) + " ? '' : ''",
        ),
        (
            "errors inside of conditions",
            nested(8, "1 / 0 == 1", |level, inner| {
                format!("{ten}.exists(v{level}, {inner})")
            }) + " ? '' : ''",
        ),
        (
            "texts that double",
            format!("[args.A]{}[0]", ".map(x, x + x + x + x)".repeat(10)),
        ),
        (
            "lists that double",
            format!("[1]{}.size()", ".map(x, [x, x])".repeat(40)),
        ),
        (
            "replacements of replacements",
            format!("args.A{}", ".replace('', 'aaaaaaaa')".repeat(40)),
        ),
        (
            "a replacement by itself",
            nested(6, "args.A", |level, inner| {
                format!("[{inner}].map(v{level}, v{level}.replace('', v{level}))[0]")
            }),
        ),
        (
            "quotes of quotes",
            nested(40, "\"'\"", |_, inner| format!("sh({inner})")),
        ),
        (
            "words between words",
            nested(8, "args.A", |level, inner| {
                format!("[{inner}].map(v{level}, v{level}.split('').join(v{level}))[0]")
            }),
        ),
        ("needles as long as the haystack", {
            let long = format!("'aaaaaaaa'{}", ".replace('a', 'aaaaaaaa')".repeat(3));
            format!(
                "{ten}.map(n, {ten}.map(m, {ten}.map(o, ({long}).indexOf({long} + 'b')))).size()"
            )
        }),
    ] {
        assert_eq!(
            codes(&with_expression(&expression)),
            ["expression-too-costly"],
            "{name}: {expression}"
        );
    }
}

#[test]
fn deep_expressions_are_refused() {
    for expression in [
        vec!["args.A"; 100].join(" + "),
        format!("args.A{}", ".trim()".repeat(200)),
        format!("args{}", ".a".repeat(1_000)),
        nested(500, "1", |_, inner| format!("[{inner}]")),
        nested(500, "1", |_, inner| format!("{{1: {inner}}}")),
        nested(500, "1", |_, inner| format!("true ? {inner} : 2")),
    ] {
        assert_eq!(
            codes(&with_expression(&expression)),
            ["invalid-expression"],
            "{expression}"
        );
    }
}

#[test]
fn expressions_may_be_long() {
    for expression in [
        vec!["'a'"; 40].join(" + "),
        vec!["args.A == ''"; 200].join(" || ") + " ? '' : ''",
        nested(2_000, "1", |_, inner| format!("({inner})")),
    ] {
        assert_eq!(
            codes(&with_expression(&expression)),
            [""; 0],
            "{expression}"
        );
    }
}

#[test]
fn usual_expressions_are_cheap() {
    let packages: String = (0..500).fold(String::new(), |mut text, number| {
        _ = write!(text, "'package-{number}', ");
        text
    });
    let text = format!(
        "templates:
  install:
    inputs:
      packages: {{ type: list }}
    steps:
      - run: install ${{{{ inputs.packages.map(p, sh(p.replace('package', 'lib'))).join(' ') }}}}
stages:
  app:
    from: scratch
    steps:
      - use: install
        with: {{ packages: [{packages}] }}
"
    );
    assert_eq!(codes(&text), [""; 0]);
}

#[test]
fn all_expressions_together_are_limited() {
    let list: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let file = |content: &str| {
        format!(
            "args:
  A: '1'
templates:
  repeated:
    inputs:
      list: {{ type: list }}
    steps:
      - write: /f
        content: {content}
stages:
  app:
    from: scratch
    matrix: {{ a: [{few}], b: [{few}] }}
    steps:
      - use: repeated
        with: {{ list: &l [{list}] }}
      - use: repeated
        with: {{ list: *l }}
      - use: repeated
        with: {{ list: *l }}
",
            few = list[..16].join(", "),
            list = list.join(", ")
        )
    };
    let costly = "${{ inputs.list.map(x, inputs.list).size() }}";
    assert_eq!(codes(&file(costly)), ["expressions-too-large"]);
    let long = "x".repeat(60_000);
    let large = format!("\"{long} ${{{{ args.A }}}} {long}\"");
    assert_eq!(codes(&file(&large)), ["expressions-too-large"]);
}

#[test]
fn stages_are_limited_together() {
    let values: Vec<String> = (0..16).map(|number| number.to_string()).collect();
    let values = values.join(", ");
    let mut text = "stages:\n".to_owned();
    for number in 0..400 {
        _ = writeln!(
            text,
            "  s{number}: {{ matrix: {{ a: [{values}], b: [{values}] }}, from: scratch }}"
        );
    }
    let found = checked(&text).found;
    let errors = found.errors();
    assert_eq!(errors.len(), 1, "it is said once");
    assert_eq!(errors[0].code.name, "too-many-stages");
}

#[test]
fn many_mistakes_are_found_soon() {
    // Similar names, so that suggestions are searched.
    let mut text = "stages:\n".to_owned();
    for number in 0..2_500 {
        _ = write!(
            text,
            "  stage-{number}:\n    form: alpine:3.20\n    requires: [stge-{number}]\n    caches: [gp{number}]\n    env: {{ A: \"${{{{ args.A{number} }}}}\" }}\n"
        );
    }
    let checked = checked(&text);
    assert_eq!(checked.found.errors().len(), 10_000);
    let report = checked.report();
    assert!(report.ends_with("… and 9980 more"), "{report}");
}

/// Many things of one kind, and as many of another kind that look for them: comparing each with all others would take
/// minutes.
#[test]
fn things_that_are_looked_for_among_many_are_found_soon() {
    const MANY: usize = 30_000;
    let many = |one: &dyn Fn(usize) -> String| -> String { (0..MANY).map(one).collect() };
    let args = many(&|n| format!("A{n}: x, "));
    let app = "stages:\n  app:\n    from: alpine:3.20\n";
    let script = |text: String| format!("{app}    steps:\n      - run: |\n{text}");
    let reads = |name: &str| many(&|n| format!("          echo ${name}{n}\n"));
    let brackets = "[a-".repeat(MANY);
    let files = [
        format!("args: {{ {args} }}\n{}", script(reads("X"))),
        format!("args: {{ {args} }}\n{}", script(reads("A"))),
        format!(
            "secrets: {{ {} }}\n{}",
            many(&|n| format!("a{n}: {{ env: A{n} }}, ")),
            script(reads("A"))
        ),
        format!("{}    image: {{ env: {{ {args} }} }}\n", script(reads("X"))),
        format!(
            "args: {{ {args} }}\n{app}    env: {{ {} }}\n",
            many(&|n| format!("V{n}: $X{n}, "))
        ),
        format!(
            "{app}    env: {{ {args}{} }}\n    steps: [{{ run: x }}]\n",
            many(&|n| format!("B{n}: ~, "))
        ),
        format!("{app}    env: {{ A: \"{}\" }}\n", "${B".repeat(MANY)),
        format!("{app}    env: {{ A: \"{}\" }}\n", "${{ ".repeat(MANY)),
        format!(
            "args: {{ A: \"it's\" }}\n{}",
            script("          echo ${{ args.A }}\n".repeat(5_000))
        ),
        format!(
            "{app}    steps: [{{ run: x, mounts: [{}] }}]\n",
            many(&|n| format!("{{ from: scratch, to: /m{n} }}, "))
        ),
        format!(
            "{app}    steps: [{{ run: x, bind: [{}], outputs: {{ {} }} }}]\n",
            many(&|n| format!("a{n}, ")),
            many(&|n| format!("o{n}: /o{n}, "))
        ),
        format!("{app}    steps: [{{ copy: '{brackets}' }}]\n"),
        format!("{app}    steps: [{{ run: x, bind: '{brackets}' }}]\n"),
    ];
    for file in files {
        with_stack(|| {
            let start = processor();
            let report = lowered(checked(&file)).report();
            let time = processor().saturating_sub(start);
            assert!(time < PATIENCE, "took {time:?}: {report}");
        });
    }
}

#[test]
fn scalars_may_be_as_large_as_a_file() {
    let long = "x".repeat(3 << 20);
    for text in [
        format!("stages: {{ a: {{ description: {long} }} }}\n"),
        format!("stages: {{ a: {{ {long}: 1 }} }}\n"),
        format!("stages: {{ {long}: {{ from: scratch }}, b: {{ requires: [{long}y] }} }}\n"),
        format!("stages:\n  a:\n    steps:\n      - run: |\n          {long} ${{{{ args.X }}}}\n"),
        format!(
            "stages:\n  a:\n    steps:\n      - run: >\n          {}\n",
            "é ${{ 'a' }} \n          ".repeat(100_000)
        ),
        format!(
            "stages: {{ a: {{ from: \"{}\" }} }}\n",
            "\\u00e9".repeat(500_000)
        ),
        format!(
            "stages: {{ a: {{ from: \"{}\" }} }}\n",
            "${{ x }} ".repeat(100_000)
        ),
        format!("stages: {{ a: {{ if: \"{long}\" }} }}\n"),
        format!("{long}\n"),
        format!("\"{long}"),
        format!(
            "stages: {}{}\n",
            "[".repeat(2_000_000),
            "]".repeat(2_000_000)
        ),
        format!("stages: {}\n", "{a: ".repeat(700_000)),
        format!("stages: {}\n", "- ".repeat(1_500_000)),
        format!("stages: {}\n", "? ".repeat(1_500_000)),
        format!(
            "x-a: &a [1]\nx-b: [{}]\nstages: {{ a: {{ from: scratch }} }}\n",
            "*a, ".repeat(100_000)
        ),
        format!("x-a: &a {{ from: scratch }}\nstages: {{ {} }}\n", {
            let mut stages = String::new();
            for number in 0..20_000 {
                _ = write!(stages, "s{number}: *a, ");
            }
            stages
        }),
        format!("stages:\n{}", "  - x: y\n".repeat(100_000)),
        format!(
            "stages:\n  a: {{ from: scratch, steps: [{}] }}\n",
            "{ rnu: x }, ".repeat(100_000)
        ),
        format!(
            "stages:\n  a: {{ from: scratch, steps: [{}] }}\n",
            "{ run: x }, ".repeat(100_000)
        ),
        "a: b\n".repeat(800_000),
        "\t\n".repeat(2_000_000),
        "#\n".repeat(2_000_000),
        "\u{feff}".repeat(1_000_000),
        "&a ".repeat(1_000_000),
        "!a ".repeat(1_000_000),
        "'".repeat(4_000_000),
        "---\n".repeat(1_000_000),
        "%YAML 1.2\n".repeat(400_000),
    ] {
        with_stack(|| checked(&text));
    }
}
