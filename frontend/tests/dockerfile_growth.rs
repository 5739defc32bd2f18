//! The cost of a Dockerfile is linear in its size: checking, compiling or converting one that is four times as large
//! allocates about four times as much. The total that instructions expand to is limited.

mod counting;

use std::collections::BTreeMap;

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_gateway::Options;
use buildkit_llb::{Constrain as _, Graph, Local, MarshalOptions, Platform, SourceMap, Support};
use counting::{Cost, measured};
use stagefile::convert::{NoContext, Style, convert};
use stagefile::dockerfile::check::check;
use stagefile::dockerfile::offline::Setting;
use stagefile::tools::graph::mermaid;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::Source;

/// The number of lines of the small file, and the factor for the large one.
const SMALL: usize = 150;
const TIMES: usize = 4;
/// The percentage of the proportional cost that may be allocated: tables grow by doubling.
const SLACK_PERCENT: usize = 150;

/// What isn't linear, but limited instead: for each script, a compilation asks which of the variables it may use.
const LIMITED: [(&str, &str); 1] = [("convert", "variables before one process each")];

/// Something that is done with a file: its name, and a function that returns the cost and the size of the result.
type Work = (&'static str, fn(&str) -> (Cost, usize));

/// The name of a shape, and a function that makes a file with this many lines.
type Shaped = (&'static str, fn(usize) -> String);

const SHAPED: [Shaped; 26] = [
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
    ("arguments, and as many stages", |count| {
        let arguments = numbered(count, |n| format!("ARG A{n}\n"));
        let stages = numbered(count, |n| format!("FROM alpine AS s{n}\n"));
        format!("{arguments}{stages}")
    }),
    ("stages of one name", |count| {
        numbered(count, |_| "FROM alpine AS same\nRUN echo\n".to_owned())
    }),
    ("stages without a name", |count| {
        numbered(count, |n| format!("FROM alpine\nRUN echo {n}\n"))
    }),
    ("platforms of one image", |count| {
        numbered(count, |n| {
            format!("FROM --platform=linux/arm/v{n} alpine AS s{n}\nRUN echo\n")
        })
    }),
    ("stages that one starts from", |count| {
        let stages = numbered(count, |n| format!("FROM base AS s{n}\nRUN echo\n"));
        format!("FROM alpine AS base\n{stages}")
    }),
    ("variables of the base in a chain", |count| {
        numbered(count, |n| match n {
            0 => "FROM alpine AS s0\n".to_owned(),
            n => format!("FROM s{} AS s{n}\nLABEL l=$V{n}\n", n - 1),
        })
    }),
    ("one secret in many places", |count| {
        numbered(count, |n| {
            format!("RUN --mount=type=secret,id=s,target=/s{n} make\n")
        })
    }),
    ("directories that are entered", |count| {
        numbered(count, |n| format!("WORKDIR /d{n}\nRUN echo\n"))
    }),
    ("ports and volumes", |count| {
        numbered(count, |n| format!("EXPOSE {}\nVOLUME /v{n}\n", n + 1))
    }),
    ("copies", |count| {
        numbered(count, |n| format!("COPY d{n}/a b{n}\n"))
    }),
    ("copies from images", |count| {
        numbered(count, |n| format!("COPY --from=image{n} /a b{n}\n"))
    }),
    ("files that are written", |count| {
        numbered(count, |n| format!("COPY <<E /f{n}\ntext\nE\n"))
    }),
    ("packages", |count| {
        numbered(count, |n| {
            format!(
                "RUN apt-get update && apt-get install -y p{n} && rm -rf /var/lib/apt/lists/*\n"
            )
        })
    }),
    ("comments", |count| {
        numbered(count, |n| format!("# {n}\nRUN echo \\\n  # {n}\n  {n}\n"))
    }),
];

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn setting(source: &Source) -> Setting {
    let platform = Platform::new("linux", "amd64");
    Setting {
        options: Options::parse([("target", "")]).expect("options"),
        platform: Some(platform.clone()),
        build_platforms: vec![platform],
        support: Support::full(),
        map: SourceMap::new("Dockerfile", "Dockerfile", source.text().to_owned()),
        ignored: Vec::new(),
        configs: BTreeMap::new(),
        contexts: BTreeMap::new(),
    }
}

/// Checks a file. Returns the messages.
fn checked(text: &str) -> (Cost, String) {
    let source = Source::new("Dockerfile", text);
    let setting = setting(&source);
    let (messages, cost) = measured(|| {
        let mut found = Diagnostics::default();
        check(&source, &setting, &mut found);
        let found = found.errors().into_iter().chain(found.warnings());
        let messages: Vec<String> = found.map(|one| one.message.clone()).collect();
        messages.join("\n")
    });
    (cost, messages)
}

/// Compiles a file as far as possible, and draws its graph. Returns the size of the compiled graph, too: each process
/// has all the variables before it, in Docker's output as in this one.
fn drawn(text: &str) -> (Cost, usize) {
    let setting = setting(&Source::new("Dockerfile", text));
    let (size, cost) = measured(|| {
        let file = Dockerfile::parse(text, &LintConfig::default());
        let outcome = setting.compile(&file, false);
        if let (Some(compilation), None) = (outcome.compilation, outcome.mistake) {
            _ = compilation.outline();
            let compiled = compilation.finish(&Local::new("context").into_state());
            let options = MarshalOptions::new()
                .on_platform(Platform::new("linux", "amd64"))
                .supported_by(Support::full());
            let definition = compiled.state.marshal(&options);
            _ = mermaid(&Graph::read(&definition).expect("a graph"));
            return definition.to_bytes().len();
        }
        0
    });
    (cost, size)
}

fn converted(text: &str) -> (Cost, usize) {
    let (converted, cost) = measured(|| convert(text, Style::default(), &NoContext));
    (cost, converted.map_or(0, |text| text.len()))
}

#[test]
fn all_that_is_done_costs_what_the_file_is_long() {
    let mut wrong = Vec::new();
    let work: [Work; 3] = [
        ("check", |text| (checked(text).0, 0)),
        ("graph", drawn),
        ("convert", converted),
    ];
    for (name, text) in SHAPED {
        let text = |count| format!("FROM alpine\n{}", text(count));
        let (few, many) = (text(SMALL), text(SMALL * TIMES));
        for (what, cost) in work {
            if LIMITED.contains(&(what, name)) {
                continue;
            }
            let ((small, size), (large, new_size)) = (cost(&few), cost(&many));
            let times = TIMES.max(new_size.div_ceil(size.max(1)));
            if 100 * large.allocated > SLACK_PERCENT * times * small.allocated {
                wrong.push(format!(
                    "{what} of {name}: {times} times as much allocates {} instead of {} bytes",
                    large.allocated, small.allocated
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn variables_of_so_many_places_are_converted_and_no_more() {
    let stages = |count| {
        numbered(count, |n| {
            format!("FROM alpine AS s{n}\nARG V=1\nRUN echo $V\n")
        })
    };
    // Those of one stage don't count for another.
    assert!(convert(&stages(1_500), Style::default(), &NoContext).is_ok());
    let steps = |count| numbered(count, |n| format!("ENV V{n}=x\nRUN echo $V{n}\n"));
    let refused = convert(
        &format!("FROM alpine\n{}", steps(1_500)),
        Style::default(),
        &NoContext,
    );
    let message = refused.expect_err("refused").remove(0).message;
    assert!(message.contains("too many to be converted"), "{message}");
    let deep = format!("FROM alpine\n{}", "WORKDIR directory\n".repeat(500));
    let refused = convert(&deep, Style::default(), &NoContext);
    let message = refused.expect_err("refused").remove(0).message;
    assert!(message.contains("longer than 4096 bytes"), "{message}");
}

#[test]
fn so_many_names_are_compared_and_no_more() {
    let text = |count| {
        let set = numbered(count, |n| format!("ENV VARIABLE{n}=x\n"));
        let used = numbered(count, |n| format!("ENV B=$VARIABEL{n}\n"));
        format!("FROM alpine\n{set}{used}")
    };
    let (_, few) = checked(&text(10));
    assert!(
        few.contains("'$VARIABEL9' (did you mean $VARIABLE9?)"),
        "{few}"
    );
    let (small, _) = checked(&text(2_000));
    let (large, _) = checked(&text(4_000));
    assert!(
        large.allocated < 3 * small.allocated,
        "{} {}",
        large.allocated,
        small.allocated
    );
}

/// A message to a daemon holds 16 MiB. Whatever a single instruction expands to, compilation stops before it takes many
/// times as much.
#[test]
fn what_one_instruction_stands_for_is_limited() {
    let value = "v".repeat(50_000);
    let lines = |what: &str| format!("{what} ").repeat(400).replace("$A ", "$A \\\n");
    for instruction in [
        format!("EXPOSE {}", "1-65535 ".repeat(200)),
        format!("ADD {} /x/", lines("$A")),
        format!("LABEL {}", lines("l=$A")),
    ] {
        let text = format!("FROM alpine\nENV A={value}\n{}\n", instruction.trim_end());
        let (cost, messages) = checked(&text);
        let name = &instruction[..20];
        let limit = "the instructions are larger than 16 MiB together";
        assert!(messages.contains(limit), "{name}: {messages:.200}");
        assert!(cost.peak < 100 << 20, "{name}: {} bytes", cost.peak);
    }
}

/// A variable that repeats itself gets large after a few lines, wherever it is set and used.
#[test]
fn what_variables_repeat_is_limited() {
    let doubled = |times| format!("ARG A=aaaaaaaa\n{}", "ARG A=$A$A\n".repeat(times));
    let copies = |what: &str| numbered(500, |n| what.replace('#', &n.to_string()));
    let texts = [
        format!("{}FROM alpine\n", doubled(60)),
        format!("FROM alpine\n{}", doubled(60)),
        format!("{}{}FROM alpine\n", doubled(20), copies("ARG B#=$A\n")),
        format!("FROM alpine\n{}{}", doubled(20), copies("ARG B#=$A\n")),
        format!("{}{}", doubled(20), copies("FROM alpine:$A AS s#\n")),
        format!(
            "{}FROM alpine\nARG A\n{}",
            doubled(20),
            copies("EXPOSE $A\n")
        ),
        format!(
            "{}FROM alpine\nARG A\n{}",
            doubled(20),
            copies("RUN echo $A\n")
        ),
        format!(
            "FROM alpine\n{}",
            "ENV A=${A:-aaaaaaaa}$A$A$A$A\n".repeat(40)
        ),
    ];
    for text in texts {
        let (cost, messages) = checked(&text);
        let count = messages.matches(" MiB").count();
        assert_eq!(count, 1, "{text:.80}: {messages:.200}");
        assert!(cost.peak < 400 << 20, "{text:.80}: {} bytes", cost.peak);
    }
}

/// In a chain of stages, each stage that changes the config has its own copy.
#[test]
fn what_a_chain_of_stages_inherits_is_limited() {
    let chain = |count, instruction: &str| {
        let stages = numbered(count, |n| {
            format!("FROM s{n} AS s{}\n{instruction}{n}=x\n", n + 1)
        });
        format!("FROM alpine AS s0\n{stages}")
    };
    for instruction in [
        "ENV V",
        "LABEL l",
        "VOLUME /v",
        "EXPOSE 8080/tcp\nONBUILD ENV V",
    ] {
        let (_, few) = checked(&chain(200, instruction));
        assert!(!few.contains("MiB together"), "{instruction}: {few}");
    }
    for instruction in ["ENV V", "LABEL l", "VOLUME /v"] {
        let (cost, messages) = checked(&chain(2_500, instruction));
        assert!(
            messages.contains("larger than 64 MiB together"),
            "{messages:.200}"
        );
        assert!(cost.peak < 400 << 20, "{instruction}: {} bytes", cost.peak);
    }
}
