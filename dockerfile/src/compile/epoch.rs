//! The source date epoch of a build (`SOURCE_DATE_EPOCH`).

use buildkit_gateway::context::GitReference;
use buildkit_llb::{Checksum, Git, Http, State};

use super::graph::SCRATCH;
use super::limits::check_size;
use super::need::EpochSource;
use super::{Compilation, remote, words};
use crate::dockerfile::Dockerfile;
use crate::instruction::{InstructionKind, Stage, Transfer};
use crate::lexer::Environment as _;
use crate::mistake::Mistake;

/// The build argument with the source date epoch.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

impl Compilation<'_> {
    /// Parses the time from the build arguments. If it isn't a number, returns the source in which it has to be looked
    /// up.
    pub(super) fn find_epoch(&mut self, file: &Dockerfile) -> Result<Option<EpochSource>, Mistake> {
        let given = self.build_args.get(EPOCH).cloned();
        let value = match given {
            Some(value) => value,
            None => match self.globals.get(EPOCH) {
                None | Some("") => return Ok(None),
                Some(value) => value.to_owned(),
            },
        };
        if value.is_empty() {
            self.epoch_is(None);
            return Ok(None);
        }
        if let Ok(seconds) = value.parse::<i64>() {
            self.epoch_is(Some(seconds));
            return Ok(None);
        }
        if value == "context" {
            return Ok(Some(EpochSource::Context));
        }
        if self.request.stands_for_context(&value, None) {
            return Ok(Some(EpochSource::Named(value)));
        }
        let mut stages = file.stages.iter();
        let Some(stage) = stages.find(|stage| stage.name.eq_ignore_ascii_case(&value)) else {
            return Err(Mistake::new(format!("invalid SOURCE_DATE_EPOCH: {value}")));
        };
        let state = self
            .download_of(stage)
            .map_err(|mistake| mistake.at(stage.lines))?;
        Ok(Some(EpochSource::Source {
            state,
            name: format!(
                "[internal] resolve SOURCE_DATE_EPOCH source stage {}",
                stage.name
            ),
        }))
    }

    /// Sets the time. Arguments that refer to it get the number, or are unset if there is none.
    pub(super) fn epoch_is(&mut self, epoch: Option<i64>) {
        self.epoch = epoch;
        let value = epoch.map(|seconds| seconds.to_string());
        if self.build_args.contains_key(EPOCH) {
            match &value {
                None => _ = self.build_args.remove(EPOCH),
                Some(value) => _ = self.build_args.insert(EPOCH.to_owned(), value.clone()),
            }
        }
        if self.globals.get(EPOCH).is_some() {
            match value {
                None => self.globals.remove(EPOCH),
                Some(value) => self.globals.set(EPOCH, value),
            }
        }
    }

    /// Returns the only download that a stage consists of.
    fn download_of(&self, stage: &Stage) -> Result<State, Mistake> {
        const ONE_ADD: &str = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";
        let mut variables = self.globals.clone();
        variables.remove(EPOCH);
        let base = self.lexer.word(&stage.base, &variables)?;
        if base.text != SCRATCH {
            return Err(Mistake::new(
                "SOURCE_DATE_EPOCH stage must use FROM scratch",
            ));
        }
        let (mut found, mut written) = (None, 0);
        for instruction in &stage.instructions {
            match &instruction.kind {
                InstructionKind::Arg(arguments) => {
                    for argument in arguments {
                        if let Some(value) = self.build_args.get(&argument.name) {
                            variables.set(&argument.name, value.clone());
                        } else if let Some(default) = &argument.value {
                            let value = self.lexer.word(default, &variables)?.text;
                            written += value.len();
                            check_size(written)?;
                            variables.set(&argument.name, value);
                        }
                    }
                }
                InstructionKind::Add(add) => {
                    if found.is_some() {
                        return Err(Mistake::new(ONE_ADD));
                    }
                    let expand = |text: &str| Ok(self.lexer.word(text, &variables)?.text);
                    found = Some(download(add, &expand)?);
                }
                _ => {
                    return Err(Mistake::new(format!(
                        "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported {} instruction",
                        instruction.keyword
                    )));
                }
            }
        }
        found.ok_or_else(|| Mistake::new(ONE_ADD))
    }
}

/// Returns the source of `ADD URL`.
fn download(
    add: &Transfer,
    expand: &dyn Fn(&str) -> Result<String, Mistake>,
) -> Result<State, Mistake> {
    let ([source], []) = (add.sources.as_slice(), add.inline.as_slice()) else {
        return Err(Mistake::new(
            "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source",
        ));
    };
    let source = expand(source)?;
    let checksum = expand(&add.checksum)?;
    if remote::is_http(&source) {
        let error = |error: &dyn std::fmt::Display| Mistake::new(error.to_string());
        let mut http = Http::new(&source)
            .map_err(|problem| error(&problem))?
            .filename(remote::file_of(&source));
        if !checksum.is_empty() {
            let checksum = Checksum::parse(&checksum)
                .map_err(|problem| Mistake::new(words::checksum(&problem)))?;
            http = http.checksum(checksum);
        }
        return Ok(http.into_state());
    }
    let reference =
        GitReference::parse(&source).map_err(|error| Mistake::new(error.to_string()))?;
    let Some(reference) = reference.filter(|_| !remote::looks_local(&source)) else {
        return Err(Mistake::new(
            "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD",
        ));
    };
    let mut git = Git::new(&reference.remote);
    if let Some(git_ref) = &reference.git_ref {
        git = git.reference(git_ref);
    }
    if add.keep_git_dir == Some(true) || reference.keep_git_dir == Some(true) {
        git = git.keep_git_dir();
    }
    if !checksum.is_empty() {
        git = git.checksum(checksum);
    } else if let Some(checksum) = &reference.checksum {
        git = git.checksum(checksum);
    }
    if let Some(subdir) = &reference.subdir {
        git = git.subdir(subdir);
    }
    if reference.submodules == Some(false) {
        git = git.skip_submodules();
    }
    git.into_state()
        .map_err(|error| Mistake::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::Options;
    use buildkit_llb::{Graph, MarshalOptions, Platform, SourceMap, Support};

    use super::*;
    use crate::compile::{Need, Request};
    use crate::lint::LintConfig;

    /// Returns the first need of a file with a value of the argument: the source of the time, or the mistake.
    fn first_need(text: &str, options: &[(&str, &str)]) -> String {
        let file = Dockerfile::parse(text, &LintConfig::default());
        let options = Options::parse(options.iter().copied()).unwrap();
        let map = SourceMap::new("Dockerfile", "Dockerfile", text.to_owned());
        let request = Request {
            options: &options,
            platform: None,
            build_platforms: &[Platform::new("linux", "amd64")],
            support: &Support::full(),
            source_map: &map,
            all_stages: false,
        };
        let mut compilation = Compilation::new(&file, request).unwrap();
        match compilation.needs() {
            Err(mistake) => mistake.to_string(),
            Ok(needs) => match needs.as_slice() {
                [Need::Epoch(EpochSource::Context)] => "context".to_owned(),
                [Need::Epoch(EpochSource::Named(name))] => format!("context {name}"),
                [Need::Epoch(EpochSource::Source { state, name })] => {
                    let definition = state.marshal(&MarshalOptions::new());
                    let json = Graph::read(&definition).unwrap().to_json();
                    let name = name.strip_prefix("[internal] resolve SOURCE_DATE_EPOCH source ");
                    let lines = json.lines().map(str::trim).filter(|line| {
                        let keys = ["identifier", "git.", "http.", "\"attrs"];
                        keys.iter()
                            .any(|key| line.trim_start_matches('"').starts_with(key))
                    });
                    let lines: Vec<&str> = lines.map(|line| line.trim_end_matches(',')).collect();
                    format!("{}: {}", name.unwrap(), lines.join(", "))
                }
                _ => format!("{:?}", compilation.epoch),
            },
        }
    }

    #[test]
    fn the_time_is_a_number_or_comes_from_somewhere() {
        let text = "ARG SOURCE_DATE_EPOCH=5\nFROM scratch\n";
        let given = |value| [("build-arg:SOURCE_DATE_EPOCH", value)];
        assert_eq!(first_need("FROM scratch\n", &[]), "None");
        assert_eq!(first_need(text, &[]), "Some(5)");
        assert_eq!(first_need(text, &given("7")), "Some(7)");
        // An empty argument overrides the file's own.
        assert_eq!(first_need(text, &given("")), "None");
        assert_eq!(first_need(text, &given("context")), "context");
        let named = [given("src")[0], ("context:src", "local:src")];
        assert_eq!(first_need(text, &named), "context src");
        let odd = "invalid SOURCE_DATE_EPOCH: tomorrow";
        assert_eq!(first_need(text, &given("tomorrow")), odd);
    }

    #[test]
    fn a_stage_that_gives_the_time_is_one_download() {
        const HASH: &str =
            "sha256:0000000000000000000000000000000000000000000000000000000000000000";
        let of = |stage: &str| {
            let text = format!(
                "ARG URL=https://example.com\nFROM scratch AS src\n{stage}\nFROM scratch\n"
            );
            first_need(&text, &[("build-arg:SOURCE_DATE_EPOCH", "SRC")])
        };
        for (stage, expected) in [
            (
                "ADD https://example.com/a.tar /",
                r#""identifier": "https://example.com/a.tar""#,
            ),
            (
                "ARG URL\nADD $URL/a /",
                r#""identifier": "https://example.com/a""#,
            ),
            (
                "ARG URL=https://other.org\nADD $URL/a /",
                r#""identifier": "https://other.org/a""#,
            ),
        ] {
            let found = of(stage);
            assert!(found.contains(expected), "{stage}: {found}");
        }
        let checked = of(&format!("ADD --checksum={HASH} https://example.com/a /"));
        assert!(
            checked.contains(&format!(r#""http.checksum": "{HASH}""#)),
            "{checked}"
        );
        let git = of(
            "ADD --keep-git-dir=true https://example.com/x.git?ref=v1&subdir=sub&submodules=false&checksum=c0ffee1 /",
        );
        for attribute in [
            r#""identifier": "git://example.com/x.git#v1:sub""#,
            r#""git.keepgitdir": "true""#,
            r#""git.checksum": "c0ffee1""#,
            r#""git.skipsubmodules": "true""#,
        ] {
            assert!(git.contains(attribute), "{attribute}: {git}");
        }
        let git = of("ADD --checksum=c0ffee2 https://example.com/x.git /");
        assert!(git.contains(r#""git.checksum": "c0ffee2""#), "{git}");
        assert!(
            !git.contains("keepgitdir") && !git.contains("skipsubmodules"),
            "{git}"
        );
    }

    #[test]
    fn other_stages_are_refused_in_dockers_words() {
        let of = |base: &str, stage: &str| {
            let text = format!("FROM {base} AS src\n{stage}\nFROM scratch\n");
            first_need(&text, &[("build-arg:SOURCE_DATE_EPOCH", "src")])
        };
        let add = "ADD https://example.com/a /";
        for (base, stage, words) in [
            ("busybox", add.to_owned(), "must use FROM scratch"),
            (
                "scratch",
                format!("{add}\n{add}"),
                "must contain exactly one remote ADD",
            ),
            (
                "scratch",
                "ARG A".to_owned(),
                "must contain exactly one remote ADD",
            ),
            (
                "scratch",
                format!("RUN true\n{add}"),
                "unsupported RUN instruction",
            ),
            (
                "scratch",
                "ADD https://example.com/a https://example.com/b /".to_owned(),
                "exactly one remote ADD source",
            ),
            (
                "scratch",
                "ADD file /".to_owned(),
                "must be a single HTTP(S) or Git ADD",
            ),
        ] {
            let found = of(base, &stage);
            assert!(found.contains(words), "{base} {stage}: {found}");
        }
    }
}
