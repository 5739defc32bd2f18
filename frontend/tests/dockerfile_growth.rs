//! What a Dockerfile costs grows with the file: a check of one that is four times as large allocates about four times as much, and what
//! instructions stand for together is limited.

mod counting;

use std::collections::BTreeMap;

use buildkit_gateway::Options;
use buildkit_llb::{Platform, SourceMap, Support};
use counting::{Cost, measured};
use stagefile::dockerfile::check::check;
use stagefile::dockerfile::offline::Setting;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::Source;

/// How many lines a file has, and how many times as many.
const FEW: usize = 300;
const TIMES: usize = 4;
/// How much more than so many times as much may be allocated: tables grow by doubling.
const SLACK_PERCENT: usize = 150;

/// A file of so many lines of a kind.
type Shaped = (&'static str, fn(usize) -> String);

const SHAPED: [Shaped; 12] = [
    ("variables that are set", |count| {
        numbered(count, |n| format!("ENV V{n}=x\n"))
    }),
    ("variables of one line", |count| {
        format!("ENV {}\n", numbered(count, |n| format!("V{n}=x ")))
    }),
    ("labels", |count| {
        numbered(count, |n| format!("LABEL l{n}=x\n"))
    }),
    ("processes", |count| {
        numbered(count, |n| format!("RUN echo {n}\n"))
    }),
    ("variables before one process each", |count| {
        numbered(count, |n| format!("ENV V{n}=x\nRUN echo\n"))
    }),
    ("stages in a chain", |count| {
        numbered(count, |n| match n {
            0 => "FROM alpine AS s0\n".to_owned(),
            n => format!("FROM s{} AS s{n}\nRUN echo\n", n - 1),
        })
    }),
    ("stages that all are copied from", |count| {
        let stages = numbered(count, |n| format!("FROM alpine AS s{n}\nRUN echo\n"));
        let copies = numbered(count, |n| format!("COPY --from=s{n} /a /b\n"));
        format!("{stages}FROM alpine\n{copies}")
    }),
    ("copies from stages that are not there", |count| {
        let stages = numbered(count, |n| format!("FROM alpine AS stage{n}\n"));
        let copies = numbered(count, |n| format!("COPY --from=stagge{n} a b\n"));
        format!("{stages}{copies}")
    }),
    ("instructions that are none", |count| {
        numbered(count, |n| format!("RUNN {n}\n"))
    }),
    ("options that are none", |count| {
        numbered(count, |n| format!("RUN --option{n}=x echo\n"))
    }),
    ("caches", |count| {
        numbered(count, |n| {
            format!("RUN --mount=type=cache,target=/c{n} make\n")
        })
    }),
    ("heredocs", |count| {
        numbered(count, |n| format!("RUN <<E{n}\nmake\nE{n}\n"))
    }),
];

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn cost(text: &str) -> (Cost, String) {
    let platform = Platform::new("linux", "amd64");
    let source = Source::new("Dockerfile", text);
    let setting = Setting {
        options: Options::parse([("target", "")]).expect("options"),
        platform: Some(platform.clone()),
        build_platforms: vec![platform],
        support: Support::full(),
        map: SourceMap::new("Dockerfile", "Dockerfile", text.to_owned()),
        ignored: Vec::new(),
        configs: BTreeMap::new(),
        contexts: BTreeMap::new(),
    };
    let (messages, cost) = measured(|| {
        let mut found = Diagnostics::default();
        check(&source, &setting, &mut found);
        let found = found.errors().into_iter().chain(found.warnings());
        let messages: Vec<String> = found.map(|one| one.message.clone()).collect();
        messages.join("\n")
    });
    (cost, messages)
}

#[test]
fn a_check_costs_what_the_file_is_long() {
    let mut wrong = Vec::new();
    for (name, text) in SHAPED {
        let text = |count| format!("FROM alpine\n{}", text(count));
        let (small, large) = (cost(&text(FEW)).0, cost(&text(FEW * TIMES)).0);
        if 100 * large.allocated > SLACK_PERCENT * TIMES * small.allocated {
            wrong.push(format!(
                "{name}: {TIMES} times as many allocate {} instead of {} bytes",
                large.allocated, small.allocated
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn so_many_names_are_compared_and_no_more() {
    let text = |count| {
        let set = numbered(count, |n| format!("ENV VARIABLE{n}=x\n"));
        let used = numbered(count, |n| format!("ENV B=$VARIABEL{n}\n"));
        format!("FROM alpine\n{set}{used}")
    };
    let (_, few) = cost(&text(10));
    assert!(
        few.contains("'$VARIABEL9' (did you mean $VARIABLE9?)"),
        "{few}"
    );
    let (small, _) = cost(&text(2_000));
    let (large, _) = cost(&text(4_000));
    assert!(
        large.allocated < 3 * small.allocated,
        "{} {}",
        large.allocated,
        small.allocated
    );
}
