//! If BuildKit would refuse something in a graph, `check` refuses it in the file, at the wrong value.
//!
//! Every key of the tables is given odd values of all kinds. If `check` accepts the file, the graph of all of its
//! stages must be one that a daemon accepts, by the rules of `stagefile-llb`.

mod placement;

use buildkit_llb::{MarshalOptions, Platform};
use placement::{files_with, keys};
use stagefile::tools::llb::{Offline, lower_target};
use stagefile_language::driver::{Checked, check_reading};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;
use stagefile_language::syntax::keys::Shape;

/// Strings that some rule of BuildKit applies to.
const ODD: [&str; 31] = [
    "''",
    "' '",
    "'a b'",
    "\"a\\0b\"",
    "\"a\\nb\"",
    "/",
    "/.",
    ".",
    "..",
    "a/..",
    "//",
    "'[a'",
    "'[-a]'",
    "'a\\'",
    "'!'",
    "'*'",
    "'a=b'",
    "'=b'",
    "'#'",
    "-x",
    "a:b",
    "app",
    "app:staff",
    "'-1'",
    "'77777'",
    "'5-3'",
    "'4294967296'",
    "'99999999999999999999'",
    "'http://'",
    "'https://example.com/%zz'",
    "'0123456789abcdef0123456789abcdef01234567'",
];

/// A name that is longer than Linux accepts for a host.
fn long() -> String {
    format!("'{}'", "a".repeat(300))
}

/// The forms of value that a key of this shape may have.
fn forms(shape: Shape, value: &str) -> Vec<String> {
    match shape {
        Shape::Text | Shape::Flag | Shape::Word(_) | Shape::Form(_) => vec![value.to_owned()],
        Shape::Texts => vec![value.to_owned(), format!("[{value}, x]")],
        Shape::TextMap | Shape::Data => {
            vec![
                format!("{{ {value}: 10.0.0.1 }}"),
                format!("{{ a: {value} }}"),
            ]
        }
        // Their keys are tested separately.
        Shape::Record(_) => Vec::new(),
        Shape::Named(inner) => {
            let inner = forms(*inner, value).into_iter();
            inner.map(|form| format!("{{ a: {form} }}")).collect()
        }
        Shape::List(inner) | Shape::OneOrMore(inner) => {
            let inner = forms(*inner, value).into_iter();
            inner.map(|form| format!("[{form}]")).collect()
        }
        Shape::Either(short, long) => {
            let short = forms(*short, value).into_iter();
            short.chain(forms(*long, value)).collect()
        }
    }
}

fn check(text: &str) -> Checked {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        contexts: Some(["assets", "base"].map(str::to_owned).into()),
        ..Request::new(platform)
    };
    let source = Source::new("Stagefile", text);
    let imported = "stages: { base: { from: alpine } }\n";
    check_reading(&source, &request, |_| Ok(imported.to_owned()))
}

/// Returns why BuildKit would refuse a file in which `check` finds no mistakes.
fn refusals(text: &str) -> Option<String> {
    let mut checked = check(text);
    if checked.found.has_errors() {
        return None;
    }
    let plan = checked.plan.as_mut()?;
    plan.want_all();
    let platform = Platform::new("linux", "amd64");
    let (lowered, _) = lower_target(plan, &checked.sources, &Offline::new(platform)).ok()?;
    let verified = lowered.whole(&MarshalOptions::new()).verify();
    Some(
        verified
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default(),
    )
}

#[test]
fn what_check_takes_is_taken_by_buildkit() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let long = long();
    for (name, table, key) in keys() {
        let odd = ODD.into_iter().chain([long.as_str()]);
        for value in odd.flat_map(|value| forms(key.shape, value)) {
            let files = files_with(name, table, key, &value);
            let Some(file) = files.first() else { continue };
            // Whether user names are possible depends on what a stage starts from.
            let empty = file.replace("from: 'node:22-slim'", "from: scratch");
            let of_users = matches!(key.name, "owner" | "user");
            for file in [file, &empty].into_iter().take(1 + usize::from(of_users)) {
                let Some(refusals) = refusals(file) else {
                    continue;
                };
                count += 1;
                if !refusals.is_empty() {
                    wrong.push(format!("{name}.{}: {value}: {refusals}", key.name));
                }
            }
        }
    }
    assert!(count >= 2000, "few files: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
