//! What fixes guarantee: the fixed file compiles to the same operations, has nothing left to fix, and only differs
//! where it was fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Constrain as _, Local, MarshalOptions, Platform, SourceMap, Support};
use serde_json::Value;
use stagefile::dockerfile::check::check;
use stagefile::dockerfile::offline::Setting;
use stagefile::tools::fix::Fixing;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::{Source, Sources};

fn setting(text: &str, configs: BTreeMap<String, ImageConfig>) -> Setting {
    let platform = Platform::new("linux", "amd64");
    Setting {
        options: Options::parse([("target", "")]).expect("options"),
        platform: Some(platform.clone()),
        build_platforms: vec![platform],
        support: Support::full(),
        map: SourceMap::new("Dockerfile", "Dockerfile", text.to_owned()),
        ignored: Vec::new(),
        configs,
        contexts: BTreeMap::new(),
    }
}

/// A base whose config is known and sets a working directory.
fn known() -> BTreeMap<String, ImageConfig> {
    let json = br#"{"os":"linux","architecture":"amd64","config":{"WorkingDir":"/srv","Env":["PATH=/bin","BASE=b"]},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#;
    let config = ImageConfig::from_json(json).expect("a config");
    [("docker.io/library/known:latest".to_owned(), config)].into()
}

/// Fixes a file; returns it and what was fixed.
fn fixed(text: &str) -> (String, Vec<String>) {
    let mut fixing = Fixing::new(&Source::new("Dockerfile", text));
    loop {
        let sources = Sources::new(fixing.source().clone());
        let mut found = Diagnostics::default();
        let setting = setting(fixing.source().text(), known());
        check(sources.main(), &setting, &mut found);
        if !fixing.learn(&sources, &found) {
            let made = fixing.made().to_vec();
            return (fixing.source().text().to_owned(), made);
        }
    }
}

/// Compiles all stages of a file: the operations of each, and the target's config.
fn compiled(text: &str) -> Option<(Vec<Vec<u8>>, Value)> {
    let file = Dockerfile::parse(text, &LintConfig::default());
    let setting = setting(text, known());
    let outcome = setting.compile(&file, true);
    if outcome.mistake.is_some() {
        return None;
    }
    let context = Local::new("context").unique_id("context").into_state();
    let compiled = outcome.compilation?.finish(&context);
    let platform = Platform::new("linux", "amd64");
    let definition = compiled
        .state
        .marshal(&MarshalOptions::new().on_platform(platform));
    let operations = definition.operations().iter().map(|bytes| bytes.to_vec());
    let config = serde_json::from_slice(&compiled.image.to_json()).expect("JSON");
    Some((operations.collect(), config))
}

/// Removes from a config what fixes may change: the author, and what containers run.
fn without_fixed(mut config: Value) -> Value {
    for key in ["author", "history"] {
        config[key] = Value::Null;
    }
    for key in ["Labels", "Cmd", "Entrypoint"] {
        config["config"][key] = Value::Null;
    }
    config
}

fn promise(text: &str) -> Vec<String> {
    let (after, made) = fixed(text);
    let (again, more) = fixed(&after);
    assert_eq!(
        more, [""; 0],
        "fixed again:\n{text}\n→\n{after}\n→\n{again}"
    );
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mistaken = made
        .iter()
        .any(|line| line.contains("(invalid-dockerfile)"));
    if made.is_empty() {
        assert_eq!(text, after);
    }
    if mistaken {
        return made;
    }
    match (compiled(text), compiled(&after)) {
        (Some((before, old)), Some((now, new))) => {
            assert!(before == now, "other operations:\n{text}\n→\n{after}");
            assert_eq!(without_fixed(old), without_fixed(new), "{text}\n→\n{after}");
        }
        (None, None) => {}
        (before, _) => panic!(
            "{} compiles:\n{text}\n→\n{after}",
            match before {
                Some(_) => "no longer",
                None => "now",
            }
        ),
    }
    made
}

#[test]
fn every_file_of_the_vectors_keeps_the_promise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dockerfile-vectors");
    let mut rules = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let vector: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for (_, text) in vector["files"].as_object().into_iter().flatten() {
            let text = text.as_str().unwrap_or_default();
            for line in promise(text) {
                let rule = line.rsplit(" (").next().unwrap_or_default();
                rules.insert(rule.trim_end_matches(')').to_owned());
            }
        }
    }
    assert!(
        rules.len() >= 6,
        "the vectors have little to fix: {rules:?}"
    );
}

/// Instructions, some with something to fix, and some that only look like it.
const LINES: &[&str] = &[
    "FROM known As Base",
    "from known",
    "From alpine AS x",
    "FROM scratch as Y",
    "FROM base as Next",
    "ENV FOO bar baz",
    "ENV FOO  $BASE/x ",
    "ENV FOO 'a b' c",
    "ENV FOO \"a b\"",
    "ENV FOO a\\ b c",
    "ENV FOO a=b c",
    "env FOO ${BASE:-x y}",
    "ENV FOO \\\n# comment\n  bar",
    "ENV FOO bar \\\n\n  baz",
    "LABEL l some thing",
    "LABEL l <<EOF x",
    "MAINTAINER Jo \"$BASE\" \\x <jo@x>",
    "maintainer \"Jo\"",
    "MAINTAINER <<EOF",
    "WORKDIR app",
    "WORKDIR app/../b/",
    "workdir $FOO/x",
    "WORKDIR \\\n  app",
    "CMD node server.js",
    "CMD exec node",
    "CMD echo $FOO",
    "CMD A=b c",
    "CMD [\"x\"]",
    "entrypoint /bin/x --flag=1 y",
    "ENTRYPOINT /bin/x | y",
    "EXPOSE 80/TCP 53/Udp 1",
    "EXPOSE 80/$FOO 53/UDP",
    "RUN <<EOF\nfrom x as Y\n\nEOF",
    "RUN echo a \\\n\n  b \\\n# c\n\n  d",
    "COPY <<\"A B\" <<-x /y/\nENV a b\nA B\n\tcmd x\n\tx",
    "# check=skip=LegacyKeyValueFormat\nENV FOO not this",
    "ONBUILD MAINTAINER x",
    "ARG FOO=1",
    "SHELL [\"/bin/bash\", \"-c\"]",
    "STOPSIGNAL 9",
    "",
    "# a comment: from x as Y",
];

/// A pseudorandom sequence that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }
}

#[test]
fn files_of_all_kinds_of_instructions_keep_the_promise() {
    let mut numbers = Numbers(12);
    let mut rules = BTreeSet::new();
    for round in 0..1_500 {
        let mut lines = vec![LINES[numbers.below(4)]];
        for _ in 0..numbers.below(9) {
            lines.push(LINES[numbers.below(LINES.len())]);
        }
        let mut text = lines.join("\n");
        if round % 2 == 0 {
            text.push('\n');
        }
        if round % 3 == 0 {
            text = text.replace('\n', "\r\n");
        }
        if round % 5 == 0 {
            text = format!(
                "# escape=`\n{}",
                text.replace("\\\n", "`\n").replace("\\\r", "`\r")
            );
        }
        if round % 7 == 0 {
            text.insert(0, '\u{feff}');
        }
        for line in promise(&text) {
            let rule = line.rsplit(" (").next().unwrap_or_default();
            rules.insert(rule.trim_end_matches(')').to_owned());
        }
    }
    let expected = [
        "ConsistentInstructionCasing",
        "ExposeProtoCasing",
        "FromAsCasing",
        "JSONArgsRecommended",
        "LegacyKeyValueFormat",
        "MaintainerDeprecated",
        "NoEmptyContinuation",
        "StageNameCasing",
        "WorkdirRelativePath",
    ];
    assert_eq!(
        rules.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn all_else_stays_as_it_is() {
    let text = "# syntax=docker/dockerfile:1\r\n\r\n  from known As Base  \r\n# from x as Y\r\nENV  A  b c\t\r\nRUN \
                <<EOF\r\n\tfrom x as Y\r\n\r\nEOF\r\nRUN a \\\r\n\r\n  # c\r\n  b\r\nMAINTAINER  Jo\r\nworkdir app\r\n";
    let (after, made) = fixed(text);
    let expected = "# syntax=docker/dockerfile:1\r\n\r\n  FROM known AS base  \r\n# from x as Y\r\nENV  A=\"b c\"\t\r\nRUN \
                <<EOF\r\n\tfrom x as Y\r\n\r\nEOF\r\nRUN a \\\r\n  # c\r\n  b\r\nLABEL \
                org.opencontainers.image.authors=\"Jo\"\r\nWORKDIR /srv/app\r\n";
    assert_eq!(after, expected, "{made:#?}");
}

/// A command is only turned into a list if containers do the same with it.
#[test]
fn a_shell_goes_only_where_it_makes_no_difference() {
    let is_fixed = |text: &str, rule: &str| fixed(text).1.iter().any(|line| line.contains(rule));
    for (text, expected) in [
        ("FROM known\nCMD node x\n", true),
        // The entrypoint of the image isn't known.
        ("FROM unknown\nCMD node x\n", false),
        ("FROM unknown\nENTRYPOINT node x\n", true),
        // The arguments of an entrypoint.
        ("FROM known\nENTRYPOINT [\"a\"]\nCMD node x\n", false),
        ("FROM known\nCMD node x\nENTRYPOINT [\"a\"]\n", false),
        // A shell drops the arguments that a list would pass on.
        ("FROM known\nENTRYPOINT node x\nCMD [\"y\"]\n", false),
        (
            "FROM known AS a\nENTRYPOINT node x\nFROM a\nCMD [\"y\"]\n",
            false,
        ),
        (
            "FROM known AS a\nENTRYPOINT node x\nFROM a AS b\nFROM b\nCMD [\"y\"]\n",
            false,
        ),
        (
            "FROM known AS a\nENTRYPOINT node x\nFROM a\nENTRYPOINT [\"z\"]\nCMD [\"y\"]\n",
            true,
        ),
        // A shell builtin.
        ("FROM known\nCMD cd /x\n", false),
        ("FROM known\nCMD X=1 node\n", false),
        ("FROM known\nCMD node x && y\n", false),
        ("FROM known\nCMD node *.js\n", false),
    ] {
        assert_eq!(is_fixed(text, "JSONArgsRecommended"), expected, "{text}");
    }
}

#[test]
fn a_mistyped_word_is_corrected() {
    let (after, made) = fixed("FORM alpine\nRNU x\nRUN --mont=type=cache,target=/x y\nRUN mont\n");
    assert_eq!(
        after,
        "FROM alpine\nRUN x\nRUN --mount=type=cache,target=/x y\nRUN mont\n"
    );
    assert_eq!(made.len(), 3, "{made:#?}");
}

/// If two messages have the same words, one that comes with a correction doesn't mean that another correction failed.
#[test]
fn corrections_are_judged_each_by_its_place() {
    let (after, _) = fixed("ROM known As X\nFROM known As Base\n");
    assert_eq!(after, "FROM known AS x\nFROM known AS base\n");
}
